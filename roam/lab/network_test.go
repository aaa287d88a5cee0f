package lab

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

const testEtherType = 0x88b5 // RFC 5342: for experiments

func msdu(dst, src dot11.Addr, text string) dot11.MSDU {
	return dot11.MSDU{Dst: dst, Src: src, EtherType: testEtherType, Payload: []byte(text)}
}

// Stations of different access points talk to each other through the
// distribution system; what is for all reaches each station once.
func TestDistribution(t *testing.T) {
	n := newNetwork(t, openPlan(t, 2))
	one, two, beside := newOpenSta(t, 1), newOpenSta(t, 2), newOpenSta(t, 3)
	join(n, one, n.APs()[0])
	join(n, beside, n.APs()[0])
	join(n, two, n.APs()[1])
	n.Air()
	n.Receive(0, one.data(two.addr, testEtherType, []byte("to two")))
	air := n.Air()
	two.wants(air, msdu(two.addr, one.addr, "to two"))
	beside.wants(air)
	n.Receive(0, two.data(one.addr, testEtherType, []byte("to one")))
	one.wants(n.Air(), msdu(one.addr, two.addr, "to one"))
	all := dot11.BroadcastAddr()
	n.Receive(0, one.data(all, testEtherType, []byte("to all")))
	air = n.Air()
	two.wants(air, msdu(all, one.addr, "to all"))
	beside.wants(air, msdu(all, one.addr, "to all"))
	one.wants(air)
	n.Receive(0, one.data(dot11.Addr{2, 9}, testEtherType, []byte("to nobody")))
	if air := n.Air(); len(air) != 0 {
		t.Errorf("%d frames to nobody", len(air))
	}
}

// A station finds the gateway by ARP and is answered by it, through the air.
func TestGateway(t *testing.T) {
	plan := openPlan(t, 2)
	n := newNetwork(t, plan)
	s := newOpenSta(t, 1)
	join(n, s, n.APs()[1])
	n.Air()
	own, gw := netip.MustParseAddr("192.0.2.77"), n.Gateway().IP()
	n.Receive(0, s.data(dot11.BroadcastAddr(), 0x0806, arpRequest(s.addr, own, gw)))
	var answers []dot11.MSDU
	for _, m := range s.hears(n.Air()) {
		if m.EtherType == 0x0806 {
			answers = append(answers, m)
		}
	}
	if len(answers) != 1 || answers[0].Src != plan.Gateway || answers[0].Dst != s.addr {
		t.Fatalf("answers %+v", answers)
	}
	if mac := dot11.Addr(answers[0].Payload[8:14]); mac != plan.Gateway {
		t.Errorf("the gateway is at %v", mac)
	}
	request := ping(own, gw, 7)
	n.Receive(0, s.data(plan.Gateway, 0x0800, request))
	answers = s.hears(n.Air())
	if len(answers) != 1 {
		t.Fatalf("%d answers to a ping", len(answers))
	}
	reply := answers[0].Payload
	if len(reply) != len(request) || reply[20] != 0 || binary.BigEndian.Uint16(reply[26:]) != 7 {
		t.Errorf("reply %x", reply)
	}
}

func arpRequest(mac dot11.Addr, own, who netip.Addr) []byte {
	from, to := own.As4(), who.As4()
	b := []byte{0, 1, 8, 0, 6, 4, 0, 1}
	b = append(append(b, mac[:]...), from[:]...)
	return append(append(b, 0, 0, 0, 0, 0, 0), to[:]...)
}

// ping is an ICMP echo request in IPv4 with that sequence number.
func ping(from, to netip.Addr, seq uint16) []byte {
	src, dst := from.As4(), to.As4()
	icmp := []byte{8, 0, 0, 0, 0, 1, byte(seq >> 8), byte(seq), 'p', 'i', 'n', 'g'}
	binary.BigEndian.PutUint16(icmp[2:], checksum(icmp))
	b := []byte{0x45, 0, 0, byte(20 + len(icmp)), 0, 0, 0, 0, 64, 1, 0, 0}
	b = append(append(b, src[:]...), dst[:]...)
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	return append(b, icmp...)
}

// checksum is that of IP (RFC 1071).
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// A station is connected to one access point at a time: the others forget it,
// and what is for it goes where it is.
func TestMove(t *testing.T) {
	n := newNetwork(t, openPlan(t, 3))
	s, other := newOpenSta(t, 1), newOpenSta(t, 2)
	join(n, other, n.APs()[0])
	for round, at := range []int{0, 1, 2, 1, 0, 2, 0} {
		n.Events()
		join(n, s, n.APs()[at])
		for i, a := range n.APs() {
			found := 0
			for _, known := range a.Stations() {
				if known.Addr == s.addr {
					found++
				}
			}
			if want := map[bool]int{true: 1}[i == at]; found != want {
				t.Errorf("round %d: access point %d knows it %d times, want %d", round, i, found, want)
			}
		}
		forgotten := 0
		for _, e := range n.Events() {
			if e.What == ap.Forgotten && e.Station == s.addr {
				forgotten++
			}
		}
		if want := map[bool]int{true: 1}[round > 0]; forgotten != want {
			t.Errorf("round %d: forgotten %d times, want %d", round, forgotten, want)
		}
		n.Air()
		n.Receive(0, other.data(s.addr, testEtherType, []byte("where are you")))
		s.wants(n.Air(), msdu(s.addr, other.addr, "where are you"))
	}
}

