// Package stats holds the statistics that comparing two arms needs, as numbers
// only: exact tests for counts, rank tests for durations, permutation tests for
// units that are not independent, and how much data a question takes.
//
// An arm is one side of a comparison; by convention b is the new one and a the
// one before, "greater" means that b has more. Like package math it answers NaN
// where a question makes no sense (more events than trials, an error rate of 2).
// All is pure: what is random comes from a seed, the same gives the same.
package stats

// P are the probabilities, under the hypothesis that the arms do not differ, of
// what was seen or something more extreme.
type P struct {
	Greater  float64 // b as far above a as seen, or farther
	Less     float64 // b as far below a as seen, or farther
	TwoSided float64 // as far off in either direction
}

// Interval is a confidence interval. A bound that the data do not give is
// infinite.
type Interval struct{ Low, High float64 }

// Within reports whether the interval lies within -d to d.
func (i Interval) Within(d float64) bool { return i.Low >= -d && i.High <= d }
