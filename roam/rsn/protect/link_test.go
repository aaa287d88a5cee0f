package protect_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/protect"
)

// oneLink is the link of the frames below: the station is ...:10 on it and
// ...:1f as MLD, the access point ...:20 and ...:2f.
func oneLink() *protect.Link {
	return &protect.Link{
		STA: dot11.Addr{2, 0, 0, 0, 0, 0x10}, STAMLD: dot11.Addr{2, 0, 0, 0, 0, 0x1f},
		AP: dot11.Addr{2, 0, 0, 0, 0, 0x20}, APMLD: dot11.Addr{2, 0, 0, 0, 0, 0x2f},
	}
}

// The expectations were sealed by another implementation of the ciphers over
// an AAD and nonce written down by hand.
func TestLinkForms(t *testing.T) {
	for _, test := range []struct {
		name   string
		cipher keys.Cipher
		form   protect.Form // asked for
		used   protect.Form
		plain  string
		sealed string
	}{
		{"data takes the MLDs, its destination stays", keys.CCMP128, protect.MLDForm, protect.MLDForm,
			"88010000020000000020020000000010020000000055700006007061796c6f616421",
			"8841000002000000002002000000001002000000005570000600 0504002003020100 8a288f90eddeec56afb8e6d2fe2dddc2"},
		{"data takes the MLDs whatever is asked for", keys.CCMP128, protect.LinkForm, protect.MLDForm,
			"88010000020000000020020000000010020000000055700006007061796c6f616421",
			"8841000002000000002002000000001002000000005570000600 0504002003020100 8a288f90eddeec56afb8e6d2fe2dddc2"},
		{"an A-MSDU's BSSID is the MLD's, too", keys.CCMP128, protect.MLDForm, protect.MLDForm,
			"88010000020000000020020000000010020000000020700086007061796c6f616421",
			"8841000002000000002002000000001002000000002070008600 0504002003020100 8a288f90eddeec5671438b805d63cef6"},
		{"deauthentication up, before Linux 7.0", keys.CCMP128, protect.MLDForm, protect.MLDForm,
			"c000000002000000002002000000001002000000002070000300",
			"c04000000200000000200200000000100200000000207000 0504002003020100 4df47a39c31a02c5042e"},
		{"deauthentication up, since Linux 7.0", keys.CCMP128, protect.LinkForm, protect.LinkForm,
			"c000000002000000002002000000001002000000002070000300",
			"c04000000200000000200200000000100200000000207000 0504002003020100 78eda0f86fc17d5e953a"},
		{"the same by GCMP", keys.GCMP128, protect.MLDForm, protect.MLDForm,
			"c000000002000000002002000000001002000000002070000300",
			"c04000000200000000200200000000100200000000207000 0504002003020100 4a08af69963ccf1882aa6d26a221e982cc9a"},
		{"deauthentication down", keys.CCMP128, protect.MLDForm, protect.MLDForm,
			"c000000002000000001002000000002002000000002070000300",
			"c04000000200000000100200000000200200000000207000 0504002003020100 3a1e16fb7e51c21e5174"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := newKey(t, protect.Config{Cipher: test.cipher, TK: counting(16)})
			k.SetSent(0x0102030404)
			o := protect.Options{Link: oneLink(), Form: test.form}
			got, err := k.Seal(nil, unhex(t, test.plain), o)
			if diff := cmp.Diff(test.sealed, group(got, test.sealed)); diff != "" || err != nil {
				t.Errorf("sealed: %v (-want +got):\n%s", err, diff)
			}
			// Whichever form is tried first, the right one is found and named.
			for _, first := range []protect.Form{protect.MLDForm, protect.LinkForm} {
				fresh := newKey(t, protect.Config{Cipher: test.cipher, TK: counting(16)})
				opened, err := fresh.Open(nil, unhex(t, test.sealed), protect.Options{Link: oneLink(), Form: first})
				if err != nil {
					t.Errorf("open, %v first: %v", first, err)
					continue
				}
				if diff := cmp.Diff(unhex(t, test.plain), opened.Frame); diff != "" || opened.Form != test.used {
					t.Errorf("opened, %v first: form %v, want %v (-want +got):\n%s", first, opened.Form, test.used, diff)
				}
				if opened.Header.Addr1 != o.Link.AP && opened.Header.Addr1 != o.Link.STA {
					t.Errorf("header names %v, which was not on the air", opened.Header.Addr1)
				}
			}
			// Without the link only the form with the addresses on the air opens.
			fresh := newKey(t, protect.Config{Cipher: test.cipher, TK: counting(16)})
			_, err = fresh.Open(nil, unhex(t, test.sealed), protect.Options{})
			if opens := err == nil; opens != (test.used == protect.LinkForm) {
				t.Errorf("opened without the link: %v", err)
			}
		})
	}
}

// The other link's addresses on an otherwise equal frame are another nonce.
func TestOtherLink(t *testing.T) {
	k := newKey(t, protect.Config{Cipher: keys.CCMP128, TK: counting(16)})
	sealed, err := k.Seal(nil, unhex(t, "880100000200000000200200000000100200000000557000060070617921"), protect.Options{Link: oneLink()})
	if err != nil {
		t.Fatal(err)
	}
	other := oneLink()
	other.AP, other.STA = dot11.Addr{2, 0, 0, 0, 0, 0x21}, dot11.Addr{2, 0, 0, 0, 0, 0x11}
	if _, err := k.Open(nil, sealed, protect.Options{Link: other}); !errors.Is(err, protect.ErrTag) {
		t.Errorf("opened on another link: %v, want %v", err, protect.ErrTag)
	}
	// One packet number space for all links: the same frame, sent on the other.
	copy(sealed[4:], other.AP[:])
	copy(sealed[10:], other.STA[:])
	if _, err := k.Open(nil, sealed, protect.Options{Link: other}); err != nil {
		t.Errorf("opened on the link it was sent again on: %v", err)
	}
}

// Group addressed data belongs to a link: its addresses stay.
func TestGroupData(t *testing.T) {
	plain := unhex(t, "08020000ffffffffffff0200000000200200000000557000 aaaa030000000806")
	with := newKey(t, protect.Config{Cipher: keys.CCMP128, ID: 1, TK: counting(16)})
	without := newKey(t, protect.Config{Cipher: keys.CCMP128, ID: 1, TK: counting(16)})
	a, err := with.Seal(nil, plain, protect.Options{Link: oneLink()})
	if err != nil {
		t.Fatal(err)
	}
	b, err := without.Seal(nil, plain, protect.Options{})
	if diff := cmp.Diff(b, a); diff != "" || err != nil {
		t.Errorf("sealed with a link: %v (-without +with):\n%s", err, diff)
	}
	opened, err := without.Open(nil, a, protect.Options{Link: oneLink()})
	if err != nil || opened.Form != protect.LinkForm {
		t.Errorf("opened: form %v, %v", opened.Form, err)
	}
}

func TestFormNames(t *testing.T) {
	got := []string{protect.MLDForm.String(), protect.LinkForm.String()}
	if diff := cmp.Diff([]string{"mld", "link"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
