package dot11

import (
	"encoding/binary"
	"fmt"
)

// EtherTypes that matter to stations and access points.
const (
	EtherTypeIPv4  uint16 = 0x0800
	EtherTypeARP   uint16 = 0x0806
	EtherTypeIPv6  uint16 = 0x86dd
	EtherTypeEAPOL uint16 = 0x888e
	EtherTypeTDLS  uint16 = 0x890d
)

// EtherTypes that are tunnelled (IEEE 802.1H, selective translation table).
const (
	etherTypeAARP uint16 = 0x80f3
	etherTypeIPX  uint16 = 0x8137
)

const (
	snap         = "\xaa\xaa\x03"
	encapsulated = snap + "\x00\x00\x00" // RFC 1042
	tunnelled    = snap + "\x00\x00\xf8" // IEEE 802.1H
)

// AppendLLC adds the LLC and SNAP header that data frames have before their
// payload (RFC 1042; IEEE 802.1H for AARP and IPX) to b.
func AppendLLC(b []byte, etherType uint16) []byte {
	head := encapsulated
	if etherType == etherTypeAARP || etherType == etherTypeIPX {
		head = tunnelled
	}
	return binary.BigEndian.AppendUint16(append(b, head...), etherType)
}

// ParseLLC reads the LLC and SNAP header of a data frame's body and returns what
// follows it, which shares the memory of b.
func ParseLLC(b []byte) (etherType uint16, payload []byte, err error) {
	const size = len(encapsulated) + 2
	if len(b) < size {
		return 0, nil, fmt.Errorf("parse LLC header: %d octets: %w", len(b), ErrShort)
	}
	if head := string(b[:len(encapsulated)]); head != encapsulated && head != tunnelled {
		return 0, nil, fmt.Errorf("parse LLC header: %x is no SNAP encapsulation of Ethernet", b[:size])
	}
	return binary.BigEndian.Uint16(b[len(encapsulated):]), b[size:], nil
}
