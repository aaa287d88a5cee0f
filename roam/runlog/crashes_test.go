package runlog

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// crashed is a run that two boots of three died in.
func crashed() *Run {
	cycles := func(boot string, first, n, load int) []*Cycle {
		var out []*Cycle
		for i := range n {
			out = append(out, &Cycle{Number: first + i, Load: load, Boot: boot, Begin: Moment{Boot: time.Duration(10*i+10) * time.Second}, Outcome: OK, Origin: Natural})
		}
		return out
	}
	l := newLoader(nil)
	for _, c := range slices.Concat(cycles("a", 1, 3, 1), cycles("b", 4, 2, 2), cycles("c", 6, 1, 3)) {
		l.entry(c)
	}
	l.run.Head = RunEntry{Boot: "a"}
	return l.run
}

func pauseAt(s int, boot string) PauseEntry {
	return PauseEntry{At: Moment{Boot: time.Duration(s)}, Boot: boot, Load: 1, Why: betweenCycles}
}

func noteAt(s int, words string) NoteEntry {
	return NoteEntry{At: Moment{Boot: time.Duration(s)}, Text: betweenCycles + words}
}

// A boot dies once, however often it was written down; what a shutdown ended did not die,
// nor what a cycle has as its outcome.
func TestCrashes(t *testing.T) {
	incident := func(boot string, cycle, s int, fatal bool) IncidentEntry {
		return IncidentEntry{Boot: boot, Cycle: cycle, Fatal: fatal, At: Moment{Boot: time.Duration(s) * time.Second}}
	}
	for name, tt := range map[string]struct {
		change func(*Run)
		want   string
	}{
		"none": {func(*Run) {}, "[]"},
		"one": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(1, "a")}, []NoteEntry{noteAt(1, " (crashed: hard hang)")}
		}, "[{a 1 hard hang 3 []}]"},
		"a shutdown": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(1, "a")}, []NoteEntry{noteAt(1, " (skipped: the machine was shut down)")}
		}, "[]"},
		"its note is lost": {func(r *Run) { r.Pauses = []PauseEntry{pauseAt(1, "a")} }, "[{a 1  3 []}]"},
		"two boots": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(1, "a"), pauseAt(2, "b")}, []NoteEntry{noteAt(1, " (crashed: x)"), noteAt(2, " (crashed: y (z))")}
		}, "[{a 1 x 3 []} {b 2 y (z) 5 []}]"},
		"written down twice": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(1, "a"), pauseAt(2, "a")}, []NoteEntry{noteAt(1, " (crashed: x)"), noteAt(2, " (crashed: y)")}
		}, "[{a 1 x 3 []}]"},
		"the note was cut off from its pause": {func(r *Run) {
			r.Notes = []NoteEntry{noteAt(1, " (crashed: x)")}
		}, "[{a 1 x 3 []}]"},
		"and written anew": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(2, "a")}, []NoteEntry{noteAt(1, " (crashed: x)"), noteAt(2, " (crashed: x)")}
		}, "[{a 1 x 3 []}]"},
		"a cycle has it": {func(r *Run) {
			r.Pauses, r.Notes = []PauseEntry{pauseAt(1, "a")}, []NoteEntry{noteAt(1, " (crashed: x)")}
			r.Cycles.setOutcome(1, Crashed)
		}, "[]"},
		"the program was killed": {func(r *Run) {
			p := pauseAt(1, "a")
			p.Why = "roamfault was killed between two cycles"
			r.Pauses = []PauseEntry{p}
		}, "[]"},
		"other notes": {func(r *Run) {
			r.Notes = []NoteEntry{noteAt(1, ""), noteAt(1, " (crashed"), {Text: "the log could not be read"}}
		}, "[]"},
		"a boot without cycles": {func(r *Run) { r.Pauses = []PauseEntry{pauseAt(1, "z")} }, "[{z 1  0 []}]"},
		"what tells it": {func(r *Run) {
			r.Pauses = []PauseEntry{pauseAt(1, "a")}
			r.Incidents = []IncidentEntry{
				incident("a", 3, 40, true), incident("a", 0, 41, true), incident("a", 3, 31, false), incident("a", 2, 22, true), incident("b", 5, 40, true), incident("a", 0, 12, true),
			}
		}, "[{a 1  3 [0 1]}]"},
	} {
		r := crashed()
		tt.change(r)
		if got := fmt.Sprint(r.Crashes()); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// That there is no class which could be told is not that nobody knows.
func TestClassesOfAnEnvironment(t *testing.T) {
	var e Environment
	if e.Classes() != nil {
		t.Errorf("nobody wrote any down: %v", e.Classes())
	}
	e.SetClasses(nil)
	if got := e.Classes(); got == nil || len(got) != 0 {
		t.Errorf("there are none: %v", got)
	}
	e.SetClasses([]string{"a:k", "b:ks"})
	if got := e.Classes(); !slices.Equal(got, []string{"a:k", "b:ks"}) {
		t.Errorf("%v", got)
	}
}
