package compare

import (
	"fmt"
	"math"

	"roamfault/reports/stats"
)

// Until watches a growing arm and says as soon as it can tell whether it is worse
// than a baseline. Its trials are firmware loads of so many cycles each, that
// fail when one of these cycles does: loads are independent of each other,
// cycles are not. See [stats.Sequential] for the test and what it promises.
type Until struct {
	test   *stats.Sequential
	cycles int
	trials stats.Counts
	// said is the decision, once there is one.
	said stats.Decision
}

// NewUntil plans the watch over loads of so many cycles. Of the baseline count
// loads that have as many, or that failed before. Detect is the share of cycles
// that fail, above the baseline's, that is to be found with Options.Power; a
// regression that is none is called with a chance of at most Options.Alpha.
func NewUntil(baseline *Arm, cycles int, detect float64, o Options) (*Until, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	if cycles < 1 || !(detect > 0 && detect < 1) {
		return nil, fmt.Errorf("watch loads of %d cycles for a rate of %g: at least one cycle, and a rate between 0 and 1", cycles, detect)
	}
	j := &judge{a: baseline, b: baseline, o: o, known: knownClasses(baseline, baseline)}
	var c stats.Counts
	for _, u := range j.column(0, "").units {
		if failed, counts := trial(u.life, cycles); counts {
			c.Trials++
			if failed {
				c.Events++
			}
		}
	}
	if c.Trials < FewestLoads {
		return nil, fmt.Errorf("watch against %q: it has %s of %s, and %d are the fewest that tell anything", baseline.name, amount(c.Trials, "load"), amount(cycles, "cycle"), FewestLoads)
	}
	test, err := stats.NewSequential(c, 1-math.Pow(1-detect, float64(cycles)), o.Alpha, o.Power)
	if err != nil {
		return nil, fmt.Errorf("watch loads of %s, of which a share of %.3g would fail: %w", amount(cycles, "cycle"), 1-math.Pow(1-detect, float64(cycles)), err)
	}
	return &Until{test: test, cycles: cycles}, nil
}

// trial takes a load as a trial of so many cycles. One that ended well before
// its last cycle is none.
func trial(l stats.Life, cycles int) (failed, counts bool) {
	failed = l.Faulted && l.Time <= float64(cycles)
	return failed, failed || l.Time >= float64(cycles)
}

// Looks are after how many loads it looks; by the last it can tell.
func (u *Until) Looks() []int { return u.test.Looks() }

// Cycles is how many cycles a load has to have.
func (u *Until) Cycles() int { return u.cycles }

// Load adds a load of the new arm: how many of its cycles stood for themselves,
// and after how many of these the first failed, 0 for none. It gives the verdict
// up to here: CannotTell until it can tell, NoChange for "not worse".
func (u *Until) Load(cycles, firstFailed int) Verdict {
	life := stats.Life{Time: float64(cycles)}
	if firstFailed > 0 {
		life = stats.Life{Time: float64(firstFailed), Faulted: true}
	}
	if failed, counts := trial(life, u.cycles); counts && u.said == stats.Continue {
		u.trials.Trials++
		if failed {
			u.trials.Events++
		}
		u.said = u.test.At(u.trials)
	}
	switch u.said {
	case stats.Regression:
		return Regression
	case stats.NoRegression:
		return NoChange
	}
	return CannotTell
}
