package dot11

import (
	"encoding/binary"
	"fmt"
)

// MultiLinkType is the variant of a Multi-Link element (IEEE 802.11be-2024,
// 9.4.2.322.1).
type MultiLinkType uint8

// Variants of the Multi-Link element.
const (
	MultiLinkBasic          MultiLinkType = 0
	MultiLinkProbeRequest   MultiLinkType = 1
	MultiLinkReconfigure    MultiLinkType = 2
	MultiLinkTDLS           MultiLinkType = 3
	MultiLinkPriorityAccess MultiLinkType = 4
)

const multiLinkTypeMask = 0x0007

// EMLCapabilities is the field of that name of a Multi-Link element (IEEE
// 802.11be-2024, 9.4.2.322.2.3).
type EMLCapabilities uint16

// Bits and fields of EMLCapabilities.
const (
	EMLSRSupport             EMLCapabilities = 0x0001
	EMLSRPaddingDelay        EMLCapabilities = 0x000e // mask: 0, 32, 64, 128, 256 us
	EMLSRTransitionDelay     EMLCapabilities = 0x0070 // mask: 0, 16, 32, 64, 128, 256 us
	EMLMRSupport             EMLCapabilities = 0x0080
	EMLMRDelay               EMLCapabilities = 0x0700 // mask
	EMLTransitionTimeoutMask EMLCapabilities = 0x7800 // mask: 0, then 128 us << (n - 1)
)

// MLDCapabilities is the MLD Capabilities And Operations field of a Multi-Link
// element (IEEE 802.11be-2024, 9.4.2.322.2.3).
type MLDCapabilities uint16

// Bits and fields of MLDCapabilities.
const (
	MLDMaxSimultaneousLinks MLDCapabilities = 0x000f // mask: number of links that work at a time, minus 1
	MLDSRSSupport           MLDCapabilities = 0x0010
	MLDTIDToLinkNegotiation MLDCapabilities = 0x0060 // mask: 0 none, 1 all TIDs on the same links, 3 any
	MLDFrequencySeparation  MLDCapabilities = 0x0f80 // mask
	MLDAARSupport           MLDCapabilities = 0x1000
	MLDLinkReconfiguration  MLDCapabilities = 0x2000
	MLDAlignedTWTSupport    MLDCapabilities = 0x4000
)

// ExtMLDCapabilities is the Extended MLD Capabilities And Operations field of a
// Multi-Link element (IEEE 802.11be-2024, 9.4.2.322.2.3).
type ExtMLDCapabilities uint16

// Bits and fields of ExtMLDCapabilities.
const (
	ExtMLDParameterUpdate     ExtMLDCapabilities = 0x0001
	ExtMLDRecommendedMaxLinks ExtMLDCapabilities = 0x001e // mask
	ExtMLDNSTRUpdate          ExtMLDCapabilities = 0x0020
	ExtMLDEMLSROnOneLink      ExtMLDCapabilities = 0x0040
	ExtMLDTransitionMultiAP   ExtMLDCapabilities = 0x0080
)

// MediumSyncDelay is the Medium Synchronization Delay Information field of a
// Multi-Link element: duration in units of 32 us (0x00ff), OFDM energy
// detection threshold in dB above -72 dBm (0x0f00), and the number of TXOPs
// minus 1 (0xf000) (IEEE 802.11be-2024, 9.4.2.322.2.3).
type MediumSyncDelay uint16

// MediumSyncDelayDefault holds where the field is absent: 5484 us, -72 dBm, 2
// TXOPs (kernel, include/linux/ieee80211-eht.h).
const MediumSyncDelayDefault MediumSyncDelay = 0x10ac

// MultiLink is a Multi-Link element (IEEE 802.11be-2024, 9.4.2.322), number
// ExtMultiLink. What a variant does not have is left out when it is sent.
type MultiLink struct {
	Type MultiLinkType
	// MLDAddr is the MAC address of the MLD (in a TDLS or Priority Access variant:
	// of the AP MLD). The Probe Request variant has none but in later editions; it
	// and the Reconfiguration variant leave the zero address out.
	MLDAddr Addr

	LinkID             Optional[uint8]              // Basic: of the link it is sent on, 0 to 14
	BSSChangeCount     Optional[uint8]              // Basic: BSS Parameters Change Count of the link it is sent on
	MediumSyncDelay    Optional[MediumSyncDelay]    // Basic
	EMLCapabilities    Optional[EMLCapabilities]    // Basic, Reconfiguration
	MLDCapabilities    Optional[MLDCapabilities]    // Basic, Reconfiguration
	APMLDID            Optional[uint8]              // Basic, Probe Request: which AP MLD, 0 is that of the sender
	ExtMLDCapabilities Optional[ExtMLDCapabilities] // Basic, Reconfiguration

	// Reserved are bits of the Multi-Link Control field that no edition up to
	// 802.11be-2024 gives this variant, and Extra the octets of Common Info that may
	// go with them.
	Reserved uint16
	Extra    []byte

	// Profiles are the Per-STA Profile subelements.
	Profiles []LinkProfile
	// Others are further subelements, which are sent after the profiles.
	Others []Subelement
}

