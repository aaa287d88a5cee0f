package rsn

import (
	"encoding/binary"
	"fmt"

	"roamfault/nl80211/dot11"
)

// EAPOLType is the packet type of an EAPOL frame (IEEE 802.1X-2020, table 11-3).
type EAPOLType uint8

// Packet types that stations and access points exchange.
const (
	EAPOLPacket EAPOLType = 0 // an EAP packet
	EAPOLStart  EAPOLType = 1 // a supplicant asks for authentication
	EAPOLLogoff EAPOLType = 2 // a supplicant leaves
	EAPOLKey    EAPOLType = 3 // an EAPOL-Key frame
)

var eapolTypes = [...]string{
	EAPOLPacket: "EAP-Packet",
	EAPOLStart:  "EAPOL-Start",
	EAPOLLogoff: "EAPOL-Logoff",
	EAPOLKey:    "EAPOL-Key",
}

// String gives the name in the standard, or the number.
func (t EAPOLType) String() string {
	if int(t) < len(eapolTypes) {
		return eapolTypes[t]
	}
	return fmt.Sprintf("EAPOL type %d", uint8(t))
}

// eapolHeaderLen is version, type and the length of the body.
const eapolHeaderLen = 4

// eapolVersion is the protocol version of the frames made here, that of IEEE
// 802.1X-2004.
const eapolVersion = 2

// EAPOL is an EAPOL frame, the payload of a data frame of Ethernet type
// [dot11.EtherTypeEAPOL].
type EAPOL struct {
	Version uint8 // of the protocol, 1 to 3
	Type    EAPOLType
	Body    []byte // up to 65535 octets
}

// ParseEAPOL reads an EAPOL frame and returns what follows its body, which is
// padding of the layer below. Body and rest share b's memory.
func ParseEAPOL(b []byte) (e EAPOL, rest []byte, err error) {
	if len(b) < eapolHeaderLen {
		return EAPOL{}, nil, fmt.Errorf("parse EAPOL frame: %d octets: %w", len(b), dot11.ErrShort)
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if body := b[eapolHeaderLen:]; len(body) < n {
		return EAPOL{}, nil, fmt.Errorf("parse EAPOL frame: %d octets of a body of %d: %w", len(body), n, dot11.ErrShort)
	}
	end := eapolHeaderLen + n
	return EAPOL{Version: b[0], Type: EAPOLType(b[1]), Body: b[eapolHeaderLen:end:end]}, b[end:], nil
}

// Append adds the frame as it is sent to b.
func (e EAPOL) Append(b []byte) ([]byte, error) {
	if len(e.Body) > 0xffff {
		return nil, fmt.Errorf("append EAPOL frame: a body of %d octets: %w", len(e.Body), ErrMalformed)
	}
	b = append(b, e.Version, byte(e.Type))
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.Body)))
	return append(b, e.Body...), nil
}
