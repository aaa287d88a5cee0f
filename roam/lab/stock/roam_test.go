package stock

import (
	"testing"
	"time"

	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

// There are so many roams in TestRoams.
const roams = 100

func TestRoams(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true, NoCapture: true})
	s := l.Stations[0]
	at := s.WaitConnected()
	next := 0
	if l.Plan.APs[0].MLD == at {
		next = 1
	}
	begin := time.Now()
	for range roams {
		to := l.Plan.APs[next]
		s.Roam(to)
		s.WaitAt(to)
		if stations := stationsOf(l, to.Name); len(stations) != 1 || len(stations[0].Links) != len(to.Links) {
			t.Fatalf("%s has the stations %+v after a roam to it", to.Name, stations)
		}
		if stations := stationsOf(l, l.Plan.APs[1-next].Name); len(stations) != 0 {
			t.Fatalf("%s still has the stations %+v", l.Plan.APs[1-next].Name, stations)
		}
		next = 1 - next
	}
	t.Logf("%d roams in %v", roams, time.Since(begin).Round(time.Millisecond))
	if answered := s.Ping(5); answered < 4 {
		t.Errorf("%d of 5 pings were answered", answered)
	}
}

// TestNaturalRoam lets the access point grow faint until the supplicant looks
// for another.
func TestNaturalRoam(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true, Network: []string{`bgscan="simple:1:-65:2"`}, Patience: time.Minute})
	s := l.Stations[0]
	at := s.WaitConnected()
	from, to := l.Plan.APs[0], l.Plan.APs[1]
	if to.MLD == at {
		from, to = to, from
	}
	s.Find(to)
	l.Fault(from.Name, ap.Rule{Fault: "signal", Signal: -85, TU: 2000})
	s.WaitAt(to)
}

// TestReturn goes back to an access point that still has the keys, and to one
// that has lost them.
func TestReturn(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	s := l.Stations[0]
	at := s.WaitConnected()
	home, away := l.Plan.APs[0], l.Plan.APs[1]
	if away.MLD == at {
		home, away = away, home
	}
	first, _ := l.WaitEvent(0, home.Name, ap.Authenticated)
	if first.Detail != "SAE" {
		t.Errorf("the first authentication is %q, not SAE", first.Detail)
	}
	s.Roam(away)
	s.WaitAt(away)
	from := l.Events.Mark()
	s.Roam(home)
	s.WaitAt(home)
	if again, _ := l.WaitEvent(from, home.Name, ap.Authenticated); again.Detail != "open" {
		t.Errorf("the second authentication is %q; with a PMKSA it is open", again.Detail)
	}
}
