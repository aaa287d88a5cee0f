package ap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

var host = dot11.Addr{0x02, 0, 0, 0xff, 0, 1}

// texts are the payloads a station was sent.
func (s *station) texts() []string {
	var out []string
	for _, g := range s.received {
		out = append(out, string(g.Payload))
	}
	return out
}

func wantTexts(t *testing.T, s *station, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.texts()); diff != "" {
		t.Errorf("station %v was sent (-want +got):\n%s", s.mld, diff)
	}
}

// Two stations of one access point talk to each other past the distribution
// system, each under its own keys.
func TestDataBetweenStations(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	one, two := e.join(1, 2, ap.SAE), e.join(2, 1, ap.SAE, func(s *station) { s.via = 1 })
	one.mustConnect(a.Addr())
	two.mustConnect(a.Addr())
	one.send(0, two.mld, testEtherType, []byte("to two"))
	two.send(1, one.mld, testEtherType, []byte("to one"))
	wantTexts(t, two, "to two")
	wantTexts(t, one, "to one")
	if up := a.Up(); len(up) > 0 {
		t.Errorf("up went %+v", up)
	}
	for _, s := range e.stations {
		for _, err := range s.bad {
			t.Error(err)
		}
	}
}

// A broadcast goes once over every link, under its group key and with one number
// for all links, and into the distribution system.
func TestBroadcast(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	one, two := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE)
	one.mustConnect(a.Addr())
	two.mustConnect(a.Addr())
	e.forget()
	one.send(0, dot11.BroadcastAddr(), testEtherType, []byte("to all"))
	wantTexts(t, two, "to all", "to all") // on each of its links
	wantTexts(t, one)
	up := a.Up()
	want := []dot11.MSDU{{Dst: dot11.BroadcastAddr(), Src: one.mld, EtherType: testEtherType, Payload: []byte("to all")}}
	if diff := cmp.Diff(want, up); diff != "" {
		t.Errorf("up (-want +got):\n%s", diff)
	}
	sent := e.sent(false, dot11.Data)
	if len(sent) != 2 || sent[0].Freq == sent[1].Freq {
		t.Fatalf("%d frames to the group", len(sent))
	}
	first, _ := sent[0].header(t)
	second, _ := sent[1].header(t)
	if first.Seq != second.Seq {
		t.Errorf("numbers %#x and %#x of one frame", first.Seq, second.Seq)
	}
	a.Down(e.now, dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: host, EtherType: testEtherType, Payload: []byte("from outside")})
	e.settle()
	wantTexts(t, one, "from outside", "from outside")
}

// Nobody hears a link that no station has.
func TestBroadcastToNobody(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 1, ap.SAE)
	a.Down(0, dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: host, EtherType: testEtherType})
	e.settle()
	if n := len(e.sent(false, dot11.Data)); n > 0 {
		t.Errorf("%d frames to nobody", n)
	}
	s.mustConnect(a.Addr())
	a.Down(e.now, dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: host, EtherType: testEtherType})
	e.settle()
	if n := len(e.sent(false, dot11.Data)); n != 1 {
		t.Errorf("%d frames for a station with one link", n)
	}
}

// The MSDUs of an A-MSDU go up one by one, all in the name of who sent them.
func TestAMSDU(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), openNetwork))
	s := e.join(1, 1, ap.Open)
	s.mustConnect(a.Addr())
	l := s.link()
	h := dot11.Header{FC: dot11.QoSData | dot11.ToDS, Addr1: l.bssid, Addr2: l.addr, Addr3: l.bssid, Seq: l.next(), QoS: 1 << 7}
	first := dot11.MSDU{Dst: host, Src: s.mld, EtherType: testEtherType, Payload: []byte("one")}
	forged := dot11.MSDU{Dst: host, Src: host, EtherType: testEtherType, Payload: []byte("two")}
	s.inject(l, dot11.AppendAMSDU(h.Append(nil), []dot11.MSDU{first, forged}))
	e.settle()
	own := forged
	own.Src = s.mld
	if diff := cmp.Diff([]dot11.MSDU{first, own}, a.Up()); diff != "" {
		t.Errorf("up (-want +got):\n%s", diff)
	}
}

