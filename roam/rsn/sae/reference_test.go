package sae

import (
	"crypto"
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// reference computes slowly, with math/big and the formulas of schoolbooks, what
// the package computes with its libraries.
type reference struct {
	p, n, b, z *big.Int
	size, bits int
	hash       crypto.Hash
}

type affine struct{ x, y *big.Int } // nil: the point at infinity

func newReference(t testing.TB, c constants) *reference {
	t.Helper()
	number := func(s string) *big.Int { return new(big.Int).SetBytes(unhex(t, s)) }
	r := &reference{p: number(c.p), n: number(c.n), b: number(c.b), hash: c.hash, bits: c.bits}
	r.size = (r.p.BitLen() + 7) / 8
	r.z = r.mod(big.NewInt(-int64(c.z)))
	return r
}

func references(t testing.TB) map[Group]*reference {
	t.Helper()
	all := make(map[Group]*reference)
	for _, c := range []constants{p256, p384, p521} {
		all[c.group] = newReference(t, c)
	}
	return all
}

func (r *reference) mod(x *big.Int) *big.Int    { return new(big.Int).Mod(x, r.p) }
func (r *reference) mul(x, y *big.Int) *big.Int { return r.mod(new(big.Int).Mul(x, y)) }
func (r *reference) inv(x *big.Int) *big.Int    { return new(big.Int).ModInverse(x, r.p) }

func (r *reference) right(x *big.Int) *big.Int {
	y := new(big.Int).Exp(x, big.NewInt(3), r.p)
	y.Sub(y, new(big.Int).Mul(big.NewInt(3), x))
	return r.mod(y.Add(y, r.b))
}

func (r *reference) add(a, b *affine) *affine {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	var slope *big.Int
	switch {
	case a.x.Cmp(b.x) != 0:
		slope = r.mul(new(big.Int).Sub(b.y, a.y), r.inv(r.mod(new(big.Int).Sub(b.x, a.x))))
	case a.y.Cmp(b.y) != 0:
		return nil
	default:
		top := new(big.Int).Mul(big.NewInt(3), new(big.Int).Mul(a.x, a.x))
		slope = r.mul(top.Sub(top, big.NewInt(3)), r.inv(r.mod(new(big.Int).Lsh(a.y, 1))))
	}
	x := r.mod(new(big.Int).Sub(new(big.Int).Mul(slope, slope), new(big.Int).Add(a.x, b.x)))
	y := r.mod(new(big.Int).Sub(new(big.Int).Mul(slope, new(big.Int).Sub(a.x, x)), a.y))
	return &affine{x, y}
}

func (r *reference) scale(a *affine, n *big.Int) *affine {
	var sum *affine
	for i := n.BitLen() - 1; i >= 0; i-- {
		sum = r.add(sum, sum)
		if n.Bit(i) == 1 {
			sum = r.add(sum, a)
		}
	}
	return sum
}

func (r *reference) negate(a *affine) *affine { return &affine{a.x, new(big.Int).Sub(r.p, a.y)} }

func (r *reference) bytes(a *affine) []byte {
	b := make([]byte, 1+2*r.size)
	b[0] = 4
	a.x.FillBytes(b[1 : 1+r.size])
	a.y.FillBytes(b[1+r.size:])
	return b
}

func (r *reference) point(b []byte) *affine {
	return &affine{new(big.Int).SetBytes(b[1 : 1+r.size]), new(big.Int).SetBytes(b[1+r.size:])}
}

// sswu is RFC 9380, 6.6.2, with a = -3.
func (r *reference) sswu(u *big.Int) *affine {
	a := big.NewInt(-3)
	zu2 := r.mul(r.z, r.mul(u, u))
	m := r.mod(new(big.Int).Add(r.mul(zu2, zu2), zu2))
	var x *big.Int
	if m.Sign() == 0 {
		x = r.mul(r.b, r.inv(r.mul(r.z, a)))
	} else {
		x = r.mul(r.mul(new(big.Int).Neg(r.b), r.inv(r.mod(a))), new(big.Int).Add(big.NewInt(1), r.inv(m)))
	}
	if big.Jacobi(r.right(x), r.p) == -1 {
		x = r.mul(zu2, x)
	}
	y := new(big.Int).ModSqrt(r.right(x), r.p)
	if y.Bit(0) != u.Bit(0) {
		y.Sub(r.p, y)
	}
	return &affine{x, y}
}

func (r *reference) hmac(h crypto.Hash, key []byte, parts ...[]byte) []byte {
	m := hmac.New(h.New, key)
	for _, part := range parts {
		m.Write(part)
	}
	return m.Sum(nil)
}

// kdf is 12.7.1.6.2 as the number it gives.
func (r *reference) kdf(h crypto.Hash, key []byte, label string, context []byte, bits int) *big.Int {
	var out []byte
	for i := 1; len(out)*8 < bits; i++ {
		out = append(out, r.hmac(h, key, binary.LittleEndian.AppendUint16(nil, uint16(i)), []byte(label), context,
			binary.LittleEndian.AppendUint16(nil, uint16(bits)))...)
	}
	n := new(big.Int).SetBytes(out)
	return n.Rsh(n, uint(len(out)*8-bits))
}

func (r *reference) huntAndPeck(password string, addrs []byte) *affine {
	p, _ := r.hunt(password, addrs)
	return p
}

// loops is in which loop the element is found.
func (r *reference) loops(password string, addrs []byte) int {
	_, n := r.hunt(password, addrs)
	return n
}

func (r *reference) hunt(password string, addrs []byte) (*affine, int) {
	for counter := 1; ; counter++ {
		seed := r.hmac(crypto.SHA256, addrs, []byte(password), []byte{byte(counter)})
		x := r.kdf(crypto.SHA256, seed, "SAE Hunting and Pecking", r.p.FillBytes(make([]byte, r.size)), r.bits)
		if x.Cmp(r.p) >= 0 || big.Jacobi(r.right(x), r.p) != 1 {
			continue
		}
		y := new(big.Int).ModSqrt(r.right(x), r.p)
		if y.Bit(0) != uint(seed[len(seed)-1]&1) {
			y.Sub(r.p, y)
		}
		return &affine{x, y}, counter
	}
}

func (r *reference) expand(seed []byte, info string) *big.Int {
	n := r.size + (r.size+1)/2
	var out, last []byte
	for i := 1; len(out) < n; i++ {
		last = r.hmac(r.hash, seed, last, []byte(info), []byte{byte(i)})
		out = append(out, last...)
	}
	return r.mod(new(big.Int).SetBytes(out[:n]))
}

func (r *reference) hashToElement(ssid, password, identifier string, addrs []byte) *affine {
	seed := r.hmac(r.hash, []byte(ssid), []byte(password), []byte(identifier))
	pt := r.add(r.sswu(r.expand(seed, "SAE Hash to Element u1 P1")), r.sswu(r.expand(seed, "SAE Hash to Element u2 P2")))
	value := new(big.Int).SetBytes(r.hmac(r.hash, make([]byte, r.hash.Size()), addrs))
	value.Mod(value, new(big.Int).Sub(r.n, big.NewInt(1)))
	return r.scale(pt, value.Add(value, big.NewInt(1)))
}

func TestHuntAndPeckAgainstReference(t *testing.T) {
	random := rand.NewChaCha8([32]byte{1})
	for group, r := range references(t) {
		d := domainOf(t, group)
		for i := range 6 {
			password := fmt.Sprintf("password %d", i)
			a, b := dot11.Addr{2, 0, 0, 0, 1, byte(i)}, dot11.Addr{2, 0, 0, 0, 0, 0x10}
			got, err := d.huntAndPeck([]byte(password), a, b, random)
			if err != nil {
				t.Fatalf("group %s: %v", group, err)
			}
			want := r.bytes(r.huntAndPeck(password, orderAddrs(b, a)))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("group %s, %q (-want +got):\n%s", group, password, diff)
			}
		}
	}
}

