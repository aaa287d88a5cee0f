package ap

import (
	"strconv"

	"roamfault/nl80211/dot11"
)

// maxWaiting bounds what is buffered for one station; the oldest goes.
const maxWaiting = 64

// asleep reports whether no link of the station is awake.
func (s *station) asleep() bool {
	for id := range s.links {
		if !s.doze[id] {
			return false
		}
	}
	return true
}

// power notes from a frame whether the station sleeps on that link (IEEE
// 802.11-2020, 11.2.3.2), and delivers what waits when it is awake.
func (a *AP) power(s *station, l *link, fc dot11.FrameControl) {
	dozing := fc&dot11.PowerMgmt != 0
	if s.doze[l.id] == dozing {
		return
	}
	s.doze[l.id] = dozing
	if dozing {
		a.event(Dozing, s.addr, l, "")
		return
	}
	a.event(Awake, s.addr, l, "")
	a.deliver(s, l, len(s.waiting))
}

// parcel sends something to a station when it can be sent: over a link, and
// with word of more that waits.
type parcel func(l *link, more bool)

// post sends something to a station: at once, or when it has woken up or asked
// where it sleeps (IEEE 802.11-2020, 11.2.3.7: MSDUs, and Action frames too).
func (a *AP) post(s *station, p parcel) {
	if !s.asleep() {
		p(a.pick(s), false)
		return
	}
	if len(s.waiting) >= maxWaiting {
		s.waiting = append(s.waiting[:0], s.waiting[1:]...)
	}
	s.waiting = append(s.waiting, p)
}

// deliver sends up to n of the frames that wait for a station.
func (a *AP) deliver(s *station, l *link, n int) {
	if n == 0 || len(s.waiting) == 0 {
		return
	}
	release := releasing{ap: a, link: l, station: s}
	for _, r := range a.rules {
		if r.fault.release != nil && a.applies(r, l, "data", s.links[l.id], s.addr) {
			r.fault.release(&r.Rule, &release)
		}
	}
	if release.held {
		return
	}
	n = min(n, len(s.waiting))
	waiting := s.waiting
	s.waiting = append([]parcel(nil), waiting[n:]...)
	for i, send := range waiting[:n] {
		send(l, i+1 < len(waiting))
	}
	a.event(Delivered, s.addr, l, strconv.Itoa(n))
}

// psPoll answers a PS-Poll: one buffered frame, or a null frame that says there
// is none.
func (a *AP) psPoll(s *station, l *link) {
	to, ok := s.over(l)
	if !ok {
		return
	}
	if len(s.waiting) > 0 {
		a.deliver(s, l, 1)
		return
	}
	h := l.header(dot11.NullData|dot11.FromDS, to, l.bssid)
	a.transmit(l, "null", to, h.Append(nil))
}
