package nl80211

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Attributes of a station's figures (kernel, enum nl80211_sta_info).
const (
	staInactiveTime       = 1
	staRxBytes            = 2
	staTxBytes            = 3
	staSignal             = 7
	staTxBitrate          = 8
	staRxPackets          = 9
	staTxPackets          = 10
	staTxRetries          = 11
	staTxFailed           = 12
	staSignalAvg          = 13
	staRxBitrate          = 14
	staBSSParam           = 15
	staConnectedTime      = 16
	staFlags              = 17
	staBeaconLoss         = 18
	staRxBytes64          = 23
	staTxBytes64          = 24
	staChainSignal        = 25
	staChainSignalAvg     = 26
	staExpectedThroughput = 27
	staRxDropMisc         = 28
	staBeaconRx           = 29
	staBeaconSignalAvg    = 30
	staRxDuration         = 32
	staAckSignal          = 34
	staAckSignalAvg       = 35
	staRxMPDUs            = 36
	staFCSErrors          = 37
	staTxDuration         = 39
	staAssocAtBoottime    = 42
)

// Attributes of what a station knows of its BSS (kernel, enum
// nl80211_sta_bss_param).
const (
	bssParamDTIMPeriod     = 4
	bssParamBeaconInterval = 5
)

// StationFlags are states of a station (kernel, enum nl80211_sta_flags): bit n
// is flag n.
type StationFlags uint32

// Bits of StationFlags.
const (
	StationAuthorized    StationFlags = 1 << 1
	StationShortPreamble StationFlags = 1 << 2
	StationWME           StationFlags = 1 << 3
	StationMFP           StationFlags = 1 << 4
	StationAuthenticated StationFlags = 1 << 5
	StationTDLSPeer      StationFlags = 1 << 6
	StationAssociated    StationFlags = 1 << 7
	StationSPPAMSDU      StationFlags = 1 << 8
)

// Figures are what the driver and mac80211 count of a station, or of one of its
// links. What they do not tell is not present.
type Figures struct {
	Signal          dot11.Optional[int] // of the last frame, dBm
	SignalAvg       dot11.Optional[int] // dBm
	BeaconSignalAvg dot11.Optional[int] // dBm
	AckSignal       dot11.Optional[int] // of the last ACK frame, dBm
	AckSignalAvg    dot11.Optional[int] // dBm
	ChainSignal     []int               // per antenna chain, dBm
	ChainSignalAvg  []int               // per antenna chain, dBm

	Tx, Rx dot11.Optional[Rate]

	Inactive   dot11.Optional[time.Duration] // since something last came
	TxDuration dot11.Optional[time.Duration] // airtime
	RxDuration dot11.Optional[time.Duration] // airtime

	RxBytes, TxBytes                                   dot11.Optional[uint64]
	RxPackets, TxPackets, TxRetries, TxFailed          dot11.Optional[uint32]
	BeaconLoss, RxMPDUs, FCSErrors, ExpectedThroughput dot11.Optional[uint32] // the last in kbit/s
	BeaconsReceived, RxDropped                         dot11.Optional[uint64]

	DTIMPeriod     dot11.Optional[uint8]
	BeaconInterval dot11.Optional[uint16] // TU
}

// Station is a peer as NL80211_CMD_GET_STATION gives it: for a station
// interface, its access point.
type Station struct {
	Interface  int
	Addr       dot11.Addr // of an MLD: its MLD address, to a station interface
	Generation uint32

	// AssocLink is the link over which a station associated with our multi-link
	// access point, and MLDAddr its MLD address.
	AssocLink dot11.Optional[uint8]
	MLDAddr   dot11.Addr

	Flags     dot11.Optional[StationFlags]
	Connected dot11.Optional[time.Duration] // for how long, in whole seconds
	// AssociatedAt is when it associated, by CLOCK_BOOTTIME.
	AssociatedAt dot11.Optional[time.Duration]

	Figures
	// Links are the figures of each link. Kernels before 6.17 have none, and later
	// ones give them only where their nl80211 does ask for them
	// (wireless/nl80211.c, nl80211_send_station).
	Links []StationLink
}

// StationLink is one link of a Station.
type StationLink struct {
	ID   uint8
	Addr dot11.Addr // the peer's on that link: of an access point, the BSSID
	Figures
}

func (s *Station) take(d *decoder) {
	switch d.kind {
	case attrIfindex:
		s.Interface = int(d.u32())
	case attrMAC:
		s.Addr = d.addr()
	case attrGeneration:
		s.Generation = d.u32()
	case attrMLOLinkID:
		s.AssocLink = dot11.Some(d.u8())
	case attrMLDAddr:
		s.MLDAddr = d.addr()
	case attrStaInfo:
		for n := d.nested(); n.next(); {
			s.takeInfo(&n)
		}
	case attrMLOLinks:
		for n := d.nested(); n.next(); {
			s.Links = append(s.Links, decodeStationLink(&n))
		}
	}
}

// takeInfo reads what a station has as a whole, and leaves the rest to Figures.
func (s *Station) takeInfo(d *decoder) {
	switch d.kind {
	case staConnectedTime:
		s.Connected = dot11.Some(time.Duration(d.u32()) * time.Second)
	case staAssocAtBoottime:
		s.AssociatedAt = dot11.Some(time.Duration(d.u64()))
	case staFlags:
		s.Flags = stationFlags(d)
	default:
		s.Figures.take(d)
	}
}

