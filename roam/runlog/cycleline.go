package runlog

import (
	"bytes"
	"encoding/json"
	"slices"
)

// cycleLine is a cycle as its line has it: what stands there already is not said
// again, which is a fifth of a run file.
type cycleLine struct {
	Cycle
	// Arrived says that At, which is left out then, is To.
	Arrived bool `json:"arrived,omitzero"`
}

// shorten leaves out what is as usual: the links of the connection before are
// those of From, and the access point that was gone to is where it is.
func shorten(c *Cycle) *cycleLine {
	l := &cycleLine{Cycle: *c}
	if c.From != nil {
		switch {
		case slices.Equal(c.Before, c.From.Links):
			l.Before = nil
		case len(c.Before) == 0:
			l.Before = []Link{}
		}
	}
	if c.At != nil && c.To != nil && c.At.MLD == c.To.MLD && bytes.Equal(c.At.SSID, c.To.SSID) && slices.Equal(c.At.Links, c.To.Links) {
		l.At, l.Arrived = nil, true
	}
	return l
}

// lengthen gives the cycle that a line means.
func (l *cycleLine) lengthen() *Cycle {
	c := &l.Cycle
	switch {
	case c.From != nil && c.Before == nil:
		c.Before = slices.Clone(c.From.Links)
	case len(c.Before) == 0:
		c.Before = nil
	}
	if l.Arrived && c.At == nil && c.To != nil {
		at := *c.To
		at.Links = slices.Clone(at.Links)
		c.At = &at
	}
	return c
}

func decodeCycle(line []byte) (*Cycle, error) {
	var l cycleLine
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, err
	}
	c := l.lengthen()
	return c, c.check()
}
