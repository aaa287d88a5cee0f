package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Against the sum over all tables.
func TestFisherPowerByAllTables(t *testing.T) {
	for _, c := range []struct {
		na, nb        int
		pa, pb, alpha float64
	}{{20, 20, 0.02, 0.4, 0.05}, {35, 12, 0.1, 0.5, 0.025}, {60, 60, 0.3, 0.1, 0.05}, {8, 50, 0.5, 0.5, 0.1}, {3, 3, 0.1, 0.9, 0.01}} {
		a, b, want := binomial(c.na, c.pa), binomial(c.nb, c.pb), 0.0
		for xa := 0; xa <= c.na; xa++ {
			for xb := 0; xb <= c.nb; xb++ {
				if Fisher(Counts{xa, c.na}, Counts{xb, c.nb}).Greater <= c.alpha {
					want += a.p[xa-a.lo] * b.p[xb-b.lo]
				}
			}
		}
		got := FisherPower(c.na, c.nb, c.pa, c.pb, c.alpha)
		if math.Abs(got-want) > 1e-10 {
			t.Errorf("%+v: %v, want %v", c, got, want)
		}
	}
}

func TestTrialsPerArm(t *testing.T) {
	for _, c := range []struct{ base, detect, alpha, power float64 }{{0.02, 0.10, 0.05, 0.8}, {0.02, 0.10, 0.025, 0.9}, {0.10, 0.02, 0.025, 0.9}, {0.0025, 0.0475, 0.05, 0.9}, {0.3, 0.6, 0.05, 0.95}} {
		n, err := TrialsPerArm(c.base, c.detect, c.alpha, c.power)
		if err != nil {
			t.Fatal(err)
		}
		low, high := min(c.base, c.detect), max(c.base, c.detect)
		if p := FisherPower(n-1, n-1, low, high, c.alpha); p >= c.power {
			t.Errorf("%+v: %d are enough, one fewer (%v) too", c, n, p)
		}
		for m := n; m < n+n/2; m++ {
			if p := FisherPower(m, m, low, high, c.alpha); p < c.power {
				t.Errorf("%+v: %d are said to be enough, but at %d it is %v", c, n, m, p)
			}
		}
	}
	// Casagrande, Pike and Smith 1978 give the same sizes exactly; one by simulation.
	n, _ := TrialsPerArm(0.02, 0.10, 0.025, 0.9)
	random, found := rand.New(rand.NewPCG(8, 8)), 0
	for range 4000 {
		if Fisher(draw(random, n, 0.02), draw(random, n, 0.10)).Greater <= 0.025 {
			found++
		}
	}
	if share := float64(found) / 4000; math.Abs(share-0.9) > 0.02 {
		t.Errorf("%d cycles an arm find it in %v of the runs", n, share)
	}
	for _, c := range [][4]float64{{0, 0.1, 0.05, 0.9}, {0.1, 0.1, 0.05, 0.9}, {0.1, 0.2, 0, 0.9}, {0.1, 0.2, 0.05, 1}, {0.5, 0.5001, 0.05, 0.9}} {
		if n, err := TrialsPerArm(c[0], c[1], c[2], c[3]); err == nil {
			t.Errorf("%v: %d", c, n)
		}
	}
}

func draw(random *rand.Rand, n int, p float64) Counts {
	c := Counts{0, n}
	for range n {
		if random.Float64() < p {
			c.Events++
		}
	}
	return c
}

// 10,000 runs each: false alarms at most alpha, detection at least the power,
// and always an answer.
func TestSequentialErrorRates(t *testing.T) {
	const runs, alpha, power = 10_000, 0.05, 0.9
	for _, c := range []struct {
		n            int
		base, detect float64
	}{{400, 0.02, 0.10}, {40, 0.3, 0.8}, {200, 0.05, 0.20}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			random := rand.New(rand.NewPCG(11, uint64(c.n)))
			plans := make(map[int]*Sequential)
			alarms, missed, trials, planned, most := 0, 0, 0, 0, 0
			for range runs {
				baseline := draw(random, c.n, c.base)
				s, ok := plans[baseline.Events]
				if !ok {
					s, _ = NewSequential(baseline, c.detect, alpha, power)
					plans[baseline.Events] = s
				}
				if s == nil {
					continue // the baseline came out too near to the rate to detect, and it was said
				}
				planned++
				d, n := follow(random, s, c.base)
				trials += n
				most = max(most, s.Looks()[looks-1])
				if d == Regression {
					alarms++
				}
				if d, _ := follow(random, s, c.detect); d != Regression {
					missed++
				}
			}
			// Four standard errors of the simulation.
			slack := func(p float64) float64 { return 4 * math.Sqrt(p*(1-p)/runs) }
			if got := float64(alarms) / runs; got > alpha+slack(alpha) {
				t.Errorf("false alarms %v", got)
			}
			if got := float64(missed) / float64(planned); got > 1-power+slack(power) {
				t.Errorf("missed %v", got)
			}
			if planned < runs*99/100 {
				t.Errorf("only %d of %d could be planned", planned, runs)
			}
			t.Logf("false alarms %.4f, missed %.4f, %d trials on average without a regression", float64(alarms)/runs, float64(missed)/runs, trials/planned)
		})
	}
}

