package render

import (
	"slices"

	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/patterns/decode"
	"roamfault/reports/incident"
)

// code is a number of a log and what it stands for, clean.
type code struct {
	Code, Meaning string
}

// mostCodes bounds the codes that one incident explains.
const mostCodes = 12

// codes explains the commands, error numbers, status and reason codes in an
// incident's events, in the order in which they come.
func codes(i *incident.Incident) []code {
	var out []code
	for _, e := range ordered(i) {
		for _, f := range e.Fields {
			explain, ok := explainers[f.Name]
			if !ok || len(out) >= mostCodes {
				continue
			}
			c, ok := explain(e, f.Value)
			if ok && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// explainers decode the fields whose values people cannot read.
var explainers = map[string]func(e *incident.Event, value string) (code, bool){
	"cmd": func(_ *incident.Event, value string) (code, bool) {
		c, ok := decode.ParseMCUCommand(value)
		if !ok || !c.Known() {
			return code{}, false
		}
		return code{Clean(value) + " " + c.String(), c.Doing()}, true
	},
	"errno": func(_ *incident.Event, value string) (code, bool) {
		n, ok := decode.ParseErrno(value)
		if !ok || !n.Known() {
			return code{}, false
		}
		return code{n.String(), join(n.Meaning(), "; ", n.Hint())}, true
	},
	"status": func(e *incident.Event, value string) (code, bool) {
		s, ok := dot11.ParseStatus(value)
		if !ok || !s.Known() || s.Success() || !overTheAir(e) {
			return code{}, false
		}
		return code{"status " + s.String(), join(s.Meaning(), "; ", s.Hint())}, true
	},
	"reason": func(e *incident.Event, value string) (code, bool) {
		r, ok := dot11.ParseReason(value)
		if !ok || !r.Known() || !overTheAir(e) {
			return code{}, false
		}
		return code{"reason " + r.String(), join(r.Meaning(), "; ", r.Hint())}, true
	},
}

// overTheAir reports whether an event's codes are those of 802.11 frames, and
// not a driver's own.
func overTheAir(e *incident.Event) bool {
	info, _ := e.Class.Info()
	return info.Group == patterns.GroupAssociation || info.Group == patterns.GroupRequest || info.Group == patterns.GroupProgress
}

func join(a, between, b string) string {
	if b == "" {
		return a
	}
	return a + between + b
}