// stationFlags reads struct nl80211_sta_flag_update: which flags are known, and
// which are set.
func stationFlags(d *decoder) dot11.Optional[StationFlags] {
	if !d.sized(8) {
		return dot11.Optional[StationFlags]{}
	}
	known, set := binary.NativeEndian.Uint32(d.data), binary.NativeEndian.Uint32(d.data[4:])
	return dot11.Some(StationFlags(known & set))
}

func decodeStationLink(d *decoder) StationLink {
	var link StationLink
	for n := d.nested(); n.next(); {
		switch n.kind {
		case attrMLOLinkID:
			link.ID = n.u8()
		case attrMAC:
			link.Addr = n.addr()
		case attrStaInfo:
			for f := n.nested(); f.next(); {
				link.Figures.take(&f)
			}
		}
	}
	return link
}

func (f *Figures) take(d *decoder) {
	switch d.kind {
	case staSignal:
		f.Signal = dbm(d)
	case staSignalAvg:
		f.SignalAvg = dbm(d)
	case staBeaconSignalAvg:
		f.BeaconSignalAvg = dbm(d)
	case staAckSignal:
		f.AckSignal = dbm(d)
	case staAckSignalAvg:
		f.AckSignalAvg = dbm(d)
	case staChainSignal:
		f.ChainSignal = chains(d)
	case staChainSignalAvg:
		f.ChainSignalAvg = chains(d)
	case staTxBitrate:
		f.Tx = dot11.Some(decodeRate(d))
	case staRxBitrate:
		f.Rx = dot11.Some(decodeRate(d))
	case staInactiveTime:
		f.Inactive = dot11.Some(time.Duration(d.u32()) * time.Millisecond)
	case staTxDuration:
		f.TxDuration = dot11.Some(time.Duration(d.u64()) * time.Microsecond)
	case staRxDuration:
		f.RxDuration = dot11.Some(time.Duration(d.u64()) * time.Microsecond)
	case staBSSParam:
		f.takeBSSParam(d)
	default:
		f.takeCount(d)
	}
}

func (f *Figures) takeCount(d *decoder) {
	switch d.kind {
	case staRxBytes: // the lower half, beside the whole
		if v := uint64(d.u32()); !f.RxBytes.Present {
			f.RxBytes = dot11.Some(v)
		}
	case staTxBytes:
		if v := uint64(d.u32()); !f.TxBytes.Present {
			f.TxBytes = dot11.Some(v)
		}
	case staRxBytes64:
		f.RxBytes = dot11.Some(d.u64())
	case staTxBytes64:
		f.TxBytes = dot11.Some(d.u64())
	case staRxPackets:
		f.RxPackets = dot11.Some(d.u32())
	case staTxPackets:
		f.TxPackets = dot11.Some(d.u32())
	case staTxRetries:
		f.TxRetries = dot11.Some(d.u32())
	case staTxFailed:
		f.TxFailed = dot11.Some(d.u32())
	case staBeaconLoss:
		f.BeaconLoss = dot11.Some(d.u32())
	case staRxMPDUs:
		f.RxMPDUs = dot11.Some(d.u32())
	case staFCSErrors:
		f.FCSErrors = dot11.Some(d.u32())
	case staExpectedThroughput:
		f.ExpectedThroughput = dot11.Some(d.u32())
	case staBeaconRx:
		f.BeaconsReceived = dot11.Some(d.u64())
	case staRxDropMisc:
		f.RxDropped = dot11.Some(d.u64())
	}
}

func (f *Figures) takeBSSParam(d *decoder) {
	for n := d.nested(); n.next(); {
		switch n.kind {
		case bssParamDTIMPeriod:
			f.DTIMPeriod = dot11.Some(n.u8())
		case bssParamBeaconInterval:
			f.BeaconInterval = dot11.Some(n.u16())
		}
	}
}

// dbm reads a signal in one signed octet.
func dbm(d *decoder) dot11.Optional[int] { return dot11.Some(int(int8(d.u8()))) }

func chains(d *decoder) []int {
	var list []int
	for n := d.nested(); n.next(); {
		list = append(list, int(int8(n.u8())))
	}
	return list
}

// Stations returns the peers of an interface.
func (c *Client) Stations(ctx context.Context, ifindex int) ([]Station, error) {
	return entriesOf(ctx, c, CommandGetStation, ifindex, (*Station).take)
}

// Station returns the peer of that address; of an AP MLD it is the MLD address.
// The error is ENOENT where there is none.
func (c *Client) Station(ctx context.Context, ifindex int, addr dot11.Addr) (Station, error) {
	var s Station
	err := c.ask(ctx, CommandGetStation, ifindex, func(e *netlink.AttributeEncoder) {
		e.Bytes(attrMAC, addr[:])
	}, s.take)
	if err != nil {
		return Station{}, err
	}
	return s, nil
}

// SetStation sets the flags of a peer that are in mask to those in set.
// StationAuthorized opens the port of a station's access point after the
// handshake; addr is then the AP's, or its MLD address.
func (c *Client) SetStation(ctx context.Context, ifindex int, addr dot11.Addr, mask, set StationFlags) error {
	return c.order(ctx, CommandSetStation, ifindex, func(e *netlink.AttributeEncoder) {
		e.Bytes(attrMAC, addr[:])
		update := binary.NativeEndian.AppendUint32(nil, uint32(mask))
		e.Bytes(attrStaFlags2, binary.NativeEndian.AppendUint32(update, uint32(set)))
	})
}
