package direct

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// attempt is one way to an access point, from the first Authentication frame to
// the end of the connection.
type attempt struct {
	*route
	previous dot11.Addr // the access point that is left for it; zero: none

	session *sae.Session // nil without SAE
	pmk     []byte
	pmkid   *keys.PMKID // names a cached PMK, nil: none

	rsne, rsnxe []byte // ours
	accepted    bool   // the access point has accepted the association
	early       []byte // an EAPOL frame that came before the kernel told of the association
	supplicant  *rsn.Supplicant
}

// pmksaLifetime is dot11RSNAConfigPMKLifetime (IEEE 802.11-2020, C.3).
const pmksaLifetime = 43200 * time.Second

// begin begins an attempt. Until the kernel has taken the authentication, all is
// as it was.
func (s *Station) begin(ctx context.Context, r *route, previous dot11.Addr) error {
	if err := s.between(ctx, StepAuthenticate); err != nil {
		return err
	}
	a := &attempt{route: r, previous: previous}
	data, err := s.prepare(a)
	if err != nil {
		return err
	}
	at := s.config.Clock()
	if err := s.kept(ctx, func() error { return s.authenticate(ctx, a, data) }); err != nil {
		s.sayRefusal(err)
		if errors.Is(err, syscall.ENOENT) {
			return fmt.Errorf("%w: %w", roam.ErrUnknownTarget, err)
		}
		return busy(err)
	}
	s.current = a
	s.enter(roam.PhaseAuthenticating)
	s.emit(roam.Event{At: at, What: roam.Trying, AP: r.peer, Record: s.record(at, trying(a))})
	return nil
}

// trying is the supplicant's line of it (wpa_supplicant, sme.c,
// sme_send_authentication).
func trying(a *attempt) string {
	f := a.first()
	return fmt.Sprintf("SME: Trying to authenticate with %v (SSID='%s' freq=%d MHz)", f.bssid, a.network.ssid, f.freq)
}

// prepare chooses how to prove who we are, and returns what the first
// Authentication frame has to say of it.
func (s *Station) prepare(a *attempt) (data []byte, err error) {
	if a.open() {
		return nil, nil
	}
	if !a.sae() {
		a.pmk = a.network.psk
		return nil, nil
	}
	if cached, ok := s.pmksa.Latest(s.config.Clock().Boot, a.peer, a.akm); ok && !s.config.AlwaysSAE {
		a.pmk, a.pmkid = cached.PMK, &cached.PMKID
		return nil, nil
	}
	a.session, err = sae.NewSession(sae.Config{
		Own: s.device.Addr, Peer: a.peer, Passwords: []*sae.Password{a.network.password},
		Groups: s.config.Groups, Methods: []sae.Method{a.method}, AKMs: []keys.AKM{a.akm},
	})
	if err != nil {
		return nil, err
	}
	step := a.session.Start()
	if step.Err != nil || len(step.Send) != 1 {
		return nil, fmt.Errorf("begin SAE: %w", step.Err)
	}
	return authData(&step.Send[0]), nil
}

// authData is what NL80211_ATTR_AUTH_DATA has: transaction, status and what
// follows them.
func authData(m *sae.Message) []byte {
	b := binary.LittleEndian.AppendUint16(nil, m.Transaction)
	b = binary.LittleEndian.AppendUint16(b, uint16(m.Status))
	return append(b, m.Body...)
}

// authenticate asks for one exchange of Authentication frames.
func (s *Station) authenticate(ctx context.Context, a *attempt, data []byte) error {
	f := a.first()
	request := nl80211.AuthRequest{
		Interface: s.device.Index, BSSID: f.bssid, Freq: f.freq, SSID: a.network.ssid, MLD: a.target(),
		Type: nl80211.AuthOpen, Data: data,
	}
	if data != nil {
		request.Type = nl80211.AuthSAE
	}
	return s.kernel.Authenticate(ctx, request)
}

// between lets the configuration's hook run. Its error is that of the attempt.
func (s *Station) between(ctx context.Context, next Step) error {
	if s.config.Between == nil {
		return ctx.Err()
	}
	if err := s.config.Between(ctx, next); err != nil {
		return fmt.Errorf("before %s: %w", next, err)
	}
	return ctx.Err()
}

