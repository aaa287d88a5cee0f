package dot11

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// EHTMACField is a field of EHTMAC: first bit << 8 | width.
type EHTMACField uint16

// Fields of the EHT MAC Capabilities Information (IEEE 802.11be-2024,
// 9.4.2.323.2).
const (
	EHTMACEPCS            EHTMACField = 0<<8 | 1
	EHTMACOMControl       EHTMACField = 1<<8 | 1
	EHTMACTXOPSharing1    EHTMACField = 2<<8 | 1
	EHTMACTXOPSharing2    EHTMACField = 3<<8 | 1
	EHTMACRestrictedTWT   EHTMACField = 4<<8 | 1
	EHTMACSCSTraffic      EHTMACField = 5<<8 | 1
	EHTMACMaxMPDU         EHTMACField = 6<<8 | 2 // 3895, 7991, 11454 octets, in 2.4 GHz
	EHTMACMaxAMPDU        EHTMACField = 8<<8 | 1 // longest A-MPDU beyond what HE says
	EHTMACTRS             EHTMACField = 9<<8 | 1
	EHTMACTXOPReturn      EHTMACField = 10<<8 | 1
	EHTMACTwoBQRs         EHTMACField = 11<<8 | 1
	EHTMACLinkAdaptation  EHTMACField = 12<<8 | 2
	EHTMACUnsolicitedEPCS EHTMACField = 14<<8 | 1
)

// EHTMAC is the EHT MAC Capabilities Information.
type EHTMAC [2]byte

// Get returns a field.
func (m *EHTMAC) Get(f EHTMACField) uint8 { return getBits(m[:], uint16(f)) }

// Set sets a field.
func (m *EHTMAC) Set(f EHTMACField, v uint8) { setBits(m[:], uint16(f), v) }

// EHTPHYField is a field of EHTPHY: first bit << 8 | width.
type EHTPHYField uint16

// Fields of the EHT PHY Capabilities Information (IEEE 802.11be-2024,
// 9.4.2.323.3).
const (
	EHTPHYWidth320           EHTPHYField = 1<<8 | 1 // 320 MHz in 6 GHz
	EHTPHYTone242            EHTPHYField = 2<<8 | 1
	EHTPHYNDP4xLTF           EHTPHYField = 3<<8 | 1
	EHTPHYPartialULMUMIMO    EHTPHYField = 4<<8 | 1
	EHTPHYSUBeamformer       EHTPHYField = 5<<8 | 1
	EHTPHYSUBeamformee       EHTPHYField = 6<<8 | 1
	EHTPHYBeamformeeSS80     EHTPHYField = 7<<8 | 3
	EHTPHYBeamformeeSS160    EHTPHYField = 10<<8 | 3
	EHTPHYBeamformeeSS320    EHTPHYField = 13<<8 | 3
	EHTPHYSoundingDim80      EHTPHYField = 16<<8 | 3
	EHTPHYSoundingDim160     EHTPHYField = 19<<8 | 3
	EHTPHYSoundingDim320     EHTPHYField = 22<<8 | 3
	EHTPHYNg16SU             EHTPHYField = 25<<8 | 1
	EHTPHYNg16MU             EHTPHYField = 26<<8 | 1
	EHTPHYCodebook42SU       EHTPHYField = 27<<8 | 1
	EHTPHYCodebook75MU       EHTPHYField = 28<<8 | 1
	EHTPHYTriggeredSU        EHTPHYField = 29<<8 | 1
	EHTPHYTriggeredMUPartial EHTPHYField = 30<<8 | 1
	EHTPHYTriggeredCQI       EHTPHYField = 31<<8 | 1
	EHTPHYPartialDLMUMIMO    EHTPHYField = 32<<8 | 1
	EHTPHYPSR                EHTPHYField = 33<<8 | 1
	EHTPHYPowerBoost         EHTPHYField = 34<<8 | 1
	EHTPHYMU4xLTF            EHTPHYField = 35<<8 | 1
	EHTPHYMaxNc              EHTPHYField = 36<<8 | 4
	EHTPHYNontriggeredCQI    EHTPHYField = 40<<8 | 1
	EHTPHYTx1024SmallRU      EHTPHYField = 41<<8 | 1
	EHTPHYRx1024SmallRU      EHTPHYField = 42<<8 | 1
	EHTPHYPPEThresholds      EHTPHYField = 43<<8 | 1 // PPE Thresholds are present; follows from the field when sent
	EHTPHYNominalPadding     EHTPHYField = 44<<8 | 2 // packet padding: 0, 8, 16, 20 us
	EHTPHYMaxLTF             EHTPHYField = 46<<8 | 5
	EHTPHYMCS15              EHTPHYField = 51<<8 | 4
	EHTPHYDuplicate6         EHTPHYField = 55<<8 | 1 // EHT DUP in 6 GHz
	EHTPHYRxNDPWider         EHTPHYField = 56<<8 | 1
	EHTPHYULMUMIMO80         EHTPHYField = 57<<8 | 1
	EHTPHYULMUMIMO160        EHTPHYField = 58<<8 | 1
	EHTPHYULMUMIMO320        EHTPHYField = 59<<8 | 1
	EHTPHYMUBeamformer80     EHTPHYField = 60<<8 | 1
	EHTPHYMUBeamformer160    EHTPHYField = 61<<8 | 1
	EHTPHYMUBeamformer320    EHTPHYField = 62<<8 | 1
	EHTPHYSoundingRateLimit  EHTPHYField = 63<<8 | 1
	EHTPHYRx1024Wider        EHTPHYField = 64<<8 | 1
	EHTPHYRx4096Wider        EHTPHYField = 65<<8 | 1
)

