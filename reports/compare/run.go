package compare

import (
	"fmt"
	"slices"
	"time"

	"roamfault/roam/runlog"
)

// InfoOf is what a run file tells beside its cycles.
func InfoOf(run *runlog.Run, stats runlog.Stats) RunInfo {
	info := RunInfo{ID: run.Head.ID, Environment: run.Environment(), Plan: run.Head.Plan, Early: early(run)}
	if !stats.Clean() {
		info.Damage = stats.Problems()
	}
	if run.Dropped > 0 {
		info.Damage = append(info.Damage, fmt.Sprintf("%d entries were too many to be kept", run.Dropped))
	}
	if run.Repeated > 0 {
		info.Damage = append(info.Damage, fmt.Sprintf("%s had the number of another, and did not count", amount(run.Repeated, "cycle")))
	}
	info.Changed = changed(run)
	info.Classes = couldTell(run)
	info.Unsaid = info.Classes == nil
	return info
}

// couldTell are the classes that could be told from the run's begin to its end, nil
// where it does not say.
func couldTell(run *runlog.Run) []string {
	var all []string
	for i := range run.Environments {
		switch classes := run.Environments[i].Environment.Classes(); {
		case classes == nil:
		case all == nil:
			all = classes
		default:
			told := make(map[string]bool, len(classes))
			for _, c := range classes {
				told[c] = true
			}
			all = slices.DeleteFunc(all, func(c string) bool { return !told[c] })
		}
	}
	return all
}

// changed are the keys of the environment that did not stay as they were.
func changed(run *runlog.Run) []runlog.Key {
	var keys []runlog.Key
	last := run.Environment()
	for _, e := range run.Environments {
		for d := range e.Environment.Differences(last) {
			if d.Role != runlog.Free && !slices.Contains(keys, d.Key) {
				keys = append(keys, d.Key)
			}
		}
	}
	return keys
}

// early says why a run is shorter than its plan; empty: it is not.
func early(run *runlog.Run) string {
	plan := run.Head.Plan
	switch {
	case run.Open() && run.Interrupted != nil:
		return fmt.Sprintf("it is open, and cycle %d did not end; if the machine died of it, runs resume has it count", run.Interrupted.Number)
	case run.Open():
		return "it is open; if the machine died in it, runs resume has that count"
	case plan.Cycles > 0 && run.Ended.Totals.Cycles >= plan.Cycles,
		plan.Duration > 0 && run.Ended.Totals.Driven >= time.Duration(plan.Duration):
		return ""
	}
	return run.Ended.Reason
}

// place tells the loads of a run apart.
type place struct {
	boot string
	load int
}

// cycleOf is a cycle's number, and whether faults were injected: an incident of
// the other origin is none of the cycle's own.
type cycleOf struct {
	number   int
	injected bool
}

// Take adds all loads, cycles and incidents of a run file, and the crashes between
// its cycles. Its cycles are as a file in memory has them: durations to a part in
// 1000, an access point's timer to the second. The hours of a load are from its first
// cycle's begin to its last one's end, less the time in which the run stood still.
func (r *Run) Take(run *runlog.Run) {
	t := taker{run: run, to: r, loads: make(map[place]*Load), starts: make(map[string][]start), classes: make(map[cycleOf][]string), stops: stopsOf(run), walls: wallsOf(run), timeout: time.Duration(run.Head.Plan.Timeout)}
	copy(t.names[:], runlog.Stages())
	crashes := run.Crashes()
	t.crashes(crashes)
	for i := range run.Incidents {
		if e := &run.Incidents[i]; e.Cycle > 0 && !t.ofCrash[i] {
			k := cycleOf{e.Cycle, e.Origin == runlog.Injected}
			t.classes[k] = append(t.classes[k], e.Class)
		}
	}
	for _, b := range run.Cycles.All() {
		t.enter(place{b.Boot, b.Load}, &b)
		t.cycle(&b)
	}
	t.leave()
	for i := range run.Incidents {
		e := &run.Incidents[i]
		t.of(e).Incident(e.Class, originOf(e.Origin))
	}
	for i := range crashes {
		t.crash(&crashes[i])
	}
}

