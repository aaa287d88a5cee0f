package dot11

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// HEMACField is a field of HEMAC: first bit << 8 | width.
type HEMACField uint16

// Fields of the HE MAC Capabilities Information (IEEE 802.11ax-2021,
// 9.4.2.248.2).
const (
	HEMACHTC                 HEMACField = 0<<8 | 1
	HEMACTWTRequester        HEMACField = 1<<8 | 1
	HEMACTWTResponder        HEMACField = 2<<8 | 1
	HEMACFragmentation       HEMACField = 3<<8 | 2  // level of dynamic fragmentation, 0 to 3
	HEMACFragmentedMSDUs     HEMACField = 5<<8 | 3  // most fragmented MSDUs at a time: 2^n, 7 is any number
	HEMACMinFragment         HEMACField = 8<<8 | 2  // least first fragment: any, 128, 256, 512 octets
	HEMACTriggerPadding      HEMACField = 10<<8 | 2 // padding of trigger frames: 0, 8, 16 us
	HEMACMultiTIDRx          HEMACField = 12<<8 | 3 // number of TIDs in an A-MPDU, minus 1
	HEMACLinkAdaptation      HEMACField = 15<<8 | 2
	HEMACAllAck              HEMACField = 17<<8 | 1
	HEMACTRS                 HEMACField = 18<<8 | 1
	HEMACBSR                 HEMACField = 19<<8 | 1
	HEMACBroadcastTWT        HEMACField = 20<<8 | 1
	HEMACBlockAck32          HEMACField = 21<<8 | 1
	HEMACMUCascading         HEMACField = 22<<8 | 1
	HEMACAckEnabled          HEMACField = 23<<8 | 1
	HEMACOMControl           HEMACField = 25<<8 | 1
	HEMACOFDMARA             HEMACField = 26<<8 | 1
	HEMACMaxAMPDU            HEMACField = 27<<8 | 2 // longest A-MPDU beyond what VHT or HT says
	HEMACAMSDUFragmentation  HEMACField = 29<<8 | 1
	HEMACFlexibleTWT         HEMACField = 30<<8 | 1
	HEMACRxControlToMultiBSS HEMACField = 31<<8 | 1
	HEMACBSRPInAMPDU         HEMACField = 32<<8 | 1
	HEMACQTP                 HEMACField = 33<<8 | 1
	HEMACBQR                 HEMACField = 34<<8 | 1
	HEMACPSRResponder        HEMACField = 35<<8 | 1
	HEMACNDPFeedback         HEMACField = 36<<8 | 1
	HEMACOPS                 HEMACField = 37<<8 | 1
	HEMACAMSDUInAMPDU        HEMACField = 38<<8 | 1 // A-MSDUs in A-MPDUs that need no block ack
	HEMACMultiTIDTx          HEMACField = 39<<8 | 3 // number of TIDs in an A-MPDU, minus 1
	HEMACSelectiveSubchannel HEMACField = 42<<8 | 1
	HEMACULTone2x996         HEMACField = 43<<8 | 1
	HEMACOMDisableUL         HEMACField = 44<<8 | 1
	HEMACDynamicSMPS         HEMACField = 45<<8 | 1
	HEMACPuncturedSounding   HEMACField = 46<<8 | 1
	HEMACTriggerInHTVHT      HEMACField = 47<<8 | 1
)

// HEMAC is the HE MAC Capabilities Information.
type HEMAC [6]byte

// Get returns a field.
func (m *HEMAC) Get(f HEMACField) uint8 { return getBits(m[:], uint16(f)) }

// Set sets a field.
func (m *HEMAC) Set(f HEMACField, v uint8) { setBits(m[:], uint16(f), v) }

// HEPHYField is a field of HEPHY: first bit << 8 | width.
type HEPHYField uint16

