package compare

import (
	"maps"
	"slices"
	"strings"

	"roamfault/reports/render"
	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// Compare compares b, the new arm, with a.
func Compare(a, b *Arm, o Options) (*Comparison, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	j := &judge{a: a, b: b, o: o, known: knownClasses(a, b)}
	c := &Comparison{
		Schema: SchemaID, EndPoint: o.EndPoint, Origin: o.Origin, Alpha: o.Alpha, Power: o.Power, Within: o.Within,
		A: j.summary(a), B: j.summary(b),
	}
	c.Overall = j.test("")
	c.Classes = j.classes()
	c.Outcomes = j.outcomes()
	c.Latencies = latencies(a, b, o)
	c.Warnings = j.warnings(c)
	j.decide(c)
	return c, nil
}

// judge compares two arms.
type judge struct {
	a, b  *Arm
	o     Options
	known classes
}

// classes are what can be compared. Nil, as a set: all classes.
type classes struct {
	a, b    map[string]bool
	pattern bool // the arms were read with different patterns: no class can be
}

func knownClasses(a, b *Arm) classes {
	k := classes{a: printable(a), b: printable(b)}
	versions := make(map[string]bool)
	for _, r := range slices.Concat(a.runs, b.runs) {
		if v, ok := r.info.Environment.Get(runlog.KeyPatterns); ok {
			versions[v] = true
		}
	}
	k.pattern = len(versions) > 1
	return k
}

// printable are the classes that every run of an arm could print.
func printable(a *Arm) map[string]bool {
	var set map[string]bool
	for _, r := range a.runs {
		if r.info.Classes == nil {
			continue
		}
		own := make(map[string]bool)
		for _, c := range r.info.Classes {
			if set == nil || set[bounded(c)] {
				own[bounded(c)] = true
			}
		}
		set = own
	}
	return set
}

// why says what is in the way of comparing a class; empty: nothing.
func (k classes) why(class string) string {
	inA, inB := k.a == nil || k.a[class], k.b == nil || k.b[class]
	switch {
	case k.pattern:
		return "the arms were read with different patterns"
	case !inA && !inB:
		return "neither arm could tell it"
	case !inA:
		return "only the new arm could tell it"
	case !inB:
		return "only the old arm could tell it"
	}
	return ""
}

// hit reports whether a kind of cycle counts as an event: of a class, or for ""
// as failed. That an incident opened counts only if both arms could have told.
func (j *judge) hit(k kind, class string) bool {
	switch {
	case class != "":
		return k.has(class)
	case k.outcome != runlog.Incident:
		return k.outcome.Bad()
	case k.classes == "":
		return !j.known.pattern && j.known.a == nil && j.known.b == nil
	}
	for c := range strings.SplitSeq(k.classes, ",") {
		if j.known.why(c) == "" {
			return true
		}
	}
	return false
}

// judged reports whether a kind of cycle is compared.
func (j *judge) judged(k kind) bool { return k.stands() && k.origin == j.o.Origin }

func (j *judge) summary(a *Arm) ArmSummary {
	s := ArmSummary{Name: render.Clean(a.name), Runs: []string{}, Hours: none(), Air: a.air.summary()}
	for _, r := range a.runs {
		s.Runs = append(s.Runs, render.Clean(r.info.ID))
	}
	hours := 0.0
	for _, l := range a.loads {
		hours += l.info.Hours
		cycles := 0
		for _, t := range l.tallies {
			switch k := a.kinds[t.kind]; {
			case j.judged(k):
				cycles += t.cycles
			case k.outcome == runlog.Skipped:
				s.Skipped += t.cycles
			case k.origin != j.o.Origin:
				s.OtherOrigin += t.cycles
			default:
				s.AfterReset += t.cycles
			}
			if a.kinds[t.kind].outcome == runlog.Crashed {
				s.Crashes += t.cycles
			}
		}
		s.Cycles += cycles
		if j.o.EndPoint == PerHour && l.info.Hours > 0 || j.o.EndPoint != PerHour && cycles > 0 {
			s.Loads++
		}
	}
	if hours > 0 {
		s.Hours = Number(hours)
	}
	return s
}

// classes tests every class that an arm has, or could have.
func (j *judge) classes() []ClassTest {
	all := make(map[string]bool)
	maps.Copy(all, j.known.a)
	maps.Copy(all, j.known.b)
	for _, a := range []*Arm{j.a, j.b} {
		for _, k := range a.kinds {
			if k.classes != "" {
				for c := range strings.SplitSeq(k.classes, ",") {
					all[c] = true
				}
			}
		}
		for _, l := range a.loads {
			for t := range l.incidents {
				all[t.class] = true
			}
		}
	}
	out, p := []ClassTest{}, []float64{}
	for _, class := range slices.Sorted(maps.Keys(all)) {
		if len(out) == mostKinds || class == "" {
			continue
		}
		t := ClassTest{Class: render.Clean(class), Why: j.known.why(class), Test: j.test(class)}
		t.Compared = t.Why == ""
		out = append(out, t)
		if t.Compared {
			p = append(p, float64(t.Test.primary(j.o.EndPoint).P.TwoSided))
		} else {
			p = append(p, float64(none()))
		}
	}
	for i, v := range stats.Holm(p) {
		out[i].Adjusted = Number(v)
	}
	return out
}

func (j *judge) outcomes() []OutcomeCount {
	counts := make(map[runlog.Outcome][2]int)
	for n, a := range []*Arm{j.a, j.b} {
		for _, l := range a.loads {
			for _, t := range l.tallies {
				if k := a.kinds[t.kind]; j.judged(k) {
					c := counts[k.outcome]
					c[n] += t.cycles
					counts[k.outcome] = c
				}
			}
		}
	}
	out := []OutcomeCount{}
	for _, o := range runlog.Outcomes() {
		if c, ok := counts[o]; ok {
			out = append(out, OutcomeCount{string(o), c[0], c[1]})
			delete(counts, o)
		}
	}
	for _, o := range slices.Sorted(maps.Keys(counts)) {
		if len(out) < mostKinds {
			out = append(out, OutcomeCount{render.Clean(string(o)), counts[o][0], counts[o][1]})
		}
	}
	return out
}
