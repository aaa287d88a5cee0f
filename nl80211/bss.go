package nl80211

import (
	"context"
	"time"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Attributes of a scan result (kernel, enum nl80211_bss).
const (
	bssBSSID        = 1
	bssFrequency    = 2
	bssTSF          = 3
	bssInterval     = 4
	bssCapability   = 5
	bssElements     = 6
	bssSignalMBM    = 7
	bssSignalUnspec = 8
	bssStatus       = 9
	bssSeenMsAgo    = 10
	bssBeaconIEs    = 11
	bssBeaconTSF    = 13
	bssPrespData    = 14
	bssLastSeen     = 15
	bssParentTSF    = 17
	bssParentBSSID  = 18
	bssChainSignal  = 19
	bssFreqOffset   = 20
	bssMLOLinkID    = 21
	bssMLDAddr      = 22
	bssUseFor       = 23
	bssCannotUse    = 24
)

// BSSStatus is what we are in a BSS (kernel, enum nl80211_bss_status).
type BSSStatus uint32

// States of BSSStatus.
const (
	BSSAuthenticated BSSStatus = 0 // no longer given by kernels
	BSSAssociated    BSSStatus = 1
	BSSJoined        BSSStatus = 2 // ad hoc
)

// BSSUse is what a scan result may be used for (kernel, enum
// nl80211_bss_use_for).
type BSSUse uint32

// Bits of BSSUse.
const (
	BSSUseNormal  BSSUse = 1 << 0
	BSSUseMLDLink BSSUse = 1 << 1
)

// BSSCannotUse says why a scan result may not be used (kernel, enum
// nl80211_bss_cannot_use_reasons).
type BSSCannotUse uint64

// Bits of BSSCannotUse.
const (
	BSSCannotNSTRNonprimary BSSCannotUse = 1 << 0
	BSSCannot6GHzPower      BSSCannotUse = 1 << 1
)

// BSS is a scan result: one access point on one link, as the kernel heard it
// last.
type BSS struct {
	Interface  int
	Generation uint32
	BSSID      dot11.Addr
	Freq       int // MHz
	FreqOffset int // kHz, only below 1 GHz
	Capability dot11.Capability
	Interval   uint16 // between beacons, TU
	TSF        uint64 // of Raw, microseconds
	BeaconTSF  uint64 // of RawBeacon, microseconds

	// Raw are the elements of the last frame, and RawBeacon those of the last
	// beacon, nil where none was heard. They share the memory of the answer.
	Raw, RawBeacon []byte
	// ProbeResponse reports whether a probe response was heard.
	ProbeResponse bool

	Signal      dot11.Optional[int]   // in mBm (1/100 dBm)
	Quality     dot11.Optional[uint8] // of drivers that do not know dBm: 0 to 100
	ChainSignal []int                 // per antenna chain, dBm

	Age      time.Duration                 // since it was last heard
	LastSeen dot11.Optional[time.Duration] // when it was last heard, by CLOCK_BOOTTIME

	ParentTSF   uint64     // TSF of the BSS that we were in, when it was heard; microseconds
	ParentBSSID dot11.Addr // of that BSS

	Status dot11.Optional[BSSStatus] // present where we are in it
	// Link and MLDAddr are the link that it is of our connection, and the AP MLD.
	// They are those of the connection: what the access point says of itself is in
	// its elements, see [BSS.MLD].
	Link    dot11.Optional[uint8]
	MLDAddr dot11.Addr

	Use       dot11.Optional[BSSUse] // kernels from 6.8
	CannotUse BSSCannotUse
}

// Associated reports whether we are associated with it.
func (b *BSS) Associated() bool { return b.Status.Present && b.Status.Value == BSSAssociated }

// Elements reads the elements of the last frame. After an error what is before
// it is returned with it.
func (b *BSS) Elements() (dot11.Elements, error) { return dot11.ParseElements(b.Raw) }

// SSID returns the network's name, which is any 0 to 32 octets; nil where the
// frame has none. It shares the memory of Raw.
func (b *BSS) SSID() []byte {
	// The element stands first, and a search for it takes no parsing of all.
	for at := 0; at+2 <= len(b.Raw); {
		end := at + 2 + int(b.Raw[at+1])
		if end > len(b.Raw) {
			return nil
		}
		if b.Raw[at] == dot11.ElementSSID {
			return b.Raw[at+2 : end : end]
		}
		at = end
	}
	return nil
}

func (b *BSS) take(d *decoder) {
	switch d.kind {
	case attrIfindex:
		b.Interface = int(d.u32())
	case attrGeneration:
		b.Generation = d.u32()
	case attrBSS:
		for n := d.nested(); n.next(); {
			b.takeBSS(&n)
		}
	}
}

func (b *BSS) takeBSS(d *decoder) {
	switch d.kind {
	case bssBSSID:
		b.BSSID = d.addr()
	case bssFrequency:
		b.Freq = int(d.u32())
	case bssFreqOffset:
		b.FreqOffset = int(d.u32())
	case bssTSF:
		b.TSF = d.u64()
	case bssBeaconTSF:
		b.BeaconTSF = d.u64()
	case bssInterval:
		b.Interval = d.u16()
	case bssCapability:
		b.Capability = dot11.Capability(d.u16())
	case bssElements:
		b.Raw = d.data
	case bssBeaconIEs:
		b.RawBeacon = d.data
	case bssPrespData:
		b.ProbeResponse = true
	case bssSeenMsAgo:
		b.Age = time.Duration(d.u32()) * time.Millisecond
	case bssLastSeen:
		b.LastSeen = dot11.Some(time.Duration(d.u64()))
	case bssParentTSF:
		b.ParentTSF = d.u64()
	case bssParentBSSID:
		b.ParentBSSID = d.addr()
	default:
		b.takeState(d)
	}
}

func (b *BSS) takeState(d *decoder) {
	switch d.kind {
	case bssSignalMBM:
		b.Signal = dot11.Some(int(int32(d.u32())))
	case bssSignalUnspec:
		b.Quality = dot11.Some(d.u8())
	case bssChainSignal:
		b.ChainSignal = chains(d)
	case bssStatus:
		b.Status = dot11.Some(BSSStatus(d.u32()))
	case bssMLOLinkID:
		b.Link = dot11.Some(d.u8())
	case bssMLDAddr:
		b.MLDAddr = d.addr()
	case bssUseFor:
		b.Use = dot11.Some(BSSUse(d.u32()))
	case bssCannotUse:
		b.CannotUse = BSSCannotUse(d.u64())
	}
}

// ScanResults returns what the kernel has heard on the device of an interface:
// each access point on each frequency once, as of one moment. Where results come in all
// the time the error is ErrChanging, and the last list is returned with it.
func (c *Client) ScanResults(ctx context.Context, ifindex int) ([]BSS, error) {
	result, failure := c.consistent(ctx, CommandGetScan, ifindex, func(e *netlink.AttributeEncoder) {
		// Without it, kernels from 6.8 leave out what may serve as a link only.
		e.Flag(attrBSSDumpIncludeUseData, true)
	})
	if len(result.replies) == 0 {
		return nil, failure
	}
	results := make([]BSS, len(result.replies))
	for i := range result.replies {
		if err := c.decodeReply(CommandGetScan, &result.replies[i], results[i].take); err != nil {
			return nil, err
		}
	}
	if failure != nil {
		results = distinct(results)
	}
	return results, failure
}

// bssKey is by what cfg80211 tells scan results apart (wireless/scan.c, cmp_bss).
type bssKey struct {
	bssid        dot11.Addr
	freq, offset int
	ssid         string
}

// distinct leaves out what a list of several states has twice.
func distinct(results []BSS) []BSS {
	seen := make(map[bssKey]struct{}, len(results))
	kept := results[:0]
	for i := range results {
		b := &results[i]
		key := bssKey{b.BSSID, b.Freq, b.FreqOffset, string(b.SSID())}
		if _, ok := seen[key]; ok {
			continue
		}
		seen[key] = struct{}{}
		kept = append(kept, *b)
	}
	return kept
}