// commonField is a field of Common Info.
type commonField uint8

const (
	commonMLDAddr commonField = iota
	commonLinkID
	commonBSSChangeCount
	commonMediumSyncDelay
	commonEMLCapabilities
	commonMLDCapabilities
	commonAPMLDID
	commonExtMLDCapabilities
)

// presence ties a bit of Multi-Link Control to a field; bit 0 is a field that is
// always there.
type presence struct {
	bit   uint16
	field commonField
}

// commonLayouts are the fields of Common Info in their order, by variant (IEEE
// 802.11be-2024, 9.4.2.322.2 to 9.4.2.322.6).
var commonLayouts = [...][]presence{
	MultiLinkBasic: {
		{0, commonMLDAddr},
		{0x0010, commonLinkID},
		{0x0020, commonBSSChangeCount},
		{0x0040, commonMediumSyncDelay},
		{0x0080, commonEMLCapabilities},
		{0x0100, commonMLDCapabilities},
		{0x0200, commonAPMLDID},
		{0x0400, commonExtMLDCapabilities},
	},
	MultiLinkProbeRequest: {
		{0x0010, commonAPMLDID},
		{0x0020, commonMLDAddr},
	},
	MultiLinkReconfigure: {
		{0x0010, commonMLDAddr},
		{0x0020, commonEMLCapabilities},
		{0x0040, commonMLDCapabilities},
		{0x0080, commonExtMLDCapabilities},
	},
	MultiLinkTDLS:           {{0, commonMLDAddr}},
	MultiLinkPriorityAccess: {{0, commonMLDAddr}},
}

func (m *MultiLink) layout() []presence {
	if int(m.Type) < len(commonLayouts) {
		return commonLayouts[m.Type]
	}
	return nil
}

func (m *MultiLink) has(p presence) bool {
	switch p.field {
	case commonMLDAddr:
		return p.bit == 0 || !m.MLDAddr.IsZero()
	case commonLinkID:
		return m.LinkID.Present
	case commonBSSChangeCount:
		return m.BSSChangeCount.Present
	case commonMediumSyncDelay:
		return m.MediumSyncDelay.Present
	case commonEMLCapabilities:
		return m.EMLCapabilities.Present
	case commonMLDCapabilities:
		return m.MLDCapabilities.Present
	case commonAPMLDID:
		return m.APMLDID.Present
	default:
		return m.ExtMLDCapabilities.Present
	}
}

func (m *MultiLink) read(f commonField, c *cursor) {
	switch f {
	case commonMLDAddr:
		m.MLDAddr = c.addr()
	case commonLinkID:
		m.LinkID = Some(c.u8() & linkIDMask)
	case commonBSSChangeCount:
		m.BSSChangeCount = Some(c.u8())
	case commonMediumSyncDelay:
		m.MediumSyncDelay = Some(MediumSyncDelay(c.u16()))
	case commonEMLCapabilities:
		m.EMLCapabilities = Some(EMLCapabilities(c.u16()))
	case commonMLDCapabilities:
		m.MLDCapabilities = Some(MLDCapabilities(c.u16()))
	case commonAPMLDID:
		m.APMLDID = Some(c.u8())
	default:
		m.ExtMLDCapabilities = Some(ExtMLDCapabilities(c.u16()))
	}
}

func (m *MultiLink) write(f commonField, b []byte) []byte {
	switch f {
	case commonMLDAddr:
		return append(b, m.MLDAddr[:]...)
	case commonLinkID:
		return append(b, m.LinkID.Value&linkIDMask)
	case commonBSSChangeCount:
		return append(b, m.BSSChangeCount.Value)
	case commonMediumSyncDelay:
		return binary.LittleEndian.AppendUint16(b, uint16(m.MediumSyncDelay.Value))
	case commonEMLCapabilities:
		return binary.LittleEndian.AppendUint16(b, uint16(m.EMLCapabilities.Value))
	case commonMLDCapabilities:
		return binary.LittleEndian.AppendUint16(b, uint16(m.MLDCapabilities.Value))
	case commonAPMLDID:
		return append(b, m.APMLDID.Value)
	default:
		return binary.LittleEndian.AppendUint16(b, uint16(m.ExtMLDCapabilities.Value))
	}
}

// Numbers of subelements of a Multi-Link element (IEEE 802.11be-2024, table
// 9-417g).
const (
	subelementProfile  uint8 = 0
	subelementFragment uint8 = 254
)

