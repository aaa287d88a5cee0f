package dbus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	godbus "github.com/godbus/dbus/v5"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

func TestCandidates(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 2)
	s, clock := open(t, address)
	known, err := s.Candidates(t.Context())
	if err != nil || len(known) != 2 {
		t.Fatalf("%+v, %v; want 2", known, err)
	}
	want := fmt.Sprintf("%+v", roam.Candidate{
		BSSID: fakeAP(1), MLD: fakeMLD(), Link: dot11.Some[uint8](1), SSID: runlog.SSID("net"), Freq: 5180, Signal: -41, Age: time.Second,
	})
	if got := fmt.Sprintf("%+v", known[1]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// What changes is told, and is known without asking.
	clock.pass(10 * time.Second)
	f.change(bssPath(0), ifaceBSS, map[string]any{"Signal": int16(-70), "Age": uint32(3)})
	f.emit(fakePath, ifaceInterface+".BSSAdded", bssPath(2), map[string]godbus.Variant(bssProperties(2)))
	f.emit(fakePath, ifaceInterface+".BSSRemoved", bssPath(1))
	// The answer to a request comes behind these signals.
	if _, err := s.State(t.Context()); err != nil {
		t.Fatal(err)
	}
	known, err = s.Candidates(t.Context())
	if err != nil || len(known) != 2 || known[0].BSSID != fakeAP(0) || known[1].BSSID != fakeAP(2) {
		t.Fatalf("%+v, %v", known, err)
	}
	if known[0].Signal != -70 || known[0].Age != 3*time.Second {
		t.Errorf("after a change: %+v", known[0])
	}
}

// A supplicant that shows BSSs without end costs no more memory than a big one.
func TestCandidatesBounded(t *testing.T) {
	known := table{}
	for i := range maxBSSs + 500 {
		known.add(bssPath(i), bssProperties(i), (&fakeClock{}).stamp())
	}
	if len(known) != maxBSSs {
		t.Errorf("%d BSSs are kept, want %d", len(known), maxBSSs)
	}
	all := make([]godbus.ObjectPath, 5000)
	if n := len(paths(godbus.MakeVariant(all), maxBSSs)); n != maxBSSs {
		t.Errorf("%d paths are followed, want %d", n, maxBSSs)
	}
}

func TestState(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 1)
	s, _ := open(t, address)
	at := roam.State{BSSID: fakeAP(0), MLD: fakeMLD(), SSID: runlog.SSID("net")}
	for _, tt := range []struct {
		state, mode string
		want        roam.State
	}{
		{"disconnected", "INACTIVE", roam.State{Phase: roam.PhaseDisconnected}},
		{"inactive", "INACTIVE", roam.State{Phase: roam.PhaseDisconnected}},
		{"scanning", "INACTIVE", roam.State{Phase: roam.PhaseScanning}},
		{"interface_disabled", "INACTIVE", roam.State{Phase: roam.PhaseDisabled}},
		{"authenticating", "SAE", roam.State{Phase: roam.PhaseAuthenticating}},
		{"associating", "SAE", roam.State{Phase: roam.PhaseAssociating}},
		{"4way_handshake", "SAE", roam.State{Phase: roam.PhaseHandshake, BSSID: at.BSSID, MLD: at.MLD, SSID: at.SSID}},
		{"completed", "SAE", roam.State{Phase: roam.PhaseConnected, BSSID: at.BSSID, MLD: at.MLD, SSID: at.SSID}},
		{"completed", "EAP-PEAP", roam.State{Phase: roam.PhaseConnected, BSSID: at.BSSID, MLD: at.MLD, SSID: at.SSID, Enterprise: true}},
		{"completed", "WPA2-EAP-SUITE-B-192", roam.State{Phase: roam.PhaseConnected, BSSID: at.BSSID, MLD: at.MLD, SSID: at.SSID, Enterprise: true}},
		{"something new", "", roam.State{Phase: roam.PhaseDisconnected}},
	} {
		f.change(fakePath, ifaceInterface, map[string]any{"State": tt.state, "CurrentAuthMode": tt.mode, "CurrentBSS": bssPath(0)})
		got, err := s.State(t.Context())
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tt.want) {
			t.Errorf("%s, %s: got %+v, %v; want %+v", tt.state, tt.mode, got, err, tt.want)
		}
	}
}

