package stats

import (
	"fmt"
	"math"
)

// Decision is what a sequential test says.
type Decision int

// The decisions.
const (
	Continue     Decision = iota // it cannot tell yet
	Regression                   // the rate is above the baseline's
	NoRegression                 // the rate is not as high as the one to detect
)

// Sequential tests a growing arm against a baseline that does not grow, and stops
// as soon as it can tell. It looks after planned numbers of trials:
//
//   - Regression, when Fisher's exact one-sided test of the trials so far against
//     the baseline has p at most alpha_k. The baseline's own uncertainty is in
//     that test.
//   - NoRegression, when the exact binomial probability of so few events, were the
//     rate the one to detect, is at most beta_k.
//
// The alpha_k add up to alpha, and the beta_k to 1 less the power, spent as the
// square of the share of the trials (Kim and DeMets 1987, Biometrika 74:149).
// By Bonferroni's inequality both error rates hold exactly, whatever the looks
// have to do with each other through the common baseline and trials. At the last
// look the two regions meet, so there always is an answer by then.
//
// Trials must be independent: cycles that cluster within a firmware load are
// not, and then loads are the trials.
type Sequential struct {
	looks []look
}

// look is after n trials: regression from the one number of events on, none up
// to the other.
type look struct{ n, regression, none int }

// looks is how often a sequential test looks.
const looks = 6

// NewSequential plans the test. It fails when the baseline is too small for any
// number of new trials to tell, and says how large it would have to be.
func NewSequential(baseline Counts, detect, alpha, power float64) (*Sequential, error) {
	switch {
	case !baseline.valid() || baseline.Trials == 0:
		return nil, fmt.Errorf("plan a sequential test: the baseline has %d events in %d trials", baseline.Events, baseline.Trials)
	case !(alpha > 0 && alpha < 1 && power > 0 && power < 1):
		return nil, fmt.Errorf("plan a sequential test for alpha %g and power %g: both are between 0 and 1", alpha, power)
	case !(detect > baseline.Rate() && detect < 1):
		return nil, fmt.Errorf("plan a sequential test: the rate to detect, %g, has to be between the baseline's, %.3g, and 1", detect, baseline.Rate())
	}
	last := 1 - square(looks-1)
	n, ok := meet(baseline, detect, alpha*last, (1-power)*last, 100*baseline.Trials+10_000)
	if !ok {
		return nil, tooSmall(baseline, detect, alpha*last, (1-power)*last)
	}
	s := &Sequential{}
	for k := 1; k <= looks; k++ {
		share := square(k) - square(k-1)
		size := (n*k + looks - 1) / looks
		s.looks = append(s.looks, look{size, regressionFrom(baseline, size, alpha*share), noneUpTo(size, detect, (1-power)*share)})
	}
	return s, nil
}

func square(k int) float64 { return float64(k*k) / (looks * looks) }

// Looks are the numbers of trials after which the test looks; the last has an
// answer.
func (s *Sequential) Looks() []int {
	sizes := make([]int, len(s.looks))
	for i, l := range s.looks {
		sizes[i] = l.n
	}
	return sizes
}

// At is the decision on so many events after so many trials. Between the planned
// looks it is Continue.
func (s *Sequential) At(c Counts) Decision {
	for _, l := range s.looks {
		switch {
		case l.n != c.Trials:
		case c.Events >= l.regression:
			return Regression
		case c.Events <= l.none:
			return NoRegression
		}
	}
	return Continue
}

// meet gives a number of trials at which both regions meet, the least but for
// the steps that they go in.
func meet(baseline Counts, detect, alpha, beta float64, limit int) (int, bool) {
	met := func(n int) bool { return regressionFrom(baseline, n, alpha) <= noneUpTo(n, detect, beta)+1 }
	lo, hi := 0, 1
	for !met(hi) {
		if lo, hi = hi, hi*2; hi > limit {
			return 0, false
		}
	}
	for lo+1 < hi {
		if mid := (lo + hi) / 2; met(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, true
}

// regressionFrom is the least number of events among n that Fisher's test finds
// to be more than the baseline has; n+1: none is enough.
func regressionFrom(baseline Counts, n int, alpha float64) int {
	lo, hi := -1, n+1
	for lo+1 < hi {
		if mid := (lo + hi) / 2; upper(baseline, Counts{mid, n}) <= alpha {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// noneUpTo is the greatest number of events among n that is too few for a rate;
// -1: none is.
func noneUpTo(n int, rate, beta float64) int {
	d, sum := binomial(n, rate), 0.0
	for i, p := range d.p {
		if sum += p; sum > beta {
			return d.lo + i - 1
		}
	}
	return n
}

func tooSmall(baseline Counts, detect, alpha, beta float64) error {
	const most = 1 << 20
	for n := baseline.Trials * 2; n < most; n *= 2 {
		larger := Counts{int(math.Round(baseline.Rate() * float64(n))), n}
		if _, ok := meet(larger, detect, alpha, beta, 100*n+10_000); ok {
			return fmt.Errorf("plan a sequential test: a baseline of %d trials is too small to tell %.3g from %g; with %d it could", baseline.Trials, baseline.Rate(), detect, n)
		}
	}
	return fmt.Errorf("plan a sequential test: %.3g is too near to %g to tell them apart", baseline.Rate(), detect)
}