func originOf(o runlog.Origin) runlog.Origin {
	if o == "" {
		return runlog.Natural
	}
	return o
}

// start is when a load began, on CLOCK_BOOTTIME.
type start struct {
	at   time.Duration
	load *Load
}

// taker takes a run file's cycles in their order.
type taker struct {
	run     *runlog.Run
	to      *Run
	loads   map[place]*Load
	starts  map[string][]start // of the loads of each boot, in their order
	classes map[cycleOf][]string
	stops   map[string][]stop
	walls   map[string]time.Time
	timeout time.Duration
	// ofCrash are the places of incidents that tell a crash between two cycles, given
	// the cycles that the logs gave them to, and before the origins of the last cycles
	// before such a crash.
	ofCrash, given map[int]bool
	before         map[int]runlog.Origin
	names          [runlog.StageCount]runlog.Stage
	stages         [runlog.StageCount + 1]runlog.StageTime
	air            runlog.Air

	now        place
	load       *Load // nil: none yet
	begin, end time.Duration
	stood      time.Duration // of it
}

// at returns the load at a place, which began at a time of CLOCK_BOOTTIME.
func (t *taker) at(p place, began time.Duration) *Load {
	l := t.loads[p]
	if l == nil {
		info := LoadInfo{Boot: p.boot, Number: p.load}
		if wall, ok := t.walls[p.boot]; ok {
			info.Began = wall.Add(began)
		}
		l = t.to.Load(info)
		t.loads[p] = l
		if s := t.starts[p.boot]; len(s) == 0 || s[len(s)-1].at <= began {
			t.starts[p.boot] = append(s, start{began, l})
		}
	}
	return l
}

// of returns the load of an incident. One between two cycles has no load of its own:
// it is of the one before it in its boot, or else of the first there.
func (t *taker) of(e *runlog.IncidentEntry) *Load {
	p := place{e.Boot, e.Load}
	starts := t.starts[e.Boot]
	if t.loads[p] != nil || len(starts) == 0 {
		return t.at(p, e.At.Boot)
	}
	behind, _ := slices.BinarySearchFunc(starts, e.At.Boot, func(s start, at time.Duration) int {
		if s.at <= at {
			return -1
		}
		return 1
	})
	return starts[max(0, behind-1)].load
}

// wallsOf are the times at which CLOCK_BOOTTIME was 0 in each boot, by the wall clock
// as it was last told there.
func wallsOf(run *runlog.Run) map[string]time.Time {
	walls := make(map[string]time.Time)
	tell := func(boot string, at runlog.Moment) {
		if !at.Wall.IsZero() {
			walls[boot] = at.Wall.Add(-at.Boot)
		}
	}
	tell(run.Head.Boot, run.Head.Started)
	for i := range run.Environments {
		tell(run.Environments[i].Boot, run.Environments[i].At)
	}
	for i := range run.Resumes {
		tell(run.Resumes[i].Boot, run.Resumes[i].At)
	}
	return walls
}

// crashes notes what is a crash's own.
func (t *taker) crashes(list []runlog.Crash) {
	t.ofCrash, t.given, t.before = make(map[int]bool), make(map[int]bool), make(map[int]runlog.Origin)
	for _, c := range list {
		t.before[c.After] = runlog.Natural
		for _, i := range c.Incidents {
			t.ofCrash[i], t.given[t.run.Incidents[i].Cycle] = true, true
		}
	}
}

// crash counts a crash between two cycles. Its origin is that of what tells it, or
// else of the cycle before.
func (t *taker) crash(c *runlog.Crash) {
	origin := t.before[c.After]
	var classes []string
	for _, i := range c.Incidents {
		classes, origin = append(classes, t.run.Incidents[i].Class), originOf(t.run.Incidents[i].Origin)
	}
	t.at(place{c.Boot, c.Load}, 0).Crash(origin, classes)
}

