package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// column is one thing, a class or all that failed, as the loads of an arm have
// it.
type column struct {
	cycles stats.Counts
	hours  stats.Exposed
	units  []unit
}

type unit struct {
	cycles stats.Counts
	hours  stats.Exposed
	life   stats.Life
	// block and hourBlock tell loads that ran side by side; 0: they did not.
	block, hourBlock int
}

// arm is one of the two: 0 before, 1 now.
func (j *judge) arm(n int) *Arm { return [...]*Arm{j.a, j.b}[n] }

// column counts a class, or for "" what failed, in one of the arms.
func (j *judge) column(n int, class string) column {
	a := j.arm(n)
	// Once for each kind, not once for each load.
	judged, hit := make([]bool, len(a.kinds)), make([]bool, len(a.kinds))
	for i, k := range a.kinds {
		judged[i] = j.judged(k)
		hit[i] = judged[i] && j.hit(k, class)
	}
	c := column{units: make([]unit, 0, len(a.loads))}
	for i, l := range a.loads {
		var u unit
		if j.cycleBlocks[n] != nil {
			u.block = j.cycleBlocks[n][i]
		}
		if j.hourBlocks[n] != nil {
			u.hourBlock = j.hourBlocks[n][i]
		}
		first := math.MaxInt
		for _, t := range l.tallies {
			if judged[t.kind] {
				u.cycles.Trials += t.cycles
			}
			if hit[t.kind] {
				u.cycles.Events += t.cycles
				first = min(first, t.first)
			}
			if k := a.kinds[t.kind]; hit[t.kind] && class == "" && k.outcome == runlog.Crashed && !j.known.any(k) {
				u.hours.Events += t.cycles // a crash is an incident though nothing that is compared tells it
			}
		}
		u.life = stats.Life{Time: float64(min(first, u.cycles.Trials)), Faulted: u.cycles.Events > 0}
		u.hours.Time = l.info.Hours
		for told, n := range l.incidents {
			if told.origin == j.o.Origin && (told.class == class || class == "" && j.known.why(told.class) == "") {
				u.hours.Events += n
			}
		}
		c.cycles.Trials += u.cycles.Trials
		c.cycles.Events += u.cycles.Events
		if u.hours.Time > 0 {
			c.hours.Time += u.hours.Time
			c.hours.Events += u.hours.Events
		}
		c.units = append(c.units, u)
	}
	return c
}

// test makes all tests of a class, or of all for "".
func (j *judge) test(class string) Test {
	a, b := j.column(0, class), j.column(1, class)
	t := Test{
		A: j.rate(a.cycles), B: j.rate(b.cycles),
		Fisher:     probabilities(stats.Fisher(a.cycles, b.cycles)),
		Loads:      j.permute(a, b, PerCycle, class, func(u unit) (float64, float64) { return float64(u.cycles.Events), float64(u.cycles.Trials) }),
		FirstFault: j.firstFault(a, b, class),
		Newcombe:   interval(stats.Newcombe(a.cycles, b.cycles, 1-j.o.Alpha)),
		Hours:      j.hourTest(a, b, class),
	}
	d := stats.Disperse(trials(a), trials(b))
	t.Dispersion = dispersion(d)
	z := j.width(countUnits(a, b, func(u unit) bool { return u.cycles.Trials > 0 }))
	wilson := func(c stats.Counts) stats.Interval {
		return stats.Wilson(float64(c.Events)/d.Design(), float64(c.Trials)/d.Design(), z)
	}
	if a.cycles.Trials > 0 && b.cycles.Trials > 0 {
		t.Difference = interval(stats.Difference(a.cycles.Rate(), wilson(a.cycles), b.cycles.Rate(), wilson(b.cycles)))
	} else {
		t.Difference = Interval{none(), none()}
	}
	t.Effect = effect(a.cycles, b.cycles)
	return t
}

// width is how many standard errors an interval reaches to each side, with so
// many loads to tell the error from.
func (j *judge) width(loads int) float64 {
	if loads < 3 {
		return math.Inf(1)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(loads - 2)}.Quantile(1 - j.o.Alpha/2)
}

func countUnits(a, b column, counts func(unit) bool) int {
	n := 0
	for _, c := range []column{a, b} {
		for _, u := range c.units {
			if counts(u) {
				n++
			}
		}
	}
	return n
}

func trials(c column) []stats.Counts {
	out := make([]stats.Counts, len(c.units))
	for i, u := range c.units {
		out[i] = u.cycles
	}
	return out
}

func dispersion(d stats.Dispersion) Dispersion {
	return Dispersion{Number(d.Index), d.DF, Number(d.P), Number(d.ICC)}
}

func (j *judge) rate(c stats.Counts) Rate {
	return Rate{c.Events, c.Trials, Number(c.Rate()), interval(stats.ClopperPearson(c, 1-j.o.Alpha))}
}

