package compare

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/roam/resume"
	"roamfault/roam/runlog"
)

const (
	bootA  = "11111111111111111111111111111111"
	bootB  = "22222222222222222222222222222222"
	panics = "Kernel panic - not syncing: Fatal exception in interrupt"
	stuck  = "mt7925e 0000:05:00.0: Message 00020003 (seq 7) timeout"
)

// at is a moment of a boot, so many seconds after its begin.
func at(s float64) runlog.Moment {
	d := time.Duration(s * float64(time.Second))
	return runlog.Moment{Wall: time.Unix(1_770_000_000, 0).UTC().Add(d), Monotonic: d, Boot: d}
}

// died is what a machine's logs have of the boot that ended.
type died []journal.Record

func (d died) Log(_ context.Context, _ string, _, _ time.Time, yield func(*journal.Record) error) error {
	for i := range d {
		if err := yield(&d[i]); err != nil {
			return err
		}
	}
	return nil
}

func (died) Dumps(context.Context, time.Time, func(*journal.Record) error) error { return nil }

func said(s float64, identifier, message string) journal.Record {
	m := at(s)
	return journal.Record{
		Time: journal.Time{Wall: m.Wall, Mono: m.Monotonic, HasMono: true}, Boot: bootA, Identifier: identifier,
		Transport: journal.TransportKernel, Message: message, Count: 1, Priority: 3,
	}
}

// appended adds entries to a run file.
func appended(t testing.TB, f *file, last uint64, entries ...runlog.Entry) {
	t.Helper()
	w := runlog.NewWriter(f, last)
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
}

// driven is a run of cycles, ten seconds each from the 110th second on, each with the
// outcome it is given.
func driven(t testing.TB, outcomes ...runlog.Outcome) *file {
	t.Helper()
	plan := runlog.Plan{Name: "test", Cycles: 100}.WithDefaults()
	f := &file{}
	entries := []runlog.Entry{&runlog.RunEntry{Schema: runlog.Schema, ID: "r", Plan: plan, Version: "v", Started: at(100), Machine: "m", PID: 77, Boot: bootA}}
	for i, o := range outcomes {
		begin := 110 + 10*float64(i)
		entries = append(entries, &runlog.BeginEntry{Number: i + 1, Kind: runlog.Roam, Load: 1, Boot: bootA, Begin: at(begin)},
			&runlog.Cycle{Number: i + 1, Kind: runlog.Roam, Load: 1, Boot: bootA, Begin: at(begin), End: at(begin + 5), Outcome: o, Origin: runlog.Natural, Took: 200 * time.Millisecond})
	}
	appended(t, f, 0, entries...)
	return f
}

