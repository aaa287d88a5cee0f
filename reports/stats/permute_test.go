package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func units(a, b []float64) []Unit {
	var us []Unit
	for _, v := range a {
		us = append(us, Unit{Value: v, Weight: 10})
	}
	for _, v := range b {
		us = append(us, Unit{Value: v, Weight: 10, B: true})
	}
	return us
}

func TestPermutationByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []float64
		want P
		ways int
	}{
		{"apart", []float64{0, 1, 0, 1}, []float64{5, 6, 7, 8}, P{1. / 70, 1, 2. / 70}, 70},
		{"three an arm", []float64{0, 0, 0}, []float64{9, 9, 9}, P{1. / 20, 1, 2. / 20}, 20},
		{"alike", []float64{2, 2}, []float64{2, 2, 2}, P{1, 1, 1}, 10},
		{"one of four", []float64{0, 0}, []float64{1, 0}, P{0.5, 1, 1}, 6},
	} {
		got := Permutation(units(c.a, c.b), PermutationOptions{})
		if !got.Exact || got.Ways != c.ways || math.Abs(got.P.Greater-c.want.Greater)+math.Abs(got.P.Less-c.want.Less)+math.Abs(got.P.TwoSided-c.want.TwoSided) > 1e-12 {
			t.Errorf("%s: %+v, want %+v of %d", c.name, got, c.want, c.ways)
		}
	}
}

// Within blocks only what stands beside each other is exchanged: four pairs have
// 16 ways.
func TestPermutationInBlocks(t *testing.T) {
	us := units([]float64{1, 11, 21, 31}, []float64{2, 13, 24, 35})
	for i := range us {
		us[i].Block = i % 4
	}
	got := Permutation(us, PermutationOptions{})
	if got.Ways != 16 || got.P.Greater != 1./16 {
		t.Errorf("%+v", got)
	}
	for i := range us {
		us[i].Block = 0
	}
	if p := Permutation(us, PermutationOptions{}).P.Greater; p < 0.3 {
		t.Errorf("without blocks the drift hides it: %v", p)
	}
}

// Drawn and counted agree, and the same seed gives the same.
func TestPermutationDrawn(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		var us []Unit
		for i := range 14 {
			us = append(us, Unit{Value: random.Float64(), Weight: 1 + random.Float64(), B: i%2 == 0})
		}
		all := Permutation(us, PermutationOptions{})
		drawn := Permutation(us, PermutationOptions{Enumerate: 1, Draws: 40_000, Seed: 7})
		if again := Permutation(us, PermutationOptions{Enumerate: 1, Draws: 40_000, Seed: 7}); again != drawn {
			t.Errorf("%v, then %v", drawn, again)
		}
		if !all.Exact || drawn.Exact || math.Abs(all.P.Greater-drawn.P.Greater) > 0.012 || math.Abs(all.P.TwoSided-drawn.P.TwoSided) > 0.012 {
			t.Errorf("all %+v, drawn %+v", all, drawn)
		}
	}
}

func TestPermutationOfOneArm(t *testing.T) {
	if p := Permutation(units([]float64{1, 2}, nil), PermutationOptions{}); !math.IsNaN(p.P.Greater) {
		t.Errorf("%+v", p)
	}
}

func TestDisperse(t *testing.T) {
	// All faults of an arm in one of its loads: chi-squared is (n-1) units' worth
	// of trials. By hand: 4 loads of 25, 8 faults in one; p = 0.08.
	d := Disperse([]Counts{{8, 25}, {0, 25}, {0, 25}, {0, 25}})
	near(t, "index", d.Index, (36+3*4)/(25*0.08*0.92)/3, 1e-12)
	near(t, "ICC", d.ICC, (d.Index-1)/24, 1e-12)
	if d.DF != 3 || d.P > 1e-4 || d.Design() != d.Index {
		t.Errorf("%+v", d)
	}
	even := Disperse([]Counts{{2, 25}, {2, 25}}, []Counts{{7, 25}, {7, 25}})
	if even.Index > 1e-12 || even.DF != 2 || even.Design() != 1 || even.ICC != 0 {
		t.Errorf("%+v", even)
	}
	if d := Disperse([]Counts{{0, 25}, {0, 25}}, []Counts{{3, 10}}); !math.IsNaN(d.Index) || d.Design() != 1 {
		t.Errorf("%+v", d)
	}
	if d := DisperseRates([]Exposed{{9, 1}, {1, 1}}); math.Abs(d.Index-6.4) > 1e-12 {
		t.Errorf("%+v", d)
	}
}

func BenchmarkPermutation2000Units(b *testing.B) {
	var us []Unit
	for i := range 2000 {
		us = append(us, Unit{Value: float64(i % 7), Weight: 500, B: i%2 == 0})
	}
	b.ReportAllocs()
	for b.Loop() {
		Permutation(us, PermutationOptions{})
	}
}
