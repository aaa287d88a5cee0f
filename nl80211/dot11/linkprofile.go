package dot11

import (
	"encoding/binary"
	"fmt"
)

// linkIDMask are the bits of a link ID in STA Control and Link ID Info.
const linkIDMask = 0x0f

// Bits of the STA Control field (IEEE 802.11be-2024, 9.4.2.322.2.4 and
// 9.4.2.322.4).
const (
	profileComplete uint16 = 0x0010
	profileAddr     uint16 = 0x0020 // Basic, Reconfiguration

	profileBeaconInterval uint16 = 0x0040 // Basic from here
	profileTSFOffset      uint16 = 0x0080
	profileDTIM           uint16 = 0x0100
	profileNSTR           uint16 = 0x0200 // the bitmap follows only in complete profiles
	profileNSTRWide       uint16 = 0x0400
	profileBSSChangeCount uint16 = 0x0800

	profileRemovalTimer      uint16 = 0x0040 // Reconfiguration from here
	profileOperation         uint16 = 0x0780
	profileOperationShift           = 7
	profileParameters        uint16 = 0x0800
	profileReconfNSTRWide    uint16 = 0x1000
	profileReconfNSTR        uint16 = 0x2000
	profileBasicKnown               = profileReconfigureShared | profileBeaconInterval | profileTSFOffset | profileDTIM | profileNSTR | profileNSTRWide | profileBSSChangeCount
	profileReconfigKnown            = profileReconfigureShared | profileRemovalTimer | profileOperation | profileParameters | profileReconfNSTRWide | profileReconfNSTR
	profileReconfigureShared        = linkIDMask | profileComplete | profileAddr
)

// ReconfigureOperation is what a profile of a Reconfiguration Multi-Link element
// does to its link (IEEE 802.11be-2024, table 9-417p).
type ReconfigureOperation uint8

// Operations of ReconfigureOperation, 0 to 15.
const (
	ReconfigureRemoveAP   ReconfigureOperation = 0
	ReconfigureParameters ReconfigureOperation = 1
	ReconfigureAddLink    ReconfigureOperation = 2
	ReconfigureDeleteLink ReconfigureOperation = 3
	ReconfigureNSTRStatus ReconfigureOperation = 4
)

// DTIMInfo is the DTIM Info field of a profile.
type DTIMInfo struct {
	Count  uint8 // beacons before the next DTIM, 0: that one
	Period uint8 // beacons from DTIM to DTIM
}

// NSTRLinks are the links that a link cannot transmit on while it receives:
// bit n stands for link n.
type NSTRLinks struct {
	Links uint16
	Wide  bool // sent in two octets and not in one
}

func readNSTR(c *cursor, wide bool) NSTRLinks {
	if wide {
		return NSTRLinks{Links: c.u16(), Wide: true}
	}
	return NSTRLinks{Links: uint16(c.u8())}
}

func (n NSTRLinks) append(b []byte) []byte {
	b = append(b, byte(n.Links))
	if n.Wide {
		b = append(b, byte(n.Links>>8))
	}
	return b
}

// LinkProfile is a Per-STA Profile subelement of a Multi-Link element: what the
// MLD says of another of its links (IEEE 802.11be-2024, 9.4.2.322.2.4,
// 9.4.2.322.3 and 9.4.2.322.4). Fields that the variant does not have are left
// out when it is sent.
type LinkProfile struct {
	LinkID   uint8 // 0 to 14
	Complete bool  // the profile is, in a probe request: shall be, complete
	Addr     Addr  // of the station on that link; zero: left out. Not in Probe Request

	BeaconInterval Optional[uint16]    // Basic; TU
	TSFOffset      Optional[int64]     // Basic; TSF of that link less that of the sender's, in units of 2 us
	DTIM           Optional[DTIMInfo]  // Basic
	NSTR           Optional[NSTRLinks] // Basic where Complete, Reconfiguration
	BSSChangeCount Optional[uint8]     // Basic

	RemovalTimer Optional[uint16]     // Reconfiguration; beacons until the link is removed
	Operation    ReconfigureOperation // Reconfiguration
	Parameters   Optional[[3]byte]    // Reconfiguration: Operation Parameters

	// Reserved are bits of STA Control that no edition up to 802.11be-2024 gives
	// the variant, and Extra the octets of STA Info that may go with them.
	Reserved uint16
	Extra    []byte

	// Body is the STA Profile field; ParseStationProfile reads it.
	Body []byte
}

