package runlog

import "slices"

// join has the cycles that went well as far as was known at their end, and in which
// an incident began all the same, count as such: what the logs have of it comes
// later.
func (r *Run) join() {
	var in []int // numbers of cycles
	for i := range r.Incidents {
		if n := r.Incidents[i].Cycle; n > 0 {
			in = append(in, n)
		}
	}
	slices.Sort(in)
	c := &r.Cycles
	for n, s := range c.runs {
		next, _ := slices.BinarySearch(in, s.number)
		for ; next < len(in) && in[next] < s.number+c.end(n)-s.first; next++ {
			if i := s.first + in[next] - s.number; c.outcome(i) == OK {
				c.setOutcome(i, Incident)
			}
		}
	}
}

// outcome is that of a cycle by its place.
func (c *Cycles) outcome(i int) Outcome {
	return Outcome(c.outcomes.word(c.chunks[i/chunkCycles].outcome[i%chunkCycles]))
}

// setOutcome changes the outcome of a cycle by its place.
func (c *Cycles) setOutcome(i int, o Outcome) {
	c.chunks[i/chunkCycles].outcome[i%chunkCycles] = c.outcomes.number([]byte(o))
}
