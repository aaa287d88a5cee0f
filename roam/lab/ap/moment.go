package ap

import (
	"slices"
	"time"

	"roamfault/nl80211/dot11"
)

// hearing is the moment a frame for the access point has arrived.
type hearing struct {
	ap      *AP
	link    *link
	kind    string
	station dot11.Addr // transmitter
	mld     dot11.Addr // that an Authentication frame names
	ignored bool       // it does not get further
	unacked bool       // its acknowledgement is withheld
}

// sending is the moment before a frame goes on the air.
type sending struct {
	ap      *AP
	link    *link
	kind    string
	station dot11.Addr // receiver
	frame   []byte
	lost    bool
	delay   time.Duration
	copies  int // beside the first
}

// answering is the moment an answer to an authentication or association request
// is made.
type answering struct {
	ap            *AP
	link          *link
	kind          string // auth or assoc
	station       *station
	status        dot11.StatusCode
	last          bool                       // it decides
	comeback      uint32                     // TU, with status 30
	ignored       bool                       // no answer at all
	refused       map[uint8]dot11.StatusCode // links beside the one asked on
	rekey         bool                       // change the group keys as soon as it is associated
	rekeyWhenOpen bool                       // and when its port is open
	after         func()                     // done when the answer is sent
}

// shaping is the moment what a frame says of the access point is put together.
type shaping struct {
	ap        *AP
	link      *link
	kind      string
	elements  dot11.Elements
	multiLink *dot11.MultiLink // what is made nil is left out
}

// releasing is the moment buffered frames are to be delivered.
type releasing struct {
	ap      *AP
	link    *link
	station *station
	held    bool
}

// activeRule is a rule at work.
type activeRule struct {
	Rule
	fault *Fault
	made  int
}

// applies reports whether r is for that place, and decides by its probability
// whether it is made this time; what is made is counted.
func (a *AP) applies(r *activeRule, l *link, kind string, stations ...dot11.Addr) bool {
	if r.Count > 0 && r.made >= r.Count {
		return false
	}
	if r.Link != nil && !r.fault.ofLink && (l == nil || *r.Link != l.id) {
		return false
	}
	if r.Frame != "" && r.Frame != kind {
		return false
	}
	if len(r.fault.Frames) > 0 && !slices.Contains(r.fault.Frames, kind) {
		return false
	}
	if !r.Station.IsZero() && !a.names(r.Station, stations) {
		return false
	}
	if r.Probability > 0 && r.Probability < 1 && a.dice.Float64() >= r.Probability {
		return false
	}
	r.made++
	if r.made == 1 || r.Count > 0 {
		a.event(FaultMade, r.Station, l, r.Fault+" "+kind)
	}
	return true
}
