package main

import (
	"testing"
	"time"

	"roamfault/reports/compare"
	"roamfault/roam/runlog"
)

// loadsOf are loads of the firmware of so many cycles, of which those fail whose
// number the function names.
func loadsOf(loads, cycles int, fails func(load, cycle int) bool, each func(*runlog.Cycle) bool) {
	for load := range loads {
		for n := range cycles {
			at := time.Duration(load*cycles+n) * time.Second
			c := runlog.Cycle{
				Number: load*cycles + n + 1, Kind: runlog.Roam, Load: load + 1, Boot: "b", Origin: runlog.Natural, Outcome: runlog.OK,
				AfterReset: n == 0 && load > 0,
				Begin:      runlog.Moment{Monotonic: at, Boot: at}, End: runlog.Moment{Monotonic: at + time.Second, Boot: at + time.Second}, Took: 50 * time.Millisecond,
			}
			if fails(load, n) {
				c.Outcome = runlog.Timeout
			}
			if !each(&c) {
				return
			}
		}
	}
}

// A run ends when it can be told that it is worse, or is not, and a bad one sooner
// than the plan.
func TestTrials(t *testing.T) {
	const loads, cycles = 60, 25
	never := func(int, int) bool { return false }
	for name, tt := range map[string]struct {
		fails func(load, cycle int) bool
		want  string
	}{
		"as before": {never, "the verdict: " + compare.NoChange.String()},
		"worse":     {func(_, cycle int) bool { return cycle%8 == 5 }, "the verdict: " + compare.Regression.String()},
	} {
		t.Run(name, func(t *testing.T) {
			arm := compare.NewArm("baseline")
			taken := arm.Run(compare.RunInfo{})
			var current *compare.Load
			was := 0
			loadsOf(loads, cycles, never, func(c *runlog.Cycle) bool {
				if c.Load != was {
					was = c.Load
					current = taken.Load(compare.LoadInfo{Number: c.Load, Boot: c.Boot})
				}
				taken := compare.CycleOf(c, 20*time.Second)
				current.Cycle(&taken)
				return true
			})
			until, err := compare.NewUntil(arm, cycles-1, 0.1, compare.Options{})
			if err != nil {
				t.Fatal(err)
			}
			trials := &trials{until: until}
			got, at := "", 0
			loadsOf(loads, cycles, tt.fails, func(c *runlog.Cycle) bool {
				got, at = trials.enough(c), c.Number
				return got == ""
			})
			if got != tt.want {
				t.Errorf("%q after %d cycles, want %q", got, at, tt.want)
			}
		})
	}
}
