package compare

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// arm makes an arm of loads, each written as a word: o is a good cycle, t one
// that timed out, i one with an incident, C a crash, s skipped, r after a reset
// and timed out, j injected and timed out.
func arm(name string, info RunInfo, loads ...string) *Arm {
	a := NewArm(name)
	r := a.Run(info)
	for _, word := range loads {
		l := r.Load(LoadInfo{})
		for _, letter := range word {
			c := Cycle{Outcome: runlog.OK, Origin: runlog.Natural, Timeout: 10 * time.Second, Took: 200 * time.Millisecond}
			switch letter {
			case 't':
				c.Outcome, c.Took, c.Classes = runlog.Timeout, 10*time.Second, []string{"mcu-timeout"}
			case 'i':
				c.Outcome, c.Classes = runlog.Incident, []string{"kernel-warning"}
			case 'C':
				c.Outcome = runlog.Crashed
			case 's':
				c.Outcome = runlog.Skipped
			case 'r':
				c.Outcome, c.AfterReset = runlog.Timeout, true
			case 'j':
				c.Outcome, c.Origin, c.Classes = runlog.Timeout, runlog.Injected, []string{"chip-reset"}
			}
			l.Cycle(&c)
		}
	}
	return a
}

func repeat(word string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = word
	}
	return out
}

