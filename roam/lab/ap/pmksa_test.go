package ap_test

import (
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// A station that has left comes back by open authentication and the PMKID, and
// has new keys.
func TestPMKSA(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	s.leave()
	e.wantEvents(ap.Left, s.mld, 1)
	if n := len(a.Stations()); n != 0 {
		t.Fatalf("%d stations after the only one has left", n)
	}
	e.forget()
	s.mustConnect(a.Addr())
	exchange(t, e, a, s)
	for _, x := range e.sent(true, dot11.Auth) {
		_, body := x.header(t)
		if b, err := dot11.ParseAuthBody(body); err != nil || b.Algorithm != dot11.AuthOpen {
			t.Errorf("authentication by algorithm %d, %v", b.Algorithm, err)
		}
	}
}

// A PMKID that the access point does not know, or not any more, is refused with
// status 53, and SAE succeeds then.
func TestUnknownPMKID(t *testing.T) {
	other := newAP(t, configOf(t, 1, twoLinks(t), func(c *ap.Config) { c.Rand = seeded(99) }))
	tests := []struct {
		name   string
		before func(e *ether, s *station)
	}{
		{"access point was started anew", func(e *ether, s *station) { e.machines[0] = other }},
		{"expired", func(e *ether, s *station) { e.now += 43200 * time.Second }},
		{"wrong PMKID", func(e *ether, s *station) {
			k := s.cache[s.target]
			k.PMKID[0] ^= 1
			s.cache[s.target] = k
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			s := e.join(1, 2, ap.SAE)
			s.mustConnect(a.Addr())
			s.leave()
			tt.before(e, s)
			if s.connect(a.Addr()) || s.assocStatus != dot11.StatusInvalidPMKID {
				t.Fatalf("connected by an unknown PMKID, or status %v", s.assocStatus)
			}
			s.mustConnect(a.Addr())
		})
	}
}

// The PMK of one station is none of another's.
func TestPMKSAOfAnother(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s, thief := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE)
	s.mustConnect(a.Addr())
	thief.cache[a.Addr()] = s.cache[a.Addr()]
	if thief.connect(a.Addr()) || thief.assocStatus != dot11.StatusInvalidPMKID {
		t.Errorf("phase %d, status %v", thief.phase, thief.assocStatus)
	}
}
