package stats

import (
	"math"
	"math/bits"
	"slices"
)

// Sample are durations, some of them censored: known to be longer than what is
// given. It keeps up to a few thousand values as they are, more of them rounded
// by at most 0.05 % each, so that a million take no more than some hundred KiB.
// The zero value is empty.
type Sample struct {
	n, censored int
	few         []observation
	many        [2][]uint32 // by bucket: seen, censored
}

type observation struct {
	value    int64
	censored bool
}

const (
	fewest   = 4096 // observations kept as they are
	mantissa = 10   // bits behind the first
)

// Add adds a value in any unit, 0 or greater; below 0 counts as 0.
func (s *Sample) Add(value int64) { s.add(observation{max(value, 0), false}) }

// Censor adds one that would have been greater than value.
func (s *Sample) Censor(value int64) {
	s.censored++
	s.add(observation{max(value, 0), true})
}

// N is how many there are, and how many of them are censored.
func (s *Sample) N() (all, censored int) { return s.n, s.censored }

func (s *Sample) add(o observation) {
	s.n++
	if s.n <= fewest {
		s.few = append(s.few, o)
		return
	}
	for _, f := range s.few {
		s.put(f)
	}
	s.few = nil
	s.put(o)
}

func (s *Sample) put(o observation) {
	counts := &s.many[0]
	if o.censored {
		counts = &s.many[1]
	}
	at := bucket(o.value)
	if at >= len(*counts) {
		*counts = append(*counts, make([]uint32, at+1-len(*counts))...)
	}
	(*counts)[at]++
}

// bucket numbers the values of so many leading bits in their order.
func bucket(v int64) int {
	e := max(0, bits.Len64(uint64(v))-mantissa-1)
	return e<<mantissa + int(v>>e)
}

// middle is the value in the middle of a bucket.
func middle(at int) int64 {
	e := max(0, at>>mantissa-1)
	return int64(at-e<<mantissa)<<e + int64(1)<<e>>1
}

// group are alike values.
type group struct {
	value          int64
	seen, censored int
}

func (g group) all() int { return g.seen + g.censored }

// groups gives the values in order, coarse where asked for or already so.
func (s *Sample) groups(coarse bool) []group {
	var out []group
	if s.n > fewest {
		for at := range max(len(s.many[0]), len(s.many[1])) {
			g := group{value: middle(at)}
			if at < len(s.many[0]) {
				g.seen = int(s.many[0][at])
			}
			if at < len(s.many[1]) {
				g.censored = int(s.many[1][at])
			}
			if g.all() > 0 {
				out = append(out, g)
			}
		}
		return out
	}
	values := slices.Clone(s.few)
	for i := range values {
		if coarse {
			values[i].value = middle(bucket(values[i].value))
		}
	}
	slices.SortFunc(values, func(a, b observation) int { return compareInt(a.value, b.value) })
	for _, o := range values {
		if len(out) == 0 || out[len(out)-1].value != o.value {
			out = append(out, group{value: o.value})
		}
		g := &out[len(out)-1]
		if o.censored {
			g.censored++
		} else {
			g.seen++
		}
	}
	return out
}

func compareInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Quantile is the value that a share q of all stay at or below, the censored
// ones taken at their bound. False: that place falls to a censored one, so the
// value is a lower bound, or the sample is empty (and the value 0).
func (s *Sample) Quantile(q float64) (int64, bool) {
	rank, upTo := max(1, int(math.Ceil(q*float64(s.n)))), 0
	for _, g := range s.groups(false) {
		if upTo += g.all(); upTo >= rank {
			return g.value, upTo-g.censored >= rank
		}
	}
	return 0, false
}

// sorted gives the places of all numbers in ascending order, without NaN.
func sorted(p []float64) []int {
	var order []int
	for i := range p {
		if !math.IsNaN(p[i]) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return 0
	})
	return order
}