// enter goes to the load that the next cycle is in.
func (t *taker) enter(p place, next *runlog.Brief) {
	if t.load != nil && p == t.now {
		t.stood += t.stoodUntil(next.Begin)
		return
	}
	t.leave()
	t.now, t.load, t.begin, t.end, t.stood = p, t.at(p, next.Begin), next.Begin, next.Begin, 0
	t.stoodUntil(next.Begin)
}

// leave counts the hours of a load.
func (t *taker) leave() {
	if t.load != nil {
		t.load.Lasted((t.end - t.begin - t.stood).Hours())
	}
}

// stop is a time in which a run stood still, in one boot; from is before all of
// them where nobody said when it began.
type stop struct{ from, to time.Duration }

// stopsOf are the times by boot, in their order.
func stopsOf(run *runlog.Run) map[string][]stop {
	stops := make(map[string][]stop)
	pauses := run.Pauses
	for _, r := range run.Resumes {
		from := time.Duration(-1)
		for len(pauses) > 0 && pauses[0].Boot == r.Boot && pauses[0].At.Boot <= r.At.Boot {
			from, pauses = pauses[0].At.Boot, pauses[1:]
		}
		// A pause in a boot that is over lasted longer than that.
		for from < 0 && len(pauses) > 0 && pauses[0].Boot != r.Boot {
			pauses = pauses[1:]
		}
		stops[r.Boot] = append(stops[r.Boot], stop{from, r.At.Boot})
	}
	return stops
}

// stoodUntil is how long the run stood still between its last cycle and the next.
func (t *taker) stoodUntil(next time.Duration) time.Duration {
	list := t.stops[t.now.boot]
	if len(list) == 0 {
		return 0
	}
	var sum time.Duration
	for len(list) > 0 && list[0].to <= next {
		if s := list[0]; s.to > t.end {
			sum += s.to - max(s.from, t.end)
		}
		list = list[1:]
	}
	t.stops[t.now.boot] = list
	return min(sum, max(0, next-t.end))
}

// cycle hands one on.
func (t *taker) cycle(b *runlog.Brief) {
	t.end = max(b.Begin+b.Took, t.begin)
	c := Cycle{Outcome: b.Outcome, Origin: runlog.Natural, AfterReset: b.AfterReset, Outage: b.Outage, Took: b.Took, Timeout: t.timeout}
	if b.Outcome != runlog.OK { // none in which an incident began is
		c.Classes = t.classes[cycleOf{b.Number, b.Injected}]
	}
	if b.Injected {
		c.Origin = runlog.Injected
	}
	if _, ok := t.before[b.Number]; ok {
		t.before[b.Number] = c.Origin
	}
	if c.Outcome == runlog.Incident && len(c.Classes) == 0 && t.given[b.Number] {
		c.Outcome = runlog.OK // what the logs gave to it came behind its end
	}
	c.Stages = t.stagesOf(b)
	if b.At >= 0 && b.At < len(t.run.APs) {
		c.AP = t.run.APs[b.At]
	}
	if b.Signal != 0 || b.Busy != 0 || b.Utilization != 0 || b.TSF != 0 {
		t.air = runlog.Air{Signal: b.Signal, Busy: b.Busy, Utilization: b.Utilization, TSF: b.TSF}
		c.Air = &t.air
	}
	t.load.Cycle(&c)
}

// stagesOf are the stages of a cycle, valid until the next call.
func (t *taker) stagesOf(b *runlog.Brief) []runlog.StageTime {
	list := t.stages[:0]
	for n, d := range b.Stages {
		if d > 0 {
			list = append(list, runlog.StageTime{Stage: t.names[n], End: d})
		}
	}
	if b.Open >= 0 && b.Open < len(t.names) {
		list = append(list, runlog.StageTime{Stage: t.names[b.Open], Begin: b.OpenFrom})
	}
	return list
}
