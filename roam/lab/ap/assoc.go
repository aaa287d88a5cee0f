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
	s := a.stations.asking(from)
	if s == nil {
		// IEEE 802.11-2020, 11.3.5.3: class 2 frame from a station in state 1.
		reason := dot11.ReasonBody{Reason: dot11.ReasonClass2FromNonauth}
		a.manage(l, dot11.Deauth, from, reason.Append(nil))
		return
	}
	status := a.admit(s, l, from, req.Elements)
	answer := answering{ap: a, link: l, kind: "assoc", station: s, status: status, last: true, refused: map[uint8]dot11.StatusCode{}}
	if status == dot11.StatusRefusedTemporarily {
		answer.comeback = saQueryComeback
	}
	a.consult(&answer, from)
	if answer.ignored {
		return
	}
	s.refused = map[uint8]dot11.Addr{}
	for id := range answer.refused {
		s.refused[id] = s.links[id]
		delete(s.links, id)
	}
	if answer.status == dot11.StatusSuccess && !a.stations.associate(s, from) {
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
	if answer.after != nil {
		answer.after()
	}
	a.begin(s)
	if answer.rekey {
		a.rekey()
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
	return a.askHolders(s)
}

// askHolders lets those decide who hold keys with one of the station's
// addresses, however it has authenticated: only where they do not answer is it
// given their place (IEEE 802.11-2020, 11.3.5.3; hostapd 2.11,
// __check_assoc_ies).
func (a *AP) askHolders(s *station) dot11.StatusCode {
	status := dot11.StatusSuccess
	for _, old := range a.stations.holders(s) {
		if old.mfp && old.connected && !a.askSAQuery(old) {
			status = dot11.StatusRefusedTemporarily
		}
	}
	return status
}

// readLinks takes from a multi-link request which links the station wants and
// its address on each.
func (a *AP) readLinks(s *station, l *link, from dot11.Addr, elements dot11.Elements) dot11.StatusCode {
	s.links = map[uint8]dot11.Addr{l.id: from}
	s.link = l
	if !s.multi {
		return dot11.StatusSuccess
	}
	body, ok := elements.FindExt(dot11.ExtMultiLink)
	if !ok {
		return dot11.StatusInvalidElement
	}
	ml, err := dot11.ParseMultiLink(body)
	if err != nil || ml.Type != dot11.MultiLinkBasic || ml.MLDAddr != s.addr {
		return dot11.StatusInvalidElement
	}
	for _, p := range ml.Profiles {
		other := a.linkByID(p.LinkID)
		if other == nil || other == l || p.Addr.IsZero() || p.Addr.Group() {
			continue
		}
		for _, addr := range s.links {
			if addr == p.Addr {
				return dot11.StatusInvalidElement
			}
		}
		s.links[p.LinkID] = p.Addr
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
	if a.config.Security == SAE && (!s.mfp || !groupManagementIs(rsne.GroupManagement)) {
		return dot11.StatusRobustManagementPolicy
	}
	return a.readPMKID(s, akm, rsne.PMKIDs)
}

// groupManagementIs reports whether a station means the cipher that is in use;
// it need not say so.
func groupManagementIs(said dot11.Suite) bool {
	return said == 0 || keys.Cipher(said) == groupManagement
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

// begin opens the port, or starts the handshake that will.
func (a *AP) begin(s *station) {
	if a.config.Security == Open {
		s.connected = true
		a.event(Connected, s.addr, s.link, describeLinks(s))
		return
	}
	a.beginHandshake(s)
}
