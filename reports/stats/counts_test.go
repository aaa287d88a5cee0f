package stats

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// near fails when got is not want within a share of it.
func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within*math.Abs(want)) && got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestFisherPublished(t *testing.T) {
	for _, c := range []struct {
		a, b Counts
		want float64
	}{
		{Counts{0, 50}, Counts{5, 50}, 0.028},
		{Counts{0, 100}, Counts{5, 100}, 0.030},
		{Counts{1, 100}, Counts{7, 100}, 0.032},
		{Counts{1, 4}, Counts{3, 4}, 0.243}, // Fisher's lady tasting tea, 17 of 70
	} {
		p := Fisher(c.a, c.b)
		if got := math.Round(p.Greater*1000) / 1000; got != c.want {
			t.Errorf("%v v %v: %v, want %v", c.a, c.b, p.Greater, c.want)
		}
		if back := Fisher(c.b, c.a); math.Abs(back.Less-p.Greater) > 1e-14 || math.Abs(back.TwoSided-p.TwoSided) > 1e-14 {
			t.Errorf("%v v %v: %v one way, %v the other", c.a, c.b, p, back)
		}
	}
}

// weights are the probabilities of a distribution as whole numbers.
type weights []*big.Int

func (w weights) test(x int) [3]float64 {
	total, greater, less, both := new(big.Int), new(big.Int), new(big.Int), new(big.Int)
	for k, v := range w {
		total.Add(total, v)
		if k >= x {
			greater.Add(greater, v)
		}
		if k <= x {
			less.Add(less, v)
		}
		if v.Cmp(w[x]) <= 0 {
			both.Add(both, v)
		}
	}
	var out [3]float64
	for i, v := range []*big.Int{greater, less, both} {
		out[i], _ = new(big.Rat).SetFrac(v, total).Float64()
	}
	return out
}

func tails(t *testing.T, what string, got P, want [3]float64) {
	t.Helper()
	near(t, what+" greater", got.Greater, want[0], 1e-12)
	near(t, what+" less", got.Less, want[1], 1e-12)
	near(t, what+" two-sided", got.TwoSided, want[2], 1e-12)
}

func TestFisherExactly(t *testing.T) {
	sizes := [][2]int{{400, 400}, {37, 211}, {1, 300}}
	for na := 0; na <= 14; na++ {
		for nb := 0; nb <= 14; nb++ {
			sizes = append(sizes, [2]int{na, nb})
		}
	}
	for _, s := range sizes {
		na, nb := s[0], s[1]
		stride := 1 + (na+nb)/40
		for events := 0; events <= na+nb; events += stride {
			w := make(weights, events+1)
			for x := range w {
				w[x] = new(big.Int)
				if x <= nb && events-x <= na {
					w[x].Mul(new(big.Int).Binomial(int64(nb), int64(x)), new(big.Int).Binomial(int64(na), int64(events-x)))
				}
			}
			for x := max(0, events-na); x <= min(nb, events); x += stride {
				a, b := Counts{events - x, na}, Counts{x, nb}
				want := w.test(x)
				if want[2] < 1e-250 {
					continue
				}
				tails(t, fmt.Sprint(a, b), Fisher(a, b), want)
				near(t, fmt.Sprint(a, b, " upper"), upper(a, b), want[0], 1e-10)
			}
		}
	}
}

func TestFisherLarge(t *testing.T) {
	// The normal distribution with continuity correction, good to a thousandth here.
	p := Fisher(Counts{10_000, 1_000_000}, Counts{10_100, 1_000_000})
	near(t, "10000 v 10100 of a million", p.Greater, 0.24139, 0.001)
	if p := Fisher(Counts{0, 1_000_000}, Counts{1_000_000, 1_000_000}); p.Greater != 0 || p.Less < 1-1e-12 {
		t.Errorf("all against none: %v", p)
	}
}

func TestPoissonExactly(t *testing.T) {
	for _, times := range [][2]int64{{1, 1}, {3, 1}, {2, 7}} {
		for n := 0; n <= 25; n++ {
			w := make(weights, n+1)
			for x := range w {
				ta := new(big.Int).Exp(big.NewInt(times[0]), big.NewInt(int64(n-x)), nil)
				tb := new(big.Int).Exp(big.NewInt(times[1]), big.NewInt(int64(x)), nil)
				w[x] = new(big.Int).Mul(new(big.Int).Binomial(int64(n), int64(x)), ta.Mul(ta, tb))
			}
			for x := range w {
				a, b := Exposed{n - x, float64(times[0])}, Exposed{x, float64(times[1])}
				tails(t, fmt.Sprint(a, b), Poisson(a, b), w.test(x))
			}
		}
	}
}

