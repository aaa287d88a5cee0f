package dbus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/roam"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/lab/site"
	"roamfault/roam/runlog"
	"roamfault/roam/stationtest"
)

// likeSystem is what the system bus allows, with the policies that packages
// bring: that of wpa_supplicant.
const likeSystem = `<type>system</type>
<policy context="default">
  <allow user="*"/> <deny own="*"/> <deny send_type="method_call"/>
  <allow send_type="signal"/> <allow send_requested_reply="true" send_type="method_return"/>
  <allow send_requested_reply="true" send_type="error"/>
  <allow receive_type="method_call"/> <allow receive_type="method_return"/>
  <allow receive_type="error"/> <allow receive_type="signal"/>
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
</policy>
<includedir>/usr/share/dbus-1/system.d</includedir>`

// stock is a stock wpa_supplicant that answers on a message bus.
type stock struct {
	address string
	config  string // file
	iface   string
	output  bytes.Buffer
	cmd     *exec.Cmd
}

// newStock starts one, which ends with the test, with further lines for its
// network.
func newStock(t *testing.T, l *labtest.Lab, iface string, network ...string) *stock {
	t.Helper()
	if _, err := exec.LookPath("wpa_supplicant"); err != nil {
		t.Skip("needs wpa_supplicant")
	}
	s := &stock{iface: iface, config: filepath.Join(t.TempDir(), "wpa_supplicant.conf")}
	if err := os.WriteFile(s.config, []byte(site.Supplicant{Network: network}.Config(l.Plan)), 0o600); err != nil {
		t.Fatal(err)
	}
	s.address, _ = startDaemon(t, likeSystem)
	s.start(t)
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("wpa_supplicant has said:\n%s", s.output.String())
		}
	})
	return s
}

func (s *stock) start(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command("wpa_supplicant", "-u", "-i", s.iface, "-c", s.config)
	s.cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+s.address)
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends it as a crash would.
func (s *stock) kill() {
	_ = s.cmd.Process.Signal(syscall.SIGKILL) // an error: it has ended
	_ = s.cmd.Wait()                          // killed
}

