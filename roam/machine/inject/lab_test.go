package inject_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/patterns"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/machine"
	"roamfault/roam/machine/inject"
	"roamfault/roam/runlog"
)

// bench is a machine of the lab, whose station is connected.
type bench struct {
	*inject.Set
	lab        *labtest.Lab
	station    *labtest.Station
	client     *nl80211.Client
	log        *machine.Log
	home, away ap.Config
}

func start(t *testing.T) *bench {
	t.Helper()
	l := labtest.Start(t, labtest.Needs{Supplicant: true, NoCapture: true})
	b := &bench{lab: l, station: l.Stations[0]}
	b.home, b.away = l.Plan.APs[0], l.Plan.APs[1]
	if at := b.station.WaitConnected(); at == b.away.MLD {
		b.home, b.away = b.away, b.home
	}
	b.station.Find(b.away)
	var err error
	if b.client, err = nl80211.Dial(nl80211.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.client.Close(); err != nil {
			t.Error(err)
		}
	})
	m := &machine.Machine{Root: "/", Radio: b.client, Links: machine.Netlink{}, Clock: nl80211.SystemClock}
	card, err := m.Card(b.station.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("card %+v", card)
	b.Set = &inject.Set{Machine: m, Card: card, Kernel: b.client, Listen: inject.Listen}
	path := filepath.Join(t.TempDir(), "undo")
	if b.log, err = machine.Open(path, machine.Disk{}, machine.Host{Boot: "this", Machine: "guest"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.log.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) inject(t *testing.T, name runlog.Injector, to inject.Target) inject.Result {
	t.Helper()
	f, err := b.Fault(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Available(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := f.Inject(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s; refused: %v", name, r.What, r.Refused)
	return r
}

// wants checks that the patterns read a class in lines.
func wants(t *testing.T, class patterns.Class, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if m, ok := patterns.Builtin().Match("wpa_supplicant", line); ok && m.Pattern.Class == class {
			t.Logf("%s: %s", class, line)
			return
		}
	}
	t.Errorf("no %s in:\n%s", class, strings.Join(lines, "\n"))
}

// TestLabFaults makes the faults that simulated radios can have, under a stock
// supplicant.
func TestLabFaults(t *testing.T) {
	b := start(t)

	// A group key without a link never reaches the driver.
	r := b.inject(t, runlog.GroupKeyNoLink, inject.Target{})
	if r.Refused == nil || r.Refused.Message == "" {
		t.Fatalf("the kernel did not refuse it in words: %+v", r)
	}
	for _, record := range r.Records(nl80211.Stamp{}, "boot", b.station.Name)[:1] {
		m, ok := patterns.Builtin().Match(record.Identifier, record.Message)
		if !ok || m.Pattern.Class != patterns.MLOGroupKeyLinkID {
			t.Errorf("the patterns make %+v of %q", m, record.Message)
		}
	}
	if got := b.station.Ping(3); got == 0 {
		t.Error("what was refused ended the data")
	}

	// With a link it is done.
	r = b.inject(t, runlog.GroupKeyLink, inject.Target{Links: []uint8{0}})
	if r.Refused != nil || !strings.Contains(r.What, "link 0") {
		t.Errorf("%+v", r)
	}

	// hwsim has none of mt76's files, which is said.
	for _, name := range []runlog.Injector{runlog.ChipReset, runlog.ForceMMIODead} {
		f, err := b.Fault(name)
		if err != nil {
			t.Fatal(err)
		}
		err = f.Available(t.Context())
		if err == nil {
			t.Errorf("%s is available", name)
		}
		t.Log(err)
	}

	// The other link's entry is gone when the association asks for it.
	from := b.station.Log.Mark()
	link := b.away.Links[0]
	r = b.inject(t, runlog.StaleBSS, inject.Target{SSID: []byte(b.away.SSID), Freq: link.Channel.Freq})
	if strings.Contains(r.What, "forgotten 0 of") {
		t.Error(r.What)
	}
	b.station.Command("ROAM " + link.BSSID.String())
	b.station.WaitLog(from, "kernel reports: ", "BSS")
	var lines []string
	for _, line := range b.station.Log.Since(from) {
		lines = append(lines, line.Text)
	}
	wants(t, patterns.BSSFetchFailed, lines...)
}

// TestLabKnobs turns the knobs that simulated radios have, and undoes them.
func TestLabKnobs(t *testing.T) {
	b := start(t)
	knobs, err := b.Machine.Knobs(b.Card)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for _, k := range knobs {
		if err := k.Available(t.Context()); err != nil {
			t.Logf("%s: %v", k.Name, err)
			continue
		}
		if before[k.Name], err = k.Read(t.Context()); err != nil {
			t.Error(err)
		}
		t.Logf("%s is %q", k.Name, before[k.Name])
	}
	for _, s := range append(b.links(t),
		turn{machine.PowerSave, map[string]string{"on": "off", "off": "on"}[before[machine.PowerSave]]},
		turn{machine.PowerControl, map[string]string{"on": "auto", "auto": "on"}[before[machine.PowerControl]]},
		turn{machine.MemSleep, "s2idle"},
		turn{machine.Regulatory, "DE"},
		turn{machine.Interface, "down"},
	) {
		k, err := b.Machine.Knob(s.name, b.Card)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Turn(t.Context(), b.log, s.value); err != nil {
			t.Error(err)
			continue
		}
		t.Logf("%s turned to %s", s.name, s.value)
	}
	if err := b.log.Undo(t.Context(), b.Machine.Undoers()); err != nil {
		t.Error(err)
	}
	b.station.WaitConnected()
	for _, k := range knobs {
		was, ok := before[k.Name]
		if !ok || k.Name == machine.ActiveLinks {
			continue // of the new connection
		}
		if now, err := k.Read(t.Context()); err != nil || now != was {
			t.Errorf("%s is %q, was %q; %v", k.Name, now, was, err)
		}
	}
	mark := b.lab.Kernel.Mark()
	marks, err := b.Machine.Marks()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{marks.Begin(7, "knobs"), marks.End(7, "ok"), marks.Close()} {
		if err != nil {
			t.Error(err)
		}
	}
	line, mark := b.lab.WaitKernel(mark, "cycle 7 begin")
	wants(t, patterns.CycleMark, line.Text)
	b.lab.WaitKernel(mark, "cycle 7 end")
	if slices.ContainsFunc(knobs, func(k *machine.Knob) bool { return k.Name == machine.Driver && k.Available(t.Context()) == nil }) {
		t.Error("a simulated radio's driver can be unbound")
	}
	for _, s := range b.Machine.Environment(t.Context(), b.Card, machine.Sources{}) {
		t.Logf("%s: %s", s.Key, s.Value)
	}
}

// turn is a knob and a value for it.
type turn struct{ name, value string }

// links are turns of the links in use, where the kernel shows them.
func (b *bench) links(t *testing.T) []turn {
	t.Helper()
	valid, active, err := b.Machine.LinkSets(t.Context(), b.Card)
	if err != nil {
		if !strings.Contains(err.Error(), "CONFIG_MAC80211_DEBUGFS") {
			t.Error(err)
		}
		t.Log(err)
		return nil
	}
	if len(valid) != 2 || len(active) == 0 {
		t.Fatalf("valid %v, active %v", valid, active)
	}
	return []turn{
		{machine.ActiveLinks, machine.LinkMask(valid[0])},
		{machine.ActiveLinks, machine.LinkMask(valid[1])},
		{machine.ActiveLinks, machine.LinkMask(valid...)},
	}
}

// TestLabSuspend goes down to the suspending of the devices, and comes back from
// there (Documentation/power/basic-pm-debugging.rst): the lab's machine does not
// wake from more.
func TestLabSuspend(t *testing.T) {
	b := start(t)
	for file, value := range map[string]string{"/sys/power/pm_test": "devices", "/sys/module/suspend/parameters/pm_test_delay": "1"} {
		before, err := os.ReadFile(file)
		if err != nil {
			t.Skipf("the kernel cannot try a suspend: %v", err)
		}
		if err := os.WriteFile(file, []byte(value), 0); err != nil {
			t.Fatal(err)
		}
		words := strings.Fields(string(before))
		t.Cleanup(func() {
			if err := os.WriteFile(file, []byte(strings.Trim(words[0], "[]")), 0); err != nil {
				t.Error(err)
			}
		})
	}
	alarm, err := b.Machine.Knob(machine.WakeAlarm, b.Card)
	if err != nil {
		t.Fatal(err)
	}
	mem, err := b.Machine.Knob(machine.MemSleep, b.Card)
	if err != nil {
		t.Fatal(err)
	}
	before, err := mem.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mark := b.lab.Kernel.Mark()
	s, err := b.Machine.Suspend(t.Context(), b.log, "s2idle", time.Minute)
	if err != nil || s.Failed {
		t.Errorf("%+v, %v", s, err)
	}
	b.lab.WaitKernel(mark, "PM: suspend entry")
	b.lab.WaitKernel(mark, "PM: suspend exit")
	if left, err := alarm.Read(t.Context()); err != nil || left != "0" {
		t.Errorf("the alarm is left at %q, %v", left, err)
	}
	if err := b.log.Undo(t.Context(), b.Machine.Undoers()); err != nil {
		t.Error(err)
	}
	b.station.WaitConnected()
	if now, err := mem.Read(t.Context()); err != nil || now != before {
		t.Errorf("mem-sleep is %q, was %q; %v", now, before, err)
	}
}
