package sae

import (
	"fmt"
	"io"

	"filippo.io/bigmod"
)

// maxDraws bounds how often a random number may miss its range. One in 2^32
// misses at worst, so only a broken source comes here.
const maxDraws = 16

// scalar reads a number of exactly size octets that has to be above 1 and below
// the order (12.4.5.4).
func (d *domain) scalar(b []byte) (*bigmod.Nat, error) {
	if len(b) != d.size {
		return nil, fmt.Errorf("scalar of %d octets in group %s: %w", len(b), d.group, ErrScalar)
	}
	n, err := bigmod.NewNat().SetBytes(b, d.order)
	if err != nil || n.IsZero()|n.IsOne() != 0 {
		return nil, fmt.Errorf("group %s: %w", d.group, ErrScalar)
	}
	return n, nil
}

// random draws a scalar.
func (d *domain) random(r io.Reader) (*bigmod.Nat, error) {
	b := make([]byte, d.size)
	defer clear(b)
	for range maxDraws {
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("draw scalar: %w: %w", ErrRandom, err)
		}
		if over := d.size*8 - d.bits; over > 0 {
			b[0] &= 0xff >> over
		}
		if n, err := d.scalar(b); err == nil {
			return n, nil
		}
	}
	return nil, fmt.Errorf("draw scalar in %d attempts: %w", maxDraws, ErrRandom)
}

// secret is what one side keeps of its Commit.
type secret struct {
	rand    []byte
	scalar  []byte
	element []byte // coordinates only
}

// draw makes a Commit from the element of the password: the scalar is
// rand + mask modulo the order, the element -(mask · PWE) (12.4.5.3).
func (d *domain) draw(pwe []byte, r io.Reader) (secret, error) {
	for range maxDraws {
		rand, err := d.random(r)
		if err != nil {
			return secret{}, err
		}
		mask, err := d.random(r)
		if err != nil {
			return secret{}, err
		}
		maskBytes := mask.Bytes(d.order)
		s := secret{rand: rand.Bytes(d.order)}
		s.scalar = rand.Add(mask, d.order).Bytes(d.order)
		if _, err := d.scalar(s.scalar); err != nil {
			continue
		}
		element, err := d.curve.multNegate(pwe, maskBytes)
		clear(maskBytes)
		if err != nil {
			return secret{}, fmt.Errorf("compute commit element: %w", err)
		}
		s.element = element[1:]
		return s, nil
	}
	return secret{}, fmt.Errorf("draw commit in %d attempts: %w", maxDraws, ErrRandom)
}
