package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sampleOf takes what is below 0 as censored at its amount.
func sampleOf(values ...int64) *Sample {
	s := &Sample{}
	for _, v := range values {
		if v < 0 {
			s.Censor(-v)
		} else {
			s.Add(v)
		}
	}
	return s
}

// order says whether y is certainly greater than x (1), less (-1) or neither.
func order(x, y int64) int {
	switch {
	case x >= 0 && (y >= 0 && y > x || y < 0 && -y >= x):
		return 1
	case y >= 0 && (x >= 0 && x > y || x < 0 && -x >= y):
		return -1
	}
	return 0
}

func gehanOf(a, b []int64) int {
	w := 0
	for _, x := range a {
		for _, y := range b {
			w += order(x, y)
		}
	}
	return w
}

// Against all ways to deal the values to the arms, with ties and censored ones.
func TestMannWhitneyByEnumeration(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 120 {
		na, nb := 1+random.IntN(6), 1+random.IntN(6)
		values := make([]int64, na+nb)
		for i := range values {
			values[i] = 1 + random.Int64N([]int64{4, 12, 1000}[n%3])
			if n%2 == 1 && random.IntN(3) == 0 {
				values[i] = -values[i]
			}
		}
		seen := gehanOf(values[:na], values[na:])
		var all, greater, less, both float64
		for set := range 1 << (na + nb) {
			var a, b []int64
			for i, v := range values {
				if set>>i&1 == 1 {
					b = append(b, v)
				} else {
					a = append(a, v)
				}
			}
			if len(b) != nb {
				continue
			}
			w := gehanOf(a, b)
			all++
			if w >= seen {
				greater++
			}
			if w <= seen {
				less++
			}
			if max(w, -w) >= max(seen, -seen) {
				both++
			}
		}
		got := MannWhitney(sampleOf(values[:na]...), sampleOf(values[na:]...), 0.95)
		tails(t, fmt.Sprint(values[:na], values[na:]), got.P, [3]float64{greater / all, less / all, both / all})
		near(t, "superior", got.Superior, (float64(seen)/float64(na*nb)+1)/2, 1e-12)
		if !got.Exact {
			t.Error("not exact")
		}
	}
}

func TestShiftByAllDifferences(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for n := range 60 {
		a, b := make([]int64, 1+random.IntN(60)), make([]int64, 1+random.IntN(60))
		for i := range a {
			a[i] = random.Int64N(50)
		}
		for i := range b {
			b[i] = random.Int64N(50) + int64(n)
		}
		var d []float64
		for _, x := range a {
			for _, y := range b {
				d = append(d, float64(y-x))
			}
		}
		slices.Sort(d)
		got := MannWhitney(sampleOf(a...), sampleOf(b...), 0.95)
		near(t, "shift", got.Shift, (d[(len(d)-1)/2]+d[len(d)/2])/2, 0)
		if got.Between.Low > got.Shift || got.Between.High < got.Shift {
			t.Errorf("%v not in %v", got.Shift, got.Between)
		}
	}
}

// Hollander and Wolfe, Nonparametric Statistical Methods, table 4.1 (permeability
// of the human chorioamnion), as R's documentation of wilcox.test uses it: W = 35,
// one-sided p = 0.1272, and the shift 0.305 with -0.15 to 0.76.
func TestMannWhitneyPublished(t *testing.T) {
	term := sampleOf(80, 83, 189, 104, 145, 138, 191, 164, 73, 146)
	early := sampleOf(115, 88, 90, 74, 121)
	got := MannWhitney(early, term, 0.95)
	near(t, "p", got.P.Greater, 0.1272, 0.001)
	near(t, "W", got.Superior*50, 35, 1e-12)
	near(t, "shift", got.Shift, 30.5, 1e-12)
	if got.Between != (Interval{-15, 76}) {
		t.Errorf("between %v", got.Between)
	}
}

