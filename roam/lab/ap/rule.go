package ap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211/dot11"
)

// Rule tells an access point to make a fault: which, towards whom, where, and
// how often. Fields that the fault does not use must be zero (Faults says which
// it uses).
type Rule struct {
	// Fault is the name of the fault, one of Faults.
	Fault string `json:"fault"`
	// Station is the MLD or link address of the station it is for; zero: all.
	Station dot11.Addr `json:"station,omitzero"`
	// Link is the id of the link it is for; nil: all.
	Link *uint8 `json:"link,omitempty"`
	// Frame is the kind of frame it is for, one of FrameKinds; empty: all that
	// the fault is about.
	Frame string `json:"frame,omitempty"`
	// Count is how many times it is made; 0: until it is cleared.
	Count int `json:"count,omitempty"`
	// Probability is how likely it is made at each occasion, above 0 and up to
	// 1; 0 is taken as 1.
	Probability float64 `json:"probability,omitempty"`

	// Status is an IEEE 802.11 status code.
	Status dot11.StatusCode `json:"status,omitempty"`
	// Reason is an IEEE 802.11 reason code.
	Reason dot11.ReasonCode `json:"reason,omitempty"`
	// TU is a time in units of 1024 microseconds.
	TU uint32 `json:"tu,omitempty"`
	// Signal is a strength in dBm, -100 to -1.
	Signal int `json:"signal,omitempty"`
	// Channel is the primary channel to go to, on the link's band.
	Channel int `json:"channel,omitempty"`
	// Address is a BSSID or MLD address to pretend.
	Address dot11.Addr `json:"address,omitzero"`
	// Unprotected sends a frame in clear where it ought to be protected.
	Unprotected bool `json:"unprotected,omitempty"`
	// Group sends one frame to the group address of the link, not one to each
	// station.
	Group bool `json:"group,omitempty"`
}

// FrameKinds returns the kinds of frames that a rule can name: what they are
// called, in the order of their use.
func FrameKinds() []string {
	return []string{"beacon", "probe", "auth", "assoc", "eapol", "deauth", "disassoc", "action", "data", "null"}
}

// kindOf names the kind of a frame by its Frame Control; EAPOL is told apart
// from other data by who calls, since it may be encrypted.
func kindOf(fc dot11.FrameControl) string {
	switch fc.Kind() {
	case dot11.Beacon:
		return "beacon"
	case dot11.ProbeRequest, dot11.ProbeResponse:
		return "probe"
	case dot11.Auth:
		return "auth"
	case dot11.AssocRequest, dot11.AssocResponse, dot11.ReassocRequest, dot11.ReassocResponse:
		return "assoc"
	case dot11.Deauth:
		return "deauth"
	case dot11.Disassoc:
		return "disassoc"
	case dot11.Action, dot11.ActionNoAck:
		return "action"
	}
	if fc.Null() || fc.Kind() == dot11.PSPoll {
		return "null"
	}
	return "data"
}

// check says what of r its fault cannot do.
func (r *Rule) check(f *Fault, links []*link) error {
	if r.Station.Group() {
		return fmt.Errorf("fault %s: %v is the address of no station", f.Name, r.Station)
	}
	if r.Link != nil && !slices.ContainsFunc(links, func(l *link) bool { return l.id == *r.Link && !l.gone }) {
		return fmt.Errorf("fault %s: the access point has no link %d", f.Name, *r.Link)
	}
	if r.Frame != "" && len(f.frames()) == 0 {
		return fmt.Errorf("fault %s: it is about no kind of frame", f.Name)
	}
	if r.Frame != "" && !slices.Contains(f.frames(), r.Frame) {
		return fmt.Errorf("fault %s: frame %q is none of %s", f.Name, r.Frame, strings.Join(f.frames(), ", "))
	}
	if r.Count < 0 {
		return fmt.Errorf("fault %s: count %d is negative", f.Name, r.Count)
	}
	if !(r.Probability >= 0 && r.Probability <= 1) {
		return fmt.Errorf("fault %s: probability %v is not between 0 and 1", f.Name, r.Probability)
	}
	if f.begin != nil && (r.Count > 1 || r.Probability > 0 && r.Probability < 1) {
		return fmt.Errorf("fault %s: it is done once and at once, without count and probability", f.Name)
	}
	for _, p := range parameters() {
		if p.set(r) && !slices.Contains(f.Parameters, p.name) {
			return fmt.Errorf("fault %s: it has no %s (it has: %s)", f.Name, p.name, cmp.Or(strings.Join(f.Parameters, ", "), "nothing"))
		}
	}
	if r.Signal < -100 || r.Signal > 0 {
		return fmt.Errorf("fault %s: a signal of %d dBm is not between -100 and -1", f.Name, r.Signal)
	}
	return nil
}

// parameter is a field of a rule that only some faults use.
type parameter struct {
	name string
	set  func(*Rule) bool
}

func parameters() []parameter {
	return []parameter{
		{"status", func(r *Rule) bool { return r.Status != 0 }},
		{"reason", func(r *Rule) bool { return r.Reason != 0 }},
		{"tu", func(r *Rule) bool { return r.TU != 0 }},
		{"signal", func(r *Rule) bool { return r.Signal != 0 }},
		{"channel", func(r *Rule) bool { return r.Channel != 0 }},
		{"address", func(r *Rule) bool { return !r.Address.IsZero() }},
		{"unprotected", func(r *Rule) bool { return r.Unprotected }},
		{"group", func(r *Rule) bool { return r.Group }},
	}
}
