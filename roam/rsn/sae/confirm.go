package sae

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Confirm is the body of an SAE Confirm after the status code (IEEE 802.11-2020,
// 12.4.7.5).
type Confirm struct {
	// SendConfirm counts the sender's Confirms; 65535 once it has accepted.
	SendConfirm uint16
	// Verifier proves that the sender has the key. Its length is that of the
	// exchange's hash: 32, 48 or 64 octets.
	Verifier []byte
	// Rest holds the elements that follow, in their order.
	Rest []byte
}

// ParseConfirm reads the body of a Confirm whose verifier has n octets. All that
// follows has to be whole elements. The result shares no memory with body. Every
// error wraps ErrMalformed.
func ParseConfirm(n int, body []byte) (*Confirm, error) {
	if n < 0 || len(body) < 2 || len(body)-2 < n {
		return nil, fmt.Errorf("SAE confirm of %d octets where the verifier has %d: %w", len(body), n, ErrMalformed)
	}
	c := &Confirm{
		SendConfirm: binary.LittleEndian.Uint16(body),
		Verifier:    bytes.Clone(body[2 : 2+n]),
		Rest:        bytes.Clone(body[2+n:]),
	}
	for rest := c.Rest; len(rest) > 0; {
		element, err := cutElement(rest)
		if err != nil {
			return nil, fmt.Errorf("SAE confirm: %w", err)
		}
		rest = rest[len(element):]
	}
	if len(c.Rest) == 0 {
		c.Rest = nil
	}
	return c, nil
}

// Append adds the body to b.
func (c *Confirm) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, c.SendConfirm)
	b = append(b, c.Verifier...)
	return append(b, c.Rest...)
}
