package runlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/roam/runlog"
	"roamfault/roam/runlog/runlogtest"
)

const cyclesOfRun = 6

func at(seconds int) runlog.Moment {
	d := time.Duration(seconds) * time.Second
	return runlog.Moment{Wall: time.Unix(1_770_000_000, 0).UTC().Add(d), Monotonic: d, Boot: d}
}

// drive makes a run on a file as an engine does: a sync at each begin and end of
// a cycle. It returns the cycles whose end it was told to be on the disk.
func drive(f runlog.File, last uint64, boot string, from int) (synced []int, err error) {
	w := runlog.NewWriter(f, last)
	if last == 0 {
		head := &runlog.RunEntry{Schema: runlog.Schema, ID: "20260301-220000-0a1b", Plan: runlog.Plan{Name: "x", Cycles: cyclesOfRun}, Started: at(0), PID: 1, Boot: boot}
		if err := append1(w, head); err != nil {
			return nil, err
		}
	} else if err := append1(w, &runlog.ResumeEntry{At: at(1), Boot: boot, PID: 2}); err != nil {
		return nil, err
	}
	for n := from; n <= cyclesOfRun; n++ {
		begin := &runlog.BeginEntry{Number: n, Kind: runlog.Roam, Load: 1, Boot: boot, Begin: at(n)}
		if err := append1(w, begin); err != nil {
			return synced, err
		}
		c := &runlog.Cycle{Number: n, Kind: runlog.Roam, Load: 1, Boot: boot, Begin: at(n), End: at(n + 1), Outcome: runlog.OK, Origin: runlog.Natural}
		note := &runlog.NoteEntry{At: at(n), Cycle: n, Text: "x"}
		if n%3 == 0 { // more than a writer keeps back
			note.Text = strings.Repeat("x", 40_000)
		}
		if err := append1(w, note, note, c); err != nil {
			return synced, err
		}
		synced = append(synced, n)
	}
	if err := append1(w, &runlog.EndEntry{At: at(99), Reason: "cycles"}); err != nil {
		return synced, err
	}
	return synced, w.Close()
}

func append1(w *runlog.Writer, entries ...runlog.Entry) error {
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			return err
		}
	}
	return w.Sync()
}

// The power is lost in every call of the file, with every share of what was not
// synced on the disk: no cycle that was synced is lost, none counts twice, and
// the run goes on to its end.
func TestCrash(t *testing.T) {
	whole := runlogtest.New(nil, runlogtest.Faults{})
	if _, err := drive(whole, 0, "boot-1", 1); err != nil {
		t.Fatal(err)
	}
	for kill := 1; kill <= whole.Calls(); kill++ {
		f := runlogtest.New(nil, runlogtest.Faults{KillAt: kill})
		synced, err := drive(f, 0, "boot-1", 1)
		if !errors.Is(err, runlogtest.ErrKilled) {
			t.Fatalf("killed in call %d: %v", kill, err)
		}
		for _, share := range []int{0, 1, f.Unsynced() / 3, f.Unsynced() - 1, f.Unsynced()} {
			if share >= 0 {
				resume(t, fmt.Sprintf("killed in call %d, %d of %d bytes more", kill, share, f.Unsynced()), f.After(share), synced)
			}
		}
	}
}

// resume goes on with a run after a crash, once, and looks at what became of it.
func resume(t *testing.T, where string, disk []byte, synced []int) {
	t.Helper()
	run, stats, err := runlog.Load(context.Background(), bytes.NewReader(disk))
	if err != nil {
		if len(synced) > 0 {
			t.Fatalf("%s: %v", where, err)
		}
		return // not even the first line was synced
	}
	if !stats.Clean() {
		t.Errorf("%s: %q", where, stats.Problems())
	}
	if n := run.Cycles.Len(); n < len(synced) || n > len(synced)+1 {
		t.Fatalf("%s: %d cycles, %d were synced", where, n, len(synced))
	}
	if !run.Open() {
		return
	}
	next := run.Cycles.Len() + 1
	if b := run.Interrupted; b != nil && b.Number != next {
		t.Errorf("%s: cycle %d was interrupted, want %d", where, b.Number, next)
	}
	f := runlogtest.New(disk[:stats.Whole], runlogtest.Faults{})
	if _, err := drive(f, stats.Last, "boot-2", next); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	run, stats, err = runlog.Load(context.Background(), bytes.NewReader(f.Disk()))
	if err != nil || !stats.Clean() || stats.Torn > 0 || run.Open() || run.Cycles.Len() != cyclesOfRun || run.Repeated > 0 {
		t.Fatalf("%s, gone on with: %d cycles, open %t, %q, %v", where, run.Cycles.Len(), run.Open(), stats.Problems(), err)
	}
	for i, b := range run.Cycles.All() {
		if b.Number != i+1 {
			t.Errorf("%s: cycle %d in place %d", where, b.Number, i)
		}
		if want := map[bool]string{true: "boot-1", false: "boot-2"}[i < next-1]; b.Boot != want {
			t.Errorf("%s: cycle %d in %s, want %s", where, b.Number, b.Boot, want)
		}
	}
	if pid, boot := run.Owner(); pid != 2 || boot != "boot-2" {
		t.Errorf("%s: owner %d in %s", where, pid, boot)
	}
}

// A disk that fails ends the writing for good: what was synced stays.
func TestFailingDisk(t *testing.T) {
	tests := []struct {
		name   string
		faults runlogtest.Faults
		want   error
	}{
		{"full", runlogtest.Faults{Room: 100_000}, syscall.ENOSPC},
		{"full at once", runlogtest.Faults{Room: 10}, syscall.ENOSPC},
		{"sync fails", runlogtest.Faults{SyncFails: 7}, syscall.EIO},
		{"short write", runlogtest.Faults{Short: 5}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := runlogtest.New(nil, tt.faults)
			synced, err := drive(f, 0, "boot-1", 1)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			resume(t, tt.name, f.After(f.Unsynced()), synced)
		})
	}
}

func TestErrorsStay(t *testing.T) {
	f := runlogtest.New(nil, runlogtest.Faults{SyncFails: 1})
	w := runlog.NewWriter(f, 0)
	note := &runlog.NoteEntry{At: at(1), Text: "x"}
	if err := append1(w, note); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	calls := f.Calls()
	if err := w.Append(note); !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v", err)
	}
	if err := w.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync: %v", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("close: %v", err)
	}
	if f.Calls() != calls {
		t.Error("it went on writing")
	}
	good := runlog.NewWriter(runlogtest.New(nil, runlogtest.Faults{}), 0)
	if err := good.Close(); err != nil {
		t.Fatal(err)
	}
	if err := good.Append(note); err == nil {
		t.Error("a closed writer takes entries")
	}
}
