package compare

import (
	"fmt"
	"slices"
	"time"

	"roamfault/roam/runlog"
)

// InfoOf is what a run file tells beside its cycles; which classes could have
// been printed it does not tell.
func InfoOf(run *runlog.Run, stats runlog.Stats) RunInfo {
	info := RunInfo{ID: run.Head.ID, Environment: run.Environment(), Plan: run.Head.Plan, Early: early(run)}
	if !stats.Clean() {
		info.Damage = stats.Problems()
	}
	if run.Dropped > 0 {
		info.Damage = append(info.Damage, fmt.Sprintf("%d entries were too many to be kept", run.Dropped))
	}
	info.Changed = changed(run)
	return info
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
		return fmt.Sprintf("it is open, and cycle %d did not end", run.Interrupted.Number)
	case run.Open():
		return "it is open"
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

// Take adds all loads, cycles and incidents of a run file. Its cycles are as a
// file in memory has them: a stage that did not end counts in none of the
// stages, the cycle itself as given up; an access point's timer is not there.
func (r *Run) Take(run *runlog.Run) {
	classes := make(map[cycleOf][]string)
	for i := range run.Incidents {
		if e := &run.Incidents[i]; e.Cycle > 0 {
			k := cycleOf{e.Cycle, e.Origin == runlog.Injected}
			classes[k] = append(classes[k], e.Class)
		}
	}
	loads := make(map[place]*Load)
	at := func(p place) *Load {
		l := loads[p]
		if l == nil {
			l = r.Load(LoadInfo{Boot: p.boot, Number: p.load})
			loads[p] = l
		}
		return l
	}
	timeout := time.Duration(run.Head.Plan.Timeout)
	var now place
	var load *Load
	var begin, end time.Duration
	stages := make([]runlog.StageTime, 0, runlog.StageCount)
	names := runlog.Stages()
	for i, b := range run.Cycles.All() {
		if p := (place{run.BootOf(i), b.Load}); load == nil || p != now {
			if load != nil {
				load.Lasted((end - begin).Hours())
			}
			now, load, begin = p, at(p), b.Begin
		}
		end = max(b.Begin+b.Took, begin)
		c := Cycle{Outcome: b.Outcome, Origin: runlog.Natural, AfterReset: b.AfterReset, Classes: classes[cycleOf{b.Number, b.Injected}], Outage: b.Outage, Took: b.Took, Timeout: timeout}
		if b.Injected {
			c.Origin = runlog.Injected
		}
		stages = stages[:0]
		for n, d := range b.Stages {
			if d > 0 {
				stages = append(stages, runlog.StageTime{Stage: names[n], End: d})
			}
		}
		c.Stages = stages
		if b.Signal != 0 || b.Busy != 0 {
			c.Air = &runlog.Air{Signal: b.Signal, Busy: b.Busy}
		}
		load.Cycle(&c)
	}
	if load != nil {
		load.Lasted((end - begin).Hours())
	}
	for i := range run.Incidents {
		e := &run.Incidents[i]
		origin := e.Origin
		if origin == "" {
			origin = runlog.Natural
		}
		at(place{e.Boot, e.Load}).Incident(e.Class, origin)
	}
}
