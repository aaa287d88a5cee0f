package compare

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"roamfault/reports/render"
	"roamfault/roam/runlog"
)

// Warning is a reason to doubt the verdict.
type Warning struct {
	Code WarningCode `json:"code"`
	// Arm is "a" or "b", empty: both.
	Arm  string `json:"arm"`
	Text string `json:"text"`
}

// WarningCode is of what kind a warning is.
type WarningCode string

// The kinds of warning.
const (
	WarnEnvironment WarningCode = "environment" // more differs than what is compared
	WarnMixed       WarningCode = "mixed"       // an arm's own runs differ
	WarnPlan        WarningCode = "plan"        // the runs did different things
	WarnEarly       WarningCode = "ended-early"
	WarnDamage      WarningCode = "damage"
	WarnFew         WarningCode = "few"         // cycles, or events
	WarnReset       WarningCode = "after-reset" // cycles were left out
	WarnInjected    WarningCode = "injected"    // cycles were set apart
	WarnClasses     WarningCode = "classes"     // not all could be compared
	WarnAir         WarningCode = "air"
	WarnClustered   WarningCode = "clustered" // cycles depend on each other
	WarnLatency     WarningCode = "latency"   // durations differ, the verdict does not go by them
	WarnClass       WarningCode = "class"     // a class differs, the verdict does not go by it
)

// warnings gathers what is to be said beside the verdict.
func (j *judge) warnings(c *Comparison) []Warning {
	w := &warner{list: []Warning{}}
	for _, arm := range []struct {
		label string
		arm   *Arm
		of    *ArmSummary
	}{{"a", j.a, &c.A}, {"b", j.b, &c.B}} {
		w.runs(arm.label, arm.arm)
		w.cycles(arm.label, arm.of, j)
		w.unsaid(arm.label, arm.arm)
	}
	w.patterns(j)
	w.environments(j)
	w.plans(j)
	w.classes(c)
	w.air(c)
	w.findings(c, j)
	return w.list
}

type warner struct{ list []Warning }

// mostWarnings are given; whoever wrote a run file does not fill the report.
const mostWarnings = 100

func (w *warner) say(code WarningCode, arm, format string, args ...any) {
	switch text := render.Clean(fmt.Sprintf(format, args...)); {
	case len(w.list) < mostWarnings:
		w.list = append(w.list, Warning{code, arm, text})
	case len(w.list) == mostWarnings:
		w.list = append(w.list, Warning{code, "", "there are more warnings than are shown"})
	}
}

func (w *warner) runs(label string, a *Arm) {
	for _, r := range a.runs {
		for i, d := range r.info.Damage {
			if i == 5 {
				w.say(WarnDamage, label, "run %s: %d more places are damaged", cut(r.info.ID), len(r.info.Damage)-i)
				break
			}
			w.say(WarnDamage, label, "run %s is damaged: %s", cut(r.info.ID), cut(d))
		}
		for i, key := range r.info.Changed {
			if i < 5 {
				w.say(WarnMixed, label, "%s changed within run %s", cut(string(key)), cut(r.info.ID))
			}
		}
		if r.info.Early != "" {
			w.say(WarnEarly, label, "run %s ended early: %s", cut(r.info.ID), cut(r.info.Early))
		}
	}
	if n := sharedBoots(a); n > 0 {
		w.say(WarnClustered, label, "%s went on in the boot of another: unless the firmware was loaded in between, their first loads are no loads of their own", amount(n, "run"))
	}
	if a.unkept > 0 {
		w.say(WarnDamage, label, "%d cycles or incidents have more different classes than are kept", a.unkept)
	}
}

// sharedBoots is how many runs of an arm were made in a boot that another had been
// made in before.
func sharedBoots(a *Arm) int {
	first := make(map[string]*Run)
	also := make(map[*Run]bool)
	for _, l := range a.loads {
		if r := first[l.info.Boot]; r == nil {
			first[l.info.Boot] = l.run
		} else if r != l.run && l.info.Boot != "" {
			also[l.run] = true
		}
	}
	return len(also)
}

