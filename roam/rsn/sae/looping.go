package sae

import (
	"crypto"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

const (
	// minLoops is how often hunting and pecking runs at least (12.4.4.2.2). With
	// fewer, how long it takes would tell of the password.
	minLoops = 40
	// maxLoops is how far its counter of one octet reaches.
	maxLoops = 255
)

// huntAndPeck computes the PWE of two peers by hunting and pecking (12.4.4.2.2).
// Once an element is found the loops go on with random octets in the password's
// place, so that they tell nothing more of it.
func (d *domain) huntAndPeck(password []byte, a, b dot11.Addr, r io.Reader) ([]byte, error) {
	addrs := orderAddrs(a, b)
	base := append([]byte(nil), password...)
	stub := make([]byte, len(password))
	defer clear(base)
	if _, err := io.ReadFull(r, stub); err != nil {
		return nil, fmt.Errorf("hunt and peck: %w: %w", ErrRandom, err)
	}

	x, y := make([]byte, d.size), make([]byte, d.size)
	defer clear(y)
	var odd, found int
	for counter := 1; counter <= minLoops || found == 0; counter++ {
		if counter > maxLoops {
			return nil, errors.New("hunt and peck: no element in 255 loops")
		}
		seed := mac(crypto.SHA256, addrs, base, []byte{byte(counter)})
		value, err := keys.KDF(crypto.SHA256, seed, "SAE Hunting and Pecking", d.bits, d.prime)
		if err != nil {
			return nil, fmt.Errorf("hunt and peck: %w", err)
		}
		shiftRight(value, d.bits)
		candidate, below, err := d.field.parse(value)
		if err != nil {
			return nil, fmt.Errorf("hunt and peck: %w", err)
		}
		root, square := d.field.sqrt(d.field.rightSide(candidate))
		take := int(below&square) &^ found
		subtle.ConstantTimeCopy(take, x, value)
		subtle.ConstantTimeCopy(take, y, root.Bytes(d.field.mod))
		odd = subtle.ConstantTimeSelect(take, int(seed[len(seed)-1]&1), odd)
		found |= take
		subtle.ConstantTimeCopy(found, base, stub)
	}

	px, _, err := d.field.parse(x)
	if err != nil {
		return nil, fmt.Errorf("hunt and peck: %w", err)
	}
	py, _, err := d.field.parse(y)
	if err != nil {
		return nil, fmt.Errorf("hunt and peck: %w", err)
	}
	return d.field.point(px, d.field.signed(py, uint(odd))), nil
}
