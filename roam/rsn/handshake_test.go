package rsn

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/rsn/keys"
)

// Every suite with every cipher, with and without multi-link: both sides come
// to the same keys, and message by message to the key information that the
// standard wants.
func TestHandshake(t *testing.T) {
	ciphers := []struct{ pairwise, management keys.Cipher }{
		{keys.CCMP128, 0},
		{keys.CCMP128, keys.BIPCMAC128},
		{keys.GCMP128, keys.BIPGMAC128},
		{keys.GCMP256, keys.BIPGMAC256},
		{keys.CCMP256, keys.BIPCMAC256},
	}
	for _, s := range suites {
		for _, c := range ciphers {
			for name, make := range map[string]func(suite, keys.Cipher, keys.Cipher) Association{"single": single, "multi": multi} {
				t.Run(fmt.Sprintf("%v/%s/%s/%s", s, c.pairwise.Name(), c.management.Name(), name), func(t *testing.T) {
					testHandshake(t, make(s, c.pairwise, c.management))
				})
			}
		}
	}
}

func testHandshake(t *testing.T, a Association) {
	var sent []*Message
	see := func(m *Message) { sent = append(sent, m) }
	p := newPair(t, a, func(ac *AuthenticatorConfig, sc *SupplicantConfig) { ac.Alter, sc.Alter = see, see })

	supp, auth := p.run()
	if supp.Result != Established || auth.Result != Established {
		t.Fatalf("the supplicant is %v, the authenticator %v", supp.Result, auth.Result)
	}
	theirs, ok := p.supp.Established()
	ours, ok2 := p.auth.Established()
	if !ok || !ok2 {
		t.Fatal("a side has no PTK")
	}
	if diff := cmp.Diff(ours, theirs); diff != "" {
		t.Errorf("PTK (-authenticator +supplicant):\n%s", diff)
	}
	pairwise := &PairwiseKey{Cipher: a.Cipher, TK: ours.TK}
	if len(ours.TK) != a.Cipher.KeyLen() {
		t.Errorf("TK of %d octets", len(ours.TK))
	}
	if diff := cmp.Diff(Step{Result: Established, Pairwise: pairwise}, auth); diff != "" {
		t.Errorf("authenticator's last step (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Step{Send: supp.Send, Result: Established, Pairwise: pairwise, Group: wanted(&a, testKeys(&a, 0))}, supp); diff != "" {
		t.Errorf("supplicant's last step (-want +got):\n%s", diff)
	}

	p.generation = 1
	g1, err := p.auth.Rekey(0)
	p.fine(g1, err)
	g2 := p.toSupp(g1.Send)
	if diff := cmp.Diff(Step{Send: g2.Send, Result: Rekeyed, Group: wanted(&a, testKeys(&a, 1))}, g2); diff != "" {
		t.Errorf("group key handshake, supplicant (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Step{Result: Rekeyed}, p.toAuth(0, g2.Send)); diff != "" {
		t.Errorf("group key handshake, authenticator (-want +got):\n%s", diff)
	}
	if due, waiting := p.auth.Deadline(); waiting {
		t.Errorf("it waits until %v after all is done", due)
	}

	version := KeyInfo(p.auth.sender.algorithms.Version)
	want := []struct {
		Kind   Kind
		Info   KeyInfo
		Replay uint64
		KeyLen int
		Nonce  bool
	}{
		{Message1, 0x0088 | version, 1, a.Cipher.KeyLen(), true},
		{Message2, 0x0108 | version, 1, 0, true},
		{Message3, 0x13c8 | version, 2, a.Cipher.KeyLen(), true},
		{Message4, 0x0308 | version, 2, 0, false},
		{GroupMessage1, 0x1380 | version, 3, 0, false},
		{GroupMessage2, 0x0300 | version, 3, 0, false},
	}
	if len(sent) != len(want) {
		t.Fatalf("%d messages", len(sent))
	}
	for i, w := range want {
		f := sent[i].Frame
		got := w
		got.Kind, got.Info, got.Replay, got.KeyLen, got.Nonce = sent[i].Kind, f.Info, f.Replay, int(f.KeyLen), f.Nonce != keys.Nonce{}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("frame %d (-want +got):\n%s", i+1, diff)
		}
	}
	wantRSC := uint64(1)
	if a.MultiLink {
		wantRSC = 0 // each link's is in its KDE
	}
	if got := sent[2].Frame.RSC; got != wantRSC {
		t.Errorf("message 3 has RSC %d, want %d", got, wantRSC)
	}
}

// What message 2 of a station with two links looks like: the order of
// wpa_supplicant 2.11.
func TestMessage2KeyData(t *testing.T) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	a.Links = a.Links[:2]
	a.AssocLink = 0
	p := newPair(t, a)
	f := p.frame(p.toSupp(p.start(0).Send).Send)
	want := "301a" + "4142434445464748494a4b4c4d4e4f505152535455565758595a" +
		"f40120" +
		"dd0a000fac03020000000200" +
		"dd0b000fac1301020000000211"
	if got := fmt.Sprintf("%x", f.Data); got != want {
		t.Errorf("key data %s, want %s", got, want)
	}
}

