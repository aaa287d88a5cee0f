package roam

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roamfault/roam/runlog"
)

// armed is a fault that this cycle has yet to put in.
type armed struct {
	name runlog.Injector
	to   *Target
	Injection
}

// arm makes the faults ready that are due in a cycle.
func (e *engine) arm(c *runlog.Cycle, n int, to *Target) {
	stepper, steps := e.Station.(Stepper)
	target := *to // for another goroutine: what is heard of it anew changes ours
	target.AP.Links = slices.Clone(to.AP.Links)
	to = &target
	for _, i := range e.Plan.Inject {
		if i.Every <= 0 || n%i.Every != 0 {
			continue
		}
		a := armed{i.Fault, to, e.Inject[i.Fault]}
		c.Origin, c.Injected = runlog.Injected, append(c.Injected, string(i.Fault))
		if steps && a.When != runlog.StageRequest {
			stepper.Before(a.When, func(ctx context.Context) error {
				said, err := a.Do(ctx, to) // on the station's goroutine
				e.puts <- putting{a, said, err}
				return nil
			})
			continue
		}
		e.injecting = append(e.injecting, a)
	}
}

// disarm leaves no fault for another cycle.
func (e *engine) disarm() {
	e.injecting = e.injecting[:0]
	stepper, ok := e.Station.(Stepper)
	if !ok {
		return
	}
	for _, i := range e.Plan.Inject {
		if when := e.Inject[i.Fault].When; when != runlog.StageRequest {
			stepper.Before(when, nil)
		}
	}
}

// injectTime is how long putting a fault in may take.
const injectTime = 2 * time.Second

// inject puts in what is due before a stage.
func (e *engine) inject(before runlog.Stage) {
	var later []armed
	for _, a := range e.injecting {
		if a.When != before {
			later = append(later, a)
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), injectTime)
		said, err := a.Do(ctx, a.to)
		cancel()
		e.put(putting{a, said, err})
	}
	e.injecting = later
}

// putting is what came of putting a fault in.
type putting struct {
	armed
	said string
	err  error
}

// put keeps what was said to a fault.
func (e *engine) put(p putting) {
	switch {
	case p.err != nil:
		e.note(fmt.Sprintf("fault %s: %v", p.name, p.err))
	case p.said != "":
		e.note(fmt.Sprintf("fault %s: %s", p.name, p.said))
	}
	if p.Reset && p.err == nil {
		e.reset(e.Clock.Now().Monotonic)
	}
}
