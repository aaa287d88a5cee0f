package stats

import (
	"cmp"
	"slices"
)

// Life is how long it went well: until the first fault, or, where none came, for
// as long as it was looked at.
type Life struct {
	Time    float64 // in any unit, cycles for example
	Faulted bool
}

// LogRank gives each life its log-rank score, of which a test of two arms is the
// permutation test of their means: 1 for a fault, less the faults expected up to
// there (Nelson and Aalen) were all lives alike. A greater mean is more faults,
// sooner. What ended without a fault counts for as long as it went.
func LogRank(lives []Life) []float64 {
	order := make([]int, len(lives))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(lives[i].Time, lives[j].Time) })
	scores, expected := make([]float64, len(lives)), 0.0
	for from := 0; from < len(order); {
		to, faults := from, 0
		for to < len(order) && lives[order[to]].Time == lives[order[from]].Time {
			if lives[order[to]].Faulted {
				faults++
			}
			to++
		}
		expected += float64(faults) / float64(len(order)-from)
		for _, i := range order[from:to] {
			scores[i] = -expected
			if lives[i].Faulted {
				scores[i]++
			}
		}
		from = to
	}
	return scores
}