// A link that was refused is named in messages 2 and 3 and has no keys.
func TestRefusedLink(t *testing.T) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	a.Links[2].Refused = true
	var m3 *Message
	p := newPair(t, a, func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
		ac.Alter = func(m *Message) {
			if m.Kind == Message3 {
				m3 = m
			}
		}
	})
	supp, _ := p.run()
	if diff := cmp.Diff(wanted(&a, testKeys(&a, 0)), supp.Group); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	c, err := ReadContents(m3.Data)
	if err != nil {
		t.Fatal(err)
	}
	if c.link(14) == nil || c.group(GTK, true, 14) != nil {
		t.Errorf("message 3 has link %v and GTK %v of the refused link", c.link(14), c.group(GTK, true, 14))
	}
}

// wpa_supplicant 2.11 names a refused link in message 2 or, where it never
// asked for it, does not.
func TestRefusedLinkNotNamed(t *testing.T) {
	a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
	a.Links[2].Refused = true
	p := newPair(t, a, func(_ *AuthenticatorConfig, sc *SupplicantConfig) { sc.Links = sc.Links[:2] })
	if _, auth := p.run(); auth.Result != Established {
		t.Errorf("it is %v", auth.Result)
	}
}

func TestOperatingChannel(t *testing.T) {
	here, there := &OCI{Class: 115, Channel: 36}, &OCI{Class: 115, Channel: 40}
	tests := []struct {
		name       string
		auth, supp *OCI
		fails      Kind // the message that is refused
	}{
		{"same", here, here, 0},
		{"supplicant elsewhere", here, there, Message2},
		{"supplicant silent", here, nil, Message2},
		{"authenticator silent", nil, here, Message3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, sc *SupplicantConfig) {
				ac.OCI, sc.OCI = test.auth, test.supp
			})
			m2 := p.toSupp(p.start(0).Send)
			m3, err := p.auth.Receive(0, m2.Send)
			if test.fails == Message2 {
				wantError(t, m3, err, ErrChannel)
				return
			}
			p.fine(m3, err)
			m4, err := p.supp.Receive(m3.Send)
			if test.fails == Message3 {
				wantError(t, m4, err, ErrChannel)
				return
			}
			p.fine(m4, err)
			if got := p.toAuth(0, m4.Send).Result; got != Established {
				t.Errorf("it is %v", got)
			}
			g1, err := p.auth.Rekey(0)
			p.fine(g1, err)
			if got := p.toAuth(0, p.toSupp(g1.Send).Send).Result; got != Rekeyed {
				t.Errorf("it is %v", got)
			}
		})
	}
}

// A new PTK for the same association: other nonces, other keys, and messages 2
// and 4 are told apart although their bits are alike.
func TestRenewPTK(t *testing.T) {
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	first, _ := p.run()
	p.generation = 1
	m1 := p.start(time.Second)
	if info := p.frame(m1.Send).Info; info != 0x0288 {
		t.Errorf("message 1 has key information %#04x", info)
	}
	m2 := p.toSupp(m1.Send)
	if info := p.frame(m2.Send).Info; info != 0x0308 {
		t.Errorf("message 2 has key information %#04x", info)
	}
	second := p.toSupp(p.toAuth(time.Second, m2.Send).Send)
	if bytes.Equal(first.Pairwise.TK, second.Pairwise.TK) {
		t.Error("the TK is the same")
	}
	if diff := cmp.Diff(wanted(&p.assoc, testKeys(&p.assoc, 1)), second.Group); diff != "" {
		t.Errorf("group keys (-want +got):\n%s", diff)
	}
	auth := p.toAuth(time.Second, second.Send)
	if diff := cmp.Diff(second.Pairwise, auth.Pairwise); diff != "" {
		t.Errorf("TK (-supplicant +authenticator):\n%s", diff)
	}
}

