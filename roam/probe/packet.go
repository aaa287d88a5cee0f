package probe

import (
	"encoding/binary"
	"time"
)

// Types of echo messages (RFC 792; RFC 4443, 4.1 and 4.2).
const (
	typeReply4   = 0
	typeRequest4 = 8
	typeRequest6 = 128
	typeReply6   = 129
)

// An echo message is a header, a cookie that nobody else knows, the number of the
// request and the time of its sending.
const (
	headerLen = 8
	cookieLen = 16
	packetLen = headerLen + cookieLen + 8 + 8
)

// echo is what an echo message of ours carries.
type echo struct {
	six bool // ICMPv6
	// id tells sockets apart; the kernel writes it over that of a ping socket.
	id     uint16
	cookie [cookieLen]byte
	number uint64
	sent   time.Duration
}

// put writes the request. The checksum of ICMPv6 is the kernel's (RFC 3542, 3.1).
func (e *echo) put(b *[packetLen]byte) {
	b[0] = typeRequest4
	if e.six {
		b[0] = typeRequest6
	}
	b[1], b[2], b[3] = 0, 0, 0
	binary.BigEndian.PutUint16(b[4:], e.id)
	binary.BigEndian.PutUint16(b[6:], uint16(e.number))
	copy(b[headerLen:], e.cookie[:])
	binary.BigEndian.PutUint64(b[headerLen+cookieLen:], e.number)
	binary.BigEndian.PutUint64(b[headerLen+cookieLen+8:], uint64(e.sent))
	if !e.six {
		binary.BigEndian.PutUint16(b[2:], checksum(b[:]))
	}
}

// parseReply reads the answer to such a request; ok is false of everything else.
func parseReply(b []byte, six bool) (e echo, ok bool) {
	want := byte(typeReply4)
	if six {
		want = typeReply6
	}
	if len(b) != packetLen || b[0] != want || b[1] != 0 {
		return echo{}, false
	}
	// A raw socket gets messages before the kernel looks at this.
	if !six && checksum(b) != 0 {
		return echo{}, false
	}
	e = echo{
		six: six, id: binary.BigEndian.Uint16(b[4:]), cookie: [cookieLen]byte(b[headerLen:]),
		number: binary.BigEndian.Uint64(b[headerLen+cookieLen:]),
		sent:   time.Duration(binary.BigEndian.Uint64(b[headerLen+cookieLen+8:])),
	}
	return e, uint16(e.number) == binary.BigEndian.Uint16(b[6:])
}

// checksum is the Internet checksum (RFC 1071) of an even number of bytes.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// cutIPv4 takes the header off an IPv4 packet, as raw sockets give them.
func cutIPv4(b []byte) ([]byte, bool) {
	if len(b) < 20 || b[0]>>4 != 4 {
		return nil, false
	}
	n := int(b[0]&15) * 4
	if n < 20 || n > len(b) {
		return nil, false
	}
	return b[n:], true
}
