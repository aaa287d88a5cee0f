package sae

import (
	"encoding/binary"
	"fmt"

	"roamfault/roam/rsn/keys"
)

// pmkLen is how long the PMK of a suite other than 00-0F-AC:24 is, in octets.
const pmkLen = 32

// Keys is what an accepted exchange leaves.
type Keys struct {
	// AKM is the suite that the keys are for: 00-0F-AC:8 or 00-0F-AC:24.
	AKM keys.AKM
	// Group and Method are what the exchange used.
	Group  Group
	Method Method
	// Identifier names the password that was used; empty for one without.
	Identifier string
	// PMK has 32 octets; with 00-0F-AC:24 as many as the group's hash: 32, 48, 64.
	PMK []byte
	// PMKID names the PMK.
	PMKID keys.PMKID
}

// derived is what both sides compute once they have each other's Commit.
type derived struct {
	kck   []byte
	pmk   []byte
	pmkid keys.PMKID
}

// derive computes the keys from the shared secret k (12.4.5.4). salt is the
// concatenation of the lists of rejected groups, nil for none.
func (d *domain) derive(m Method, akm keys.AKM, k, salt, own, peer []byte) (derived, error) {
	h := d.hashOf(m)
	if len(salt) == 0 {
		salt = make([]byte, h.Size())
	}
	seed := mac(h, salt, k)
	defer clear(seed)
	a, err := d.scalar(own)
	if err != nil {
		return derived{}, err
	}
	b, err := d.scalar(peer)
	if err != nil {
		return derived{}, err
	}
	sum := a.Add(b, d.order).Bytes(d.order)
	n := pmkLen
	if akm == keys.AKMSAEExtKey {
		n = h.Size()
	}
	out, err := keys.KDF(h, seed, "SAE KCK and PMK", 8*(h.Size()+n), sum)
	if err != nil {
		return derived{}, fmt.Errorf("derive KCK and PMK: %w", err)
	}
	kck := out[:h.Size():h.Size()]
	return derived{kck, out[h.Size():], keys.PMKID(sum[:len(keys.PMKID{})])}, nil
}

// verifier is the confirm of whoever sent from (12.4.5.5 and 12.4.5.6).
func (d *domain) verifier(m Method, kck []byte, sendConfirm uint16, from, to *Commit) []byte {
	count := binary.LittleEndian.AppendUint16(nil, sendConfirm)
	return mac(d.hashOf(m), kck, count, from.Scalar, from.Element, to.Scalar, to.Element)
}