// cut keeps text from a run file short.
func cut(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

func (w *warner) cycles(label string, s *ArmSummary, j *judge) {
	if s.AfterReset > 0 {
		w.say(WarnReset, label, "%s after a reset left out", amount(s.AfterReset, "cycle"))
	}
	if s.OtherOrigin > 0 {
		what := "injected faults"
		if j.o.Origin == runlog.Injected {
			what = "no injected fault"
		}
		w.say(WarnInjected, label, "%s with %s set apart", amount(s.OtherOrigin, "cycle"), what)
	}
	if n := s.Crashes - s.Between; n > 0 {
		w.say(WarnEarly, label, "the machine crashed in %s: each counts as a failure", amount(n, "cycle"))
	}
	if s.Between > 0 {
		w.say(WarnEarly, label, "%s between two cycles: each counts as a cycle that failed", amount(s.Between, "crash"))
	}
}

// environments warns of what differs beside what is compared.
func (w *warner) environments(j *judge) {
	va, vb := j.a.values(), j.b.values()
	var compared []string
	for _, key := range keysOf(va, vb) {
		info, _ := key.Info()
		a, b := va[key], vb[key]
		by := slices.Contains(j.o.By, key)
		for _, arm := range []struct {
			label  string
			values []string
		}{{"a", a}, {"b", b}} {
			if len(arm.values) > 1 && info.Role != runlog.Free {
				w.say(WarnMixed, arm.label, "%s is not the same in all runs: %s", cut(string(key)), list(arm.values))
			}
		}
		switch {
		case slices.Equal(a, b) || info.Role == runlog.Free || by:
		case info.Role == runlog.Compared && len(j.o.By) == 0:
			compared = append(compared, fmt.Sprintf("%s (%s, %s)", cut(string(key)), list(a), list(b)))
		case info.Role == runlog.Equal:
			w.say(WarnEnvironment, "", "%s differs, so that the verdict may be about it: %s, then %s", cut(string(key)), list(a), list(b))
		default:
			w.say(WarnEnvironment, "", "%s differs: %s, then %s", cut(string(key)), list(a), list(b))
		}
	}
	if len(compared) > 1 {
		w.say(WarnEnvironment, "", "the arms differ in several things, and nobody can tell which it is: %s", strings.Join(compared, "; "))
	}
}

// values are the different values that an arm's runs have of each key, in order.
func (a *Arm) values() map[runlog.Key][]string {
	out := make(map[runlog.Key][]string)
	for _, r := range a.runs {
		for _, s := range r.info.Environment {
			if !slices.Contains(out[s.Key], s.Value) {
				out[s.Key] = append(out[s.Key], s.Value)
			}
		}
	}
	for _, v := range out {
		slices.Sort(v)
	}
	return out
}

// keysOf are all keys, the known ones in their order before the others.
func keysOf(a, b map[runlog.Key][]string) []runlog.Key {
	var keys, others []runlog.Key
	for _, info := range runlog.Keys() {
		if a[info.Key] != nil || b[info.Key] != nil {
			keys = append(keys, info.Key)
		}
	}
	for _, m := range []map[runlog.Key][]string{a, b} {
		for k := range m {
			if !slices.Contains(keys, k) && !slices.Contains(others, k) {
				others = append(others, k)
			}
		}
	}
	slices.Sort(others)
	return append(keys, others...)
}

func list(values []string) string {
	if len(values) == 0 {
		return "not known"
	}
	shown := make([]string, 0, 4)
	for i, v := range values {
		if i == 3 {
			shown = append(shown, fmt.Sprintf("and %d more", len(values)-i))
			break
		}
		if v == "" {
			v = "none"
		}
		shown = append(shown, cut(v))
	}
	return strings.Join(shown, ", ")
}

// plans warns where runs did different things. How long they went on, and which
// random numbers they had, is no difference.
func (w *warner) plans(j *judge) {
	var first *runlog.Plan
	for _, r := range slices.Concat(j.a.runs, j.b.runs) {
		p := r.info.Plan
		p.Name, p.About, p.Cycles, p.Duration, p.Seed = "", "", 0, 0, 0
		if first == nil {
			first = &p
		} else if !reflect.DeepEqual(*first, p) {
			w.say(WarnPlan, "", "the runs had different plans: what they did is compared, too")
			return
		}
	}
}

// patterns says how arms that were read with different patterns can be compared.
func (w *warner) patterns(j *judge) {
	if !j.known.pattern {
		return
	}
	w.say(WarnClasses, "", "%s, %s and %s: outcomes and outages are compared, incidents by themselves are not; for that make both with the same roamfault and patterns, or compare what the journal still has by --boots",
		whyPatterns, list(versions(j.a)), list(versions(j.b)))
}

// versions are those of the patterns that an arm was read with.
func versions(a *Arm) []string { return a.values()[runlog.KeyPatterns] }

// unsaid says of whose runs it is not known what they could have told.
func (w *warner) unsaid(label string, a *Arm) {
	n := 0
	for _, r := range a.runs {
		if r.info.Unsaid {
			n++
		}
	}
	if n > 0 {
		w.say(WarnClasses, label, "%d of %s did not say which incidents could be told: it counts as all of them", n, amount(len(a.runs), "run"))
	}
}

// classes says what could not be compared, unless there is nothing that could.
func (w *warner) classes(c *Comparison) {
	for _, why := range []string{whyNeither, whyOnlyNew, whyOnlyOld, whyNotAlike} {
		var not []string
		for _, t := range c.Classes {
			if t.Why == why {
				not = append(not, t.Class)
			}
		}
		if len(not) > 0 {
			w.say(WarnClasses, "", "not compared (%s): %s", why, list(not))
		}
	}
}

// Differences of the air that are worth a word.
const (
	signalDiffers = 6  // dB
	busyDiffers   = 20 // percent
	loadDiffers   = 50 // of 255
)

func (w *warner) air(c *Comparison) {
	for _, m := range []struct {
		what  string
		a, b  Number
		limit Number
		unit  string
	}{
		{"the access points were heard", c.A.Air.Signal, c.B.Air.Signal, signalDiffers, "dBm"},
		{"the channel was busy", c.A.Air.Busy, c.B.Air.Busy, busyDiffers, "%"},
		{"the access points told a load of", c.A.Air.Utilization, c.B.Air.Utilization, loadDiffers, "of 255"},
	} {
		if d := m.a - m.b; d.Known() && (d >= m.limit || d <= -m.limit) {
			w.say(WarnAir, "", "%s %.0f %s before and %.0f %s now, on average", m.what, float64(m.a), m.unit, float64(m.b), m.unit)
		}
	}
	if a, b := c.A.Air.Restarts, c.B.Air.Restarts; a+b > 0 {
		w.say(WarnAir, "", "access points began anew during the runs: %d times before, %d times now", a, b)
	}
}

// findings are what the numbers say beside the end point.
func (w *warner) findings(c *Comparison, j *judge) {
	o := &c.Overall
	if c.A.Loads >= FewestLoads && c.B.Loads >= FewestLoads && o.A.Events+o.B.Events < 5 && c.EndPoint != PerHour {
		w.say(WarnFew, "", "only %s failed in both arms together", amount(o.A.Events+o.B.Events, "cycle"))
	}
	if d := o.Dispersion; d.P.Known() && d.P < 0.01 && d.Index > 1.5 {
		w.say(WarnClustered, "", "failures cluster within firmware loads (dispersion %.1f, %s): tests that take each cycle for itself promise too much", float64(d.Index), pIs(d.P))
	}
	alpha := Number(j.o.Alpha)
	for _, t := range c.Classes {
		if t.Compared && t.Adjusted.Known() && t.Adjusted <= alpha {
			w.say(WarnClass, "", "%s differs by itself (%s after Holm): %s", t.Class, pIs(t.Adjusted), t.Test.Effect)
		}
	}
	for _, l := range c.Latencies {
		if l.Adjusted.Known() && l.Adjusted <= alpha {
			w.say(WarnLatency, "", "%s differs by %s ms (%s after Holm, taking each cycle for itself)", l.Measure, signed(short(float64(l.Shift))), pIs(l.Adjusted))
		}
	}
}