// EHTPHY is the EHT PHY Capabilities Information.
type EHTPHY [9]byte

// Get returns a field.
func (p *EHTPHY) Get(f EHTPHYField) uint8 { return getBits(p[:], uint16(f)) }

// Set sets a field.
func (p *EHTPHY) Set(f EHTPHYField, v uint8) { setBits(p[:], uint16(f), v) }

// EHTCapabilities is the element of that name (IEEE 802.11be-2024, 9.4.2.323),
// number ExtEHTCapabilities.
type EHTCapabilities struct {
	MAC EHTMAC
	PHY EHTPHY
	// MCS is the Supported EHT-MCS And NSS Set, of EHTMCSLen octets: most streams
	// to receive (0x0f) and to transmit (0xf0). A station of only 20 MHz has octets
	// for MCS 0 to 7, 8 and 9, 10 and 11, 12 and 13; every other, and every access
	// point, has for each width (up to 80, 160, 320 MHz) those for MCS 0 to 9, 10
	// and 11, 12 and 13.
	MCS []byte
	// PPE are the EHT PPE Thresholds, sent where they are not empty.
	PPE []byte
}

// EHTMCSLen returns how long the Supported EHT-MCS And NSS Set of a station is,
// which depends on its HE capabilities, on its EHT ones, and on whether it is an
// access point (IEEE 802.11be-2024, 9.4.2.323.4).
func EHTMCSLen(he *HECapabilities, eht *EHTPHY, ap bool) int {
	const perWidth, only20 = 3, 4
	if he.PHY.Get(HEPHYWidth40In2) != 0 {
		return perWidth
	}
	widths := he.PHY.Get(HEPHYWidth40And80) + he.PHY.Get(HEPHYWidth160) + eht.Get(EHTPHYWidth320)
	if widths == 0 && !ap {
		return only20
	}
	return perWidth * max(1, int(widths))
}