// permute deals the loads that have a weight to the arms anew.
func (j *judge) permute(a, b column, per EndPoint, class string, of func(unit) (value, weight float64)) LoadTest {
	var units []stats.Unit
	for n, c := range []column{a, b} {
		for _, u := range c.units {
			if value, weight := of(u); weight > 0 {
				block := u.block
				if per == PerHour {
					block = u.hourBlock
				}
				units = append(units, stats.Unit{Value: value, Weight: weight, B: n == 1, Block: block})
			}
		}
	}
	return j.deal(units, per, class)
}

// firstFault tests the time to the first fault of each load.
func (j *judge) firstFault(a, b column, class string) LoadTest {
	var lives []stats.Life
	var units []stats.Unit
	for n, c := range []column{a, b} {
		for _, u := range c.units {
			if u.cycles.Trials > 0 {
				lives = append(lives, u.life)
				units = append(units, stats.Unit{Weight: 1, B: n == 1, Block: u.block})
			}
		}
	}
	for i, score := range stats.LogRank(lives) {
		units[i].Value = score
	}
	return j.deal(units, FirstFault, class)
}

func (j *judge) deal(units []stats.Unit, of EndPoint, class string) LoadTest {
	draws := 0
	if of == j.o.EndPoint && class == "" {
		draws = 9999 // the verdict rests on it
	}
	blocks := j.inBlocks(units)
	if !blocks {
		for i := range units {
			units[i].Block = 0
		}
	}
	p := stats.Permutation(together(units, blocks), stats.PermutationOptions{Seed: j.o.Seed, Draws: draws})
	return LoadTest{probabilities(p.P), p.Exact, p.Ways, blocks}
}

// mostUnits is how many loads are dealt one by one.
const mostUnits = 4000

// together puts neighbours of an arm together where there are more loads than can be
// dealt in a moment: what is exchanged still is whole loads.
func together(units []stats.Unit, blocks bool) []stats.Unit {
	each := (len(units) + mostUnits - 1) / mostUnits
	if each <= 1 {
		return units
	}
	type side struct {
		b     bool
		block int
	}
	type open struct{ at, room int }
	var out []stats.Unit
	filling := make(map[side]open)
	for _, u := range units {
		if blocks {
			u.Block = u.Block/each + 1
		}
		k := side{u.B, u.Block}
		o, ok := filling[k]
		if !ok || o.room == 0 {
			o = open{len(out), each}
			out = append(out, stats.Unit{B: u.B, Block: u.Block})
		}
		out[o.at].Value += u.Value
		out[o.at].Weight += u.Weight
		o.room--
		filling[k] = o
	}
	return out
}

// inBlocks reports whether the loads were planned in blocks that have both arms
// each, and there are enough of these for something rare to happen.
func (j *judge) inBlocks(units []stats.Unit) bool {
	blocks := make(map[int][2]int)
	for _, u := range units {
		if u.Block == 0 {
			return false
		}
		n := blocks[u.Block]
		if u.B {
			n[1]++
		} else {
			n[0]++
		}
		blocks[u.Block] = n
	}
	ways := 1.0
	for _, n := range blocks {
		if n[0] == 0 || n[1] == 0 {
			return false
		}
		for i := range min(n[0], n[1]) {
			ways *= float64(n[0]+n[1]-i) / float64(i+1)
		}
	}
	return ways*j.o.Alpha/2 >= 1
}

func (j *judge) hourTest(a, b column, class string) HourTest {
	t := HourTest{
		A: j.hourly(a.hours), B: j.hourly(b.hours),
		Loads:      j.permute(a, b, PerHour, class, func(u unit) (float64, float64) { return float64(u.hours.Events), u.hours.Time }),
		Poisson:    probabilities(stats.Poisson(a.hours, b.hours)),
		Ratio:      interval(stats.RateRatio(a.hours, b.hours, 1-j.o.Alpha)),
		Difference: Interval{none(), none()},
	}
	d := stats.DisperseRates(exposed(a), exposed(b))
	t.Dispersion = dispersion(d)
	if a.hours.Time > 0 && b.hours.Time > 0 {
		confidence := 2*distuv.UnitNormal.CDF(j.width(countUnits(a, b, func(u unit) bool { return u.hours.Time > 0 }))) - 1
		garwood := func(e stats.Exposed) stats.Interval {
			return stats.Garwood(float64(e.Events)/d.Design(), e.Time/d.Design(), confidence)
		}
		rate := func(e stats.Exposed) float64 { return float64(e.Events) / e.Time }
		t.Difference = interval(stats.Difference(rate(a.hours), garwood(a.hours), rate(b.hours), garwood(b.hours)))
	}
	return t
}

func exposed(c column) []stats.Exposed {
	out := make([]stats.Exposed, len(c.units))
	for i, u := range c.units {
		out[i] = u.hours
	}
	return out
}

func (j *judge) hourly(e stats.Exposed) Hourly {
	if e.Time <= 0 {
		return Hourly{e.Events, none(), none(), Interval{none(), none()}}
	}
	return Hourly{e.Events, Number(e.Time), Number(float64(e.Events) / e.Time), interval(stats.Garwood(float64(e.Events), e.Time, 1-j.o.Alpha))}
}
