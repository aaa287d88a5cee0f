package rsn

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// suite is an AKM suite with a length of its PMK.
type suite struct {
	akm    keys.AKM
	pmkLen int
}

func (s suite) String() string { return fmt.Sprintf("%s/%d", s.akm.Name(), 8*s.pmkLen) }

var suites = []suite{
	{keys.AKMPSK, 32},
	{keys.AKMPSKSHA256, 32},
	{keys.AKMSAE, 32},
	{keys.AKMSAEExtKey, 32},
	{keys.AKMSAEExtKey, 48},
	{keys.AKMSAEExtKey, 64},
}

func octets(n int, first byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

var (
	testRSNE  = append([]byte{dot11.ElementRSN, 20}, octets(20, 0x01)...)
	testRSNXE = []byte{dot11.ElementRSNX, 1, 0x20}
	staRSNE   = append([]byte{dot11.ElementRSN, 26}, octets(26, 0x41)...)
	staRSNXE  = []byte{dot11.ElementRSNX, 1, 0x20}
)

func testLink(id uint8, group, management keys.Cipher) Link {
	return Link{
		ID:      id,
		AP:      dot11.Addr{2, 0, 0, 0, 1, 0x10 + id},
		Station: dot11.Addr{2, 0, 0, 0, 2, 0x10 + id},
		RSNE:    testRSNE, RSNXE: testRSNXE,
		Group: group, Management: management,
	}
}

// single is an association of one link.
func single(s suite, cipher, management keys.Cipher) Association {
	l := testLink(0, cipher, management)
	return Association{
		AKM: s.akm, Cipher: cipher, PMK: octets(s.pmkLen, 0x80), PMKID: keys.PMKID(octets(16, 0x30)),
		AP: l.AP, Station: l.Station, Links: []Link{l},
		StationRSNE: staRSNE, StationRSNXE: staRSNXE,
	}
}

// multi is an association of three links, whose IDs have a gap.
func multi(s suite, cipher, management keys.Cipher) Association {
	a := single(s, cipher, management)
	a.MultiLink = true
	a.AP, a.Station = dot11.Addr{2, 0, 0, 0, 1, 0}, dot11.Addr{2, 0, 0, 0, 2, 0}
	a.Links = []Link{testLink(0, cipher, management), testLink(1, cipher, management), testLink(14, cipher, management)}
	a.AssocLink = 1
	return a
}

// testKeys are group keys of every link, of the generation n.
func testKeys(a *Association, n int) []LinkKeys {
	var all []LinkKeys
	for _, l := range a.Links {
		var k LinkKeys
		k.Link = l.ID
		pn := uint64(n)<<40 + uint64(l.ID)
		if l.Group != 0 {
			k.GTK = &GroupKey{ID: uint8(1 + n%2), PN: pn + 1, Key: octets(l.Group.KeyLen(), byte(16*n)+l.ID)}
		}
		if l.Management != 0 {
			k.IGTK = &GroupKey{ID: uint8(4 + n%2), PN: pn + 2, Key: octets(l.Management.KeyLen(), byte(16*n)+l.ID+0x55)}
			k.BIGTK = &GroupKey{ID: uint8(6 + n%2), PN: pn + 3, Key: octets(l.Management.KeyLen(), byte(16*n)+l.ID+0xaa)}
		}
		all = append(all, k)
	}
	return all
}

// wanted are the keys the station has to install of them.
func wanted(a *Association, all []LinkKeys) []InstallKey {
	var want []InstallKey
	for _, k := range all {
		for use := range uses {
			l := a.link(k.Link)
			if key := k.key(use); key != nil && !l.Refused {
				want = append(want, InstallKey{Use: use, Link: k.Link, Cipher: l.cipher(use), GroupKey: *key})
			}
		}
	}
	return want
}

// pair is the two sides of a handshake.
type pair struct {
	t          testing.TB
	assoc      Association
	generation int // of the group keys
	auth       *Authenticator
	supp       *Supplicant
}

func seeded(n byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{n}) }

func newPair(t testing.TB, a Association, change ...func(*AuthenticatorConfig, *SupplicantConfig)) *pair {
	t.Helper()
	p := &pair{t: t, assoc: a}
	ac := AuthenticatorConfig{Association: a, Rand: seeded(1), GroupKeys: func() []LinkKeys { return testKeys(&p.assoc, p.generation) }}
	sc := SupplicantConfig{Association: a, Rand: seeded(2)}
	for _, f := range change {
		f(&ac, &sc)
	}
	var err error
	if p.auth, err = NewAuthenticator(ac); err != nil {
		t.Fatal(err)
	}
	if p.supp, err = NewSupplicant(sc); err != nil {
		t.Fatal(err)
	}
	return p
}

// start, toSupp, toAuth and advance want no error.

func (p *pair) start(now time.Duration) Step {
	p.t.Helper()
	s, err := p.auth.Start(now)
	return p.fine(s, err)
}

func (p *pair) toSupp(frame []byte) Step {
	p.t.Helper()
	s, err := p.supp.Receive(frame)
	return p.fine(s, err)
}

func (p *pair) toAuth(now time.Duration, frame []byte) Step {
	p.t.Helper()
	s, err := p.auth.Receive(now, frame)
	return p.fine(s, err)
}

func (p *pair) advance(now time.Duration) Step {
	p.t.Helper()
	s, err := p.auth.Advance(now)
	return p.fine(s, err)
}

func (p *pair) fine(s Step, err error) Step {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// run goes through a whole 4-way handshake and returns the last step of the
// supplicant and of the authenticator.
func (p *pair) run() (supp, auth Step) {
	p.t.Helper()
	m2 := p.toSupp(p.start(0).Send)
	supp = p.toSupp(p.toAuth(0, m2.Send).Send)
	return supp, p.toAuth(0, supp.Send)
}

func (p *pair) frame(b []byte) KeyFrame {
	p.t.Helper()
	f, err := ParseKeyFrame(b, p.auth.sender.algorithms.MICLen)
	if err != nil {
		p.t.Fatal(err)
	}
	return f
}

// wantError checks an error and that nothing comes of it.
func wantError(t testing.TB, s Step, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
	if s.Send != nil || s.Pairwise != nil || s.Group != nil {
		t.Errorf("a frame that was not taken has led to %+v", s)
	}
}
