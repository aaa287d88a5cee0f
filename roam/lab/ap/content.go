package ap

import (
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Beacons come every so many TU, a DTIM is every so many beacons.
const (
	beaconInterval = 100
	dtimPeriod     = 2
)

// shape puts together what a frame says of the access point: the elements, in
// the order of IEEE 802.11-2020, table 9-32, with the Multi-Link element in its
// place, after the rules at work have changed both.
func (a *AP) shape(l *link, kind string, elements dot11.Elements, ml *dot11.MultiLink, to dot11.Addr) dot11.Elements {
	m := shaping{ap: a, link: l, kind: kind, elements: elements, multiLink: ml}
	for _, r := range a.rules {
		if r.fault.shape != nil && (r.fault.present == nil || r.fault.present(&m)) && a.applies(r, l, kind, to) {
			r.fault.shape(&r.Rule, &m)
		}
	}
	if m.multiLink != nil {
		m.elements = append(m.elements, m.multiLink.Element())
	}
	return m.elements
}

// capability is the field of that name in beacons and association responses.
func (a *AP) capability(l *link) dot11.Capability {
	c := dot11.CapabilityESS
	if a.config.Security != Open {
		c |= dot11.CapabilityPrivacy
	}
	if l.channel.Band == dot11.Band2GHz {
		c |= dot11.CapabilityShortSlot
	}
	return c
}

// akms are the AKM suites on offer.
func (a *AP) akms() []keys.AKM {
	switch {
	case a.config.Security == PSK:
		return []keys.AKM{keys.AKMPSK}
	case a.config.ExtKey:
		return []keys.AKM{keys.AKMSAE, keys.AKMSAEExtKey}
	}
	return []keys.AKM{keys.AKMSAE}
}

// rsneElement is the RSNE of a link.
func (a *AP) rsneElement() dot11.Element {
	e := dot11.RSNE{Version: dot11.RSNVersion, Group: dot11.Suite(a.config.Ciphers[0])}
	for _, c := range a.config.Ciphers {
		e.Pairwise = append(e.Pairwise, dot11.Suite(c))
	}
	for _, akm := range a.akms() {
		e.AKMs = append(e.AKMs, dot11.Suite(akm))
	}
	// 16 replay counters of each kind, as access points with QoS have them.
	e.Capabilities = dot11.RSNPTKSAReplayCounters
	if a.config.Security == SAE {
		e.Capabilities |= dot11.RSNMFPCapable | dot11.RSNMFPRequired
	}
	return e.Element()
}

// rsnxeElement is the RSNXE, which only SAE has: it says that passwords are
// hashed to elements.
func (a *AP) rsnxeElement() (dot11.Element, bool) {
	if a.config.Security != SAE {
		return dot11.Element{}, false
	}
	return dot11.NewRSNXE(dot11.RSNXSAEH2E).Element(), true
}

// extendedCapabilities say what the access point does beside.
func (a *AP) extendedCapabilities() dot11.Element {
	more := []dot11.ExtendedCapability{dot11.ExtCapBSSTransition}
	if a.config.BeaconProtection {
		more = append(more, dot11.ExtCapBeaconProtection)
	}
	return dot11.DefaultExtendedCapabilities(more...).Element()
}

// basicMultiLink is the Basic Multi-Link element of a link, without profiles.
func (a *AP) basicMultiLink(l *link) *dot11.MultiLink {
	if !a.MultiLink() {
		return nil
	}
	return &dot11.MultiLink{
		Type: dot11.MultiLinkBasic, MLDAddr: a.mld,
		LinkID: dot11.Some(l.id), BSSChangeCount: dot11.Some(l.changes),
		// Of so many links, less one, frames can be exchanged at a time.
		MLDCapabilities: dot11.Some(dot11.MLDCapabilities(len(a.links) - 1)),
	}
}

// neighbors is the Reduced Neighbor Report of a link: the other links of its
// AP MLD.
func (a *AP) neighbors(l *link) dot11.ReducedNeighborReport {
	var report dot11.ReducedNeighborReport
	for _, other := range a.links {
		if other == l || other.gone {
			continue
		}
		report = append(report, dot11.NeighborAP{
			Class: other.channel.OperatingClass(), Channel: other.channel.Number, Format: dot11.TBTTFullMLD,
			BSSs: []dot11.TBTTInfo{{
				Offset: 255, BSSID: other.bssid, ShortSSID: dot11.ShortSSID([]byte(a.config.SSID)),
				Parameters: dot11.BSSSameSSID | dot11.BSSColocatedAP, PSD: noPowerLimit,
				MLD: dot11.NeighborMLD{LinkID: other.id, BSSChangeCount: other.changes},
			}},
		})
	}
	return report
}

// noPowerLimit is the PSD that names none (IEEE 802.11-2020, 9.4.2.170.3).
const noPowerLimit = 127

// describe is what beacons and probe responses of a link say.
func (a *AP) describe(l *link, kind string, to dot11.Addr) dot11.Elements {
	elements := dot11.Elements{dot11.SSIDElement([]byte(a.config.SSID))}
	elements = append(elements, rates(l.channel.Band)...)
	if l.channel.Band == dot11.Band2GHz {
		elements = append(elements, dot11.DSSSParameterElement(l.channel.Number), dot11.ERPElement())
	}
	if kind == "beacon" {
		elements = append(elements, a.tim(l))
	}
	if l.change != nil {
		elements = append(elements, l.change.elements(a, l)...)
	}
	if a.config.Security != Open {
		elements = append(elements, a.rsneElement())
	}
	elements = append(elements, a.physical(l)...)
	elements = append(elements, a.extendedCapabilities())
	if a.MultiLink() && len(a.links) > 1 {
		elements = append(elements, a.neighbors(l).Element())
	}
	if e, ok := a.rsnxeElement(); ok {
		elements = append(elements, e)
	}
	return a.shape(l, kind, elements, a.basicMultiLink(l), to)
}

// beacon sends the beacon of a link and sees to the next: on whole beacon
// intervals of the TSF. A moment that was missed is not made up for.
func (a *AP) beacon(l *link, now time.Duration) {
	if l.gone {
		return
	}
	interval := beaconInterval * TU
	a.timers.at((now/interval+1)*interval, func(now time.Duration) { a.beacon(l, now) })
	if l.change != nil && l.change.step(a, l) {
		return
	}
	body := dot11.BeaconBody{Timestamp: tsf(now), Interval: beaconInterval, Capability: a.capability(l)}
	body.Elements = a.describe(l, "beacon", dot11.BroadcastAddr())
	h := l.header(dot11.Beacon, dot11.BroadcastAddr(), l.bssid)
	frame := body.Append(h.Append(nil))
	if l.inUse.bigtk != nil {
		sealed, err := l.inUse.bigtk.Protect(nil, frame)
		if err != nil {
			a.event(Undecipherable, h.Addr1, l, "beacon not sent: "+err.Error())
			return
		}
		frame = sealed
	}
	a.transmit(l, "beacon", h.Addr1, frame)
	if l.beacons%dtimPeriod == 0 {
		a.releaseGroup(l)
	}
	l.beacons++
}

// releaseGroup sends what was kept for a DTIM.
func (a *AP) releaseGroup(l *link) {
	for i, m := range l.group {
		a.sendGroupNow(l, m, i+1 < len(l.group))
	}
	l.group = nil
}

// tim says for whom frames wait.
func (a *AP) tim(l *link) dot11.Element {
	var aids []uint16
	for aid, s := range a.stations.byAID {
		if _, ok := s.over(l); ok && len(s.waiting) > 0 {
			aids = append(aids, aid)
		}
	}
	count := uint8((dtimPeriod - l.beacons%dtimPeriod) % dtimPeriod)
	t := dot11.NewTIM(count, dtimPeriod, count == 0 && len(l.group) > 0, aids)
	return t.Element()
}

// sendProbeResponse answers a probe request of a station on a link.
func (a *AP) sendProbeResponse(l *link, to dot11.Addr) {
	body := dot11.BeaconBody{Timestamp: tsf(a.now), Interval: beaconInterval, Capability: a.capability(l)}
	body.Elements = a.describe(l, "probe", to)
	a.manage(l, dot11.ProbeResponse, to, body.Append(nil))
}

// assocResponse is the body of an answer to an association request.
func (a *AP) assocResponse(s *station, l *link, answer *answering, to dot11.Addr) []byte {
	body := dot11.AssocResponseBody{Capability: a.capability(l), Status: answer.status}
	if answer.status == dot11.StatusSuccess {
		body.AID = s.aid
	}
	elements := rates(l.channel.Band)
	if answer.comeback > 0 && answer.status == dot11.StatusRefusedTemporarily {
		timeout := dot11.TimeoutInterval{Type: dot11.TimeoutAssocComeback, Value: answer.comeback}
		elements = append(elements, timeout.Element())
	}
	elements = append(elements, a.physical(l)...)
	elements = append(elements, a.extendedCapabilities())
	if e, ok := a.rsnxeElement(); ok {
		elements = append(elements, e)
	}
	var ml *dot11.MultiLink
	if s.multi {
		ml = a.basicMultiLink(l)
		for _, other := range a.links {
			_, ok := s.over(other)
			if _, refused := s.refused[other.id]; other != l && (ok || refused) {
				ml.Profiles = append(ml.Profiles, a.profile(other, answer.refused[other.id], elements))
			}
		}
	}
	body.Elements = a.shape(l, "assoc", elements, ml, to)
	return body.Append(nil)
}

// profile is what an association response says of another link, as far as it
// differs from what the response around it says (IEEE 802.11be-2024, 35.3.3.3
// and 35.3.3.4).
func (a *AP) profile(l *link, status dot11.StatusCode, around dot11.Elements) dot11.LinkProfile {
	complete := append(rates(l.channel.Band), a.physical(l)...)
	complete = append(complete, a.extendedCapabilities())
	if e, ok := a.rsnxeElement(); ok {
		complete = append(complete, e)
	}
	content := dot11.StationProfile{
		Capability: a.capability(l), Status: dot11.Some(status), Elements: complete.Deduce(around),
	}
	return dot11.LinkProfile{
		LinkID: l.id, Complete: true, Addr: l.bssid, BeaconInterval: dot11.Some(uint16(beaconInterval)),
		TSFOffset: dot11.Some(int64(0)), DTIM: dot11.Some(dot11.DTIMInfo{Period: dtimPeriod}),
		BSSChangeCount: dot11.Some(l.changes), Body: content.Append(nil),
	}
}
