package ap

import (
	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/protect"
)

// sendAway deauthenticates or disassociates the stations a rule is for.
func (a *AP) sendAway(r *activeRule, kind dot11.FrameControl) {
	reason := r.Reason
	if reason == 0 {
		reason = dot11.ReasonUnspecified
	}
	if r.Group {
		for _, l := range a.scope(r) {
			a.sendAwayAll(l, kind, reason, r.Unprotected)
		}
	}
	for _, s := range a.addressed(r) {
		if r.Group {
			a.event(Sent, s.addr, s.link, kindOf(kind)+" to all, reason "+reason.String())
			if !r.Unprotected || s.believesAll() {
				a.stations.drop(s)
			}
			continue
		}
		if r.Link != nil {
			s.heard = a.linkByID(*r.Link)
		}
		a.endAssociation(s, kind, reason, r.Unprotected)
	}
}

// believesAll reports whether a station takes management frames in clear for
// true.
func (s *station) believesAll() bool { return !s.mfp || !s.connected }

// sendAwayAll sends one frame to the group address of a link, protected by the
// IGTK where there is one.
func (a *AP) sendAwayAll(l *link, kind dot11.FrameControl, reason dot11.ReasonCode, unprotected bool) {
	body := dot11.ReasonBody{Reason: reason}
	h := l.header(kind, dot11.BroadcastAddr(), l.bssid)
	frame := body.Append(h.Append(nil))
	if l.inUse.igtk != nil && !unprotected {
		sealed, err := l.inUse.igtk.Protect(nil, frame)
		if err != nil {
			a.event(Undecipherable, h.Addr1, l, "not sent: "+err.Error())
			return
		}
		frame = sealed
	}
	a.transmit(l, kindOf(kind), h.Addr1, frame)
}

// endAssociation sends one station away and forgets it, except what an
// unprotected frame, which it must not believe, would have to be undone for.
func (a *AP) endAssociation(s *station, kind dot11.FrameControl, reason dot11.ReasonCode, unprotected bool) {
	l := a.pick(s)
	to, ok := s.over(l)
	if !ok {
		return
	}
	body := dot11.ReasonBody{Reason: reason}
	if unprotected && !s.believesAll() {
		a.manage(l, kind, to, body.Append(nil))
		a.event(Sent, s.addr, l, kindOf(kind)+" in clear, reason "+reason.String())
		return
	}
	a.manageRobust(s, l, kind, body.Append(nil))
	a.event(Sent, s.addr, l, kindOf(kind)+", reason "+reason.String())
	a.stations.drop(s)
}

// forget drops a station without a word.
func (a *AP) forget(s *station, why string) {
	a.event(Forgotten, s.addr, s.link, why)
	a.stations.drop(s)
}

// Forget drops what the access point knows of a station that is associated
// elsewhere in the network now, as the distribution system tells it (IEEE
// 802.11-2020, 4.3.15: a station is associated with one AP at a time).
func (a *AP) Forget(station dot11.Addr) {
	if s := a.stations.associated[station]; s != nil {
		a.forget(s, "it is associated elsewhere")
	}
}

// isStation reports whether addr is one of the station's addresses.
func (a *AP) isStation(s *station, addr dot11.Addr) bool {
	if s.addr == addr {
		return true
	}
	for _, own := range s.links {
		if own == addr {
			return true
		}
	}
	return false
}

// names reports whether a rule's station is one of those addresses, or the MLD
// that one of them belongs to.
func (a *AP) names(wanted dot11.Addr, stations []dot11.Addr) bool {
	for _, addr := range stations {
		if addr == wanted {
			return true
		}
		if s := a.stations.onLink[addr]; s != nil && s.addr == wanted {
			return true
		}
		if s := a.stations.candidates.at(addr); s != nil && s.addr == wanted {
			return true
		}
	}
	return false
}

// Stations returns what the access point knows of its stations, in the order of
// their association identifiers.
func (a *AP) Stations() []Station {
	out := []Station{}
	for _, s := range a.stations.inOrder() {
		entry := Station{Links: []StationLink{}, Addr: s.addr, AID: s.aid, MultiLink: s.multi, Connected: s.connected, Waiting: len(s.waiting)}
		for _, l := range a.links {
			if own, ok := s.over(l); ok {
				entry.Links = append(entry.Links, StationLink{ID: l.id, Addr: own, Dozing: s.doze[l.id]})
			}
		}
		if s.pairwise != nil {
			entry.Form = s.form
		}
		out = append(out, entry)
	}
	return out
}

// Station is an associated station as its access point sees it.
type Station struct {
	Addr      dot11.Addr    `json:"addr"` // MLD address, or the only one it has
	AID       uint16        `json:"aid"`
	MultiLink bool          `json:"multi_link"`
	Connected bool          `json:"connected"` // its port is open
	Waiting   int           `json:"waiting"`   // frames buffered for it
	Links     []StationLink `json:"links"`
	Form      protect.Form  `json:"-"` // how its kernel protects management frames
}

// StationLink is a station's end of a link.
type StationLink struct {
	ID     uint8      `json:"id"`
	Addr   dot11.Addr `json:"addr"`
	Dozing bool       `json:"dozing"`
}