// A frame is acknowledged where one of the access points hears it.
func TestAcknowledged(t *testing.T) {
	n := newNetwork(t, openPlan(t, 2))
	s := newOpenSta(t, 1)
	s.at(n.APs()[1])
	if !n.Receive(0, s.auth()) {
		t.Error("a frame to an access point is not acknowledged")
	}
	s.freq += 1000
	if n.Receive(0, s.auth()) {
		t.Error("a frame on another channel is acknowledged")
	}
	s.at(n.APs()[1])
	s.bssid[0] |= 1
	if n.Receive(0, s.auth()) {
		t.Error("a frame to a group is acknowledged")
	}
}

// The next moment is that of the access point that is first.
func TestNext(t *testing.T) {
	n := newNetwork(t, openPlan(t, 2))
	if n.Next() != 0 {
		t.Errorf("the first beacons are at %v", n.Next())
	}
	n.Advance(0)
	if want := 100 * ap.TU; n.Next() != want {
		t.Errorf("next at %v, want %v", n.Next(), want)
	}
	if got := len(n.Air()); got != 2 {
		t.Errorf("%d beacons", got)
	}
	s := newOpenSta(t, 1)
	s.at(n.APs()[0])
	if err := n.APs()[0].Make(0, ap.Rule{Fault: "delay", TU: 10, Frame: "auth"}); err != nil {
		t.Fatal(err)
	}
	n.Receive(time.Millisecond, s.auth())
	if want := time.Millisecond + 10*ap.TU; n.Next() != want {
		t.Errorf("next at %v, want %v", n.Next(), want)
	}
}

func TestAPByName(t *testing.T) {
	n := newNetwork(t, openPlan(t, 2))
	a, err := n.AP("b")
	if err != nil || a != n.APs()[1] {
		t.Errorf("%v, %v", a, err)
	}
	if _, err := n.AP("c"); err == nil || !strings.Contains(err.Error(), `"c"`) {
		t.Errorf("error %v", err)
	}
}

func TestDefaultPlan(t *testing.T) {
	bands := [][]dot11.Band{
		nil, {dot11.Band2GHz}, {dot11.Band6GHz, dot11.Band6GHz}, {dot11.Band2GHz, dot11.Band5GHz, dot11.Band6GHz},
		{dot11.Band5GHz, dot11.Band5GHz, dot11.Band5GHz},
	}
	for _, b := range bands {
		plan, err := DefaultPlan(b...)
		if err != nil {
			t.Errorf("%v: %v", b, err)
			continue
		}
		n := newNetwork(t, plan)
		channels := map[dot11.Channel]bool{}
		for _, a := range n.APs() {
			for _, l := range a.Links() {
				if channels[l.Channel] {
					t.Errorf("%v: two links on %v", b, l.Channel)
				}
				channels[l.Channel] = true
			}
		}
		links := len(b)
		if b == nil {
			links = len(DefaultBands())
		}
		if got := len(channels); got != 2*links {
			t.Errorf("%v: %d links, want %d", b, got, 2*links)
		}
	}
	if _, err := DefaultPlan(dot11.Band2GHz, dot11.Band2GHz); err == nil || !strings.Contains(err.Error(), "2.4 GHz") {
		t.Errorf("four links on three channels: %v", err)
	}
}

func TestWrongPlan(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Plan)
		want   string
	}{
		{"no access point", func(p *Plan) { p.APs = nil }, "needs an access point"},
		{"stations", func(p *Plan) { p.Stations = 101 }, "101 stations"},
		{"less than no stations", func(p *Plan) { p.Stations = -1 }, "-1 stations"},
		{"one name twice", func(p *Plan) { p.APs[1].Name = "ap1" }, `"ap1"`},
		{"one MLD twice", func(p *Plan) { p.APs[1].MLD = p.APs[0].MLD }, "same address"},
		{"MLD and link", func(p *Plan) { p.APs[1].Links[0].BSSID = p.APs[0].MLD }, "same address"},
		{"gateway and link", func(p *Plan) { p.Gateway = p.APs[1].Links[1].BSSID }, "gateway"},
		{"an access point that cannot be", func(p *Plan) { p.APs[0].Password = "" }, "password"},
		{"a network without hosts", func(p *Plan) { p.Prefix = netip.MustParsePrefix("192.0.2.0/32") }, "192.0.2.0/32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan, err := DefaultPlan()
			if err != nil {
				t.Fatal(err)
			}
			tt.change(&plan)
			if _, err := NewNetwork(plan); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	if diff := cmp.Diff(DefaultBands(), []dot11.Band{dot11.Band5GHz, dot11.Band5GHz}); diff != "" {
		t.Error(diff)
	}
}
