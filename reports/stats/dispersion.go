package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Dispersion says how much more the units of an arm differ than independent
// trials would make them.
type Dispersion struct {
	// Index is Pearson's chi-squared over its degrees of freedom: 1 where trials are
	// independent, 5 where a unit's trials are worth a fifth of their number.
	Index float64
	DF    int
	// P is the chance of as great an index among independent trials, by the
	// chi-squared distribution: an approximation, poor where a unit has less than
	// about one event expected.
	P float64
	// ICC is the correlation of two trials of a unit, 0 at least.
	ICC float64
}

// Design is by how much trials have to be divided to count as independent.
func (d Dispersion) Design() float64 {
	if math.IsNaN(d.Index) {
		return 1
	}
	return max(1, d.Index)
}

// Disperse measures it within each arm, whose rates may differ, for events among
// trials. Index, P and ICC are NaN where nothing can be said: no arm has two
// units and an event.
func Disperse(arms ...[]Counts) Dispersion {
	all := make([][]Unit, len(arms))
	for i, arm := range arms {
		for _, c := range arm {
			all[i] = append(all[i], Unit{Value: float64(c.Events), Weight: float64(c.Trials)})
		}
	}
	return disperse(all, func(rate float64) float64 { return rate * (1 - rate) })
}

// DisperseRates is Disperse for events in time. It has no ICC.
func DisperseRates(arms ...[]Exposed) Dispersion {
	all := make([][]Unit, len(arms))
	for i, arm := range arms {
		for _, e := range arm {
			all[i] = append(all[i], Unit{Value: float64(e.Events), Weight: e.Time})
		}
	}
	d := disperse(all, func(rate float64) float64 { return rate })
	d.ICC = math.NaN()
	return d
}

func disperse(arms [][]Unit, variance func(rate float64) float64) Dispersion {
	var chi, weight, squares float64
	df := 0
	for _, arm := range arms {
		var value, total float64
		n := 0
		for _, u := range arm {
			if u.Weight > 0 {
				value, total, n = value+u.Value, total+u.Weight, n+1
			}
		}
		rate := value / total
		if n < 2 || !(variance(rate) > 0) {
			continue
		}
		df += n - 1
		for _, u := range arm {
			if u.Weight > 0 {
				chi += (u.Value - u.Weight*rate) * (u.Value - u.Weight*rate) / (u.Weight * variance(rate))
				squares += u.Weight * u.Weight
				weight += u.Weight
			}
		}
	}
	d := Dispersion{Index: math.NaN(), DF: df, P: math.NaN(), ICC: math.NaN()}
	if df == 0 {
		return d
	}
	d.Index = chi / float64(df)
	d.P = distuv.ChiSquared{K: float64(df)}.Survival(chi)
	if size := squares / weight; size > 1 {
		d.ICC = min(1, max(0, (d.Index-1)/(size-1)))
	}
	return d
}