// What is not a frame of an associated station, under its keys and for the
// first time, does not go up.
func TestDataRefused(t *testing.T) {
	tests := []struct {
		name     string
		security ap.Security
		send     func(s *station, l *staLink)
		ignored  int
		deauth   bool
	}{
		{"in clear", ap.SAE, func(s *station, l *staLink) {
			s.inject(l, s.dataFrame(l, host, testEtherType, []byte("x")))
		}, 1, false},
		{"a replay", ap.SAE, func(s *station, l *staLink) {
			f := s.seal(l, s.dataFrame(l, host, testEtherType, []byte("good")))
			s.inject(l, f)
			s.inject(l, f)
		}, 0, false},
		{"sent again with Retry", ap.Open, func(s *station, l *staLink) {
			f := s.dataFrame(l, host, testEtherType, []byte("good"))
			s.inject(l, f)
			again := append([]byte(nil), f...)
			again[1] |= byte(dot11.Retry >> 8)
			s.inject(l, again)
		}, 0, false},
		{"a fragment", ap.Open, func(s *station, l *staLink) {
			f := s.dataFrame(l, host, testEtherType, []byte("x"))
			f[1] |= byte(dot11.MoreFrag >> 8)
			s.inject(l, f)
		}, 1, false},
		{"from another address", ap.SAE, func(s *station, l *staLink) {
			f := s.dataFrame(l, host, testEtherType, []byte("x"))
			f[15] ^= 0x40
			s.inject(l, f)
		}, 0, true},
		{"from the address of another link", ap.Open, func(s *station, l *staLink) {
			h := dot11.Header{FC: dot11.QoSData | dot11.ToDS, Addr1: l.bssid, Addr2: s.over[1].addr, Addr3: host}
			s.inject(l, append(dot11.AppendLLC(h.Append(nil), testEtherType), 'x'))
		}, 0, false},
		{"to the station, not to the distribution system", ap.Open, func(s *station, l *staLink) {
			f := s.dataFrame(l, host, testEtherType, []byte("x"))
			f[1] &^= byte(dot11.ToDS >> 8)
			s.inject(l, f)
		}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t), func(c *ap.Config) {
				if tt.security == ap.Open {
					openNetwork(c)
				}
			}))
			s := e.join(1, 2, tt.security)
			s.mustConnect(a.Addr())
			e.forget()
			tt.send(s, s.link())
			e.settle()
			good := 0
			for _, m := range a.Up() {
				if string(m.Payload) == "good" {
					good++
					continue
				}
				t.Errorf("up went %+v", m)
			}
			if good > 1 {
				t.Error("one frame went up twice")
			}
			e.wantEvents(ap.Ignored, s.mld, tt.ignored)
			deauths := e.sent(false, dot11.Deauth)
			if (len(deauths) > 0) != tt.deauth {
				t.Fatalf("%d deauthentications", len(deauths))
			}
			if tt.deauth {
				_, body := deauths[0].header(t)
				if r, _ := dot11.ParseReasonBody(body); r.Reason != dot11.ReasonClass3FromNonassoc {
					t.Errorf("reason %v", r.Reason)
				}
			}
			exchange(t, e, a, s)
		})
	}
}

// What goes to a station over several links has rising packet numbers of one
// key: the station takes all of it.
func TestDataOverAlternatingLinks(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	for range 20 {
		exchange(t, e, a, s)
	}
	if got := a.Received(0) + a.Received(1); got != 40 {
		t.Errorf("%d MSDUs counted on the links, want 40", got)
	}
	for _, err := range s.bad {
		t.Error(err)
	}
}
