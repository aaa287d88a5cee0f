// Package gateway is the one host behind the access points of the lab: it
// answers ARP, ICMP echo (ping), UDP echo and DHCP over IPv4, so that a station
// has somebody to talk to. It has no sockets and no clock: Ethernet frames go
// in, Ethernet frames come out.
package gateway

import (
	"encoding/binary"
	"net/netip"

	"roamfault/nl80211/dot11"
)

// EtherTypes the gateway speaks.
const (
	typeIPv4 = 0x0800
	typeARP  = 0x0806
)

// Gateway is a host with one Ethernet and one IPv4 address.
type Gateway struct {
	addr   dot11.Addr
	ip     netip.Addr
	prefix netip.Prefix
	leases *leases
}

// New returns a gateway at addr that is the first host of prefix, an IPv4
// network of at least two hosts, and leases the other addresses by DHCP.
func New(addr dot11.Addr, prefix netip.Prefix) (*Gateway, error) {
	leases, err := newLeases(prefix)
	if err != nil {
		return nil, err
	}
	prefix = prefix.Masked()
	return &Gateway{addr: addr, ip: prefix.Addr().Next(), prefix: prefix, leases: leases}, nil
}

// Addr is the gateway's Ethernet address.
func (g *Gateway) Addr() dot11.Addr { return g.addr }

// IP is the gateway's IPv4 address.
func (g *Gateway) IP() netip.Addr { return g.ip }

// Handle takes a frame that was sent to the gateway or to everybody and returns
// the answer to it; ok is false where there is none to give. The answer may share the
// memory of the question's payload.
func (g *Gateway) Handle(f dot11.MSDU) (answer dot11.MSDU, ok bool) {
	if f.Dst != g.addr && !f.Dst.Group() {
		return dot11.MSDU{}, false
	}
	switch f.EtherType {
	case typeARP:
		return g.arp(f)
	case typeIPv4:
		return g.ipv4(f)
	}
	return dot11.MSDU{}, false
}

// arp answers a request for the gateway's address (RFC 826).
func (g *Gateway) arp(f dot11.MSDU) (dot11.MSDU, bool) {
	const (
		length   = 28
		ethernet = 1
		request  = 1
		reply    = 2
	)
	p := f.Payload
	if len(p) < length ||
		binary.BigEndian.Uint16(p) != ethernet || binary.BigEndian.Uint16(p[2:]) != typeIPv4 ||
		p[4] != 6 || p[5] != 4 || binary.BigEndian.Uint16(p[6:]) != request {
		return dot11.MSDU{}, false
	}
	if netip.AddrFrom4([4]byte(p[24:28])) != g.ip {
		return dot11.MSDU{}, false
	}
	ip := g.ip.As4()
	answer := make([]byte, 0, length)
	answer = append(answer, p[:6]...)
	answer = binary.BigEndian.AppendUint16(answer, reply)
	answer = append(answer, g.addr[:]...)
	answer = append(answer, ip[:]...)
	answer = append(answer, p[8:18]...)
	return dot11.MSDU{Dst: dot11.Addr(p[8:14]), Src: g.addr, EtherType: typeARP, Payload: answer}, true
}
