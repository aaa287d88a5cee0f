package compare

import (
	"maps"
	"slices"

	"roamfault/reports/render"
	"roamfault/roam/runlog"
)

// Compare compares b, the new arm, with a.
func Compare(a, b *Arm, o Options) (*Comparison, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	j := &judge{a: a, b: b, o: o, known: knownClasses(a, b)}
	j.sideBySide()
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
	// cycleBlocks and hourBlocks are which loads ran side by side, by arm and in the
	// order of its loads, of those with cycles and of those with a time; nil: they
	// did not take turns.
	cycleBlocks, hourBlocks [2][]int
}

// judged reports whether a kind of cycle is compared.
func (j *judge) judged(k kind) bool { return k.stands() && k.origin == j.o.Origin }

func (j *judge) summary(a *Arm) ArmSummary {
	s := ArmSummary{Name: render.Clean(cut(a.name)), Runs: []string{}, Hours: none(), Air: a.air.summary()}
	for _, r := range a.runs {
		s.Runs = append(s.Runs, render.Clean(cut(r.info.ID)))
	}
	hours := 0.0
	for _, l := range a.loads {
		hours += l.info.Hours
		s.Between += l.between
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
