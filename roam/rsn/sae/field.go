package sae

import (
	"crypto/subtle"
	"fmt"

	"filippo.io/bigmod"
)

// field is arithmetic modulo the prime p of a curve y² = x³ - 3x + b. All its
// primes are 3 modulo 4. A Nat it returns is new and reduced; none it is given is
// changed. Nothing takes a path that depends on a value.
type field struct {
	mod  *bigmod.Modulus
	size int // octets of an element

	one   *bigmod.Nat
	three *bigmod.Nat
	b     *bigmod.Nat
	z     *bigmod.Nat // the curve parameter of SSWU
	x0    *bigmod.Nat // b/(z·a), what SSWU takes for x where its divisor is zero
	ratio *bigmod.Nat // -b/a
	chunk *bigmod.Nat // 256^chunkLen

	chunkLen int
	inverse  []byte // p - 2, the exponent of inversion
	root     []byte // (p + 1) / 4, the exponent of the square root
}

func newField(p, b []byte, z uint) (*field, error) {
	mod, err := bigmod.NewModulus(p)
	if err != nil {
		return nil, fmt.Errorf("read prime: %w", err)
	}
	f := &field{mod: mod, size: len(p), chunkLen: mod.BitLen() / 8}
	if f.b, err = bigmod.NewNat().SetBytes(b, mod); err != nil {
		return nil, fmt.Errorf("read coefficient: %w", err)
	}
	f.one = bigmod.NewNat().SetUint(1).ExpandFor(mod)
	f.three = bigmod.NewNat().SetUint(3).ExpandFor(mod)
	zero := bigmod.NewNat().ExpandFor(mod)
	f.inverse = f.sub(zero, f.add(f.one, f.one)).Bytes(mod)
	f.root = quarter(p)
	f.z = f.sub(zero, bigmod.NewNat().SetUint(z).ExpandFor(mod))
	f.ratio = f.mul(f.b, f.invert(f.three)) // a is -3
	f.x0 = f.mul(f.ratio, f.invert(f.sub(zero, f.z)))
	f.chunk = f.one
	for range 8 * f.chunkLen {
		f.chunk = f.add(f.chunk, f.chunk)
	}
	return f, nil
}

// quarter returns (p+1)/4 of a p that is 3 modulo 4, which is p shifted twice
// and one added.
func quarter(p []byte) []byte {
	q := make([]byte, len(p))
	var carry byte
	for i, octet := range p {
		q[i] = carry<<6 | octet>>2
		carry = octet & 3
	}
	for i := len(q) - 1; i >= 0; i-- {
		if q[i]++; q[i] != 0 {
			break
		}
	}
	return q
}

func (f *field) dup(x *bigmod.Nat) *bigmod.Nat {
	d := bigmod.NewNat().ExpandFor(f.mod)
	copy(d.Bits(), x.Bits())
	return d
}

func (f *field) add(x, y *bigmod.Nat) *bigmod.Nat { return f.dup(x).Add(y, f.mod) }
func (f *field) sub(x, y *bigmod.Nat) *bigmod.Nat { return f.dup(x).Sub(y, f.mod) }
func (f *field) mul(x, y *bigmod.Nat) *bigmod.Nat { return f.dup(x).Mul(y, f.mod) }

// invert returns 1/x, and 0 of 0.
func (f *field) invert(x *bigmod.Nat) *bigmod.Nat {
	return bigmod.NewNat().Exp(x, f.inverse, f.mod)
}

// sqrt returns a square root of v and 1, or anything and 0 where v has none.
func (f *field) sqrt(v *bigmod.Nat) (*bigmod.Nat, uint) {
	r := bigmod.NewNat().Exp(v, f.root, f.mod)
	return r, f.mul(r, r).Equal(v)
}

// choose returns x where yes is 1, y where it is 0.
func (f *field) choose(yes uint, x, y *bigmod.Nat) *bigmod.Nat {
	d := f.dup(y)
	mask := -yes
	limbs, from := d.Bits(), x.Bits()
	for i := range limbs {
		limbs[i] ^= mask & (limbs[i] ^ from[i])
	}
	return d
}

// rightSide is x³ - 3x + b.
func (f *field) rightSide(x *bigmod.Nat) *bigmod.Nat {
	return f.mul(f.sub(f.mul(x, x), f.three), x).Add(f.b, f.mod)
}

// signed returns whichever of y and -y is odd where odd is 1, even where 0.
func (f *field) signed(y *bigmod.Nat, odd uint) *bigmod.Nat {
	negative := f.sub(bigmod.NewNat().ExpandFor(f.mod), y)
	return f.choose(1^y.IsOdd()^odd, y, negative)
}

// reduce returns the big-endian number b, however long, modulo p.
func (f *field) reduce(b []byte) (*bigmod.Nat, error) {
	sum := bigmod.NewNat().ExpandFor(f.mod)
	for len(b) > 0 {
		n := (len(b)-1)%f.chunkLen + 1
		part, err := bigmod.NewNat().SetOverflowingBytes(b[:n], f.mod)
		if err != nil {
			return nil, fmt.Errorf("reduce: %w", err)
		}
		sum.Mul(f.chunk, f.mod).Add(part, f.mod)
		b = b[n:]
	}
	return sum, nil
}

// parse reads an element of exactly size octets whose bits fit the prime's; the
// second result is 1 where it was below p already.
func (f *field) parse(b []byte) (*bigmod.Nat, uint, error) {
	x, err := bigmod.NewNat().SetOverflowingBytes(b, f.mod)
	if err != nil {
		return nil, 0, fmt.Errorf("read field element: %w", err)
	}
	return x, uint(subtle.ConstantTimeCompare(x.Bytes(f.mod), b)), nil
}

// point returns the uncompressed form of (x, y).
func (f *field) point(x, y *bigmod.Nat) []byte {
	return append(append([]byte{uncompressed}, x.Bytes(f.mod)...), y.Bytes(f.mod)...)
}

// sswu maps u to a point (IEEE 802.11-2020, 12.4.4.2.3; the same as RFC 9380,
// 6.6.2 with curves that have a = -3).
func (f *field) sswu(u *bigmod.Nat) []byte {
	zu2 := f.mul(f.z, f.mul(u, u))
	m := f.add(f.mul(zu2, zu2), zu2)
	t := f.invert(m)
	x1 := f.choose(uint(m.IsZero()), f.x0, f.mul(f.ratio, f.add(f.one, t)))
	x2 := f.mul(zu2, x1)
	y1, square := f.sqrt(f.rightSide(x1))
	y2, _ := f.sqrt(f.rightSide(x2))
	x := f.choose(square, x1, x2)
	y := f.signed(f.choose(square, y1, y2), u.IsOdd())
	return f.point(x, y)
}

// shiftRight moves a KDF output of n bits, which stands left in its octets, to
// where a number of n bits stands.
func shiftRight(b []byte, n int) {
	spare := len(b)*8 - n
	if spare <= 0 || spare >= 8 {
		return
	}
	var carry byte
	for i, octet := range b {
		b[i] = carry | octet>>spare
		carry = octet << (8 - spare)
	}
}
