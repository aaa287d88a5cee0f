package sae

import (
	"bytes"
	"crypto"
	"crypto/hkdf"
	"crypto/hmac"
	"fmt"

	"filippo.io/bigmod"

	"roamfault/nl80211/dot11"
)

// mac is H or CN of 12.4.2: HMAC over the concatenation of the parts.
func mac(h crypto.Hash, key []byte, parts ...[]byte) []byte {
	m := hmac.New(h.New, key)
	for _, part := range parts {
		m.Write(part)
	}
	return m.Sum(nil)
}

// orderAddrs concatenates two addresses, the greater one first, so that both
// sides do it alike.
func orderAddrs(a, b dot11.Addr) []byte {
	if bytes.Compare(a[:], b[:]) < 0 {
		a, b = b, a
	}
	return append(append(make([]byte, 0, len(a)+len(b)), a[:]...), b[:]...)
}

// derivePT computes the secret element PT that a password has in a group,
// whoever the peers are (12.4.4.2.3). It returns a point.
func (d *domain) derivePT(ssid, password, identifier []byte) ([]byte, error) {
	seed := mac(d.hash, ssid, password, identifier)
	defer clear(seed)
	first, err := d.hashToPoint(seed, "SAE Hash to Element u1 P1")
	if err != nil {
		return nil, err
	}
	second, err := d.hashToPoint(seed, "SAE Hash to Element u2 P2")
	if err != nil {
		return nil, err
	}
	return d.curve.add(first, second)
}

func (d *domain) hashToPoint(seed []byte, info string) ([]byte, error) {
	value, err := hkdf.Expand(d.hash.New, seed, info, d.size+(d.size+1)/2)
	if err != nil {
		return nil, fmt.Errorf("expand %q: %w", info, err)
	}
	defer clear(value)
	u, err := d.field.reduce(value)
	if err != nil {
		return nil, err
	}
	return d.field.sswu(u), nil
}

// elementOf computes the PWE of two peers from PT (12.4.5.2).
func (d *domain) elementOf(pt []byte, a, b dot11.Addr) ([]byte, error) {
	value := mac(d.hash, make([]byte, d.hash.Size()), orderAddrs(a, b))
	reduced, err := bigmod.NewNat().SetOverflowingBytes(value, d.less1)
	if err != nil {
		return nil, fmt.Errorf("reduce address hash: %w", err)
	}
	n, err := bigmod.NewNat().SetBytes(reduced.Bytes(d.less1), d.order)
	if err != nil {
		return nil, fmt.Errorf("reduce address hash: %w", err)
	}
	return d.curve.mult(pt, n.Add(d.one, d.order).Bytes(d.order))
}
