package dot11

import "encoding/binary"

// HEOperationFlags are the HE Operation Parameters, but for those fields that
// HEOperation has apart (IEEE 802.11ax-2021, 9.4.2.249): 24 bits.
type HEOperationFlags uint32

// Bits and fields of HEOperationFlags.
const (
	HEDefaultPE    HEOperationFlags = 0x000007 // mask: units of 4 us
	HETWTRequired  HEOperationFlags = 0x000008
	HETXOPRTS      HEOperationFlags = 0x003ff0 // mask: units of 32 us; as it stands: no RTS needed
	heVHTInfo      HEOperationFlags = 0x004000
	heCohosted     HEOperationFlags = 0x008000
	HEERSUDisabled HEOperationFlags = 0x010000
	he6GHzInfo     HEOperationFlags = 0x020000
)

// Fields of HEOperation.Color.
const (
	HEColor         uint8 = 0x3f // mask: color of the BSS, 1 to 63
	HEColorPartial  uint8 = 0x40
	HEColorDisabled uint8 = 0x80
)

// HE6GHzOperation is the 6 GHz Operation Information (IEEE 802.11ax-2021,
// 9.4.2.249).
type HE6GHzOperation struct {
	Primary uint8 // number of the primary channel
	// Control is the width (0x03: 20, 40, 80 MHz, wider), that beacons are sent on
	// all 20 MHz channels (0x04), and the kind of access point (0x38: 0 indoor, 1
	// standard power, 2 very low power).
	Control uint8
	Center0 uint8 // channel number of the center of the (primary) segment
	Center1 uint8 // of the 160 MHz or the second 80 MHz segment, 0: none
	MinRate uint8 // lowest rate allowed, in Mbit/s
}

// HEOperation is the element of that name (IEEE 802.11ax-2021, 9.4.2.249),
// number ExtHEOperation.
type HEOperation struct {
	Flags      HEOperationFlags
	Color      uint8 // BSS Color Information
	BasicMCS   MCSMap
	VHT        Optional[VHTOperationInfo]
	CohostedID Optional[uint8] // Max Co-Hosted BSSID Indicator
	SixGHz     Optional[HE6GHzOperation]
}

// DefaultHEOperation is that of a BSS of 20 MHz on a channel, with a color of 1
// to 63; on 6 GHz it names the channel, since no other element does.
func DefaultHEOperation(ch Channel, color uint8) HEOperation {
	h := HEOperation{Flags: HETXOPRTS, Color: color & HEColor, BasicMCS: NewMCSMap(1, 0)}
	if ch.Band == Band6GHz {
		h.SixGHz = Some(HE6GHzOperation{Primary: ch.Number, Center0: ch.Number, MinRate: 6})
	}
	return h
}

// ParseHEOperation reads the body of an HE Operation element.
func ParseHEOperation(body []byte) (HEOperation, error) {
	c := cursor{rest: body}
	flags := HEOperationFlags(c.u24())
	h := HEOperation{
		Flags:    flags &^ (heVHTInfo | heCohosted | he6GHzInfo),
		Color:    c.u8(),
		BasicMCS: MCSMap(c.u16()),
	}
	if flags&heVHTInfo != 0 {
		h.VHT = Some(c.vhtOperationInfo())
	}
	if flags&heCohosted != 0 {
		h.CohostedID = Some(c.u8())
	}
	if flags&he6GHzInfo != 0 {
		h.SixGHz = Some(HE6GHzOperation{Primary: c.u8(), Control: c.u8(), Center0: c.u8(), Center1: c.u8(), MinRate: c.u8()})
	}
	if err := c.err("HE operation"); err != nil {
		return HEOperation{}, err
	}
	return h, nil
}

// Append adds the body of the element, without its header, to b.
func (h *HEOperation) Append(b []byte) []byte {
	flags := h.Flags &^ (heVHTInfo | heCohosted | he6GHzInfo)
	if h.VHT.Present {
		flags |= heVHTInfo
	}
	if h.CohostedID.Present {
		flags |= heCohosted
	}
	if h.SixGHz.Present {
		flags |= he6GHzInfo
	}
	b = append(append24(b, uint32(flags)), h.Color)
	b = binary.LittleEndian.AppendUint16(b, uint16(h.BasicMCS))
	if h.VHT.Present {
		b = h.VHT.Value.append(b)
	}
	if h.CohostedID.Present {
		b = append(b, h.CohostedID.Value)
	}
	if s := h.SixGHz.Value; h.SixGHz.Present {
		b = append(b, s.Primary, s.Control, s.Center0, s.Center1, s.MinRate)
	}
	return b
}

// Element returns the element to be sent.
func (h *HEOperation) Element() Element { return ExtElement(ExtHEOperation, h.Append(nil)) }

// HE6GHzCapabilities is the HE 6 GHz Band Capabilities element (IEEE
// 802.11ax-2021, 9.4.2.263), number ExtHE6GHzCapabilities, which stands for what
// HT and VHT say on the other bands.
type HE6GHzCapabilities uint16

// Bits and fields of HE6GHzCapabilities.
const (
	HE6GHzMPDUSpacing HE6GHzCapabilities = 0x0007 // mask: none, 1/4, 1/2, 1, 2, 4, 8, 16 us
	HE6GHzMaxAMPDU    HE6GHzCapabilities = 0x0038 // mask: 2^(13+n) - 1 octets
	HE6GHzMaxMPDU     HE6GHzCapabilities = 0x00c0 // mask: 3895, 7991, 11454 octets
	HE6GHzSMPowerSave HE6GHzCapabilities = 0x0600 // mask; as it stands: SM power save is disabled
	HE6GHzRDResponder HE6GHzCapabilities = 0x0800
	HE6GHzRxAntenna   HE6GHzCapabilities = 0x1000
	HE6GHzTxAntenna   HE6GHzCapabilities = 0x2000
)

// DefaultHE6GHzCapabilities are those of an access point that takes the longest
// A-MPDUs and MPDUs, 8 us apart.
func DefaultHE6GHzCapabilities() HE6GHzCapabilities {
	return 6 | HE6GHzMaxAMPDU | 2<<6 | HE6GHzSMPowerSave
}

// ParseHE6GHzCapabilities reads the body of an HE 6 GHz Band Capabilities
// element.
func ParseHE6GHzCapabilities(body []byte) (HE6GHzCapabilities, error) {
	c := cursor{rest: body}
	h := HE6GHzCapabilities(c.u16())
	return h, c.err("HE 6 GHz band capabilities")
}

// Append adds the body of the element, without its header, to b.
func (h HE6GHzCapabilities) Append(b []byte) []byte {
	return binary.LittleEndian.AppendUint16(b, uint16(h))
}

// Element returns the element to be sent.
func (h HE6GHzCapabilities) Element() Element {
	return ExtElement(ExtHE6GHzCapabilities, h.Append(nil))
}
