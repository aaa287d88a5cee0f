package ap

import (
	"encoding/binary"
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
)

// action takes an Action frame of an associated station.
func (a *AP) action(s *station, l *link, body []byte) {
	action, err := dot11.ParseActionBody(body)
	if err != nil {
		return
	}
	switch {
	case action.Category == dot11.CategorySAQuery:
		a.saQueryAction(s, l, action)
	case action.Category == dot11.CategoryBlockAck && action.Code == dot11.BlockAckAddRequest:
		a.declineBlockAck(s, l, action)
	case action.Category == dot11.CategoryWNM && action.Code == dot11.WNMTransitionResponse:
		a.transitionAnswered(s, l, action)
	}
}

// declineBlockAck answers a request for a block ack agreement: there is no need
// for one on this air (IEEE 802.11-2020, 9.6.4.2 and 9.6.4.3).
func (a *AP) declineBlockAck(s *station, l *link, request dot11.ActionBody) {
	const length = 5 // dialog token, parameter set, timeout
	if len(request.Body) < length {
		return
	}
	answer := []byte{request.Body[0]}
	answer = binary.LittleEndian.AppendUint16(answer, uint16(dot11.StatusRequestDeclined))
	answer = append(answer, request.Body[1:length]...)
	a.sendAction(s, l, dot11.ActionBody{Category: dot11.CategoryBlockAck, Code: dot11.BlockAckAddResponse, Body: answer})
}

// sendAction sends an Action frame to an associated station: over that link, or
// where and when it is awake.
func (a *AP) sendAction(s *station, l *link, action dot11.ActionBody) {
	body := action.Append(nil)
	if !s.doze[l.id] {
		a.manageRobust(s, l, dot11.Action, body)
		return
	}
	a.post(s, func(l *link, more bool) {
		kind := dot11.Action
		if more {
			kind |= dot11.MoreData
		}
		a.manageRobust(s, l, kind, body)
	})
}

// saQueryComeback is when a station may ask again whose place is still held, in
// TU (IEEE 802.11-2020, 11.13: dot11AssociationSAQueryMaximumTimeout).
const saQueryComeback = 1000

// askSAQuery reports whether the station has failed to answer, so that another
// may take its place, and asks it where that is not known.
func (a *AP) askSAQuery(s *station) (failed bool) {
	if s.silent {
		return true
	}
	if s.query == nil {
		query, err := rsn.NewSAQuery(rsn.SAQueryConfig{Rand: a.random})
		if err != nil {
			return false
		}
		s.query = query
	}
	if !s.query.Active() {
		step, err := s.query.Begin(a.now)
		a.saQueryStep(s, step, err)
	}
	return false
}

// saQueryStep sends what the procedure asks for and sees to its next step.
func (a *AP) saQueryStep(s *station, step rsn.SAQueryStep, err error) {
	if err != nil {
		a.event(Ignored, s.addr, s.link, err.Error())
		return
	}
	if step.Send {
		a.sendAction(s, a.pick(s), dot11.SAQuery{Transaction: step.Transaction}.Action())
	}
	if step.TimedOut {
		s.silent = true
		a.event(SAQueryTimedOut, s.addr, s.link, "")
	}
	due := func() (time.Duration, bool) {
		at, active := s.query.Deadline()
		return at, active && a.stations.here(s)
	}
	a.timers.arm(&s.queryAlarm, due, func(now time.Duration) {
		step, err := s.query.Advance(now)
		a.saQueryStep(s, step, err)
	})
}

func (a *AP) saQueryAction(s *station, l *link, action dot11.ActionBody) {
	query, err := dot11.ParseSAQuery(action)
	switch {
	case err != nil:
	case !query.Response:
		a.sendAction(s, l, dot11.SAQuery{Response: true, Transaction: query.Transaction}.Action())
	case s.query != nil:
		s.query.Answered(query.Transaction)
	}
}

// askTransition sends a BSS Transition Management request to the stations a
// rule is for.
func (a *AP) askTransition(r *activeRule) {
	for _, s := range a.addressed(r) {
		request := dot11.TransitionRequest{Token: 1 + uint8(a.dice.IntN(255)), Validity: 255}
		if r.TU > 0 {
			request.Mode |= dot11.TransitionDisassociation
			request.DisassocTimer = uint16(min(r.TU/beaconInterval, 0xffff))
		}
		if !r.Address.IsZero() {
			request.Mode |= dot11.TransitionCandidates | dot11.TransitionAbridged
			request.Candidates = []dot11.NeighborReport{a.candidate(r)}
		}
		a.sendAction(s, a.pick(s), request.Action())
		a.event(FaultMade, s.addr, s.link, "asks for a transition")
	}
}

// candidate is the BSS that a rule names, on the rule's channel or, where it
// names none, on that of the first link.
func (a *AP) candidate(r *activeRule) dot11.NeighborReport {
	channel := a.links[0].channel
	if r.Channel != 0 {
		if to, err := r.channelOn(channel.Band); err == nil {
			channel = to
		}
	}
	return dot11.NeighborReport{
		BSSID: r.Address, Class: channel.OperatingClass(), Channel: channel.Number, PHY: dot11.PHYEHT,
		Info:        dot11.NeighborReachability | dot11.NeighborSecurity | dot11.NeighborEHT,
		Subelements: []dot11.Subelement{{ID: dot11.NeighborPreference, Body: []byte{255}}},
	}
}

func (a *AP) transitionAnswered(s *station, l *link, action dot11.ActionBody) {
	response, err := dot11.ParseTransitionResponse(action)
	if err == nil {
		a.event(TransitionAnswer, s.addr, l, fmt.Sprintf("status %d", response.Status))
	}
}
