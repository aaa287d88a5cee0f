package rsn

import (
	"fmt"
	"testing"

	"roamfault/roam/rsn/keys"
)

// A whole 4-way handshake, both sides, with group keys of three links.
func BenchmarkHandshake(b *testing.B) {
	for _, s := range suites {
		b.Run(s.String(), func(b *testing.B) {
			a := multi(s, keys.CCMP128, keys.BIPCMAC128)
			held := testKeys(&a, 0)
			ac := AuthenticatorConfig{Association: a, Rand: seeded(1), GroupKeys: func() []LinkKeys { return held }}
			sc := SupplicantConfig{Association: a, Rand: seeded(2)}
			b.ReportAllocs()
			for b.Loop() {
				if err := handshake(ac, sc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func handshake(ac AuthenticatorConfig, sc SupplicantConfig) error {
	auth, err := NewAuthenticator(ac)
	if err != nil {
		return err
	}
	supp, err := NewSupplicant(sc)
	if err != nil {
		return err
	}
	s, err := auth.Start(0)
	for err == nil && s.Send != nil {
		if s, err = supp.Receive(s.Send); err == nil {
			s, err = auth.Receive(0, s.Send)
		}
	}
	if err == nil && s.Result != Established {
		err = fmt.Errorf("it is %v", s.Result)
	}
	return err
}

func BenchmarkGroupHandshake(b *testing.B) {
	p := newPair(b, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	p.run()
	held := testKeys(&p.assoc, 1)
	p.auth.config.GroupKeys = func() []LinkKeys { return held }
	b.ReportAllocs()
	for b.Loop() {
		s, err := p.auth.Rekey(0)
		if err == nil {
			if s, err = p.supp.Receive(s.Send); err == nil {
				s, err = p.auth.Receive(0, s.Send)
			}
		}
		if err != nil || s.Result != Rekeyed {
			b.Fatalf("%v, %v", s.Result, err)
		}
	}
}

func BenchmarkParseKeyFrame(b *testing.B) {
	p := newPair(b, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	m3 := p.toAuth(0, p.toSupp(p.start(0).Send).Send).Send
	b.SetBytes(int64(len(m3)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseKeyFrame(m3, 16); err != nil {
			b.Fatal(err)
		}
	}
}

// An access point that is full looks up stations that come back.
func BenchmarkPMKSAFind(b *testing.B) {
	c, err := NewPMKSACache(1024)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 2048 {
		c.Add(PMKSA{PMKID: keys.PMKID{byte(i), byte(i >> 8)}, Peer: peer(byte(i)), AKM: keys.AKMSAE, Expires: 1})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := c.Find(0, keys.PMKID{0, 7}, peer(0), keys.AKMSAE); !ok {
			b.Fatal("it is gone")
		}
	}
}
