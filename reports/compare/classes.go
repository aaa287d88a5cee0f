package compare

import (
	"maps"
	"math"
	"slices"
	"strings"

	"roamfault/reports/render"
	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// classes are what can be compared: the classes that each arm could tell, with
// whose words tell it. Nil: all classes.
type classes struct {
	a, b    map[string]string
	pattern bool // the runs were read with different patterns: no class can be
}

func knownClasses(a, b *Arm) classes {
	k := classes{a: printable(a), b: printable(b)}
	versions := make(map[string]bool)
	for _, r := range slices.Concat(a.runs, b.runs) {
		if v, ok := r.info.Environment.Get(runlog.KeyPatterns); ok {
			versions[v] = true
		}
		k.pattern = k.pattern || slices.Contains(r.info.Changed, runlog.KeyPatterns)
	}
	k.pattern = k.pattern || len(versions) > 1
	return k
}

// printable are the classes that every run of an arm could tell, by the same words.
func printable(a *Arm) map[string]string {
	var set map[string]string
	for _, r := range a.runs {
		if r.info.Classes == nil {
			continue
		}
		own := make(map[string]string)
		for _, told := range r.info.Classes {
			class, by, _ := strings.Cut(told, ":")
			class = bounded(class)
			if was, ok := set[class]; len(own) < mostKinds && (set == nil || ok && was == by) {
				own[class] = by
			}
		}
		set = own
	}
	return set
}

// Why a class cannot be compared.
const (
	whyPatterns = "the arms were read with different patterns"
	whyNeither  = "neither arm could tell it"
	whyOnlyNew  = "only the new arm could tell it"
	whyOnlyOld  = "only the old arm could tell it"
	whyNotAlike = "other logs could tell it in one arm than in the other"
)

// why says what is in the way of comparing a class; empty: nothing.
func (k classes) why(class string) string {
	byA, inA := k.a[class]
	byB, inB := k.b[class]
	known := k.a != nil && k.b != nil
	inA, inB = inA || k.a == nil, inB || k.b == nil
	switch {
	case k.pattern:
		return whyPatterns
	case !inA && !inB:
		return whyNeither
	case !inA:
		return whyOnlyNew
	case !inB:
		return whyOnlyOld
	case known && byA != byB:
		return whyNotAlike
	}
	return ""
}

// apart says why no class can be compared.
func (k classes) apart() string {
	if k.pattern {
		return whyPatterns
	}
	return "their logs were not read alike"
}

// nothing reports whether no class can be compared.
func (k classes) nothing() bool {
	if k.pattern {
		return true
	}
	shared := k.a
	if shared == nil {
		shared = k.b
	}
	for c := range shared {
		if k.why(c) == "" {
			return false
		}
	}
	return shared != nil
}

// any reports whether a class of a kind of cycle can be compared.
func (k classes) any(of kind) bool {
	for c := range strings.SplitSeq(of.classes, ",") {
		if c != "" && k.why(c) == "" {
			return true
		}
	}
	return false
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
		// Nobody knows of which class it was.
		return !j.known.pattern && (j.known.a == nil) == (j.known.b == nil) && maps.Equal(j.known.a, j.known.b)
	}
	return j.known.any(k)
}

// allClasses are those that an arm has, or could have, and whether one has it.
func (j *judge) allClasses() map[string]bool {
	all := make(map[string]bool)
	for _, set := range []map[string]string{j.known.a, j.known.b} {
		for c := range set {
			all[c] = false
		}
	}
	for _, a := range []*Arm{j.a, j.b} {
		for _, k := range a.kinds {
			for c := range strings.SplitSeq(k.classes, ",") {
				all[c] = true
			}
		}
		for _, l := range a.loads {
			for t := range l.incidents {
				all[t.class] = true
			}
		}
	}
	delete(all, "")
	return all
}

// classes tests every class that an arm has, or could have. One that no arm has is
// no test more to adjust for: whatever is dealt to whom, nothing comes of it.
func (j *judge) classes() []ClassTest {
	all := j.allClasses()
	out, p := []ClassTest{}, []float64{}
	var none *Test
	for _, class := range slices.Sorted(maps.Keys(all)) {
		if len(out) == mostKinds {
			break
		}
		t := ClassTest{Class: render.Clean(class), Why: j.known.why(class)}
		t.Compared = t.Why == ""
		switch {
		case all[class]:
			t.Test = j.test(class)
		case none == nil:
			t.Test = j.test(class)
			none = &t.Test
		default:
			t.Test = *none
		}
		out = append(out, t)
		if t.Compared && t.had() {
			p = append(p, float64(t.Test.primary(j.o.EndPoint).P.TwoSided))
		} else {
			p = append(p, math.NaN())
		}
	}
	for i, v := range stats.Holm(p) {
		out[i].Adjusted = Number(v)
		if t := &out[i]; t.Compared && !t.had() {
			t.Adjusted = t.Test.primary(j.o.EndPoint).P.TwoSided
		}
	}
	return out
}

// had reports whether an arm had it.
func (t *ClassTest) had() bool {
	return t.Test.A.Events+t.Test.B.Events+t.Test.Hours.A.Events+t.Test.Hours.B.Events > 0
}
