package recorder

import (
	"testing"

	"roamfault/roam/runlog"
)

// A run that is taken up again ends with the counts of all of it, and changes none
// that it was given.
func TestContinue(t *testing.T) {
	f := &file{}
	r := begun(t, f)
	before := runlog.Totals{Cycles: 7, Bad: 2, Incidents: 3, Loads: 2, Outcomes: map[runlog.Outcome]int{runlog.OK: 5, runlog.Crashed: 2}}
	r.Continue(before)
	c := cycle(8, 10, 12, runlog.Natural, runlog.OK)
	if err := r.Begin(c); err != nil {
		t.Fatal(err)
	}
	if err := r.End(c); err != nil {
		t.Fatal(err)
	}
	got := r.Totals()
	if got.Cycles != 8 || got.Bad != 2 || got.Incidents != 3 || got.Loads != 2 || got.Outcomes[runlog.OK] != 6 || got.Outcomes[runlog.Crashed] != 2 {
		t.Errorf("totals %+v", got)
	}
	if before.Outcomes[runlog.OK] != 5 {
		t.Errorf("what it was given is now %+v", before)
	}
}
