package ap

import (
	"encoding/binary"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/protect"
	"roamfault/roam/rsn/sae"
)

// hear takes a frame and says whether it is acknowledged.
func (a *AP) hear(f Frame) (acknowledged bool) {
	if a.now < a.silentTo || len(f.Data) < 2 {
		return false
	}
	fc := dot11.FrameControl(binary.LittleEndian.Uint16(f.Data))
	if fc.Control() {
		return a.hearControl(fc, f)
	}
	h, body, err := dot11.ParseHeader(f.Data)
	if err != nil {
		return false
	}
	if h.FC.Kind() == dot11.ProbeRequest {
		return a.hearProbe(&h, f, body)
	}
	l := a.linkAt(h.Addr1, f.Freq)
	if l == nil || h.Addr2.Group() || h.Addr2.IsZero() {
		return false
	}
	kind := kindOf(h.FC)
	s := a.stations.onLink[h.Addr2]
	if s != nil && s.handshake != nil && !s.connected && kind == "data" {
		kind = "eapol"
	}
	m := hearing{ap: a, link: l, kind: kind, station: h.Addr2, mld: a.sender(&h, body)}
	a.overhear(&m)
	if !m.ignored && !a.heard.again(&h) {
		a.handle(l, &h, f.Data, body)
	}
	return !m.unacked
}

// sender is the MLD address that an Authentication frame names, which is how a
// rule knows a station that the access point does not; zero where there is none.
func (a *AP) sender(h *dot11.Header, body []byte) dot11.Addr {
	if h.FC.Kind() != dot11.Auth || len(a.rules) == 0 {
		return dot11.Addr{}
	}
	auth, err := dot11.ParseAuthBody(body)
	if err != nil {
		return dot11.Addr{}
	}
	rest := auth.Body
	if method, ok := sae.MethodOf(auth.Status); ok && auth.Algorithm == dot11.AuthSAE && auth.Transaction == sae.TransactionCommit {
		commit, err := sae.ParseCommit(method, rest)
		if err != nil {
			return dot11.Addr{}
		}
		rest = commit.Rest
	}
	elements, _ := dot11.ParseElements(rest)
	return a.newcomer(nil, h.Addr2, elements).addr
}

// overhear asks the rules at work whether the frame arrives.
func (a *AP) overhear(m *hearing) {
	for _, r := range a.rules {
		if r.fault.hear != nil && a.applies(r, m.link, m.kind, m.station, m.mld) {
			r.fault.hear(&r.Rule, m)
		}
	}
}

// handle takes a frame for one of the links.
func (a *AP) handle(l *link, h *dot11.Header, frame, body []byte) {
	switch h.FC.Kind() {
	case dot11.Auth:
		a.authenticate(l, h.Addr2, body)
		return
	case dot11.AssocRequest, dot11.ReassocRequest:
		a.associate(l, h.Addr2, h.FC.Kind(), body)
		return
	}
	s := a.stations.onLink[h.Addr2]
	if s == nil {
		a.handleStranger(l, h)
		return
	}
	if own, ok := s.over(l); !ok || own != h.Addr2 {
		return
	}
	protected := h.FC&dot11.Protected != 0
	if protected {
		if s.pairwise == nil {
			return
		}
		opened, err := s.pairwise.open(a, s, l, frame)
		if err != nil {
			a.event(Undecipherable, s.addr, l, err.Error())
			return
		}
		h, body = &opened.Header, opened.Body
		s.silent = false
	}
	s.heard = l
	if h.FC.Data() {
		a.power(s, l, h.FC)
		a.data(s, l, h, body, protected)
		return
	}
	if s.mfp && s.connected && !protected && protect.Robust(frame) {
		return
	}
	a.handleManagement(s, l, h, body)
}

func (a *AP) handleManagement(s *station, l *link, h *dot11.Header, body []byte) {
	switch h.FC.Kind() {
	case dot11.Deauth, dot11.Disassoc:
		reason, err := dot11.ParseReasonBody(body)
		if err != nil {
			return
		}
		a.event(Left, s.addr, l, kindOf(h.FC)+", reason "+reason.Reason.String())
		a.stations.drop(s)
	case dot11.Action:
		a.action(s, l, body)
	}
}

// handleStranger answers data of a station that is not associated here (IEEE
// 802.11-2020, 11.3.4.1): it seems to believe it is.
func (a *AP) handleStranger(l *link, h *dot11.Header) {
	switch h.FC.Kind() {
	case dot11.Deauth:
		a.stations.candidates.end(h.Addr2)
	case dot11.Data, dot11.QoSData:
		reason := dot11.ReasonBody{Reason: dot11.ReasonClass3FromNonassoc}
		a.manage(l, dot11.Deauth, h.Addr2, reason.Append(nil))
	}
}

// hearControl takes a PS-Poll (IEEE 802.11-2020, 9.3.1.5); all other control
// frames are the radio's business.
func (a *AP) hearControl(fc dot11.FrameControl, f Frame) bool {
	const length = 16
	if fc.Kind() != dot11.PSPoll || len(f.Data) < length {
		return false
	}
	l := a.linkAt(dot11.Addr(f.Data[4:10]), f.Freq)
	from := dot11.Addr(f.Data[10:16])
	if l == nil {
		return false
	}
	m := hearing{ap: a, link: l, kind: "null", station: from}
	a.overhear(&m)
	if s := a.stations.onLink[from]; !m.ignored && s != nil {
		a.psPoll(s, l)
	}
	return !m.unacked
}

// hearProbe answers a Probe Request on every link that it concerns.
func (a *AP) hearProbe(h *dot11.Header, f Frame, body []byte) bool {
	if h.Addr2.Group() || h.Addr2.IsZero() || !h.Addr1.Group() && a.linkAt(h.Addr1, f.Freq) == nil {
		return false
	}
	probe, err := dot11.ParseProbeRequestBody(body)
	if err != nil {
		return false
	}
	ssid, ok := probe.Elements.Find(dot11.ElementSSID)
	if !ok || len(ssid) > 0 && string(ssid) != a.config.SSID {
		return false
	}
	acknowledged := false
	for _, l := range a.links {
		if l.gone || l.channel.Freq != f.Freq || !h.Addr1.Group() && l.bssid != h.Addr1 {
			continue
		}
		m := hearing{ap: a, link: l, kind: "probe", station: h.Addr2}
		a.overhear(&m)
		if !m.ignored {
			a.sendProbeResponse(l, h.Addr2)
		}
		acknowledged = acknowledged || !h.Addr1.Group() && !m.unacked
	}
	return acknowledged
}
