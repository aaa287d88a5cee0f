package ap_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/sae"
)

// as makes a station pretend to have the addresses of another on its links.
func (s *station) as(victim *station) {
	for id, l := range s.over {
		if other := victim.over[id]; other != nil {
			l.addr = other.addr
		}
	}
}

// Nobody ends the association of a station, or gets what is for it, by
// pretending to be that station.
func TestSpoofing(t *testing.T) {
	// ready makes the thief know the links without being associated.
	ready := func(s *station, target dot11.Addr) {
		s.target = target
		s.reset()
		for id, addr := range s.members() {
			s.add(id, addr)
		}
	}
	tests := []struct {
		name string
		act  func(e *ether, a *ap.AP, victim, thief *station)
	}{
		{"open authentication from its link address", func(e *ether, a *ap.AP, victim, thief *station) {
			ready(thief, a.Addr())
			thief.as(victim)
			thief.sendAuth(dot11.AuthOpen, sae.Message{Transaction: 1})
		}},
		{"open authentication in the name of its MLD", func(e *ether, a *ap.AP, victim, thief *station) {
			ready(thief, a.Addr())
			thief.mld = victim.mld
			thief.sendAuth(dot11.AuthOpen, sae.Message{Transaction: 1})
		}},
		{"SAE without the password, from its link address", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.mld, thief.password = victim.mld, "guessed"
			thief.connect(a.Addr())
			e.run(2 * time.Second)
		}},
		{"SAE with the password in the name of its MLD", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.mld = victim.mld
			thief.connect(a.Addr())
			e.run(1200 * ap.TU)
			thief.connect(a.Addr())
		}},
		{"SAE with the password, as no MLD with its MLD address", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.mld, thief.links = victim.mld, 0
			thief.connect(a.Links()[0].BSSID)
		}},
		{"SAE with the password, as no MLD with its link address", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.mld, thief.links = victim.over[0].addr, 0
			thief.connect(a.Links()[0].BSSID)
		}},
		{"its link address in the profile of another MLD", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.begin(a.Addr())
			for thief.phase == authenticating || thief.phase == associating {
				thief.over[1].addr = victim.over[1].addr
				e.run(time.Millisecond)
			}
		}},
		{"its PMKID", func(e *ether, a *ap.AP, victim, thief *station) {
			thief.mld = victim.mld
			k := victim.cache[a.Addr()]
			k.PMK = make([]byte, len(k.PMK))
			thief.cache[a.Addr()] = k
			thief.connect(a.Addr())
			e.run(1200 * ap.TU)
			thief.connect(a.Addr())
		}},
		{"an association request without authentication", func(e *ether, a *ap.AP, victim, thief *station) {
			for _, x := range e.sent(true, dot11.AssocRequest) {
				a.Receive(e.now, x.Frame)
			}
		}},
		{"deauthentication and disassociation in clear", func(e *ether, a *ap.AP, victim, thief *station) {
			ready(thief, a.Addr())
			thief.as(victim)
			body := dot11.ReasonBody{Reason: 3}
			for _, kind := range []dot11.FrameControl{dot11.Deauth, dot11.Disassoc} {
				thief.inject(thief.link(), thief.frame(thief.link(), kind, body.Append(nil)).Data)
			}
		}},
		{"its protected frames once more", func(e *ether, a *ap.AP, victim, thief *station) {
			for _, x := range e.sent(true, dot11.QoSData) {
				a.Receive(e.now, x.Frame)
			}
		}},
		{"the messages of its handshake", func(e *ether, a *ap.AP, victim, thief *station) {
			ready(thief, a.Addr())
			thief.as(victim)
			for range 3 {
				thief.inject(thief.link(), thief.eapolFrame(thief.link(), make([]byte, 120)))
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			victim := e.join(1, 2, ap.SAE)
			victim.mustConnect(a.Addr())
			before := a.Stations()
			thief := e.join(2, 2, ap.SAE)
			thief.rand = 0xc0
			e.run(100 * ap.TU)
			tt.act(e, a, victim, thief)
			e.settle()
			got := a.Stations()
			for i := range got {
				got[i].Form = 0
			}
			for i := range before {
				before[i].Form = 0
			}
			if diff := cmp.Diff(before, got); diff != "" {
				t.Errorf("stations (-before +after):\n%s", diff)
			}
			down(e, a, victim.mld, "secret")
			if len(thief.received) > 0 {
				t.Errorf("the thief was sent %q", thief.texts())
			}
			wantTexts(t, victim, "secret")
			exchange(t, e, a, victim)
			if err := a.Consistent(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A Commit from the address of a station, in the name of another MLD, is not in
// that station's way.
func TestCommitInAnotherName(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	thief := e.join(2, 2, ap.SAE, func(s *station) { s.retries = 0 })
	e.run(0)
	thief.begin(a.Addr())
	thief.out[0].Data = append([]byte(nil), thief.out[0].Data...)
	victim := linkAddr(s.mld, 0)
	copy(thief.out[0].Data[10:], victim[:])
	e.settle()
	s.mustConnect(a.Addr())
	exchange(t, e, a, s)
}

// A station that has changed its ways takes the place of its former self, which
// does not answer.
func TestOldAddressSilent(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	old := e.join(1, 0, ap.SAE, func(s *station) { s.mld = linkAddr(staMLD(2), 0) })
	old.mustConnect(a.Links()[0].BSSID)
	old.deaf = true
	s := e.join(2, 2, ap.SAE)
	if s.connect(a.Addr()) || s.assocStatus != dot11.StatusRefusedTemporarily {
		t.Fatalf("phase %d, status %v", s.phase, s.assocStatus)
	}
	e.run(1100 * ap.TU)
	s.mustConnect(a.Addr())
	if got := a.Stations(); len(got) != 1 || got[0].Addr != s.mld {
		t.Errorf("stations %+v", got)
	}
	exchange(t, e, a, s)
	if err := a.Consistent(); err != nil {
		t.Error(err)
	}
}

// In a network without protected management frames the newcomer counts.
func TestPlaceInOpenNetwork(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t), openNetwork, noMLD))
	s := e.join(1, 0, ap.Open)
	s.mustConnect(a.Addr())
	twin := e.twin(s)
	twin.mustConnect(a.Addr())
	if got := a.Stations(); len(got) != 1 || got[0].AID != s.aid {
		t.Errorf("stations %+v", got)
	}
}
