package hwsim

import (
	"encoding/binary"
)

// Sizes and types of netlink messages, from linux/netlink.h and
// linux/genetlink.h. Numbers are in the order of the machine.
const (
	netlinkHeaderLen = 16
	genericHeaderLen = 4
	attrHeaderLen    = 4

	typeNoop  = 1
	typeError = 2
	typeDone  = 3

	flagRequest = 0x1
	flagAck     = 0x4

	attrTypeMask = 0x3fff
)

// message is one netlink message.
type message struct {
	kind uint16 // netlink type: of control, or the family's number
	seq  uint32
	body []byte // what follows the netlink header
}

// nextMessage takes the first message off a datagram. It reports false where
// what is left is no whole message.
func nextMessage(b []byte) (m message, rest []byte, ok bool) {
	if len(b) < netlinkHeaderLen {
		return message{}, nil, false
	}
	length := uint64(binary.NativeEndian.Uint32(b))
	if length < netlinkHeaderLen || length > uint64(len(b)) {
		return message{}, nil, false
	}
	m = message{
		kind: binary.NativeEndian.Uint16(b[4:]),
		seq:  binary.NativeEndian.Uint32(b[8:]),
		body: b[netlinkHeaderLen:length],
	}
	return m, b[min(align(int(length)), len(b)):], true
}

// nextAttr takes the first attribute off b, likewise.
func nextAttr(b []byte) (kind uint16, value, rest []byte, ok bool) {
	if len(b) < attrHeaderLen {
		return 0, nil, nil, false
	}
	length := int(binary.NativeEndian.Uint16(b))
	if length < attrHeaderLen || length > len(b) {
		return 0, nil, nil, false
	}
	kind = binary.NativeEndian.Uint16(b[2:]) & attrTypeMask
	return kind, b[attrHeaderLen:length], b[min(align(length), len(b)):], true
}

// beginMessage appends the headers of a command, whose length endMessage fills
// in.
func beginMessage(b []byte, family uint16, command uint8, flags uint16, seq uint32) []byte {
	b = append(b, 0, 0, 0, 0)
	b = binary.NativeEndian.AppendUint16(b, family)
	b = binary.NativeEndian.AppendUint16(b, flags|flagRequest)
	b = binary.NativeEndian.AppendUint32(b, seq)
	b = append(b, 0, 0, 0, 0) // the kernel knows the socket's port
	return append(b, command, familyVersion, 0, 0)
}

// endMessage completes the message that begins at start. Attributes keep it
// aligned.
func endMessage(b []byte, start int) {
	binary.NativeEndian.PutUint32(b[start:], uint32(len(b)-start))
}

func appendAttrHeader(b []byte, kind uint16, length int) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(attrHeaderLen+length))
	return binary.NativeEndian.AppendUint16(b, kind)
}

func appendAttr(b []byte, kind uint16, value []byte) []byte {
	b = append(appendAttrHeader(b, kind, len(value)), value...)
	for n := len(value); n&3 != 0; n++ {
		b = append(b, 0)
	}
	return b
}

func appendAttr32(b []byte, kind uint16, value uint32) []byte {
	return binary.NativeEndian.AppendUint32(appendAttrHeader(b, kind, 4), value)
}

func appendAttr64(b []byte, kind uint16, value uint64) []byte {
	return binary.NativeEndian.AppendUint64(appendAttrHeader(b, kind, 8), value)
}

func align(n int) int { return (n + 3) &^ 3 }
