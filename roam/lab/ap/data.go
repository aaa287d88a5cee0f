package ap

import (
	"fmt"
	"slices"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// pairwise is the temporal key of a station, one for all its links.
type pairwise struct {
	key  *protect.Key
	form protect.Form // how the station protects management frames
}

func newPairwise(cipher keys.Cipher, tk []byte) (*pairwise, error) {
	key, err := protect.NewKey(protect.Config{Cipher: cipher, TK: tk})
	if err != nil {
		return nil, err
	}
	return &pairwise{key: key}, nil
}

// context says whose addresses a frame between the two on that link is
// protected under.
func (p *pairwise) context(a *AP, s *station, l *link) protect.Options {
	if !s.multi {
		return protect.Options{}
	}
	return protect.Options{
		Link: &protect.Link{AP: l.bssid, APMLD: a.mld, STA: s.links[l.id], STAMLD: s.addr},
		Form: p.form,
	}
}

func (p *pairwise) seal(a *AP, s *station, l *link, frame []byte) ([]byte, error) {
	return p.key.Seal(nil, frame, p.context(a, s, l))
}

// open takes the protection off a frame and learns from a management frame in
// which form the station's kernel protects them.
func (p *pairwise) open(a *AP, s *station, l *link, frame []byte) (protect.Opened, error) {
	opened, err := p.key.Open(nil, frame, p.context(a, s, l))
	if err == nil && s.multi && opened.Header.FC.Management() {
		p.form = opened.Form
	}
	return opened, err
}

// data takes a data frame that is in clear by now.
func (a *AP) data(s *station, l *link, h *dot11.Header, body []byte, protected bool) {
	if h.FC&dot11.ToDS == 0 || h.FC&dot11.FromDS != 0 || h.FC.Null() {
		return
	}
	etherType, payload, err := dot11.ParseLLC(body)
	if err != nil {
		return
	}
	if etherType == dot11.EtherTypeEAPOL {
		a.eapol(s, payload)
		return
	}
	if !s.connected || s.handshake != nil && !protected {
		return
	}
	a.deliverUp(s, l, dot11.MSDU{Dst: h.Addr3, Src: s.addr, EtherType: etherType, Payload: payload})
}

// deliverUp gives an MSDU to the distribution system, and to the air where it
// is for stations of this access point.
func (a *AP) deliverUp(s *station, l *link, m dot11.MSDU) {
	l.received++
	if m.Dst.Group() {
		a.Down(a.now, m)
	} else if a.stations.associated[m.Dst] != nil {
		a.Down(a.now, m)
		return
	}
	if len(a.up) < maxUp {
		a.up = append(a.up, m)
	}
}

// maxUp bounds what waits for Up.
const maxUp = 4096

// Down takes an MSDU from the distribution system and sends it to the station,
// or to all where it is for a group.
func (a *AP) Down(now time.Duration, m dot11.MSDU) {
	a.Advance(now)
	if m.Dst.Group() {
		for _, l := range a.links {
			if !l.gone {
				a.sendGroup(l, m)
			}
		}
		return
	}
	s := a.stations.associated[m.Dst]
	if s == nil || !s.connected {
		return
	}
	if s.asleep() {
		a.buffer(s, m)
		return
	}
	a.sendData(s, a.pick(s), m, false)
}

// pick chooses the link to send on: the one the station was last heard on,
// since it is awake there.
func (a *AP) pick(s *station) *link {
	if s.heard != nil && !s.heard.gone && !s.doze[s.heard.id] {
		if _, ok := s.over(s.heard); ok {
			return s.heard
		}
	}
	for _, l := range a.links {
		if _, ok := s.over(l); ok && !l.gone && !s.doze[l.id] {
			return l
		}
	}
	return s.link
}

// sendData sends an MSDU to a station on a link.
func (a *AP) sendData(s *station, l *link, m dot11.MSDU, more bool) {
	to, ok := s.over(l)
	if !ok {
		return
	}
	fc := dot11.QoSData | dot11.FromDS
	if more {
		fc |= dot11.MoreData
	}
	h := l.header(fc, to, m.Src)
	frame := dot11.AppendLLC(h.Append(nil), m.EtherType)
	frame = append(frame, m.Payload...)
	if s.pairwise != nil {
		sealed, err := s.pairwise.seal(a, s, l, frame)
		if err != nil {
			a.event(Undecipherable, s.addr, l, fmt.Sprintf("not sent: %v", err))
			return
		}
		frame = sealed
	}
	a.transmit(l, "data", to, frame)
}

// sendGroup sends an MSDU to all stations of a link under its group key: at
// once, or behind the next DTIM beacon where one of them sleeps.
func (a *AP) sendGroup(l *link, m dot11.MSDU) {
	listening, dozing := false, false
	for _, s := range a.stations.inOrder() {
		if _, ok := s.over(l); ok && s.connected {
			listening = true
			dozing = dozing || s.doze[l.id]
		}
	}
	switch {
	case !listening:
	case dozing && len(l.group) < maxWaiting:
		m.Payload = slices.Clone(m.Payload)
		l.group = append(l.group, m)
	default:
		a.sendGroupNow(l, m, false)
	}
}

func (a *AP) sendGroupNow(l *link, m dot11.MSDU, more bool) {
	fc := dot11.Data | dot11.FromDS
	if more {
		fc |= dot11.MoreData
	}
	h := l.header(fc, m.Dst, m.Src)
	frame := dot11.AppendLLC(h.Append(nil), m.EtherType)
	frame = append(frame, m.Payload...)
	if l.inUse.gtk != nil {
		sealed, err := l.inUse.gtk.Seal(nil, frame, protect.Options{})
		if err != nil {
			a.event(Undecipherable, m.Dst, l, fmt.Sprintf("not sent: %v", err))
			return
		}
		frame = sealed
	}
	a.transmit(l, "data", m.Dst, frame)
}
