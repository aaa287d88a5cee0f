// Package runreport says what came of a run: outcomes, how long each stage took,
// incidents, and what to do next.
package runreport

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"roamfault/roam/runlog"
)

// Schema names the document that Summary is.
const Schema = "roamfault/run-summary/v1"

// Summary is what came of a run.
type Summary struct {
	Schema  string        `json:"schema"` // [Schema]
	ID      string        `json:"id"`
	Plan    string        `json:"plan"` // its name
	Version string        `json:"version"`
	Started time.Time     `json:"started"`
	Open    bool          `json:"open"`  // it was not ended
	Ended   string        `json:"ended"` // why; empty where Open
	Driven  time.Duration `json:"driven_ns"`

	Environment runlog.Environment `json:"environment"`

	Cycles     int `json:"cycles"`
	Injected   int `json:"injected"`    // cycles with a fault put in
	AfterReset int `json:"after_reset"` // cycles that do not stand for themselves
	// Between is how often the machine crashed between two cycles, which is the outcome
	// of none.
	Between   int       `json:"crashes_between"`
	Loads     int       `json:"loads"`
	Outcomes  []Outcome `json:"outcomes"`
	Kinds     []Kind    `json:"kinds"`
	Latencies []Latency `json:"latencies"`
	Classes   []Class   `json:"classes"`
	Advice    []string  `json:"advice"`
	// Problems are what was wrong with the run file.
	Problems []string `json:"problems"`
}

// Outcome is how many cycles ended so.
type Outcome struct {
	Outcome runlog.Outcome `json:"outcome"`
	Cycles  int            `json:"cycles"`
	First   int            `json:"first"` // number of the first
}

// Kind is how many cycles of a kind there were, and how many failed.
type Kind struct {
	Kind   runlog.Kind `json:"kind"`
	Cycles int         `json:"cycles"`
	Bad    int         `json:"bad"`
}

// Latency is how long something took.
type Latency struct {
	// What is a stage, "took" (request to opened port) or "outage".
	What string        `json:"what"`
	N    int           `json:"n"`
	P50  time.Duration `json:"p50_ns"`
	P90  time.Duration `json:"p90_ns"`
	P99  time.Duration `json:"p99_ns"`
	Max  time.Duration `json:"max_ns"`
}

// Class is how many incidents had a root of that class.
type Class struct {
	Class    string `json:"class"`
	Natural  int    `json:"natural"`
	Injected int    `json:"injected"`
	Fatal    int    `json:"fatal"`
	First    int    `json:"first"` // number of the first cycle it fell into, 0: none
	// Fingerprint is that of most of them.
	Fingerprint string `json:"fingerprint"`
}

// Summarize sums a run up.
func Summarize(r *runlog.Run, stats runlog.Stats) Summary {
	s := Summary{
		Schema: Schema, ID: r.Head.ID, Plan: r.Head.Plan.Name, Version: r.Head.Version, Started: r.Head.Started.Wall,
		Open: r.Open(), Environment: r.Environment(), Loads: 1, Cycles: r.Cycles.Len(),
		Outcomes: []Outcome{}, Kinds: []Kind{}, Latencies: []Latency{}, Classes: []Class{}, Problems: append([]string{}, stats.Problems()...),
	}
	if r.Ended != nil {
		s.Ended, s.Driven = r.Ended.Reason, r.Ended.Totals.Driven
	}
	s.cycles(r)
	crashes := r.Crashes()
	s.Between = len(crashes)
	s.classes(r.Incidents)
	s.Advice = s.advise(r, crashes)
	return s
}

// cycles counts and measures.
func (s *Summary) cycles(r *runlog.Run) {
	stages := runlog.Stages()
	times := make([][]time.Duration, len(stages)+2)
	outcomes := map[runlog.Outcome]*Outcome{}
	kinds := map[runlog.Kind]*Kind{}
	for _, c := range r.Cycles.All() {
		s.Loads = max(s.Loads, c.Load)
		if c.Injected {
			s.Injected++
		}
		if c.AfterReset {
			s.AfterReset++
		}
		o := outcomes[c.Outcome]
		if o == nil {
			o = &Outcome{Outcome: c.Outcome, First: c.Number}
			outcomes[c.Outcome] = o
		}
		o.Cycles++
		k := kinds[c.Kind]
		if k == nil {
			k = &Kind{Kind: c.Kind}
			kinds[c.Kind] = k
		}
		k.Cycles++
		if c.Outcome.Bad() {
			k.Bad++
		}
		for i, d := range c.Stages {
			if d > 0 {
				times[i] = append(times[i], d)
			}
		}
		for i, d := range [...]time.Duration{c.Took, c.Outage} {
			if d > 0 {
				times[len(stages)+i] = append(times[len(stages)+i], d)
			}
		}
	}
	for _, o := range runlog.Outcomes() {
		if n := outcomes[o]; n != nil {
			s.Outcomes = append(s.Outcomes, *n)
		}
	}
	for _, k := range runlog.Kinds() {
		if n := kinds[k.Kind]; n != nil {
			s.Kinds = append(s.Kinds, *n)
		}
	}
	for i, list := range times {
		what := [...]string{"took", "outage"}
		name := ""
		if i < len(stages) {
			name = string(stages[i])
		} else {
			name = what[i-len(stages)]
		}
		if len(list) > 0 {
			s.Latencies = append(s.Latencies, latency(name, list))
		}
	}
}

