package dot11

import (
	"encoding/binary"
	"fmt"
)

// BSSIDInfo is the BSSID Information field of a neighbor report (IEEE
// 802.11-2020, 9.4.2.36; IEEE 802.11be-2024).
type BSSIDInfo uint32

// Bits and fields of BSSIDInfo.
const (
	NeighborReachability     BSSIDInfo = 3 << 0 // mask: 1 not reachable, 2 not known, 3 reachable
	NeighborSecurity         BSSIDInfo = 1 << 2
	NeighborKeyScope         BSSIDInfo = 1 << 3
	NeighborSpectrum         BSSIDInfo = 1 << 4
	NeighborQoS              BSSIDInfo = 1 << 5
	NeighborAPSD             BSSIDInfo = 1 << 6
	NeighborRadioMeasurement BSSIDInfo = 1 << 7
	NeighborMobilityDomain   BSSIDInfo = 1 << 10
	NeighborHT               BSSIDInfo = 1 << 11
	NeighborVHT              BSSIDInfo = 1 << 12
	NeighborFTM              BSSIDInfo = 1 << 13
	NeighborHE               BSSIDInfo = 1 << 14
	NeighborColocated        BSSIDInfo = 1 << 16
	NeighborEHT              BSSIDInfo = 1 << 21
)

// PHYType is a kind of physical layer (IEEE 802.11-2020, annex C, dot11PHYType).
type PHYType uint8

// Physical layers.
const (
	PHYOFDM PHYType = 4
	PHYHT   PHYType = 7
	PHYVHT  PHYType = 9
	PHYHE   PHYType = 14
	PHYEHT  PHYType = 15
)

// Numbers of subelements of a neighbor report (IEEE 802.11-2020, table 9-173;
// IEEE 802.11be-2024).
const (
	NeighborTSF         uint8 = 1
	NeighborCountry     uint8 = 2
	NeighborPreference  uint8 = 3 // 0: not to be used, 1 to 255: the higher the better
	NeighborTermination uint8 = 4
	NeighborWideChannel uint8 = 6
	NeighborMultiLink   uint8 = 201 // the body of a Basic Multi-Link element
)

// NeighborReport is the element that names one access point (IEEE 802.11-2020,
// 9.4.2.36), number ElementNeighborReport.
type NeighborReport struct {
	BSSID       Addr
	Info        BSSIDInfo
	Class       uint8 // operating class
	Channel     uint8 // number of the primary channel
	PHY         PHYType
	Subelements []Subelement
}

// ParseNeighborReport reads the body of a Neighbor Report element. Bodies of
// subelements share its memory.
func ParseNeighborReport(body []byte) (NeighborReport, error) {
	c := cursor{rest: body}
	n := NeighborReport{
		BSSID:   c.addr(),
		Info:    BSSIDInfo(c.u32()),
		Class:   c.u8(),
		Channel: c.u8(),
		PHY:     PHYType(c.u8()),
	}
	if err := c.err("neighbor report"); err != nil {
		return NeighborReport{}, err
	}
	var err error
	if n.Subelements, err = parseSubelements(c.rest); err != nil {
		return NeighborReport{}, fmt.Errorf("parse neighbor report: %w", err)
	}
	return n, nil
}

// Append adds the body of the element, without its header, to b.
func (n *NeighborReport) Append(b []byte) []byte {
	b = append(b, n.BSSID[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(n.Info))
	b = append(b, n.Class, n.Channel, byte(n.PHY))
	return appendSubelements(b, n.Subelements)
}

// Element returns the element to be sent.
func (n *NeighborReport) Element() Element {
	return Element{ID: ElementNeighborReport, Body: n.Append(nil)}
}

// Find returns the body of the first subelement of that number.
func (n *NeighborReport) Find(id uint8) ([]byte, bool) {
	for _, s := range n.Subelements {
		if s.ID == id {
			return s.Body, true
		}
	}
	return nil, false
}

// Preference returns how much the sender wants its reader to use this access
// point, 0 (not at all) to 255.
func (n *NeighborReport) Preference() (uint8, bool) {
	body, _ := n.Find(NeighborPreference)
	if len(body) != 1 {
		return 0, false
	}
	return body[0], true
}

// PreferenceSubelement returns the BSS Transition Candidate Preference
// subelement (IEEE 802.11-2020, 9.4.2.36).
func PreferenceSubelement(preference uint8) Subelement {
	return Subelement{ID: NeighborPreference, Body: []byte{preference}}
}