// DefaultEHTCapabilities are those of an access point with eight streams and all
// MCSs, on the widths that its HE capabilities have.
func DefaultEHTCapabilities(he *HECapabilities) EHTCapabilities {
	var e EHTCapabilities
	e.MAC.Set(EHTMACEPCS, 1)
	e.MAC.Set(EHTMACOMControl, 1)
	e.MAC.Set(EHTMACTXOPSharing1, 1)
	for _, f := range []EHTPHYField{
		EHTPHYTone242, EHTPHYNDP4xLTF, EHTPHYPartialULMUMIMO, EHTPHYNg16SU, EHTPHYNg16MU, EHTPHYCodebook42SU,
		EHTPHYCodebook75MU, EHTPHYTriggeredSU, EHTPHYTriggeredMUPartial, EHTPHYTriggeredCQI, EHTPHYPartialDLMUMIMO,
		EHTPHYPSR, EHTPHYPowerBoost, EHTPHYMU4xLTF, EHTPHYNontriggeredCQI, EHTPHYTx1024SmallRU, EHTPHYRx1024SmallRU,
		EHTPHYRxNDPWider, EHTPHYULMUMIMO80, EHTPHYULMUMIMO160,
	} {
		e.PHY.Set(f, 1)
	}
	e.PHY.Set(EHTPHYBeamformeeSS80, 7)
	e.PHY.Set(EHTPHYBeamformeeSS160, 7)
	e.PHY.Set(EHTPHYSoundingDim80, 7)
	e.PHY.Set(EHTPHYSoundingDim160, 7)
	e.PHY.Set(EHTPHYMaxNc, 15)
	e.PHY.Set(EHTPHYNominalPadding, 3)
	e.PHY.Set(EHTPHYMaxLTF, 31)
	e.PHY.Set(EHTPHYMCS15, 15)
	e.MCS = make([]byte, EHTMCSLen(he, &e.PHY, true))
	for i := range e.MCS {
		e.MCS[i] = 0x88
	}
	e.PPE = []byte{0, 0}
	return e
}

// ParseEHTCapabilities reads the body of an EHT Capabilities element of a station
// with those HE capabilities, an access point or not. MCS and PPE share the
// memory of body.
func ParseEHTCapabilities(body []byte, he *HECapabilities, ap bool) (EHTCapabilities, error) {
	c := cursor{rest: body}
	var e EHTCapabilities
	copy(e.MAC[:], c.take(len(e.MAC)))
	copy(e.PHY[:], c.take(len(e.PHY)))
	e.MCS = c.take(EHTMCSLen(he, &e.PHY, ap))
	if e.PHY.Get(EHTPHYPPEThresholds) != 0 {
		if len(c.rest) < 2 {
			return EHTCapabilities{}, fmt.Errorf("parse EHT capabilities: PPE thresholds: %w", ErrShort)
		}
		e.PPE = c.take(ehtPPELen(binary.LittleEndian.Uint16(c.rest)))
	}
	if err := c.err("EHT capabilities"); err != nil {
		return EHTCapabilities{}, err
	}
	return e, nil
}

// ehtPPELen returns how many octets the EHT PPE Thresholds take that begin with
// head: four bits for the streams, five for the widths, and six for each of both
// (IEEE 802.11be-2024, 9.4.2.323.5).
func ehtPPELen(head uint16) int {
	const headBits, pairBits = 9, 6
	streams, widths := int(head&15)+1, bits.OnesCount16(head>>4&31)
	return (headBits + pairBits*streams*widths + 7) / 8
}

// Append adds the body of the element, without its header, to b.
func (e *EHTCapabilities) Append(b []byte) []byte {
	phy := e.PHY
	phy.Set(EHTPHYPPEThresholds, presentBit(e.PPE))
	b = append(append(b, e.MAC[:]...), phy[:]...)
	return append(append(b, e.MCS...), e.PPE...)
}

// Element returns the element to be sent.
func (e *EHTCapabilities) Element() Element { return ExtElement(ExtEHTCapabilities, e.Append(nil)) }