func TestScan(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 1)
	s, _ := open(t, address)
	done := func(ok bool) func([]any) *godbus.Error {
		return func([]any) *godbus.Error {
			time.AfterFunc(20*time.Millisecond, func() { f.emit(fakePath, ifaceInterface+".ScanDone", ok) })
			return nil
		}
	}
	f.on("Scan", func(args []any) *godbus.Error {
		p := asProperties(args[0])
		if text := fmt.Sprint(p["Type"].Value(), p["SSIDs"].Value(), p["Channels"].Value(), p["AllowRoam"].Value()); text != "active[[110 0 255]] [[5180 0] [2412 0]] false" {
			t.Errorf("scan with %s", text)
		}
		// Changes come in a moment, at the latest with the next request.
		f.change(bssPath(0), ifaceBSS, map[string]any{"Signal": int16(-33)})
		return done(true)(nil)
	})
	if err := s.Scan(t.Context(), roam.ScanRequest{Freqs: []int{5180, 2412}, SSID: []byte{'n', 0, 0xff}, Flush: true}); err != nil {
		t.Fatal(err)
	}
	if known, err := s.Candidates(t.Context()); err != nil || known[0].Signal != -33 {
		t.Errorf("after the scan: %+v, %v", known, err)
	}
	if asked := f.was(); len(asked) != 2 || asked[0] != "FlushBSS 0" {
		t.Errorf("asked for %q", asked)
	}
	if e := next(t, s); e.What != roam.Said || e.Record.Message != "wlan7: CTRL-EVENT-SCAN-RESULTS" {
		t.Errorf("told %+v", e)
	}
	f.on("Scan", done(false))
	if err := s.Scan(t.Context(), roam.ScanRequest{}); !errors.Is(err, roam.ErrBusy) {
		t.Errorf("a scan that fails: %v", err)
	}
	f.on("Scan", refuse(service+".Interface.ScanError"))
	if err := s.Scan(t.Context(), roam.ScanRequest{}); !errors.Is(err, roam.ErrBusy) {
		t.Errorf("a scan that is refused: %v", err)
	}
	f.on("Scan", nil)
	f.was()
	if err := s.Scan(soon(t), roam.ScanRequest{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a scan without end: %v", err)
	}
	if asked := f.was(); len(asked) != 2 || asked[1] != "AbortScan" {
		t.Errorf("a scan that nobody waits for: %q", asked)
	}
	for _, r := range []roam.ScanRequest{{Freqs: []int{-1}}, {Freqs: []int{1 << 40}}, {SSID: make([]byte, 33)}} {
		if err := s.Scan(t.Context(), r); err == nil || len(f.was()) != 0 {
			t.Errorf("%+v is asked for", r)
		}
	}
}

// Connect asks in one breath, and Close gives back what SelectNetwork changed and
// the BSSID that a network was configured for.
func TestConnect(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 3)
	f.set(fakeNetwork, ifaceNetwork, networkProperties(`6e6574`, "02:00:00:00:00:02", false))
	s, _ := open(t, address)
	f.on("Disconnect", refuse(service+".NotConnected"))
	if err := s.Connect(t.Context(), to(1)); err != nil {
		t.Fatal(err)
	}
	want := sorted([]string{
		"Disconnect", "Set Properties map[bssid:\"any\"]", "Set Properties map[bssid:\"02:00:00:00:00:01\"]",
		"SelectNetwork " + string(fakeNetwork), "Roam 02:00:00:00:00:01", "Set Properties map[bssid:\"any\"]",
	})
	if asked := f.was(); !slices.Equal(sorted(asked), want) {
		t.Errorf("asked for %q", asked)
	}
	if err := s.Connect(t.Context(), to(7)); !errors.Is(err, roam.ErrUnknownTarget) || len(f.was()) != 0 {
		t.Errorf("an unknown target: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want = sorted([]string{"Set Properties map[bssid:\"02:00:00:00:00:02\"]", "Set Enabled false", "Set Enabled true"})
	if asked := f.was(); !slices.Equal(sorted(asked), want) {
		t.Errorf("given back: %q", asked)
	}
	if _, err := s.State(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("state of a closed station: %v", err)
	}
}

func TestConnectWithoutNetwork(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 1)
	f.set(fakePath, ifaceInterface, properties{"Networks": godbus.MakeVariant([]godbus.ObjectPath{})})
	s, _ := open(t, address)
	if err := s.Connect(t.Context(), to(0)); !errors.Is(err, ErrNoNetwork) || len(f.was()) != 0 {
		t.Errorf("error %v, want %v", err, ErrNoNetwork)
	}
}

