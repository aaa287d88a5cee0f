package manager_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/lab/site"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// bench is a lab whose supplicants are the test's to start.
type bench struct {
	*testing.T
	lab     *labtest.Lab
	system  manager.System
	changes []manager.Change
	ctx     context.Context
}

func newBench(t *testing.T, stations int) *bench {
	t.Helper()
	l := labtest.Start(t, labtest.Needs{Stations: stations, NoCapture: true})
	client, err := nl80211.Dial(nl80211.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return &bench{T: t, lab: l, system: manager.This(client, nil, nil), ctx: ctx}
}

func (b *bench) do(ctx context.Context, c manager.Change, apply func(context.Context) error) error {
	text, err := json.Marshal(c)
	if err != nil {
		b.Error(err)
	}
	var read manager.Change
	if err := json.Unmarshal(text, &read); err != nil {
		b.Error(err)
	}
	b.changes = append(b.changes, read)
	return apply(ctx)
}

func (b *bench) look(iface string) manager.Management {
	b.Helper()
	man, err := manager.Look(b.ctx, b.system, iface)
	if err != nil {
		b.Fatal(err)
	}
	return man
}

// config writes a configuration, and returns its path.
func (b *bench) config() (file, control string) {
	b.Helper()
	dir := b.TempDir()
	control = filepath.Join(dir, "control")
	file = filepath.Join(dir, "w.conf")
	text := site.Supplicant{Control: control}.Config(b.lab.Plan)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return file, control
}

// start starts a supplicant that goes to the background.
func (b *bench) start(args ...string) {
	b.Helper()
	if out, err := exec.CommandContext(b.ctx, "wpa_supplicant", append([]string{"-B"}, args...)...).CombinedOutput(); err != nil {
		b.Fatalf("start wpa_supplicant: %v: %s", err, out)
	}
	b.Cleanup(func() {
		man, err := manager.Look(context.Background(), b.system, "wlan0")
		if err != nil {
			return // the lab is gone, and all with it
		}
		for _, s := range man.Supplicants {
			_ = b.system.Processes.Terminate(s.PID) // an error: it has ended
		}
	})
}

// waitState waits for a state of the supplicant at a socket.
func (b *bench) waitState(socket, state string) {
	b.Helper()
	answer := ""
	var err error
	for b.ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(b.ctx, time.Second)
		answer, err = b.system.Control.Ask(ctx, socket, "STATUS")
		cancel()
		if err == nil && strings.Contains(answer, "wpa_state="+state) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("it does not come to %s: %q, error %v", state, answer, err)
}

// A supplicant's interface is taken from it, driven by one of our own with the
// password that was found, and given back.
func TestTakeOverInLab(t *testing.T) {
	b := newBench(t, 1)
	iface := b.lab.Stations[0].Name
	file, control := b.config()
	b.start("-i", iface, "-c", file)
	socket := filepath.Join(control, iface)
	b.waitState(socket, "COMPLETED")

	man := b.look(iface)
	way, err := man.Choose("")
	if err != nil || way.Via != manager.ViaControl || len(man.Supplicants) != 1 || man.Supplicants[0].Control != socket {
		t.Fatalf("%+v, error %v, supplicants %+v", way, err, man.Supplicants)
	}
	if _, err := man.Choose(manager.ViaNL80211); err == nil {
		t.Error("it would fight a supplicant")
	}
	ssid := runlog.SSID(b.lab.Plan.APs[0].SSID)
	found, err := manager.Secrets(b.ctx, b.system, &man, ssid)
	if err != nil || found.Passphrase.Reveal() != b.lab.Plan.APs[0].Password || found.From != file {
		t.Fatalf("%+v, error %v", found, err)
	}
	guards := manager.Guards(b.ctx, b.system, iface, runlog.Plan{}, manager.Mine{})
	if refused := manager.Refusals(guards); len(refused) != 0 {
		t.Errorf("refused by %+v", refused)
	}
	if at := slices.IndexFunc(guards, func(g manager.Guard) bool { return g.Name == "own" }); at < 0 || !strings.Contains(guards[at].Detail, "simulated") {
		t.Errorf("guards %+v", guards)
	}

	give, err := manager.TakeOver(b.ctx, b.system, iface, b.do)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.changes) != 1 || b.changes[0].Kind != manager.ProcessEnded {
		t.Errorf("changes %+v", b.changes)
	}
	man = b.look(iface)
	if way, err := man.Choose(""); err != nil || way.Via != manager.ViaNL80211 {
		t.Errorf("%+v, error %v", way, err)
	}

	dir := t.TempDir()
	own, stop, err := manager.OwnSupplicant(b.ctx, b.system, manager.Own{
		Interface: iface, Dir: dir, Networks: []manager.Credentials{found}, Lines: []string{"freq_list=" + b.frequencies()},
	}, b.do)
	if err != nil {
		t.Fatal(err)
	}
	b.waitState(own, "COMPLETED")
	man = b.look(iface)
	if way, err := man.Choose(manager.ViaControl); err != nil || !strings.Contains(way.Reason, own) {
		t.Errorf("%+v, error %v", way, err)
	}
	if info, err := os.Stat(filepath.Dir(filepath.Dir(own))); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, error %v", info, err)
	}
	if err := stop(b.ctx); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}

	if err := give(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.waitState(socket, "COMPLETED")
	before := b.look(iface).Supplicants
	for _, c := range b.changes {
		if err := manager.Undo(b.ctx, b.system, c.Kind, c.Args); err != nil {
			t.Errorf("undone already: %v", err)
		}
	}
	if after := b.look(iface).Supplicants; len(after) != 1 || after[0].PID != before[0].PID {
		t.Errorf("undone twice: %+v, before %+v", after, before)
	}
}

