package rsn

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/rsn/keys"
)

// Message 3 that comes again, as it was or with a new replay counter, is not
// answered or is answered, and installs nothing.
func TestMessage3Again(t *testing.T) {
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	m3 := p.toAuth(0, p.toSupp(p.start(0).Send).Send)
	m4 := p.toSupp(m3.Send)
	p.toAuth(0, m4.Send)

	s, err := p.supp.Receive(m3.Send)
	wantError(t, s, err, ErrReplay)

	again, err := p.auth.Repeat(Message3)
	if err != nil {
		t.Fatal(err)
	}
	got := p.toSupp(again)
	if diff := cmp.Diff(Step{Send: got.Send}, got); diff != "" {
		t.Errorf("message 3 with a new replay counter (-want +got):\n%s", diff)
	}
	if kind, _ := ptr(p.frame(got.Send)).Kind(); kind != Message4 {
		t.Errorf("it is answered by %v", kind)
	}
}

// Message 1 is not signed: one that is forged after the handshake changes
// nothing for messages under the established keys.
func TestForgedMessage1(t *testing.T) {
	tests := map[string]func(*KeyFrame){
		"another nonce": func(f *KeyFrame) { f.Nonce[4]++ },
		"same nonce":    func(*KeyFrame) {},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
			m1 := p.start(0)
			m3 := p.toAuth(0, p.toSupp(m1.Send).Send)
			p.toSupp(m3.Send) // message 4 is lost

			forged := p.frame(m1.Send)
			forged.Replay = 99
			change(&forged)
			b, err := forged.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			if s := p.toSupp(b); s.Pairwise != nil || s.Result != Pending {
				t.Fatalf("it came to %+v", s)
			}
			m4 := p.toSupp(p.advance(p.due()).Send)
			if diff := cmp.Diff(Step{Send: m4.Send}, m4); diff != "" {
				t.Errorf("message 3 again (-want +got):\n%s", diff)
			}
			if got := p.toAuth(0, m4.Send).Result; got != Established {
				t.Errorf("the authenticator is %v", got)
			}
			p.generation = 1
			g1, err := p.auth.Rekey(0)
			p.fine(g1, err)
			if got := p.toAuth(0, p.toSupp(g1.Send).Send).Result; got != Rekeyed {
				t.Errorf("group keys: %v", got)
			}
		})
	}
}

// stuck is randomness that repeats.
type stuck struct{}

func (stuck) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 7
	}
	return len(b), nil
}

// Even where both sides draw the same nonces again, and so come to the same PTK,
// it is not installed again.
func TestSamePTKAgain(t *testing.T) {
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, sc *SupplicantConfig) {
		ac.Rand, sc.Rand = stuck{}, stuck{}
	})
	p.run()
	supp, _ := p.run()
	if supp.Pairwise != nil || supp.Group != nil || supp.Result != Pending {
		t.Errorf("the second handshake comes to %+v", supp)
	}
}

// Group keys that come again with lower packet numbers stay as they are; only
// the new one of several is installed.
func TestGroupKeyAgain(t *testing.T) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	held := testKeys(&a, 0)
	p := newPair(t, a, func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		ac.GroupKeys = func() []LinkKeys { return held }
	})
	p.run()
	rekey := func() Step {
		g1, err := p.auth.Rekey(0)
		g2 := p.toSupp(p.fine(g1, err).Send)
		p.toAuth(0, g2.Send)
		return g2
	}
	for i := range held {
		held[i].GTK.PN, held[i].IGTK.PN = 0, 0
	}
	if got := rekey(); len(got.Group) != 0 {
		t.Errorf("keys that are installed are installed again: %+v", got.Group)
	}
	held[1].GTK = &GroupKey{ID: 2, Key: octets(16, 0x77)}
	got := rekey()
	want := []InstallKey{{Use: GTK, Link: 1, Cipher: keys.CCMP128, GroupKey: *held[1].GTK}}
	if diff := cmp.Diff(want, got.Group); diff != "" {
		t.Errorf("installed (-want +got):\n%s", diff)
	}
}

// A wrong passphrase: message 2 is ignored until the authenticator gives up.
func TestWrongPMK(t *testing.T) {
	p := newPair(t, single(suites[0], keys.CCMP128, 0), func(_ *AuthenticatorConfig, sc *SupplicantConfig) { sc.PMK = octets(32, 9) })
	step := p.start(0)
	for range 4 {
		s, err := p.auth.Receive(0, p.toSupp(step.Send).Send)
		wantError(t, s, err, ErrMIC)
		step = p.advance(p.due())
	}
	if step.Result != Failed {
		t.Errorf("it is %v", step.Result)
	}
}

func TestRepeat(t *testing.T) {
	p := newPair(t, single(suites[0], keys.CCMP128, 0))
	for _, kind := range []Kind{Message1, Message2, Message3, Message4, GroupMessage1, Request, 0} {
		if b, err := p.auth.Repeat(kind); err == nil {
			t.Errorf("%v of nothing: %x", kind, b)
		}
	}
	m1 := p.start(0)
	p.toSupp(m1.Send)
	again, err := p.auth.Repeat(Message1)
	if err != nil {
		t.Fatal(err)
	}
	// The answer to the repeated one counts as well.
	m3 := p.toAuth(0, p.toSupp(again).Send)
	again, err = p.auth.Repeat(Message3)
	if err != nil {
		t.Fatal(err)
	}
	p.toSupp(m3.Send)
	if got := p.toAuth(0, p.toSupp(again).Send).Result; got != Established {
		t.Errorf("it is %v", got)
	}
}