// enter begins a phase of an attempt, which has to end in time.
func (s *Station) enter(phase roam.Phase) {
	s.phase, s.due = phase, 0
	if phase != roam.PhaseConnected {
		s.due = s.now() + s.config.Patience
	}
}

// authenticated takes an Authentication frame.
func (s *Station) authenticated(e roam.Event, auth *dot11.AuthBody) {
	a := s.current
	e.AP = a.peer
	switch {
	case a.session != nil && auth.Algorithm == dot11.AuthSAE && auth.Transaction == sae.TransactionCommit:
		s.saeStep(e, auth, a.session.HandleCommit(auth.Status, auth.Body))
	case a.session != nil && auth.Algorithm == dot11.AuthSAE && auth.Transaction == sae.TransactionConfirm:
		s.saeStep(e, auth, a.session.HandleConfirm(auth.Status, auth.Body))
	case auth.Status != dot11.StatusSuccess:
		s.refused(e, auth.Status)
	case a.session == nil && auth.Algorithm == dot11.AuthOpen:
		s.emit(e)
		s.associate()
	default:
		s.emit(e)
	}
}

// saeStep does what SAE asks for.
func (s *Station) saeStep(e roam.Event, auth *dot11.AuthBody, step sae.Step) {
	a := s.current
	switch step.Outcome {
	case sae.Failed, sae.Refused:
		var refusal *sae.RefusedError
		if errors.As(step.Err, &refusal) {
			s.refused(e, auth.Status)
			return
		}
		s.emit(e)
		s.giveUp(fmt.Sprintf("SAE with %v failed: %v", a.peer, step.Err), dot11.ReasonUnspecified)
		return
	case sae.Accepted:
		s.emit(e)
		k, _ := a.session.Keys()
		a.pmk = k.PMK
		s.pmksa.Add(rsn.PMKSA{PMKID: k.PMKID, Peer: a.peer, AKM: k.AKM, PMK: k.PMK, Expires: s.config.Clock().Boot + pmksaLifetime})
		s.associate()
		return
	}
	s.emit(e)
	for i := range step.Send {
		if err := s.between(s.life, StepConfirm); err != nil {
			s.giveUp(err.Error(), dot11.ReasonDeauthLeaving)
			return
		}
		if err := s.authenticate(s.life, a, authData(&step.Send[i])); err != nil {
			s.kernelRefused(err)
			return
		}
		s.enter(roam.PhaseAuthenticating)
	}
}

// associate asks for the association.
func (s *Station) associate() {
	a := s.current
	if err := s.between(s.life, StepAssociate); err != nil {
		s.giveUp(err.Error(), dot11.ReasonDeauthLeaving)
		return
	}
	request := nl80211.AssocRequest{
		Interface: s.device.Index, SSID: a.network.ssid, MLD: a.target(), PrevBSSID: a.previous,
		Crypto: a.crypto(), SocketOwner: true,
	}
	if f := a.first(); !a.multi {
		request.BSSID, request.Freq = f.bssid, f.freq
	} else {
		for _, l := range a.legs {
			request.Links = append(request.Links, nl80211.AssocLink{ID: l.id, BSSID: l.bssid, Freq: l.freq, Disabled: l.disabled})
		}
	}
	if !a.open() {
		a.rsne, a.rsnxe = a.rsneFor(a.pmkid), a.rsnxeFor()
		request.ControlPort = nl80211.ControlPort{
			Controlled: true, OverNL80211: true,
			NoPreauth: s.wiphy.ExtFeatures.Has(nl80211.ExtFeatureControlPortNoPreauth),
		}
	}
	request.Elements = slices.Concat(a.rsne, s.capabilities(), a.rsnxe)
	if err := s.kernel.Associate(s.life, request); err != nil {
		s.kernelRefused(err)
		return
	}
	s.enter(roam.PhaseAssociating)
}

// capabilities is the Extended Capabilities element: what the device does by
// itself, as mac80211 adds none (wpa_supplicant, wpas_build_ext_capab).
func (s *Station) capabilities() []byte {
	content := s.wiphy.ExtCapabilities
	for i := range s.wiphy.Extended {
		if e := &s.wiphy.Extended[i]; e.Type == nl80211.TypeStation {
			content = e.Capabilities
		}
	}
	if len(content) == 0 {
		return nil
	}
	return dot11.ExtendedCapabilities(content).Element().Append(nil)
}