// Fields of the HE PHY Capabilities Information (IEEE 802.11ax-2021,
// 9.4.2.248.3).
const (
	HEPHYWidth40In2           HEPHYField = 1<<8 | 1 // 40 MHz in 2.4 GHz
	HEPHYWidth40And80         HEPHYField = 2<<8 | 1 // 40 and 80 MHz in 5 and 6 GHz
	HEPHYWidth160             HEPHYField = 3<<8 | 1 // 160 MHz in 5 and 6 GHz
	HEPHYWidth80Plus80        HEPHYField = 4<<8 | 1 // 80+80 MHz in 5 and 6 GHz
	HEPHYTone242In2           HEPHYField = 5<<8 | 1
	HEPHYTone242In5           HEPHYField = 6<<8 | 1
	HEPHYPuncturedRx          HEPHYField = 8<<8 | 4 // one bit for each way of puncturing
	HEPHYClassA               HEPHYField = 12<<8 | 1
	HEPHYLDPC                 HEPHYField = 13<<8 | 1
	HEPHYSU1xLTF              HEPHYField = 14<<8 | 1
	HEPHYMidambleNSTS         HEPHYField = 15<<8 | 2
	HEPHYNDP4xLTF             HEPHYField = 17<<8 | 1
	HEPHYTxSTBC               HEPHYField = 18<<8 | 1 // up to 80 MHz
	HEPHYRxSTBC               HEPHYField = 19<<8 | 1 // up to 80 MHz
	HEPHYDopplerTx            HEPHYField = 20<<8 | 1
	HEPHYDopplerRx            HEPHYField = 21<<8 | 1
	HEPHYFullULMUMIMO         HEPHYField = 22<<8 | 1
	HEPHYPartialULMUMIMO      HEPHYField = 23<<8 | 1
	HEPHYDCMTxConstellation   HEPHYField = 24<<8 | 2
	HEPHYDCMTxStreams         HEPHYField = 26<<8 | 1
	HEPHYDCMRxConstellation   HEPHYField = 27<<8 | 2
	HEPHYDCMRxStreams         HEPHYField = 29<<8 | 1
	HEPHYPartialSUInMU        HEPHYField = 30<<8 | 1
	HEPHYSUBeamformer         HEPHYField = 31<<8 | 1
	HEPHYSUBeamformee         HEPHYField = 32<<8 | 1
	HEPHYMUBeamformer         HEPHYField = 33<<8 | 1
	HEPHYBeamformeeSTS80      HEPHYField = 34<<8 | 3
	HEPHYBeamformeeSTSAbove80 HEPHYField = 37<<8 | 3
	HEPHYSoundingDim80        HEPHYField = 40<<8 | 3
	HEPHYSoundingDimAbove80   HEPHYField = 43<<8 | 3
	HEPHYNg16SU               HEPHYField = 46<<8 | 1
	HEPHYNg16MU               HEPHYField = 47<<8 | 1
	HEPHYCodebook42SU         HEPHYField = 48<<8 | 1
	HEPHYCodebook75MU         HEPHYField = 49<<8 | 1
	HEPHYTriggeredSU          HEPHYField = 50<<8 | 1
	HEPHYTriggeredMUPartial   HEPHYField = 51<<8 | 1
	HEPHYTriggeredCQI         HEPHYField = 52<<8 | 1
	HEPHYPartialExtendedRange HEPHYField = 53<<8 | 1
	HEPHYPartialDLMUMIMO      HEPHYField = 54<<8 | 1
	HEPHYPPEThresholds        HEPHYField = 55<<8 | 1 // PPE Thresholds are present; follows from the field when sent
	HEPHYPSR                  HEPHYField = 56<<8 | 1
	HEPHYPowerBoost           HEPHYField = 57<<8 | 1
	HEPHYSUMU4xLTF            HEPHYField = 58<<8 | 1
	HEPHYMaxNc                HEPHYField = 59<<8 | 3
	HEPHYTxSTBCAbove80        HEPHYField = 62<<8 | 1
	HEPHYRxSTBCAbove80        HEPHYField = 63<<8 | 1
	HEPHYERSU4xLTF            HEPHYField = 64<<8 | 1
	HEPHYWidth20In40In2       HEPHYField = 65<<8 | 1
	HEPHYWidth20In160         HEPHYField = 66<<8 | 1
	HEPHYWidth80In160         HEPHYField = 67<<8 | 1
	HEPHYERSU1xLTF            HEPHYField = 68<<8 | 1
	HEPHYMidamble2x1x         HEPHYField = 69<<8 | 1
	HEPHYDCMMaxRU             HEPHYField = 70<<8 | 2
	HEPHYLongSIGB             HEPHYField = 72<<8 | 1
	HEPHYNontriggeredCQI      HEPHYField = 73<<8 | 1
	HEPHYTx1024SmallRU        HEPHYField = 74<<8 | 1
	HEPHYRx1024SmallRU        HEPHYField = 75<<8 | 1
	HEPHYRxFullCompressed     HEPHYField = 76<<8 | 1
	HEPHYRxFullUncompressed   HEPHYField = 77<<8 | 1
	HEPHYNominalPadding       HEPHYField = 78<<8 | 2 // packet padding: 0, 8, 16 us
	HEPHYMUMaxLTF             HEPHYField = 80<<8 | 1
)

// HEPHY is the HE PHY Capabilities Information.
type HEPHY [11]byte

// Get returns a field.
func (p *HEPHY) Get(f HEPHYField) uint8 { return getBits(p[:], uint16(f)) }

// Set sets a field.
func (p *HEPHY) Set(f HEPHYField, v uint8) { setBits(p[:], uint16(f), v) }

// HEMCS are the maps of one bandwidth.
type HEMCS struct {
	Rx, Tx MCSMap
}

