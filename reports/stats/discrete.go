package stats

import "math"

// discrete is a distribution over the integers from lo, held as probabilities.
// What is below 1e-300 counts as 0 and may be left out.
type discrete struct {
	lo int
	p  []float64
}

// walk makes the distribution over lo to hi from the ratio of neighbours,
// p(k+1)/p(k). It goes outward from the mode, so that nothing overflows and
// each value carries the rounding of only as many steps as it is away.
func walk(lo, hi, mode int, ratio func(k int) float64) discrete {
	const floor = 1e-305
	var down []float64
	for k, w := mode-1, 1.0; k >= lo; k-- {
		if w /= ratio(k); w < floor {
			break
		}
		down = append(down, w)
	}
	d := discrete{lo: mode - len(down), p: make([]float64, 0, 2*len(down)+1)}
	for k := len(down) - 1; k >= 0; k-- {
		d.p = append(d.p, down[k])
	}
	for k, w := mode, 1.0; w >= floor; k++ {
		d.p = append(d.p, w)
		if k == hi {
			break
		}
		w *= ratio(k)
	}
	total := d.sum(0, len(d.p))
	for k := range d.p {
		d.p[k] /= total
	}
	return d
}

// sum adds p[from:to], the small before the great: towards the larger end.
func (d discrete) sum(from, to int) float64 {
	from, to = max(from, 0), min(to, len(d.p))
	s, rest := 0.0, 0.0
	for from < to {
		if d.p[from] <= d.p[to-1] {
			s += d.p[from]
			from++
		} else {
			rest += d.p[to-1]
			to--
		}
	}
	return s + rest
}

// test gives the probabilities of x and beyond. Two-sided are all outcomes that
// are no more probable than x, as R's fisher.test has it.
func (d discrete) test(x int) P {
	at := x - d.lo
	p := P{Greater: min(1, d.sum(at, len(d.p))), Less: min(1, d.sum(0, at+1))}
	if at < 0 || at >= len(d.p) {
		return p
	}
	limit := d.p[at] * (1 + 1e-7)
	low, high := 0, len(d.p)
	for low < high && d.p[low] <= limit {
		low++
	}
	for high > low && d.p[high-1] <= limit {
		high--
	}
	p.TwoSided = min(1, d.sum(0, low)+d.sum(high, len(d.p)))
	return p
}

// binomial is the distribution of the successes in n trials, 0 < p < 1.
func binomial(n int, p float64) discrete {
	odds := p / (1 - p)
	mode := min(n, int(math.Floor(float64(n+1)*p)))
	return walk(0, n, mode, func(k int) float64 {
		return float64(n-k) / float64(k+1) * odds
	})
}

// hypergeometric is the distribution of how many of the events fall to arm b,
// of na and nb trials, when all trials are alike.
func hypergeometric(na, nb, events int) discrete {
	lo, hi := max(0, events-na), min(nb, events)
	mode := int(math.Floor(float64(nb+1) * (float64(events+1) / float64(na+nb+2))))
	return walk(lo, hi, min(max(mode, lo), hi), func(k int) float64 {
		return float64(events-k) * float64(nb-k) / (float64(k+1) * float64(na-events+k+1))
	})
}
