package runlog

import (
	"slices"
	"time"
)

// The defaults of a plan.
const (
	defaultName     = "custom"
	defaultDwell    = 2 * time.Second
	defaultSettle   = 10 * time.Second
	defaultTimeout  = 20 * time.Second
	defaultInterval = 200 * time.Millisecond
	defaultRate     = 2e6 // bit/s
)

// WithDefaults returns the plan with a value for all that it leaves open and that
// has one: ping-pong roams over the best link with 2 s between them. Neither
// targets nor a bound of the run has a default, and a seed of 0 is one like any
// other.
func (p Plan) WithDefaults() Plan {
	fill(&p.Name, defaultName)
	fill(&p.Order, PingPong)
	fill(&p.Link, BestLink)
	fill(&p.Dwell, Range{defaultDwell, defaultDwell})
	fill(&p.Settle, Duration(defaultSettle))
	fill(&p.Timeout, Duration(defaultTimeout))
	p.Kinds, p.Inject = slices.Clone(p.Kinds), slices.Clone(p.Inject)
	if len(p.Kinds) == 0 {
		p.Kinds = []Weighted{{Kind: Roam}}
	}
	for i := range p.Kinds {
		fill(&p.Kinds[i].Weight, 1)
	}
	for i := range p.Inject {
		fill(&p.Inject[i].Every, 1)
	}
	if p.Probe.Ping != "" {
		fill(&p.Probe.Interval, Duration(defaultInterval))
	}
	if p.Probe.Load != "" {
		fill(&p.Probe.Rate, defaultRate)
	}
	return p
}

func fill[T comparable](to *T, value T) {
	var zero T
	if *to == zero {
		*to = value
	}
}
