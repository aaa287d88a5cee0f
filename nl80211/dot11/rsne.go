package dot11

import (
	"encoding/binary"
	"fmt"
)

// RSNCapabilities is the field of that name of an RSNE (IEEE 802.11-2020,
// 9.4.2.24.4).
type RSNCapabilities uint16

// Bits and fields of RSNCapabilities.
const (
	RSNPreauthentication   RSNCapabilities = 1 << 0
	RSNNoPairwise          RSNCapabilities = 1 << 1
	RSNPTKSAReplayCounters RSNCapabilities = 3 << 2 // mask: 1, 2, 4, 16 replay counters
	RSNGTKSAReplayCounters RSNCapabilities = 3 << 4 // mask: 1, 2, 4, 16 replay counters
	RSNMFPRequired         RSNCapabilities = 1 << 6
	RSNMFPCapable          RSNCapabilities = 1 << 7
	RSNJointMultiBand      RSNCapabilities = 1 << 8
	RSNPeerKey             RSNCapabilities = 1 << 9
	RSNSPPAMSDUCapable     RSNCapabilities = 1 << 10
	RSNSPPAMSDURequired    RSNCapabilities = 1 << 11
	RSNPBAC                RSNCapabilities = 1 << 12
	RSNExtendedKeyID       RSNCapabilities = 1 << 13
	RSNOCVC                RSNCapabilities = 1 << 14
)

// Has reports whether all bits of flags are set.
func (c RSNCapabilities) Has(flags RSNCapabilities) bool { return c&flags == flags }

// RSNVersion is the only version of RSNE there is.
const RSNVersion uint16 = 1

// RSNE is the element that says how a network is protected, or which of its
// ways a station has chosen (IEEE 802.11-2020, 9.4.2.24), number ElementRSN.
type RSNE struct {
	Version      uint16 // RSNVersion
	Group        Suite
	Pairwise     []Suite
	AKMs         []Suite
	Capabilities RSNCapabilities
	// PMKIDs are those a station offers. Nil and empty differ: a list that is empty
	// but not nil is sent as a count of zero.
	PMKIDs [][16]byte
	// GroupManagement is the cipher for group addressed management frames; zero:
	// not sent, which stands for BIP-CMAC-128 where management frames are
	// protected.
	GroupManagement Suite
}

// ParseRSNE reads the body of an RSNE. An element may end after each of its
// fields; what is absent gets the value that it stands for: CCMP-128, IEEE
// 802.1X and no capability. Octets after the last field are ignored.
func ParseRSNE(body []byte) (RSNE, error) {
	c := cursor{rest: body}
	r := RSNE{
		Version:  c.u16(),
		Group:    CipherCCMP128,
		Pairwise: []Suite{CipherCCMP128},
		AKMs:     []Suite{AKM8021X},
	}
	if !c.short && r.Version != RSNVersion {
		return RSNE{}, fmt.Errorf("parse RSNE: version %d is not %d", r.Version, RSNVersion)
	}
	if len(c.rest) > 0 {
		r.Group = c.suite()
	}
	if len(c.rest) > 0 {
		r.Pairwise = c.suites()
	}
	if len(c.rest) > 0 {
		r.AKMs = c.suites()
	}
	if len(c.rest) > 0 {
		r.Capabilities = RSNCapabilities(c.u16())
	}
	if len(c.rest) > 0 {
		r.PMKIDs = c.pmkids()
	}
	if len(c.rest) > 0 {
		r.GroupManagement = c.suite()
		if len(r.PMKIDs) == 0 && r.GroupManagement != 0 {
			r.PMKIDs = nil
		}
	}
	if err := c.err("RSNE"); err != nil {
		return RSNE{}, err
	}
	return r, nil
}

func (c *cursor) pmkids() [][16]byte {
	n := int(c.u16())
	if 16*n > len(c.rest) {
		c.short, c.rest = true, nil
		return nil
	}
	list := make([][16]byte, n)
	for i := range list {
		copy(list[i][:], c.take(16))
	}
	return list
}

// Append adds the body of the element, without its header, to b.
func (r *RSNE) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, r.Version)
	b = appendSuite(b, r.Group)
	b = appendSuites(b, r.Pairwise)
	b = appendSuites(b, r.AKMs)
	b = binary.LittleEndian.AppendUint16(b, uint16(r.Capabilities))
	if r.PMKIDs != nil || r.GroupManagement != 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(r.PMKIDs)))
		for i := range r.PMKIDs {
			b = append(b, r.PMKIDs[i][:]...)
		}
	}
	if r.GroupManagement != 0 {
		b = appendSuite(b, r.GroupManagement)
	}
	return b
}

// Element returns the element to be sent.
func (r *RSNE) Element() Element { return Element{ID: ElementRSN, Body: r.Append(nil)} }
