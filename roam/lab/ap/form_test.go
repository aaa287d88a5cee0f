package ap_test

import (
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/protect"
)

// A management frame reaches a station in the form it understands: in both as
// long as it has sent none, and in its own from then on.
func TestForms(t *testing.T) {
	for _, form := range []protect.Form{protect.MLDForm, protect.LinkForm} {
		t.Run(form.String(), func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			s := e.join(1, 2, ap.SAE, func(s *station) { s.linkForm = form == protect.LinkForm })
			s.mustConnect(a.Addr())
			e.make(a, ap.Rule{Fault: "transition"})
			e.settle()
			if len(s.requests) != 1 || s.otherForm != 1 {
				t.Errorf("%d requests, %d in the other form", len(s.requests), s.otherForm)
			}
			// It has answered.
			e.wantEvents(ap.TransitionAnswer, s.mld, 1)
			if got := a.Stations()[0].Form; got != form {
				t.Errorf("form %v", got)
			}
			e.make(a, ap.Rule{Fault: "transition"})
			e.settle()
			if len(s.requests) != 2 || s.otherForm != 1 {
				t.Errorf("%d requests, %d in the other form", len(s.requests), s.otherForm)
			}
			// What it says over either link is understood, and so is its leaving.
			for id := range s.over {
				s.sendAction(s.over[id], dot11.SAQuery{Transaction: uint16(id)}.Action())
			}
			e.settle()
			if len(s.answers) != 2 {
				t.Errorf("%d answers to queries over two links", len(s.answers))
			}
			s.leave()
			e.wantEvents(ap.Left, s.mld, 1)
			// It may have another kernel when it comes back.
			s.mustConnect(a.Addr())
			e.forget()
			e.make(a, ap.Rule{Fault: "deauth", Reason: 5})
			e.settle()
			if s.reason != 5 {
				t.Errorf("reason %v", s.reason)
			}
			for _, err := range s.bad {
				t.Error(err)
			}
		})
	}
}

// A request for a block ack agreement is declined.
func TestBlockAckDeclined(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	s := e.join(1, 2, ap.SAE)
	s.mustConnect(a.Addr())
	request := dot11.AddBlockAckRequest{Token: 9, Parameters: dot11.BlockAckImmediate | 64<<6}
	s.sendAction(s.link(), request.Action())
	e.settle()
	if len(s.declined) != 1 || s.declined[0].Token != 9 || s.declined[0].Status != dot11.StatusRequestDeclined {
		t.Errorf("answers %+v", s.declined)
	}
}
