package machine

import (
	"errors"
	"os"
	"path/filepath"
	"roamfault/nl80211"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSuspend(t *testing.T) {
	x := newFixture(t)
	before := x.state()
	l, _ := x.log()
	x.asleep = 30 * time.Second
	s, err := x.Suspend(t.Context(), l, "s2idle", 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Sleep{Slept: 30 * time.Second}, s); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	want := []string{memSleepFile + "=s2idle", "sys/class/rtc/rtc0/wakealarm=+30", stateFile + "=mem", "sys/class/rtc/rtc0/wakealarm=0"}
	if d := cmp.Diff(want, x.wrote); d != "" {
		t.Errorf("written (-want +got):\n%s", d)
	}
	if err := l.Undo(t.Context(), x.Undoers()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, x.state()); d != "" {
		t.Errorf("not as it was:\n%s", d)
	}
}

// A device that does not want to sleep is told, and the alarm is taken away.
func TestSuspendFails(t *testing.T) {
	x := newFixture(t)
	l, _ := x.log()
	writes := x.kernel
	x.kernel = func(name, value string) error {
		if name != stateFile {
			return writes(name, value)
		}
		x.put("sys/power/suspend_stats/fail", "1")
		x.put("sys/power/suspend_stats/last_failed_dev", "0000:05:00.0")
		x.put("sys/power/suspend_stats/last_failed_step", "suspend")
		x.put("sys/power/suspend_stats/last_failed_errno", "-110")
		return syscall.EBUSY
	}
	s, err := x.Suspend(t.Context(), l, "deep", 10*time.Second)
	if !errors.Is(err, syscall.EBUSY) {
		t.Errorf("error %v", err)
	}
	if d := cmp.Diff(Sleep{Failed: true, FailedDevice: "0000:05:00.0", FailedStep: "suspend", Errno: -110}, s); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := x.text("sys/class/rtc/rtc0/wakealarm"); got != "" {
		t.Errorf("the alarm is still set: %s", got)
	}
}

func TestCanSuspend(t *testing.T) {
	for _, tt := range []struct {
		why    string
		change func(x *fixture)
	}{
		{"alarm is set already", func(x *fixture) { x.put("sys/class/rtc/rtc0/wakealarm", "1900000000") }},
		{"can wake it", func(x *fixture) {
			if err := os.RemoveAll(filepath.Join(x.dir, "sys/class/rtc/rtc0")); err != nil {
				x.t.Fatal(err)
			}
		}},
		{"cannot suspend", func(x *fixture) { x.put(stateFile, "freeze disk") }},
		{`has no "deep"`, func(x *fixture) { x.put(memSleepFile, "[s2idle]") }},
	} {
		x := newFixture(t)
		tt.change(x)
		l, _ := x.log()
		_, err := x.Suspend(t.Context(), l, "deep", 10*time.Second)
		if err == nil || !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s: error %v", tt.why, err)
		}
		if len(x.wrote) > 0 || len(l.Pending()) > 0 {
			t.Errorf("%s: written all the same: %v", tt.why, x.wrote)
		}
	}
	x := newFixture(t)
	l, _ := x.log()
	for _, d := range []time.Duration{0, time.Second, 2 * time.Hour} {
		if _, err := x.Suspend(t.Context(), l, "deep", d); err == nil {
			t.Errorf("a suspend of %v", d)
		}
	}
}

// Triggers that somebody has set and that could not be set again are left alone, and
// what the device cannot do is its own error.
func TestWoWLAN(t *testing.T) {
	x := newFixture(t)
	l, _ := x.log()
	k, err := x.Knob(WoWLAN, x.card)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Turn(t.Context(), l, "disconnect"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("error %v", err)
	}
	if err := k.Turn(t.Context(), l, "any"); err != nil || x.wakes != nl80211.WakeAny {
		t.Errorf("triggers %#x, error %v", x.wakes, err)
	}
	if err := l.Undo(t.Context(), x.Undoers()); err != nil || x.wakes != 0 {
		t.Errorf("triggers %#x, error %v", x.wakes, err)
	}
	x.wakes = 1 << 18
	if err := k.Available(t.Context()); !errors.Is(err, errOtherTriggers) {
		t.Errorf("error %v", err)
	}
	if err := k.Turn(t.Context(), l, "any"); err == nil || x.wakes != 1<<18 {
		t.Errorf("triggers %#x, error %v", x.wakes, err)
	}
}
