package collect

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// mostStations bounds the peers of an interface that are told, as an AP may have
// many, and mostMLO its links.
const (
	mostStations = 16
	mostMLO      = 16
)

// wireless is what is asked of nl80211; *nl80211.Client is one.
type wireless interface {
	Interfaces(ctx context.Context) ([]nl80211.Interface, error)
	Stations(ctx context.Context, ifindex int) ([]nl80211.Station, error)
}

// links asks over an open connection. Once an answer did not come, no more is
// asked for, and what came counts.
func links(ctx context.Context, w wireless) ([]Link, error) {
	interfaces, err := w.Interfaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for interfaces: %w", err)
	}
	interfaces = slices.DeleteFunc(interfaces, func(i nl80211.Interface) bool { return i.Name == "" })
	var out []Link
	for _, i := range interfaces[:min(len(interfaces), mostInterfaces)] {
		l := linkOf(&i)
		if err == nil {
			var stations []nl80211.Station
			if stations, err = w.Stations(ctx, i.Index); err != nil {
				err = fmt.Errorf("ask for the stations of %s: %w", l.Interface, err)
			}
			for _, s := range stations[:min(len(stations), mostStations)] {
				l.Stations = append(l.Stations, stationOf(&s))
			}
		}
		out = append(out, l)
	}
	return out, err
}

// linkOf is an interface without its peers.
func linkOf(i *nl80211.Interface) Link {
	l := Link{
		Interface: safe(i.Name), Type: typeName(i.Type), Address: address(i.Addr), SSID: safe(string(i.SSID)),
		MHz: uint32(i.Channel.Freq), Width: widthOf(i.Channel),
	}
	for _, m := range i.Links[:min(len(i.Links), mostMLO)] {
		l.MLO = append(l.MLO, MLOLink{ID: m.ID, Address: address(m.Addr), MHz: uint32(m.Channel.Freq), Width: widthOf(m.Channel)})
	}
	slices.SortFunc(l.MLO, func(a, b MLOLink) int { return cmp.Compare(a.ID, b.ID) })
	return l
}

// stationOf is a peer: what is not known of it is 0.
func stationOf(s *nl80211.Station) Station {
	return Station{
		Address: address(s.Addr), Signal: int8(s.Signal.Value), SignalAverage: int8(s.SignalAvg.Value),
		InactiveMS: uint32(s.Inactive.Value / time.Millisecond), ConnectedS: uint32(s.Connected.Value / time.Second),
		TxRetries: s.TxRetries.Value, TxFailed: s.TxFailed.Value, BeaconLoss: s.BeaconLoss.Value,
		TxRate: uint32(s.Tx.Value.Bitrate), RxRate: uint32(s.Rx.Value.Bitrate),
	}
}

// widthOf is the width of a channel in MHz, 0 without one.
func widthOf(c nl80211.ChannelDef) int {
	if c.Freq == 0 {
		return 0
	}
	return c.Width.MHz()
}

// address is empty where the kernel told none.
func address(a dot11.Addr) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

// typeName names a type of interface as iw does (iw.git, util.c).
func typeName(t nl80211.InterfaceType) string {
	names := [...]string{
		nl80211.TypeUnspecified: "unspecified", nl80211.TypeAdHoc: "IBSS", nl80211.TypeStation: "station", nl80211.TypeAP: "AP",
		nl80211.TypeAPVLAN: "AP/VLAN", nl80211.TypeWDS: "WDS", nl80211.TypeMonitor: "monitor", nl80211.TypeMesh: "mesh point",
		nl80211.TypeP2PClient: "P2P-client", nl80211.TypeP2PGO: "P2P-GO", nl80211.TypeP2PDevice: "P2P-device",
		nl80211.TypeOCB: "outside context of a BSS", nl80211.TypeNAN: "NAN",
	}
	if int64(t) < int64(len(names)) {
		return names[t]
	}
	return strconv.FormatUint(uint64(t), 10)
}
