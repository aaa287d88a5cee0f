package inject_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/roam/machine"
	"roamfault/roam/machine/inject"
	"roamfault/roam/runlog"
)

// kernel is a connection of the links 0 and 1, with the group key 2 on both, and
// scan results of which a flush keeps one frequency.
type kernel struct {
	links   []uint8
	keys    map[groupKey]bool
	results []nl80211.BSS
	flushed int // scans with the flag
	abort   bool
	ended   chan nl80211.Event
}

// groupKey is a key by its link and index.
type groupKey struct{ link, index uint8 }

func newKernel() *kernel {
	k := &kernel{links: []uint8{0, 1}, keys: map[groupKey]bool{}, ended: make(chan nl80211.Event, 2)}
	for _, link := range k.links {
		k.keys[groupKey{link, 2}] = true
	}
	for i, freq := range []int{2412, 5180, 5955} {
		k.results = append(k.results, nl80211.BSS{BSSID: dot11.Addr{2, 0, 0, 0, 1, byte(i)}, Freq: freq})
	}
	return k
}

func (k *kernel) Interface(context.Context, int) (nl80211.Interface, error) {
	i := nl80211.Interface{Index: 3, Name: "wlan0"}
	for _, id := range k.links {
		i.Links = append(i.Links, nl80211.InterfaceLink{ID: id})
	}
	return i, nil
}

func (k *kernel) ScanResults(context.Context, int) ([]nl80211.BSS, error) {
	return slices.Clone(k.results), nil
}

func (k *kernel) TriggerScan(_ context.Context, r nl80211.ScanRequest) error {
	body := nl80211.Body(nl80211.ScanFinished{})
	if k.abort {
		body = nl80211.ScanAborted{}
	} else if r.Flags&nl80211.ScanFlush != 0 {
		k.flushed++
		k.results = slices.DeleteFunc(k.results, func(b nl80211.BSS) bool { return !slices.Contains(r.Freqs, b.Freq) })
	}
	k.ended <- nl80211.Event{Interface: 9, Body: nl80211.ScanAborted{}} // of somebody else
	k.ended <- nl80211.Event{Interface: r.Interface, Body: body}
	return nil
}

func (k *kernel) DelKey(_ context.Context, key nl80211.Key) error {
	if !key.Link.Present && len(k.links) > 0 {
		return &nl80211.Error{Command: nl80211.CommandDelKey, Interface: 3, Errno: syscall.EINVAL, Message: "link ID must for MLO group key"}
	}
	which := groupKey{key.Link.Value, key.Index}
	if !k.keys[which] || key.Type != nl80211.KeyGroup {
		return &nl80211.Error{Command: nl80211.CommandDelKey, Interface: 3, Errno: syscall.ENOENT}
	}
	delete(k.keys, which)
	return nil
}

func (k *kernel) Receive(ctx context.Context) (nl80211.Event, error) {
	select {
	case e := <-k.ended:
		return e, nil
	case <-ctx.Done():
		return nl80211.Event{}, ctx.Err()
	}
}

func (k *kernel) Close() error { return nil }