func TestRoam(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 2)
	s, _ := open(t, address)
	if err := s.Roam(t.Context(), to(1)); !errors.Is(err, ErrNotConnected) {
		t.Errorf("not connected: %v", err)
	}
	f.change(fakePath, ifaceInterface, map[string]any{"CurrentNetwork": fakeNetwork, "State": "associating"})
	if err := s.Roam(t.Context(), to(1)); !errors.Is(err, roam.ErrBusy) {
		t.Errorf("on the way: %v", err)
	}
	f.change(fakePath, ifaceInterface, map[string]any{"State": "completed"})
	if err := s.Roam(t.Context(), to(1)); err != nil {
		t.Fatal(err)
	}
	if asked := f.was(); !slices.Equal(asked, []string{"Roam 02:00:00:00:00:01"}) {
		t.Errorf("asked for %q", asked)
	}
	for name, want := range map[string]error{
		service + ".InvalidArgs":                   roam.ErrUnknownTarget,
		service + ".NotConnected":                  ErrNotConnected,
		busName + ".Error.UnknownMethod":           ErrOld,
		busName + ".Error.NoReply":                 roam.ErrSilent,
		busName + ".Error.AccessDenied":            ErrAccess,
		service + ".InterfaceUnknown":              roam.ErrGone,
		service + ".InterfaceDisabled":             roam.ErrBusy,
		"org.example.Something\x1b[31m\nElse.Here": nil,
	} {
		f.on("Roam", func([]any) *godbus.Error {
			if want == nil {
				return godbus.NewError("org.example.Else", []any{"new\x1b[31mred\nline"})
			}
			return godbus.NewError(name, []any{"because"})
		})
		err := s.Roam(t.Context(), to(1))
		if err == nil || want != nil && !errors.Is(err, want) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: error %q, want %v", name, err, want)
		}
	}
	// One that never answers ends with the context.
	hold := make(chan struct{})
	defer close(hold)
	f.on("Roam", func([]any) *godbus.Error { <-hold; return nil })
	if err := s.Roam(soon(t), to(1)); !errors.Is(err, roam.ErrSilent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
}

func TestDisconnect(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 1)
	s, _ := open(t, address)
	refused := false
	f.on("Disconnect", func([]any) *godbus.Error {
		if refused = !refused; refused {
			return godbus.NewError(service+".NotConnected", []any{"not connected"})
		}
		return nil
	})
	if err := s.Disconnect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked := f.was(); !slices.Equal(asked, []string{"Disconnect", "SelectNetwork " + string(fakeNetwork), "Disconnect"}) {
		t.Errorf("a supplicant on its search is asked for %q", asked)
	}
	if err := s.Disconnect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if asked := f.was(); !slices.Equal(asked, []string{"Disconnect"}) {
		t.Errorf("a supplicant that rests is asked for %q", asked)
	}
}

// The daemon and its interface come and go.
func TestGone(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 2)
	s, _ := open(t, address)
	gone := func() {
		t.Helper()
		if e := next(t, s); e.What != roam.Gone {
			t.Fatalf("told %+v, want gone", e)
		}
		if state, err := s.State(t.Context()); err != nil || state.Phase != roam.PhaseGone {
			t.Errorf("state %+v, %v", state, err)
		}
		for name, err := range map[string]error{
			"roam": s.Roam(t.Context(), to(0)), "scan": s.Scan(t.Context(), roam.ScanRequest{}), "disconnect": s.Disconnect(t.Context()),
		} {
			if !errors.Is(err, roam.ErrGone) {
				t.Errorf("%s: error %v, want %v", name, err, roam.ErrGone)
			}
		}
	}
	back := func() {
		t.Helper()
		if e := next(t, s); e.What != roam.Back {
			t.Fatalf("told %+v, want back", e)
		}
		if known, err := s.Candidates(t.Context()); err != nil || len(known) != 2 {
			t.Errorf("%d candidates, %v", len(known), err)
		}
	}
	f.emit(rootPath, service+".InterfaceRemoved", fakePath)
	gone()
	f.emit(rootPath, service+".InterfaceAdded", fakePath+"9", map[string]godbus.Variant{"Ifname": godbus.MakeVariant("wlan8")})
	f.emit(rootPath, service+".InterfaceAdded", fakePath, map[string]godbus.Variant{"Ifname": godbus.MakeVariant(fakeIface)})
	back()
	// A scan that is waited for ends with its supplicant.
	f.on("Scan", func([]any) *godbus.Error { time.AfterFunc(20*time.Millisecond, f.leave); return nil })
	if err := s.Scan(t.Context(), roam.ScanRequest{}); !errors.Is(err, roam.ErrGone) {
		t.Errorf("scan of one that ends: %v", err)
	}
	if e := next(t, s); e.What != roam.Gone {
		t.Fatalf("told %+v, want gone", e)
	}
	newFake(t, address, 2)
	back()
	stranger, err := godbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	// A stranger's signals are not the supplicant's.
	if err := stranger.Emit(rootPath, service+".InterfaceRemoved", fakePath); err != nil {
		t.Fatal(err)
	}
	if known, err := s.Candidates(t.Context()); err != nil || len(known) != 2 {
		t.Errorf("%d candidates, %v", len(known), err)
	}
}

