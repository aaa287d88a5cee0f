package ap

import (
	"slices"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
)

// eapolTID is the traffic identifier that handshakes are sent with: voice, so
// that they do not wait behind data.
const eapolTID = 7

// pmksaLifetime is how long a station may come back without SAE (IEEE
// 802.11-2020, dot11RSNAConfigPMKLifetime: 43200 s).
const pmksaLifetime = 43200 * time.Second

// handshakeTiming waits longer than a real access point for the first answer: a
// station under emulation takes its time.
var handshakeTiming = rsn.Timing{First: 500 * time.Millisecond, Next: time.Second, Tries: 4}

// beginHandshake starts the 4-way handshake with a station that has just been
// associated.
func (a *AP) beginHandshake(s *station) {
	authenticator, err := rsn.NewAuthenticator(rsn.AuthenticatorConfig{
		Association: a.association(s),
		GroupKeys:   func() []rsn.LinkKeys { return a.groupKeysFor(s) },
		Timing:      handshakeTiming,
		Rand:        a.random,
		Alter:       func(m *rsn.Message) { a.alterKey(s, m) },
	})
	if err != nil {
		a.handshakeStep(s, rsn.Step{Result: rsn.Failed, Reason: dot11.ReasonUnspecified}, err)
		return
	}
	s.handshake = authenticator
	step, err := authenticator.Start(a.now)
	a.handshakeStep(s, step, err)
}

// association is what the access point and the station know of each other.
func (a *AP) association(s *station) rsn.Association {
	out := rsn.Association{
		AKM: s.akm, Cipher: s.cipher, PMK: s.pmk, PMKID: s.pmkid,
		AP: s.link.bssid, Station: s.addr,
		StationRSNE: s.rsne, StationRSNXE: s.rsnxe,
	}
	if s.multi {
		out.MultiLink, out.AP, out.AssocLink = true, a.mld, s.link.id
	}
	for _, l := range a.links {
		own, ok := s.over(l)
		asked, refused := s.refused[l.id]
		switch {
		case refused:
			own = asked // message 2 names it all the same
		case !ok:
			continue
		}
		link := rsn.Link{
			AP: l.bssid, Station: own, Refused: refused, Group: a.config.Ciphers[0],
			RSNE: a.rsneElement().Append(nil),
		}
		if e, ok := a.rsnxeElement(); ok {
			link.RSNXE = e.Append(nil)
		}
		if s.multi {
			link.ID = l.id
		}
		if s.mfp {
			link.Management = groupManagement
		}
		out.Links = append(out.Links, link)
	}
	return out
}

// groupKeysFor returns the group keys of the links that a station has.
func (a *AP) groupKeysFor(s *station) []rsn.LinkKeys {
	var out []rsn.LinkKeys
	for _, l := range a.links {
		if _, ok := s.over(l); ok && !l.gone {
			k := l.keys.now()
			if !s.multi {
				k.Link = 0
			}
			out = append(out, k)
		}
	}
	return out
}

// alterKey lets the rules at work change a message before it is sealed.
func (a *AP) alterKey(s *station, m *rsn.Message) {
	moment := keying{ap: a, station: s, message: m}
	for _, r := range a.rules {
		if r.fault.key != nil && slices.Contains(r.fault.messages, m.Kind) && a.applies(r, s.link, "eapol", s.links[s.link.id], s.addr) {
			r.fault.key(&r.Rule, &moment)
		}
	}
}

// eapol takes what a station has sent to the authenticator.
func (a *AP) eapol(s *station, payload []byte) {
	if s.handshake == nil {
		return
	}
	step, err := s.handshake.Receive(a.now, payload)
	a.handshakeStep(s, step, err)
}

// handshakeStep does what the authenticator asks for.
func (a *AP) handshakeStep(s *station, step rsn.Step, err error) {
	if err != nil && step.Result != rsn.Failed {
		a.event(Ignored, s.addr, s.link, err.Error())
	}
	if step.Result == rsn.Established && len(step.Send) > 0 {
		// A group key handshake follows at once: its message is under the new key.
		a.install(s, step)
		a.sendEAPOL(s, step.Send)
		a.handshakeTimer(s)
		return
	}
	if len(step.Send) > 0 {
		a.sendEAPOL(s, step.Send)
	}
	switch step.Result {
	case rsn.Established:
		a.install(s, step)
	case rsn.Rekeyed:
		a.event(Rekeyed, s.addr, s.link, "")
	case rsn.Failed:
		detail := "reason " + step.Reason.String()
		if err != nil {
			detail += ": " + err.Error()
		}
		a.event(HandshakeFailed, s.addr, s.link, detail)
		a.endAssociation(s, dot11.Deauth, step.Reason, false)
		return
	}
	a.handshakeTimer(s)
}

// install puts the temporal key to work and opens the port.
func (a *AP) install(s *station, step rsn.Step) {
	p, err := newPairwise(step.Pairwise.Cipher, step.Pairwise.TK)
	if err != nil {
		a.event(Ignored, s.addr, s.link, err.Error())
		return
	}
	renewed := s.connected
	s.pairwise, s.connected = p, true
	if renewed {
		a.event(Rekeyed, s.addr, s.link, "pairwise")
		return
	}
	a.event(Connected, s.addr, s.link, describeLinks(s))
	if s.rekeyWhenOpen {
		s.rekeyWhenOpen = false
		a.rekey()
	}
}

// handshakeTimer sends the last message again when its answer is late.
func (a *AP) handshakeTimer(s *station) {
	due := func() (time.Duration, bool) {
		at, waiting := s.handshake.Deadline()
		return at, waiting && a.stations.here(s)
	}
	a.timers.arm(&s.keyAlarm, due, func(now time.Duration) {
		step, err := s.handshake.Advance(now)
		a.handshakeStep(s, step, err)
	})
}

// sendEAPOL sends an EAPOL frame, on the link of the association until the port
// is open.
func (a *AP) sendEAPOL(s *station, packet []byte) {
	send := func(l *link, more bool) {
		m := dot11.MSDU{Src: l.bssid, EtherType: dot11.EtherTypeEAPOL, Payload: packet}
		if s.multi {
			m.Src = a.mld
		}
		a.sendData(s, l, "eapol", eapolTID, m, more)
	}
	if !s.connected {
		send(s.link, false)
		return
	}
	a.post(s, send)
}

// renew begins another 4-way handshake with a station whose port is open. Data go
// on under the old key until it is complete.
func (a *AP) renew(s *station) {
	if s.handshake == nil || !s.connected {
		return
	}
	step, err := s.handshake.Start(a.now)
	a.handshakeStep(s, step, err)
}

// rekeyPatience is how long the old group keys are still sent with after new
// ones were handed out.
const rekeyPatience = 500 * time.Millisecond

// rekey draws new group keys for every link and tells the stations.
func (a *AP) rekey() {
	if a.config.Security == Open {
		return
	}
	for _, l := range a.links {
		if l.gone {
			continue
		}
		next := l.keys
		if err := next.draw(a); err != nil {
			a.event(Ignored, dot11.Addr{}, l, "no new group keys: "+err.Error())
			return
		}
		l.keys = next
		a.timers.at(a.now+rekeyPatience, func(time.Duration) { l.inUse = next })
	}
	for _, s := range a.stations.inOrder() {
		if s.handshake == nil {
			continue
		}
		step, err := s.handshake.Rekey(a.now)
		a.handshakeStep(s, step, err)
	}
}
