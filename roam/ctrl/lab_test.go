package ctrl_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/ctrl"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/lab/site"
	"roamfault/roam/stationtest"
)

// openFound opens the station behind the control socket that a radio's supplicant
// was told to have.
func openFound(t *testing.T, _ *labtest.Lab, s *labtest.Station) roam.Station {
	t.Helper()
	places := ctrl.Find(os.DirFS("/"), s.Name)
	if len(places) != 1 {
		t.Fatalf("found the control sockets %+v, want one", places)
	}
	station, err := ctrl.Open(t.Context(), places[0].Path, ctrl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return station
}

// settings is what a station may have changed in the supplicant.
func settings(_ *testing.T, _ *labtest.Lab, s *labtest.Station) string {
	lines := strings.Split(s.Request("LIST_NETWORKS"), "\n")
	for i := range lines {
		lines[i] = strings.Replace(lines[i], "[CURRENT]", "", 1)
	}
	for _, field := range []string{"bssid", "bgscan", "disabled"} {
		for _, id := range []string{"0", "1"} {
			lines = append(lines, field+" of "+id+": "+s.Request("GET_NETWORK "+id+" "+field))
		}
	}
	return strings.Join(append(lines, "ignored: "+s.Request("BSSID_IGNORE")), "\n")
}

// TestStation asks the stock supplicant, which would go elsewhere by itself.
func TestStation(t *testing.T) {
	global := []string{"network={", "\tssid=\"elsewhere\"", "\tkey_mgmt=NONE", "}"}
	stationtest.Run(t, openFound, stationtest.Options{
		Needs: labtest.Needs{
			Supplicant: true, NoCapture: true, Global: global, Network: []string{`bgscan="simple:5:-30:10"`},
		},
		Keeps: true, Snapshot: settings,
	})
}

// wait waits for an event of that kind, past others.
func wait(t *testing.T, events <-chan roam.Event, what roam.What) roam.Event {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the events have ended without %q", what)
			}
			if e.What == what {
				return e
			}
		case <-late:
			t.Fatalf("no event %q", what)
		}
	}
}

// find scans until the station knows those links.
func find(t *testing.T, s roam.Station, configs ...ap.Config) {
	t.Helper()
	for range 50 {
		known, err := s.Candidates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var missing []int
		for _, c := range configs {
			for _, l := range c.Links {
				if !slices.ContainsFunc(known, func(k roam.Candidate) bool { return k.BSSID == l.BSSID }) {
					missing = append(missing, l.Channel.Freq)
				}
			}
		}
		if len(missing) == 0 {
			return
		}
		if err := s.Scan(t.Context(), roam.ScanRequest{Freqs: missing}); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("not all links were heard")
}

// supplicant starts a stock wpa_supplicant of our own, and returns how to kill it.
func supplicant(t *testing.T, iface, config string) (kill func()) {
	t.Helper()
	command := exec.Command("wpa_supplicant", "-i", iface, "-c", config)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		_ = command.Process.Kill() // an error: it has ended
		_ = command.Wait()         // an error says that it was killed
	})
	t.Cleanup(end)
	return end
}

// TestSupplicantRestart kills the supplicant in the middle of a roam, and starts it again.
func TestSupplicantRestart(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{NoCapture: true})
	radio := l.Stations[0]
	dir := t.TempDir()
	file := filepath.Join(dir, "supplicant.conf")
	control := filepath.Join(dir, "control")
	if err := os.WriteFile(file, []byte(site.Supplicant{Control: control}.Config(l.Plan)), 0o600); err != nil {
		t.Fatal(err)
	}
	kill := supplicant(t, radio.Name, file)
	var s *ctrl.Station
	for range 200 {
		var err error
		if s, err = ctrl.Open(t.Context(), filepath.Join(control, radio.Name), ctrl.Options{}); err == nil {
			break
		}
		if !errors.Is(err, roam.ErrGone) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if s == nil {
		t.Fatal("the supplicant does not come")
	}
	defer s.Close()
	home, away := l.Plan.APs[0], l.Plan.APs[1]
	find(t, s, home, away)
	if err := s.Connect(t.Context(), stationtest.Target(home, 0)); err != nil {
		t.Fatal(err)
	}
	wait(t, s.Events(), roam.Connected)
	find(t, s, away)
	if err := s.Roam(t.Context(), stationtest.Target(away, 0)); err != nil {
		t.Fatal(err)
	}
	wait(t, s.Events(), roam.Trying)
	kill()
	wait(t, s.Events(), roam.Gone)
	if state, err := s.State(t.Context()); err != nil || state.Phase != roam.PhaseGone {
		t.Errorf("state %+v, error %v", state, err)
	}
	if err := s.Roam(t.Context(), stationtest.Target(home, 0)); !errors.Is(err, roam.ErrGone) {
		t.Errorf("error %v, want %v", err, roam.ErrGone)
	}
	supplicant(t, radio.Name, file)
	wait(t, s.Events(), roam.Back)
	find(t, s, home, away)
	if err := s.Connect(t.Context(), stationtest.Target(away, 1)); err != nil {
		t.Fatal(err)
	}
	// It may have connected by itself before it was asked.
	for wait(t, s.Events(), roam.Connected).AP != away.MLD {
	}
}

// An access point that does not answer is given up.
func TestNobodyAnswers(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true, NoCapture: true})
	s := openFound(t, l, l.Stations[0])
	defer s.Close()
	home, away := l.Plan.APs[0], l.Plan.APs[1]
	if err := s.Disconnect(t.Context()); err != nil {
		t.Fatal(err)
	}
	find(t, s, home, away)
	l.Fault(home.Name, ap.Rule{Fault: "silence", Frame: "auth"})
	if err := s.Connect(t.Context(), stationtest.Target(home, 0)); err != nil {
		t.Fatal(err)
	}
	wait(t, s.Events(), roam.Trying)
	if e := wait(t, s.Events(), roam.GaveUp); !e.AP.IsZero() && !owns(home, e.AP) {
		t.Errorf("given up is %v", e.AP)
	}
	// A handshake that fails is, too.
	l.Clear()
	l.Fault(away.Name, ap.Rule{Fault: "mic-wrong"})
	find(t, s, away)
	if err := s.Connect(t.Context(), stationtest.Target(away, 0)); err != nil {
		t.Fatal(err)
	}
	wait(t, s.Events(), roam.Associated)
	if e := wait(t, s.Events(), roam.Disconnected); e.Reason != dot11.ReasonFourWayTimeout {
		t.Errorf("disconnected with %v, want %v", e.Reason, dot11.ReasonFourWayTimeout)
	}
	wait(t, s.Events(), roam.GaveUp)
}

// owns reports whether an address is one of an access point.
func owns(c ap.Config, a dot11.Addr) bool {
	return a == c.MLD || slices.ContainsFunc(c.Links, func(l ap.Link) bool { return l.BSSID == a })
}
