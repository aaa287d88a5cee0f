package nl80211

import (
	"time"

	"roamfault/nl80211/dot11"
)

// Attributes of a band, of its channels and of what it can do by type of
// interface (kernel, enums nl80211_band_attr, nl80211_frequency_attr and
// nl80211_band_iftype_attr), and of a rate (enum nl80211_bitrate_attr).
const (
	bandFreqs      = 1
	bandRates      = 2
	bandHTMCS      = 3
	bandHTCapa     = 4
	bandVHTMCS     = 7
	bandVHTCapa    = 8
	bandIftypeData = 9

	bitrateRate = 1

	freqFreq        = 1
	freqDisabled    = 2
	freqNoIR        = 3
	freqRadar       = 5
	freqMaxTxPower  = 6
	freqDFSState    = 7
	freqNoHT40Minus = 9
	freqNoHT40Plus  = 10
	freqNo80        = 11
	freqNo160       = 12
	freqDFSCACTime  = 13
	freqIndoorOnly  = 14
	freqNo20        = 16
	freqNoHE        = 19
	freqOffset      = 20
	freqNo320       = 26
	freqNoEHT       = 27

	bandTypes  = 1
	bandHEMAC  = 2
	bandHEPHY  = 3
	bandHEMCS  = 4
	bandHEPPE  = 5
	bandHE6GHz = 6
	bandEHTMAC = 8
	bandEHTPHY = 9
	bandEHTMCS = 10
	bandEHTPPE = 11
)

// Numbers of bands (kernel, enum nl80211_band).
const (
	number2GHz = 0
	number5GHz = 1
	number6GHz = 3
)

// Band is what a device can do in one band.
type Band struct {
	Number   uint16                 // the kernel's (enum nl80211_band)
	Band     dot11.Band             // 0 for others than 2.4, 5 and 6 GHz
	Rates    []int                  // legacy rates, in 100 kbit/s
	HT       dot11.Optional[uint16] // HT Capability Information
	VHT      dot11.Optional[uint32] // VHT Capabilities Information
	HTMCS    []byte                 // supported MCS set
	VHTMCS   []byte                 // supported MCS and NSS set
	Types    []BandType
	Channels []Channel
}

// BandType is what a band can do for interfaces of some types.
type BandType struct {
	Types []InterfaceType
	// The parts of the HE and EHT Capabilities elements as they are sent (IEEE
	// 802.11-2020, 9.4.2.248; IEEE 802.11be-2024, 9.4.2.323); HEMAC and EHTMAC are nil where
	// there is no HE or EHT.
	HEMAC, HEPHY, HEMCS, HEPPE, HE6GHz []byte
	EHTMAC, EHTPHY, EHTMCS, EHTPPE     []byte
}

// HE reports whether there is HE (Wi-Fi 6).
func (t *BandType) HE() bool { return t.HEMAC != nil }

// EHT reports whether there is EHT (Wi-Fi 7).
func (t *BandType) EHT() bool { return t.EHTMAC != nil }

// Type returns what the band can do for interfaces of a type, nil where the
// kernel says nothing of it: then there is neither HE nor EHT.
func (b *Band) Type(t InterfaceType) *BandType {
	for i := range b.Types {
		for _, have := range b.Types[i].Types {
			if have == t {
				return &b.Types[i]
			}
		}
	}
	return nil
}

// ChannelFlags are restrictions of a channel.
type ChannelFlags uint32

// Bits of ChannelFlags.
const (
	ChannelDisabled ChannelFlags = 1 << iota
	ChannelNoIR                  // nothing may be sent there before somebody is heard
	ChannelRadar
	ChannelIndoorOnly
	ChannelNo20
	ChannelNoHT40Minus
	ChannelNoHT40Plus
	ChannelNo80
	ChannelNo160
	ChannelNo320
	ChannelNoHE
	ChannelNoEHT
)

