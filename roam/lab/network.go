package lab

import (
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/gateway"
)

// Network is the access points of the lab with the distribution system behind
// them and its gateway: a state machine, as its parts are. A station is
// associated with one of its access points at a time; the others forget it.
type Network struct {
	aps     []*ap.AP
	gateway *gateway.Gateway
	events  []ap.Event
	air     []ap.Frame
}

// NewNetwork makes the access points of a plan.
func NewNetwork(p Plan) (*Network, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	g, err := gateway.New(p.Gateway, p.Prefix)
	if err != nil {
		return nil, err
	}
	n := &Network{gateway: g}
	for _, config := range p.APs {
		a, err := ap.New(config)
		if err != nil {
			return nil, err
		}
		n.aps = append(n.aps, a)
	}
	return n, nil
}

// APs returns the access points, in the order of the plan.
func (n *Network) APs() []*ap.AP { return n.aps }

// AP returns the access point of that name.
func (n *Network) AP(name string) (*ap.AP, error) {
	for _, a := range n.aps {
		if a.Config().Name == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no access point is called %q", name)
}

// Gateway returns the host behind the access points.
func (n *Network) Gateway() *gateway.Gateway { return n.gateway }

// Receive takes a frame from the air and reports whether an access point
// acknowledges it.
func (n *Network) Receive(now time.Duration, f ap.Frame) (acknowledged bool) {
	for _, a := range n.aps {
		if a.Receive(now, f) {
			acknowledged = true
		}
	}
	n.distribute(now)
	return acknowledged
}

// Advance does what is due until now.
func (n *Network) Advance(now time.Duration) {
	for _, a := range n.aps {
		a.Advance(now)
	}
	n.distribute(now)
}

// Next returns when Advance is due.
func (n *Network) Next() time.Duration {
	next := n.aps[0].Next()
	for _, a := range n.aps[1:] {
		next = min(next, a.Next())
	}
	return next
}

// Air returns the frames to be sent since it was called last.
func (n *Network) Air() []ap.Frame {
	air := n.air
	n.air = nil
	return air
}

// Events returns what has happened since it was called last.
func (n *Network) Events() []ap.Event {
	events := n.events
	n.events = nil
	return events
}

// distribute carries MSDUs between the access points and to the gateway until
// nobody has more to say, and collects frames and events.
func (n *Network) distribute(now time.Duration) {
	for _, from := range n.aps {
		for _, m := range from.Up() {
			for _, to := range n.aps {
				if to != from {
					to.Down(now, m)
				}
			}
			if answer, ok := n.gateway.Handle(m); ok {
				for _, to := range n.aps {
					to.Down(now, answer)
				}
			}
		}
	}
	for n.collect() {
	}
	for _, a := range n.aps {
		n.air = append(n.air, a.Air()...)
	}
}

// collect takes the events of the access points, which may lead to others, and
// reports whether there were any.
func (n *Network) collect() bool {
	found := false
	for _, a := range n.aps {
		for _, e := range a.Events() {
			found = true
			if e.What == ap.Connected {
				n.moved(e.Station, a)
			}
			n.events = append(n.events, e)
		}
	}
	return found
}

// moved tells the other access points that a station is connected to this one
// now. An association alone does not count: anybody can ask for one in the name
// of another.
func (n *Network) moved(station dot11.Addr, to *ap.AP) {
	for _, a := range n.aps {
		if a != to {
			a.Forget(station)
		}
	}
}
