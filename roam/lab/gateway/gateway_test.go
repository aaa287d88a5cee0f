package gateway

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

var (
	stationAddr = dot11.Addr{2, 0, 0, 0, 0, 1}
	gatewayAddr = dot11.Addr{2, 0, 0, 0, 0, 0xfe}
	network     = netip.MustParsePrefix("192.0.2.0/29")
	stationIP   = netip.MustParseAddr("192.0.2.2")
	gatewayIP   = netip.MustParseAddr("192.0.2.1")
)

func newGateway(t testing.TB) *Gateway {
	t.Helper()
	g, err := New(gatewayAddr, network)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestARPRequestIsAnswered(t *testing.T) {
	request := []byte{0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 2, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1}
	got, ok := newGateway(t).Handle(dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: stationAddr, EtherType: typeARP, Payload: request})
	want := dot11.MSDU{Dst: stationAddr, Src: gatewayAddr, EtherType: typeARP,
		Payload: []byte{0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 0xfe, 192, 0, 2, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 2}}
	if diff := cmp.Diff(want, got); !ok || diff != "" {
		t.Errorf("ok %v (-want +got):\n%s", ok, diff)
	}
	request[27] = 3
	if _, ok := newGateway(t).Handle(dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: stationAddr, EtherType: typeARP, Payload: request}); ok {
		t.Error("answered for an address that is not its own")
	}
}

// packet makes an IPv4 packet from the station with the gateway's own writer.
func packet(t testing.TB, protocol byte, dst netip.Addr, body []byte) []byte {
	t.Helper()
	return append(newGateway(t).header(protocol, stationIP, dst, len(body)), body...)
}

func TestPingIsAnswered(t *testing.T) {
	echo := []byte{8, 0, 0, 0, 0x12, 0x34, 0, 1, 'h', 'e', 'l', 'l', 'o'}
	binary.BigEndian.PutUint16(echo[2:], checksum(0, echo))
	got, ok := newGateway(t).Handle(dot11.MSDU{Dst: gatewayAddr, Src: stationAddr, EtherType: typeIPv4, Payload: packet(t, protocolICMP, gatewayIP, echo)})
	if !ok {
		t.Fatal("no answer")
	}
	reply := got.Payload[ipv4HeaderLen:]
	if reply[0] != 0 || checksum(0, reply) != 0 || checksum(0, got.Payload[:ipv4HeaderLen]) != 0 {
		t.Errorf("not an echo reply with right checksums: %x", got.Payload)
	}
	if diff := cmp.Diff(echo[4:], reply[4:]); diff != "" {
		t.Errorf("identifier, number and data (-want +got):\n%s", diff)
	}
	echo[8] ^= 1
	if _, ok := newGateway(t).Handle(dot11.MSDU{Dst: gatewayAddr, Src: stationAddr, EtherType: typeIPv4, Payload: packet(t, protocolICMP, gatewayIP, echo)}); ok {
		t.Error("answered a damaged echo request")
	}
}

func TestUDPEcho(t *testing.T) {
	g := newGateway(t)
	got, ok := g.Handle(dot11.MSDU{Dst: gatewayAddr, Src: stationAddr, EtherType: typeIPv4, Payload: g.udp(stationIP, gatewayIP, 4000, portEcho, []byte("abc"))})
	if want := g.udp(gatewayIP, stationIP, portEcho, 4000, []byte("abc")); !ok || !cmp.Equal(want, got.Payload) {
		t.Errorf("ok %v: %s", ok, cmp.Diff(want, got.Payload))
	}
	if _, ok := g.Handle(dot11.MSDU{Dst: gatewayAddr, Src: stationAddr, EtherType: typeIPv4, Payload: g.udp(stationIP, gatewayIP, portEcho, portEcho, []byte("abc"))}); ok {
		t.Error("two echo services would talk for ever")
	}
}

func dhcpMessage(station dot11.Addr, options ...byte) []byte {
	m := make([]byte, bootpLen)
	m[0], m[1], m[2] = 1, 1, 6
	copy(m[4:], []byte{1, 2, 3, 4})
	copy(m[28:], station[:])
	m = append(m, dhcpMagic[:]...)
	return append(append(m, options...), optionEnd)
}

