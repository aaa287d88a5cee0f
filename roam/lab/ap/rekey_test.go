package ap_test

import (
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/protect"
)

// broadcast sends a text to all stations and returns under which key of link 0
// it went.
func broadcast(t *testing.T, e *ether, a *ap.AP, text string) uint8 {
	t.Helper()
	e.forget()
	a.Down(e.now, dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: host, EtherType: testEtherType, Payload: []byte(text)})
	e.settle()
	sent := e.sent(false, dot11.Data)
	if len(sent) == 0 {
		t.Fatal("nothing was sent")
	}
	_, id, err := protect.PacketNumber(sent[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// New group keys go to every station at once. The old ones are used until
// patience is over.
func TestRekey(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t), beaconKey))
	one, two := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE)
	one.mustConnect(a.Addr())
	two.mustConnect(a.Addr())
	for round := range 3 {
		before := uint8(1 + round%2)
		e.make(a, ap.Rule{Fault: "rekey"})
		e.settle()
		e.wantEvents(ap.Rekeyed, one.mld, 1)
		e.wantEvents(ap.Rekeyed, two.mld, 1)
		if id := broadcast(t, e, a, "old"); id != before {
			t.Errorf("round %d: at once, key %d is used, want %d", round, id, before)
		}
		e.run(499 * time.Millisecond)
		if id := broadcast(t, e, a, "old"); id != before {
			t.Errorf("round %d: before patience is over, key %d is used, want %d", round, id, before)
		}
		e.run(time.Millisecond)
		if id := broadcast(t, e, a, "new"); id != 3-before {
			t.Errorf("round %d: after patience is over, key %d is used, want %d", round, id, 3-before)
		}
	}
	for _, s := range e.stations {
		if s.rekeys != 3 || len(s.received) != 2*9 {
			t.Errorf("%d handshakes, %d frames; want 3, 18", s.rekeys, len(s.received))
		}
		before := s.verified
		e.run(2 * 100 * ap.TU)
		if s.verified-before != 4 {
			t.Errorf("%d of 4 beacons were verified after the change of keys", s.verified-before)
		}
		for _, err := range append(s.bad, s.handshakeErrors...) {
			t.Error(err)
		}
	}
}

// A station that asks for a new PTK gets one; how it protects management frames
// stays known.
func TestPairwiseRekey(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE, func(s *station) { s.linkForm = true })
	s.mustConnect(a.Addr())
	s.sendAction(s.link(), dot11.SAQuery{Transaction: 7}.Action())
	e.settle()
	old := s.key
	request, err := s.supplicant.Request(true, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.transmit(s.link(), s.eapolFrame(s.link(), request))
	e.settle()
	if s.key == old {
		t.Fatal("the key is the old one")
	}
	exchange(t, e, a, s)
	e.make(a, ap.Rule{Fault: "deauth", Reason: 5})
	e.settle()
	if s.reason != 5 {
		t.Errorf("reason %v, errors %v", s.reason, s.bad)
	}
}

// A station that does not confirm new group keys is asked again and then sent
// away.
func TestRekeyUnanswered(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	e.lose = func(x transmission) bool { return x.fromStation }
	e.forget()
	e.make(a, ap.Rule{Fault: "rekey"})
	e.run(5 * time.Second)
	e.lose = nil
	if n := len(e.sent(false, dot11.QoSData)); n != 4 {
		t.Errorf("%d transmissions of group message 1, want 4", n)
	}
	if s.reason != dot11.ReasonGroupKeyTimeout {
		t.Errorf("reason %v", s.reason)
	}
	e.wantEvents(ap.HandshakeFailed, s.mld, 1)
	if n := len(a.Stations()); n != 0 {
		t.Errorf("%d stations are left", n)
	}
}

// A late answer to group keys is no failure.
func TestRekeyAnsweredLate(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	e.lose = func(x transmission) bool { return x.fromStation }
	e.make(a, ap.Rule{Fault: "rekey"})
	e.run(700 * time.Millisecond)
	e.lose = nil
	e.run(time.Second)
	e.wantEvents(ap.Rekeyed, s.mld, 1)
	e.wantEvents(ap.HandshakeFailed, s.mld, 0)
	exchange(t, e, a, s)
}