// The message bus itself ends.
func TestBusEnds(t *testing.T) {
	address, daemon := startDaemon(t, everybody)
	newFake(t, address, 1)
	s, _ := open(t, address)
	if err := daemon.Kill(); err != nil {
		t.Fatal(err)
	}
	if e := next(t, s); e.What != roam.Gone {
		t.Errorf("told %+v, want gone", e)
	}
	if err := s.Disconnect(t.Context()); !errors.Is(err, roam.ErrGone) {
		t.Errorf("error %v, want %v", err, roam.ErrGone)
	}
}

func TestNewRefused(t *testing.T) {
	t.Run("no supplicant, and none is started", func(t *testing.T) {
		dir := t.TempDir()
		trace := filepath.Join(dir, "started")
		unit := fmt.Sprintf("[D-BUS Service]\nName=%s\nExec=/bin/sh -c \"touch %s\"\n", service, trace)
		if err := os.WriteFile(filepath.Join(dir, service+".service"), []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
		address, _ := startDaemon(t, everybody+"<servicedir>"+dir+"</servicedir>")
		if _, err := New(t.Context(), Config{Address: address, Interface: fakeIface}); !errors.Is(err, roam.ErrGone) {
			t.Errorf("error %v, want %v", err, roam.ErrGone)
		}
		if _, err := os.Stat(trace); err == nil {
			t.Error("a supplicant was started")
		}
	})
	t.Run("no such interface", func(t *testing.T) {
		address, _ := startDaemon(t, everybody)
		newFake(t, address, 0)
		if _, err := New(t.Context(), Config{Address: address, Interface: "wlan8"}); !errors.Is(err, roam.ErrGone) || !strings.Contains(err.Error(), "wlan8") {
			t.Errorf("error %v, want %v", err, roam.ErrGone)
		}
	})
	t.Run("no access", func(t *testing.T) {
		address, _ := startDaemon(t, everybody+`<policy context="mandatory"><deny send_destination="`+service+`" send_interface="`+service+`"/></policy>`)
		newFake(t, address, 0)
		if _, err := New(t.Context(), Config{Address: address, Interface: fakeIface}); !errors.Is(err, ErrAccess) {
			t.Errorf("error %v, want %v", err, ErrAccess)
		}
	})
	t.Run("no bus", func(t *testing.T) {
		if _, err := New(t.Context(), Config{Address: "unix:path=/nonexistent", Interface: fakeIface}); err == nil {
			t.Error("no error")
		}
	})
	t.Run("no interface named", func(t *testing.T) {
		if _, err := New(t.Context(), Config{}); err == nil {
			t.Error("no error")
		}
	})
}

// Too many signals are dropped, and then everything is read anew.
func TestSignalsLost(t *testing.T) {
	address, _ := startDaemon(t, everybody)
	f := newFake(t, address, 2)
	s, _ := open(t, address)
	f.set(bssPath(0), ifaceBSS, properties{"Signal": godbus.MakeVariant(int16(-20))})
	f.set(fakePath, ifaceInterface, properties{"State": godbus.MakeVariant("completed"), "CurrentBSS": godbus.MakeVariant(bssPath(0))})
	s.bus.inbox.mu.Lock()
	s.bus.inbox.lost = true
	s.bus.inbox.mu.Unlock()
	s.bus.inbox.wake()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if known, err := s.Candidates(t.Context()); err == nil && known[0].Signal == -20 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nothing is read anew")
		}
	}
	for _, want := range []roam.What{roam.Trying, roam.Associated, roam.Secured, roam.Connected} {
		if e := next(t, s); e.What != want || e.AP != fakeAP(0) {
			t.Errorf("told %s of %v, want %s of %v", e.What, e.AP, want, fakeAP(0))
		}
	}
	full := newInbox()
	for range 2 * inboxSize {
		full.DeliverSignal("", "", &godbus.Signal{})
	}
	if waiting, lost, _ := full.take(); len(waiting) != inboxSize || !lost {
		t.Errorf("%d signals wait, lost %v", len(waiting), lost)
	}
}