func TestDHCP(t *testing.T) {
	g := newGateway(t)
	ask := func(station dot11.Addr, options ...byte) (kind byte, ip netip.Addr, ok bool) {
		payload := g.udp(netip.IPv4Unspecified(), netip.MustParseAddr("255.255.255.255"), portDHCPClient, portDHCPServer, dhcpMessage(station, options...))
		answer, ok := g.Handle(dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: station, EtherType: typeIPv4, Payload: payload})
		if !ok {
			return 0, netip.Addr{}, false
		}
		if answer.Dst != station {
			t.Errorf("the answer goes to %v, not to %v", answer.Dst, station)
		}
		m := answer.Payload[ipv4HeaderLen+udpHeaderLen:]
		if !cmp.Equal(m[4:8], []byte{1, 2, 3, 4}) {
			t.Errorf("transaction %x", m[4:8])
		}
		return dhcpOptions(m[bootpLen+4:])[optionType][0], netip.AddrFrom4([4]byte(m[16:20])), true
	}
	for step, tt := range []struct {
		station dot11.Addr
		options []byte
		kind    byte
		ip      string
	}{
		{stationAddr, []byte{optionType, 1, dhcpDiscover}, dhcpOffer, "192.0.2.2"},
		{stationAddr, []byte{optionType, 1, dhcpRequest, optionRequested, 4, 192, 0, 2, 2}, dhcpAck, "192.0.2.2"},
		{stationAddr, []byte{optionType, 1, dhcpRequest, optionRequested, 4, 192, 0, 2, 9}, dhcpNak, "0.0.0.0"},
		{dot11.Addr{2, 0, 0, 0, 0, 2}, []byte{optionType, 1, dhcpDiscover}, dhcpOffer, "192.0.2.3"},
		{stationAddr, []byte{optionPad, optionType, 1, dhcpDiscover}, dhcpOffer, "192.0.2.2"},
	} {
		kind, ip, ok := ask(tt.station, tt.options...)
		if !ok || kind != tt.kind || ip.String() != tt.ip {
			t.Errorf("step %d: answer %v: type %d, %v; want %d, %s", step, ok, kind, ip, tt.kind, tt.ip)
		}
	}
	if _, _, ok := ask(stationAddr, optionType, 1, dhcpRequest, optionServer, 4, 192, 0, 2, 6); ok {
		t.Error("answered a request that names another server")
	}
	for n := byte(3); ; n++ {
		if _, ip, ok := ask(dot11.Addr{2, 0, 0, 0, 0, n}, optionType, 1, dhcpDiscover); !ok {
			break
		} else if ip.String() == "192.0.2.7" {
			t.Fatal("leased the broadcast address")
		}
	}
}

func TestNetworkTooSmall(t *testing.T) {
	for _, p := range []string{"192.0.2.0/30", "2001:db8::/64"} {
		if _, err := New(gatewayAddr, netip.MustParsePrefix(p)); err == nil {
			t.Errorf("%s was taken", p)
		}
	}
}

func FuzzHandle(f *testing.F) {
	g := newGateway(f)
	f.Add(uint16(typeARP), []byte{0, 1, 8, 0, 6, 4, 0, 1})
	f.Add(uint16(typeIPv4), g.udp(stationIP, gatewayIP, portDHCPClient, portDHCPServer, dhcpMessage(stationAddr, optionType, 1, dhcpDiscover)))
	f.Add(uint16(typeIPv4), g.udp(stationIP, gatewayIP, 4000, portEcho, []byte("abc")))
	f.Fuzz(func(t *testing.T, etherType uint16, payload []byte) {
		answer, ok := newGateway(t).Handle(dot11.MSDU{Dst: gatewayAddr, Src: stationAddr, EtherType: etherType, Payload: payload})
		if !ok {
			return
		}
		if answer.Src != gatewayAddr || len(answer.Payload) > len(payload)+bootpLen+128 {
			t.Errorf("%d octets from %v for %d", len(answer.Payload), answer.Src, len(payload))
		}
		if answer.EtherType == typeIPv4 && checksum(0, answer.Payload[:ipv4HeaderLen]) != 0 {
			t.Errorf("wrong header checksum: %x", answer.Payload)
		}
	})
}
