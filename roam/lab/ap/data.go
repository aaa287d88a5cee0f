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
	key *protect.Key
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
		Form: s.form,
	}
}

func (p *pairwise) seal(a *AP, s *station, l *link, frame []byte) ([]byte, error) {
	return p.key.Seal(frame[:0], frame, p.context(a, s, l))
}

// open takes the protection off a frame and learns from a management frame in
// which form the station's kernel protects them.
func (p *pairwise) open(a *AP, s *station, l *link, frame []byte) (protect.Opened, error) {
	opened, err := p.key.Open(nil, frame, p.context(a, s, l))
	if err == nil && s.multi && opened.Header.FC.Management() {
		s.form, s.formKnown = opened.Form, true
	}
	return opened, err
}

// data takes a data frame that is in clear by now.
func (a *AP) data(s *station, l *link, h *dot11.Header, body []byte, protected bool) {
	if h.FC&dot11.ToDS == 0 || h.FC&dot11.FromDS != 0 || h.FC.Null() {
		return
	}
	if s.pairwise != nil && !protected {
		a.event(Ignored, s.addr, l, "data in clear")
		return
	}
	if h.FC&dot11.MoreFrag != 0 || h.Seq&0xf != 0 {
		a.event(Ignored, s.addr, l, "a fragment")
		return
	}
	if !protected {
		body = slices.Clone(body) // what goes up outlives the frame
	}
	if h.FC.QoS() && h.QoS&qosAMSDU != 0 {
		msdus, err := dot11.ParseAMSDU(body)
		if err != nil {
			a.event(Ignored, s.addr, l, err.Error())
		}
		for _, m := range msdus {
			// Nobody speaks for another (IEEE 802.11-2020, 9.3.2.2.3).
			m.Src = s.addr
			a.upper(s, l, m)
		}
		return
	}
	etherType, payload, err := dot11.ParseLLC(body)
	if err != nil {
		return
	}
	a.upper(s, l, dot11.MSDU{Dst: h.Addr3, Src: s.addr, EtherType: etherType, Payload: payload})
}

// qosAMSDU is the bit of QoS Control that says that the body is an A-MSDU (IEEE
// 802.11-2020, 9.2.4.5.9).
const qosAMSDU = 1 << 7

// upper takes what a data frame has carried.
func (a *AP) upper(s *station, l *link, m dot11.MSDU) {
	switch {
	case m.EtherType == dot11.EtherTypeEAPOL:
		a.eapol(s, m.Payload)
	case s.connected:
		a.deliverUp(s, l, m)
	}
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
		// One number for all links: a non-AP MLD hears the frame on several (IEEE
		// 802.11be-2024, 10.3.2.14.2).
		a.groupSeq = (a.groupSeq + 1) & 0xfff
		for _, l := range a.links {
			if !l.gone {
				a.sendGroup(l, groupData{m, a.groupSeq})
			}
		}
		return
	}
	s := a.stations.associated[m.Dst]
	if s == nil || !s.connected {
		return
	}
	if s.asleep() {
		m.Payload = slices.Clone(m.Payload)
	}
	a.post(s, func(l *link, more bool) { a.sendData(s, l, "data", 0, m, more) })
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

// dataFrame is a data frame in clear, with room for its protection.
func dataFrame(h *dot11.Header, m dot11.MSDU) []byte {
	frame := make([]byte, 0, h.Len()+maxLLC+len(m.Payload)+maxProtection)
	frame = dot11.AppendLLC(h.Append(frame), m.EtherType)
	return append(frame, m.Payload...)
}

// What a data frame has beside header and payload: LLC and SNAP, and the header
// and tag of GCMP and CCMP-256.
const (
	maxLLC        = 8
	maxProtection = 8 + 16
)

// sendData sends an MSDU to a station on a link, protected as soon as there is a
// key. kind is what rules call the frame.
func (a *AP) sendData(s *station, l *link, kind string, tid uint16, m dot11.MSDU, more bool) {
	to, ok := s.over(l)
	if !ok {
		return
	}
	fc := dot11.QoSData | dot11.FromDS
	if more {
		fc |= dot11.MoreData
	}
	h := l.header(fc, to, m.Src)
	h.QoS = tid
	frame := dataFrame(&h, m)
	if s.pairwise != nil {
		sealed, err := s.pairwise.seal(a, s, l, frame)
		if err != nil {
			a.event(Undecipherable, s.addr, l, fmt.Sprintf("not sent: %v", err))
			return
		}
		frame = sealed
	}
	a.transmit(l, kind, to, frame)
}

// groupData is an MSDU for a group, with the number it has on all links of an AP
// MLD.
type groupData struct {
	dot11.MSDU
	seq uint16
}

// sendGroup sends an MSDU to all stations of a link under its group key: at
// once, or behind the next DTIM beacon where one of them sleeps.
func (a *AP) sendGroup(l *link, m groupData) {
	listening, dozing := false, false
	for _, s := range a.stations.byAID {
		if _, ok := s.over(l); ok && s.connected {
			listening = true
			dozing = dozing || s.doze[l.id]
		}
	}
	switch {
	case !listening:
	case dozing:
		if len(l.group) >= maxWaiting {
			l.group = append(l.group[:0], l.group[1:]...)
		}
		m.Payload = slices.Clone(m.Payload)
		l.group = append(l.group, m)
	default:
		a.sendGroupNow(l, m, false)
	}
}

func (a *AP) sendGroupNow(l *link, m groupData, more bool) {
	fc := dot11.Data | dot11.FromDS
	if more {
		fc |= dot11.MoreData
	}
	h := l.header(fc, m.Dst, m.Src)
	if a.MultiLink() {
		h.Seq = m.seq << 4
	}
	frame := dataFrame(&h, m.MSDU)
	if l.inUse.gtk != nil {
		sealed, err := l.inUse.gtk.Seal(frame[:0], frame, protect.Options{})
		if err != nil {
			a.event(Undecipherable, m.Dst, l, fmt.Sprintf("not sent: %v", err))
			return
		}
		frame = sealed
	}
	a.transmit(l, "data", m.Dst, frame)
}
