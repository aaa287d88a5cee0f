package compare

import (
	"math"
	"strconv"

	"roamfault/reports/stats"
)

// Number is a number that may be missing or without bound, which JSON has as
// null.
type Number float64

// MarshalJSON gives ten digits, which is what rounding leaves the same on every
// machine, and null for what is no finite number.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known() {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 10, 64), nil
}

// Known reports whether it is a finite number.
func (n Number) Known() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

func none() Number { return Number(math.NaN()) }

// Interval is a confidence interval, of level 1 - alpha; null: without bound.
type Interval struct {
	Low  Number `json:"low"`
	High Number `json:"high"`
}

func interval(i stats.Interval) Interval { return Interval{Number(i.Low), Number(i.High)} }

// P are probabilities of what was seen, or more, were the arms alike; null where
// no test was possible.
type P struct {
	Greater  Number `json:"greater"`
	Less     Number `json:"less"`
	TwoSided Number `json:"two_sided"`
}

func probabilities(p stats.P) P { return P{Number(p.Greater), Number(p.Less), Number(p.TwoSided)} }