func follow(random *rand.Rand, s *Sequential, p float64) (Decision, int) {
	c := Counts{}
	for _, n := range s.Looks() {
		more := draw(random, n-c.Trials, p)
		c = Counts{c.Events + more.Events, n}
		if d := s.At(c); d != Continue {
			return d, n
		}
	}
	return Continue, c.Trials
}

func TestSequentialRefuses(t *testing.T) {
	for name, f := range map[string]func() (*Sequential, error){
		"no baseline":       func() (*Sequential, error) { return NewSequential(Counts{}, 0.1, 0.05, 0.9) },
		"baseline is worse": func() (*Sequential, error) { return NewSequential(Counts{30, 100}, 0.1, 0.05, 0.9) },
		"too small":         func() (*Sequential, error) { return NewSequential(Counts{1, 20}, 0.1, 0.05, 0.9) },
		"level":             func() (*Sequential, error) { return NewSequential(Counts{1, 20}, 0.1, 0, 0.9) },
	} {
		if s, err := f(); err == nil {
			t.Errorf("%s: %+v", name, s)
		} else {
			t.Log(err)
		}
	}
}

// Every look's last number is decided by the last look.
func TestSequentialAlwaysAnswers(t *testing.T) {
	for x := range 12 {
		s, err := NewSequential(Counts{x, 300}, 0.12, 0.05, 0.8)
		if err != nil {
			t.Fatal(err)
		}
		n := s.Looks()[looks-1]
		for events := 0; events <= n; events++ {
			if s.At(Counts{events, n}) == Continue {
				t.Errorf("%d of %d against %d of 300: no answer", events, n, x)
			}
		}
		if s.At(Counts{1, n + 1}) != Continue {
			t.Error("an answer between looks")
		}
	}
}

// What a plan in loads says is so: beta-binomial loads, by the permutation test.
func TestUnitsPerArm(t *testing.T) {
	const base, detect, alpha, power = 0.02, 0.10, 0.05, 0.9
	for _, c := range []struct {
		trials int
		icc    float64
	}{{20, 0.05}, {40, 0}, {50, 0.02}} {
		n, err := UnitsPerArm(base, detect, alpha, power, c.trials, c.icc, 4)
		if err != nil {
			t.Fatal(err)
		}
		random, found := rand.New(rand.NewPCG(12, uint64(c.trials))), 0
		const runs = 1500
		for range runs {
			us := append(clustered(random, n, c.trials, base, c.icc, false), clustered(random, n, c.trials, detect, c.icc, true)...)
			if Permutation(us, PermutationOptions{Enumerate: 1, Draws: 999}).P.Greater <= alpha/2 {
				found++
			}
		}
		share := float64(found) / runs
		t.Logf("%+v: %d loads an arm, power %.3f", c, n, share)
		if share < power-0.02 {
			t.Errorf("%+v: %d loads an arm find it in %v of the runs", c, n, share)
		}
	}
}

func clustered(random *rand.Rand, n, trials int, rate, icc float64, b bool) []Unit {
	us := make([]Unit, n)
	for i := range us {
		// Each trial is the load's own state with the square root of icc, else new.
		state := random.Float64() < rate
		us[i] = Unit{Weight: float64(trials), B: b}
		for range trials {
			bad := random.Float64() < rate
			if random.Float64() < math.Sqrt(icc) {
				bad = state
			}
			if bad {
				us[i].Value++
			}
		}
	}
	return us
}
