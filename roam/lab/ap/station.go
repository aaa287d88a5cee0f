package ap

import (
	"maps"
	"slices"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// maxStations bounds the table, as the number of association identifiers does
// (IEEE 802.11-2020, 9.4.1.8).
const maxStations = 2007

// maxOnAir bounds the addresses that are known: those of the links of all
// stations, and of those that only authenticate.
const maxOnAir = 3 * maxStations

// station is what the access point knows of one.
type station struct {
	addr  dot11.Addr           // MLD address, or the only one it has
	multi bool                 // it is a non-AP MLD
	link  *link                // where it has authenticated and associated
	links map[uint8]dot11.Addr // its address on each of its links
	aid   uint16

	refused map[uint8]bool // links it has asked for and did not get

	sae       *sae.Session
	saeTurn   int // counts the steps of the exchange
	pmk       []byte
	pmkid     keys.PMKID
	akm       keys.AKM
	cipher    keys.Cipher
	mfp       bool   // management frames are protected
	rsne      []byte // whole elements of its association request
	rsnxe     []byte
	handshake *rsn.Authenticator
	pairwise  *pairwise

	authenticated bool
	connected     bool // the controlled port is open
	rekeyWhenOpen bool
	query         *rsn.SAQuery
	silent        bool // it has not answered SA Queries

	heard   *link          // where its last frame came
	doze    map[uint8]bool // on which links it sleeps
	waiting []dot11.MSDU
}

// over returns the station's address on a link, and whether it has that link.
func (s *station) over(l *link) (dot11.Addr, bool) {
	addr, ok := s.links[l.id]
	return addr, ok
}

// stations finds a station by each of its addresses. One that authenticates
// anew stands beside its old self until it is associated: nobody can end
// another's association by an authentication in its name.
type stations struct {
	associated map[dot11.Addr]*station // by MLD or only address
	onAir      map[dot11.Addr]*station // by the address its frames come from
	byAID      map[uint16]*station
}

func newStations() stations {
	return stations{
		associated: map[dot11.Addr]*station{},
		onAir:      map[dot11.Addr]*station{},
		byAID:      map[uint16]*station{},
	}
}

// begin takes in a station that authenticates from that address. Of those that
// never went further the table holds no more than it can; a newcomer takes the
// place of one of them.
func (t *stations) begin(s *station, from dot11.Addr) {
	if _, again := t.onAir[from]; !again && len(t.onAir) >= maxOnAir {
		for addr, other := range t.onAir {
			if t.associated[other.addr] != other {
				delete(t.onAir, addr)
				break
			}
		}
	}
	t.onAir[from] = s
}

// associate gives a station an association identifier and makes it the one with
// its address; ok is false where no identifier is left.
func (t *stations) associate(s *station) (ok bool) {
	if old := t.associated[s.addr]; old != nil && old != s {
		s.aid = old.aid
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
		t.onAir[addr] = s
	}
	return true
}

// drop forgets a station.
func (t *stations) drop(s *station) {
	if t.associated[s.addr] == s {
		delete(t.associated, s.addr)
	}
	if t.byAID[s.aid] == s {
		delete(t.byAID, s.aid)
	}
	maps.DeleteFunc(t.onAir, func(_ dot11.Addr, other *station) bool { return other == s })
}

// inOrder returns the associated stations by their identifiers.
func (t *stations) inOrder() []*station {
	found := make([]*station, 0, len(t.byAID))
	for _, aid := range slices.Sorted(maps.Keys(t.byAID)) {
		found = append(found, t.byAID[aid])
	}
	return found
}

// open counts the exchanges of SAE that wait for a station.
func (t *stations) open() int {
	n := 0
	for _, s := range t.onAir {
		if s.sae != nil && s.sae.Open() {
			n++
		}
	}
	return n
}
