package protect

import (
	"fmt"

	"roamfault/nl80211/dot11"
)

// MaxPN is the highest packet number, which has 48 bits.
const MaxPN = 1<<48 - 1

// pnHeaderLen is the length of the CCMP header and of the GCMP header, which are
// alike (IEEE 802.11-2020, 12.5.3.2 and 12.5.5.2).
const pnHeaderLen = 8

// extIV is the bit of the key ID octet that every CCMP or GCMP header has.
const extIV = 0x20

func putPNHeader(b []byte, pn uint64, id uint8) {
	copy(b[:pnHeaderLen], []byte{
		byte(pn), byte(pn >> 8), 0, extIV | id<<6,
		byte(pn >> 16), byte(pn >> 24), byte(pn >> 32), byte(pn >> 40),
	})
}

// PacketNumber reads the packet number and the key ID, 0 to 3, that a frame
// sealed by CCMP or GCMP names, without opening it: to choose the key, or to
// see in a record what a station sends.
func PacketNumber(frame []byte) (pn uint64, id uint8, err error) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return 0, 0, fmt.Errorf("read packet number: %w", err)
	}
	pn, id, err = parsePNHeader(&h, body)
	if err != nil {
		return 0, 0, fmt.Errorf("read packet number: %w", err)
	}
	return pn, id, nil
}

func parsePNHeader(h *dot11.Header, body []byte) (pn uint64, id uint8, err error) {
	if h.FC&dot11.Protected == 0 {
		return 0, 0, ErrUnprotected
	}
	if len(body) < pnHeaderLen {
		return 0, 0, dot11.ErrShort
	}
	if body[3]&extIV == 0 {
		return 0, 0, fmt.Errorf("key ID octet %#02x has no extended IV: %w", body[3], ErrKind)
	}
	return pnOf(body[0], body[1], body[4], body[5], body[6], body[7]), body[3] >> 6, nil
}

// pnOf joins the octets of a packet number, the lowest first.
func pnOf(b0, b1, b2, b3, b4, b5 byte) uint64 {
	return uint64(b0) | uint64(b1)<<8 | uint64(b2)<<16 | uint64(b3)<<24 | uint64(b4)<<32 | uint64(b5)<<40
}