// open opens a station as soon as the supplicant has its interface.
func (s *stock) open(t *testing.T) *Station {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		station, err := New(ctx, Config{Address: s.address, Interface: s.iface, Boot: "lab"})
		if err == nil {
			return station
		}
		if !errors.Is(err, roam.ErrGone) || ctx.Err() != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// pins are the BSSIDs that the networks of a supplicant are held to.
func pins(t *testing.T, address, iface string) string {
	t.Helper()
	s, err := New(t.Context(), Config{Address: address, Interface: iface})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	at, err := s.here(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.networks(t.Context(), at)
	if err != nil || len(all) == 0 {
		t.Fatalf("networks %+v, %v", all, err)
	}
	for i := range all {
		all[i].path = ""
	}
	return fmt.Sprintf("%+v", all)
}

// TestLabStation is the test that every station passes.
func TestLabStation(t *testing.T) {
	var s *stock
	stationtest.Run(t, func(t *testing.T, l *labtest.Lab, radio *labtest.Station) roam.Station {
		return s.open(t)
	}, stationtest.Options{
		Keeps: true,
		Snapshot: func(t *testing.T, l *labtest.Lab, radio *labtest.Station) string {
			if s == nil {
				s = newStock(t, l, radio.Name)
				if err := s.open(t).Close(); err != nil {
					t.Fatal(err)
				}
			}
			return pins(t, s.address, s.iface)
		},
	})
}

// TestLabSupplicantKilled kills the supplicant while it roams, and starts it
// again.
func TestLabSupplicantKilled(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{})
	s := newStock(t, l, l.Stations[0].Name, "disabled=1")
	station := s.open(t)
	defer func() {
		if err := station.Close(); err != nil {
			t.Error(err)
		}
	}()
	events := station.Events()
	reach := func(n int) {
		t.Helper()
		target := stationtest.Target(l.Plan.APs[n], 0)
		findAll(t, station, target)
		if err := station.Connect(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		wait(t, events, roam.Connected)
	}
	reach(0)
	away := stationtest.Target(l.Plan.APs[1], 0)
	findAll(t, station, away)
	if err := station.Roam(t.Context(), away); err != nil {
		t.Fatal(err)
	}
	s.kill()
	wait(t, events, roam.Gone)
	if state, err := station.State(t.Context()); err != nil || state.Phase != roam.PhaseGone {
		t.Errorf("without supplicant: %+v, %v", state, err)
	}
	if err := station.Roam(t.Context(), away); !errors.Is(err, roam.ErrGone) {
		t.Errorf("roam without supplicant: %v", err)
	}
	s.start(t)
	wait(t, events, roam.Back)
	reach(1)
	linksAt(t, s.iface, away)
}

// TestLabClasses holds that what comes over D-Bus is recognised as what the
// supplicant prints, and that a network that was disabled is so again.
func TestLabClasses(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{})
	s := newStock(t, l, l.Stations[0].Name, "disabled=1")
	station := s.open(t)
	before := pins(t, s.address, s.iface)
	events := station.Events()
	target := stationtest.Target(l.Plan.APs[0], 0)
	findAll(t, station, target)
	if err := station.Connect(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	told := wait(t, events, roam.Connected)
	if err := station.Disconnect(t.Context()); err != nil {
		t.Fatal(err)
	}
	told = append(told, wait(t, events, roam.Disconnected)...)
	var classes []string
	for _, e := range told {
		if e.Record == nil {
			continue
		}
		t.Logf("%v %s %s", e.At.Monotonic, e.What, e.Record.Message)
		if m, ok := patterns.Builtin().Match(e.Record.Identifier, e.Record.Message); ok {
			classes = append(classes, string(m.Class))
		} else {
			t.Errorf("no pattern knows %q", e.Record.Message)
		}
	}
	for _, want := range []string{"auth-start", "associated", "connected", "disconnected-local"} {
		if !slices.Contains(classes, want) {
			t.Errorf("class %s is not among %v", want, classes)
		}
	}
	if err := station.Close(); err != nil {
		t.Fatal(err)
	}
	if after := pins(t, s.address, s.iface); after != before {
		t.Errorf("the network is %s, and was %s", after, before)
	}
}

// wait waits for an event and returns all up to it.
func wait(t *testing.T, events <-chan roam.Event, what roam.What) []roam.Event {
	t.Helper()
	var all []roam.Event
	late := time.After(30 * time.Second)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the events end without %s: %+v", what, all)
			}
			if all = append(all, e); e.What == what {
				return all
			}
		case <-late:
			t.Fatalf("no event %s: %+v", what, all)
		}
	}
}

// findAll scans until every link of a target was heard.
func findAll(t *testing.T, s *Station, to roam.Target) {
	t.Helper()
	var freqs []int
	for _, l := range to.AP.Links {
		freqs = append(freqs, l.Freq)
	}
	for end := time.Now().Add(20 * time.Second); ; {
		known, err := s.Candidates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		heard := func(a dot11.Addr) bool {
			return slices.ContainsFunc(known, func(c roam.Candidate) bool { return c.BSSID == a })
		}
		missing := slices.ContainsFunc(to.AP.Links, func(l runlog.Link) bool { return !heard(l.BSSID) })
		if !missing {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is not heard: %+v", to.AP.String(), known)
		}
		switch err := s.Scan(t.Context(), roam.ScanRequest{Freqs: freqs, SSID: to.AP.SSID}); {
		case errors.Is(err, roam.ErrBusy):
			time.Sleep(50 * time.Millisecond)
		case err != nil:
			t.Fatal(err)
		}
	}
}

// linksAt waits until the kernel has all links of a target.
func linksAt(t *testing.T, iface string, to roam.Target) {
	t.Helper()
	c, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	device, err := c.InterfaceByName(t.Context(), iface)
	if err != nil {
		t.Fatal(err)
	}
	var now nl80211.Connection
	for range 200 {
		if now, err = c.Connection(t.Context(), device.Index); err == nil && now.AP == to.AP.MLD && len(now.Links) == len(to.AP.Links) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the kernel is at %+v, %v; want %s", now, err, to.AP.String())
}