// frequencies are those of the plan, in MHz, so that scans are short.
func (b *bench) frequencies() string {
	var out []string
	for _, line := range strings.Split(site.Supplicant{}.Config(b.lab.Plan), "\n") {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), "scan_freq="); ok {
			out = append(out, list)
		}
	}
	return strings.Join(out, " ")
}

// After a kill what was written down is enough to give back, and our own
// supplicant does not stay.
func TestUndoInLab(t *testing.T) {
	b := newBench(t, 1)
	iface := b.lab.Stations[0].Name
	file, control := b.config()
	b.start("-i", iface, "-c", file)
	socket := filepath.Join(control, iface)
	if _, err := manager.TakeOver(b.ctx, b.system, iface, b.do); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, _, err := manager.OwnSupplicant(b.ctx, b.system, manager.Own{Interface: iface, Dir: dir}, b.do); err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Backward(b.changes) {
		if err := manager.Undo(b.ctx, b.system, c.Kind, c.Args); err != nil {
			t.Fatal(err)
		}
	}
	b.waitState(socket, "COMPLETED")
	if man := b.look(iface); len(man.Supplicants) != 1 || man.Supplicants[0].Control != socket {
		t.Errorf("supplicants %+v", man.Supplicants)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
	// A second supplicant of ours would find the interface taken: it is said.
	if man := b.look(iface); len(man.Supplicants) == 1 {
		b.start("-i", iface, "-c", file, "-O", filepath.Join(t.TempDir(), "other"))
		man = b.look(iface)
		if _, err := man.Choose(""); err == nil || !strings.Contains(err.Error(), "two supplicants") {
			t.Errorf("error %v", err)
		}
	}
}

// A supplicant with two interfaces keeps one.
func TestGlobalInLab(t *testing.T) {
	b := newBench(t, 2)
	iface, other := b.lab.Stations[0].Name, b.lab.Stations[1].Name
	file, control := b.config()
	global := filepath.Join(t.TempDir(), "global")
	b.start("-g", global, "-i", iface, "-c", file, "-N", "-i", other, "-c", file)
	socket := filepath.Join(control, iface)
	b.waitState(socket, "COMPLETED")
	pid := b.look(iface).Supplicants[0].PID
	give, err := manager.TakeOver(b.ctx, b.system, iface, b.do)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.changes) != 1 || b.changes[0].Kind != manager.GlobalInterface {
		t.Errorf("changes %+v", b.changes)
	}
	if man := b.look(iface); len(man.Supplicants) != 0 {
		t.Errorf("supplicants %+v", man.Supplicants)
	}
	if man := b.look(other); len(man.Supplicants) != 1 || man.Supplicants[0].PID != pid {
		t.Errorf("supplicants of the other: %+v", man.Supplicants)
	}
	if err := give(b.ctx); err != nil {
		t.Fatal(err)
	}
	b.waitState(socket, "COMPLETED")
	if man := b.look(iface); len(man.Supplicants) != 1 || man.Supplicants[0].PID != pid {
		t.Errorf("supplicants %+v", man.Supplicants)
	}
}

// The kernel is asked for routes.
func TestRoutesInLab(t *testing.T) {
	b := newBench(t, 1)
	iface := b.lab.Stations[0].Name
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(b.ctx, "ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %v: %v: %s", args, err, out)
		}
	}
	run("addr", "add", "10.77.0.5/24", "dev", iface)
	run("link", "set", iface, "up")
	b.system.Getenv = func(name string) string {
		return map[string]string{"SSH_CONNECTION": "10.99.0.1 5000 10.77.0.5 22"}[name]
	}
	guard := func(name string) manager.Guard {
		t.Helper()
		all := manager.Guards(b.ctx, b.system, iface, runlog.Plan{}, manager.Mine{})
		return all[slices.IndexFunc(all, func(g manager.Guard) bool { return g.Name == name })]
	}
	if g := guard("ssh"); g.State != manager.Refused || !strings.Contains(g.Detail, "itself") {
		t.Errorf("%+v", g)
	}
	b.system.Getenv = func(name string) string {
		return map[string]string{"SSH_CLIENT": "10.77.0.1 5000 22"}[name]
	}
	if g := guard("ssh"); g.State != manager.Refused || !strings.Contains(g.Detail, "packets to 10.77.0.1 go over "+iface) {
		t.Errorf("%+v", g)
	}
}