func mustCompare(t *testing.T, a, b *Arm, o Options) *Comparison {
	t.Helper()
	c, err := Compare(a, b, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func has(c *Comparison, code WarningCode, words string) bool {
	for _, w := range c.Warnings {
		if w.Code == code && strings.Contains(w.Text, words) {
			return true
		}
	}
	return false
}

func TestVerdicts(t *testing.T) {
	good, bad := strings.Repeat("o", 40), strings.Repeat("ooot", 10)
	for _, c := range []struct {
		name string
		a, b []string
		o    Options
		want Verdict
	}{
		{"worse", repeat(good, 4), repeat(bad, 4), Options{}, Regression},
		{"better", repeat(bad, 4), repeat(good, 4), Options{}, Improvement},
		{"by first fault", repeat(good, 4), repeat(bad, 4), Options{EndPoint: FirstFault}, Regression},
		{"alike", repeat(good, 5), repeat(good, 5), Options{}, NoChange},
		{"alike, too few for a narrow margin", repeat(good, 5), repeat(good, 5), Options{Within: 0.01}, CannotTell},
		{"three loads an arm", repeat(good, 3), repeat(bad, 3), Options{}, CannotTell},
		{"one arm has three", repeat(good, 40), repeat(bad, 3), Options{}, CannotTell},
		{"four loads tell nothing at a level of 1 %", repeat(good, 4), repeat(bad, 4), Options{Alpha: 0.01}, CannotTell},
		{"all in one load", repeat(good, 4), []string{strings.Repeat("t", 40), good, good, good}, Options{}, CannotTell},
		{"no cycles", nil, repeat(good, 4), Options{}, CannotTell},
		{"nothing but skipped ones", repeat("ssss", 4), repeat(good, 4), Options{}, CannotTell},
		{"a crash is an event", repeat(good, 6), repeat("ooC", 6), Options{}, Regression},
		{"also after a reset", repeat(good, 6), append(repeat("rrC", 5), good), Options{}, Regression},
		{"faults after a reset are none", repeat(good, 4), repeat(good+"rrrrrr", 4), Options{}, NoChange},
		{"injected ones are none", repeat(good, 4), repeat(good+"jjjjjj", 4), Options{}, NoChange},
	} {
		got := mustCompare(t, arm("a", RunInfo{}, c.a...), arm("b", RunInfo{}, c.b...), c.o)
		if got.Verdict != c.want && !(c.want == NoChange && got.Verdict == CannotTell && strings.Contains(got.Why, "±")) {
			t.Errorf("%s: %s (%s), want %s", c.name, got.Verdict, got.Why, c.want)
		}
		if (got.More != nil) != (got.Verdict == CannotTell) {
			t.Errorf("%s: %s, and more: %+v", c.name, got.Verdict, got.More)
		}
	}
}

// Those who cannot tell are said what would: with that much more it can be told.
func TestMoreIsEnough(t *testing.T) {
	random := rand.New(rand.NewPCG(20, 0))
	told := 0
	for n := range 40 {
		rate := []float64{0.02, 0.07}[n%2]
		a, b := NewArm("a"), NewArm("b")
		ra, rb := a.Run(RunInfo{}), b.Run(RunInfo{})
		add := func(loadsA, loadsB int) {
			for i := range loadsA {
				(&world{random: random, rate: 0.02}).load(ra, 30, i)
			}
			for i := range loadsB {
				(&world{random: random, rate: rate}).load(rb, 30, i)
			}
		}
		add(3, 3)
		c := mustCompare(t, a, b, Options{})
		for range 3 {
			if c.More == nil {
				break
			}
			if c.More.LoadsA+c.More.LoadsB == 0 || c.More.CyclesA != c.More.LoadsA*30 && c.More.CyclesA != c.More.LoadsA*29 {
				t.Fatalf("%+v", c.More)
			}
			add(c.More.LoadsA, c.More.LoadsB)
			c = mustCompare(t, a, b, Options{})
		}
		if c.Verdict != CannotTell {
			told++
		}
	}
	if told < 36 {
		t.Errorf("of 40 only %d could tell in the end", told)
	}
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	a := arm("a", RunInfo{}, "oossrrjoC", "ooo")
	c := mustCompare(t, a, arm("b", RunInfo{}, "ooo"), Options{})
	want := ArmSummary{Name: "a", Runs: []string{""}, Loads: 2, Cycles: 7, AfterReset: 2, Skipped: 2, OtherOrigin: 1, Crashes: 1}
	got := c.A
	if got.Cycles != want.Cycles || got.AfterReset != want.AfterReset || got.Skipped != want.Skipped || got.OtherOrigin != want.OtherOrigin || got.Crashes != want.Crashes || got.Loads != want.Loads {
		t.Errorf("%+v", got)
	}
	if !has(c, WarnReset, "2 cycles after a reset") || !has(c, WarnInjected, "1 cycle with") || !has(c, WarnEarly, "crashed in 1 cycle") {
		t.Errorf("%+v", c.Warnings)
	}
	if injected := mustCompare(t, a, a, Options{Origin: runlog.Injected}); injected.A.Cycles != 1 || injected.A.OtherOrigin != 9 {
		t.Errorf("%+v", injected.A)
	}
}

// A class that only one kernel can print makes no cycle worse, and is not
// compared; outcomes are.
func TestOnlyWhatBothCanPrint(t *testing.T) {
	loads := repeat("ooioo", 5)
	silent := RunInfo{Classes: []string{"mcu-timeout"}}
	c := mustCompare(t, arm("old", silent, repeat("ooooo", 5)...), arm("new", RunInfo{}, loads...), Options{})
	if c.Overall.B.Events != 0 || c.Overall.B.Trials != 25 {
		t.Errorf("over all: %+v", c.Overall.B)
	}
	for _, class := range c.Classes {
		if want := class.Class == "mcu-timeout"; class.Compared != want || (class.Why == "") != want {
			t.Errorf("%+v", class)
		}
	}
	if !has(c, WarnClasses, "kernel-warning") {
		t.Errorf("%+v", c.Warnings)
	}
	both := mustCompare(t, arm("old", RunInfo{}, repeat("ooooo", 5)...), arm("new", RunInfo{}, loads...), Options{})
	if both.Overall.B.Events != 5 || both.Verdict != Regression {
		t.Errorf("when both could: %+v, %s", both.Overall.B, both.Verdict)
	}
	other := RunInfo{Environment: runlog.Environment{{Key: runlog.KeyPatterns, Value: "8"}}}
	mixed := mustCompare(t, arm("old", RunInfo{Environment: runlog.Environment{{Key: runlog.KeyPatterns, Value: "7"}}}, loads...), arm("new", other, loads...), Options{})
	if mixed.Overall.A.Events != 0 || mixed.Classes[0].Compared || !has(mixed, WarnEnvironment, "patterns differs") {
		t.Errorf("with different patterns: %+v %+v", mixed.Overall.A, mixed.Warnings)
	}
}

func TestWarnings(t *testing.T) {
	env := func(s ...runlog.Setting) runlog.Environment { return s }
	set := func(k runlog.Key, v string) runlog.Setting { return runlog.Setting{Key: k, Value: v} }
	loads := repeat("ooooo", 4)
	for _, c := range []struct {
		name  string
		a, b  RunInfo
		o     Options
		code  WarningCode
		words string
		not   bool
	}{
		{"kernel is what is compared", RunInfo{Environment: env(set("kernel", "1"))}, RunInfo{Environment: env(set("kernel", "2"))}, Options{}, WarnEnvironment, "", true},
		{"kernel and firmware", RunInfo{Environment: env(set("kernel", "1"), set("firmware", "x"))}, RunInfo{Environment: env(set("kernel", "2"), set("firmware", "y"))}, Options{}, WarnEnvironment, "nobody can tell", false},
		{"firmware when compared by kernel", RunInfo{Environment: env(set("firmware", "x"))}, RunInfo{Environment: env(set("firmware", "y"))}, Options{By: []runlog.Key{"kernel"}}, WarnEnvironment, "firmware differs", false},
		{"what it was compared by", RunInfo{Environment: env(set("bios", "x"))}, RunInfo{Environment: env(set("bios", "y"))}, Options{By: []runlog.Key{"bios"}}, WarnEnvironment, "", true},
		{"regulatory domain", RunInfo{Environment: env(set("regulatory", "DE"))}, RunInfo{Environment: env(set("regulatory", "US"))}, Options{}, WarnEnvironment, "verdict may be about it", false},
		{"interface", RunInfo{Environment: env(set("interface", "wlan0"))}, RunInfo{Environment: env(set("interface", "wlp1s0"))}, Options{}, WarnEnvironment, "", true},
		{"not known", RunInfo{}, RunInfo{Environment: env(set("ap-firmware", "3"))}, Options{}, WarnEnvironment, "not known, then 3", false},
		{"ended early", RunInfo{Early: "no space left"}, RunInfo{}, Options{}, WarnEarly, "no space left", false},
		{"damaged", RunInfo{Damage: []string{"line 7: checksum"}}, RunInfo{}, Options{}, WarnDamage, "line 7", false},
		{"plans", RunInfo{Plan: runlog.Plan{Order: runlog.Random}}, RunInfo{Plan: runlog.Plan{Order: runlog.PingPong}}, Options{}, WarnPlan, "", false},
		{"plans that differ in seed", RunInfo{Plan: runlog.Plan{Seed: 1, Cycles: 2}}, RunInfo{Plan: runlog.Plan{Seed: 2}}, Options{}, WarnPlan, "", true},
		{"few", RunInfo{}, RunInfo{}, Options{}, WarnFew, "only 0 cycles failed", false},
	} {
		got := mustCompare(t, arm("a", c.a, loads...), arm("b", c.b, loads...), c.o)
		if has(got, c.code, c.words) == c.not {
			t.Errorf("%s: %+v", c.name, got.Warnings)
		}
		if c.a.Damage != nil && !strings.Contains(got.Why, "damaged") {
			t.Errorf("%s: the verdict does not say so: %s", c.name, got.Why)
		}
	}
	mixed := arm("a", RunInfo{ID: "1", Environment: env(set("kernel", "1"))}, loads...)
	mixed.Run(RunInfo{ID: "2", Environment: env(set("kernel", "2"))})
	if got := mustCompare(t, mixed, arm("b", RunInfo{}, loads...), Options{}); !has(got, WarnMixed, "kernel is not the same") {
		t.Errorf("%+v", got.Warnings)
	}
}

func TestClusteringIsSaid(t *testing.T) {
	c := mustCompare(t, arm("a", RunInfo{}, strings.Repeat("o", 40), strings.Repeat("t", 40), strings.Repeat("o", 40), strings.Repeat("o", 40)),
		arm("b", RunInfo{}, repeat(strings.Repeat("o", 40), 4)...), Options{})
	if !has(c, WarnClustered, "dispersion") || c.Overall.Fisher.Less > 1e-6 || c.Overall.Loads.P.Less < 0.4 {
		t.Errorf("Fisher %v, by loads %v, %+v", c.Overall.Fisher, c.Overall.Loads.P, c.Warnings)
	}
}

// Roams that were given up count as longer than all others.
func TestFailedRoamsAreNotDropped(t *testing.T) {
	c := mustCompare(t, arm("a", RunInfo{}, strings.Repeat("o", 60)), arm("b", RunInfo{}, strings.Repeat("ot", 30)), Options{})
	l := c.Latencies[0]
	if l.Measure != "took" || l.B.Censored != 30 || l.B.N != 60 || l.P.Greater > 1e-6 || math.Abs(float64(l.Superior)-0.75) > 1e-12 {
		t.Errorf("%+v", l)
	}
	if l.B.Median != 200 || l.B.P95.Known() {
		t.Errorf("median %v, 95 %% %v", l.B.Median, l.B.P95)
	}
}

func TestAirIsCompared(t *testing.T) {
	a, b := NewArm("a"), NewArm("b")
	for n, x := range []*Arm{a, b} {
		l := x.Run(RunInfo{}).Load(LoadInfo{})
		for i := range 10 {
			tsf := uint64(1000 + i)
			if n == 1 && i == 5 {
				tsf = 3
			}
			l.Cycle(&Cycle{Outcome: runlog.OK, AP: dot11.Addr{2}, Air: &runlog.Air{Signal: -50 - 10*n, Busy: 10 + 40*n, Utilization: 20, TSF: tsf}})
		}
	}
	c := mustCompare(t, a, b, Options{})
	if !has(c, WarnAir, "-50 dBm before and -60 dBm now") || !has(c, WarnAir, "busy") || has(c, WarnAir, "load") || !has(c, WarnAir, "0 times before, 1 times now") {
		t.Errorf("%+v", c.Warnings)
	}
}

// A cycle of a run file becomes one to compare.
func TestCycleOf(t *testing.T) {
	at := &runlog.AP{MLD: dot11.Addr{1, 2}}
	c := CycleOf(&runlog.Cycle{Outcome: runlog.Lost, Origin: runlog.Injected, AfterReset: true, Incidents: []string{"x"}, Outage: 3, Took: 2, At: at, Air: &runlog.Air{TSF: 9}}, 7)
	if c.Outcome != runlog.Lost || c.Origin != runlog.Injected || !c.AfterReset || c.Classes[0] != "x" || c.Outage != 3 || c.Took != 2 || c.Timeout != 7 || c.AP != at.MLD || c.Air.TSF != 9 {
		t.Errorf("%+v", c)
	}
}

func TestGroups(t *testing.T) {
	g := NewGroups(runlog.KeyKernel)
	for _, v := range []string{"6.12", "7.1", "6.12", ""} {
		g.Run(RunInfo{Environment: runlog.Environment{{Key: runlog.KeyKernel, Value: v}}})
	}
	names := ""
	for _, a := range g.Arms() {
		names += a.Name() + " "
	}
	if names != "6.12 7.1 unknown " || len(g.Arms()[0].runs) != 2 {
		t.Errorf("%s", names)
	}
}

func TestExitCodes(t *testing.T) {
	for v, want := range map[Verdict]int{Regression: 1, Improvement: 0, NoChange: 0, CannotTell: 125} {
		if v.ExitCode() != want || BisectCode(v, NoTrouble) != want || BisectCode(v, EnvironmentFails) != 125 || BisectCode(v, SetupNever) != 128 {
			t.Errorf("%s: %d, %d", v, v.ExitCode(), BisectCode(v, NoTrouble))
		}
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for _, o := range []Options{{Alpha: 2}, {Alpha: -0.1}, {Power: 1}, {Within: -1}, {Within: 1}, {EndPoint: "mood"}, {Origin: "hell"}, {Alpha: math.NaN()},
		{Power: 0.01}, {Power: math.NaN()}, {Within: math.NaN()}, {Within: math.Inf(1)}, {Within: math.Inf(1), EndPoint: PerHour}, {Within: math.NaN(), EndPoint: PerHour}, {Alpha: math.Inf(1)}, {Alpha: math.Inf(-1)},
	} {
		if c, err := Compare(NewArm("a"), NewArm("b"), o); err == nil {
			t.Errorf("%+v: %s", o, c.Verdict)
		}
	}
}

// However many classes a file names, an arm keeps so many.
func TestHostileClassesAreBounded(t *testing.T) {
	a := NewArm("a")
	l := a.Run(RunInfo{}).Load(LoadInfo{Hours: 1})
	for i := range 20_000 {
		name := strconv.Itoa(i) + strings.Repeat("x", i%3000)
		l.Cycle(&Cycle{Outcome: runlog.Incident, Classes: []string{name, "a,b", "\xff"}})
		l.Incident(name, runlog.Natural)
	}
	if len(a.kinds) > mostKinds+16 || len(l.incidents) > mostKinds+16 || a.unkept == 0 {
		t.Errorf("%d kinds, %d incidents", len(a.kinds), len(l.incidents))
	}
	c := mustCompare(t, a, NewArm("b"), Options{})
	if c.Overall.A.Events != 20_000 || !has(c, WarnDamage, "different classes") {
		t.Errorf("%+v", c.Overall.A)
	}
}
