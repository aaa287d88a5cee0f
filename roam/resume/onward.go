package resume

import (
	"fmt"
	"time"

	"roamfault/roam/runlog"
)

// Onward is how a run goes on.
type Onward struct {
	// Plan is what is left of the run's. What is random in it is drawn anew: the
	// sequence of a seed would begin again where it began.
	Plan runlog.Plan
	// First is the number of the next cycle, and Load that of the present load of the
	// firmware: another one after a boot.
	First, Load int
	// Over says why nothing is left; empty: something is.
	Over string

	row, most int // failed cycles in a row, and how many end the run
}

// Onward says how the run goes on behind what was closed.
func (s *State) Onward(c *Closed) Onward {
	o := Onward{Plan: s.Run.Head.Plan, First: 1, Load: max(1, c.Totals.Loads), row: c.Row, most: s.Run.Head.Plan.Stop.Failures}
	for _, b := range s.Run.Cycles.All() {
		o.First = max(o.First, b.Number+1)
	}
	if c.Cycle != nil {
		o.First = max(o.First, c.Cycle.Number+1)
	}
	if s.Happened == Down {
		o.Load++
	}
	stop := &o.Plan.Stop
	left := time.Duration(o.Plan.Duration) - c.Totals.Driven
	switch {
	case o.Plan.Cycles > 0 && o.First > o.Plan.Cycles:
		o.Over = fmt.Sprintf("%d cycles", o.Plan.Cycles)
	case o.Plan.Duration > 0 && left <= 0:
		o.Over = o.Plan.Duration.String()
	case stop.Fatal && s.fatal(c):
		o.Over = "a fatal incident"
	case stop.Incidents > 0 && c.Totals.Incidents >= stop.Incidents:
		o.Over = fmt.Sprintf("%d incidents", c.Totals.Incidents)
	case o.failures() != "":
		o.Over = o.failures()
	}
	if o.Plan.Duration > 0 {
		o.Plan.Duration = runlog.Duration(left)
	}
	if stop.Incidents > 0 {
		stop.Incidents -= c.Totals.Incidents
	}
	o.Plan.Seed += uint64(o.First)
	return o
}

// fatal reports whether something fatal is in the run.
func (s *State) fatal(c *Closed) bool {
	if c.Totals.Outcomes[runlog.Crashed] > 0 {
		return true
	}
	for i := range s.Run.Incidents {
		if s.Run.Incidents[i].Fatal {
			return true
		}
	}
	return false
}

// Enough ends the run when, counted over the interruption, so many cycles in a row
// have failed as the plan says. It is for stress.Options.Enough.
func (o *Onward) Enough(c *runlog.Cycle) string {
	o.row++
	if !c.Outcome.Bad() {
		o.row = 0
	}
	return o.failures()
}

func (o *Onward) failures() string {
	if o.most == 0 || o.row < o.most {
		return ""
	}
	return fmt.Sprintf("%d cycles in a row failed", o.row)
}
