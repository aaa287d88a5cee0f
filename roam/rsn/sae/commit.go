package sae

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"roamfault/roam/rsn/keys"
)

// Commit is the body of an SAE Commit after the status code (IEEE 802.11-2020,
// 9.3.3.11 and 12.4.7.4).
type Commit struct {
	// Method is what the frame's status code says.
	Method Method
	// Group is the finite cyclic group.
	Group Group
	// Scalar is as long as the group's order, in octets 32, 48 or 66.
	Scalar []byte
	// Element is a point, x before y, together twice as long as Scalar.
	Element []byte
	// Token is an anti-clogging token: nil, or of TokenLen octets with Looping, or
	// of 1 to 254 with HashToElement.
	Token []byte
	// Identifier names the password; empty for none. HashToElement only.
	Identifier string
	// Rejected are the groups that the peer refused before; up to 127.
	// HashToElement only.
	Rejected []Group
	// AKM is the suite that the exchange is for. Zero: the frame does not say,
	// which stands for 00-0F-AC:8.
	AKM keys.AKM
	// Rest holds the other elements, such as Multi-Link, in their order.
	Rest []byte
}

// Element ids (IEEE 802.11-2020, table 9-92; the selector is of IEEE 802.11be).
const (
	elementExtension = 255

	extIdentifier = 33
	extRejected   = 92
	extToken      = 93
	extAKM        = 114

	maxElementLen = 255
)

// ParseCommit reads the body of a Commit whose status code stands for m. Nothing
// is checked of scalar and element but their lengths. The result shares no memory
// with body.
//
// With Looping the token stands between group and scalar and nothing says whether
// it is there: it is taken for one of Tokens where the body is TokenLen octets
// or more longer than group, scalar and element. (All that may follow them
// without hash-to-element is Multi-Link, of 12 octets.)
//
// A group without support gives an error that wraps ErrGroup together with a
// Commit that has Method and Group alone; every other error wraps ErrMalformed.
func ParseCommit(m Method, body []byte) (*Commit, error) {
	if len(body) < 2 {
		return nil, fmt.Errorf("SAE commit of %d octets: %w", len(body), ErrMalformed)
	}
	c := &Commit{Method: m, Group: Group(binary.LittleEndian.Uint16(body))}
	d, err := c.Group.domain()
	if err != nil {
		return c, fmt.Errorf("SAE commit: %w", err)
	}
	b := body[2:]
	if m == Looping && len(b) >= 3*d.size+TokenLen {
		c.Token, b = bytes.Clone(b[:TokenLen]), b[TokenLen:]
	}
	if len(b) < 3*d.size {
		return nil, fmt.Errorf("SAE commit of %d octets in group %s: %w", len(body), c.Group, ErrMalformed)
	}
	c.Scalar = bytes.Clone(b[:d.size])
	c.Element = bytes.Clone(b[d.size : 3*d.size])
	if err := c.parseElements(b[3*d.size:]); err != nil {
		return nil, fmt.Errorf("SAE commit: %w", err)
	}
	return c, nil
}

func (c *Commit) parseElements(b []byte) error {
	var seen [256]bool
	for len(b) > 0 {
		element, err := cutElement(b)
		if err != nil {
			return err
		}
		b = b[len(element):]
		ext, content, ours := ownElement(element)
		if !ours {
			c.Rest = append(c.Rest, element...)
			continue
		}
		if seen[ext] {
			return fmt.Errorf("extended element %d comes twice: %w", ext, ErrMalformed)
		}
		seen[ext] = true
		if c.Method == Looping && ext != extAKM {
			return fmt.Errorf("extended element %d without hash-to-element: %w", ext, ErrMalformed)
		}
		if err := c.take(ext, content); err != nil {
			return err
		}
	}
	return nil
}

// cutElement returns the first element of b, header included.
func cutElement(b []byte) ([]byte, error) {
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return nil, fmt.Errorf("element cut off: %w", ErrMalformed)
	}
	return b[:2+int(b[1])], nil
}

