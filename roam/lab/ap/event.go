package ap

import (
	"time"

	"roamfault/nl80211/dot11"
)

// Event is something that happened at an access point, for people and tests to
// follow.
type Event struct {
	// Time is when it happened.
	Time time.Duration `json:"time"`
	// AP is the name of the access point.
	AP string `json:"ap"`
	// What happened, one of the What constants.
	What string `json:"what"`
	// Station is the address the access point knows the station by, its MLD
	// address if it has one; zero where it concerns no station.
	Station dot11.Addr `json:"station,omitzero"`
	// Link is the number of the link it happened on.
	Link uint8 `json:"link"`
	// Detail is said in words.
	Detail string `json:"detail,omitempty"`
}

// What an Event says.
const (
	Authenticated    = "authenticated"       // a station has authenticated
	Associated       = "associated"          // a station was given an association
	Refused          = "refused"             // a station was refused authentication or association
	Connected        = "connected"           // a station may send data: its keys are confirmed, or none are needed
	Rekeyed          = "rekeyed"             // a station has confirmed new group keys, or with the detail "pairwise" its own
	Left             = "left"                // a station has deauthenticated or disassociated
	Sent             = "sent away"           // the access point has deauthenticated or disassociated a station
	Forgotten        = "forgotten"           // the state of a station was dropped
	HandshakeFailed  = "handshake failed"    // the keys of a station were not confirmed, and its association ends
	Ignored          = "ignored"             // a frame did not fit, and nothing came of it
	Dozing           = "dozing"              // a station has said on a link that it sleeps
	Awake            = "awake"               // a station has said on a link that it is awake
	Delivered        = "delivered"           // buffered frames went out to a station
	Undecipherable   = "undecipherable"      // a protected frame did not open
	SAQueryTimedOut  = "SA Query timed out"  // a station did not answer over its keys
	FaultMade        = "fault made"          // a rule took effect
	ChannelSwitched  = "channel switched"    // a link is on another channel
	LinkRemoved      = "link removed"        // a link has left the AP MLD
	TransitionAnswer = "transition answered" // a station has answered a BSS transition request
)

// maxEvents bounds what waits for Events; the oldest quarter is dropped beyond
// it.
const maxEvents = 4096

func (a *AP) event(what string, station dot11.Addr, l *link, detail string) {
	e := Event{Time: a.now, AP: a.config.Name, What: what, Station: station, Detail: detail}
	if l != nil {
		e.Link = l.id
	}
	if len(a.events) >= maxEvents {
		a.events = append(a.events[:0], a.events[maxEvents/4:]...)
	}
	a.events = append(a.events, e)
}
