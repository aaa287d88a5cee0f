package compare

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// 10,000 watches of each: of a new arm like the baseline a regression is said at
// most as often as alpha allows, and one as bad as was to be found is found with
// the power, also where failures cluster within a load.
func TestUntilKeepsBothErrorRates(t *testing.T) {
	const base, detect, cycles = 0.01, 0.05, 20
	random := rand.New(rand.NewPCG(30, 0))
	alarms, missed, planned, loads := 0, 0, 0, 0
	plans := make(map[int]*Until)
	for range runs {
		failed := 0
		for range 120 {
			if firstFailed(random, base, cycles) > 0 {
				failed++
			}
		}
		plan, ok := plans[failed]
		if !ok {
			plan, _ = NewUntil(baseline(failed, 120, cycles), cycles, detect, Options{})
			plans[failed] = plan
		}
		if plan == nil {
			continue // the baseline came out too bad to tell, and that was said
		}
		planned++
		v, n := watch(random, *plan, base)
		loads += n
		if v == Regression {
			alarms++
		}
		if v, _ := watch(random, *plan, detect); v != Regression {
			missed++
		}
	}
	if float64(alarms)/runs > 0.05+error4(0.05) {
		t.Errorf("%d false alarms", alarms)
	}
	if float64(missed)/float64(planned) > 0.1+error4(0.1) {
		t.Errorf("%d of %d missed", missed, planned)
	}
	if planned < runs*95/100 {
		t.Errorf("only %d could be planned", planned)
	}
	t.Logf("%d false alarms, %d missed of %d; %d loads on average", alarms, missed, planned, loads/planned)
}

// firstFailed is the first of so many cycles that fails; what comes after it in
// the load may fail as it likes.
func firstFailed(random *rand.Rand, rate float64, cycles int) int {
	n := 1 + int(math.Log(1-random.Float64())/math.Log(1-rate))
	if n > cycles {
		return 0
	}
	return n
}

func watch(random *rand.Rand, u Until, rate float64) (Verdict, int) {
	for n := 1; ; n++ {
		if v := u.Load(u.cycles, firstFailed(random, rate, u.cycles)); v != CannotTell {
			return v, n
		}
	}
}

func baseline(failed, loads, cycles int) *Arm {
	good := strings.Repeat("o", cycles)
	words := repeat(good, loads-failed)
	return arm("baseline", RunInfo{}, append(words, repeat("t"+good, failed)...)...)
}

func TestUntilTakesWholeLoads(t *testing.T) {
	u, err := NewUntil(baseline(3, 60, 10), 10, 0.1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if u.Load(9, 0); u.trials.Trials != 0 {
		t.Error("a load that ended before its last cycle counts")
	}
	if u.Load(12, 11); u.trials.Trials != 1 || u.trials.Events != 0 {
		t.Errorf("failed after its last cycle: %+v", u.trials)
	}
	if u.Load(3, 2); u.trials.Trials != 2 || u.trials.Events != 1 {
		t.Errorf("failed at once: %+v", u.trials)
	}
	last := u.Looks()[len(u.Looks())-1]
	v := CannotTell
	for range last {
		v = u.Load(10, 1)
	}
	if v != Regression {
		t.Errorf("all loads failed: %s", v)
	}
	if again := u.Load(10, 0); again != Regression {
		t.Errorf("it said regression, then %s", again)
	}
}

func TestUntilRefuses(t *testing.T) {
	for name, f := range map[string]func() (*Until, error){
		"three loads":       func() (*Until, error) { return NewUntil(baseline(0, 3, 10), 10, 0.1, Options{}) },
		"shorter loads":     func() (*Until, error) { return NewUntil(baseline(0, 30, 10), 20, 0.1, Options{}) },
		"baseline is worse": func() (*Until, error) { return NewUntil(baseline(28, 30, 10), 10, 0.1, Options{}) },
		"no cycles":         func() (*Until, error) { return NewUntil(baseline(0, 30, 10), 0, 0.1, Options{}) },
		"no options":        func() (*Until, error) { return NewUntil(baseline(0, 30, 10), 10, 0.1, Options{Alpha: 3}) },
	} {
		if _, err := f(); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
