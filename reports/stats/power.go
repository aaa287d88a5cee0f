package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// FisherPower is the exact chance that Fisher's one-sided test of level alpha
// finds arm b's rate above a's when they are pa and pb.
func FisherPower(na, nb int, pa, pb, alpha float64) float64 {
	if na < 1 || nb < 1 || !(pa > 0 && pa < 1 && pb > 0 && pb < 1 && alpha > 0 && alpha < 1) {
		return math.NaN()
	}
	a, b := binomial(na, pa), binomial(nb, pb)
	// What lies so far out does not matter.
	const tiny = 1e-14
	power, beyond, critical := 0.0, 1.0, b.lo // beyond: that b has at least critical
	for i, p := range a.p {
		if p < tiny {
			continue
		}
		xa := a.lo + i
		for critical <= nb && beyond > tiny && upper(Counts{xa, na}, Counts{critical, nb}) > alpha {
			if at := critical - b.lo; at < len(b.p) {
				beyond -= b.p[at]
			} else {
				beyond = 0
			}
			critical++
		}
		if critical > nb || beyond <= tiny {
			break
		}
		power += p * beyond
	}
	return power
}

// upper is Fisher's P.Greater alone, summed from b's events upward.
func upper(a, b Counts) float64 {
	n, events := a.Trials+b.Trials, a.Events+b.Events
	if b.Events <= max(0, events-a.Trials) {
		return 1
	}
	w := math.Exp(logChoose(a.Trials, a.Events) + logChoose(b.Trials, b.Events) - logChoose(n, events))
	sum := 0.0
	for x := b.Events; x <= min(b.Trials, events) && w > 0; x++ {
		sum += w
		if w < sum*1e-16 {
			break
		}
		w *= float64(events-x) * float64(b.Trials-x) / (float64(x+1) * float64(a.Trials-events+x+1))
	}
	return min(1, sum)
}

func logChoose(n, k int) float64 {
	f := func(n int) float64 { l, _ := math.Lgamma(float64(n) + 1); return l }
	return f(n) - f(k) - f(n-k)
}

// largest is the greatest size that is looked for.
const largest = 1_000_000

// TrialsPerArm is how many trials each of two arms needs for Fisher's one-sided
// test of level alpha to have the power to tell the rate detect from base, in
// either order. It is exact: from this number on, power does not fall below what
// was asked for any more, though in steps it would for some fewer. Above 5,000
// it is exact to a thousandth.
func TrialsPerArm(base, detect, alpha, power float64) (int, error) {
	low, high := min(base, detect), max(base, detect)
	switch {
	case !(low > 0 && high < 1):
		return 0, fmt.Errorf("plan for the rates %g and %g: rates are between 0 and 1", base, detect)
	case low == high:
		return 0, fmt.Errorf("plan for the rates %g and %g: no number of cycles tells a rate from itself", base, detect)
	case !(alpha > 0 && alpha < 1 && power > 0 && power < 1):
		return 0, fmt.Errorf("plan for alpha %g and power %g: both are between 0 and 1", alpha, power)
	}
	enough := func(n int) bool { return FisherPower(n, n, low, high, alpha) >= power }
	top := 2
	for !enough(top) {
		if top *= 2; top > largest {
			return 0, fmt.Errorf("plan for the rates %g and %g: they are too near to each other, more than %d cycles an arm would be needed", base, detect, largest)
		}
	}
	// Power goes up in a saw-tooth: what counts is the last size that fails.
	from, step := top+top/2, 1
	if top > 5000 {
		lo, hi := top/2, top
		step = top / 2000
		for hi-lo > step {
			if mid := (lo + hi) / 2; enough(mid) {
				hi = mid
			} else {
				lo = mid
			}
		}
		from = hi + hi/50
	}
	for from > 0 && enough(from) {
		from -= step
	}
	return from + step, nil
}

// UnitsPerArm is how many units (firmware loads) of so many trials each of two
// arms needs for the permutation test of the units, both directions together of
// level alpha, to have the power to tell the rate detect from base, when two
// trials of a unit correlate by icc. It is what UnitsAbout says, and at least
// what TrialsPerArm says that the trials as such need.
func UnitsPerArm(base, detect, alpha, power float64, trials int, icc float64, least int) (int, error) {
	units, err := UnitsAbout(base, detect, alpha, power, trials, icc, least)
	if err != nil {
		return 0, err
	}
	n, err := TrialsPerArm(base, detect, alpha/2, power)
	if err != nil {
		return 0, err
	}
	return max(units, int(math.Ceil(float64(n)*design(trials, icc)/float64(trials)))), nil
}

// design is by how much trials of a unit have to be divided to count as
// independent.
func design(trials int, icc float64) float64 { return 1 + float64(trials-1)*icc }

// UnitsAbout is UnitsPerArm by the t distribution alone: an approximation that
// takes no time.
func UnitsAbout(base, detect, alpha, power float64, trials int, icc float64, least int) (int, error) {
	switch {
	case trials < 1 || !(icc >= 0 && icc <= 1):
		return 0, fmt.Errorf("plan for %d cycles a load that correlate by %g: at least 1, and between 0 and 1", trials, icc)
	case !(base > 0 && base < 1 && detect > 0 && detect < 1) || base == detect:
		return 0, fmt.Errorf("plan for the rates %g and %g: two rates between 0 and 1", base, detect)
	case !(alpha > 0 && alpha < 1 && power > 0 && power < 1):
		return 0, fmt.Errorf("plan for alpha %g and power %g: both are between 0 and 1", alpha, power)
	}
	variance := (base*(1-base) + detect*(1-detect)) * design(trials, icc) / float64(trials) / ((detect - base) * (detect - base))
	zAlpha, zPower := distuv.UnitNormal.Quantile(1-alpha/2), distuv.UnitNormal.Quantile(power)
	// The normal distribution says too few, by some units at most.
	for units := max(least, 2, int((zAlpha+zPower)*(zAlpha+zPower)*variance)); units < largest; units++ {
		nu := float64(2*units - 2)
		width := aboutT(zAlpha, nu) + aboutT(zPower, nu)
		if float64(units) >= width*width*variance {
			// One more, because counts of rare events are skewed.
			return units + 1, nil
		}
	}
	return 0, fmt.Errorf("plan for the rates %g and %g: more than %d loads an arm would be needed", base, detect, largest)
}

// aboutT is the quantile of Student's t where the normal distribution's is z, by
// the first terms of its expansion (Abramowitz and Stegun 26.7.5).
func aboutT(z, nu float64) float64 {
	z3, z5 := z*z*z, z*z*z*z*z
	return z + (z3+z)/(4*nu) + (5*z5+16*z3+3*z)/(96*nu*nu)
}
