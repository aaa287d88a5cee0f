package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Ranks is what a rank test of two samples finds.
type Ranks struct {
	P P
	// Exact says that P is exact, and not by the normal approximation.
	Exact bool
	// Superior is the share of pairs in which b is greater, ties counted half.
	Superior float64
	// Shift is the Hodges-Lehmann estimate of b less a, in the unit of the values,
	// with its interval; censored values are taken at their bound, which brings it
	// nearer to 0 than it is.
	Shift   float64
	Between Interval
}

// exactly is up to how many values of both samples the rank test is exact.
const exactly = 50

// MannWhitney is the rank test of two samples (Wilcoxon, Mann and Whitney), in
// Gehan's form for censored values (Gehan 1965, Biometrika 52:203): a pair of
// which nobody knows the greater counts as tied. So one that was given up at a
// timeout ranks above all that were seen up to then. Without censored values it
// is the ordinary test with midranks. Up to 50 values it is exact, by the
// distribution over all ways to deal them to the arms; beyond, normal with that
// permutation's variance and continuity correction. NaN where a sample is empty.
//
// If one of the samples is rounded, both are.
func MannWhitney(a, b *Sample, confidence float64) Ranks {
	if a.n == 0 || b.n == 0 || !(confidence > 0 && confidence < 1) {
		none := math.NaN()
		return Ranks{P: notOne(), Superior: none, Shift: none, Between: Interval{none, none}}
	}
	coarse := a.n > fewest || b.n > fewest
	ga, gb := a.groups(coarse), b.groups(coarse)
	s := gehan(ga, gb)
	pairs := float64(a.n) * float64(b.n)
	r := Ranks{Superior: (s.sumB/pairs + 1) / 2, Exact: a.n+b.n <= exactly}
	if r.Exact {
		r.P = s.exact(b.n)
	} else {
		r.P = s.normal(a.n, b.n)
	}
	r.Shift, r.Between = hodgesLehmann(ga, gb, r.Exact, s, confidence)
	return r
}

// scores are Gehan's: of each value, how many of both samples are certainly
// less, less how many are certainly greater.
type scores struct {
	sumB    float64
	squares float64 // of all
	all     []int   // up to exactly values, in no order
}

func gehan(ga, gb []group) scores {
	total, seenAll := 0, 0
	for _, gs := range [][]group{ga, gb} {
		for _, g := range gs {
			total += g.all()
			seenAll += g.seen
		}
	}
	var s scores
	less, before := 0, 0 // seen and all below the present value
	for len(ga) > 0 || len(gb) > 0 {
		var a, b group
		switch {
		case len(gb) == 0 || len(ga) > 0 && ga[0].value < gb[0].value:
			a, ga = ga[0], ga[1:]
		case len(ga) == 0 || gb[0].value < ga[0].value:
			b, gb = gb[0], gb[1:]
		default:
			a, b, ga, gb = ga[0], gb[0], ga[1:], gb[1:]
		}
		seen, censored := a.seen+b.seen, a.censored+b.censored
		greater := total - before - seen
		s.put(less-greater, seen, b.seen, total)
		less += seen
		before += seen + censored
		s.put(less, censored, b.censored, total)
	}
	return s
}

func (s *scores) put(score, n, inB, total int) {
	s.sumB += float64(score) * float64(inB)
	s.squares += float64(score) * float64(score) * float64(n)
	if total <= exactly {
		for range n {
			s.all = append(s.all, score)
		}
	}
}

func (s *scores) normal(na, nb int) P {
	n := float64(na + nb)
	sd := math.Sqrt(float64(na) * float64(nb) / (n * (n - 1)) * s.squares)
	if sd == 0 {
		return P{1, 1, 1}
	}
	// The sum moves in steps of 2 as the rank sum does in steps of 1.
	upper := func(w float64) float64 { return distuv.UnitNormal.Survival((w - 1) / sd) }
	return P{
		Greater:  min(1, upper(s.sumB)),
		Less:     min(1, upper(-s.sumB)),
		TwoSided: min(1, 2*upper(math.Abs(s.sumB))),
	}
}

// ways counts for each sum of nb of the scores in how many ways it comes; the
// first is of the sum -offset. Counts up to C(50,25) are exact in a float64.
func (s *scores) ways(nb int) (ways []float64, offset int) {
	low, high := 0, 0
	for _, v := range s.all {
		low, high = low+min(v, 0), high+max(v, 0)
	}
	width := high - low + 1
	table := make([]float64, (nb+1)*width)
	table[-low] = 1
	for used, v := range s.all {
		for k := min(nb, used+1); k > 0; k-- {
			from, to := table[(k-1)*width:k*width], table[k*width:(k+1)*width]
			for at := max(0, -v); at < width-max(0, v); at++ {
				to[at+v] += from[at]
			}
		}
	}
	return table[nb*width:], -low
}

func (s *scores) exact(nb int) P {
	ways, offset := s.ways(nb)
	w := int(s.sumB)
	var all, greater, less, both float64
	for at, n := range ways {
		sum := at - offset
		all += n
		if sum >= w {
			greater += n
		}
		if sum <= w {
			less += n
		}
		if max(sum, -sum) >= max(w, -w) {
			both += n
		}
	}
	return P{greater / all, less / all, both / all}
}

// hodgesLehmann gives the median of all differences b less a, and those between
// which the shift lies.
func hodgesLehmann(ga, gb []group, exact bool, s scores, confidence float64) (float64, Interval) {
	na, nb := count(ga), count(gb)
	pairs := na * nb
	shift := (difference(ga, gb, (pairs+1)/2) + difference(ga, gb, pairs/2+1)) / 2
	k := outermost(na, nb, exact, s, confidence)
	if k < 1 {
		return shift, Interval{math.Inf(-1), math.Inf(1)}
	}
	return shift, Interval{difference(ga, gb, k), difference(ga, gb, pairs+1-k)}
}

// outermost is which difference in order bounds the interval: the last that as
// few as k-1 greater pairs would still be too improbable for. 0: none.
func outermost(na, nb int64, exact bool, s scores, confidence float64) int64 {
	pairs, tail := float64(na*nb), (1-confidence)/2
	if exact {
		ways, offset := s.ways(int(nb))
		all, upTo, k := 0.0, 0.0, int64(0)
		for _, n := range ways {
			all += n
		}
		for at, n := range ways {
			if upTo += n; upTo/all > tail {
				break
			}
			k = int64(math.Floor((float64(at-offset)+pairs)/2)) + 1
		}
		return k
	}
	n := float64(na + nb)
	sd := math.Sqrt(pairs/(n*(n-1))*s.squares) / 2
	return int64(math.Floor(pairs/2 - distuv.UnitNormal.Quantile(1-tail)*sd))
}

func count(gs []group) int64 {
	n := int64(0)
	for _, g := range gs {
		n += int64(g.all())
	}
	return n
}

// difference is the kth of all differences b less a in order, k from 1, found
// by halving the range of values: each try passes once over both samples.
func difference(ga, gb []group, k int64) float64 {
	lo, hi := gb[0].value-ga[len(ga)-1].value, gb[len(gb)-1].value-ga[0].value
	for lo < hi {
		mid := lo + (hi-lo)>>1
		if upTo(ga, gb, mid) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return float64(lo)
}

// upTo counts the pairs in which b less a is at most d.
func upTo(ga, gb []group, d int64) int64 {
	pairs, below, at := int64(0), int64(0), 0
	for _, a := range ga {
		for at < len(gb) && gb[at].value-a.value <= d {
			below += int64(gb[at].all())
			at++
		}
		pairs += below * int64(a.all())
	}
	return pairs
}
