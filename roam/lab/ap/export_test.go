package ap

// Bounds and times, for tests outside of the package.
const (
	SAERetransmit = saeRetransmit
	TokenEpoch    = tokenEpoch

	MaxWaiting  = maxWaiting
	MaxOnAir    = maxOnAir
	MaxAir      = maxAir
	MaxUp       = maxUp
	MaxEvents   = maxEvents
	MaxRules    = maxRules
	MaxStations = maxStations
)

// Tables are how much an access point holds.
type Tables struct {
	Associated, OnLink, Candidates, Turns, Exchanges, Timers, Heard, Air, Up, Events int
	Waiting, Group                                                                   int // most for one station, on one link
}

// Tables counts what an access point holds.
func (a *AP) Tables() Tables {
	t := Tables{
		Associated: len(a.stations.associated), OnLink: len(a.stations.onLink),
		Candidates: len(a.stations.candidates.byAddr), Turns: len(a.stations.candidates.turns),
		Exchanges: a.stations.candidates.open(), Timers: len(a.timers.waiting), Heard: len(a.heard.last),
		Air: len(a.air), Up: len(a.up), Events: len(a.events),
	}
	for _, s := range a.stations.associated {
		t.Waiting = max(t.Waiting, len(s.waiting))
	}
	for _, l := range a.links {
		t.Group = max(t.Group, len(l.group))
	}
	return t
}

// Consistent says what of the tables of stations contradicts the rest.
func (a *AP) Consistent() error { return a.stations.consistent() }
