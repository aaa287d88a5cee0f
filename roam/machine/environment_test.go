package machine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/spool"
	"roamfault/roam/runlog"
)

func TestEnvironment(t *testing.T) {
	x := newFixture(t)
	if err := os.WriteFile(filepath.Join(x.dir, "sys", pci, "config"), config(2, 4), 0o600); err != nil {
		t.Fatal(err)
	}
	got := x.Environment(t.Context(), x.card, Sources{
		Loaded: func() (spool.BootNote, error) {
			return spool.BootNote{Modules: []spool.Module{
				{Name: "mt7925e", Driver: true, SrcVersion: "ABCDEF"}, {Name: "mt76", SrcVersion: "12"}, {Name: "mac80211", Version: "1", SrcVersion: "34"}, {Name: "cfg80211"},
			}}, nil
		},
		Firmware: func(iface string) (string, error) {
			return "____000000-\x1b[31m2025 " + iface, nil
		},
		Run: func(_ context.Context, name string, args ...string) (string, error) {
			return name + " v2.11\nCopyright\n", nil
		},
	})
	want := runlog.Environment{
		{Key: "kernel", Value: "6.18.2"},
		{Key: "kernel-version", Value: "#1 SMP"},
		{Key: "architecture", Value: "x86_64"},
		{Key: "command-line", Value: "pcie_aspm=force mt7925e.disable_aspm=1"},
		{Key: "taint", Value: "OE (module from outside, unsigned module)"},
		{Key: "distribution", Value: "Some Linux 13"},
		{Key: "machine", Value: "LENOVO 21XX"},
		{Key: "bios", Value: "N1 01/02/2026"},
		{Key: "driver", Value: "mt7925e"},
		{Key: "module-path", Value: "updates/dkms/mt7925e.ko.zst"},
		{Key: "module-srcversion", Value: "ABCDEF"},
		{Key: "module-options", Value: "some=N"},
		{Key: "module-mt76", Value: "12"},
		{Key: "module-mac80211", Value: "1 34"},
		{Key: "module-cfg80211", Value: "loaded"},
		{Key: "bus", Value: "0000:05:00.0"},
		{Key: "chip", Value: "14c3:7925"},
		{Key: "chip-subsystem", Value: "14c3:7925"},
		{Key: "interface", Value: "wlan0"},
		{Key: "firmware", Value: "____000000-2025 wlan0"},
		{Key: "supplicant", Value: "wpa_supplicant v2.11"},
		{Key: "aspm-l1", Value: "1"},
		{Key: "aspm-policy", Value: "default"},
		{Key: "clock-pm", Value: "0"},
		{Key: "deep-sleep", Value: "1"},
		{Key: "idle-timeout", Value: "12"},
		{Key: "mem-sleep", Value: "deep"},
		{Key: "power-control", Value: "on"},
		{Key: "power-save", Value: "on"},
		{Key: "regulatory", Value: "US"},
		{Key: "runtime-pm", Value: "1"},
		{Key: "wowlan", Value: "off"},
		{Key: "aspm", Value: "L1 L1.2"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A machine of which nothing is known has an environment, too; and one that is
// known has no secrets in it.
func TestEnvironmentOfNothing(t *testing.T) {
	m := &Machine{Root: t.TempDir()}
	failing := Sources{
		Loaded: func() (spool.BootNote, error) { return spool.BootNote{}, errors.New("no") },
		Run:    func(context.Context, string, ...string) (string, error) { return "x", errors.New("no") },
	}
	if got := m.Environment(t.Context(), Card{Device: "devices/x"}, failing); len(got) != 1 || got[0].Key != runlog.KeyBus {
		t.Errorf("%v", got)
	}
	x := newFixture(t)
	for _, s := range x.Environment(t.Context(), x.card, Sources{}) {
		if strings.Contains(strings.ToLower(s.Value), "secret") || strings.Contains(s.Value, "00112233") {
			t.Errorf("%s tells %q", s.Key, s.Value)
		}
	}
}

func TestTaints(t *testing.T) {
	for set, want := range map[uint64]string{
		0: "", 1: "P (proprietary module)", 1<<9 | 1<<7: "DW (oops before, warning before)", 1 << 63: "? (bit 63)",
	} {
		if got := taints(set); got != want {
			t.Errorf("%#x: %q, want %q", set, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	x := newFixture(t)
	h, err := x.Host()
	if err != nil {
		t.Fatal(err)
	}
	if h.Boot != "0123456789abcdef0123456789abcdef" || len(h.Machine) != 16 || strings.Contains(h.Machine, "0011") {
		t.Errorf("%+v", h)
	}
	x.put("etc/machine-id", "uninitialized-other")
	if other, err := x.Host(); err != nil || other.Machine == h.Machine {
		t.Errorf("another machine is %+v, %v", other, err)
	}
}
