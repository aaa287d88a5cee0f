package direct

import (
	"bytes"
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// leg is a link to an access point.
type leg struct {
	id          uint8
	bssid       dot11.Addr
	freq        int // MHz
	rsne, rsnxe []byte
	disabled    bool
	local       dot11.Addr // ours on it, as soon as the kernel has told it
	refused     bool       // by the access point
}

// route is where to go, and how.
type route struct {
	security
	network *network
	peer    dot11.Addr // AP MLD, or BSSID
	multi   bool
	over    uint8 // the link of authentication and association
	legs    []leg // by ID; without multi-link one
}

// first is the link of authentication and association.
func (r *route) first() *leg {
	return &r.legs[slices.IndexFunc(r.legs, func(l leg) bool { return l.id == r.over })]
}

// has reports whether an address is that of the access point, as a whole or on a
// link.
func (r *route) has(a dot11.Addr) bool {
	return a == r.peer || slices.ContainsFunc(r.legs, func(l leg) bool { return l.bssid == a })
}

// mld is the AP MLD, zero where the connection is without multi-link.
func (r *route) mld() dot11.Addr {
	if r.multi {
		return r.peer
	}
	return dot11.Addr{}
}

// target is what requests have of an AP MLD.
func (r *route) target() dot11.Optional[nl80211.MLDTarget] {
	if !r.multi {
		return dot11.Optional[nl80211.MLDTarget]{}
	}
	return dot11.Some(nl80211.MLDTarget{Addr: r.peer, Link: r.over})
}

// surroundings are what the kernel has heard at a moment, and what may be used of
// it.
type surroundings struct {
	results  []nl80211.BSS
	wiphy    *nl80211.Wiphy
	networks []*network
	config   *Config
}

// route finds the way to a target.
func (s *surroundings) route(to roam.Target) (*route, error) {
	b := s.find(to.BSSID)
	if b == nil {
		return nil, fmt.Errorf("%v: %w", to.BSSID, roam.ErrUnknownTarget)
	}
	ssid := b.SSID()
	if len(to.AP.SSID) > 0 && !bytes.Equal(to.AP.SSID, ssid) {
		return nil, fmt.Errorf("%v is of another network now: %w", to.BSSID, roam.ErrUnknownTarget)
	}
	i := slices.IndexFunc(s.networks, func(n *network) bool { return bytes.Equal(n.ssid, ssid) })
	if i < 0 {
		return nil, fmt.Errorf("%v: its network is not configured", to.BSSID)
	}
	o, err := offerOf(b)
	if err != nil {
		return nil, err
	}
	r := &route{network: s.networks[i], peer: b.BSSID, legs: []leg{newLeg(b, &o)}}
	if r.security, err = o.choose(r.network, s.wiphy); err != nil {
		return nil, fmt.Errorf("join %v: %w", to.BSSID, err)
	}
	return r, s.addLinks(r, b, to)
}

// addLinks makes the route one over all links of an AP MLD, where the device can
// do that. With WPA2 without protected management frames there is no multi-link
// (IEEE 802.11be-2024, 12.6.2).
func (s *surroundings) addLinks(r *route, b *nl80211.BSS, to roam.Target) error {
	mld, err := b.MLD()
	if err != nil && mld.Addr.IsZero() {
		if nl80211.IsNoMLD(err) && to.AP.MLD.IsZero() {
			return nil
		}
		if nl80211.IsNoMLD(err) {
			return fmt.Errorf("%v is not part of %v now: %w", b.BSSID, to.AP.MLD, roam.ErrUnknownTarget)
		}
		return err
	}
	if !to.AP.MLD.IsZero() && to.AP.MLD != mld.Addr {
		return fmt.Errorf("%v is part of %v now, not of %v: %w", b.BSSID, mld.Addr, to.AP.MLD, roam.ErrUnknownTarget)
	}
	if !s.wiphy.MLO || s.config.SingleLink || !mld.Link.Present || !r.open() && r.management == 0 {
		return nil
	}
	r.multi, r.peer, r.over = true, mld.Addr, mld.Link.Value
	r.legs[0].id = r.over
	limit := s.limit()
	for i := range s.results {
		if limit > 0 && len(r.legs) >= limit {
			break
		}
		if l, ok := s.further(r, &s.results[i]); ok {
			l.disabled = slices.ContainsFunc(mld.Links, func(m nl80211.MLDLink) bool { return m.ID == l.id && m.Disabled })
			r.legs = append(r.legs, l)
		}
	}
	slices.SortFunc(r.legs, func(a, b leg) int { return int(a.id) - int(b.id) })
	return nil
}

// limit is on how many links to be, 0 for all.
func (s *surroundings) limit() int {
	limit := s.wiphy.MaxLinks(nl80211.TypeStation)
	if own := s.config.MaxLinks; own > 0 && (limit == 0 || own < limit) {
		return own
	}
	return limit
}

// further reports whether a scan result is a link of the route's AP MLD that can be
// added.
func (s *surroundings) further(r *route, b *nl80211.BSS) (leg, bool) {
	mld, err := b.MLD()
	if err != nil && mld.Addr.IsZero() || mld.Addr != r.peer || !mld.Link.Present {
		return leg{}, false
	}
	if b.Use.Present && b.Use.Value&nl80211.BSSUseMLDLink == 0 || !s.usable(b.Freq) || s.find(b.BSSID) != b {
		return leg{}, false
	}
	if slices.ContainsFunc(r.legs, func(l leg) bool { return l.id == mld.Link.Value || l.bssid == b.BSSID }) {
		return leg{}, false
	}
	o, err := offerOf(b)
	if err != nil || !r.fits(&o) {
		return leg{}, false
	}
	l := newLeg(b, &o)
	l.id = mld.Link.Value
	return l, true
}

func newLeg(b *nl80211.BSS, o *offer) leg {
	return leg{bssid: b.BSSID, freq: b.Freq, rsne: o.rsneElement, rsnxe: o.rsnxeElement}
}

// usable reports whether links may be on a frequency.
func (s *surroundings) usable(freq int) bool {
	c, err := dot11.ChannelAt(freq)
	if err != nil || s.wiphy.Band(c.Band) == nil {
		return false
	}
	return len(s.config.Bands) == 0 || slices.Contains(s.config.Bands, c.Band)
}

// find returns the scan result of a BSSID that was heard last.
func (s *surroundings) find(bssid dot11.Addr) *nl80211.BSS {
	var found *nl80211.BSS
	for i := range s.results {
		if b := &s.results[i]; b.BSSID == bssid && (found == nil || b.Age < found.Age) {
			found = b
		}
	}
	return found
}
