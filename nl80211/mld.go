package nl80211

import (
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
)

// MLD is what an access point says of the AP MLD that it is part of.
type MLD struct {
	Addr dot11.Addr // MLD address
	// Link is the link that the frame came over; not present in frames of access
	// points that leave it out.
	Link dot11.Optional[uint8]
	EML  dot11.Optional[dot11.EMLCapabilities]
	Caps dot11.Optional[dot11.MLDCapabilities]
	// Links are the other links, as the reduced neighbor report names them.
	Links []MLDLink
}

// MLDLink is another link of an AP MLD.
type MLDLink struct {
	ID        uint8
	BSSID     dot11.Addr    // zero where the report leaves it out
	Channel   dot11.Channel // zero where the report's operating class and channel are not known
	ShortSSID uint32        // 0 where the report leaves it out
	Disabled  bool
	// Profile is what the frame says of that link by itself, nil for most beacons.
	Profile *dot11.LinkProfile
}

// errNoMLD says that a frame is of no multi-link access point.
var errNoMLD = errors.New("the access point is not multi-link")

// IsNoMLD reports whether err is of MLD and says that the access point is not
// part of an AP MLD, as opposed to elements that are damaged.
func IsNoMLD(err error) bool { return errors.Is(err, errNoMLD) }

// unknownLink is the link ID of a reduced neighbor report that names none.
const unknownLink = 15

// MLD reads the multi-link element and the reduced neighbor report of the last
// frame. Of an access point that is not multi-link the error is such that IsNoMLD
// is true. What it returns shares the memory of Raw.
func (b *BSS) MLD() (MLD, error) {
	elements, damage := b.Elements()
	body, ok := basicMultiLink(elements)
	if !ok {
		if damage != nil {
			return MLD{}, fmt.Errorf("elements of %v: %w", b.BSSID, damage)
		}
		return MLD{}, fmt.Errorf("%v: %w", b.BSSID, errNoMLD)
	}
	element, err := dot11.ParseMultiLink(body)
	if err != nil {
		return MLD{}, fmt.Errorf("elements of %v: %w", b.BSSID, err)
	}
	mld := MLD{Addr: element.MLDAddr, Link: element.LinkID, EML: element.EMLCapabilities, Caps: element.MLDCapabilities}
	own := ownMLD(&element, elements)
	for _, e := range elements {
		if e.ID != dot11.ElementReducedNeighborReport {
			continue
		}
		report, err := dot11.ParseReducedNeighborReport(e.Body)
		mld.takeReport(report, own)
		if err != nil {
			return mld, fmt.Errorf("elements of %v: %w", b.BSSID, err)
		}
	}
	mld.takeProfiles(element.Profiles)
	return mld, nil
}

// ownMLD is the number by which the report names the MLD of the frame itself: 0,
// or that of a nontransmitted BSSID (IEEE 802.11be-2024, 9.4.2.170.2).
func ownMLD(m *dot11.MultiLink, elements dot11.Elements) uint8 {
	if m.APMLDID.Present {
		return m.APMLDID.Value
	}
	if index, ok := elements.Find(dot11.ElementMultipleBSSIDIndex); ok && len(index) > 0 {
		return index[0]
	}
	return 0
}

// basicMultiLink finds the Multi-Link element of the Basic variant; others may
// stand before it.
func basicMultiLink(elements dot11.Elements) ([]byte, bool) {
	const typeMask = 0x07
	for _, e := range elements {
		if e.ID == dot11.ElementExtension && e.Ext == dot11.ExtMultiLink && len(e.Body) > 0 &&
			dot11.MultiLinkType(e.Body[0]&typeMask) == dot11.MultiLinkBasic {
			return e.Body, true
		}
	}
	return nil, false
}

// takeReport adds the links of that MLD. Of several entries for one link the
// first counts.
func (m *MLD) takeReport(report dot11.ReducedNeighborReport, own uint8) {
	for i := range report {
		n := &report[i]
		if n.Reserved&3 != 0 || n.Format < dot11.TBTTFullMLD {
			continue
		}
		channel, err := dot11.ChannelInClass(n.Class, n.Channel)
		if err != nil {
			channel = dot11.Channel{}
		}
		for j := range n.BSSs {
			t := &n.BSSs[j]
			if t.MLD.APMLDID != own || t.MLD.LinkID == unknownLink || m.has(t.MLD.LinkID) {
				continue
			}
			m.Links = append(m.Links, MLDLink{
				ID: t.MLD.LinkID, BSSID: t.BSSID, Channel: channel, ShortSSID: t.ShortSSID, Disabled: t.MLD.Disabled,
			})
		}
	}
}

func (m *MLD) has(id uint8) bool {
	for i := range m.Links {
		if m.Links[i].ID == id {
			return true
		}
	}
	return m.Link.Present && m.Link.Value == id
}

func (m *MLD) takeProfiles(profiles []dot11.LinkProfile) {
	for i := range profiles {
		p := &profiles[i]
		if !m.has(p.LinkID) {
			m.Links = append(m.Links, MLDLink{ID: p.LinkID})
		}
		for j := range m.Links {
			if l := &m.Links[j]; l.ID == p.LinkID {
				l.Profile = p
				if l.BSSID.IsZero() {
					l.BSSID = p.Addr
				}
			}
		}
	}
}
