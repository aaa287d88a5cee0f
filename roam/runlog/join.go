package runlog

// join has the cycles that went well as far as was known at their end, and in which
// an incident began all the same, count as such: what the logs have of it comes
// later.
func (r *Run) join() {
	in := make(map[int]bool)
	for i := range r.Incidents {
		if n := r.Incidents[i].Cycle; n > 0 {
			in[n] = true
		}
	}
	if len(in) == 0 {
		return
	}
	for i, c := range r.Cycles.All() {
		if c.Outcome == OK && in[c.Number] {
			r.Cycles.setOutcome(i, Incident)
		}
	}
}

// setOutcome changes the outcome of a cycle by its place.
func (c *Cycles) setOutcome(i int, o Outcome) {
	c.chunks[i/chunkCycles].outcome[i%chunkCycles] = c.outcomes.number([]byte(o))
}
