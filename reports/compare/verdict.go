package compare

import (
	"fmt"
	"math"
	"slices"

	"roamfault/reports/render"
	"roamfault/reports/stats"
)

// Verdict is what a comparison says of the new arm.
type Verdict string

// The verdicts.
const (
	Regression  Verdict = "regression"
	Improvement Verdict = "improvement"
	NoChange    Verdict = "no-change" // the difference is within Options.Within
	CannotTell  Verdict = "cannot-tell"
)

// String is the verdict for people.
func (v Verdict) String() string {
	switch v {
	case NoChange:
		return "no change"
	case CannotTell:
		return "cannot tell"
	}
	return string(v)
}

// The exit codes.
const (
	ExitGood       = 0
	ExitRegression = 1
	ExitCannotTell = 125
	ExitNever      = 128
)

// ExitCode is how the program ends on a verdict.
func (v Verdict) ExitCode() int {
	switch v {
	case Regression:
		return ExitRegression
	case CannotTell:
		return ExitCannotTell
	}
	return ExitGood
}

// Trouble is what kept a run from happening at all.
type Trouble int

// The troubles.
const (
	NoTrouble        Trouble = iota
	EnvironmentFails         // this time: no access point heard, the interface gone
	SetupNever               // at no commit will it work: no such card, no permission
)

// BisectCode is how the program ends for `git bisect run`, which takes 125 as
// "skip this commit", 128 and above as "stop", and every other code but 0 as bad.
func BisectCode(v Verdict, t Trouble) int {
	switch t {
	case EnvironmentFails:
		return ExitCannotTell
	case SetupNever:
		return ExitNever
	}
	return v.ExitCode()
}

// decide finds the verdict, with the words for it.
func (j *judge) decide(c *Comparison) {
	p := c.Overall.primary(j.o.EndPoint).P
	level := Number(j.o.Alpha / 2)
	difference := c.Overall.Difference
	if j.o.EndPoint == PerHour {
		difference = c.Overall.Hours.Difference
	}
	twice := j.twice()
	switch {
	case twice != "":
		c.Verdict = CannotTell
		c.Why = "run " + render.Clean(cut(twice)) + " is in it twice: the same cycles would count again"
	case c.A.Loads == 0 || c.B.Loads == 0:
		c.Verdict = CannotTell
		c.Why = fmt.Sprintf("nothing to compare: %s and %s that count", amount(c.A.Loads, "firmware load"), amount(c.B.Loads, "firmware load"))
	case c.A.Loads < FewestLoads || c.B.Loads < FewestLoads:
		c.Verdict = CannotTell
		c.Why = fmt.Sprintf("%d and %s: cycles of one load are not independent, and fewer than %d loads an arm tell nothing", c.A.Loads, amount(c.B.Loads, "firmware load"), FewestLoads)
	case j.o.EndPoint == PerHour && j.known.nothing():
		c.Verdict = CannotTell
		c.Why = "there is no incident that both arms could have told alike: " + j.known.apart()
	case p.Greater <= level:
		c.Verdict = Regression
		c.Why = j.because(c, p.Greater)
	case p.Less <= level:
		c.Verdict = Improvement
		c.Why = j.because(c, p.Less)
	case difference.Low >= Number(-j.o.Within) && difference.High <= Number(j.o.Within):
		c.Verdict = NoChange
		c.Why = fmt.Sprintf("the difference lies between %s and %s, within ±%s", j.amountOf(difference.Low), j.amountOf(difference.High), j.unsigned(j.o.Within))
	default:
		c.Verdict = CannotTell
		c.Why = fmt.Sprintf("%s, and the difference lies anywhere between %s and %s", pIs(p.TwoSided), j.amountOf(difference.Low), j.amountOf(difference.High))
	}
	if c.Verdict == CannotTell && twice == "" && !(j.o.EndPoint == PerHour && j.known.nothing()) {
		c.More = j.more(c, difference) // of data that can be compared
	}
	for _, w := range c.Warnings {
		if w.Code == WarnDamage {
			c.Why += "; from damaged data, see the warnings"
			break
		}
	}
	c.Summary = summary(c)
}

// twice is a run that is there twice, in an arm or in both; empty: none.
func (j *judge) twice() string {
	seen := make(map[string]bool)
	for _, r := range slices.Concat(j.a.runs, j.b.runs) {
		if id := r.info.ID; id != "" && seen[id] {
			return id
		}
		seen[r.info.ID] = true
	}
	return ""
}

func (j *judge) because(c *Comparison, p Number) string {
	what := map[EndPoint]string{
		PerCycle:   "the share of cycles that failed",
		PerHour:    "the incidents per hour",
		FirstFault: "the cycles up to a load's first failure",
	}[j.o.EndPoint]
	t := c.Overall.primary(j.o.EndPoint)
	how := fmt.Sprintf("%s drawn", grouped(t.Ways))
	if t.Exact {
		how = fmt.Sprintf("all %s", grouped(t.Ways))
	}
	within := ""
	if t.Blocks {
		within = " within their blocks"
	}
	return fmt.Sprintf("by %s over %d and %s: %s one-sided (%s ways to deal the loads%s)", what, c.A.Loads, amount(c.B.Loads, "firmware load"), pIs(p), how, within)
}

// mostLoads is how many loads anybody could make.
const mostLoads = 1_000_000

// more is what would tell: as many loads as a plan to find a difference of Within
// has, or as the interval needs to become narrow enough, whichever is more; nil: more
// than anybody could make.
func (j *judge) more(c *Comparison, difference Interval) *More {
	perLoad := 0
	if c.A.Loads+c.B.Loads > 0 {
		perLoad = (c.A.Cycles + c.B.Cycles) / (c.A.Loads + c.B.Loads)
	}
	need := FewestLoads
	if j.o.EndPoint != PerHour && c.A.Cycles > 0 && perLoad > 0 {
		icc := 0.0
		if v := c.Overall.Dispersion.ICC; v.Known() {
			icc = float64(v)
		}
		// A rate of 0 is not known to be 0.
		base := max(float64(c.Overall.A.Rate), 1/float64(c.A.Cycles+2))
		if n, err := stats.UnitsAbout(base, min(base+j.o.Within, 1-1e-6), j.o.Alpha, j.o.Power, perLoad, icc, FewestLoads); err == nil {
			need = max(need, n)
		}
	}
	least := max(1, min(c.A.Loads, c.B.Loads))
	if difference.Low.Known() && difference.High.Known() && least >= FewestLoads {
		half := float64(difference.High-difference.Low) / 2
		middle := math.Abs(float64(difference.High+difference.Low)) / 2
		narrow := max(middle, j.o.Within-middle, j.o.Within/2)
		loads := math.Ceil(float64(least) * math.Pow(half/narrow, 2))
		if !(loads <= mostLoads) {
			return nil
		}
		need = max(need, int(loads), least+1)
	}
	m := &More{LoadsA: max(0, need-c.A.Loads), LoadsB: max(0, need-c.B.Loads)}
	m.CyclesA, m.CyclesB = m.LoadsA*perLoad, m.LoadsB*perLoad
	return m
}