// Where a bound is, the tail beyond what was seen has the level, by the sum of
// the binomial probabilities themselves.
func TestClopperPearson(t *testing.T) {
	for _, n := range []int{1, 2, 10, 60, 400, 1000} {
		for x := 0; x <= n; x += max(1, n/13) {
			for _, level := range []float64{0.90, 0.95, 0.999} {
				ci := ClopperPearson(Counts{x, n}, level)
				what := fmt.Sprintf("%d of %d at %g", x, n, level)
				if x > 0 {
					near(t, what+" low", binomial(n, ci.Low).test(x).Greater, (1-level)/2, 1e-7)
				} else if ci.Low != 0 {
					t.Errorf("%s: low %g", what, ci.Low)
				}
				if x < n {
					near(t, what+" high", binomial(n, ci.High).test(x).Less, (1-level)/2, 1e-7)
				} else if ci.High != 1 {
					t.Errorf("%s: high %g", what, ci.High)
				}
			}
		}
	}
	near(t, "rule of three", ClopperPearson(Counts{0, 1_000_000}, 0.90).High, 2.9957e-6, 1e-4)
}

func TestGarwood(t *testing.T) {
	// Ulm 1990: 11 events, 95 %: 5.491 to 19.682.
	ci := Garwood(11, 1, 0.95)
	near(t, "low", ci.Low, 5.491, 1e-4)
	near(t, "high", ci.High, 19.682, 1e-4)
	if ci := Garwood(0, 2, 0.95); ci.Low != 0 || math.Abs(ci.High-3.6889/2) > 1e-4 {
		t.Errorf("no event in 2 hours: %v", ci)
	}
}

// The examples (a) to (h) of Newcombe 1998, table II, method 10.
func TestNewcombePublished(t *testing.T) {
	for _, c := range []struct {
		first, second Counts
		low, high     float64
	}{
		{Counts{56, 70}, Counts{48, 80}, 0.0524, 0.3339},
		{Counts{9, 10}, Counts{3, 10}, 0.1705, 0.8090},
		{Counts{6, 7}, Counts{2, 7}, 0.0582, 0.8062},
		{Counts{5, 56}, Counts{0, 29}, -0.0381, 0.1926},
		{Counts{0, 10}, Counts{0, 20}, -0.1611, 0.2775},
		{Counts{0, 10}, Counts{0, 10}, -0.2775, 0.2775},
		{Counts{10, 10}, Counts{0, 20}, 0.6791, 1.0000},
		{Counts{10, 10}, Counts{0, 10}, 0.6075, 1.0000},
	} {
		ci := Newcombe(c.second, c.first, 0.95)
		if math.Abs(ci.Low-c.low) > 5.1e-5 || math.Abs(ci.High-c.high) > 5.1e-5 {
			t.Errorf("%v less %v: %.4f to %.4f, want %.4f to %.4f", c.first, c.second, ci.Low, ci.High, c.low, c.high)
		}
	}
}

// A ratio lies at the edge of its interval where the test of that ratio just
// fails.
func TestRateRatio(t *testing.T) {
	a, b := Exposed{4, 10}, Exposed{13, 12}
	ci := RateRatio(a, b, 0.95)
	near(t, "low", Poisson(Exposed{4, 10}, Exposed{13, 12 * ci.Low}).Greater, 0.025, 1e-6)
	near(t, "high", Poisson(Exposed{4, 10}, Exposed{13, 12 * ci.High}).Less, 0.025, 1e-6)
	if ci := RateRatio(Exposed{0, 1}, Exposed{0, 1}, 0.95); ci.Low != 0 || !math.IsInf(ci.High, 1) {
		t.Errorf("nothing anywhere: %v", ci)
	}
}

func TestHolm(t *testing.T) {
	got := Holm([]float64{0.01, math.NaN(), 0.04, 0.03, 0.005})
	for i, want := range []float64{0.03, math.NaN(), 0.06, 0.06, 0.02} {
		if math.IsNaN(want) != math.IsNaN(got[i]) || math.Abs(got[i]-want) > 1e-15 {
			t.Errorf("%d: %v, want %v", i, got[i], want)
		}
	}
}

func TestNonsenseIsNaN(t *testing.T) {
	for name, v := range map[string]float64{
		"more events than trials": Fisher(Counts{2, 1}, Counts{0, 1}).Greater,
		"negative":                Fisher(Counts{-1, 1}, Counts{0, 1}).TwoSided,
		"no time":                 Poisson(Exposed{1, 0}, Exposed{1, 0}).Greater,
		"events in no time":       Poisson(Exposed{1, 0}, Exposed{1, 5}).Greater,
		"level":                   ClopperPearson(Counts{1, 2}, 1).Low,
		"power of level 0":        FisherPower(10, 10, 0.1, 0.2, 0),
	} {
		if !math.IsNaN(v) {
			t.Errorf("%s: %v", name, v)
		}
	}
	if p := Fisher(Counts{}, Counts{0, 5}); p.TwoSided != 1 || p.Greater != 1 {
		t.Errorf("an arm without trials: %v", p)
	}
}
