package ap_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn"
)

// dropNth loses the n-th frame of a kind from one side.
func (e *ether) dropNth(n int, fromStation bool, kind dot11.FrameControl) {
	seen := 0
	e.lose = func(x transmission) bool {
		if x.fromStation != fromStation || x.kind() != kind {
			return false
		}
		seen++
		return seen == n
	}
}

// Each frame of an association may get lost once.
func TestOneFrameLost(t *testing.T) {
	tests := []struct {
		name        string
		n           int
		fromStation bool
		kind        dot11.FrameControl
		messages    int // EAPOL frames of the access point
	}{
		{"commit of the station", 1, true, dot11.Auth, 2},
		{"commit of the access point", 1, false, dot11.Auth, 2},
		{"confirm of the station", 2, true, dot11.Auth, 2},
		{"confirm of the access point", 2, false, dot11.Auth, 2},
		{"association request", 1, true, dot11.AssocRequest, 2},
		// The station asks again, which begins the handshake anew.
		{"association response", 1, false, dot11.AssocResponse, 3},
		{"message 1", 1, false, dot11.QoSData, 3},
		{"message 2", 1, true, dot11.QoSData, 3},
		{"message 3", 2, false, dot11.QoSData, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			s := e.join(1, 2, ap.SAE)
			e.dropNth(tt.n, tt.fromStation, tt.kind)
			s.mustConnect(a.Addr())
			e.lose = nil
			if n := len(e.sent(false, dot11.QoSData)); n != tt.messages {
				t.Errorf("%d messages of the handshake, want %d", n, tt.messages)
			}
			e.wantEvents(ap.Connected, s.mld, 1)
			e.wantEvents(ap.HandshakeFailed, s.mld, 0)
			exchange(t, e, a, s)
		})
	}
}

// Who never answers the handshake is sent away with reason 15 after four tries.
func TestHandshakeTimeout(t *testing.T) {
	for n, name := range []string{"message 1 unanswered", "message 3 unanswered"} {
		t.Run(name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			s := e.join(1, 2, ap.SAE, func(s *station) { s.steady = true })
			seen := 0
			e.lose = func(x transmission) bool {
				if x.fromStation && x.kind() == dot11.QoSData {
					seen++
					return seen > n
				}
				return false
			}
			s.connect(a.Addr())
			e.run(5 * time.Second)
			sent := e.sent(false, dot11.Deauth)
			if len(sent) != 1 {
				t.Fatalf("%d deauthentications", len(sent))
			}
			_, body := sent[0].header(t)
			if r, err := dot11.ParseReasonBody(body); err != nil || r.Reason != dot11.ReasonFourWayTimeout {
				t.Errorf("reason %v, %v", r.Reason, err)
			}
			// A station that has the keys by then does not believe what comes in clear.
			if s.unbelieved != n {
				t.Errorf("%d deauthentications were not believed, want %d", s.unbelieved, n)
			}
			if got := len(e.sent(false, dot11.QoSData)); got != 4+n {
				t.Errorf("%d messages, want %d", got, 4+n)
			}
			e.wantEvents(ap.HandshakeFailed, s.mld, 1)
			if len(a.Stations()) != 0 {
				t.Error("the station is still associated")
			}
		})
	}
}

// Messages that come late or twice end nothing.
func TestLateMessages(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	handshake := e.sent(true, dot11.QoSData)
	if len(handshake) != 2 {
		t.Fatalf("%d messages of the station", len(handshake))
	}
	e.forget()
	for _, x := range handshake {
		// As they were, and under the new key.
		a.Receive(e.now, x.Frame)
		h, body := x.header(t)
		h.FC &^= dot11.Protected
		s.transmit(s.link(), append(h.Append(nil), body...))
	}
	e.settle()
	e.wantEvents(ap.HandshakeFailed, s.mld, 0)
	e.wantEvents(ap.Ignored, s.mld, 4)
	exchange(t, e, a, s)
}

// A station that signs message 2 with another key has another password: it is
// ignored until time is over.
func TestWrongMIC(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)[:1], pskNetwork))
	s := e.join(1, 0, ap.PSK, func(s *station) { s.password = "wrong horse" })
	if s.connect(a.Addr()) {
		t.Fatal("connected with a wrong password")
	}
	if s.reason != dot11.ReasonFourWayTimeout {
		t.Errorf("reason %v", s.reason)
	}
	e.wantEvents(ap.Ignored, s.mld, 4)
	e.wantEvents(ap.HandshakeFailed, s.mld, 1)
}

// SAE with a wrong password is refused with status 15.
func TestWrongPassword(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE, func(s *station) { s.password = "wrong horse" })
	if s.connect(a.Addr()) {
		t.Fatal("connected with a wrong password")
	}
	if e.count(ap.Refused, s.mld) == 0 {
		t.Error("nobody was refused")
	}
}

// Message 2 that repeats another RSNE than the association request ends the
// association with reason 17.
func TestMessage2Differs(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE, func(s *station) {
		s.alter = func(m *rsn.Message) {
			for i := range m.Data {
				if m.Data[i].ID == dot11.ElementRSN {
					m.Data[i].Body[len(m.Data[i].Body)-1] ^= 1
				}
			}
		}
	})
	if s.connect(a.Addr()) {
		t.Fatal("connected")
	}
	if s.reason != dot11.ReasonElementDiffers {
		t.Errorf("reason %v", s.reason)
	}
}

// Over an air that loses every fifth frame stations connect in the end.
func TestLossyAir(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	dice := rand.New(seeded(5))
	e.lose = func(x transmission) bool { return x.kind() != dot11.Beacon && dice.Float64() < 0.2 }
	for n := range byte(8) {
		s := e.join(n+1, 2, ap.SAE)
		tries := 1
		for ; !s.connect(a.Addr()); tries++ {
			if tries > 10 {
				t.Fatalf("station %d does not connect", n)
			}
		}
	}
	e.lose = nil
	e.run(10 * time.Second)
	if err := a.Consistent(); err != nil {
		t.Error(err)
	}
	// Where message 4 was lost the station believes in keys that the access point
	// does not have.
	good := map[dot11.Addr]bool{}
	for _, known := range a.Stations() {
		good[known.Addr] = known.Connected
	}
	n := 0
	for _, s := range e.stations {
		if s.phase == connected && good[s.mld] {
			exchange(t, e, a, s)
			n++
		}
	}
	if n < 4 {
		t.Errorf("%d of 8 stations are connected", n)
	}
}
