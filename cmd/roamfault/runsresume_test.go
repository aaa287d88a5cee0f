package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/roam/machine"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// openRun makes the file of a run of this machine that stands open in its second
// cycle, as a killed process leaves it.
func openRun(t *testing.T, root rundir.Root, id string, change func(*runlog.RunEntry), more ...runlog.Entry) {
	t.Helper()
	host, err := (&machine.Machine{Root: "/"}).Host()
	if err != nil {
		t.Skip(err)
	}
	boot, err := journal.BootID()
	if err != nil {
		t.Skip(err)
	}
	plan := runlog.Plan{Cycles: 2}
	at := runlog.Moment{Wall: time.Now().Add(-time.Hour), Monotonic: time.Second, Boot: time.Second}
	head := &runlog.RunEntry{Schema: runlog.Schema, ID: id, Plan: plan.WithDefaults(), Version: "v", Started: at, Machine: host.Machine, PID: 1 << 30, Boot: boot}
	change(head)
	dir, err := rundir.Create(root, id)
	if err != nil {
		t.Fatal(err)
	}
	w := runlog.NewWriter(dir, 0)
	entries := []runlog.Entry{
		head, &runlog.BeginEntry{Number: 1, Kind: runlog.Roam, Load: 1, Boot: head.Boot, Begin: at},
		&runlog.Cycle{Number: 1, Kind: runlog.Roam, Load: 1, Boot: head.Boot, Begin: at, End: at, Outcome: runlog.OK, Origin: runlog.Natural},
		&runlog.BeginEntry{Number: 2, Kind: runlog.Roam, Load: 1, Boot: head.Boot, Begin: at},
	}
	for _, e := range append(entries, more...) {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRunsResume(t *testing.T) {
	same := func(*runlog.RunEntry) {}
	end := &runlog.EndEntry{At: runlog.Moment{Wall: time.Now()}, Reason: "interrupted"}
	for name, tt := range map[string]struct {
		make func(t *testing.T, root rundir.Root)
		args []string
		code int
		says string
	}{
		"none":     {func(*testing.T, rundir.Root) {}, nil, exitTrouble, "stands open"},
		"ended":    {func(t *testing.T, r rundir.Root) { openRun(t, r, "a", same, end) }, []string{"a"}, exitTrouble, "it has ended: interrupted"},
		"all over": {func(t *testing.T, r rundir.Root) { openRun(t, r, "a", same, end) }, nil, exitTrouble, "stands open"},
		"another machine's": {func(t *testing.T, r rundir.Root) {
			openRun(t, r, "a", func(h *runlog.RunEntry) { h.Machine = "other" })
		}, nil, exitTrouble, "another machine"},
		"with faults": {func(t *testing.T, r rundir.Root) {
			openRun(t, r, "a", func(h *runlog.RunEntry) { h.Plan.Inject = []runlog.Injection{{Fault: runlog.ChipReset, Every: 1}} })
		}, nil, exitTrouble, "--inject-again"},
		"its plan is used up": {func(t *testing.T, r rundir.Root) { openRun(t, r, "a", same) }, nil, exitOK, "cycle 2: skipped: roamfault was killed"},
		"after a crash": {func(t *testing.T, r rundir.Root) {
			openRun(t, r, "a", func(h *runlog.RunEntry) { h.Boot = strings.Repeat("0", 32) })
		}, nil, exitFound, "cycle 2: crashed: hard hang"},
		"the latest": {func(t *testing.T, r rundir.Root) {
			openRun(t, r, "a", func(h *runlog.RunEntry) { h.Machine = "other" })
			openRun(t, r, "b", same)
			openRun(t, r, "c", same, end)
		}, nil, exitOK, filepath.Join("runs", "b")},
	} {
		t.Run(name, func(t *testing.T) {
			root := rundir.Root{Path: filepath.Join(t.TempDir(), "runs"), UID: -1, GID: -1}
			tt.make(t, root)
			var out, errs bytes.Buffer
			args := append([]string{"runs", "resume", "--runs", root.Path, "--source", "kmsg"}, tt.args...)
			if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != tt.code || !strings.Contains(errs.String(), tt.says) {
				t.Errorf("code %d, want %d: %s%s", code, tt.code, &out, &errs)
			}
			if tt.code == exitTrouble {
				return
			}
			infos, err := rundir.List(root)
			if err != nil {
				t.Fatal(err)
			}
			run, stats, err := rundir.Load(t.Context(), root, infos[len(infos)/2].ID)
			if err != nil || !stats.Clean() || run.Open() || run.Ended.Totals.Cycles != 2 || run.Cycles.Len() != 2 || run.Interrupted != nil {
				t.Errorf("%+v, error %v", run, err)
			}
		})
	}
}

// A run that a process has is left alone.
func TestRunsResumeLocked(t *testing.T) {
	root := rundir.Root{Path: filepath.Join(t.TempDir(), "runs"), UID: -1, GID: -1}
	openRun(t, root, "a", func(*runlog.RunEntry) {})
	owner, err := rundir.Open(context.Background(), root, "a")
	if err != nil {
		t.Fatal(err)
	}
	before := owner.Stats.Bytes
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"runs", "resume", "--runs", root.Path, "a"}, strings.NewReader(""), &out, &errs)
	if code != exitTrouble || !strings.Contains(errs.String(), rundir.ErrLocked.Error()) {
		t.Errorf("code %d: %s", code, &errs)
	}
	if err := owner.Close(); err != nil {
		t.Fatal(err)
	}
	if _, stats, err := rundir.Load(t.Context(), root, "a"); err != nil || stats.Bytes != before {
		t.Errorf("%d bytes, before %d, error %v", stats.Bytes, before, err)
	}
}

// The unit at boot is given what the run was begun with, by paths that hold there.
func TestAtBoot(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	f := stressFlags{iface: "wlan0", takeOver: true, passwords: "wifi.txt", allow: []string{"ssh"}, source: "journal"}
	u, err := f.atBoot(&runStore{rundir.Root{Path: filepath.Join(dir, "runs")}}, "id", true)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(u.Args, " ")
	for _, want := range []string{"--interface wlan0", "--source journal", "--password-file " + filepath.Join(dir, "wifi.txt"), "--allow ssh", "--take-over", "--inject-again"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	// What it is given is understood.
	cmd := newRunsResume(env{}, func() (*runStore, error) { return nil, errors.New("far enough") })
	cmd.SetArgs(append(slices.Clone(u.Args), "--on-boot", "id"))
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	if err := cmd.Execute(); err == nil || err.Error() != "far enough" {
		t.Errorf("error %v", err)
	}
}

// Whose program another user's process is its name tells.
func TestExecutes(t *testing.T) {
	comm, err := os.ReadFile("/proc/1/comm")
	if err != nil {
		t.Skip("needs /proc")
	}
	program := "/x/" + strings.TrimSpace(string(comm))
	if exe, err := os.Readlink("/proc/1/exe"); err == nil {
		program = exe // root sees it
	}
	if !executes(1, program) || executes(1, "/x/other") || executes(1<<30, program) {
		t.Errorf("process 1 executes %s: %v, /x/other: %v", program, executes(1, program), executes(1, "/x/other"))
	}
}