// The remission times (6-MP against placebo) that Gehan 1965 computes W = 271 of;
// their log-rank test is quoted with 21 seen and 10.75 expected of the placebo.
var (
	placebo = []int64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}
	treated = []int64{6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35}
)

func TestGehanPublished(t *testing.T) {
	s := gehan(sampleOf(placebo...).groups(false), sampleOf(treated...).groups(false))
	near(t, "W", s.sumB, 271, 0)
	squares := 0
	all := append(slices.Clone(placebo), treated...)
	for _, v := range all {
		h := gehanOf(all, []int64{v})
		squares += h * h
	}
	near(t, "squares", s.squares, float64(squares), 0)
	normal := s.normal(21, 21).TwoSided
	exact := MannWhitney(sampleOf(placebo...), sampleOf(treated...), 0.95)
	if !exact.Exact || exact.P.TwoSided > 2*normal || exact.P.TwoSided < normal/4 {
		t.Errorf("exact %v, normal %v", exact.P.TwoSided, normal)
	}
}

func TestLogRankPublished(t *testing.T) {
	var lives []Life
	for _, v := range append(slices.Clone(placebo), treated...) {
		lives = append(lives, Life{float64(max(v, -v)), v > 0})
	}
	sum, all := 0.0, 0.0
	for i, s := range LogRank(lives) {
		all += s
		if i < len(placebo) {
			sum += s
		}
	}
	near(t, "seen less expected", sum, 21-10.75, 1e-3)
	if math.Abs(all) > 1e-12 {
		t.Errorf("all scores together are %v", all)
	}
}

func TestQuantile(t *testing.T) {
	s := sampleOf(10, 20, 30, -40)
	for q, want := range map[float64]int64{0: 10, 0.25: 10, 0.5: 20, 0.75: 30} {
		if v, ok := s.Quantile(q); v != want || !ok {
			t.Errorf("%g: %v %v", q, v, ok)
		}
	}
	if v, ok := s.Quantile(1); v != 40 || ok {
		t.Errorf("the greatest is censored: %v %v", v, ok)
	}
	if _, ok := new(Sample).Quantile(0.5); ok {
		t.Error("an empty sample has a median")
	}
}

func TestBucketsAreNear(t *testing.T) {
	for _, v := range []int64{0, 1, 1023, 1024, 2047, 2048, 2049, 123_456_789, math.MaxInt64} {
		if m := middle(bucket(v)); math.Abs(float64(m-v)) > float64(v)*0.0005 {
			t.Errorf("%d became %d", v, m)
		}
	}
	for at := range bucket(math.MaxInt64) {
		if bucket(middle(at)) != at {
			t.Fatalf("bucket %d holds %d, which is of bucket %d", at, middle(at), bucket(middle(at)))
		}
	}
}

// A million values a side, 3 % slower: the shift is found, whatever rounding did.
func TestLargeSamples(t *testing.T) {
	a, b := large(1, 1), large(2, 1.03)
	got := MannWhitney(a, b, 0.95)
	if got.Exact || got.P.Greater > 1e-100 {
		t.Errorf("p %v", got.P)
	}
	near(t, "shift", got.Shift, 0.03*250_000_000, 0.1)
	if got.Between.High-got.Between.Low > 0.1*got.Shift || got.Between.Low > got.Shift || got.Between.High < got.Shift {
		t.Errorf("%v in %v", got.Shift, got.Between)
	}
	same := MannWhitney(a, large(3, 1), 0.95)
	if same.P.TwoSided < 1e-3 {
		t.Errorf("the same distribution: %v", same.P)
	}
}

func large(seed uint64, slower float64) *Sample {
	random, s := rand.New(rand.NewPCG(seed, 0)), &Sample{}
	for range 1_000_000 {
		s.Add(int64(slower * (200e6 + 100e6*random.Float64())))
	}
	return s
}

func BenchmarkMannWhitneyMillions(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		MannWhitney(large(1, 1), large(2, 1.03), 0.95)
	}
}
