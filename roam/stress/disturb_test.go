package stress

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"roamfault/nl80211"
	"roamfault/roam/machine"
)

// waking is a radio that can wake the machine for a magic packet alone.
type waking struct {
	machine.Radio
	set []nl80211.WakeTriggers // one after the other
}

func (w *waking) WoWLAN(context.Context, int) (nl80211.WakeTriggers, error) {
	if len(w.set) == 0 {
		return 0, nil
	}
	return w.set[len(w.set)-1], nil
}

func (w *waking) SetWoWLAN(_ context.Context, _ int, wake nl80211.WakeTriggers) error {
	if wake&^nl80211.WakeMagic != 0 {
		return syscall.EINVAL
	}
	w.set = append(w.set, wake)
	return nil
}

// A suspend that keeps the connection takes what the device can, and gives it back.
func TestSuspendKept(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"sys/class/net/wlan0/ifindex": "3", "sys/class/net/wlan0/phy80211/name": "phy0", "sys/devices/card/vendor": "0x14c3",
		"sys/class/rtc/rtc0/wakealarm": "", "sys/power/state": "freeze mem", "sys/power/mem_sleep": "[s2idle] deep",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(root, "sys/devices/card"), filepath.Join(root, "sys/class/net/wlan0/device")); err != nil {
		t.Fatal(err)
	}
	log, err := machine.Open(filepath.Join(t.TempDir(), "undo"), machine.Disk{}, machine.Host{Boot: "boot", Machine: "machine"})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	radio := &waking{}
	d := disturber{&machine.Machine{Root: root, Radio: radio, Clock: nl80211.SystemClock}, machine.Card{Device: "devices/card", Name: "wlan0"}, log}
	back, err := d.suspendKept(t.Context(), nil)
	if err != nil || back == nil {
		t.Fatalf("error %v", err)
	}
	if state, err := os.ReadFile(filepath.Join(root, "sys/power/state")); err != nil || string(state) != "mem" {
		t.Errorf("the state is %q, error %v", state, err)
	}
	if err := back(t.Context()); err != nil {
		t.Error(err)
	}
	if !slices.Equal(radio.set, []nl80211.WakeTriggers{nl80211.WakeMagic, 0}) {
		t.Errorf("set to %v", radio.set)
	}
}
