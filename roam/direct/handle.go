package direct

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
)

// handle takes an event of the kernel. Each becomes one event of ours; others may
// follow from it.
func (s *Station) handle(k nl80211.Event) {
	e := roam.Event{At: k.Stamp, What: roam.Said, Record: s.record(k.Stamp, k.Text())}
	if s.handleDevice(k, e) {
		return
	}
	if !s.present || k.Interface != s.device.Index && k.Interface != 0 {
		return
	}
	switch b := k.Body.(type) {
	case nl80211.Overrun:
		s.emit(e)
		s.askAnew()
	case nl80211.ScanFinished:
		s.emit(e)
		s.endScan(nil)
	case nl80211.ScanAborted:
		s.emit(e)
		s.endScan(errAborted)
	case nl80211.UnprotectedDeauth:
		s.emit(e)
		s.doubt(b.Leave)
	case nl80211.UnprotectedDisassoc:
		s.emit(e)
		s.doubt(b.Leave)
	case nl80211.FrameReceived:
		s.answered(b.Raw)
	default:
		if s.current == nil || !s.handleProgress(b, e) {
			s.emit(e)
		}
	}
}

// handleProgress takes what belongs to the present attempt or connection, in the
// phase where it belongs, and reports whether it did.
func (s *Station) handleProgress(body nl80211.Body, e roam.Event) bool {
	a := s.current
	switch b := body.(type) {
	case nl80211.Authenticated:
		if s.phase != roam.PhaseAuthenticating || !a.has(b.Header.Addr3) {
			return false
		}
		s.authenticated(e, &b.Auth)
	case nl80211.AuthTimeout:
		return s.timedOut(e, roam.PhaseAuthenticating, b.Addr)
	case nl80211.Associated:
		if s.phase != roam.PhaseAssociating || a.accepted || !a.has(b.Header.Addr3) {
			return false
		}
		s.associated(e, &b)
	case nl80211.AssocTimeout:
		return s.timedOut(e, roam.PhaseAssociating, b.Addr)
	case nl80211.AssocComeback:
		if s.phase == roam.PhaseAssociating {
			s.due += b.After
		}
		return false
	case nl80211.Connected:
		if s.phase != roam.PhaseAssociating || !a.accepted || b.Status != dot11.StatusSuccess || b.TimedOut || b.AP != a.peer {
			return false
		}
		s.connected(e, &b)
	case nl80211.ControlPortFrame:
		if b.EtherType != dot11.EtherTypeEAPOL || !a.has(b.Src) {
			return false
		}
		s.emit(e)
		s.port(b.Payload)
	case nl80211.Deauthenticated:
		return s.left(e, b.Leave)
	case nl80211.Disassociated:
		return s.left(e, b.Leave)
	case nl80211.Disconnected:
		return s.lost(e, b.Reason, !b.ByAP)
	default:
		return false
	}
	return true
}

// port takes a frame of the control port. The kernel passes message 1 on at once,
// and the association response only when it has made use of it, so that the two
// often come in the wrong order (mac80211, rx.c, ieee80211_rx_h_check).
func (s *Station) port(frame []byte) {
	a := s.current
	switch {
	case a.supplicant != nil:
		s.eapol(frame)
	case s.phase == roam.PhaseAssociating:
		a.early = frame
	}
}

// timedOut ends a phase that nobody has answered in.
func (s *Station) timedOut(e roam.Event, phase roam.Phase, peer dot11.Addr) bool {
	if s.phase != phase || !s.current.has(peer) {
		return false
	}
	e.What = roam.GaveUp
	s.away(e)
	return true
}

// left takes a frame that ends something.
func (s *Station) left(e roam.Event, l nl80211.Leave) bool {
	return s.current.has(l.Peer()) && s.lost(e, l.Reason, l.Local)
}

