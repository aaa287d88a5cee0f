package dot11

import "encoding/binary"

// MCSMap says for each number of spatial streams, two bits each beginning with
// one stream, which MCSs there are: in VHT 0 is MCS 0 to 7, 1 to 8, 2 to 9; in
// HE 0 is MCS 0 to 7, 1 to 9, 2 to 11; 3 is none (IEEE 802.11-2020, 9.4.2.157.3;
// IEEE 802.11ax-2021, 9.4.2.248.4).
type MCSMap uint16

// MCSNone is the entry of a number of streams that is not supported.
const MCSNone uint8 = 3

// NewMCSMap returns the map with the same entry for 1 to streams spatial
// streams, and none beyond.
func NewMCSMap(streams int, entry uint8) MCSMap {
	m := MCSMap(0xffff)
	for n := 1; n <= min(streams, 8); n++ {
		m &^= 3 << (2 * (n - 1))
		m |= MCSMap(entry&3) << (2 * (n - 1))
	}
	return m
}

// Streams returns the entry for a number of spatial streams, 1 to 8.
func (m MCSMap) Streams(n int) uint8 {
	if n < 1 || n > 8 {
		return MCSNone
	}
	return uint8(m >> (2 * (n - 1)) & 3)
}

// Max returns the highest number of spatial streams with an MCS.
func (m MCSMap) Max() int {
	for n := 8; n > 0; n-- {
		if m.Streams(n) != MCSNone {
			return n
		}
	}
	return 0
}

// VHTInfo is the VHT Capabilities Information field (IEEE 802.11-2020,
// 9.4.2.157.2).
type VHTInfo uint32

// Bits and fields of VHTInfo.
const (
	VHTMaxMPDU        VHTInfo = 3 << 0 // mask: 3895, 7991, 11454 octets
	VHTWidths         VHTInfo = 3 << 2 // mask: 80 MHz, 160, 160 and 80+80
	VHTRxLDPC         VHTInfo = 1 << 4
	VHTShortGI80      VHTInfo = 1 << 5
	VHTShortGI160     VHTInfo = 1 << 6
	VHTTxSTBC         VHTInfo = 1 << 7
	VHTRxSTBC         VHTInfo = 7 << 8 // mask: number of streams
	VHTSUBeamformer   VHTInfo = 1 << 11
	VHTSUBeamformee   VHTInfo = 1 << 12
	VHTBeamformeeSTS  VHTInfo = 7 << 13 // mask
	VHTSoundingDim    VHTInfo = 7 << 16 // mask
	VHTMUBeamformer   VHTInfo = 1 << 19
	VHTMUBeamformee   VHTInfo = 1 << 20
	VHTTXOPPowerSave  VHTInfo = 1 << 21
	VHTHTC            VHTInfo = 1 << 22
	VHTMaxAMPDU       VHTInfo = 7 << 23 // mask: 2^(13+n) - 1 octets
	VHTLinkAdaptation VHTInfo = 3 << 26 // mask
	VHTRxAntenna      VHTInfo = 1 << 28
	VHTTxAntenna      VHTInfo = 1 << 29
	VHTExtendedNSS    VHTInfo = 3 << 30 // mask
)

// VHTCapabilities is the element of that name (IEEE 802.11-2020, 9.4.2.157),
// number ElementVHTCapabilities.
type VHTCapabilities struct {
	Info      VHTInfo
	RxMCS     MCSMap
	RxHighest uint16 // highest rate in Mbit/s (0x1fff), 0: not said
	TxMCS     MCSMap
	TxHighest uint16 // as RxHighest
}

// DefaultVHTCapabilities are those of an access point with eight streams and all
// MCSs on 80 MHz.
func DefaultVHTCapabilities() VHTCapabilities {
	all := NewMCSMap(8, 2)
	return VHTCapabilities{RxMCS: all, TxMCS: all}
}

// ParseVHTCapabilities reads the body of a VHT Capabilities element.
func ParseVHTCapabilities(body []byte) (VHTCapabilities, error) {
	c := cursor{rest: body}
	v := VHTCapabilities{
		Info:      VHTInfo(c.u32()),
		RxMCS:     MCSMap(c.u16()),
		RxHighest: c.u16(),
		TxMCS:     MCSMap(c.u16()),
		TxHighest: c.u16(),
	}
	if err := c.err("VHT capabilities"); err != nil {
		return VHTCapabilities{}, err
	}
	return v, nil
}

// Append adds the body of the element, without its header, to b.
func (v *VHTCapabilities) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(v.Info))
	b = binary.LittleEndian.AppendUint16(b, uint16(v.RxMCS))
	b = binary.LittleEndian.AppendUint16(b, v.RxHighest)
	b = binary.LittleEndian.AppendUint16(b, uint16(v.TxMCS))
	return binary.LittleEndian.AppendUint16(b, v.TxHighest)
}

// Element returns the element to be sent.
func (v *VHTCapabilities) Element() Element {
	return Element{ID: ElementVHTCapabilities, Body: v.Append(nil)}
}

// VHTOperationInfo is the VHT Operation Information field, which HE Operation can
// have too (IEEE 802.11-2020, 9.4.2.158).
type VHTOperationInfo struct {
	Width   uint8 // 0: 20 or 40 MHz as HT says, 1: 80 MHz and wider
	Center0 uint8 // channel number of the center of the (primary) segment
	Center1 uint8 // of the 160 MHz or the second 80 MHz segment, 0: none
}

// VHTOperation is the element of that name (IEEE 802.11-2020, 9.4.2.158), number
// ElementVHTOperation.
type VHTOperation struct {
	VHTOperationInfo
	BasicMCS MCSMap
}

// DefaultVHTOperation is that of a BSS on 20 MHz, which demands one stream.
func DefaultVHTOperation() VHTOperation { return VHTOperation{BasicMCS: NewMCSMap(1, 0)} }

// ParseVHTOperation reads the body of a VHT Operation element.
func ParseVHTOperation(body []byte) (VHTOperation, error) {
	c := cursor{rest: body}
	v := VHTOperation{VHTOperationInfo: c.vhtOperationInfo(), BasicMCS: MCSMap(c.u16())}
	if err := c.err("VHT operation"); err != nil {
		return VHTOperation{}, err
	}
	return v, nil
}

func (c *cursor) vhtOperationInfo() VHTOperationInfo {
	return VHTOperationInfo{Width: c.u8(), Center0: c.u8(), Center1: c.u8()}
}

func (i VHTOperationInfo) append(b []byte) []byte { return append(b, i.Width, i.Center0, i.Center1) }

// Append adds the body of the element, without its header, to b.
func (v *VHTOperation) Append(b []byte) []byte {
	return binary.LittleEndian.AppendUint16(v.VHTOperationInfo.append(b), uint16(v.BasicMCS))
}

// Element returns the element to be sent.
func (v *VHTOperation) Element() Element {
	return Element{ID: ElementVHTOperation, Body: v.Append(nil)}
}
