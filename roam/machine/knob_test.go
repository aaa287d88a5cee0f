package machine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

func TestCard(t *testing.T) {
	x := newFixture(t)
	want := Card{Device: pci, Addr: dot11.Addr{2, 0, 0, 0, 0, 7}, Name: "wlan0"}
	if d := cmp.Diff(want, x.card); d != "" {
		t.Errorf("card (-want +got):\n%s", d)
	}
	place, err := x.Find(x.card)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Place{Interface: "wlan0", Index: 3, Phy: "phy0"}, place); d != "" {
		t.Errorf("place (-want +got):\n%s", d)
	}
	moved := x.card
	moved.Device = "devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0"
	if got, err := x.Find(moved); err != nil || got != place {
		t.Errorf("a card that came back elsewhere: %v, %v", got, err)
	}
	moved.Addr[5]++
	if _, err := x.Find(moved); !errors.Is(err, ErrGone) {
		t.Errorf("another card: error %v", err)
	}
	if _, err := x.Card("../../x"); err == nil {
		t.Error("a name that leads elsewhere was taken")
	}
}

// turns are for each knob a value that it does not have.
func turns() map[string]string {
	return map[string]string{
		PowerSave: "off", PowerControl: "auto", RuntimePM: "0", DeepSleep: "0", IdleTimeout: "500", ASPMPolicy: "performance",
		ASPML1: "0", ClockPM: "1", Interface: "up", Regulatory: "DE", ActiveLinks: "0x2", WoWLAN: "magic", MemSleep: "s2idle", WakeAlarm: "2000000000",
	}
}

// Each knob is turned and put back, also by a process that knows nothing but the
// log.
func TestKnobs(t *testing.T) {
	for name, value := range turns() {
		t.Run(name, func(t *testing.T) {
			x := newFixture(t)
			before := x.state()
			l, d := x.log()
			k, err := x.Knob(name, x.card)
			if err != nil {
				t.Fatal(err)
			}
			if err := k.Available(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := k.Turn(t.Context(), l, value); err != nil {
				t.Fatal(err)
			}
			after := x.state()
			if got := after[name]; got != value && name != IdleTimeout {
				t.Errorf("it is %q after %q was set", got, value)
			}
			if got := l.Pending(); len(got) != 1 || got[0].Before != before[name] || !strings.Contains(got[0].What, k.About) {
				t.Errorf("pending %+v", got)
			}
			d = d.boot()
			host, err := x.Host()
			if err != nil {
				t.Fatal(err)
			}
			if l, err = Open("undo", d, host); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time there is nothing to do
				if err := l.Undo(t.Context(), x.Undoers()); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(before, x.state()); d != "" {
				t.Errorf("not as it was (-before +after):\n%s", d)
			}
		})
	}
}

// A run of many changes is killed at each step, whatever it is just doing; a
// restore puts all back. The driver is bound anew in it, so that names and numbers
// change.
func TestKnobsKilled(t *testing.T) {
	for steps := 0; ; steps++ {
		finished := false
		synctest.Test(t, func(t *testing.T) { finished = killAfter(t, steps) })
		if finished {
			if steps < 25 {
				t.Errorf("the run has %d steps only", steps)
			}
			return
		}
	}
}

// changes are those of a run.
func changes() []func(ctx context.Context, x *fixture, l *Log) error {
	unbind := func(ctx context.Context, x *fixture, l *Log) error { return x.Unbind(ctx, l, x.card) }
	bind := func(ctx context.Context, x *fixture, l *Log) error {
		_, err := x.Bind(ctx, l, x.card, "mt7925e")
		return err
	}
	return []func(ctx context.Context, x *fixture, l *Log) error{
		turn(PowerSave, "off"), turn(RuntimePM, "0"), unbind, bind,
		turn(Interface, "up"), turn(DeepSleep, "0"), turn(ASPML1, "0"), turn(Interface, "down"), turn(Regulatory, "DE"), unbind,
	}
}

// killAfter reports whether the run came to its end before that.
func killAfter(t *testing.T, steps int) (finished bool) {
	x := newFixture(t)
	if err := x.SetUp(t.Context(), 3, true); err != nil {
		t.Fatal(err)
	}
	before := x.state()
	host, err := x.Host()
	if err != nil {
		t.Fatal(err)
	}
	x.disk.left = steps
	finished = true
	if l, err := Open("undo", x.disk, host); err != nil {
		finished = false
	} else {
		for _, change := range changes() {
			if change(t.Context(), x, l) != nil {
				finished = false
				break
			}
		}
	}
	x.disk = x.disk.boot()
	l, err := Open("undo", x.disk, host)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Undo(t.Context(), x.Undoers()); err != nil {
		t.Errorf("killed after step %d: %v", steps, err)
	}
	if d := cmp.Diff(before, x.state()); d != "" {
		t.Errorf("killed after step %d: not as it was (-before +after):\n%s", steps, d)
	}
	return finished
}

func turn(name, value string) func(context.Context, *fixture, *Log) error {
	return func(ctx context.Context, x *fixture, l *Log) error {
		k, err := x.Knob(name, x.card)
		if err != nil {
			return err
		}
		return k.Turn(ctx, l, value)
	}
}

func TestKnobRefuses(t *testing.T) {
	x := newFixture(t)
	l, _ := x.log()
	for _, tt := range []struct{ name, value, why string }{
		{PowerSave, "maybe", "no value"},
		{ActiveLinks, "0x0", "no value"},
		{ActiveLinks, "3", "no value"},
		{ActiveLinks, "0x7", "invalid argument"},
		{IdleTimeout, "-1", "no value"},
		{ASPMPolicy, "on; rm", "no value"},
		{Driver, "../../x", "no value"},
		{Driver, "mt7921e", "no such file"},
		{ASPML12, "1", "no such file"},
		{Regulatory, "99", "no value"},
	} {
		err := turn(tt.name, tt.value)(t.Context(), x, l)
		if err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s to %q: error %v", tt.name, tt.value, err)
		}
	}
	x.country = "98"
	if err := turn(Regulatory, "DE")(t.Context(), x, l); err == nil || x.country != "98" {
		t.Errorf("what could not be put back was changed: %v", err)
	}
	k, err := x.Knob(ASPML12, x.card)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Available(t.Context()); err == nil {
		t.Error("a link without L1.2 has a knob for it")
	}
}

