package collect

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// Numbers of include/uapi/linux/nl80211.h: commands, attributes of an interface,
// of a station, of a rate.
const (
	cmdGetInterface = 5
	cmdGetStation   = 17

	attrIfindex  = 3
	attrIfname   = 4
	attrIftype   = 5
	attrMAC      = 6
	attrStaInfo  = 21
	attrFreq     = 38
	attrSSID     = 52
	attrWidth    = 159
	attrMLOLinks = 312
	attrLinkID   = 313

	staInactive  = 1
	staSignal    = 7
	staTxRate    = 8
	staTxRetries = 11
	staTxFailed  = 12
	staSignalAvg = 13
	staRxRate    = 14
	staConnected = 16
	staLoss      = 18

	rateBitrate32 = 5
)

// iftypes are the names of enum nl80211_iftype, as iw has them.
func iftypes() []string {
	return []string{"unspecified", "IBSS", "station", "AP", "AP/VLAN", "WDS", "monitor", "mesh point", "P2P-client", "P2P-GO", "P2P-device", "outside context of a BSS", "NAN"}
}

// widths are the MHz of enum nl80211_chan_width.
func widths() []int {
	return []int{20, 20, 40, 80, 160, 160, 5, 10, 1, 2, 4, 8, 16, 320}
}

// mostStations bounds the peers of an interface that are told: an AP may have
// many.
const mostStations = 16

// readLinks asks nl80211 for interfaces, and for the peers of those that are
// stations.
func readLinks(ctx context.Context) ([]Link, error) {
	c, err := genetlink.Dial(nil)
	if err != nil {
		return nil, fmt.Errorf("open generic netlink: %w", err)
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return nil, fmt.Errorf("bound the time of nl80211: %w", err)
		}
	}
	return links(c)
}

// links asks over an open connection.
func links(c *genetlink.Conn) ([]Link, error) {
	family, err := c.GetFamily("nl80211")
	if err != nil {
		return nil, fmt.Errorf("ask for nl80211: %w", err)
	}
	messages, err := dump(c, family, cmdGetInterface, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for interfaces: %w", err)
	}
	var out []Link
	for _, m := range messages {
		l, index, err := parseLink(m.Data)
		if err != nil {
			return out, fmt.Errorf("read an interface: %w", err)
		}
		if l.Interface == "" || len(out) >= mostInterfaces {
			continue
		}
		e := netlink.NewAttributeEncoder()
		e.Uint32(attrIfindex, index)
		request, err := e.Encode()
		if err != nil {
			return out, fmt.Errorf("ask for stations: %w", err)
		}
		stations, err := dump(c, family, cmdGetStation, request)
		if err != nil {
			return append(out, l), fmt.Errorf("ask for the stations of %s: %w", l.Interface, err)
		}
		for _, s := range stations[:min(len(stations), mostStations)] {
			station, err := parseStation(s.Data)
			if err != nil {
				return append(out, l), fmt.Errorf("read a station of %s: %w", l.Interface, err)
			}
			l.Stations = append(l.Stations, station)
		}
		out = append(out, l)
	}
	return out, nil
}

func dump(c *genetlink.Conn, family genetlink.Family, command uint8, attributes []byte) ([]genetlink.Message, error) {
	return c.Execute(genetlink.Message{
		Header: genetlink.Header{Command: command, Version: family.Version}, Data: attributes,
	}, family.ID, netlink.Request|netlink.Dump)
}

// parseLink reads the attributes of an interface.
func parseLink(b []byte) (l Link, index uint32, err error) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return l, 0, err
	}
	for d.Next() {
		switch d.Type() {
		case attrIfindex:
			index = d.Uint32()
		case attrIfname:
			l.Interface = safe(d.String())
		case attrIftype:
			l.Type = nameOf(iftypes(), d.Uint32())
		case attrMAC:
			l.Address = address(d.Bytes())
		case attrSSID:
			l.SSID = safe(string(d.Bytes()))
		case attrFreq:
			l.MHz = d.Uint32()
		case attrWidth:
			l.Width = widthOf(d.Uint32())
		case attrMLOLinks:
			d.Nested(func(links *netlink.AttributeDecoder) error {
				for links.Next() && len(l.MLO) < 16 {
					links.Nested(func(one *netlink.AttributeDecoder) error {
						l.MLO = append(l.MLO, parseMLO(one))
						return nil
					})
				}
				return nil
			})
		}
	}
	slices.SortFunc(l.MLO, func(a, b MLOLink) int { return int(a.ID) - int(b.ID) })
	return l, index, d.Err()
}

func parseMLO(d *netlink.AttributeDecoder) (m MLOLink) {
	for d.Next() {
		switch d.Type() {
		case attrLinkID:
			m.ID = d.Uint8()
		case attrMAC:
			m.Address = address(d.Bytes())
		case attrFreq:
			m.MHz = d.Uint32()
		case attrWidth:
			m.Width = widthOf(d.Uint32())
		}
	}
	return m
}

// parseStation reads the attributes of a station.
func parseStation(b []byte) (s Station, err error) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return s, err
	}
	for d.Next() {
		switch d.Type() {
		case attrMAC:
			s.Address = address(d.Bytes())
		case attrStaInfo:
			d.Nested(func(info *netlink.AttributeDecoder) error {
				for info.Next() {
					s.figure(info)
				}
				return nil
			})
		}
	}
	return s, d.Err()
}

// figure reads one figure of a station.
func (s *Station) figure(d *netlink.AttributeDecoder) {
	switch d.Type() {
	case staInactive:
		s.InactiveMS = d.Uint32()
	case staSignal:
		s.Signal = d.Int8()
	case staSignalAvg:
		s.SignalAverage = d.Int8()
	case staTxRetries:
		s.TxRetries = d.Uint32()
	case staTxFailed:
		s.TxFailed = d.Uint32()
	case staConnected:
		s.ConnectedS = d.Uint32()
	case staLoss:
		s.BeaconLoss = d.Uint32()
	case staTxRate:
		d.Nested(func(r *netlink.AttributeDecoder) error { s.TxRate = rate(r); return nil })
	case staRxRate:
		d.Nested(func(r *netlink.AttributeDecoder) error { s.RxRate = rate(r); return nil })
	}
}

func rate(d *netlink.AttributeDecoder) (v uint32) {
	for d.Next() {
		if d.Type() == rateBitrate32 {
			v = d.Uint32()
		}
	}
	return v
}

func address(b []byte) string {
	if len(b) != 6 {
		return ""
	}
	return net.HardwareAddr(b).String()
}

func nameOf(names []string, n uint32) string {
	if int64(n) < int64(len(names)) {
		return names[n]
	}
	return strconv.FormatUint(uint64(n), 10)
}

func widthOf(n uint32) int {
	if all := widths(); int64(n) < int64(len(all)) {
		return all[n]
	}
	return 0
}