// set is a card with the files of mt76's debugfs that are named.
func set(t *testing.T, k *kernel, files ...string) (*inject.Set, string) {
	t.Helper()
	root := t.TempDir()
	device := "sys/devices/pci0/0000:05:00.0"
	debug := filepath.Join(root, "sys/kernel/debug/ieee80211/phy0/mt76")
	for name, text := range map[string]string{device + "/net/wlan0/ifindex": "3", device + "/ieee80211/phy0/name": "phy0", debug[len(root):] + "/regidx": ""} {
		put(t, filepath.Join(root, name), text)
	}
	for _, name := range files {
		put(t, filepath.Join(debug, name), "")
	}
	for name, to := range map[string]string{"device": device, "phy80211": device + "/ieee80211/phy0"} {
		if err := os.Symlink(filepath.Join(root, to), filepath.Join(root, device, "net/wlan0", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "sys/class/net"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, device, "net/wlan0"), filepath.Join(root, "sys/class/net/wlan0")); err != nil {
		t.Fatal(err)
	}
	m := &machine.Machine{Root: root}
	card, err := m.Card("wlan0")
	if err != nil {
		t.Fatal(err)
	}
	return &inject.Set{Machine: m, Card: card, Kernel: k, Listen: func() (inject.Listener, error) { return k, nil }}, debug
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func try(t *testing.T, s *inject.Set, name runlog.Injector, to inject.Target) (inject.Result, error) {
	t.Helper()
	f, err := s.Fault(name)
	if err != nil {
		t.Fatal(err)
	}
	return f.Inject(t.Context(), to)
}

func TestGroupKeyNoLink(t *testing.T) {
	k := newKernel()
	s, _ := set(t, k)
	r, err := try(t, s, runlog.GroupKeyNoLink, inject.Target{})
	if err != nil || r.Refused == nil || r.Fault != runlog.GroupKeyNoLink {
		t.Fatalf("%+v, %v", r, err)
	}
	records := r.Records(nl80211.Stamp{Monotonic: 7}, "boot", "wlan0")
	if len(records) == 0 || records[0].Time.Mono != 7 || records[0].Boot != "boot" {
		t.Fatalf("records %+v", records)
	}
	m, ok := patterns.Builtin().Match(records[0].Identifier, records[0].Message)
	if !ok || m.Pattern.Class != patterns.MLOGroupKeyLinkID {
		t.Errorf("the patterns make %+v of %q", m, records[0].Message)
	}

	// Without multi-link the key would be removed: it is not tried.
	k.links = nil
	if r, err = try(t, s, runlog.GroupKeyNoLink, inject.Target{}); err == nil || r.Refused != nil || len(k.keys) != 2 {
		t.Errorf("%+v, %v, keys %v", r, err, k.keys)
	}
	if records := r.Records(nl80211.Stamp{}, "boot", "wlan0"); len(records) != 0 {
		t.Errorf("records of nothing: %v", records)
	}
}

func TestGroupKeyLink(t *testing.T) {
	k := newKernel()
	s, _ := set(t, k)
	r, err := try(t, s, runlog.GroupKeyLink, inject.Target{Links: []uint8{1}})
	if err != nil || r.What != "removed the group keys 2 of link 1" || len(k.keys) != 1 {
		t.Errorf("%+v, %v, keys %v", r, err, k.keys)
	}
	if r, err = try(t, s, runlog.GroupKeyLink, inject.Target{}); err != nil || r.What != "removed the group keys 2 of link 0" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err = try(t, s, runlog.GroupKeyLink, inject.Target{}); err == nil {
		t.Error("keys were removed that are not there")
	}
}

func TestStaleBSS(t *testing.T) {
	k := newKernel()
	s, _ := set(t, k)
	r, err := try(t, s, runlog.StaleBSS, inject.Target{Freq: 5180, SSID: []byte("home")})
	if err != nil || k.flushed != 1 || len(k.results) != 1 || !strings.Contains(r.What, "2 of 3") {
		t.Errorf("%+v, %v, results %v", r, err, k.results)
	}
	if _, err := try(t, s, runlog.StaleBSS, inject.Target{}); err == nil {
		t.Error("a channel was made up")
	}
	k.abort = true
	if _, err := try(t, s, runlog.StaleBSS, inject.Target{Freq: 5180}); err == nil || !strings.Contains(err.Error(), "aborted") {
		t.Errorf("error %v", err)
	}
}

// Chip resets and dead chips are where the driver has the file for it, and take
// the value 1.
func TestChip(t *testing.T) {
	for name, file := range map[runlog.Injector]string{runlog.ChipReset: "chip_reset", runlog.ForceMMIODead: "force_mmio_dead"} {
		s, debug := set(t, newKernel(), file)
		f, err := s.Fault(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Available(t.Context()); err != nil {
			t.Error(err)
		}
		if f.Warning == "" || f.Heals == "" {
			t.Errorf("%s does not warn", name)
		}
		if _, err := f.Inject(t.Context(), inject.Target{}); err != nil {
			t.Error(err)
		}
		if b, err := os.ReadFile(filepath.Join(debug, file)); err != nil || string(b) != "1" {
			t.Errorf("%s: %q, %v", file, b, err)
		}

		without, _ := set(t, newKernel())
		if f, err = without.Fault(name); err != nil {
			t.Fatal(err)
		}
		if err := f.Available(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s without a file: %v", name, err)
		}
		if _, err := f.Inject(t.Context(), inject.Target{}); err == nil {
			t.Errorf("%s was made without a file", name)
		}
	}
}

// Every fault that a plan can name is there.
func TestFaults(t *testing.T) {
	s, _ := set(t, newKernel())
	var names []runlog.Injector
	for _, f := range s.Faults() {
		names = append(names, f.Name)
		if f.About == "" {
			t.Errorf("%s says nothing of itself", f.Name)
		}
	}
	want := []runlog.Injector{runlog.StaleBSS, runlog.GroupKeyNoLink, runlog.GroupKeyLink, runlog.ChipReset, runlog.ForceMMIODead}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if _, err := s.Fault("no-such-fault"); err == nil {
		t.Error("a fault that is not there was found")
	}
	nobody := &inject.Set{Machine: s.Machine, Card: s.Card}
	for _, f := range nobody.Faults() {
		if f.Available(t.Context()) == nil {
			t.Errorf("%s is available without anybody to ask", f.Name)
		}
	}
}