// Keys that change while a 4-way handshake is under way follow it.
func TestRekeyDuringHandshake(t *testing.T) {
	p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128))
	_, err := p.auth.Rekey(0)
	wantError(t, Step{}, err, ErrState)

	m1 := p.start(0)
	if s, err := p.auth.Rekey(0); err != nil || s.Send != nil {
		t.Fatalf("before message 3: %+v, %v", s, err)
	}
	m3 := p.toAuth(0, p.toSupp(m1.Send).Send)
	p.generation = 1
	if s, err := p.auth.Rekey(0); err != nil || s.Send != nil {
		t.Fatalf("after message 3: %+v, %v", s, err)
	}
	done := p.toAuth(0, p.toSupp(m3.Send).Send)
	if done.Result != Established || done.Pairwise == nil || done.Send == nil {
		t.Fatalf("after message 4: %+v", done)
	}
	g2 := p.toSupp(done.Send)
	if diff := cmp.Diff(wanted(&p.assoc, testKeys(&p.assoc, 1)), g2.Group); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if got := p.toAuth(0, g2.Send).Result; got != Rekeyed {
		t.Errorf("it is %v", got)
	}
}

func ptr[T any](v T) *T { return &v }

// The station's group cipher may say that there is no group traffic.
func TestWithoutGroupKey(t *testing.T) {
	a := single(suites[2], keys.CCMP128, keys.BIPCMAC128)
	a.Links[0].Group = 0
	p := newPair(t, a)
	supp, _ := p.run()
	for _, k := range supp.Group {
		if k.Use == GTK {
			t.Errorf("a GTK is installed: %+v", k)
		}
	}
	if len(supp.Group) != 2 {
		t.Errorf("%d keys", len(supp.Group))
	}
}

func TestAssociationRefused(t *testing.T) {
	tests := map[string]func(*Association){
		"PMK":              func(a *Association) { a.PMK = a.PMK[:31] },
		"AKM":              func(a *Association) { a.AKM = 0x000fac01 },
		"cipher":           func(a *Association) { a.Cipher = keys.BIPCMAC128 },
		"group cipher":     func(a *Association) { a.Links[0].Group = keys.BIPCMAC128 },
		"management":       func(a *Association) { a.Links[0].Management = keys.CCMP128 },
		"no RSNE":          func(a *Association) { a.Links[0].RSNE = nil },
		"cut RSNE":         func(a *Association) { a.StationRSNE = staRSNE[:9] },
		"other RSNXE":      func(a *Association) { a.Links[1].RSNXE = testRSNE },
		"link 15":          func(a *Association) { a.Links[1].ID = 15 },
		"link twice":       func(a *Association) { a.Links[1].ID = 0 },
		"association link": func(a *Association) { a.AssocLink = 7 },
		"refused":          func(a *Association) { a.Links[1].Refused = true },
		"no links":         func(a *Association) { a.Links = nil },
		"not multi-link":   func(a *Association) { a.MultiLink = false },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			a := multi(suites[2], keys.CCMP128, keys.BIPCMAC128)
			spoil(&a)
			if _, err := NewSupplicant(SupplicantConfig{Association: a}); err == nil {
				t.Error("a supplicant was made")
			}
			if _, err := NewAuthenticator(AuthenticatorConfig{Association: a, GroupKeys: func() []LinkKeys { return nil }}); err == nil {
				t.Error("an authenticator was made")
			}
		})
	}
}

func TestGroupKeysRefused(t *testing.T) {
	tests := map[string]func([]LinkKeys) []LinkKeys{
		"none":       func([]LinkKeys) []LinkKeys { return nil },
		"link":       func(k []LinkKeys) []LinkKeys { return k[:2] },
		"GTK":        func(k []LinkKeys) []LinkKeys { k[0].GTK = nil; return k },
		"IGTK":       func(k []LinkKeys) []LinkKeys { k[0].IGTK = nil; return k },
		"length":     func(k []LinkKeys) []LinkKeys { k[0].GTK.Key = k[0].GTK.Key[:5]; return k },
		"GTK 0":      func(k []LinkKeys) []LinkKeys { k[0].GTK.ID = 0; return k },
		"IGTK 6":     func(k []LinkKeys) []LinkKeys { k[0].IGTK.ID = 6; return k },
		"PN too big": func(k []LinkKeys) []LinkKeys { k[0].BIGTK.PN = 1 << 48; return k },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
				good := ac.GroupKeys
				ac.GroupKeys = func() []LinkKeys { return spoil(good()) }
			})
			s, err := p.auth.Receive(0, p.toSupp(p.start(0).Send).Send)
			if err == nil || s.Send != nil {
				t.Errorf("message 3 was made: %v", err)
			}
		})
	}
	t.Run("BIGTK", func(t *testing.T) {
		p := newPair(t, multi(suites[2], keys.CCMP128, keys.BIPCMAC128), func(ac *AuthenticatorConfig, _ *SupplicantConfig) {
			good := ac.GroupKeys
			ac.GroupKeys = func() []LinkKeys {
				k := good()
				for i := range k {
					k[i].BIGTK = nil
				}
				return k
			}
		})
		if supp, _ := p.run(); len(supp.Group) != 6 {
			t.Errorf("%d keys without beacon protection", len(supp.Group))
		}
	})
}