func (p *LinkProfile) parse(t MultiLinkType, b []byte) error {
	c := cursor{rest: b}
	controlField := c.u16()
	p.LinkID = uint8(controlField & linkIDMask)
	p.Complete = controlField&profileComplete != 0
	if t == MultiLinkProbeRequest {
		p.Reserved = controlField &^ (linkIDMask | profileComplete)
		p.Body = c.all()
		return c.err("multi-link probe request profile")
	}
	size := int(c.u8())
	if c.short || size == 0 {
		return fmt.Errorf("parse multi-link profile: %d octets: %w", len(b), ErrShort)
	}
	info := cursor{rest: c.take(size - 1)}
	if controlField&profileAddr != 0 {
		p.Addr = info.addr()
	}
	if t == MultiLinkBasic {
		p.readBasic(controlField, &info)
	} else {
		p.readReconfigure(controlField, &info)
	}
	if c.short || info.short {
		return fmt.Errorf("parse multi-link profile of link %d: STA info of %d octets, control %#04x: %w", p.LinkID, size, controlField, ErrShort)
	}
	p.Extra, p.Body = info.all(), c.all()
	return nil
}

func (p *LinkProfile) readBasic(controlField uint16, info *cursor) {
	p.Reserved = controlField &^ profileBasicKnown
	if controlField&profileBeaconInterval != 0 {
		p.BeaconInterval = Some(info.u16())
	}
	if controlField&profileTSFOffset != 0 {
		p.TSFOffset = Some(int64(info.u64()))
	}
	if controlField&profileDTIM != 0 {
		p.DTIM = Some(DTIMInfo{Count: info.u8(), Period: info.u8()})
	}
	if controlField&profileNSTR != 0 && p.Complete {
		p.NSTR = Some(readNSTR(info, controlField&profileNSTRWide != 0))
	}
	if controlField&profileBSSChangeCount != 0 {
		p.BSSChangeCount = Some(info.u8())
	}
}

func (p *LinkProfile) readReconfigure(controlField uint16, info *cursor) {
	p.Reserved = controlField &^ profileReconfigKnown
	p.Operation = ReconfigureOperation(controlField & profileOperation >> profileOperationShift)
	if controlField&profileRemovalTimer != 0 {
		p.RemovalTimer = Some(info.u16())
	}
	if controlField&profileParameters != 0 {
		var parameters [3]byte
		copy(parameters[:], info.take(len(parameters)))
		p.Parameters = Some(parameters)
	}
	if controlField&profileReconfNSTR != 0 {
		p.NSTR = Some(readNSTR(info, controlField&profileReconfNSTRWide != 0))
	}
}

// maxProfileHead is how much STA Control and the known fields of STA Info take at
// most.
const maxProfileHead = 2 + 1 + 6 + 2 + 8 + 2 + 2 + 1

// append adds the subelement. Its head is put together apart, since where
// fragments begin depends on the length of the whole.
func (p *LinkProfile) append(t MultiLinkType, b []byte) []byte {
	var store [maxProfileHead]byte
	head := p.appendHead(t, store[:0])
	total := len(head) + len(p.Body)
	if total <= maxElement {
		b = append(b, subelementProfile, byte(total))
		b = append(b, head...)
		return append(b, p.Body...)
	}
	whole := make([]byte, 0, total)
	whole = append(append(whole, head...), p.Body...)
	return appendFragmented(b, subelementProfile, subelementFragment, 0, false, whole)
}