// closes has a run taken up in another boot.
func closes(t testing.TB, f *file, logs died) {
	t.Helper()
	run, stats, err := runlog.Load(context.Background(), bytes.NewReader(f.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := resume.Look(run, stats, resume.Present{Machine: "m", Boot: bootB})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Close(context.Background(), resume.Closing{File: func() io.Reader { return bytes.NewReader(f.Bytes()) }, Evidence: logs, Catalogue: patterns.Builtin(), Now: at(500)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(runlog.NewWriter(f, stats.Last)); err != nil {
		t.Fatal(err)
	}
}

// goesOn adds that a run went on in the boot after, with a good cycle there.
func goesOn(t *testing.T, f *file) {
	t.Helper()
	_, stats, err := runlog.Load(t.Context(), bytes.NewReader(f.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	appended(t, f, stats.Last, &runlog.ResumeEntry{At: at(20), Boot: bootB, PID: 78, Load: 2},
		&runlog.Cycle{Number: 90, Kind: runlog.Roam, Load: 2, Boot: bootB, Begin: at(30), End: at(35), Outcome: runlog.OK, Origin: runlog.Natural})
}

// A crash between two cycles is an event, once, whatever the logs tell of it and to
// which cycle they give it; a shutdown is none, and one within a cycle is that cycle's.
func TestCrashBetweenCycles(t *testing.T) {
	ok, bad := runlog.OK, runlog.Timeout
	for name, c := range map[string]struct {
		outcomes []runlog.Outcome
		logs     died
		between  int
		failed   int
		incident int // by hour
		classes  string
	}{
		"no log is left":             {[]runlog.Outcome{ok, ok}, nil, 1, 1, 1, ""},
		"panic":                      {[]runlog.Outcome{ok, ok}, died{said(140, "kernel", stuck), said(141, "kernel", panics)}, 1, 1, 1, "mcu-timeout 1/3"},
		"panic, no incident of it":   {[]runlog.Outcome{ok, ok}, died{said(141, "kernel", panics)}, 1, 1, 1, ""},
		"behind a cycle that failed": {[]runlog.Outcome{ok, bad}, died{said(140, "kernel", stuck), said(141, "kernel", panics)}, 1, 2, 1, "mcu-timeout 1/3"},
		"shut down":                  {[]runlog.Outcome{ok, ok}, died{said(141, "systemd-logind", "The system will reboot now!")}, 0, 0, 0, ""},
		"before the first cycle":     {nil, nil, 1, 1, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := driven(t, c.outcomes...)
			closes(t, f, c.logs)
			for _, then := range []string{"closed", "closed again", "went on"} {
				switch then {
				case "closed again":
					closes(t, f, c.logs)
				case "went on":
					goesOn(t, f)
				}
				a, _ := taken(t, f.Bytes())
				got := mustCompare(t, a, NewArm("b"), Options{})
				cycles := len(c.outcomes) + c.between
				if then == "went on" {
					cycles++
				}
				var classes []string
				for _, class := range got.Classes {
					classes = append(classes, fmt.Sprintf("%s %d/%d", class.Class, class.Test.A.Events, len(c.outcomes)+c.between))
				}
				if got.A.Between != c.between || got.A.Crashes != c.between || got.Overall.A.Events != c.failed || got.Overall.A.Trials != cycles || got.Overall.Hours.A.Events != c.incident || strings.Join(classes, " ") != c.classes {
					t.Errorf("%s: %+v, overall %+v, %d incidents, classes %v", then, got.A, got.Overall.A, got.Overall.Hours.A.Events, classes)
				}
				if c.between > 0 != has(got, WarnEarly, "between two cycles") {
					t.Errorf("%s: %+v", then, got.Warnings)
				}
				for _, l := range got.Latencies {
					if l.A.Censored > 0 && !strings.Contains(name, "failed") {
						t.Errorf("a crash has no duration: %+v", l)
					}
				}
			}
		})
	}
}

// One that a cycle has is not counted between two as well, nor one of a program that
// was killed.
func TestCrashWithinACycleIsTheCycles(t *testing.T) {
	f := driven(t, runlog.OK)
	_, stats, _ := runlog.Load(t.Context(), bytes.NewReader(f.Bytes()))
	appended(t, f, stats.Last, &runlog.BeginEntry{Number: 2, Kind: runlog.Roam, Load: 1, Boot: bootA, Begin: at(130)})
	closes(t, f, died{said(131, "kernel", stuck), said(132, "kernel", panics)})
	a, _ := taken(t, f.Bytes())
	if got := mustCompare(t, a, NewArm("b"), Options{}); got.A.Crashes != 1 || got.A.Between != 0 || got.Overall.A.Events != 1 || got.Overall.A.Trials != 2 || got.Overall.Hours.A.Events != 1 {
		t.Errorf("%+v %+v", got.A, got.Overall.A)
	}
}

// Whatever part of the closing is on the disk: the crash is there once as soon as it
// is told at all.
func TestCrashClosingCutOff(t *testing.T) {
	logs := died{said(140, "kernel", stuck), said(141, "kernel", panics)}
	whole := driven(t, runlog.OK, runlog.OK)
	before := whole.Len()
	closes(t, whole, logs)
	lines := bytes.SplitAfter(whole.Bytes()[before:], []byte("\n"))
	for n := range lines {
		f := &file{}
		f.Write(whole.Bytes()[:before])
		f.Write(bytes.Join(lines[:n], nil))
		a, _ := taken(t, f.Bytes())
		told := bytes.Contains(f.Bytes(), []byte("between two cycles"))
		if got := mustCompare(t, a, NewArm("b"), Options{}); told != (got.A.Between == 1) {
			t.Errorf("after %d lines: %+v", n, got.A)
		}
		closes(t, f, logs)
		a, _ = taken(t, f.Bytes())
		if got := mustCompare(t, a, NewArm("b"), Options{}); got.A.Between != 1 || got.Overall.A.Events != 1 || got.Overall.A.Trials != 3 || got.Overall.Hours.A.Events != 1 {
			t.Errorf("after %d lines, and closed: %+v, %+v, %d an hour", n, got.A, got.Overall.A, got.Overall.Hours.A.Events)
		}
	}
}
