package rsn

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// What parses is sent as it was read.
func FuzzEAPOL(f *testing.F) {
	p := newPair(f, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	m1 := p.start(0)
	m2 := p.toSupp(m1.Send)
	f.Add(m1.Send, 16)
	f.Add(m2.Send, 16)
	f.Add(p.toAuth(0, m2.Send).Send, 16)
	f.Add([]byte{1, 1, 0, 0}, 24)
	f.Fuzz(func(t *testing.T, b []byte, micLen int) {
		e, rest, err := ParseEAPOL(b)
		if err != nil {
			return
		}
		again, err := e.Append(nil)
		if err != nil || !bytes.Equal(append(again, rest...), b) {
			t.Fatalf("%x is sent as %x, %x: %v", b, again, rest, err)
		}
		k, err := ParseKeyFrame(b, micLen)
		if err != nil {
			return
		}
		again, err = k.Append(nil)
		if err != nil || !bytes.Equal(append(again, rest...), b) {
			t.Fatalf("%x is sent as %x: %v", b, again, err)
		}
		if kind, err := k.Kind(); (err == nil) != (kind != 0) {
			t.Fatalf("%v, %v", kind, err)
		}
	})
}

// What parses is sent as it was read, up to the padding; and what a KDE says is
// said again by the KDE made of it.
func FuzzKeyData(f *testing.F) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	var items []KDE
	for use := range uses {
		for _, mlo := range []bool{false, true} {
			items = append(items, GroupKDE{Use: use, MLO: mlo, Link: 3, ID: 1, PN: 9, Key: octets(16, 1)}.KDE())
		}
	}
	items = append(items, MLOLink{Link: 1, Addr: a.AP, RSNE: testRSNE, RSNXE: testRSNXE}.KDE(), PMKIDKDE(keys.PMKID{1}), AddrKDE(a.AP), OCI{1, 2, 3}.KDE(), LifetimeKDE(time.Hour))
	b, err := AppendKeyData(nil, items)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(PadKeyData(b))
	f.Add(append(bytes.Clone(testRSNE), testRSNXE...))
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := ParseKeyData(b)
		if err != nil {
			return
		}
		again, err := AppendKeyData(nil, items)
		if err != nil || !bytes.HasPrefix(b, again) {
			t.Fatalf("%x is sent as %x: %v", b, again, err)
		}
		if pad := b[len(again):]; len(pad) > 0 && (pad[0] != dot11.ElementVendor || len(bytes.Trim(pad[1:], "\x00")) > 0) {
			t.Fatalf("%x was taken for padding", pad)
		}
		for _, k := range items {
			if g, err := ParseGroupKDE(k); err == nil {
				g2, err := ParseGroupKDE(g.KDE())
				if diff := cmp.Diff(g, g2); diff != "" || err != nil {
					t.Fatalf("%v\n%s", err, diff)
				}
			}
			if l, err := ParseMLOLink(k); err == nil {
				l2, err := ParseMLOLink(l.KDE())
				if diff := cmp.Diff(l, l2); diff != "" || err != nil {
					t.Fatalf("%v\n%s", err, diff)
				}
			}
		}
		c, err := ReadContents(items)
		if err == nil && (len(c.Links) > 16 || len(c.Groups) > int(uses)*17) {
			t.Fatalf("%d links, %d keys", len(c.Links), len(c.Groups))
		}
	})
}

// script reads frames out of fuzz input: a command octet, then a length and as
// many octets.
type script struct{ rest []byte }

func (s *script) next() (command byte, data []byte, ok bool) {
	if len(s.rest) < 2 {
		return 0, nil, false
	}
	command, n := s.rest[0], int(s.rest[1])
	n = min(n, len(s.rest)-2)
	data, s.rest = s.rest[2:2+n], s.rest[2+n:]
	return command, data, true
}

// mangle writes data over frame from an offset on: what an attacker can make who
// has heard all frames and has no keys.
func mangle(frame, data []byte) []byte {
	b := bytes.Clone(frame)
	if len(data) == 0 || len(b) == 0 {
		return b
	}
	copy(b[int(data[0])%len(b):], data[1:])
	return b
}

