package ap

import (
	"maps"
	"slices"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
	"roamfault/roam/rsn/sae"
)

// maxStations bounds the table, as the number of association identifiers does
// (IEEE 802.11-2020, 9.4.1.8).
const maxStations = 2007

// maxOnAir bounds the candidates: stations that authenticate and go no further.
const maxOnAir = 3 * maxStations

// station is what the access point knows of one.
type station struct {
	addr  dot11.Addr           // MLD address, or the only one it has
	multi bool                 // it is a non-AP MLD
	link  *link                // where it has authenticated and associated
	links map[uint8]dot11.Addr // its address on each of its links
	aid   uint16

	refused map[uint8]dot11.Addr // its address on the links it has asked for and did not get

	turn      uint64 // which candidate it is
	sae       *sae.Session
	saeDue    time.Duration // when its last frame of SAE is sent again
	saeAlarm  alarm
	pmk       []byte
	pmkid     keys.PMKID
	akm       keys.AKM
	cipher    keys.Cipher
	mfp       bool   // management frames are protected
	rsne      []byte // whole elements of its association request
	rsnxe     []byte
	handshake *rsn.Authenticator
	keyAlarm  alarm // of the handshake
	pairwise  *pairwise
	form      protect.Form // how it protects management frames
	formKnown bool         // form was seen, not assumed

	authenticated bool
	connected     bool // the controlled port is open
	rekeyWhenOpen bool
	query         *rsn.SAQuery
	queryAlarm    alarm
	silent        bool // it has not answered SA Queries

	heard   *link          // where its last frame came
	doze    map[uint8]bool // on which links it sleeps
	waiting []parcel
}

// over returns the station's address on a link, and whether it has that link.
func (s *station) over(l *link) (dot11.Addr, bool) {
	addr, ok := s.links[l.id]
	return addr, ok
}

// stations finds an associated station by each of its addresses, and one that
// authenticates by the address its frames come from.
type stations struct {
	associated map[dot11.Addr]*station // by MLD or only address
	onLink     map[dot11.Addr]*station // the same, by the address of each link
	byAID      map[uint16]*station
	candidates candidates
}

func newStations() stations {
	return stations{
		associated: map[dot11.Addr]*station{},
		onLink:     map[dot11.Addr]*station{},
		byAID:      map[uint16]*station{},
		candidates: newCandidates(),
	}
}

// asking is the station that asks for an association from an address, apart from
// what the request is yet to say: a candidate that has authenticated, or a
// station that is associated and asks anew. It is a copy, as the request may
// come to nothing; nil where there is none.
func (t *stations) asking(from dot11.Addr) *station {
	known := t.candidates.at(from)
	if known == nil || !known.authenticated {
		known = t.onLink[from]
	}
	if known == nil {
		return nil
	}
	return &station{
		addr: known.addr, multi: known.multi, link: known.link, authenticated: true, doze: map[uint8]bool{},
		sae: known.sae, pmk: known.pmk, pmkid: known.pmkid, akm: known.akm,
	}
}

// holders are the associated stations that have one of a station's addresses:
// its own former self and, where addresses are used twice, others.
func (t *stations) holders(s *station) []*station {
	var found []*station
	add := func(other *station) {
		if other != nil && !slices.Contains(found, other) {
			found = append(found, other)
		}
	}
	add(t.associated[s.addr])
	for _, id := range slices.Sorted(maps.Keys(s.links)) {
		add(t.onLink[s.links[id]])
	}
	return found
}

// associate gives a station an association identifier and makes it the one with
// its addresses; ok is false where no identifier is left.
func (t *stations) associate(s *station, from dot11.Addr) (ok bool) {
	for _, old := range t.holders(s) {
		if old.addr == s.addr {
			s.aid, s.form, s.formKnown = old.aid, old.form, old.formKnown
		}
		t.drop(old)
	}
	for aid := uint16(1); s.aid == 0; aid++ {
		if aid > maxStations {
			return false
		}
		if t.byAID[aid] == nil {
			s.aid = aid
		}
	}
	t.byAID[s.aid] = s
	t.associated[s.addr] = s
	for _, addr := range s.links {
		t.onLink[addr] = s
	}
	t.candidates.end(from)
	return true
}

// drop ends the association of a station.
func (t *stations) drop(s *station) {
	if t.associated[s.addr] == s {
		delete(t.associated, s.addr)
	}
	if t.byAID[s.aid] == s {
		delete(t.byAID, s.aid)
	}
	for _, addr := range s.links {
		t.leave(s, addr)
	}
}

// leave takes one address from an associated station.
func (t *stations) leave(s *station, addr dot11.Addr) {
	if t.onLink[addr] == s {
		delete(t.onLink, addr)
	}
}

// here reports whether a station is still associated.
func (t *stations) here(s *station) bool { return t.associated[s.addr] == s }

// inOrder returns the associated stations by their identifiers.
func (t *stations) inOrder() []*station {
	found := make([]*station, 0, len(t.byAID))
	for _, aid := range slices.Sorted(maps.Keys(t.byAID)) {
		found = append(found, t.byAID[aid])
	}
	return found
}
