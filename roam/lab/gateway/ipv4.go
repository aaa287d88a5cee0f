package gateway

import (
	"encoding/binary"
	"net/netip"

	"roamfault/nl80211/dot11"
)

// Protocols over IPv4.
const (
	protocolICMP = 1
	protocolUDP  = 17
)

// Ports of UDP that are served.
const (
	portEcho       = 7
	portDHCPServer = 67
	portDHCPClient = 68
)

const (
	ipv4HeaderLen = 20
	udpHeaderLen  = 8
)

func (g *Gateway) ipv4(f dot11.MSDU) (dot11.MSDU, bool) {
	p := f.Payload
	if len(p) < ipv4HeaderLen || p[0]>>4 != 4 {
		return dot11.MSDU{}, false
	}
	head, total := int(p[0]&15)*4, int(binary.BigEndian.Uint16(p[2:]))
	if head < ipv4HeaderLen || total < head || total > len(p) || checksum(0, p[:head]) != 0 {
		return dot11.MSDU{}, false
	}
	const fragmented = 0x3fff
	if binary.BigEndian.Uint16(p[6:])&fragmented != 0 {
		return dot11.MSDU{}, false
	}
	src, dst := netip.AddrFrom4([4]byte(p[12:16])), netip.AddrFrom4([4]byte(p[16:20]))
	body := p[head:total]
	switch {
	case p[9] == protocolUDP && len(body) >= udpHeaderLen && binary.BigEndian.Uint16(body[2:]) == portDHCPServer:
		return g.dhcp(f, body[udpHeaderLen:])
	case dst != g.ip:
		return dot11.MSDU{}, false
	case p[9] == protocolICMP:
		return g.icmp(f, src, body)
	case p[9] == protocolUDP:
		return g.udpEcho(f, src, body)
	}
	return dot11.MSDU{}, false
}

// icmp answers an echo request (RFC 792).
func (g *Gateway) icmp(f dot11.MSDU, src netip.Addr, body []byte) (dot11.MSDU, bool) {
	const echoRequest = 8
	if len(body) < 8 || body[0] != echoRequest || checksum(0, body) != 0 {
		return dot11.MSDU{}, false
	}
	answer := append(g.header(protocolICMP, g.ip, src, len(body)), body...)
	icmp := answer[ipv4HeaderLen:]
	icmp[0], icmp[2], icmp[3] = 0, 0, 0
	binary.BigEndian.PutUint16(icmp[2:], checksum(0, icmp))
	return dot11.MSDU{Dst: f.Src, Src: g.addr, EtherType: typeIPv4, Payload: answer}, true
}

// udpEcho sends a datagram to port 7 back (RFC 862).
func (g *Gateway) udpEcho(f dot11.MSDU, src netip.Addr, body []byte) (dot11.MSDU, bool) {
	if len(body) < udpHeaderLen || binary.BigEndian.Uint16(body[2:]) != portEcho {
		return dot11.MSDU{}, false
	}
	n := int(binary.BigEndian.Uint16(body[4:]))
	from := binary.BigEndian.Uint16(body)
	// An echo service that answered another would never end.
	if n < udpHeaderLen || n > len(body) || from == portEcho {
		return dot11.MSDU{}, false
	}
	payload := g.udp(g.ip, src, portEcho, from, body[udpHeaderLen:n])
	return dot11.MSDU{Dst: f.Src, Src: g.addr, EtherType: typeIPv4, Payload: payload}, true
}

// header returns an IPv4 header for n octets of payload, with room for them.
func (g *Gateway) header(protocol byte, src, dst netip.Addr, n int) []byte {
	h := make([]byte, ipv4HeaderLen, ipv4HeaderLen+n)
	h[0] = 0x45
	binary.BigEndian.PutUint16(h[2:], uint16(ipv4HeaderLen+n))
	h[8] = 64
	h[9] = protocol
	s, d := src.As4(), dst.As4()
	copy(h[12:], s[:])
	copy(h[16:], d[:])
	binary.BigEndian.PutUint16(h[10:], checksum(0, h))
	return h
}

// udp returns an IPv4 packet with a datagram in it (RFC 768).
func (g *Gateway) udp(src, dst netip.Addr, from, to uint16, data []byte) []byte {
	n := udpHeaderLen + len(data)
	p := g.header(protocolUDP, src, dst, n)
	p = binary.BigEndian.AppendUint16(p, from)
	p = binary.BigEndian.AppendUint16(p, to)
	p = binary.BigEndian.AppendUint16(p, uint16(n))
	p = append(p, 0, 0)
	p = append(p, data...)
	sum := checksum(sum16(p[12:20])+protocolUDP+uint32(n), p[ipv4HeaderLen:])
	if sum == 0 {
		sum = 0xffff // zero says that there is no checksum
	}
	binary.BigEndian.PutUint16(p[ipv4HeaderLen+6:], sum)
	return p
}

// checksum is the Internet checksum of b over a partial sum (RFC 1071).
func checksum(sum uint32, b []byte) uint16 {
	sum += sum16(b)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// sum16 adds the 16-bit words of b, which is shorter than 64 KiB and so cannot
// overflow.
func sum16(b []byte) uint32 {
	var sum uint32
	for len(b) > 1 {
		sum += uint32(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}
