package compare

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// simulated is a world, and the comparisons that it is asked for.
type simulated struct {
	before, now   float64 // rates of cycles that fail
	icc, drift    float64
	loads, cycles int    // of each arm, of each load
	order         string // of the arms in time; it repeats
	blocks        bool   // neighbours in time are a block
	timed         bool   // it is known when they began
	o             Options
}

// share makes the comparisons and gives the share of each verdict.
func (s simulated) share(t *testing.T, runs int, seed uint64) map[Verdict]float64 {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 99))
	counts := make(map[Verdict]float64)
	for range runs {
		a, b := NewArm("a"), NewArm("b")
		ra, rb := a.Run(RunInfo{ID: "a"}), b.Run(RunInfo{ID: "b"})
		for when := range 2 * s.loads {
			w := world{random: random, rate: s.before, icc: s.icc, drift: s.drift}
			r := ra
			if s.order[when%len(s.order)] == 'B' {
				r, w.rate = rb, s.now
			}
			w.load(r, s.cycles, when)
			l := r.arm.loads[len(r.arm.loads)-1]
			if s.blocks {
				l.info.Block = 1 + when/2
			}
			if s.timed {
				l.info.Began = time.Unix(int64(1000*when+1), 0)
			}
		}
		c, err := Compare(a, b, s.o)
		if err != nil {
			t.Fatal(err)
		}
		counts[c.Verdict] += 1 / float64(runs)
	}
	return counts
}

// error4 is four standard errors of a simulated share.
func error4(p float64) float64 { return 4 * math.Sqrt(p*(1-p)/runs) }

// Nothing has changed: a change is said at most as often as alpha allows.
func TestFalseAlarms(t *testing.T) {
	for name, s := range map[string]simulated{
		"independent":            {before: 0.05, loads: 5, cycles: 20},
		"clustered":              {before: 0.05, icc: 0.4, loads: 5, cycles: 20},
		"clustered, first fault": {before: 0.05, icc: 0.4, loads: 5, cycles: 20, o: Options{EndPoint: FirstFault}},
		"fewest loads, frequent": {before: 0.3, icc: 0.1, loads: 4, cycles: 30},
		"access point drifts":    {before: 0.02, drift: 0.02, loads: 6, cycles: 15, order: "ABBA"},
		"access point in blocks": {before: 0.02, drift: 0.02, icc: 0.1, loads: 6, cycles: 20, order: "ABBA", blocks: true},
		"access point in turns":  {before: 0.02, drift: 0.02, icc: 0.1, loads: 6, cycles: 20, order: "ABBABAAB", timed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.now = s.before
			if s.order == "" {
				s.order = "AB"
			}
			got := s.share(t, runs, 1)
			t.Logf("%v", got)
			if alarms := got[Regression] + got[Improvement]; alarms > 0.05+error4(0.05) {
				t.Errorf("false alarms: %.4f", alarms)
			}
		})
	}
}

// A drifting access point and arms one after the other: what interleaving is for.
// It also shows that the simulations can fail.
func TestWithoutInterleavingDriftIsAChange(t *testing.T) {
	s := simulated{before: 0.02, now: 0.02, drift: 0.02, loads: 6, cycles: 20, order: "AAAAAABBBBBB"}
	if got := s.share(t, 500, 2); got[Regression] < 0.5 {
		t.Errorf("%v", got)
	}
}

// What the plan says is enough is enough, also where failures cluster.
func TestPower(t *testing.T) {
	for name, s := range map[string]simulated{
		"clustered":   {before: 0.02, now: 0.15, icc: 0.02, cycles: 40},
		"improvement": {before: 0.10, now: 0.02, cycles: 50},
		"drift":       {before: 0.02, now: 0.15, drift: 0.001, cycles: 50, icc: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Plan(s.before, s.now, 0.05, 0.9, s.cycles, s.icc)
			if err != nil {
				t.Fatal(err)
			}
			s.loads, s.order = p.Loads, "ABBA"
			got := s.share(t, runs, 3)
			t.Logf("%d loads of %d cycles an arm: %v", p.Loads, s.cycles, got)
			want := Regression
			if s.now < s.before {
				want = Improvement
			}
			if got[want] < 0.9-error4(0.9) {
				t.Errorf("found in %.4f of the comparisons", got[want])
			}
		})
	}
}

// "No change within D" is said of a change of D at most as often as alpha allows,
// and of no change where there are enough cycles.
func TestNoChange(t *testing.T) {
	for name, s := range map[string]simulated{
		"clustered": {before: 0.10, now: 0.15, icc: 0.05, loads: 6, cycles: 60, order: "AB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.share(t, runs, 4)
			t.Logf("%v", got)
			if got[NoChange] > 0.05+error4(0.05) {
				t.Errorf("no change: %.4f", got[NoChange])
			}
		})
	}
	same := simulated{before: 0.02, now: 0.02, loads: 5, cycles: 100, order: "AB"}
	if got := same.share(t, 500, 5); got[NoChange] < 0.8 {
		t.Errorf("of no change it is said: %v", got)
	}
}
