package ap_test

import (
	"errors"
	"slices"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// receive takes a frame off the air.
func (s *station) receive(f ap.Frame) {
	h, body, err := dot11.ParseHeader(f.Data)
	if err != nil {
		s.note("frame: %w", err)
		return
	}
	switch h.FC.Kind() {
	case dot11.Beacon, dot11.ProbeResponse:
		s.scan(f, &h, body)
	}
	l := s.linkFor(&h, f.Freq)
	if l == nil {
		return
	}
	if !s.awake(l, &h) {
		s.missed++
		return
	}
	switch {
	case h.FC.Kind() == dot11.Beacon, h.FC.Kind() == dot11.ProbeResponse:
		s.beacon(l, &h, f.Data)
	case h.FC.Data():
		s.data(l, &h, f.Data, body)
	case h.FC.Management():
		s.management(l, &h, f.Data, body)
	}
}

// linkFor is the link that a frame is for.
func (s *station) linkFor(h *dot11.Header, freq int) *staLink {
	for _, l := range s.over {
		if l.freq == freq && l.bssid == h.Addr2 && !l.refused && (h.Addr1 == l.addr || h.Addr1.Group()) {
			return l
		}
	}
	return nil
}

// scan keeps what a beacon or probe response says.
func (s *station) scan(f ap.Frame, h *dot11.Header, body []byte) {
	b := bss{freq: f.Freq, signal: f.Signal, at: s.e.now}
	var err error
	if b.body, err = dot11.ParseBeaconBody(body); err != nil {
		s.note("beacon: %w", err)
		return
	}
	if body, ok := b.body.Elements.FindExt(dot11.ExtMultiLink); ok {
		ml, err := dot11.ParseMultiLink(body)
		if err != nil {
			s.note("beacon: %w", err)
			return
		}
		b.ml = &ml
	}
	s.known[h.Addr2] = &b
}

// awake reports whether the station hears a frame on a link.
func (s *station) awake(l *staLink, h *dot11.Header) bool {
	if !l.dozing || h.FC.Kind() == dot11.Beacon {
		return true
	}
	if h.Addr1.Group() {
		heard := l.listening
		l.listening = l.listening && h.FC&dot11.MoreData != 0
		return heard
	}
	heard := l.polling
	l.polling = false
	return heard
}

// beacon looks at what a beacon of the station's own access point announces.
func (s *station) beacon(l *staLink, h *dot11.Header, frame []byte) {
	if h.FC.Kind() != dot11.Beacon {
		return
	}
	if id, ok := protect.KeyIDOfMME(frame); ok {
		if key := l.igtk[id]; key != nil {
			s.verify(key, frame)
		}
	}
	body, ok := s.known[l.bssid].body.Elements.Find(dot11.ElementTIM)
	if !ok {
		s.note("beacon without TIM")
		return
	}
	tim, err := dot11.ParseTIM(body)
	if err != nil {
		s.note("TIM: %w", err)
		return
	}
	if l.dozing {
		l.listening = tim.Count == 0 && tim.Group
	}
}

func (s *station) verify(key *protect.IntegrityKey, frame []byte) bool {
	if _, _, err := key.Verify(frame); err != nil {
		s.note("MME: %w", err)
		return false
	}
	s.verified++
	return true
}

// options say whose addresses protect a frame on a link.
func (s *station) options(l *staLink) protect.Options {
	if !s.multi() {
		return protect.Options{}
	}
	form := protect.MLDForm
	if s.linkForm {
		form = protect.LinkForm
	}
	return protect.Options{Link: &protect.Link{AP: l.bssid, APMLD: s.target, STA: l.addr, STAMLD: s.mld}, Form: form}
}

// management takes a management frame for the station.
func (s *station) management(l *staLink, h *dot11.Header, frame, body []byte) {
	secure := false
	switch {
	case h.FC&dot11.Protected != 0:
		if s.key == nil {
			return
		}
		opened, err := s.key.Open(nil, frame, s.options(l))
		if err != nil {
			s.note("management frame: %w", err)
			return
		}
		if s.multi() && opened.Form != s.options(l).Form {
			s.otherForm++ // a kernel of one form understands no other
			return
		}
		h, body, secure = &opened.Header, opened.Body, true
	case h.Addr1.Group():
		id, ok := protect.KeyIDOfMME(frame)
		if ok && l.igtk[id] != nil {
			secure = s.verify(l.igtk[id], frame)
		}
	}
	mfp := s.security == ap.SAE && s.key != nil
	switch h.FC.Kind() {
	case dot11.Auth:
		s.auth(body)
	case dot11.AssocResponse, dot11.ReassocResponse:
		s.associated(body)
	case dot11.Deauth, dot11.Disassoc:
		reason, err := dot11.ParseReasonBody(body)
		switch {
		case err != nil:
			s.note("deauthentication: %w", err)
		case mfp && !secure:
			s.unbelieved++
		default:
			s.reason, s.disassociated = reason.Reason, h.FC.Kind() == dot11.Disassoc
			if !s.steady {
				s.phase, s.key = failed, nil
			}
		}
	case dot11.Action:
		if mfp && !secure {
			s.note("action frame in clear")
			return
		}
		s.action(l, body)
	}
}

func (s *station) action(l *staLink, body []byte) {
	a, err := dot11.ParseActionBody(body)
	if err != nil {
		s.note("action: %w", err)
		return
	}
	switch a.Category {
	case dot11.CategorySAQuery:
		q, err := dot11.ParseSAQuery(a)
		if err != nil {
			s.note("SA Query: %w", err)
			return
		}
		if q.Response {
			s.answers = append(s.answers, q.Transaction)
			return
		}
		s.queries++
		if !s.deaf {
			s.sendAction(l, dot11.SAQuery{Response: true, Transaction: q.Transaction}.Action())
		}
	case dot11.CategoryBlockAck:
		answer, err := dot11.ParseAddBlockAckResponse(a)
		if err != nil {
			s.note("block ack: %w", err)
			return
		}
		s.declined = append(s.declined, answer)
	case dot11.CategoryWNM:
		request, err := dot11.ParseTransitionRequest(a)
		if err != nil {
			s.note("transition request: %w", err)
			return
		}
		s.requests = append(s.requests, request)
		answer := dot11.TransitionResponse{Token: request.Token, Status: s.transition}
		s.sendAction(l, answer.Action())
	}
}

// auth takes an answer to an Authentication frame.
func (s *station) auth(body []byte) {
	b, err := dot11.ParseAuthBody(body)
	if err != nil || s.phase != authenticating {
		return
	}
	s.authStatus = b.Status
	if b.Algorithm == dot11.AuthOpen {
		if s.multi() && !s.namesTarget(b.Body) {
			s.note("authentication of another MLD")
		}
		if b.Status != dot11.StatusSuccess {
			s.phase = failed
			return
		}
		s.openAuthenticated()
		return
	}
	if s.session == nil {
		return
	}
	if b.Transaction == 1 {
		s.saeStep(s.session.HandleCommit(b.Status, b.Body))
	} else {
		s.saeStep(s.session.HandleConfirm(b.Status, b.Body))
	}
}

// openAuthenticated goes on after open authentication: with the password, or a
// PMK of before.
func (s *station) openAuthenticated() {
	switch s.security {
	case ap.PSK:
		psk, err := keys.PSK(s.password, []byte(ssid))
		if err != nil {
			s.e.t.Fatal(err)
		}
		s.pmk = psk
	case ap.SAE:
		k := s.cache[s.target]
		s.pmk, s.pmkid = k.PMK, k.PMKID
	}
	s.associate()
}

// namesTarget reports whether elements name the AP MLD the station goes to.
func (s *station) namesTarget(b []byte) bool {
	elements, err := dot11.ParseElements(b)
	if err != nil {
		return false
	}
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !ok {
		return false
	}
	ml, err := dot11.ParseMultiLink(body)
	return err == nil && ml.MLDAddr == s.target
}

// associated takes an association response.
func (s *station) associated(body []byte) {
	if s.phase != associating {
		return
	}
	b, err := dot11.ParseAssocResponseBody(body)
	if err != nil {
		s.note("association response: %w", err)
		return
	}
	s.assocStatus = b.Status
	if b.Status != dot11.StatusSuccess {
		s.refusedAssociation(&b)
		return
	}
	s.aid = b.AID
	if s.multi() {
		if err := s.readProfiles(b.Elements); err != nil {
			s.note("association response: %w", err)
			s.phase = failed
			return
		}
	}
	if s.security == ap.Open {
		s.phase = connected
		return
	}
	s.supplicant, err = rsn.NewSupplicant(rsn.SupplicantConfig{Association: s.association(), Rand: seeded(s.rand + 1), Alter: s.alter})
	if err != nil {
		s.e.t.Fatal(err)
	}
	s.phase, s.deadline = handshaking, s.e.now+5*time.Second
}

func (s *station) refusedAssociation(b *dot11.AssocResponseBody) {
	if body, ok := b.Elements.Find(dot11.ElementTimeoutInterval); ok {
		if t, err := dot11.ParseTimeoutInterval(body); err == nil && t.Type == dot11.TimeoutAssocComeback {
			s.comeback = t.Value
		}
	}
	if b.Status == dot11.StatusInvalidPMKID {
		// Its PMK is not known any more.
		delete(s.cache, s.target)
	}
	s.phase = failed
}

// errProfile says what is wrong with the Multi-Link element of an association
// response.
var (
	errProfile = errors.New("profile missing")
	errMLD     = errors.New("another MLD, or none")
)

// readProfiles takes the other links from an association response.
func (s *station) readProfiles(elements dot11.Elements) error {
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !ok {
		return errMLD
	}
	ml, err := dot11.ParseMultiLink(body)
	if err != nil {
		return err
	}
	if ml.MLDAddr != s.target {
		return errMLD
	}
	for id, l := range s.over {
		if id == s.assocLink {
			continue
		}
		p, ok := ml.Profile(id)
		if !ok {
			return errProfile
		}
		content, err := dot11.ParseStationProfile(p.Body, true)
		if err != nil {
			return err
		}
		if p.Addr != l.bssid {
			return errProfile
		}
		if status := content.Status.Value; status != dot11.StatusSuccess {
			l.refused = true
			s.refused[id] = status
		}
	}
	return nil
}

// association is what the station knows of itself and the access point.
func (s *station) association() rsn.Association {
	out := rsn.Association{
		AKM: s.akm, Cipher: s.cipher, PMK: s.pmk, PMKID: s.pmkid, AP: s.target, Station: s.mld,
		MultiLink: s.multi(), StationRSNE: s.rsne(), StationRSNXE: s.rsnxe(),
	}
	if s.multi() {
		out.AssocLink = s.assocLink
	}
	for id := range uint8(16) {
		l := s.over[id]
		if l == nil {
			continue
		}
		link := rsn.Link{AP: l.bssid, Station: l.addr, Group: s.group, Refused: l.refused}
		if s.multi() {
			link.ID = id
		}
		if body, ok := s.known[l.bssid].body.Elements.Find(dot11.ElementRSN); ok {
			link.RSNE = (dot11.Element{ID: dot11.ElementRSN, Body: body}).Append(nil)
		}
		if body, ok := s.known[l.bssid].body.Elements.Find(dot11.ElementRSNX); ok {
			link.RSNXE = (dot11.Element{ID: dot11.ElementRSNX, Body: body}).Append(nil)
		}
		if s.security == ap.SAE {
			link.Management = keys.BIPCMAC128
		}
		out.Links = append(out.Links, link)
	}
	return out
}

// data takes a data frame.
func (s *station) data(l *staLink, h *dot11.Header, frame, body []byte) {
	if h.FC.Null() {
		return
	}
	if h.FC&dot11.Protected != 0 {
		key := s.key
		if h.Addr1.Group() {
			_, id, err := protect.PacketNumber(frame)
			if key = l.gtk[id]; err != nil || key == nil {
				s.note("group data under key %d of link %d: %v", id, l.id, err)
				return
			}
		}
		if key == nil {
			s.note("protected data without a key")
			return
		}
		opened, err := key.Open(nil, frame, s.options(l))
		if err != nil {
			s.note("data: %w", err)
			return
		}
		h, body = &opened.Header, opened.Body
	} else if s.key != nil {
		s.note("data in clear")
		return
	}
	etherType, payload, err := dot11.ParseLLC(body)
	if err != nil {
		s.note("data: %w", err)
		return
	}
	if etherType == dot11.EtherTypeEAPOL {
		s.eapol(l, payload)
		return
	}
	if h.Addr3 == s.mld {
		return // what it has sent to a group itself
	}
	dst := h.Addr1
	if !dst.Group() {
		dst = s.mld
	}
	s.received = append(s.received, got{l.id, h.FC&dot11.MoreData != 0, dot11.MSDU{
		Dst: dst, Src: h.Addr3, EtherType: etherType, Payload: slices.Clone(payload),
	}})
}

// eapol takes a message of a handshake.
func (s *station) eapol(l *staLink, payload []byte) {
	if s.supplicant == nil {
		s.note("EAPOL without an association")
		return
	}
	step, err := s.supplicant.Receive(payload)
	if err != nil {
		s.handshakeErrors = append(s.handshakeErrors, err)
	}
	if step.Send != nil {
		s.transmit(l, s.eapolFrame(l, step.Send))
	}
	s.install(step)
	switch step.Result {
	case rsn.Established:
		s.phase = connected
	case rsn.Rekeyed:
		s.rekeys++
	case rsn.Failed:
		if !s.steady {
			s.phase = failed
		}
	}
}

func (s *station) eapolFrame(l *staLink, payload []byte) []byte {
	return s.dataFrame(l, s.target, dot11.EtherTypeEAPOL, payload)
}

// install puts keys to use.
func (s *station) install(step rsn.Step) {
	if p := step.Pairwise; p != nil {
		key, err := protect.NewKey(protect.Config{Cipher: p.Cipher, TK: p.TK})
		if err != nil {
			s.e.t.Fatal(err)
		}
		s.key = key
	}
	for _, k := range step.Group {
		l := s.over[k.Link]
		if !s.multi() {
			l = s.link()
		}
		if k.Use == rsn.GTK {
			key, err := protect.NewKey(protect.Config{Cipher: k.Cipher, ID: k.ID, TK: k.Key})
			if err != nil {
				s.e.t.Fatal(err)
			}
			key.SetReceived(k.PN)
			l.gtk[k.ID] = key
			continue
		}
		key, err := protect.NewIntegrityKey(k.Cipher, uint16(k.ID), k.Key)
		if err != nil {
			s.e.t.Fatal(err)
		}
		key.SetReceived(k.PN)
		l.igtk[uint16(k.ID)] = key
	}
}
