package ap

import "roamfault/nl80211/dot11"

// candidates are the stations that authenticate, by the address their frames
// come from. A candidate stands beside the association that its station may have
// and touches nothing of it: whoever authenticates in the name of another must
// not end the other's association. Anybody can become a candidate, so the table
// has a bound; the one that came first goes first.
type candidates struct {
	byAddr    map[dot11.Addr]*station
	exchanges map[*station]bool // those whose exchange of SAE waits for them
	turns     []candidateTurn   // in the order they came, with some that are gone
	turn      uint64
}

type candidateTurn struct {
	from dot11.Addr
	turn uint64
}

func newCandidates() candidates {
	return candidates{byAddr: map[dot11.Addr]*station{}, exchanges: map[*station]bool{}}
}

// at returns the candidate at an address, nil where there is none.
func (c *candidates) at(from dot11.Addr) *station { return c.byAddr[from] }

// begin takes in a station that authenticates from an address, in place of the
// one before.
func (c *candidates) begin(s *station, from dot11.Addr) {
	c.end(from)
	for len(c.byAddr) >= maxOnAir {
		c.end(c.oldest())
	}
	c.turn++
	s.turn = c.turn
	c.byAddr[from] = s
	if len(c.turns) >= 2*maxOnAir {
		c.tidy()
	}
	c.turns = append(c.turns, candidateTurn{from, s.turn})
}

// oldest takes the candidate that came first off the order.
func (c *candidates) oldest() dot11.Addr {
	for i, t := range c.turns {
		if c.here(t) {
			c.turns = c.turns[i+1:]
			return t.from
		}
	}
	return dot11.Addr{}
}

func (c *candidates) here(t candidateTurn) bool {
	s := c.byAddr[t.from]
	return s != nil && s.turn == t.turn
}

// tidy leaves out of the order those that are gone.
func (c *candidates) tidy() {
	kept := make([]candidateTurn, 0, 2*maxOnAir)
	for _, t := range c.turns {
		if c.here(t) {
			kept = append(kept, t)
		}
	}
	c.turns = kept
}

// end forgets the candidate at an address.
func (c *candidates) end(from dot11.Addr) {
	delete(c.exchanges, c.byAddr[from])
	delete(c.byAddr, from)
}

// endOf forgets a candidate where it is still there.
func (c *candidates) endOf(s *station, from dot11.Addr) {
	if c.byAddr[from] == s {
		c.end(from)
	}
}

// watch keeps account of whether a candidate's exchange of SAE waits for it.
func (c *candidates) watch(s *station, from dot11.Addr) {
	if c.byAddr[from] == s && s.sae.Open() {
		c.exchanges[s] = true
		return
	}
	delete(c.exchanges, s)
}

// open counts the exchanges of SAE that wait for a station.
func (c *candidates) open() int { return len(c.exchanges) }