// ownElement returns the extension id and the content of an element that SAE
// owns.
func ownElement(element []byte) (ext uint8, content []byte, ok bool) {
	if element[0] != elementExtension || len(element) < 3 {
		return 0, nil, false
	}
	switch element[2] {
	case extIdentifier, extRejected, extToken, extAKM:
		return element[2], element[3:], true
	}
	return 0, nil, false
}

func (c *Commit) take(ext uint8, content []byte) error {
	if len(content) == 0 {
		return fmt.Errorf("extended element %d is empty: %w", ext, ErrMalformed)
	}
	switch ext {
	case extIdentifier:
		c.Identifier = string(content)
	case extRejected:
		if len(content)%2 != 0 {
			return fmt.Errorf("rejected groups in %d octets: %w", len(content), ErrMalformed)
		}
		for ; len(content) > 0; content = content[2:] {
			c.Rejected = append(c.Rejected, Group(binary.LittleEndian.Uint16(content)))
		}
	case extToken:
		c.Token = bytes.Clone(content)
	case extAKM:
		if len(content) != 4 {
			return fmt.Errorf("AKM suite selector in %d octets: %w", len(content), ErrMalformed)
		}
		c.AKM = keys.AKM(binary.BigEndian.Uint32(content))
	}
	return nil
}

// Append adds the body to b. What ParseCommit read comes out the same but for the
// order: the elements of SAE first, as 9.3.3.11 has them. It fails where a field has a
// length that Commit does not allow.
func (c *Commit) Append(b []byte) ([]byte, error) {
	d, err := c.Group.domain()
	if err != nil {
		return b, fmt.Errorf("write SAE commit: %w", err)
	}
	if len(c.Scalar) != d.size || len(c.Element) != 2*d.size {
		return b, fmt.Errorf("write SAE commit: scalar of %d and element of %d octets in group %s: %w",
			len(c.Scalar), len(c.Element), c.Group, ErrMalformed)
	}
	out := binary.LittleEndian.AppendUint16(b, uint16(c.Group))
	if c.Method == Looping {
		if c.Identifier != "" || len(c.Rejected) != 0 {
			return b, fmt.Errorf("write SAE commit: identifier or rejected groups without hash-to-element: %w", ErrMalformed)
		}
		out = append(out, c.Token...)
	}
	out = append(out, c.Scalar...)
	out = append(out, c.Element...)
	for _, e := range c.elements() {
		if len(e.content) == 0 {
			continue
		}
		if out, err = appendElement(out, e.ext, e.content); err != nil {
			return b, fmt.Errorf("write SAE commit: %w", err)
		}
	}
	return append(out, c.Rest...), nil
}

type extElement struct {
	ext     uint8
	content []byte
}

func (c *Commit) elements() []extElement {
	var rejected, akm, token []byte
	for _, g := range c.Rejected {
		rejected = binary.LittleEndian.AppendUint16(rejected, uint16(g))
	}
	if c.AKM != 0 {
		akm = binary.BigEndian.AppendUint32(nil, uint32(c.AKM))
	}
	if c.Method != Looping {
		token = c.Token
	}
	return []extElement{
		{extIdentifier, []byte(c.Identifier)},
		{extRejected, rejected},
		{extToken, token},
		{extAKM, akm},
	}
}

func appendElement(b []byte, ext uint8, content []byte) ([]byte, error) {
	if len(content)+1 > maxElementLen {
		return b, fmt.Errorf("%d octets in extended element %d: %w", len(content), ext, ErrMalformed)
	}
	b = append(b, elementExtension, uint8(len(content)+1), ext)
	return append(b, content...), nil
}

// same reports whether two Commits hold the same scalar and element.
func (c *Commit) same(o *Commit) bool {
	return c.Group == o.Group && bytes.Equal(c.Scalar, o.Scalar) && bytes.Equal(c.Element, o.Element)
}