// latency sorts the list.
func latency(what string, list []time.Duration) Latency {
	slices.Sort(list)
	// The smallest value that so many percent are not above.
	at := func(percent int) time.Duration { return list[(len(list)*percent+99)/100-1] }
	return Latency{What: what, N: len(list), P50: at(50), P90: at(90), P99: at(99), Max: list[len(list)-1]}
}

// classes counts incidents.
func (s *Summary) classes(all []runlog.IncidentEntry) {
	classes := map[string]*Class{}
	prints := map[string]map[string]int{}
	for _, i := range all {
		c := classes[i.Class]
		if c == nil {
			c = &Class{Class: i.Class}
			classes[i.Class], prints[i.Class] = c, map[string]int{}
		}
		if i.Origin == runlog.Injected {
			c.Injected++
		} else {
			c.Natural++
		}
		if i.Fatal {
			c.Fatal++
		}
		if i.Cycle > 0 && (c.First == 0 || i.Cycle < c.First) {
			c.First = i.Cycle
		}
		prints[i.Class][i.Fingerprint]++
	}
	for name, c := range classes {
		most := 0
		for print, n := range prints[name] {
			if n > most || n == most && print < c.Fingerprint {
				most, c.Fingerprint = n, print
			}
		}
		s.Classes = append(s.Classes, *c)
	}
	slices.SortFunc(s.Classes, func(a, b Class) int {
		return cmp.Or(cmp.Compare(b.Natural+b.Injected, a.Natural+a.Injected), cmp.Compare(a.Class, b.Class))
	})
}

// Natural is how many incidents were not asked for.
func (s *Summary) Natural() int {
	n := 0
	for _, c := range s.Classes {
		n += c.Natural
	}
	return n
}

// count is how many cycles ended so.
func (s *Summary) count(o runlog.Outcome) int {
	for _, x := range s.Outcomes {
		if x.Outcome == o {
			return x.Cycles
		}
	}
	return 0
}

// Bad is how many cycles failed.
func (s *Summary) Bad() int {
	n := 0
	for _, o := range s.Outcomes {
		if o.Outcome.Bad() {
			n += o.Cycles
		}
	}
	return n
}

// mostCrashes is how many crashes are told one by one.
const mostCrashes = 3

// advise says what to do next.
func (s *Summary) advise(r *runlog.Run, crashes []runlog.Crash) []string {
	out := []string{}
	say := func(when bool, format string, args ...any) {
		if when {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	tried := s.Cycles - s.count(runlog.Skipped)
	say(s.Open, "the run was not ended: %s", "it is under way, or the machine or the program died in it")
	for i, c := range crashes {
		say(i < mostCrashes, "the machine crashed between two cycles, behind cycle %d: %s", c.After, cmp.Or(cut(c.Words), "nothing tells why"))
	}
	say(len(crashes) > mostCrashes, "it crashed so %s more", times(len(crashes)-mostCrashes))
	say(len(r.Incidents) == 0 && s.Bad() == 0 && s.Between == 0 && tried > 0, "nothing failed in %s: with 95 %% confidence fewer than %s of such cycles fail", plural(tried, "cycle"), bound(tried))
	say(s.count(runlog.Skipped) > tried, "more cycles were left out than made: bring the access points nearer, or see what roamfault doctor says")
	say(s.count(runlog.WrongAP) > 0, "the station ended elsewhere than it was sent in %s: a supplicant that roams by itself (bgscan, a manager) does so, too", plural(s.count(runlog.WrongAP), "cycle"))
	say(s.count(runlog.MissingLinks) > 0, "links were missing in %s: compare with another access point before blaming the driver", plural(s.count(runlog.MissingLinks), "cycle"))
	if top := s.top(); top != nil {
		say(true, "most frequent: %s, %s, first in cycle %d; its evidence: roamfault runs show %s --incidents", top.Class, times(top.Natural), top.First, s.ID)
	}
	say(s.AfterReset > 0, "%s came shortly after a reset, which makes no sample of the whole", plural(s.AfterReset, "cycle"))
	return out
}

// cut keeps words from a run file short.
func cut(words string) string {
	const most = 200
	if len(words) <= most {
		return words
	}
	return strings.ToValidUTF8(words[:most], "") + "…"
}

// top is the most frequent class of incidents that were not asked for.
func (s *Summary) top() *Class {
	var top *Class
	for i := range s.Classes {
		if c := &s.Classes[i]; c.Natural > 0 && (top == nil || c.Natural > top.Natural) {
			top = c
		}
	}
	return top
}

// bound is the rate that none in n does not exclude at 95 %: the rule of three.
func bound(n int) string { return fmt.Sprintf("%.2g %%", 300/float64(max(n, 3))) }

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
