package dot11

import "encoding/binary"

// EHTOperationFlags are the EHT Operation Parameters, but for those bits that
// EHTOperation has apart (IEEE 802.11be-2024, 9.4.2.321).
type EHTOperationFlags uint8

// Bits and fields of EHTOperationFlags.
const (
	ehtInfo             EHTOperationFlags = 0x01
	ehtDisabled         EHTOperationFlags = 0x02
	EHTDefaultPE        EHTOperationFlags = 0x04
	EHTGroupBULimit     EHTOperationFlags = 0x08
	EHTGroupBUExponent  EHTOperationFlags = 0x30 // mask
	EHTMCS15Disabled    EHTOperationFlags = 0x40
	ehtOperationPresent                   = ehtInfo | ehtDisabled
)

// EHTOperationInfo is the EHT Operation Information (IEEE 802.11be-2024,
// 9.4.2.321).
type EHTOperationInfo struct {
	Control  uint8            // width (0x07): 20, 40, 80, 160, 320 MHz
	Center0  uint8            // channel number of the center of the (primary) segment
	Center1  uint8            // of the 160 or 320 MHz segment, 0: none
	Disabled Optional[uint16] // Disabled Subchannel Bitmap: bit n is the 20 MHz channel n from below
}

// EHTOperation is the element of that name (IEEE 802.11be-2024, 9.4.2.321),
// number ExtEHTOperation.
type EHTOperation struct {
	Flags EHTOperationFlags
	// BasicMCS are the streams that all stations have to receive (0x0f) and
	// transmit (0xf0) with MCS 0 to 7, 8 and 9, 10 and 11, 12 and 13.
	BasicMCS [4]byte
	Info     Optional[EHTOperationInfo] // absent: as the elements of HE and VHT say
}

// DefaultEHTOperation is that of a BSS of the width that HE Operation names,
// which demands one stream.
func DefaultEHTOperation() EHTOperation {
	return EHTOperation{Flags: EHTMCS15Disabled, BasicMCS: [4]byte{0x11}}
}

// ParseEHTOperation reads the body of an EHT Operation element.
func ParseEHTOperation(body []byte) (EHTOperation, error) {
	c := cursor{rest: body}
	flags := EHTOperationFlags(c.u8())
	e := EHTOperation{Flags: flags &^ ehtOperationPresent}
	copy(e.BasicMCS[:], c.take(len(e.BasicMCS)))
	if flags&ehtInfo != 0 {
		info := EHTOperationInfo{Control: c.u8(), Center0: c.u8(), Center1: c.u8()}
		if flags&ehtDisabled != 0 {
			info.Disabled = Some(c.u16())
		}
		e.Info = Some(info)
	}
	if err := c.err("EHT operation"); err != nil {
		return EHTOperation{}, err
	}
	return e, nil
}

// Append adds the body of the element, without its header, to b.
func (e *EHTOperation) Append(b []byte) []byte {
	flags, info := e.Flags&^ehtOperationPresent, &e.Info.Value
	if e.Info.Present {
		flags |= ehtInfo
		if info.Disabled.Present {
			flags |= ehtDisabled
		}
	}
	b = append(append(b, byte(flags)), e.BasicMCS[:]...)
	if !e.Info.Present {
		return b
	}
	b = append(b, info.Control, info.Center0, info.Center1)
	if info.Disabled.Present {
		b = binary.LittleEndian.AppendUint16(b, info.Disabled.Value)
	}
	return b
}

// Element returns the element to be sent.
func (e *EHTOperation) Element() Element { return ExtElement(ExtEHTOperation, e.Append(nil)) }
