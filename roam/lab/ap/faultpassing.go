package ap

import (
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
)

// passingFaults are acts, done when they are asked for or at the next occasion.
func passingFaults() []Fault {
	return []Fault{
		{
			Name:       "deauth",
			About:      "deauthenticates stations (reason; 1 where none is given), each by itself or all by one group frame",
			Parameters: []string{"reason", "unprotected", "group"},
			Frames:     []string{},
			Class:      "deauth-by-ap",
			begin:      func(a *AP, r *activeRule) { a.sendAway(r, dot11.Deauth) },
			check:      checkGroupFrame,
		},
		{
			Name:       "disassoc",
			About:      "disassociates stations (reason; 1 where none is given), each by itself or all by one group frame",
			Parameters: []string{"reason", "unprotected", "group"},
			Frames:     []string{},
			Class:      "deauth-by-ap",
			begin:      func(a *AP, r *activeRule) { a.sendAway(r, dot11.Disassoc) },
			check:      checkGroupFrame,
		},
		{
			Name:       "vanish",
			About:      "is gone from the air for a time (tu; 5000 where none is given) after it has accepted an authentication or association",
			Parameters: []string{"tu"},
			Frames:     []string{"auth", "assoc"},
			Class:      "assoc-timeout",
			occasion:   func(_ *Rule, m *answering) bool { return m.last && m.status == dot11.StatusSuccess },
			answer: func(r *Rule, m *answering) {
				m.after = func() { m.ap.silentTo = m.ap.now + r.time(5000) }
			},
		},
		{
			Name:       "new-bssid",
			About:      "gives a link another BSSID (address), at once and without a word",
			Parameters: []string{"address"},
			Frames:     []string{},
			begin: func(a *AP, r *activeRule) {
				for _, l := range a.scope(r) {
					l.bssid = r.address(l.bssid)
				}
			},
			check: checkBSSID,
		},
		{
			Name:       "new-mld",
			About:      "takes another MLD address (address), at once and without a word",
			Class:      "auth-rejected",
			Parameters: []string{"address"},
			Frames:     []string{},
			begin:      func(a *AP, r *activeRule) { a.mld = r.address(a.mld) },
			check:      checkMLD,
		},
		{
			Name:       "channel-switch",
			About:      "announces a switch to another channel (channel) and goes there after a time (tu; 500 where none is given)",
			Parameters: []string{"channel", "tu"},
			Frames:     []string{},
			Class:      "channel-switch",
			begin: func(a *AP, r *activeRule) {
				for _, l := range a.scope(r) {
					if to, err := r.channelOn(l.channel.Band); err == nil {
						a.beginChannelSwitch(l, to, r.time(500))
					}
				}
			},
			check: checkChannel,
		},
		{
			Name:       "link-removal",
			About:      "announces by a Reconfiguration Multi-Link element that a link goes, and removes it after a time (tu; 500 where none is given)",
			Parameters: []string{"tu"},
			Frames:     []string{},
			Class:      "mlo-reconfigured",
			begin: func(a *AP, r *activeRule) {
				for _, l := range a.scope(r) {
					a.beginRemoval(l, r.time(500))
				}
			},
			check: checkRemoval,
		},
		{
			Name:       "signal",
			About:      "is heard with another strength (signal), reached in even steps over a time (tu; at once where none is given)",
			Parameters: []string{"signal", "tu"},
			Frames:     []string{},
			begin: func(a *AP, r *activeRule) {
				for _, l := range a.scope(r) {
					a.ramp(l, r.Signal, r.time(0))
				}
			},
			check: checkSignal,
		},
		{
			Name:   "rekey-early",
			About:  "changes the group keys while a station associates, before its keys are confirmed",
			Frames: []string{"assoc"},
			answer: func(_ *Rule, m *answering) { m.rekey = true },
		},
		{
			Name:   "rekey-late",
			About:  "changes the group keys as soon as a station that associates has confirmed its keys",
			Frames: []string{"assoc"},
			answer: func(_ *Rule, m *answering) { m.rekeyWhenOpen = true },
		},
		{
			Name:   "rekey",
			About:  "changes the group keys and tells every station",
			Frames: []string{},
			begin:  func(a *AP, _ *activeRule) { a.rekey() },
		},
		{
			Name:   "rekey-pairwise",
			About:  "renews the pairwise keys of stations by another 4-way handshake",
			Frames: []string{},
			begin: func(a *AP, r *activeRule) {
				for _, s := range a.addressed(r) {
					a.renew(s)
				}
			},
		},
		{
			Name:   "forget",
			About:  "drops what it knows of stations without telling them",
			Frames: []string{},
			begin: func(a *AP, r *activeRule) {
				for _, s := range a.addressed(r) {
					a.forget(s, "told to")
				}
			},
		},
		{
			Name:       "transition",
			About:      "asks stations by a BSS Transition Management request to go to another BSS (address), and says it will disassociate them after a time (tu)",
			Parameters: []string{"address", "channel", "tu"},
			Frames:     []string{},
			begin:      func(a *AP, r *activeRule) { a.askTransition(r) },
			check:      checkCandidate,
		},
	}
}

// scope is the links a rule is for.
func (a *AP) scope(r *activeRule) []*link {
	var links []*link
	for _, l := range a.links {
		if !l.gone && (r.Link == nil || *r.Link == l.id) {
			links = append(links, l)
		}
	}
	return links
}

// addressed is the associated stations a rule is for, in the order of their
// association: where it names a link, those with that link.
func (a *AP) addressed(r *activeRule) []*station {
	var found []*station
	for _, s := range a.stations.inOrder() {
		if r.Link != nil {
			if _, ok := s.links[*r.Link]; !ok {
				continue
			}
		}
		if r.Station.IsZero() || a.isStation(s, r.Station) {
			found = append(found, s)
		}
	}
	return found
}

// ramp lets a link be heard with another strength, beacon by beacon.
func (a *AP) ramp(l *link, target int, over time.Duration) {
	start, begin := l.signal, a.now
	l.ramp++
	turn := l.ramp
	a.event(FaultMade, dot11.Addr{}, l, fmt.Sprintf("signal %d to %d dBm", start, target))
	if over <= 0 {
		l.signal = target
		return
	}
	var step func(now time.Duration)
	step = func(now time.Duration) {
		if l.ramp != turn {
			return // another is at work since
		}
		gone := now - begin
		if gone >= over {
			l.signal = target
			return
		}
		l.signal = start + int(int64(target-start)*int64(gone)/int64(over))
		a.timers.at(now+beaconInterval*TU, step)
	}
	step(a.now)
}
