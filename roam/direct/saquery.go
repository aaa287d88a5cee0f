package direct

import (
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/rsn"
)

// The kernel answers SA Query requests by itself (mac80211, rx.c,
// ieee80211_process_sa_query_req). To ask is left to programs: where an access
// point seems to have lost the keys.

// doubt takes an unprotected frame that would end the connection. Reasons 6 and 7
// are what an access point says to a station that it does not know: then it is
// asked over the keys (IEEE 802.11-2020, 11.13; wpa_supplicant, sme.c,
// sme_event_unprot_disconnect).
func (s *Station) doubt(l nl80211.Leave) {
	a := s.current
	if a == nil || s.phase != roam.PhaseConnected || a.management == 0 || !a.has(l.Peer()) || s.query != nil {
		return
	}
	if l.Reason != dot11.ReasonClass2FromNonauth && l.Reason != dot11.ReasonClass3FromNonassoc {
		return
	}
	query, err := rsn.NewSAQuery(rsn.SAQueryConfig{})
	if err != nil {
		return
	}
	s.query = query
	step, err := query.Begin(s.now())
	s.queryStep(step, err)
}

// advanceQuery asks again, or gives up.
func (s *Station) advanceQuery() {
	if s.query != nil {
		step, err := s.query.Advance(s.now())
		s.queryStep(step, err)
	}
}

func (s *Station) queryStep(step rsn.SAQueryStep, err error) {
	switch {
	case err != nil:
		s.query = nil
		s.say("SA Query: " + err.Error())
	case step.TimedOut:
		e := s.own(roam.Disconnected)
		e.Reason, e.Local = dot11.ReasonPrevAuthNotValid, true
		e.Record = s.record(e.At, "SME: SA Query timed out")
		s.abandon(e, dot11.ReasonPrevAuthNotValid)
	case step.Send:
		s.sendQuery(step.Transaction)
	}
}

// sendQuery sends a request, between the MLDs where there are some: the kernel
// chooses a link.
func (s *Station) sendQuery(transaction uint16) {
	h := dot11.Header{FC: dot11.Action, Addr1: s.current.peer, Addr2: s.device.Addr, Addr3: s.current.peer}
	action := dot11.SAQuery{Transaction: transaction}.Action()
	if _, err := s.kernel.SendFrame(s.life, nl80211.FrameRequest{Interface: s.device.Index, Frame: action.Append(h.Append(nil))}); err != nil {
		s.sayRefusal(err)
	}
}

// answered takes an answer to an SA Query. The kernel drops those that came in
// clear, as they are robust management frames.
func (s *Station) answered(frame []byte) {
	if s.query == nil {
		return
	}
	_, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return
	}
	action, err := dot11.ParseActionBody(body)
	if err != nil {
		return
	}
	q, err := dot11.ParseSAQuery(action)
	if err == nil && q.Response && s.query.Answered(q.Transaction) {
		s.query = nil
	}
}
