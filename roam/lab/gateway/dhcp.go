package gateway

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"

	"roamfault/nl80211/dot11"
)

// maxLeases bounds the table: a larger network is not leased beyond it.
const maxLeases = 1024

// leaseSeconds is how long a lease holds. Nothing takes it back earlier.
const leaseSeconds = 86400

// leases gives every station the same address whenever it asks.
type leases struct {
	prefix netip.Prefix
	next   netip.Addr
	given  map[dot11.Addr]netip.Addr
}

func newLeases(prefix netip.Prefix) (*leases, error) {
	if !prefix.Addr().Is4() || prefix.Bits() > 29 {
		return nil, fmt.Errorf("gateway for %v: an IPv4 network of at least six hosts is wanted", prefix)
	}
	prefix = prefix.Masked()
	return &leases{prefix: prefix, next: prefix.Addr().Next().Next(), given: map[dot11.Addr]netip.Addr{}}, nil
}

func (l *leases) of(station dot11.Addr) (netip.Addr, bool) {
	if ip, ok := l.given[station]; ok {
		return ip, true
	}
	// The last address of the network is its broadcast address.
	if len(l.given) >= maxLeases || !l.prefix.Contains(l.next.Next()) {
		return netip.Addr{}, false
	}
	ip := l.next
	l.next = l.next.Next()
	l.given[station] = ip
	return ip, true
}

// Message types of DHCP (RFC 2132, 9.6).
const (
	dhcpDiscover = 1
	dhcpOffer    = 2
	dhcpRequest  = 3
	dhcpAck      = 5
	dhcpNak      = 6
)

// Options of DHCP (RFC 2132).
const (
	optionPad       = 0
	optionMask      = 1
	optionRouter    = 3
	optionRequested = 50
	optionLease     = 51
	optionType      = 53
	optionServer    = 54
	optionEnd       = 255
)

const bootpLen = 236

var dhcpMagic = [4]byte{99, 130, 83, 99}

// dhcp answers a DISCOVER with an OFFER and a REQUEST with an ACK, or a NAK
// where the station asks for an address that is not its own (RFC 2131).
func (g *Gateway) dhcp(f dot11.MSDU, message []byte) (dot11.MSDU, bool) {
	if len(message) < bootpLen+len(dhcpMagic) || message[0] != 1 || !bytes.Equal(message[bootpLen:bootpLen+4], dhcpMagic[:]) {
		return dot11.MSDU{}, false
	}
	options := dhcpOptions(message[bootpLen+4:])
	if len(options[optionType]) != 1 {
		return dot11.MSDU{}, false
	}
	if server := options[optionServer]; len(server) == 4 && netip.AddrFrom4([4]byte(server)) != g.ip {
		return dot11.MSDU{}, false
	}
	station := dot11.Addr(message[28:34])
	ip, ok := g.leases.of(station)
	if !ok {
		return dot11.MSDU{}, false
	}
	var kind byte
	switch options[optionType][0] {
	case dhcpDiscover:
		kind = dhcpOffer
	case dhcpRequest:
		kind = dhcpAck
		wanted := options[optionRequested]
		if wanted == nil {
			wanted = message[12:16]
		}
		if len(wanted) != 4 || netip.AddrFrom4([4]byte(wanted)) != ip {
			kind, ip = dhcpNak, netip.IPv4Unspecified()
		}
	default:
		return dot11.MSDU{}, false
	}
	answer := make([]byte, bootpLen, bootpLen+64)
	answer[0] = 2
	copy(answer[1:8], message[1:8]) // hardware type and length, hops, transaction; the seconds stay zero
	copy(answer[10:12], message[10:12])
	yours, mine := ip.As4(), g.ip.As4()
	copy(answer[16:], yours[:])
	copy(answer[20:], mine[:])
	copy(answer[28:44], message[28:44])
	answer = append(answer, dhcpMagic[:]...)
	answer = append(answer, optionType, 1, kind, optionServer, 4)
	answer = append(answer, mine[:]...)
	if kind != dhcpNak {
		answer = append(answer, optionLease, 4)
		answer = binary.BigEndian.AppendUint32(answer, leaseSeconds)
		answer = append(answer, optionMask, 4)
		answer = binary.BigEndian.AppendUint32(answer, ^uint32(0)<<(32-g.prefix.Bits()))
		answer = append(answer, optionRouter, 4)
		answer = append(answer, mine[:]...)
	}
	answer = append(answer, optionEnd)
	// The station has no address yet: the answer goes to all hosts of IPv4, but
	// on Ethernet to the one that asked.
	everybody := netip.AddrFrom4([4]byte{255, 255, 255, 255})
	return dot11.MSDU{
		Dst: f.Src, Src: g.addr, EtherType: typeIPv4,
		Payload: g.udp(g.ip, everybody, portDHCPServer, portDHCPClient, answer),
	}, true
}

// dhcpOptions returns the first value of each option.
func dhcpOptions(b []byte) map[byte][]byte {
	options := map[byte][]byte{}
	for len(b) > 0 && b[0] != optionEnd {
		if b[0] == optionPad {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			break
		}
		if _, seen := options[b[0]]; !seen {
			options[b[0]] = b[2 : 2+int(b[1])]
		}
		b = b[2+int(b[1]):]
	}
	return options
}
