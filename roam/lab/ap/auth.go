package ap

import (
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// saeRetransmit is how long the access point waits for a station's next frame of
// SAE before it sends its last one again (IEEE 802.11-2020, 12.4.8.2: the
// default of dot11RSNASAERetransPeriod is 40 ms; a station under emulation is
// slower).
const saeRetransmit = time.Second

// tokenEpoch is how long an anti-clogging token is good for at least.
const tokenEpoch = 10 * time.Second

// authenticate takes an Authentication frame.
func (a *AP) authenticate(l *link, from dot11.Addr, body []byte) {
	auth, err := dot11.ParseAuthBody(body)
	if err != nil {
		return
	}
	switch {
	case auth.Algorithm == dot11.AuthOpen && auth.Transaction == 1:
		a.authenticateOpen(l, from, auth)
	case auth.Algorithm == dot11.AuthSAE && a.config.Security == SAE && auth.Transaction == sae.TransactionCommit:
		a.authenticateCommit(l, from, auth)
	case auth.Algorithm == dot11.AuthSAE && a.config.Security == SAE && auth.Transaction == sae.TransactionConfirm:
		a.authenticateConfirm(l, from, auth)
	case auth.Transaction == 1:
		s := &station{addr: from, link: l}
		a.answerAuth(l, s, from, auth.Algorithm, sae.Message{Transaction: 2, Status: dot11.StatusUnsupportedAuthAlgorithm})
	}
}

// newcomer is the station that a first Authentication frame speaks of.
func (a *AP) newcomer(l *link, from dot11.Addr, elements dot11.Elements) *station {
	s := &station{addr: from, link: l}
	if body, ok := elements.FindExt(dot11.ExtMultiLink); ok && a.MultiLink() {
		ml, err := dot11.ParseMultiLink(body)
		if err == nil && ml.Type == dot11.MultiLinkBasic && !ml.MLDAddr.IsZero() && !ml.MLDAddr.Group() {
			s.addr, s.multi = ml.MLDAddr, true
		}
	}
	return s
}

func (a *AP) authenticateOpen(l *link, from dot11.Addr, auth dot11.AuthBody) {
	elements, _ := dot11.ParseElements(auth.Body)
	s := a.newcomer(l, from, elements)
	a.stations.candidates.begin(s, from)
	a.answerAuth(l, s, from, dot11.AuthOpen, sae.Message{Transaction: 2, Status: dot11.StatusSuccess})
}

func (a *AP) authenticateCommit(l *link, from dot11.Addr, auth dot11.AuthBody) {
	method, known := sae.MethodOf(auth.Status)
	if !known {
		return
	}
	commit, err := sae.ParseCommit(method, auth.Body)
	if err != nil && commit == nil {
		return
	}
	elements, _ := dot11.ParseElements(commit.Rest)
	newcomer := a.newcomer(l, from, elements)
	s := a.stations.candidates.at(from)
	if s == nil || s.sae == nil || !s.sae.Repeats(commit) {
		if demand, needed := a.demandToken(commit, from); needed {
			a.answerAuth(l, newcomer, from, dot11.AuthSAE, demand)
			return
		}
		// Only a candidate that says the same of itself goes on where it was.
		if s == nil || s.sae == nil || s.authenticated || s.addr != newcomer.addr || s.multi != newcomer.multi || s.link != l {
			s = newcomer
			if s.sae, err = a.newSession(s, l); err != nil {
				return
			}
			a.stations.candidates.begin(s, from)
		}
	}
	a.saeStep(l, s, from, s.sae.HandleCommit(auth.Status, auth.Body))
}

// newSession begins SAE with a station. Both sides of an MLD use their MLD
// addresses (IEEE 802.11be-2024, 12.4.5.4).
func (a *AP) newSession(s *station, l *link) (*sae.Session, error) {
	own := l.bssid
	if s.multi {
		own = a.mld
	}
	config := sae.Config{
		Own: own, Peer: s.addr, Passwords: []*sae.Password{a.secrets.password}, Groups: a.config.Groups,
		Methods: []sae.Method{sae.HashToElement, sae.Looping}, AKMs: []keys.AKM{keys.AKMSAE}, Rand: a.random,
	}
	if a.config.ExtKey {
		config.AKMs = append(config.AKMs, keys.AKMSAEExtKey)
	}
	return sae.NewSession(config)
}

// demandToken decides whether a station has to show first that it hears us.
func (a *AP) demandToken(c *sae.Commit, from dot11.Addr) (sae.Message, bool) {
	if a.stations.candidates.open() < a.config.Crowd {
		return sae.Message{}, false
	}
	epoch := uint64(a.now / tokenEpoch)
	if len(c.Token) > 0 && a.secrets.tokens.Valid(from, epoch, c.Token) {
		return sae.Message{}, false
	}
	demand, err := a.secrets.tokens.Demand(c, from, epoch)
	return demand, err == nil
}

func (a *AP) authenticateConfirm(l *link, from dot11.Addr, auth dot11.AuthBody) {
	s := a.stations.candidates.at(from)
	if s == nil || s.sae == nil || s.link != l {
		return
	}
	a.saeStep(l, s, from, s.sae.HandleConfirm(auth.Status, auth.Body))
}

// saeStep sends what the exchange asks for and keeps what it gives.
func (a *AP) saeStep(l *link, s *station, from dot11.Addr, step sae.Step) {
	defer a.stations.candidates.watch(s, from)
	switch step.Outcome {
	case sae.Accepted:
		k, _ := s.sae.Keys()
		s.pmk, s.pmkid, s.akm = k.PMK, k.PMKID, k.AKM
		// IEEE 802.11-2020, 12.6.10.3: there is a PMKSA as soon as SAE has succeeded.
		a.secrets.pmksa.Add(rsn.PMKSA{PMKID: s.pmkid, Peer: s.addr, AKM: s.akm, PMK: s.pmk, Expires: a.now + pmksaLifetime})
	case sae.Refused:
		a.event(Refused, s.addr, l, fmt.Sprintf("SAE: %v", step.Err))
	case sae.Failed:
		a.event(Refused, s.addr, l, fmt.Sprintf("SAE: %v", step.Err))
		a.stations.candidates.endOf(s, from)
	}
	for _, m := range step.Send {
		a.answerAuth(l, s, from, dot11.AuthSAE, m)
	}
	if step.Outcome == sae.Continue {
		a.saeTimer(l, s, from)
	}
}

// saeTimer sends the last frame again where the station stays silent, and gives
// the exchange up in the end.
func (a *AP) saeTimer(l *link, s *station, from dot11.Addr) {
	s.saeDue = a.now + saeRetransmit
	due := func() (time.Duration, bool) {
		return s.saeDue, s.sae.Open() && a.stations.candidates.at(from) == s
	}
	a.timers.arm(&s.saeAlarm, due, func(time.Duration) { a.saeStep(l, s, from, s.sae.Timeout()) })
}

// answerAuth sends an Authentication frame.
func (a *AP) answerAuth(l *link, s *station, to dot11.Addr, algorithm uint16, m sae.Message) {
	last := algorithm == dot11.AuthOpen || m.Transaction == sae.TransactionConfirm
	answer := answering{ap: a, link: l, kind: "auth", station: s, status: m.Status, last: last}
	a.consult(&answer, to)
	if answer.ignored {
		return
	}
	body := m.Body
	if answer.status != m.Status {
		body = nil
		a.stations.candidates.endOf(s, to)
	}
	out := dot11.AuthBody{Algorithm: algorithm, Transaction: m.Transaction, Status: answer.status, Body: body}
	var elements dot11.Elements
	if s.multi {
		elements = a.shape(l, "auth", nil, &dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: a.mld}, to)
	}
	a.manage(l, dot11.Auth, to, elements.Append(out.Append(nil)))
	if last && answer.status == dot11.StatusSuccess && !s.authenticated {
		s.authenticated = true
		a.event(Authenticated, s.addr, l, authName(algorithm))
	}
	if answer.status != m.Status || last && answer.status != dot11.StatusSuccess {
		a.event(Refused, s.addr, l, fmt.Sprintf("authentication, status %d", answer.status))
	}
	if answer.after != nil {
		answer.after()
	}
}

// authName is what an event calls an authentication algorithm.
func authName(algorithm uint16) string {
	if algorithm == dot11.AuthSAE {
		return "SAE"
	}
	return "open"
}

// consult asks the rules at work what to answer.
func (a *AP) consult(m *answering, to dot11.Addr) {
	for _, r := range a.rules {
		if r.fault.answer != nil && (r.fault.occasion == nil || r.fault.occasion(&r.Rule, m)) && a.applies(r, m.link, m.kind, to, m.station.addr) {
			r.fault.answer(&r.Rule, m)
		}
	}
}
