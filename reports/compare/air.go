package compare

import (
	"roamfault/nl80211/dot11"
)

// air sums what was seen of the air.
type air struct {
	signal, busy, load mean
	// tsf is each access point's timer when it was last heard.
	tsf map[dot11.Addr]*uint64
	// restarts counts how often it went back.
	restarts int
}

// mostAPs are remembered.
const mostAPs = 1024

type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v int) { m.sum, m.n = m.sum+float64(v), m.n+1 }

func (m mean) value() Number {
	if m.n == 0 {
		return none()
	}
	return Number(m.sum / float64(m.n))
}

func (s *air) add(c *Cycle) {
	if c.Air == nil {
		return
	}
	if c.Air.Signal != 0 {
		s.signal.add(c.Air.Signal)
	}
	if c.Air.Busy != 0 {
		s.busy.add(c.Air.Busy)
	}
	if c.Air.Utilization != 0 {
		s.load.add(c.Air.Utilization)
	}
	if c.Air.TSF == 0 || c.AP.IsZero() {
		return
	}
	if s.tsf == nil {
		s.tsf = make(map[dot11.Addr]*uint64)
	}
	last := s.tsf[c.AP]
	switch {
	case last != nil && c.Air.TSF < *last:
		s.restarts++
	case last == nil && len(s.tsf) < mostAPs:
		last = new(uint64)
		s.tsf[c.AP] = last
	case last == nil:
		return
	}
	*last = c.Air.TSF
}

// Air is what was seen of the air in an arm, on average; null: nothing.
type Air struct {
	Signal      Number `json:"signal_dbm"`
	Busy        Number `json:"busy_percent"`
	Utilization Number `json:"utilization_of_255"`
	// Restarts counts how often an access point's timer went back: it began anew.
	Restarts int `json:"ap_restarts"`
}

func (s *air) summary() Air {
	return Air{s.signal.value(), s.busy.value(), s.load.value(), s.restarts}
}
