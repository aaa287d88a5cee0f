package sae

import (
	"errors"
	"fmt"
	"io"

	"roamfault/nl80211/dot11"
)

// MaxIdentifierLen is how many octets fit into a Password Identifier element.
const MaxIdentifierLen = 254

// Password is a password of one network, with what hash-to-element computes of
// it once. It does not change and may serve any number of sessions at a time.
type Password struct {
	secret     []byte
	identifier string
	elements   map[Group][]byte // PT by group
}

// NewPassword computes the secret element PT of a password in each of the groups
// (IEEE 802.11-2020, 12.4.4.2.3), which takes up to a few milliseconds for each.
// ssid has 1 to 32 octets. identifier is empty, or names one password of several
// and has up to MaxIdentifierLen octets; such a password works with
// hash-to-element only. Both are taken as they are: a caller who follows the
// standard prepares them as RFC 8265 OpaqueString. Without groups the password
// serves for looping only.
func NewPassword(ssid, password, identifier string, groups ...Group) (*Password, error) {
	switch {
	case len(ssid) < 1 || len(ssid) > 32:
		return nil, fmt.Errorf("SAE password: an SSID has 1 to 32 octets, not %d", len(ssid))
	case password == "":
		return nil, errors.New("SAE password: it is empty")
	case len(identifier) > MaxIdentifierLen:
		return nil, fmt.Errorf("SAE password: an identifier has up to %d octets, not %d", MaxIdentifierLen, len(identifier))
	}
	p := &Password{secret: []byte(password), identifier: identifier, elements: make(map[Group][]byte, len(groups))}
	for _, g := range groups {
		d, err := g.domain()
		if err != nil {
			return nil, fmt.Errorf("SAE password: %w", err)
		}
		if _, done := p.elements[g]; done {
			continue
		}
		pt, err := d.derivePT([]byte(ssid), p.secret, []byte(identifier))
		if err != nil {
			return nil, fmt.Errorf("SAE password in group %s: %w", g, err)
		}
		p.elements[g] = pt
	}
	return p, nil
}

// Identifier is the name of the password, empty for one without.
func (p *Password) Identifier() string { return p.identifier }

// fits says whether the password can be used so.
func (p *Password) fits(m Method, g Group) error {
	switch m {
	case Looping:
		if p.identifier != "" {
			return errors.New("a password with an identifier needs hash-to-element")
		}
	default:
		if p.elements[g] == nil {
			return fmt.Errorf("the password was not prepared for group %s", g)
		}
	}
	return nil
}

// element computes the PWE of two peers.
func (p *Password) element(m Method, d *domain, a, b dot11.Addr, r io.Reader) ([]byte, error) {
	if err := p.fits(m, d.group); err != nil {
		return nil, err
	}
	if m == Looping {
		return d.huntAndPeck(p.secret, a, b, r)
	}
	return d.elementOf(p.elements[d.group], a, b)
}
