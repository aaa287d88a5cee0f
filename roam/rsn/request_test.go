package rsn

import (
	"errors"
	"io"
	"strings"
	"testing"

	"roamfault/roam/rsn/keys"
)

func TestRequest(t *testing.T) {
	p := newPair(t, single(suites[0], keys.CCMP128, 0))
	if _, err := p.supp.Request(true, 1); !errors.Is(err, ErrState) {
		t.Errorf("a request before there are keys: %v", err)
	}
	p.run()
	ask := func(pairwise bool, n uint64) []byte {
		b, err := p.supp.Request(pairwise, n)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	g1 := p.toAuth(0, ask(false, 0))
	if kind, _ := ptr(p.frame(g1.Send)).Kind(); kind != GroupMessage1 {
		t.Errorf("a request for group keys gives %v", kind)
	}
	s, err := p.auth.Receive(0, ask(false, 1))
	wantError(t, s, err, ErrState)
	p.toAuth(0, p.toSupp(g1.Send).Send)

	s, err = p.auth.Receive(0, ask(true, 0))
	wantError(t, s, err, ErrReplay)
	m1 := p.toAuth(0, ask(true, 1))
	if kind, _ := ptr(p.frame(m1.Send)).Kind(); kind != Message1 {
		t.Errorf("a request for the PTK gives %v", kind)
	}
	if got := p.toSupp(p.toAuth(0, p.toSupp(m1.Send).Send).Send).Result; got != Established {
		t.Errorf("it is %v", got)
	}
}

func TestRequestRefused(t *testing.T) {
	tests := []struct {
		name  string
		alter func(*Message)
		want  error
	}{
		{"MIC", func(m *Message) { m.KCK[0]++ }, ErrMIC},
		{"report of a MIC failure", func(m *Message) { m.Frame.Info |= InfoError }, ErrKind},
		{"wants an answer", func(m *Message) { m.Frame.Info |= InfoAck }, ErrKind},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, single(suites[2], keys.CCMP128, 0), func(_ *AuthenticatorConfig, sc *SupplicantConfig) {
				sc.Alter = func(m *Message) {
					if m.Kind == Request {
						test.alter(m)
					}
				}
			})
			p.run()
			b, err := p.supp.Request(true, 5)
			if err != nil {
				t.Fatal(err)
			}
			s, err := p.auth.Receive(0, b)
			wantError(t, s, err, test.want)
		})
	}
}

// Nothing is sent, and nothing is half begun, where nonces cannot be drawn.
func TestNoRandomness(t *testing.T) {
	p := newPair(t, single(suites[2], keys.CCMP128, 0), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		ac.Rand = strings.NewReader("too short")
	})
	s, err := p.auth.Start(0)
	wantError(t, s, err, io.ErrUnexpectedEOF)
	if _, waiting := p.auth.Deadline(); waiting {
		t.Error("the authenticator waits for an answer to nothing")
	}
	if _, ok := p.auth.Established(); ok {
		t.Error("the authenticator has keys")
	}

	p = newPair(t, single(suites[2], keys.CCMP128, 0), func(_ *AuthenticatorConfig, sc *SupplicantConfig) {
		sc.Rand = strings.NewReader("too short")
	})
	s, err = p.supp.Receive(p.start(0).Send)
	wantError(t, s, err, io.ErrUnexpectedEOF)
	if _, ok := p.supp.Established(); ok {
		t.Error("the supplicant has keys")
	}
}

// The system's randomness is taken where none is given.
func TestSystemRandomness(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		p := newPair(t, single(suites[2], keys.CCMP128, 0), func(ac *AuthenticatorConfig, sc *SupplicantConfig) {
			ac.Rand, sc.Rand = nil, nil
		})
		supp, _ := p.run()
		seen[string(supp.Pairwise.TK)] = true
	}
	if len(seen) != 2 {
		t.Error("two handshakes have the same TK")
	}
}

func TestNoGroupKeysGiven(t *testing.T) {
	if _, err := NewAuthenticator(AuthenticatorConfig{Association: single(suites[2], keys.CCMP128, 0)}); err == nil {
		t.Error("an authenticator without group keys was made")
	}
}

// A group key handshake without keys cannot begin; the next one can.
func TestRekeyOfNothing(t *testing.T) {
	var held []LinkKeys
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		ac.GroupKeys = func() []LinkKeys { return held }
	})
	held = testKeys(&p.assoc, 0)
	p.run()
	held = nil
	s, err := p.auth.Rekey(0)
	wantError(t, s, err, ErrMissing)
	held = testKeys(&p.assoc, 1)
	s, err = p.auth.Rekey(0)
	if got := p.toAuth(0, p.toSupp(p.fine(s, err).Send).Send).Result; got != Rekeyed {
		t.Errorf("it is %v", got)
	}
}
