package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Counts are events among trials.
type Counts struct{ Events, Trials int }

func (c Counts) valid() bool { return c.Events >= 0 && c.Events <= c.Trials }

// Rate is the share of events; NaN without trials.
func (c Counts) Rate() float64 { return float64(c.Events) / float64(c.Trials) }

func notOne() P { return P{math.NaN(), math.NaN(), math.NaN()} }

// Fisher is Fisher's exact test of two proportions. It rests on all trials
// being independent of each other.
func Fisher(a, b Counts) P {
	if !a.valid() || !b.valid() {
		return notOne()
	}
	return hypergeometric(a.Trials, b.Trials, a.Events+b.Events).test(b.Events)
}

// Exposed are events in a length of time, in any unit.
type Exposed struct {
	Events int
	Time   float64
}

func (e Exposed) valid() bool {
	return e.Events >= 0 && e.Time >= 0 && !math.IsInf(e.Time, 0)
}

// Poisson is the exact conditional test of two rates of events that come
// independently of each other: given how many came, those of b are binomial
// with b's share of the time (Przyborowski and Wilenski 1940).
func Poisson(a, b Exposed) P {
	share := b.Time / (a.Time + b.Time)
	switch {
	case !a.valid() || !b.valid() || math.IsNaN(share):
		return notOne()
	case share == 0 && b.Events > 0 || share == 1 && a.Events > 0:
		return notOne()
	case share == 0 || share == 1:
		return P{1, 1, 1}
	}
	return binomial(a.Events+b.Events, share).test(b.Events)
}

// RateRatio is the exact interval of b's rate over a's, of the same test.
func RateRatio(a, b Exposed, confidence float64) Interval {
	if !a.valid() || !b.valid() || a.Time == 0 || b.Time == 0 {
		return Interval{math.NaN(), math.NaN()}
	}
	if a.Events+b.Events == 0 {
		return Interval{0, math.Inf(1)}
	}
	ci := ClopperPearson(Counts{b.Events, a.Events + b.Events}, confidence)
	scale := a.Time / b.Time
	return Interval{ci.Low / (1 - ci.Low) * scale, ci.High / (1 - ci.High) * scale}
}

// ClopperPearson is the exact interval of a proportion; 0 to 1 without trials.
func ClopperPearson(c Counts, confidence float64) Interval {
	if !c.valid() || !(confidence > 0 && confidence < 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	tail := (1 - confidence) / 2
	x, n := float64(c.Events), float64(c.Trials)
	ci := Interval{0, 1}
	if c.Events > 0 { // where P(X >= x) = tail
		ci.Low = bisect(0, 1, func(p float64) bool { return mathext.RegIncBeta(x, n-x+1, p) >= tail })
	}
	if c.Events < c.Trials { // where P(X <= x) = tail
		ci.High = bisect(0, 1, func(p float64) bool { return mathext.RegIncBeta(x+1, n-x, p) >= 1-tail })
	}
	return ci
}

// Garwood is the exact interval of a Poisson rate per unit of time. Events need
// not be whole: they may have been divided by a design effect.
func Garwood(events, time, confidence float64) Interval {
	if !(events >= 0 && time > 0 && confidence > 0 && confidence < 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	tail := (1 - confidence) / 2
	ci := Interval{High: mathext.GammaIncRegCompInv(events+1, tail) / time}
	if events > 0 {
		ci.Low = mathext.GammaIncRegInv(events, tail) / time
	}
	return ci
}

// bisect gives the place between lo and hi from which on a condition holds.
func bisect(lo, hi float64, holds func(float64) bool) float64 {
	for hi-lo > 1e-12*hi {
		mid := lo + (hi-lo)/2
		if holds(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// Wilson is the score interval of a proportion, without continuity correction,
// z standard errors wide. Events and trials need not be whole: they may have
// been divided by a design effect.
func Wilson(events, trials, z float64) Interval {
	if trials == 0 {
		return Interval{0, 1}
	}
	p, zz := events/trials, z*z
	mid := 2*events + zz
	half := z * math.Sqrt(zz+4*events*(1-p))
	return Interval{max(0, (mid-half)/(2*(trials+zz))), min(1, (mid+half)/(2*(trials+zz)))}
}

// Newcombe is the hybrid score interval of the difference of two proportions, b
// less a (Newcombe 1998, Statistics in Medicine 17:873, method 10).
func Newcombe(a, b Counts, confidence float64) Interval {
	if !a.valid() || !b.valid() || !(confidence > 0 && confidence < 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	if a.Trials == 0 || b.Trials == 0 {
		return Interval{-1, 1}
	}
	z := distuv.UnitNormal.Quantile((1 + confidence) / 2)
	ia := Wilson(float64(a.Events), float64(a.Trials), z)
	ib := Wilson(float64(b.Events), float64(b.Trials), z)
	return Difference(a.Rate(), ia, b.Rate(), ib)
}

// Difference is the interval of b less a from an interval of each, by the
// recovery of variances (Zou and Donner 2008, Statistics in Medicine 27:1693).
func Difference(a float64, ia Interval, b float64, ib Interval) Interval {
	d := b - a
	return Interval{
		d - math.Hypot(b-ib.Low, ia.High-a),
		d + math.Hypot(ib.High-b, a-ia.Low),
	}
}

// Holm adjusts the p-values of several tests made at once, so that the chance of
// any false alarm among them stays what it would be for one (Holm 1979). NaN
// stays NaN and does not count as a test.
func Holm(p []float64) []float64 {
	order := sorted(p)
	adjusted, worst := make([]float64, len(p)), 0.0
	for i := range p {
		adjusted[i] = math.NaN()
	}
	for rank, i := range order {
		worst = max(worst, min(1, float64(len(order)-rank)*p[i]))
		adjusted[i] = worst
	}
	return adjusted
}