// ParseMultiLink reads the body of a Multi-Link element, fragments of it already
// joined as ParseElements does. It joins the fragments of its subelements. What
// it returns shares the memory of body.
func ParseMultiLink(body []byte) (MultiLink, error) {
	c := cursor{rest: body}
	controlField := c.u16()
	m := MultiLink{Type: MultiLinkType(controlField & multiLinkTypeMask)}
	size := int(c.u8())
	if c.short || size == 0 {
		return MultiLink{}, fmt.Errorf("parse multi-link element: %d octets: %w", len(body), ErrShort)
	}
	common := cursor{rest: c.take(size - 1)}
	if c.short {
		return MultiLink{}, fmt.Errorf("parse multi-link element: common info of %d octets: %w", size, ErrShort)
	}
	reserved := controlField &^ multiLinkTypeMask
	for _, p := range m.layout() {
		if p.bit == 0 || controlField&p.bit != 0 {
			m.read(p.field, &common)
			reserved &^= p.bit
		}
	}
	if common.short {
		return MultiLink{}, fmt.Errorf("parse multi-link element: common info of %d octets, control %#04x: %w", size, controlField, ErrShort)
	}
	m.Reserved, m.Extra = reserved, common.all()
	if err := m.parseSubelements(c.rest); err != nil {
		return MultiLink{}, err
	}
	return m, nil
}

// hasProfiles tells whether the layout of this variant's Per-STA Profile
// subelements is known here.
func (t MultiLinkType) hasProfiles() bool { return t <= MultiLinkReconfigure }

func (m *MultiLink) parseSubelements(b []byte) error {
	profiles, others, joined := m.measure(b)
	if profiles > 0 {
		m.Profiles = make([]LinkProfile, 0, profiles)
	}
	if others > 0 {
		m.Others = make([]Subelement, 0, others)
	}
	arena := make([]byte, 0, joined)
	for at := 0; at < len(b); {
		id, body, end, err := nextFragmented(b, at, subelementFragment, &arena)
		if err != nil {
			return fmt.Errorf("parse multi-link element: link info, octet %d: %w", at, err)
		}
		at = end
		switch {
		case id == subelementFragment:
			continue
		case id != subelementProfile || !m.Type.hasProfiles():
			m.Others = append(m.Others, Subelement{ID: id, Body: body})
		default:
			m.Profiles = append(m.Profiles, LinkProfile{})
			if err := m.Profiles[len(m.Profiles)-1].parse(m.Type, body); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure counts subelements, and the octets of those that are in fragments.
func (m *MultiLink) measure(b []byte) (profiles, others, joined int) {
	for at := 0; at+2 <= len(b); {
		id, n := b[at], int(b[at+1])
		at += 2 + n
		switch {
		case id == subelementFragment:
			joined += n
		case id == subelementProfile && m.Type.hasProfiles():
			profiles++
		default:
			others++
		}
		if n == maxElement && at < len(b) && b[at] == subelementFragment && id != subelementFragment {
			joined += n
		}
	}
	return profiles, others, min(joined, len(b))
}

// Append adds the body of the element, without its header, to b.
func (m *MultiLink) Append(b []byte) []byte {
	controlField := uint16(m.Type) & multiLinkTypeMask
	known := uint16(multiLinkTypeMask)
	for _, p := range m.layout() {
		known |= p.bit
		if m.has(p) {
			controlField |= p.bit
		}
	}
	b = binary.LittleEndian.AppendUint16(b, controlField|m.Reserved&^known)
	start := len(b)
	b = append(b, 0)
	for _, p := range m.layout() {
		if m.has(p) {
			b = m.write(p.field, b)
		}
	}
	b = endInfo(b, start, m.Extra)
	if m.Type.hasProfiles() {
		for i := range m.Profiles {
			b = m.Profiles[i].append(m.Type, b)
		}
	}
	for _, s := range m.Others {
		b = appendFragmented(b, s.ID, subelementFragment, 0, false, s.Body)
	}
	return b
}

// endInfo adds what there is beside the known fields to an info field that
// begins at start, and writes its length.
func endInfo(b []byte, start int, extra []byte) []byte {
	room := maxElement - (len(b) - start)
	b = append(b, extra[:min(len(extra), room)]...)
	b[start] = byte(len(b) - start)
	return b
}

// Element returns the element to be sent.
func (m *MultiLink) Element() Element { return ExtElement(ExtMultiLink, m.Append(nil)) }

// Profile returns the profile of a link.
func (m *MultiLink) Profile(linkID uint8) (*LinkProfile, bool) {
	for i := range m.Profiles {
		if m.Profiles[i].LinkID == linkID {
			return &m.Profiles[i], true
		}
	}
	return nil, false
}
