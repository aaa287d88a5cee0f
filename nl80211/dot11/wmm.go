package dot11

import (
	"encoding/binary"
	"fmt"
)

// AccessCategory is a priority of data.
type AccessCategory uint8

// Access categories as they are numbered on the air (IEEE 802.11-2020,
// ACI-to-AC coding).
const (
	BestEffort AccessCategory = 0
	Background AccessCategory = 1
	Video      AccessCategory = 2
	Voice      AccessCategory = 3
)

// ACParameters is how stations contend for the medium with data of one access
// category.
type ACParameters struct {
	AIFSN     uint8  // slots to wait, 2 to 15
	Admission bool   // admission control is mandatory
	CWMinExp  uint8  // contention window at least 2^n - 1, 0 to 15
	CWMaxExp  uint8  // contention window at most 2^n - 1, 0 to 15
	TXOP      uint16 // longest transmission in units of 32 microseconds; 0: one frame
}

// WMM are the contents of a WMM Parameter element (Wi-Fi WMM specification,
// 2.2.2), which is a vendor specific one of MicrosoftOUI and WMMType.
type WMM struct {
	QoSInfo    uint8           // parameter set count, and 0x80 for U-APSD
	Categories [4]ACParameters // by AccessCategory
}

// WMMType is the type of WMM elements under MicrosoftOUI.
const WMMType uint8 = 2

const (
	wmmInformation = 0
	wmmParameter   = 1
	wmmVersion     = 1
)

// DefaultWMM returns the parameters an access point commonly sends.
func DefaultWMM() WMM {
	return WMM{
		QoSInfo: 1,
		Categories: [4]ACParameters{
			BestEffort: {AIFSN: 3, CWMinExp: 4, CWMaxExp: 10},
			Background: {AIFSN: 7, CWMinExp: 4, CWMaxExp: 10},
			Video:      {AIFSN: 2, CWMinExp: 3, CWMaxExp: 4, TXOP: 94},
			Voice:      {AIFSN: 2, CWMinExp: 2, CWMaxExp: 3, TXOP: 47},
		},
	}
}

// ParseWMM reads the contents of a WMM Parameter element, as FindVendor returns
// them.
func ParseWMM(content []byte) (WMM, error) {
	c := cursor{rest: content}
	subtype, version := c.u8(), c.u8()
	m := WMM{QoSInfo: c.u8()}
	c.u8() // reserved
	var seen uint8
	for range m.Categories {
		aci, ecw := c.u8(), c.u8()
		n := aci >> 5 & 3
		seen |= 1 << n
		m.Categories[n] = ACParameters{AIFSN: aci & 15, Admission: aci&0x10 != 0, CWMinExp: ecw & 15, CWMaxExp: ecw >> 4, TXOP: c.u16()}
	}
	if err := c.err("WMM parameter"); err != nil {
		return WMM{}, err
	}
	if subtype != wmmParameter || version != wmmVersion {
		return WMM{}, fmt.Errorf("parse WMM parameter: subtype %d version %d is another element", subtype, version)
	}
	if seen != 1<<len(m.Categories)-1 {
		return WMM{}, fmt.Errorf("parse WMM parameter: an access category is there twice")
	}
	return m, nil
}

// Element returns the element to be sent.
func (m *WMM) Element() Element {
	b := []byte{wmmParameter, wmmVersion, m.QoSInfo, 0}
	for n, p := range m.Categories {
		aci := byte(n)<<5 | p.AIFSN&15
		if p.Admission {
			aci |= 0x10
		}
		b = binary.LittleEndian.AppendUint16(append(b, aci, p.CWMinExp&15|p.CWMaxExp<<4), p.TXOP)
	}
	return VendorElement(MicrosoftOUI(), WMMType, b)
}

// WMMInformationElement returns the element by which a station says that it
// knows WMM (Wi-Fi WMM specification, 2.2.1).
func WMMInformationElement(qosInfo uint8) Element {
	return VendorElement(MicrosoftOUI(), WMMType, []byte{wmmInformation, wmmVersion, qosInfo})
}
