package ap_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// twin is a station with the addresses of another, such as itself after a crash.
func (e *ether) twin(s *station, change ...func(*station)) *station {
	twin := e.join(0, s.links, s.security, change...)
	twin.mld, twin.rand, twin.known = s.mld, s.rand+0x80, s.known
	return twin
}

// Who asks for a second association of a station is refused for now, however it
// has authenticated, and the keys' holder is asked. While it answers, it stays;
// when it does not, it has lost its place.
func TestSAQuery(t *testing.T) {
	tests := []struct {
		name  string
		cache bool
		deaf  bool
		form  bool // link addresses
	}{
		{"PMKSA, answered", true, false, false},
		{"PMKSA, answered under link addresses", true, false, true},
		{"PMKSA, silent", true, true, false},
		{"SAE, answered", false, false, false},
		{"SAE, silent", false, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			s := e.join(1, 2, ap.SAE, func(s *station) { s.linkForm = tt.form })
			s.mustConnect(a.Addr())
			if tt.form {
				// The access point learns the form from the first such frame.
				s.sendAction(s.link(), dot11.ActionBody{Category: dot11.CategoryWNM, Code: 6})
			}
			s.deaf = tt.deaf
			twin := e.twin(s)
			if tt.cache {
				twin.cache[a.Addr()] = s.cache[a.Addr()]
			}
			if twin.connect(a.Addr()) || twin.assocStatus != dot11.StatusRefusedTemporarily || twin.comeback != 1000 {
				t.Fatalf("phase %d, status %v, comeback %d TU", twin.phase, twin.assocStatus, twin.comeback)
			}
			if s.queries == 0 {
				t.Fatal("nobody has asked the station")
			}
			e.run(time.Duration(twin.comeback) * ap.TU)
			before := len(s.bad)
			switch got := twin.connect(a.Addr()); {
			case tt.deaf && !got:
				t.Errorf("a station that does not answer keeps its place: status %v", twin.assocStatus)
			case tt.deaf:
				e.wantEvents(ap.SAQueryTimedOut, s.mld, 1)
				if s.queries != 5 {
					t.Errorf("%d queries, want 5 in 1000 TU", s.queries)
				}
				exchange(t, e, a, twin)
			case got:
				t.Error("a second association while the first lives")
			default:
				e.wantEvents(ap.SAQueryTimedOut, s.mld, 0)
				e.stations = e.stations[:1]
				exchange(t, e, a, s)
				if len(s.bad) > before {
					t.Error(s.bad)
				}
			}
		})
	}
}

// The access point answers queries over the keys and no others.
func TestSAQueryOfStation(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	query := dot11.SAQuery{Transaction: 0x1234}.Action()
	e.forget()
	s.inject(s.link(), s.frame(s.link(), dot11.Action, query.Append(nil)).Data)
	e.settle()
	if n := len(e.sent(false, dot11.Action)); n != 0 {
		t.Errorf("%d answers to a query in clear", n)
	}
	s.sendAction(s.link(), query)
	e.settle()
	if diff := cmp.Diff([]uint16{0x1234}, s.answers); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// A station that has missed the queries but is heard again keeps its place.
func TestSAQueryThenHeard(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	s.deaf = true
	twin := e.twin(s)
	twin.cache[a.Addr()] = s.cache[a.Addr()]
	twin.connect(a.Addr())
	e.run(1200 * ap.TU)
	e.wantEvents(ap.SAQueryTimedOut, s.mld, 1)
	s.deaf = false
	s.send(0, dot11.Addr{2, 0, 0, 0, 0xff, 1}, testEtherType, []byte("here I am"))
	if twin.connect(a.Addr()) || twin.assocStatus != dot11.StatusRefusedTemporarily {
		t.Errorf("phase %d, status %v", twin.phase, twin.assocStatus)
	}
}

// Who was refused for now asks again without authenticating anew, as mac80211
// does.
func TestSAQueryComeback(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	s.deaf = true
	twin := e.twin(s)
	twin.connect(a.Addr())
	if twin.assocStatus != dot11.StatusRefusedTemporarily {
		t.Fatalf("status %v", twin.assocStatus)
	}
	e.run(time.Duration(twin.comeback) * ap.TU)
	e.stations = e.stations[1:]
	twin.associate()
	e.run(time.Second)
	if twin.phase != connected {
		t.Fatalf("phase %d, status %v", twin.phase, twin.assocStatus)
	}
	exchange(t, e, a, twin)
}
