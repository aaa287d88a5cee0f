package ap

import (
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// associate takes an Association or Reassociation Request.
func (a *AP) associate(l *link, from dot11.Addr, kind dot11.FrameControl, body []byte) {
	req, err := dot11.ParseAssocRequestBody(body, kind == dot11.ReassocRequest)
	if err != nil {
		return
	}
	response := dot11.AssocResponse
	if kind == dot11.ReassocRequest {
		response = dot11.ReassocResponse
	}
	s := a.stations.onAir[from]
	if s == nil || !s.authenticated {
		// IEEE 802.11-2020, 11.3.5.3: class 2 frame from a station in state 1.
		reason := dot11.ReasonBody{Reason: dot11.ReasonClass2FromNonauth}
		a.manage(l, dot11.Deauth, from, reason.Append(nil))
		return
	}
	status := a.admit(s, l, from, req.Elements)
	answer := answering{ap: a, link: l, kind: "assoc", station: s, status: status, refused: map[uint8]dot11.StatusCode{}}
	if status == dot11.StatusRefusedTemporarily {
		answer.comeback = saQueryComeback
	}
	a.consult(&answer, from)
	if answer.ignored {
		return
	}
	s.refused = map[uint8]bool{}
	for id := range answer.refused {
		s.refused[id] = true
		delete(s.links, id)
	}
	if answer.status == dot11.StatusSuccess && !a.accept(s) {
		answer.status = dot11.StatusNoMoreStations
	}
	accepted := answer.status == dot11.StatusSuccess
	a.manage(l, response, from, a.assocResponse(s, l, &answer, from))
	if !accepted {
		a.event(Refused, s.addr, l, fmt.Sprintf("association, status %d", answer.status))
		return
	}
	a.event(Associated, s.addr, l, describeLinks(s))
	s.rekeyWhenOpen = answer.rekeyWhenOpen
	a.begin(s)
	if answer.rekey {
		a.rekey()
	}
	if answer.after != nil {
		answer.after()
	}
}

func describeLinks(s *station) string {
	ids := make([]string, 0, len(s.links))
	for id := range s.links {
		ids = append(ids, fmt.Sprintf("%d", id))
	}
	slices.Sort(ids)
	return "links " + strings.Join(ids, ",")
}

// admit reads what the request asks for into s and says whether it can be had.
func (a *AP) admit(s *station, l *link, from dot11.Addr, elements dot11.Elements) dot11.StatusCode {
	ssid, ok := elements.Find(dot11.ElementSSID)
	if !ok || string(ssid) != a.config.SSID {
		return dot11.StatusUnspecified
	}
	if status := a.readLinks(s, l, from, elements); status != dot11.StatusSuccess {
		return status
	}
	if a.config.Security == Open {
		return dot11.StatusSuccess
	}
	if status := a.readRSNE(s, elements); status != dot11.StatusSuccess {
		return status
	}
	if old := a.stations.associated[s.addr]; old != nil && old != s && old.mfp && old.connected && s.sae == nil {
		// Whoever holds the old keys decides (IEEE 802.11-2020, 11.3.5.3 c).
		if !a.askSAQuery(old) {
			return dot11.StatusRefusedTemporarily
		}
	}
	return dot11.StatusSuccess
}

// readLinks takes from a multi-link request which links the station wants and
// its address on each.
func (a *AP) readLinks(s *station, l *link, from dot11.Addr, elements dot11.Elements) dot11.StatusCode {
	s.links = map[uint8]dot11.Addr{l.id: from}
	s.link = l
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !ok || !a.MultiLink() {
		s.multi = false
		return dot11.StatusSuccess
	}
	ml, err := dot11.ParseMultiLink(body)
	if err != nil || ml.Type != dot11.MultiLinkBasic || ml.MLDAddr != s.addr {
		return dot11.StatusInvalidElement
	}
	s.multi = true
	for _, p := range ml.Profiles {
		if other := a.linkByID(p.LinkID); other != nil && other != l && !p.Addr.IsZero() && !p.Addr.Group() {
			s.links[p.LinkID] = p.Addr
		}
	}
	return dot11.StatusSuccess
}

// readRSNE checks the suites that the station has chosen against those offered.
func (a *AP) readRSNE(s *station, elements dot11.Elements) dot11.StatusCode {
	body, ok := elements.Find(dot11.ElementRSN)
	if !ok {
		return dot11.StatusInvalidElement
	}
	rsne, err := dot11.ParseRSNE(body)
	if err != nil || len(rsne.Pairwise) != 1 || len(rsne.AKMs) != 1 {
		return dot11.StatusInvalidElement
	}
	cipher, akm := keys.Cipher(rsne.Pairwise[0]), keys.AKM(rsne.AKMs[0])
	switch {
	case keys.Cipher(rsne.Group) != a.config.Ciphers[0]:
		return dot11.StatusInvalidGroupCipher
	case !slices.Contains(a.config.Ciphers, cipher):
		return dot11.StatusInvalidPairwiseCipher
	case !slices.Contains(a.akms(), akm):
		return dot11.StatusInvalidAKMP
	}
	s.rsne = (dot11.Element{ID: dot11.ElementRSN, Body: body}).Append(nil)
	s.rsnxe = nil
	if body, ok := elements.Find(dot11.ElementRSNX); ok {
		s.rsnxe = (dot11.Element{ID: dot11.ElementRSNX, Body: body}).Append(nil)
	}
	s.cipher = cipher
	s.mfp = a.config.Security == SAE && rsne.Capabilities.Has(dot11.RSNMFPCapable)
	if a.config.Security == SAE && !s.mfp {
		return dot11.StatusRobustManagementPolicy
	}
	return a.readPMKID(s, akm, rsne.PMKIDs)
}

// readPMKID finds the PMK: of the exchange before, of an earlier one that the
// station names, or of the password.
func (a *AP) readPMKID(s *station, akm keys.AKM, named [][16]byte) dot11.StatusCode {
	if a.config.Security == PSK {
		s.akm, s.pmk = akm, a.secrets.psk
		return dot11.StatusSuccess
	}
	if s.sae != nil {
		if akm != s.akm {
			return dot11.StatusInvalidAKMP
		}
		return dot11.StatusSuccess
	}
	for _, id := range named {
		if entry, ok := a.secrets.pmksa.Find(a.now, keys.PMKID(id), s.addr, akm); ok {
			s.akm, s.pmk, s.pmkid = akm, entry.PMK, keys.PMKID(id)
			return dot11.StatusSuccess
		}
	}
	return dot11.StatusInvalidPMKID
}

// accept makes the station the one that is associated, in place of its old
// self; ok is false where there is no room for it.
func (a *AP) accept(s *station) (ok bool) {
	s.connected, s.pairwise, s.handshake = false, nil, nil
	return a.stations.associate(s)
}

// begin opens the port, or starts the handshake that will.
func (a *AP) begin(s *station) {
	if a.config.Security == Open {
		s.connected = true
		a.event(Connected, s.addr, s.link, describeLinks(s))
		return
	}
	a.beginHandshake(s)
}