// lost takes the end of a connection. While we authenticate, it is that of the
// connection before: the kernel ends that one by itself, and no frame of the new
// access point ends what has not begun (kernel, mac80211/mlme.c,
// ieee80211_mgd_auth and ieee80211_rx_mgmt_deauth).
func (s *Station) lost(e roam.Event, reason dot11.ReasonCode, local bool) bool {
	phase := s.phase
	if phase == roam.PhaseAuthenticating {
		return false
	}
	e.What, e.Reason, e.Local = roam.Disconnected, reason, local
	if phase != roam.PhaseHandshake {
		s.away(e)
		return true
	}
	peer := s.current.peer
	s.away(e)
	// What a supplicant says then (wpa_supplicant, events.c,
	// wpa_supplicant_event_disassoc_finish).
	failed := s.own(roam.GaveUp)
	failed.AP, failed.Record = peer, s.record(failed.At, "WPA: 4-Way Handshake failed - pre-shared key may be incorrect")
	s.emit(failed)
	return true
}

// lookEvery is how often an interface is looked for that was taken away: it may
// get its name a moment after it appears.
const lookEvery = 200 * time.Millisecond

// handleDevice takes what happens to the interface as a whole, and reports whether
// it was that.
func (s *Station) handleDevice(k nl80211.Event, e roam.Event) bool {
	switch b := k.Body.(type) {
	case nl80211.InterfaceRemoved:
		if s.present && b.Index == s.device.Index {
			s.gone(e)
			return true
		}
	case nl80211.InterfaceAdded:
		if !s.present {
			s.lookAgain()
			return true
		}
	}
	return false
}

// gone tells that there is no interface any more.
func (s *Station) gone(e roam.Event) {
	s.present, s.raised = false, false
	s.current, s.query, s.due = nil, nil, 0
	s.phase = roam.PhaseDisconnected
	s.endScan(roam.ErrGone)
	e.What = roam.Gone
	s.emit(e)
	if !s.broken {
		s.look = s.now() + lookEvery
	}
}

// socketLost tells that nothing can be done any more.
func (s *Station) socketLost() {
	s.broken = true
	s.look = 0
	if s.present {
		s.gone(s.own(roam.Gone))
	}
}

// lookAgain looks whether the interface is back.
func (s *Station) lookAgain() {
	ctx, cancel := context.WithTimeout(s.life, farewell)
	defer cancel()
	if err := s.settle(ctx); err != nil {
		s.look = s.now() + lookEvery
		return
	}
	s.look = 0
	e := s.own(roam.Back)
	e.Record = s.record(e.At, "interface is back")
	s.emit(e)
}

// askAnew asks whether a connection is still there, after events were lost. What is
// under way has its deadline.
func (s *Station) askAnew() {
	if s.phase != roam.PhaseConnected {
		return
	}
	c, err := s.kernel.Connection(s.life, s.device.Index)
	if errors.Is(err, nl80211.ErrNotConnected) || err == nil && c.AP != s.current.peer {
		s.away(s.own(roam.Disconnected))
	}
}

// next returns how long it is until something is due.
func (s *Station) next() (time.Duration, bool) {
	earliest, ok := time.Duration(0), false
	take := func(at time.Duration) {
		if at > 0 && (!ok || at < earliest) {
			earliest, ok = at, true
		}
	}
	take(s.due)
	take(s.look)
	if s.query != nil {
		if at, waiting := s.query.Deadline(); waiting {
			take(at)
		}
	}
	if !ok {
		return 0, false
	}
	return max(earliest-s.now(), 0), true
}

// overdue does what is due.
func (s *Station) overdue() {
	now := s.now()
	if s.look > 0 && now >= s.look {
		s.lookAgain()
	}
	if s.due > 0 && now >= s.due && s.current != nil {
		s.giveUp(fmt.Sprintf("%s with %v timed out", overdueName(s.phase), s.current.peer), dot11.ReasonDeauthLeaving)
	}
	s.advanceQuery()
}

// overdueName names what did not end in time, in mac80211's words where it has
// some.
func overdueName(p roam.Phase) string {
	switch p {
	case roam.PhaseAuthenticating:
		return "authentication"
	case roam.PhaseAssociating:
		return "association"
	}
	return "4-way handshake"
}
