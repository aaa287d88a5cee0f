package dot11

import "encoding/binary"

// HTInfo is the HT Capability Information field (IEEE 802.11-2020, 9.4.2.55.2).
type HTInfo uint16

// Bits and fields of HTInfo.
const (
	HTLDPC            HTInfo = 1 << 0
	HT40MHz           HTInfo = 1 << 1
	HTSMPowerSave     HTInfo = 3 << 2 // mask; as it stands: SM power save is disabled
	HTGreenfield      HTInfo = 1 << 4
	HTShortGI20       HTInfo = 1 << 5
	HTShortGI40       HTInfo = 1 << 6
	HTTxSTBC          HTInfo = 1 << 7
	HTRxSTBC          HTInfo = 3 << 8 // mask: number of streams
	HTDelayedBlockAck HTInfo = 1 << 10
	HTAMSDU7935       HTInfo = 1 << 11
	HTDSSS40MHz       HTInfo = 1 << 12
	HTIntolerant      HTInfo = 1 << 14
	HTLSIGTXOP        HTInfo = 1 << 15
)

// HTCapabilities is the element of that name (IEEE 802.11-2020, 9.4.2.55),
// number ElementHTCapabilities.
type HTCapabilities struct {
	Info HTInfo
	// AMPDU is longest A-MPDU 2^(13+n) - 1 octets (0x03) and MPDU spacing (0x1c:
	// none, 1/4, 1/2, 1, 2, 4, 8, 16 us).
	AMPDU       uint8
	MCS         [16]byte // Supported MCS Set: bit n of the first ten octets is MCS n
	Extended    uint16
	Beamforming uint32
	ASEL        uint8
}

// htMCSDefined says in octet 12 of MCS that the transmitter's set is defined.
const htMCSDefined = 12

// DefaultHTCapabilities are those of an access point with two streams on 20
// MHz.
func DefaultHTCapabilities() HTCapabilities {
	c := HTCapabilities{Info: HTSMPowerSave, AMPDU: 3 | 6<<2}
	c.MCS[0], c.MCS[1], c.MCS[htMCSDefined] = 0xff, 0xff, 1
	return c
}

// ParseHTCapabilities reads the body of an HT Capabilities element.
func ParseHTCapabilities(body []byte) (HTCapabilities, error) {
	c := cursor{rest: body}
	h := HTCapabilities{Info: HTInfo(c.u16()), AMPDU: c.u8()}
	copy(h.MCS[:], c.take(len(h.MCS)))
	h.Extended, h.Beamforming, h.ASEL = c.u16(), c.u32(), c.u8()
	if err := c.err("HT capabilities"); err != nil {
		return HTCapabilities{}, err
	}
	return h, nil
}

// Append adds the body of the element, without its header, to b.
func (h *HTCapabilities) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(h.Info))
	b = append(append(b, h.AMPDU), h.MCS[:]...)
	b = binary.LittleEndian.AppendUint16(b, h.Extended)
	b = binary.LittleEndian.AppendUint32(b, h.Beamforming)
	return append(b, h.ASEL)
}

// Element returns the element to be sent.
func (h *HTCapabilities) Element() Element {
	return Element{ID: ElementHTCapabilities, Body: h.Append(nil)}
}

// Bits and fields of HTOperation.Flags.
const (
	HTSecondaryAbove uint8 = 1      // the secondary channel is above the primary
	HTSecondaryBelow uint8 = 3      // it is below
	HTSecondary      uint8 = 3      // mask: 0 is no secondary channel
	HTAnyWidth       uint8 = 1 << 2 // stations may use the secondary channel
	HTRIFS           uint8 = 1 << 3
)

// HTOperation is the element of that name (IEEE 802.11-2020, 9.4.2.56), number
// ElementHTOperation.
type HTOperation struct {
	Primary    uint8  // number of the primary channel
	Flags      uint8  // first octet of HT Operation Information
	Protection uint16 // second and third octet
	Beacons    uint16 // fourth and fifth octet: dual beacon, dual CTS, STBC beacon
	BasicMCS   [16]byte
}

// DefaultHTOperation is that of a BSS on 20 MHz.
func DefaultHTOperation(primary uint8) HTOperation { return HTOperation{Primary: primary} }

// ParseHTOperation reads the body of an HT Operation element.
func ParseHTOperation(body []byte) (HTOperation, error) {
	c := cursor{rest: body}
	h := HTOperation{Primary: c.u8(), Flags: c.u8(), Protection: c.u16(), Beacons: c.u16()}
	copy(h.BasicMCS[:], c.take(len(h.BasicMCS)))
	if err := c.err("HT operation"); err != nil {
		return HTOperation{}, err
	}
	return h, nil
}

// Append adds the body of the element, without its header, to b.
func (h *HTOperation) Append(b []byte) []byte {
	b = append(b, h.Primary, h.Flags)
	b = binary.LittleEndian.AppendUint16(b, h.Protection)
	b = binary.LittleEndian.AppendUint16(b, h.Beacons)
	return append(b, h.BasicMCS[:]...)
}

// Element returns the element to be sent.
func (h *HTOperation) Element() Element {
	return Element{ID: ElementHTOperation, Body: h.Append(nil)}
}
