package dot11

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// ShortSSID returns the short form of an SSID that reduced neighbor reports have
// (IEEE 802.11-2020, 9.4.2.170.3).
func ShortSSID(ssid []byte) uint32 { return crc32.ChecksumIEEE(ssid) }

// BSSParameters is the field of that name of a reduced neighbor report (IEEE
// 802.11-2020, 9.4.2.170.2).
type BSSParameters uint8

// Bits of BSSParameters.
const (
	BSSOCTRecommended   BSSParameters = 1 << 0
	BSSSameSSID         BSSParameters = 1 << 1
	BSSMultipleBSSID    BSSParameters = 1 << 2
	BSSTransmitted      BSSParameters = 1 << 3
	BSSColocatedESS     BSSParameters = 1 << 4
	BSSUnsolicitedProbe BSSParameters = 1 << 5
	BSSColocatedAP      BSSParameters = 1 << 6
)

// NeighborMLD is the MLD Parameters field of a reduced neighbor report (IEEE
// 802.11be-2024, 9.4.2.170.2).
type NeighborMLD struct {
	APMLDID        uint8 // 0: the sender's MLD; 255: not part of one, or not known
	LinkID         uint8 // 0 to 15, 15: not known
	BSSChangeCount uint8 // 255: not known
	AllUpdates     bool  // the frame has all updates of critical parameters
	Disabled       bool  // the link is disabled
	Reserved       uint8 // two bits
}

func (m NeighborMLD) pack() uint32 {
	v := uint32(m.APMLDID) | uint32(m.LinkID&linkIDMask)<<8 | uint32(m.BSSChangeCount)<<12 | uint32(m.Reserved&3)<<22
	if m.AllUpdates {
		v |= 1 << 20
	}
	if m.Disabled {
		v |= 1 << 21
	}
	return v
}

func unpackNeighborMLD(v uint32) NeighborMLD {
	return NeighborMLD{
		APMLDID:        uint8(v),
		LinkID:         uint8(v >> 8 & linkIDMask),
		BSSChangeCount: uint8(v >> 12),
		AllUpdates:     v>>20&1 != 0,
		Disabled:       v>>21&1 != 0,
		Reserved:       uint8(v >> 22 & 3),
	}
}

// TBTTFormat is the TBTT Information Length of a reduced neighbor report: how
// many octets there are per BSS, and by that which fields.
type TBTTFormat uint8

// Formats with the fields that are in them, besides the offset.
const (
	TBTTOffset              TBTTFormat = 1
	TBTTParameters          TBTTFormat = 2  // BSS parameters
	TBTTShortSSID           TBTTFormat = 5  // short SSID
	TBTTShortSSIDParameters TBTTFormat = 6  // short SSID, BSS parameters
	TBTTBSSID               TBTTFormat = 7  // BSSID
	TBTTBSSIDParameters     TBTTFormat = 8  // BSSID, BSS parameters
	TBTTBSSIDPower          TBTTFormat = 9  // BSSID, BSS parameters, 20 MHz PSD
	TBTTBSSIDSSID           TBTTFormat = 11 // BSSID, short SSID
	TBTTBSSIDSSIDParameters TBTTFormat = 12 // BSSID, short SSID, BSS parameters
	TBTTFull                TBTTFormat = 13 // BSSID, short SSID, BSS parameters, 20 MHz PSD
	TBTTFullMLD             TBTTFormat = 16 // as TBTTFull, and MLD parameters
)

// tbttField is a set of fields of TBTT information.
type tbttField uint8

const (
	tbttBSSID tbttField = 1 << iota
	tbttShortSSID
	tbttParameters
	tbttPower
	tbttMLD
)

// tbttLayouts are the fields of each format (IEEE 802.11-2020 and 802.11be-2024,
// 9.4.2.170.2). Of those between, a reader takes what the next shorter has.
var tbttLayouts = [...]tbttField{
	TBTTParameters:          tbttParameters,
	3:                       tbttParameters,
	4:                       tbttParameters,
	TBTTShortSSID:           tbttShortSSID,
	TBTTShortSSIDParameters: tbttShortSSID | tbttParameters,
	TBTTBSSID:               tbttBSSID,
	TBTTBSSIDParameters:     tbttBSSID | tbttParameters,
	TBTTBSSIDPower:          tbttBSSID | tbttParameters | tbttPower,
	10:                      tbttBSSID | tbttParameters | tbttPower,
	TBTTBSSIDSSID:           tbttBSSID | tbttShortSSID,
	TBTTBSSIDSSIDParameters: tbttBSSID | tbttShortSSID | tbttParameters,
	TBTTFull:                tbttBSSID | tbttShortSSID | tbttParameters | tbttPower,
	14:                      tbttBSSID | tbttShortSSID | tbttParameters | tbttPower,
	15:                      tbttBSSID | tbttShortSSID | tbttParameters | tbttPower,
	TBTTFullMLD:             tbttBSSID | tbttShortSSID | tbttParameters | tbttPower | tbttMLD,
}

// layout returns the fields of a format; what is longer than the longest begins
// like it.
func (f TBTTFormat) layout() tbttField { return tbttLayouts[min(int(f), len(tbttLayouts)-1)] }

