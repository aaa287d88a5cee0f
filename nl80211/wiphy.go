package nl80211

import (
	"context"
	"fmt"
	"time"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// Wiphy is a wireless device and what it can do, as NL80211_CMD_GET_WIPHY gives
// it in parts.
type Wiphy struct {
	Index      int
	Name       string // "phy0"
	Addr       dot11.Addr
	Generation uint32

	// MLO reports whether the device makes connections with several links.
	MLO   bool
	Types []InterfaceType
	// Extended is what the device can do by type of interface; a type that is not in
	// it has ExtCapabilities alone.
	Extended []ExtendedCapabilities
	// ExtCapabilities is the content of the Extended Capabilities element for all
	// types, and ExtCapabilitiesMask its bits that the device decides.
	ExtCapabilities, ExtCapabilitiesMask []byte

	Bands        []Band
	Radios       []Radio // of a device with several radios, otherwise nil
	Combinations []Combination

	Commands    []Command
	Ciphers     []dot11.Suite
	AKMs        []dot11.Suite // nil where the driver does not say
	MaxAKMs     int           // how many one connection may name, 0: one
	Features    Features
	ExtFeatures ExtFeatures

	MaxScanSSIDs       int
	MaxScanElements    int           // in octets
	MaxRemainOnChannel time.Duration // 0: it cannot
	OffChannelTx       bool
	ControlPort        bool // ethertypes other than EAPOL can be the control port's
	// SelfManaged reports whether the device has its own regulatory domain.
	SelfManaged bool
}

// ExtendedCapabilities are what a device can do as one type of interface.
type ExtendedCapabilities struct {
	Type InterfaceType
	// Capabilities is the content of the Extended Capabilities element, and Mask its
	// bits that the device decides.
	Capabilities, Mask []byte

	EML    dot11.Optional[dot11.EMLCapabilities]
	MLD    dot11.Optional[dot11.MLDCapabilities]
	ExtMLD dot11.Optional[dot11.ExtMLDCapabilities]
}

// MaxLinks returns on how many links the device works at a time (MLD
// Capabilities, Maximum Number Of Simultaneous Links), 0 where the driver does not
// say. A connection may have more valid links than these.
func (e *ExtendedCapabilities) MaxLinks() int {
	if !e.MLD.Present {
		return 0
	}
	return int(e.MLD.Value&dot11.MLDMaxSimultaneousLinks) + 1
}

// Radio is one of the radios of a device.
type Radio struct {
	Index  int
	Ranges []FreqRange
}

// FreqRange is a range of frequencies in kHz.
type FreqRange struct{ Start, End int }

// Combination is a set of interfaces that a device can have at a time.
type Combination struct {
	Limits   []InterfaceLimit
	Max      int // interfaces in all
	Channels int // different channels
}

// InterfaceLimit says how many interfaces of some types there may be.
type InterfaceLimit struct {
	Max   int
	Types []InterfaceType
}

// Supports reports whether the device has a command.
func (w *Wiphy) Supports(c Command) bool {
	for _, have := range w.Commands {
		if have == c {
			return true
		}
	}
	return false
}

// MaxLinks returns on how many links the device works at a time as that type of
// interface: 1 for one without multi-link, and 0 where the driver does not say.
func (w *Wiphy) MaxLinks(t InterfaceType) int {
	if !w.MLO {
		return 1
	}
	for i := range w.Extended {
		if w.Extended[i].Type == t {
			return w.Extended[i].MaxLinks()
		}
	}
	return 0
}

// Band returns what the device can do in a band, nil where it has none.
func (w *Wiphy) Band(b dot11.Band) *Band {
	for i := range w.Bands {
		if w.Bands[i].Band == b {
			return &w.Bands[i]
		}
	}
	return nil
}

// Attributes of radios and combinations (kernel, enums nl80211_wiphy_radio_attrs,
// nl80211_wiphy_radio_freq_range, nl80211_if_combination_attrs and
// nl80211_iface_limit_attrs).
const (
	radioIndex     = 1
	radioFreqRange = 2
	rangeStart     = 1
	rangeEnd       = 2
	combLimits     = 1
	combMax        = 2
	combChannels   = 4
	limitMax       = 1
	limitTypes     = 2
)

// take adds what one part says.
func (w *Wiphy) take(d *decoder) {
	switch d.kind {
	case attrWiphy:
		w.Index = int(d.u32())
	case attrWiphyName:
		w.Name = d.text()
	case attrGeneration:
		w.Generation = d.u32()
	case attrMAC:
		w.Addr = d.addr()
	case attrMLOSupport:
		w.MLO = true
	case attrSupportedIftypes:
		w.Types = interfaceTypeSet(d)
	case attrIftypeExtCapa:
		for n := d.nested(); n.next(); {
			w.Extended = append(w.Extended, decodeExtended(&n))
		}
	case attrExtCapa:
		w.ExtCapabilities = d.data
	case attrExtCapaMask:
		w.ExtCapabilitiesMask = d.data
	case attrWiphyBands:
		for n := d.nested(); n.next(); {
			if n.kind >= maxBands {
				continue
			}
			band := w.band(n.kind)
			for b := n.nested(); b.next(); {
				band.take(&b)
			}
		}
	case attrWiphyRadios:
		for n := d.nested(); n.next(); {
			w.Radios = append(w.Radios, decodeRadio(&n))
		}
	case attrInterfaceCombinations:
		for n := d.nested(); n.next(); {
			w.Combinations = append(w.Combinations, decodeCombination(&n))
		}
	default:
		w.takeLimits(d)
	}
}

func (w *Wiphy) takeLimits(d *decoder) {
	switch d.kind {
	case attrSupportedCommands:
		for n := d.nested(); n.next(); {
			w.Commands = append(w.Commands, Command(n.u32()))
		}
	case attrCipherSuites:
		w.Ciphers = d.suites()
	case attrAKMSuites:
		w.AKMs = d.suites()
	case attrMaxNumAKMSuites:
		w.MaxAKMs = int(d.u16())
	case attrFeatureFlags:
		w.Features = Features(d.u32())
	case attrExtFeatures:
		w.ExtFeatures = d.data
	case attrMaxNumScanSSIDs:
		w.MaxScanSSIDs = int(d.u8())
	case attrMaxScanIELen:
		w.MaxScanElements = int(d.u16())
	case attrMaxRemainOnChannel:
		w.MaxRemainOnChannel = time.Duration(d.u32()) * time.Millisecond
	case attrOffchannelTxOK:
		w.OffChannelTx = true
	case attrControlPortEthertype:
		w.ControlPort = true
	case attrSelfManagedReg:
		w.SelfManaged = true
	}
}

// maxBands is more than the kernel has.
const maxBands = 32

// band returns the band of that number, which is made where it is new.
func (w *Wiphy) band(number uint16) *Band {
	for i := range w.Bands {
		if w.Bands[i].Number == number {
			return &w.Bands[i]
		}
	}
	w.Bands = append(w.Bands, Band{})
	b := &w.Bands[len(w.Bands)-1]
	b.number(number)
	return b
}

func decodeExtended(d *decoder) ExtendedCapabilities {
	var e ExtendedCapabilities
	for n := d.nested(); n.next(); {
		switch n.kind {
		case attrIftype:
			e.Type = InterfaceType(n.u32())
		case attrExtCapa:
			e.Capabilities = n.data
		case attrExtCapaMask:
			e.Mask = n.data
		case attrEMLCapability:
			e.EML = dot11.Some(dot11.EMLCapabilities(n.u16()))
		case attrMLDCapaAndOps:
			e.MLD = dot11.Some(dot11.MLDCapabilities(n.u16()))
		case attrExtMLDCapaAndOps:
			e.ExtMLD = dot11.Some(dot11.ExtMLDCapabilities(n.u16()))
		}
	}
	return e
}

func decodeRadio(d *decoder) Radio {
	var r Radio
	for n := d.nested(); n.next(); {
		switch n.kind {
		case radioIndex:
			r.Index = int(n.u32())
		case radioFreqRange:
			var fr FreqRange
			for f := n.nested(); f.next(); {
				switch f.kind {
				case rangeStart:
					fr.Start = int(f.u32())
				case rangeEnd:
					fr.End = int(f.u32())
				}
			}
			r.Ranges = append(r.Ranges, fr)
		}
	}
	return r
}

func decodeCombination(d *decoder) Combination {
	var c Combination
	for n := d.nested(); n.next(); {
		switch n.kind {
		case combMax:
			c.Max = int(n.u32())
		case combChannels:
			c.Channels = int(n.u32())
		case combLimits:
			for l := n.nested(); l.next(); {
				c.Limits = append(c.Limits, decodeLimit(&l))
			}
		}
	}
	return c
}

func decodeLimit(d *decoder) InterfaceLimit {
	var limit InterfaceLimit
	for n := d.nested(); n.next(); {
		switch n.kind {
		case limitMax:
			limit.Max = int(n.u32())
		case limitTypes:
			limit.Types = interfaceTypeSet(&n)
		}
	}
	return limit
}

// Wiphys returns all wireless devices.
func (c *Client) Wiphys(ctx context.Context) ([]Wiphy, error) {
	return c.wiphys(ctx, func(e *netlink.AttributeEncoder) {
		e.Flag(attrSplitWiphyDump, true)
	})
}

// Wiphy returns the wireless device of that index.
func (c *Client) Wiphy(ctx context.Context, index int) (Wiphy, error) {
	list, err := c.wiphys(ctx, func(e *netlink.AttributeEncoder) {
		e.Flag(attrSplitWiphyDump, true)
		e.Uint32(attrWiphy, uint32(index))
	})
	if err != nil {
		return Wiphy{}, err
	}
	for i := range list {
		if list[i].Index == index {
			return list[i], nil
		}
	}
	return Wiphy{}, fmt.Errorf("there is no wireless device %d", index)
}

// wiphys asks for devices in parts and joins those of each.
func (c *Client) wiphys(ctx context.Context, encode encoding) ([]Wiphy, error) {
	result, err := c.consistent(ctx, CommandGetWiphy, 0, encode)
	if err != nil {
		return nil, err
	}
	var list []Wiphy
	for i := range result.replies {
		r := &result.replies[i]
		index, err := wiphyOf(r.attributes)
		if err != nil {
			return nil, fmt.Errorf("%v: decode the answer: %w", CommandGetWiphy, err)
		}
		// The parts of a device follow each other.
		if n := len(list); n == 0 || list[n-1].Index != index {
			list = append(list, Wiphy{})
		}
		if err := c.decodeReply(CommandGetWiphy, r, list[len(list)-1].take); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// wiphyOf finds NL80211_ATTR_WIPHY, which is the first attribute of every part.
func wiphyOf(attributes []byte) (int, error) {
	var f fault
	for d := (decoder{rest: attributes, fault: &f}); d.next(); {
		if d.kind == attrWiphy {
			return int(d.u32()), f.err
		}
	}
	return 0, f.err
}