// A country without rules changes nothing, which is said after some time.
func TestRegulatoryStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newFixture(t)
		l, _ := x.log()
		err := turn(Regulatory, "XX")(t.Context(), x, l)
		if err == nil || !strings.Contains(err.Error(), `stays with the regulatory domain "US"`) {
			t.Errorf("error %v", err)
		}
		if err := l.Undo(t.Context(), x.Undoers()); err != nil {
			t.Error(err)
		}
	})
}

// An undo log is a file: it can ask for nothing that no knob does.
func TestUndoRefuses(t *testing.T) {
	x := newFixture(t)
	x.put("etc/shadow", "secret")
	card := x.card.args()
	for _, c := range []Change{
		{Kind: PowerControl, Args: map[string]string{"device": "devices/../../etc"}, Before: "on"},
		{Kind: PowerControl, Args: map[string]string{"device": "devices/.."}, Before: "on"},
		{Kind: PowerControl, Args: map[string]string{"device": "/etc"}, Before: "on"},
		{Kind: PowerControl, Args: card, Before: "whatever"},
		{Kind: Driver, Args: card, Before: "../x"},
		{Kind: RuntimePM, Args: map[string]string{"device": pci, "interface": "../../x"}, Before: "1"},
		{Kind: PowerSave, Args: map[string]string{"device": pci, "address": "nonsense"}, Before: "on"},
		{Kind: ASPMPolicy, Before: ""},
	} {
		if err := x.Undoers()[c.Kind](t.Context(), c); err == nil {
			t.Errorf("%+v was undone", c)
		}
	}
	if len(x.wrote) > 0 {
		t.Errorf("written: %v", x.wrote)
	}
}

// A set of links of another connection is not put back.
func TestActiveLinksMoot(t *testing.T) {
	x := newFixture(t)
	l, _ := x.log()
	if err := turn(ActiveLinks, "0x2")(t.Context(), x, l); err != nil {
		t.Fatal(err)
	}
	dir := debug + "/ieee80211/phy0/netdev:wlan0"
	x.put(dir+"/valid_links", "0x6")
	if err := l.Undo(t.Context(), x.Undoers()); err != nil {
		t.Fatal(err)
	}
	if got := x.text(dir + "/active_links"); got != "0x2" {
		t.Errorf("active links are %s", got)
	}
	valid, active, err := x.LinkSets(t.Context(), x.card)
	if err != nil || !cmp.Equal(valid, []uint8{1, 2}) || !cmp.Equal(active, []uint8{1}) {
		t.Errorf("valid %v, active %v, error %v", valid, active, err)
	}
	if got := LinkMask(0, 2); got != "0x5" || !linkMask(got) {
		t.Errorf("mask %s", got)
	}
}

// A driver that never comes back does not take the program with it.
func TestHung(t *testing.T) {
	x := newFixture(t)
	l, d := x.log()
	hang := make(chan struct{})
	defer close(hang)
	x.kernel = func(string, string) error { <-hang; return nil }
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := turn(RuntimePM, "0")(ctx, x, l); !errors.Is(err, ErrHung) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(string(d.synced), `"kind":"runtime-pm"`) {
		t.Error("the change was not in the log before it was made")
	}
}

func TestUSBPowerControl(t *testing.T) {
	x := newFixture(t)
	usb := "devices/pci0000:00/usb1/1-2/1-2:1.0"
	x.put("sys/bus/usb/drivers/mt7921u/bind", "")
	x.put("sys/devices/pci0000:00/usb1/1-2/power/control", "auto")
	if err := os.MkdirAll(filepath.Join(x.dir, "sys", usb), 0o755); err != nil {
		t.Fatal(err)
	}
	x.link("sys/bus/usb", "sys/"+usb+"/subsystem")
	k, err := x.Knob(PowerControl, Card{Device: usb})
	if err != nil {
		t.Fatal(err)
	}
	if value, err := k.Read(t.Context()); err != nil || value != "auto" {
		t.Errorf("%q, %v", value, err)
	}
}
