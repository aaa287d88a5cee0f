package ap_test

import (
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/protect"
)

// dataFrame is a data frame to the distribution system, in clear.
func (s *station) dataFrame(l *staLink, dst dot11.Addr, etherType uint16, payload []byte) []byte {
	h := dot11.Header{FC: dot11.QoSData | dot11.ToDS, Addr1: l.bssid, Addr2: l.addr, Addr3: dst, Seq: l.next()}
	if l.dozing {
		h.FC |= dot11.PowerMgmt
	}
	return append(dot11.AppendLLC(h.Append(nil), etherType), payload...)
}

// seal protects a frame under the station's key, where it has one.
func (s *station) seal(l *staLink, frame []byte) []byte {
	if s.key == nil {
		return frame
	}
	sealed, err := s.key.Seal(nil, frame, s.options(l))
	if err != nil {
		s.e.t.Fatal(err)
	}
	return sealed
}

// transmit sends a frame on a link, under the key there is.
func (s *station) transmit(l *staLink, frame []byte) { s.inject(l, s.seal(l, frame)) }

// inject sends a frame as it is.
func (s *station) inject(l *staLink, frame []byte) {
	s.out = append(s.out, ap.Frame{Freq: l.freq, Data: frame})
}

// testEtherType is that of the data of the tests (RFC 5342, 3.1: experiments).
const testEtherType = 0x88b5

// send sends data on a link and lets them arrive.
func (s *station) send(link uint8, dst dot11.Addr, etherType uint16, payload []byte) {
	l := s.over[link]
	s.transmit(l, s.dataFrame(l, dst, etherType, payload))
	s.e.settle()
}

// doze and wake say by a null frame that the station sleeps on a link or does
// not.
func (s *station) doze(links ...uint8) { s.power(true, links) }
func (s *station) wake(links ...uint8) { s.power(false, links) }

func (s *station) power(dozing bool, links []uint8) {
	for _, id := range links {
		l := s.over[id]
		l.dozing, l.listening, l.polling = dozing, false, false
		h := dot11.Header{FC: dot11.NullData | dot11.ToDS, Addr1: l.bssid, Addr2: l.addr, Addr3: l.bssid, Seq: l.next()}
		if dozing {
			h.FC |= dot11.PowerMgmt
		}
		s.inject(l, h.Append(nil))
	}
	s.e.settle()
}

// poll asks for one frame.
func (s *station) poll(link uint8) {
	l := s.over[link]
	l.polling = true
	p := dot11.PSPollFrame{FC: dot11.PSPoll | dot11.PowerMgmt, AID: s.aid, BSSID: l.bssid, From: l.addr}
	s.inject(l, p.Append(nil))
	s.e.settle()
}

// robust sends a management frame, protected where there are keys for that.
func (s *station) robust(l *staLink, kind dot11.FrameControl, body []byte) {
	f := s.frame(l, kind, body)
	if s.security == ap.SAE && s.key != nil && protect.Robust(f.Data) {
		f.Data = s.seal(l, f.Data)
	}
	s.inject(l, f.Data)
}

func (s *station) sendAction(l *staLink, action dot11.ActionBody) {
	s.robust(l, dot11.Action, action.Append(nil))
}

// leave deauthenticates.
func (s *station) leave() {
	body := dot11.ReasonBody{Reason: dot11.ReasonDeauthLeaving}
	s.robust(s.link(), dot11.Deauth, body.Append(nil))
	s.e.settle()
	s.phase, s.key = idle, nil
}

// probe asks who is there on a frequency.
func (s *station) probe(freq int, elements ...dot11.Element) {
	body := dot11.ProbeRequestBody{Elements: elements}
	h := dot11.Header{FC: dot11.ProbeRequest, Addr1: dot11.BroadcastAddr(), Addr2: s.mld, Addr3: dot11.BroadcastAddr()}
	s.out = append(s.out, ap.Frame{Freq: freq, Data: body.Append(h.Append(nil))})
	s.e.settle()
}