// TBTTInfo is what a reduced neighbor report says of one BSS. Which fields are
// sent follows from the format.
type TBTTInfo struct {
	Offset     uint8 // TU to its next beacon, 255: not known
	BSSID      Addr
	ShortSSID  uint32
	Parameters BSSParameters
	PSD        int8 // most power per 20 MHz in units of 0.5 dBm/MHz; 127: no limit
	MLD        NeighborMLD
	Extra      []byte // what the format has after these fields
}

// NeighborAP are the BSSs on one channel of a reduced neighbor report (IEEE
// 802.11-2020, 9.4.2.170.2).
type NeighborAP struct {
	Class    uint8 // global operating class
	Channel  uint8 // number of the primary channel
	Filtered bool  // its SSIDs are those of the report's reader
	// Reserved are bits 0, 1 and 3 of TBTT Information Header. Bits 0 and 1 are the
	// type of what follows: with another than 0 BSSs have only Extra.
	Reserved uint8
	Format   TBTTFormat
	BSSs     []TBTTInfo // 1 to 16
}

// ReducedNeighborReport is the element that names access points nearby, and the
// other links of an AP MLD (IEEE 802.11-2020, 9.4.2.170), number
// ElementReducedNeighborReport.
type ReducedNeighborReport []NeighborAP

const (
	neighborFiltered = 0x04
	neighborReserved = 0x0b
	neighborType     = 0x03
	maxNeighborBSSs  = 16
)

// ParseReducedNeighborReport reads the body of a Reduced Neighbor Report
// element. What is Extra in it shares the memory of body.
func ParseReducedNeighborReport(body []byte) (ReducedNeighborReport, error) {
	var report ReducedNeighborReport
	for c := (cursor{rest: body}); len(c.rest) > 0; {
		header := c.u8()
		n := NeighborAP{
			Filtered: header&neighborFiltered != 0,
			Reserved: header & neighborReserved,
			Format:   TBTTFormat(c.u8()),
			Class:    c.u8(),
			Channel:  c.u8(),
		}
		count := int(header>>4) + 1
		if n.Format == 0 && !c.short {
			return report, fmt.Errorf("parse reduced neighbor report: BSSs of no octets")
		}
		if c.short || count*int(n.Format) > len(c.rest) {
			return report, fmt.Errorf("parse reduced neighbor report: %d BSSs of %d octets: %w", count, n.Format, ErrShort)
		}
		n.BSSs = make([]TBTTInfo, count)
		for i := range n.BSSs {
			n.BSSs[i].parse(n.fields(), n.hasOffset(), c.take(int(n.Format)))
		}
		report = append(report, n)
	}
	return report, nil
}

func (n *NeighborAP) fields() tbttField {
	if n.Reserved&neighborType != 0 {
		return 0
	}
	return n.Format.layout()
}

func (n *NeighborAP) hasOffset() bool { return n.Reserved&neighborType == 0 }

func (t *TBTTInfo) parse(fields tbttField, offset bool, b []byte) {
	c := cursor{rest: b}
	if offset {
		t.Offset = c.u8()
	}
	if fields&tbttBSSID != 0 {
		t.BSSID = c.addr()
	}
	if fields&tbttShortSSID != 0 {
		t.ShortSSID = c.u32()
	}
	if fields&tbttParameters != 0 {
		t.Parameters = BSSParameters(c.u8())
	}
	if fields&tbttPower != 0 {
		t.PSD = int8(c.u8())
	}
	if fields&tbttMLD != 0 {
		t.MLD = unpackNeighborMLD(c.u24())
	}
	t.Extra = c.all()
}

// append adds what the format has, filled up with zeros or cut to its length.
func (t *TBTTInfo) append(fields tbttField, offset bool, size int, b []byte) []byte {
	start := len(b)
	if offset {
		b = append(b, t.Offset)
	}
	if fields&tbttBSSID != 0 {
		b = append(b, t.BSSID[:]...)
	}
	if fields&tbttShortSSID != 0 {
		b = binary.LittleEndian.AppendUint32(b, t.ShortSSID)
	}
	if fields&tbttParameters != 0 {
		b = append(b, byte(t.Parameters))
	}
	if fields&tbttPower != 0 {
		b = append(b, byte(t.PSD))
	}
	if fields&tbttMLD != 0 {
		b = append24(b, t.MLD.pack())
	}
	room := size - (len(b) - start)
	b = append(b, t.Extra[:min(len(t.Extra), room)]...)
	for len(b)-start < size {
		b = append(b, 0)
	}
	return b
}

// Append adds the body of the element, without its header, to b. A neighbor
// without BSSs or format is left out, and more than 16 BSSs of one are split.
func (r ReducedNeighborReport) Append(b []byte) []byte {
	for i := range r {
		n := &r[i]
		for bsss := n.BSSs; len(bsss) > 0 && n.Format > 0; {
			count := min(len(bsss), maxNeighborBSSs)
			header := byte(count-1)<<4 | n.Reserved&neighborReserved
			if n.Filtered {
				header |= neighborFiltered
			}
			b = append(b, header, byte(n.Format), n.Class, n.Channel)
			for j := range bsss[:count] {
				b = bsss[j].append(n.fields(), n.hasOffset(), int(n.Format), b)
			}
			bsss = bsss[count:]
		}
	}
	return b
}

// Element returns the element to be sent.
func (r ReducedNeighborReport) Element() Element {
	return Element{ID: ElementReducedNeighborReport, Body: r.Append(nil)}
}