var channelFlags = [...]ChannelFlags{
	freqDisabled:    ChannelDisabled,
	freqNoIR:        ChannelNoIR,
	freqRadar:       ChannelRadar,
	freqIndoorOnly:  ChannelIndoorOnly,
	freqNo20:        ChannelNo20,
	freqNoHT40Minus: ChannelNoHT40Minus,
	freqNoHT40Plus:  ChannelNoHT40Plus,
	freqNo80:        ChannelNo80,
	freqNo160:       ChannelNo160,
	freqNo320:       ChannelNo320,
	freqNoHE:        ChannelNoHE,
	freqNoEHT:       ChannelNoEHT,
}

// DFSState is what is known of radar on a channel (kernel, enum
// nl80211_dfs_state).
type DFSState uint32

// States of DFSState.
const (
	DFSUsable      DFSState = 0 // after a check
	DFSUnavailable DFSState = 1 // radar was seen
	DFSAvailable   DFSState = 2
)

// Channel is a channel of 20 MHz that a device has.
type Channel struct {
	Freq     int // MHz
	Offset   int // kHz, only below 1 GHz
	Flags    ChannelFlags
	MaxPower int                      // in mBm (1/100 dBm)
	DFS      dot11.Optional[DFSState] // with ChannelRadar
	DFSCheck time.Duration            // how long the channel is checked for radar
}

// Usable reports whether a station may use the channel at all.
func (c *Channel) Usable() bool { return c.Flags&ChannelDisabled == 0 }

func (b *Band) number(n uint16) {
	b.Number = n
	switch n {
	case number2GHz:
		b.Band = dot11.Band2GHz
	case number5GHz:
		b.Band = dot11.Band5GHz
	case number6GHz:
		b.Band = dot11.Band6GHz
	}
}

// take adds what one message says of the band: of a dump in parts each has one
// channel.
func (b *Band) take(d *decoder) {
	switch d.kind {
	case bandFreqs:
		for n := d.nested(); n.next(); {
			b.Channels = append(b.Channels, decodeChannel(&n))
		}
	case bandRates:
		for n := d.nested(); n.next(); {
			for r := n.nested(); r.next(); {
				if r.kind == bitrateRate {
					b.Rates = append(b.Rates, int(r.u32()))
				}
			}
		}
	case bandHTMCS:
		b.HTMCS = d.data
	case bandHTCapa:
		b.HT = dot11.Some(d.u16())
	case bandVHTMCS:
		b.VHTMCS = d.data
	case bandVHTCapa:
		b.VHT = dot11.Some(d.u32())
	case bandIftypeData:
		for n := d.nested(); n.next(); {
			b.Types = append(b.Types, decodeBandType(&n))
		}
	}
}

func decodeChannel(d *decoder) Channel {
	var c Channel
	for n := d.nested(); n.next(); {
		switch n.kind {
		case freqFreq:
			c.Freq = int(n.u32())
		case freqOffset:
			c.Offset = int(n.u32())
		case freqMaxTxPower:
			c.MaxPower = int(int32(n.u32()))
		case freqDFSState:
			c.DFS = dot11.Some(DFSState(n.u32()))
		case freqDFSCACTime:
			c.DFSCheck = time.Duration(n.u32()) * time.Millisecond
		default:
			if int(n.kind) < len(channelFlags) {
				c.Flags |= channelFlags[n.kind]
			}
		}
	}
	return c
}

func decodeBandType(d *decoder) BandType {
	var t BandType
	for n := d.nested(); n.next(); {
		switch n.kind {
		case bandTypes:
			t.Types = interfaceTypeSet(&n)
		case bandHEMAC:
			t.HEMAC = n.data
		case bandHEPHY:
			t.HEPHY = n.data
		case bandHEMCS:
			t.HEMCS = n.data
		case bandHEPPE:
			t.HEPPE = n.data
		case bandHE6GHz:
			t.HE6GHz = n.data
		case bandEHTMAC:
			t.EHTMAC = n.data
		case bandEHTPHY:
			t.EHTPHY = n.data
		case bandEHTMCS:
			t.EHTMCS = n.data
		case bandEHTPPE:
			t.EHTPPE = n.data
		}
	}
	return t
}