// Zero and the roots of z²u⁴ + zu² take the branch that has no inverse.
func TestSSWUAgainstReference(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for group, r := range references(t) {
		d := domainOf(t, group)
		us := []*big.Int{big.NewInt(0), big.NewInt(1), new(big.Int).Sub(r.p, big.NewInt(1))}
		if root := new(big.Int).ModSqrt(r.mul(big.NewInt(-1), r.inv(r.z)), r.p); root != nil {
			us = append(us, root)
		}
		for range 12 {
			b := make([]byte, r.size+8)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			us = append(us, new(big.Int).SetBytes(b))
		}
		for _, u := range us {
			reduced, err := d.field.reduce(u.Bytes())
			if err != nil {
				t.Fatalf("group %s, reduce %x: %v", group, u, err)
			}
			want := hex.EncodeToString(r.bytes(r.sswu(r.mod(u))))
			if got := hex.EncodeToString(d.field.sswu(reduced)); got != want {
				t.Errorf("group %s, u %x:\nwant %s\ngot  %s", group, u, want, got)
			}
		}
	}
}

// A session against a peer that is nothing but the reference: every group, method
// and suite, with and without rejected groups.
func TestExchangeAgainstReference(t *testing.T) {
	const ssid, password = "reference net", "correct horse"
	own, peer := dot11.Addr{2, 0, 0, 0, 1, 0}, dot11.Addr{2, 0, 0, 0, 0, 0x10}
	refs := references(t)
	for _, tt := range exchanges() {
		for _, rejected := range [][]Group{nil, {25, 26}} {
			if tt.method == Looping && rejected != nil {
				continue
			}
			t.Run(fmt.Sprintf("%s rejected %v", tt.name(), rejected), func(t *testing.T) {
				r := refs[tt.group]
				h := r.hash
				if tt.method == Looping {
					h = crypto.SHA256
				}
				random := rand.NewChaCha8([32]byte{byte(tt.group), byte(tt.method)})
				scalar := func() *big.Int {
					b := make([]byte, r.size+16)
					if _, err := random.Read(b); err != nil {
						t.Fatal(err)
					}
					return new(big.Int).Mod(new(big.Int).SetBytes(b), r.n)
				}

				pwe := r.huntAndPeck(password, orderAddrs(own, peer))
				if tt.method == HashToElement {
					pwe = r.hashToElement(ssid, password, "", orderAddrs(own, peer))
				}
				secret, mask := scalar(), scalar()
				sum := new(big.Int).Mod(new(big.Int).Add(secret, mask), r.n)
				theirs := &Commit{
					Method: tt.method, Group: tt.group, Rejected: rejected,
					Scalar:  sum.FillBytes(make([]byte, r.size)),
					Element: r.bytes(r.negate(r.scale(pwe, mask)))[1:],
				}
				if tt.akm == keys.AKMSAEExtKey {
					theirs.AKM = tt.akm
				}
				body, err := theirs.Append(nil)
				if err != nil {
					t.Fatal(err)
				}

				p, err := NewPassword(ssid, password, "", tt.group)
				if err != nil {
					t.Fatal(err)
				}
				s := newSession(t, Config{
					Own: own, Peer: peer, Passwords: []*Password{p}, Groups: []Group{tt.group},
					Methods: []Method{tt.method}, AKMs: []keys.AKM{tt.akm}, Rand: random,
				})
				step := s.HandleCommit(tt.method.Status(), body)
				if step.Outcome != Continue || len(step.Send) != 1 {
					t.Fatalf("commit: %+v", step)
				}
				ours, err := ParseCommit(tt.method, step.Send[0].Body)
				if err != nil {
					t.Fatal(err)
				}

				// K = secret · (scalar · PWE + element)
				k := r.scale(r.add(r.scale(pwe, new(big.Int).SetBytes(ours.Scalar)), r.point(toPoint(ours.Element))), secret)
				salt := make([]byte, h.Size())
				if rejected != nil {
					salt = []byte{25, 0, 26, 0}
				}
				seed := r.hmac(h, salt, k.x.FillBytes(make([]byte, r.size)))
				context := new(big.Int).Mod(new(big.Int).Add(sum, new(big.Int).SetBytes(ours.Scalar)), r.n).FillBytes(make([]byte, r.size))
				pmkLen := 32
				if tt.akm == keys.AKMSAEExtKey {
					pmkLen = h.Size()
				}
				out := r.kdf(h, seed, "SAE KCK and PMK", context, 8*(h.Size()+pmkLen)).FillBytes(make([]byte, h.Size()+pmkLen))
				confirm := func(count uint16, from, to *Commit) []byte {
					c := binary.LittleEndian.AppendUint16(nil, count)
					return append(c, r.hmac(h, out[:h.Size()], c, from.Scalar, from.Element, to.Scalar, to.Element)...)
				}
				step = s.HandleConfirm(dot11.StatusSuccess, confirm(1, theirs, ours))
				if step.Outcome != Accepted {
					t.Fatalf("confirm: %+v", step)
				}
				want := []Message{{TransactionConfirm, dot11.StatusSuccess, confirm(1, ours, theirs)}}
				if diff := cmp.Diff(want, step.Send); diff != "" {
					t.Errorf("our confirm (-want +got):\n%s", diff)
				}
				got, ok := s.Keys()
				if !ok {
					t.Fatal("no keys")
				}
				if diff := cmp.Diff(Keys{
					AKM: tt.akm, Group: tt.group, Method: tt.method,
					PMK: out[h.Size():], PMKID: keys.PMKID(context[:16]),
				}, got); diff != "" {
					t.Errorf("keys (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// How much is done must not tell when the element was found: the loops, and so
// what they allocate, are as many for every password.
func TestHuntAndPeckWorksAlike(t *testing.T) {
	r := references(t)[GroupP256]
	d := domainOf(t, GroupP256)
	a, b := dot11.Addr{2, 0, 0, 0, 1, 0}, dot11.Addr{2, 0, 0, 0, 0, 0x10}
	random := rand.NewChaCha8([32]byte{1})
	var first float64
	loops := make(map[int]bool)
	for i := range 12 {
		password := fmt.Sprintf("password %02d", i)
		loops[r.loops(password, orderAddrs(a, b))] = true
		allocs := testing.AllocsPerRun(10, func() {
			if _, err := d.huntAndPeck([]byte(password), a, b, random); err != nil {
				t.Fatal(err)
			}
		})
		if i == 0 {
			first = allocs
		}
		if allocs != first {
			t.Errorf("%q takes %v allocations, the first password %v", password, allocs, first)
		}
	}
	if len(loops) < 3 {
		t.Errorf("the passwords differ too little: found in the loops %v", loops)
	}
}
