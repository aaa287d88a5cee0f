package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"roamfault/reports/schema"
	"roamfault/roam/machine"
	"roamfault/roam/newkernel"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// updated is a machine whose baseline is watched, over its boots.
type updated struct {
	t     *testing.T
	tree  newkernel.Tree
	store *runStore
	host  machine.Host
	boots int

	stressCheck // closes runs
	becomes     string
	missing     string
	kernel      string
	stop        context.CancelFunc
	meanwhile   func() // while it is waited for the network
	drove       []string
}

// theDisk is where systems keep what is watched and look for hooks.
var theDisk = []string{"etc/systemd/system/multi-user.target.wants", "var/lib", "etc/kernel/install.d", "etc/kernel/postinst.d", "etc/kernel/postrm.d"}

// newWatched turns a watch on, of a baseline with the kernel 6.18.2.
func newWatched(t *testing.T, rate float64, more ...string) *updated {
	t.Helper()
	host, err := (&machine.Machine{Root: "/"}).Host()
	if err != nil {
		t.Skip(err)
	}
	root, runs := t.TempDir(), filepath.Join(t.TempDir(), "runs")
	for _, dir := range theDisk {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	made(t, simulated{runs: runs, id: "before", rate: rate, cycles: 400, loads: 8})
	store := &runStore{rundir.Root{Path: runs, UID: -1, GID: -1}}
	ids := append([]string{"before"}, more...)
	for _, id := range more {
		crashed(t, store, id, "6.18.2")
		if err := (&stressCheck{env{stderr: os.Stderr}, store, &newkernel.Watch{Source: "kmsg"}}).Close(t.Context(), id, "over"); err != nil {
			t.Fatal(err)
		}
	}
	b, err := store.newBaseline(t.Context(), ids)
	if err == nil {
		err = store.setBaseline(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	plan := runlog.Plan{Cycles: 400, CyclesPerLoad: 50}.WithDefaults()
	state := &newkernel.State{Version: 1, Watch: newkernel.Watch{
		Machine: host.Machine, Device: b.Device, Driver: b.Driver, Network: b.Network, Runs: runs, UID: -1, GID: -1, Plan: plan, Source: "kmsg",
	}}
	w := &updated{t: t, tree: newkernel.Tree(root), store: store, host: host}
	if _, err := w.tree.On(state, newkernel.Unit{Program: "/usr/bin/roamfault", Runs: runs}); err != nil {
		t.Fatal(err)
	}
	return w
}

// crashed makes a run in whose second cycle a machine goes down.
func crashed(t *testing.T, s *runStore, id, kernel string) {
	t.Helper()
	openRun(t, s.root, id, func(h *runlog.RunEntry) { h.Boot = strings.Repeat("0", 32) }, &runlog.EnvironmentEntry{Environment: madeOf(kernel)})
}

// madeOf is the environment that simulated runs have.
func madeOf(kernel string) runlog.Environment {
	return runlog.Environment{
		{Key: runlog.KeyKernel, Value: kernel}, {Key: runlog.KeyDriver, Value: "mt7925e"}, {Key: runlog.KeyChip, Value: "14c3:7925"},
		{Key: runlog.KeyFirmware, Value: "20250721232943"}, {Key: runlog.KeySSID, Value: "labnet"},
	}
}

func (w *updated) Ready(context.Context) string { return w.missing }

// again lets the network come up where it is late.
func (w *updated) again(context.Context) bool {
	if w.becomes != "late" {
		return false
	}
	w.missing = ""
	if w.meanwhile != nil {
		w.meanwhile()
	}
	return true
}

func (w *updated) Drive(_ context.Context, id string) error {
	w.drove = append(w.drove, "drive")
	s := simulated{runs: w.store.root.Path, id: id, kernel: w.kernel, rate: 0.02, cycles: 400, loads: 8}
	switch w.becomes {
	case "bad":
		s.rate = 0.5
	case "short":
		s.cycles, s.loads = 6, 1
	case "no run":
		return trouble(errors.New("a run is using it"))
	case "stopped":
		s.cycles, s.loads = 6, 1
		w.stop()
	case "down":
		crashed(w.t, w.store, id, w.kernel)
		runtime.Goexit()
	case "down at once":
		openRun(w.t, w.store.root, id, func(h *runlog.RunEntry) { h.Boot = strings.Repeat("0", 32) })
		runtime.Goexit()
	case "down before":
		runtime.Goexit()
	}
	made(w.t, s)
	return nil
}

// GoOn closes what was cut off, as runs resume does, and finds that little is left.
func (w *updated) GoOn(ctx context.Context, id string) error {
	w.drove = append(w.drove, "go on")
	switch w.becomes {
	case "down":
		runtime.Goexit()
	case "refused":
		return trouble(errors.New("nothing was changed"))
	}
	return w.Close(ctx, id, "2 cycles")
}

// boot boots a kernel, in which a check comes to something, and returns the exit
// code and what was said.
func (w *updated) boot(kernel, becomes string) (int, string) {
	w.t.Helper()
	state, err := w.tree.Load()
	if err != nil {
		w.t.Fatal(err)
	}
	w.boots++
	w.kernel, w.becomes, w.missing = kernel, becomes, ""
	if becomes == "battery" {
		w.missing = "it runs on battery"
	}
	if becomes == "late" {
		w.missing = "no access point was heard"
	}
	var out bytes.Buffer
	w.stressCheck = stressCheck{env{stdout: &out, stderr: &out}, w.store, &state.Watch}
	run, _, err := rundir.Load(w.t.Context(), w.store.root, "before")
	if err != nil {
		w.t.Fatal(err)
	}
	now := newkernel.Present{
		Machine: w.host.Machine, Boot: fmt.Sprint("boot ", w.boots), Made: newkernel.Of(madeOf(kernel)), Card: true, Known: []runlog.Environment{newkernel.Of(run.Environment())},
		Marked: w.tree.Marked(kernel), Alive: func(int) bool { return false },
	}
	clock := func() time.Time { return time.Date(2026, 3, w.boots, 8, 0, 0, 0, time.UTC) }
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	w.stop = stop
	if becomes == "stopped before" {
		stop()
		w.missing = "it was not asked"
	}
	code, done := -1, make(chan struct{})
	go func() {
		defer close(done) // also where the machine goes down
		err := (&baselineWatch{e: w.stressCheck.e, tree: w.tree, state: state, store: w.store, now: now, clock: clock, check: w, again: w.again}).run(ctx)
		var exit exitError
		switch {
		case err == nil:
			code = exitOK
		case errors.As(err, &exit):
			code = exit.code
			if exit.err != nil {
				fmt.Fprintln(&out, exit.err)
			}
		default:
			code = exitUsage
		}
	}()
	<-done
	return code, out.String()
}

// What comes of new kernels, boot by boot: the state is read from the disk each
// time, and the runs are real files.
func TestBaselineWatchBoots(t *testing.T) {
	const down = -1
	type boot struct {
		kernel, becomes string
		code            int
		says            string
	}
	for name, tt := range map[string]struct {
		boots   []boot
		drove   string
		verdict string // of the last check
	}{
		"the baseline's":   {[]boot{{"6.18.2", "", 0, "nothing is checked: the baseline was made on what is booted"}}, "", ""},
		"no worse":         {[]boot{{"6.19.0", "good", 0, "NO CHANGE: "}, {"6.19.0", "", 0, "was checked: no-change"}, {"6.18.2", "", 0, "nothing"}}, "drive", "no-change"},
		"worse":            {[]boot{{"6.19.0", "bad", 1, "REGRESSION: failed cycles: "}, {"6.19.0", "", 0, "was checked: regression"}}, "drive", "regression"},
		"too short":        {[]boot{{"6.19.0", "short", 125, "cycles more, in "}}, "drive", "cannot-tell"},
		"it goes down":     {[]boot{{"6.19.0", "down", down, ""}, {"6.19.0", "", 1, "REGRESSION: the machine went down in the check, and never"}, {"6.19.0", "", 0, "nothing"}}, "drive, go on", "regression"},
		"it goes down for": {[]boot{{"6.19.0", "down", down, ""}, {"6.19.0", "down", down, ""}, {"6.19.0", "", 1, "it was cut off 2 times"}, {"6.19.0", "", 0, "nothing"}}, "drive, go on", "regression"},
		"it goes down, and the old one is booted": {
			[]boot{{"6.19.0", "down", down, ""}, {"6.18.2", "", 1, "something else was booted: kernel 6.18.2, before 6.19.0"}, {"6.18.2", "", 0, "nothing"}, {"6.19.0", "", 0, "nothing"}}, "drive", "regression",
		},
		"it goes down, and a newer one is booted": {[]boot{{"6.19.0", "down", down, ""}, {"6.19.1", "good", 1, "NO CHANGE: "}, {"6.19.1", "", 0, "nothing"}}, "drive, drive", "no-change"},
		"it goes down at once":                    {[]boot{{"6.19.0", "down at once", down, ""}, {"6.18.2", "", 1, "REGRESSION: the machine went down in the check, and never"}}, "drive", "regression"},
		"it goes down, and cannot go on":          {[]boot{{"6.19.0", "down", down, ""}, {"6.19.0", "refused", 1, "nothing was changed"}}, "drive, go on", "regression"},
		"it is stopped, and so is what another one begins": {
			[]boot{{"6.19.0", "stopped", 0, "it begins anew"}, {"6.19.1", "stopped before", 125, "CANNOT TELL: "}, {"6.19.1", "good", 0, "NO CHANGE"}}, "drive, drive", "no-change",
		},
		"it goes down, and is stopped then": {
			[]boot{{"6.19.0", "down", down, ""}, {"6.19.1", "stopped before", 1, "cannot begin: it was stopped; the next boot tries again"}, {"6.19.1", "good", 0, "NO CHANGE"}}, "drive, drive", "no-change",
		},
		"put off, it goes down, and the old one is booted": {
			[]boot{{"6.19.0", "down", down, ""}, {"6.19.0", "battery", 0, "cannot begin: it runs on battery"}, {"6.18.2", "", 1, "REGRESSION: "}}, "drive", "regression",
		},
		"it goes down before anything is driven": {
			[]boot{{"6.19.0", "down before", down, ""}, {"6.19.0", "down before", down, ""}, {"6.19.0", "", 125, "CANNOT TELL: the check cannot be compared: it made no run"}}, "drive, drive", "cannot-tell",
		},
		"it is stopped":          {[]boot{{"6.19.0", "stopped", 0, "it begins anew at the next boot"}, {"6.19.0", "good", 0, "NO CHANGE: "}}, "drive, drive", "no-change"},
		"it is stopped for good": {[]boot{{"6.19.0", "stopped", 0, "it begins anew"}, {"6.19.0", "stopped", 125, "CANNOT TELL: "}, {"6.19.0", "", 0, "nothing"}}, "drive, drive", "cannot-tell"},
		"on battery":             {[]boot{{"6.19.0", "battery", 0, "cannot begin: it runs on battery; the next boot tries again"}, {"6.19.0", "battery", 0, "cannot begin"}, {"6.19.0", "good", 0, "NO CHANGE"}}, "drive", "no-change"},
		"its network is late":    {[]boot{{"6.19.0", "late", 0, "NO CHANGE: "}}, "drive", "no-change"},
		"another run has it":     {[]boot{{"6.19.0", "no run", 3, "a run is using it"}, {"6.19.0", "no run", 3, ""}, {"6.19.0", "no run", 3, ""}, {"6.19.0", "bad", 1, "REGRESSION"}}, "drive, drive, drive, drive", "regression"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, 0.02)
			for n, b := range tt.boots {
				if code, said := w.boot(b.kernel, b.becomes); code != b.code || !strings.Contains(said, b.says) {
					t.Fatalf("boot %d of %s: exit code %d, want %d, and %q in\n%s", n, b.kernel, code, b.code, b.says, said)
				}
			}
			if drove := strings.Join(w.drove, ", "); drove != tt.drove {
				t.Errorf("%s, want %s", drove, tt.drove)
			}
			state, err := w.tree.Load()
			if err != nil {
				t.Fatal(err)
			}
			if state.PutOff != nil {
				t.Errorf("it is still said to be put off: %s", state.PutOff.Why)
			}
			last := ""
			if n := len(state.Checks); n > 0 {
				last = state.Checks[n-1].Verdict
			}
			if last != tt.verdict {
				t.Errorf("verdict %q, want %q", last, tt.verdict)
			}
			infos, err := rundir.List(w.store.root)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range infos {
				run, _, err := rundir.Load(t.Context(), w.store.root, i.ID)
				if err != nil {
					t.Fatal(err)
				}
				if run.Open() || strings.HasSuffix(run.Ended.Reason, ": ") {
					t.Errorf("run %s: end %+v", i.ID, run.Ended)
				}
			}
		})
	}
}

// A crash is nothing new where the baseline has one.
func TestBaselineWatchKnownCrash(t *testing.T) {
	w := newWatched(t, 0.02, "down")
	if code, said := w.boot("6.19.0", "down"); code != -1 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if code, said := w.boot("6.18.2", ""); code != 125 || !strings.Contains(said, "CANNOT TELL") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// A machine that goes down where no cycle is under way has gone down, too.
func TestBaselineWatchDownBetweenCycles(t *testing.T) {
	w := newWatched(t, 0.02)
	at := runlog.Moment{Wall: time.Now().Add(-time.Hour), Monotonic: 2 * time.Second, Boot: 2 * time.Second}
	boot := strings.Repeat("0", 32)
	openRun(t, w.store.root, "between", func(h *runlog.RunEntry) { h.Boot = boot },
		&runlog.Cycle{Number: 2, Kind: runlog.Roam, Load: 1, Boot: boot, Begin: at, End: at, Outcome: runlog.OK, Origin: runlog.Natural},
		&runlog.EnvironmentEntry{Environment: madeOf("6.19.0")})
	c := stressCheck{env{stderr: os.Stderr}, w.store, &newkernel.Watch{Source: "kmsg"}}
	if err := c.Close(t.Context(), "between", "over"); err != nil {
		t.Fatal(err)
	}
	n, err := (&baselineWatch{store: w.store}).crashes(t.Context(), []string{"between", "before"})
	if n != 1 || err != nil {
		t.Errorf("%d, error %v", n, err)
	}
}

// A mark has a kernel checked again, once, and is there still where the check could
// not begin.
func TestBaselineWatchMarks(t *testing.T) {
	w := newWatched(t, 0.02)
	if err := w.tree.Mark("6.18.2"); err != nil {
		t.Fatal(err)
	}
	for n, b := range []struct {
		becomes string
		code    int
		marked  bool
	}{{"battery", 0, true}, {"no run", 3, true}, {"good", 0, false}, {"", 0, false}} {
		if code, said := w.boot("6.18.2", b.becomes); code != b.code || w.tree.Marked("6.18.2") != b.marked {
			t.Errorf("boot %d: exit code %d, marked %v: %s", n, code, !b.marked, said)
		}
	}
	if drove := strings.Join(w.drove, ", "); drove != "drive, drive" {
		t.Errorf("%s", drove)
	}
}

// What is said while it is waited for the network holds.
func TestBaselineWatchOnMeanwhile(t *testing.T) {
	change := func(w *updated, change func(*newkernel.State)) func() {
		return func() {
			s, err := w.tree.Load()
			if err != nil {
				t.Fatal(err)
			}
			change(s)
			if err := w.on(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tt := range map[string]struct {
		change func(*newkernel.State)
		code   int
		says   string
		drove  int
	}{
		"another plan":     {func(s *newkernel.State) { s.Watch.Plan.Cycles = 77 }, 0, "NO CHANGE", 1},
		"another baseline": {func(s *newkernel.State) { s.Watch.Network = "other" }, 3, "another baseline is watched by now", 0},
		"another process": {func(s *newkernel.State) {
			s.Checks = []newkernel.Check{{Made: newkernel.Of(madeOf("6.19.0")), Runs: []string{"x"}, Tries: 1, Verdict: "no-change"}}
		}, 0, "nothing is checked: what is booted was checked", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t, 0.02)
			w.meanwhile = change(w, tt.change)
			code, said := w.boot("6.19.0", "late")
			if code != tt.code || !strings.Contains(said, tt.says) || len(w.drove) != tt.drove {
				t.Errorf("exit code %d, drove %q: %s", code, w.drove, said)
			}
			want := &newkernel.State{}
			tt.change(want)
			s, err := w.tree.Load()
			if err != nil {
				t.Fatal(err)
			}
			if n := want.Watch.Plan.Cycles; n != 0 && s.Watch.Plan.Cycles != n {
				t.Errorf("plan %+v", s.Watch.Plan)
			}
		})
	}
}

// on turns the watch on as it is in a state.
func (w *updated) on(s *newkernel.State) error {
	_, err := w.tree.On(s, newkernel.Unit{Program: "/usr/bin/roamfault", Runs: s.Watch.Runs})
	return err
}

// The watch that is turned off while its check is under way stays off.
func TestBaselineWatchOffMeanwhile(t *testing.T) {
	w := newWatched(t, 0.02)
	state, err := w.tree.Load()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.tree.Off(); err != nil {
		t.Fatal(err)
	}
	now := newkernel.Present{Machine: w.host.Machine, Boot: "b", Made: newkernel.Of(madeOf("6.19.0")), Card: true, Known: []runlog.Environment{madeOf("6.18.2")}}
	err = (&baselineWatch{e: env{stdout: os.Stderr, stderr: os.Stderr}, tree: w.tree, state: state, store: w.store, now: now, clock: time.Now, check: w}).run(t.Context())
	if !errors.Is(err, newkernel.ErrOff) || len(w.drove) > 0 {
		t.Errorf("error %v, drove %q", err, w.drove)
	}
}

// What stands in the status is as the schema says, and the same in words is safe to
// show, whatever the state says.
func TestBaselineWatchStatus(t *testing.T) {
	const poison = "\x1b]0;x\a|\n"
	v := newValidator(t)
	w := newWatched(t, 0.02)
	if code, said := w.boot("6.19.0", "short"); code != 125 {
		t.Fatal(said)
	}
	state, err := w.tree.Load()
	if err != nil {
		t.Fatal(err)
	}
	state.Watch.Interface, state.Watch.Via, state.Watch.Allow, state.Watch.TakeOver = poison, poison, []string{poison}, true
	state.Watch.Passwords, state.Watch.Patterns, state.Watch.Plan.Name = "/"+poison, "/"+poison, poison
	pending := state.Checks[0]
	pending.Verdict, pending.Why, pending.Runs = "", poison, []string{poison}
	pending.Ended = time.Time{}
	state.Checks = append(state.Checks, pending)
	state.PutOff = &newkernel.PutOff{Why: poison}
	for _, s := range []*watchStatus{
		{Schema: schema.BaselineWatchID, On: true, Watch: &state.Watch, Installed: w.tree.Installed(), Marked: []string{"6.20"}, Due: true, Why: poison, PutOff: state.PutOff, Checks: state.Checks},
		{Schema: schema.BaselineWatchID, Installed: []string{}, Marked: []string{}, Why: newkernel.ErrOff.Error(), Checks: []newkernel.Check{}},
	} {
		var doc, text bytes.Buffer
		if err := errors.Join(writeJSON(&doc, s), s.write(&text)); err != nil {
			t.Fatal(err)
		}
		v.check(t, schema.BaselineWatchID, doc.Bytes())
		if i := strings.IndexFunc(text.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
			t.Errorf("control character in %q", &text)
		}
	}
}

// The options of a watch are those of stress, but for those of somebody who sits
// there: each is in the plan or kept beside it, so that a new option of stress is
// thought about.
func TestBaselineWatchOptions(t *testing.T) {
	on := newBaselineWatchOn(env{}, nil, new(string))
	kinds := strings.Fields(`plan cycles duration mld bssid band same-band order link seed dwell settle timeout kind ping load rate cycles-per-load
		stop-fatal stop-incidents stop-failures interface via take-over password-file allow mine patterns source trace`)
	on.Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(kinds, f.Name) {
			t.Errorf("nothing is done with --%s", f.Name)
		}
	})
	for _, name := range attended() {
		if on.Flags().Lookup(name) != nil {
			t.Errorf("it takes --%s", name)
		}
		if newStress(env{}).Flags().Lookup(name) == nil {
			t.Errorf("stress has no --%s", name)
		}
	}
	f := stressFlags{iface: "wlan1", via: "nl80211", takeOver: true, allow: []string{"ssh"}, source: "journal", mine: true, trace: true}
	f.passwords = filepath.Join(t.TempDir(), "wifi.txt")
	if err := os.WriteFile(f.passwords, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWatched(t, 0)
	b, err := w.store.watchable(nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	kept, err := f.watch(cmd, w.store, b)
	if err != nil {
		t.Fatal(err)
	}
	c := stressCheck{watch: kept}
	again, o := c.flags(), kept
	if again.iface != f.iface || again.via != f.via || !again.takeOver || !slices.Equal(again.allow, f.allow) || again.source != f.source || again.passwords != f.passwords || !again.trace || again.verdict.against {
		t.Errorf("%+v", again)
	}
	if string(o.Plan.Targets.SSID) != "labnet" || o.Plan.CyclesPerLoad != 50 || o.Plan.Name != "mlo-ping-pong" {
		t.Errorf("plan %+v", o.Plan)
	}
	if mine, err := w.store.mine(); err != nil || !mine.Has(&runlog.AP{SSID: runlog.SSID("labnet")}) {
		t.Errorf("it is not remembered, error %v", err)
	}
}