// HECapabilities is the element of that name (IEEE 802.11ax-2021, 9.4.2.248),
// number ExtHECapabilities.
type HECapabilities struct {
	MAC HEMAC
	PHY HEPHY
	// MCS80 holds up to 80 MHz, MCS160 for 160 MHz and MCS80Plus80 for 80+80 MHz.
	// The latter two are sent where PHY has HEPHYWidth160 and HEPHYWidth80Plus80.
	MCS80, MCS160, MCS80Plus80 HEMCS
	// PPE are the PPE Thresholds, sent where they are not empty.
	PPE []byte
}

// DefaultHECapabilities are those of an access point with two streams and all
// MCSs: on 20 MHz in 2.4 GHz, on all widths up to 160 MHz on the other bands.
func DefaultHECapabilities(band Band) HECapabilities {
	var h HECapabilities
	h.MAC.Set(HEMACHTC, 1)
	h.MAC.Set(HEMACTriggerPadding, 2)
	h.MAC.Set(HEMACMultiTIDRx, 7)
	h.MAC.Set(HEMACBSR, 1)
	h.MAC.Set(HEMACMUCascading, 1)
	h.MAC.Set(HEMACAckEnabled, 1)
	h.MAC.Set(HEMACOMControl, 1)
	h.MAC.Set(HEMACMaxAMPDU, 3)
	h.MAC.Set(HEMACAMSDUInAMPDU, 1)
	h.PHY.Set(HEPHYPuncturedRx, 15)
	h.PHY.Set(HEPHYClassA, 1)
	h.PHY.Set(HEPHYLDPC, 1)
	h.PHY.Set(HEPHYMidambleNSTS, 1)
	h.PHY.Set(HEPHYNDP4xLTF, 1)
	h.PHY.Set(HEPHYTxSTBC, 1)
	h.PHY.Set(HEPHYRxSTBC, 1)
	h.PHY.Set(HEPHYFullULMUMIMO, 1)
	h.PHY.Set(HEPHYPartialULMUMIMO, 1)
	all := HEMCS{Rx: NewMCSMap(2, 2), Tx: NewMCSMap(2, 2)}
	h.MCS80 = all
	if band != Band2GHz {
		h.PHY.Set(HEPHYWidth40And80, 1)
		h.PHY.Set(HEPHYWidth160, 1)
		h.PHY.Set(HEPHYWidth80Plus80, 1)
		h.MCS160, h.MCS80Plus80 = all, all
	}
	return h
}

// ParseHECapabilities reads the body of an HE Capabilities element. PPE shares
// its memory.
func ParseHECapabilities(body []byte) (HECapabilities, error) {
	c := cursor{rest: body}
	var h HECapabilities
	copy(h.MAC[:], c.take(len(h.MAC)))
	copy(h.PHY[:], c.take(len(h.PHY)))
	h.MCS80 = c.heMCS()
	if h.PHY.Get(HEPHYWidth160) != 0 {
		h.MCS160 = c.heMCS()
	}
	if h.PHY.Get(HEPHYWidth80Plus80) != 0 {
		h.MCS80Plus80 = c.heMCS()
	}
	if h.PHY.Get(HEPHYPPEThresholds) != 0 {
		if c.short || len(c.rest) == 0 {
			return HECapabilities{}, fmt.Errorf("parse HE capabilities: PPE thresholds: %w", ErrShort)
		}
		h.PPE = c.take(hePPELen(c.rest[0]))
	}
	if err := c.err("HE capabilities"); err != nil {
		return HECapabilities{}, err
	}
	return h, nil
}

// hePPELen returns how many octets the PPE Thresholds take that begin with head:
// three bits for the streams, four for the widths, and six for each of both
// (IEEE 802.11ax-2021, 9.4.2.248.5).
func hePPELen(head byte) int {
	const headBits, pairBits = 7, 6
	streams, widths := int(head&7)+1, bits.OnesCount8(head>>3&15)
	return (headBits + pairBits*streams*widths + 7) / 8
}

func (c *cursor) heMCS() HEMCS { return HEMCS{Rx: MCSMap(c.u16()), Tx: MCSMap(c.u16())} }

func (m HEMCS) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(m.Rx))
	return binary.LittleEndian.AppendUint16(b, uint16(m.Tx))
}

// Append adds the body of the element, without its header, to b.
func (h *HECapabilities) Append(b []byte) []byte {
	phy := h.PHY
	phy.Set(HEPHYPPEThresholds, presentBit(h.PPE))
	b = append(append(b, h.MAC[:]...), phy[:]...)
	b = h.MCS80.append(b)
	if phy.Get(HEPHYWidth160) != 0 {
		b = h.MCS160.append(b)
	}
	if phy.Get(HEPHYWidth80Plus80) != 0 {
		b = h.MCS80Plus80.append(b)
	}
	return append(b, h.PPE...)
}

func presentBit(b []byte) uint8 {
	if len(b) == 0 {
		return 0
	}
	return 1
}

// Element returns the element to be sent.
func (h *HECapabilities) Element() Element { return ExtElement(ExtHECapabilities, h.Append(nil)) }