// Frames that nobody with the keys has made install nothing, on neither side,
// at whatever point of the handshake they come, and do not disturb the
// association that stands.
func FuzzMachines(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 3, 5, 0, 0xc8, 1, 2, 5, 0x13})
	f.Add([]byte{2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0})
	f.Fuzz(func(t *testing.T, input []byte) {
		const maxFrames = 64
		a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
		p := newPair(t, a)
		m1 := p.start(0)
		m2 := p.toSupp(m1.Send)
		m3 := p.toAuth(0, m2.Send)
		m4 := p.toSupp(m3.Send)
		honest := [][]byte{m1.Send, m2.Send, m3.Send, m4.Send}
		genuine := map[string]bool{}
		for _, b := range honest {
			genuine[string(b)] = true
		}

		// Machines at the beginning, amid the handshake and after it.
		supps := []*Supplicant{newPair(t, a).supp, newPair(t, a).supp, p.supp}
		if _, err := supps[1].Receive(m1.Send); err != nil {
			t.Fatal(err)
		}
		auths := []*Authenticator{newPair(t, a).auth, newPair(t, a).auth, p.auth}
		if _, err := auths[1].Start(0); err != nil {
			t.Fatal(err)
		}
		in := script{input}
		for n := 0; n < maxFrames; n++ {
			command, data, ok := in.next()
			if !ok {
				break
			}
			frame := data
			if command&1 == 0 {
				frame = mangle(honest[int(command>>1)%len(honest)], data)
			}
			if genuine[string(frame)] {
				continue
			}
			for i, s := range supps {
				step, err := s.Receive(frame)
				checkHarmless(t, "supplicant", i, step, err)
			}
			for i, s := range auths {
				step, err := s.Receive(time.Duration(n), frame)
				checkHarmless(t, "authenticator", i, step, err)
			}
		}
		if got := p.toAuth(1, m4.Send).Result; got != Established {
			t.Fatalf("the authenticator is %v in the end", got)
		}
		p.generation = 1
		g1, err := p.auth.Rekey(1)
		g2 := p.toSupp(p.fine(g1, err).Send)
		if got := p.toAuth(1, g2.Send).Result; got != Rekeyed {
			t.Fatalf("the group key handshake is %v", got)
		}
	})
}

func checkHarmless(t *testing.T, side string, i int, step Step, err error) {
	t.Helper()
	if step.Pairwise != nil || step.Group != nil || step.Result != Pending {
		t.Fatalf("%s %d: a forged frame comes to %+v, %v", side, i, step, err)
	}
}

// Whoever has the keys and sends nonsense in key data gets nothing installed
// that does not fit the association.
func FuzzSignedKeyData(f *testing.F) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	seed := func(kind Kind) {
		p := newPair(f, a, func(ac *AuthenticatorConfig, sc *SupplicantConfig) {
			see := func(m *Message) {
				if m.Kind == kind {
					b, err := AppendKeyData(nil, m.Data)
					if err != nil {
						f.Fatal(err)
					}
					f.Add(uint8(kind), b)
				}
			}
			ac.Alter, sc.Alter = see, see
		})
		p.run()
		s, err := p.auth.Rekey(0)
		p.toSupp(p.fine(s, err).Send)
	}
	for kind := Message1; kind <= GroupMessage2; kind++ {
		seed(kind)
	}
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		items, err := ParseKeyData(data)
		if err != nil {
			return
		}
		alter := func(m *Message) {
			if m.Kind == Kind(kind) {
				m.Data = items
			}
		}
		p := newPair(t, a, func(ac *AuthenticatorConfig, sc *SupplicantConfig) { ac.Alter, sc.Alter = alter, alter })
		s := p.start(0)
		rekeyed := false
		for s.Send != nil {
			s, err = p.supp.Receive(s.Send)
			if err != nil && s.Send != nil {
				t.Fatalf("%v, and it answers", err)
			}
			for _, k := range s.Group {
				l := a.link(k.Link)
				if l == nil || l.cipher(k.Use) != k.Cipher || k.check(k.Use, k.Cipher) != nil {
					t.Fatalf("it installs %+v", k)
				}
			}
			if s.Send == nil {
				break
			}
			s, _ = p.auth.Receive(0, s.Send)
			if s.Result == Established && !rekeyed {
				rekeyed = true
				if s, err = p.auth.Rekey(0); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