// associated takes an answer to the association request.
func (s *Station) associated(e roam.Event, response *nl80211.Associated) {
	a := s.current
	e.AP = a.peer
	status := response.Response.Status
	switch {
	case status == dot11.StatusInvalidPMKID && a.pmkid != nil:
		s.emit(e)
		s.withoutPMKSA()
	case status != dot11.StatusSuccess:
		s.refused(e, status)
	default:
		a.accepted = true
		a.takeRefusals(response.Response.Elements)
		e.What = roam.Associated
		s.emit(e)
	}
}

// withoutPMKSA begins anew with SAE, as the access point does not know the PMK any
// more.
func (s *Station) withoutPMKSA() {
	a := s.current
	s.pmksa.Remove(*a.pmkid, a.peer, a.akm)
	if err := s.begin(s.life, a.route, a.previous); err != nil {
		s.kernelRefused(err)
	}
}

// takeRefusals reads which links the access point did not accept.
func (a *attempt) takeRefusals(elements dot11.Elements) {
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !a.multi || !ok {
		return
	}
	ml, err := dot11.ParseMultiLink(body)
	if err != nil {
		return
	}
	for i := range a.legs {
		p, ok := ml.Profile(a.legs[i].id)
		if !ok || a.legs[i].id == a.over {
			continue
		}
		content, err := dot11.ParseStationProfile(p.Body, true)
		a.legs[i].refused = err == nil && content.Status.Present && content.Status.Value != dot11.StatusSuccess
	}
}

// connected takes the kernel's word that the association stands, which names our
// addresses on the links.
func (s *Station) connected(e roam.Event, c *nl80211.Connected) {
	a := s.current
	s.emit(e)
	for i := range a.legs {
		l := &a.legs[i]
		l.local = s.device.Addr
		for _, told := range c.Links {
			if a.multi && told.ID == l.id {
				l.local = told.Local
			}
		}
	}
	if a.open() {
		s.enter(roam.PhaseConnected)
		s.emit(s.own(roam.Connected))
		return
	}
	supplicant, err := rsn.NewSupplicant(rsn.SupplicantConfig{Association: a.association(s.device.Addr), Alter: s.config.Alter})
	if err != nil {
		s.giveUp(err.Error(), dot11.ReasonUnspecified)
		return
	}
	a.supplicant = supplicant
	s.enter(roam.PhaseHandshake)
	if a.early != nil {
		s.eapol(a.early)
	}
}

// refused tells that the access point has refused, and ends the attempt.
func (s *Station) refused(e roam.Event, status dot11.StatusCode) {
	e.What, e.Status = roam.Refused, status
	s.abandon(e, dot11.ReasonDeauthLeaving)
}

// kernelRefused tells that the kernel has refused a step, and ends the attempt.
func (s *Station) kernelRefused(err error) {
	e := s.own(roam.Refused)
	var refusal *nl80211.Error
	if !errors.As(err, &refusal) {
		s.giveUp(err.Error(), dot11.ReasonUnspecified)
		return
	}
	lines := refusal.Lines()
	for _, line := range lines[1:] {
		s.say(line)
	}
	e.Record = s.record(e.At, lines[0])
	s.abandon(e, dot11.ReasonUnspecified)
}

// giveUp ends the attempt, and says why.
func (s *Station) giveUp(why string, reason dot11.ReasonCode) {
	e := s.own(roam.GaveUp)
	e.Record = s.record(e.At, why)
	s.abandon(e, reason)
}

// abandon ends the attempt in the kernel, also where the station ends, and tells
// why.
func (s *Station) abandon(e roam.Event, reason dot11.ReasonCode) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.life), farewell)
	defer cancel()
	err := s.deauthenticate(ctx, reason)
	s.away(e)
	if err != nil {
		s.sayRefusal(err)
	}
}

// away tells what has ended a connection or an attempt, and forgets it.
func (s *Station) away(e roam.Event) {
	if s.current != nil {
		e.AP = s.current.peer
	}
	s.current, s.query, s.due = nil, nil, 0
	s.phase = roam.PhaseDisconnected
	s.emit(e)
}
