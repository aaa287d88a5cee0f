package sae

import (
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"filippo.io/bigmod"
	"filippo.io/nistec"
)

// Group is a finite cyclic group by its number in the IANA registry "Group
// Description" for IKE (IEEE 802.11-2020, 12.4.4.1), as SAE frames carry it.
type Group uint16

// The groups of this package.
const (
	GroupP256 Group = 19
	GroupP384 Group = 20
	GroupP521 Group = 21
)

// ErrGroup is wrapped by the errors about groups that this package does not know
// or that a session does not offer.
var ErrGroup = errors.New("group not supported")

// Supported reports whether g is one of the groups of this package.
func (g Group) Supported() bool {
	for i := range domains {
		if domains[i].group == g {
			return true
		}
	}
	return false
}

// String gives the number, as logs and configurations write it.
func (g Group) String() string { return strconv.Itoa(int(g)) }

// domain holds what is computed with in a group. It never changes and is shared.
type domain struct {
	group Group
	size  int         // octets of a scalar and of a coordinate
	bits  int         // bits of the prime, and of the order
	hash  crypto.Hash // of hash-to-element and what follows from it (12.4.2)
	curve curve
	field *field
	prime []byte
	order *bigmod.Modulus
	less1 *bigmod.Modulus // order - 1
	one   *bigmod.Nat     // 1 modulo order
}

// domains are made when first asked for: three tables nobody uses would cost
// every start of the program.
var domains = [...]struct {
	group Group
	load  func() (*domain, error)
}{
	{GroupP256, sync.OnceValues(func() (*domain, error) {
		return newDomain(p256, &nistCurve[*nistec.P256Point]{nistec.NewP256Point})
	})},
	{GroupP384, sync.OnceValues(func() (*domain, error) {
		return newDomain(p384, &nistCurve[*nistec.P384Point]{nistec.NewP384Point})
	})},
	{GroupP521, sync.OnceValues(func() (*domain, error) {
		return newDomain(p521, &nistCurve[*nistec.P521Point]{nistec.NewP521Point})
	})},
}

// constants describe a curve y² = x³ - 3x + b over the integers modulo p
// (NIST SP 800-186, 3.2.1), n being its order, in hexadecimal.
type constants struct {
	group Group
	bits  int
	hash  crypto.Hash
	z     uint // the curve parameter of SSWU is -z (12.4.4.2.3)
	p     string
	n     string
	b     string
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
const effs = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

var (
	p256 = constants{GroupP256, 256, crypto.SHA256, 10,
		"ffffffff00000001" + zeros[:24] + effs[:24],
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
		"5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"}
	p384 = constants{GroupP384, 384, crypto.SHA384, 12,
		effs[:63] + "effffffff" + zeros[:16] + effs[:8],
		effs[:48] + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
		"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a" +
			"c656398d8a2ed19d2a85c8edd3ec2aef"}
	p521 = constants{GroupP521, 521, crypto.SHA512, 4,
		"01" + effs + effs + "ff",
		"01" + effs + "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
		"0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef1" +
			"09e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"}
)

// domain returns what is computed with in g, or ErrGroup.
func (g Group) domain() (*domain, error) {
	for i := range domains {
		if domains[i].group == g {
			return domains[i].load()
		}
	}
	return nil, fmt.Errorf("group %d: %w", uint16(g), ErrGroup)
}

func newDomain(c constants, points curve) (*domain, error) {
	p, err := hex.DecodeString(c.p)
	if err != nil {
		return nil, fmt.Errorf("prime of group %s: %w", c.group, err)
	}
	n, err := hex.DecodeString(c.n)
	if err != nil {
		return nil, fmt.Errorf("order of group %s: %w", c.group, err)
	}
	b, err := hex.DecodeString(c.b)
	if err != nil {
		return nil, fmt.Errorf("coefficient of group %s: %w", c.group, err)
	}
	d := &domain{group: c.group, size: len(p), bits: c.bits, hash: c.hash, curve: points, prime: p}
	if d.field, err = newField(p, b, c.z); err != nil {
		return nil, fmt.Errorf("field of group %s: %w", c.group, err)
	}
	if d.order, err = bigmod.NewModulus(n); err != nil {
		return nil, fmt.Errorf("order of group %s: %w", c.group, err)
	}
	n[len(n)-1]-- // the order of a curve of prime order is odd
	if d.less1, err = bigmod.NewModulus(n); err != nil {
		return nil, fmt.Errorf("order of group %s: %w", c.group, err)
	}
	d.one = bigmod.NewNat().SetUint(1).ExpandFor(d.order)
	return d, nil
}

// hashOf is the hash of an exchange: the group's with hash-to-element, SHA-256
// with hunting and pecking whatever the group (12.4.2).
func (d *domain) hashOf(m Method) crypto.Hash {
	if m == Looping {
		return crypto.SHA256
	}
	return d.hash
}