func (p *LinkProfile) appendHead(t MultiLinkType, b []byte) []byte {
	controlField := uint16(p.LinkID & linkIDMask)
	if p.Complete {
		controlField |= profileComplete
	}
	if t == MultiLinkProbeRequest {
		return binary.LittleEndian.AppendUint16(b, controlField|p.Reserved&^(linkIDMask|profileComplete))
	}
	start := len(b)
	b = append(b, 0, 0, 0)
	if !p.Addr.IsZero() {
		controlField |= profileAddr
		b = append(b, p.Addr[:]...)
	}
	var bits uint16
	if t == MultiLinkBasic {
		bits, b = p.writeBasic(b)
		bits |= p.Reserved &^ profileBasicKnown
	} else {
		bits, b = p.writeReconfigure(b)
		bits |= p.Reserved &^ profileReconfigKnown
	}
	binary.LittleEndian.PutUint16(b[start:], controlField|bits)
	return endInfo(b, start+2, p.Extra)
}

func (p *LinkProfile) writeBasic(b []byte) (uint16, []byte) {
	var bits uint16
	if p.BeaconInterval.Present {
		bits |= profileBeaconInterval
		b = binary.LittleEndian.AppendUint16(b, p.BeaconInterval.Value)
	}
	if p.TSFOffset.Present {
		bits |= profileTSFOffset
		b = binary.LittleEndian.AppendUint64(b, uint64(p.TSFOffset.Value))
	}
	if p.DTIM.Present {
		bits |= profileDTIM
		b = append(b, p.DTIM.Value.Count, p.DTIM.Value.Period)
	}
	if p.NSTR.Present && p.Complete {
		bits |= profileNSTR
		if p.NSTR.Value.Wide {
			bits |= profileNSTRWide
		}
		b = p.NSTR.Value.append(b)
	}
	if p.BSSChangeCount.Present {
		bits |= profileBSSChangeCount
		b = append(b, p.BSSChangeCount.Value)
	}
	return bits, b
}

func (p *LinkProfile) writeReconfigure(b []byte) (uint16, []byte) {
	bits := uint16(p.Operation) << profileOperationShift & profileOperation
	if p.RemovalTimer.Present {
		bits |= profileRemovalTimer
		b = binary.LittleEndian.AppendUint16(b, p.RemovalTimer.Value)
	}
	if p.Parameters.Present {
		bits |= profileParameters
		b = append(b, p.Parameters.Value[:]...)
	}
	if p.NSTR.Present {
		bits |= profileReconfNSTR
		if p.NSTR.Value.Wide {
			bits |= profileReconfNSTRWide
		}
		b = p.NSTR.Value.append(b)
	}
	return bits, b
}

// StationProfile is the STA Profile field of a Basic Multi-Link element: the
// fields and elements of the frame as they would be on that link, without those
// that are inherited (IEEE 802.11be-2024, 35.3.3). In a beacon's profile that is
// not complete there are elements only: read those with ParseElements.
type StationProfile struct {
	Capability Capability
	Status     Optional[StatusCode] // in (re)association responses and only there
	Elements   Elements
}

// ParseStationProfile reads the STA Profile of a frame that has a Capability
// Information field, and in responses to association a status code.
func ParseStationProfile(b []byte, response bool) (StationProfile, error) {
	c := cursor{rest: b}
	p := StationProfile{Capability: Capability(c.u16())}
	if response {
		p.Status = Some(StatusCode(c.u16()))
	}
	if err := c.err("station profile"); err != nil {
		return StationProfile{}, err
	}
	var err error
	p.Elements, err = ParseElements(c.rest)
	return p, err
}

// Append adds the profile as it is sent to b.
func (p *StationProfile) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(p.Capability))
	if p.Status.Present {
		b = binary.LittleEndian.AppendUint16(b, uint16(p.Status.Value))
	}
	return p.Elements.Append(b)
}
