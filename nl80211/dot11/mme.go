package dot11

import (
	"encoding/binary"
	"fmt"
)

// MME protects a group addressed management frame, as its last element (IEEE
// 802.11-2020, 9.4.2.54), number ElementMME.
type MME struct {
	KeyID uint16 // 4 and 5: an IGTK, 6 and 7: a BIGTK
	IPN   uint64 // packet number of the key, 48 bits
	MIC   []byte // 8 octets with BIP-CMAC-128, 16 with the other ciphers
}

// Lengths of MICs.
const (
	mmeShortMIC = 8
	mmeLongMIC  = 16
)

// ParseMME reads the body of a Management MIC element. MIC shares the memory of
// body.
func ParseMME(body []byte) (MME, error) {
	c := cursor{rest: body}
	m := MME{KeyID: c.u16(), IPN: c.u48()}
	if err := c.err("management MIC element"); err != nil {
		return MME{}, err
	}
	m.MIC = c.all()
	if len(m.MIC) != mmeShortMIC && len(m.MIC) != mmeLongMIC {
		return MME{}, fmt.Errorf("parse management MIC element: a MIC of %d octets is neither %d nor %d", len(m.MIC), mmeShortMIC, mmeLongMIC)
	}
	return m, nil
}

// Append adds the body of the element, without its header, to b.
func (m *MME) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, m.KeyID)
	return append(append48(b, m.IPN), m.MIC...)
}

// Element returns the element to be sent.
func (m *MME) Element() Element { return Element{ID: ElementMME, Body: m.Append(nil)} }
