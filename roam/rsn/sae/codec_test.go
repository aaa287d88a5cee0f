package sae

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/rsn/keys"
)

// fill makes n octets that differ from place to place.
func fill(n int, from byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestCommitCodec(t *testing.T) {
	scalar, element, token := fill(32, 1), fill(64, 40), fill(TokenLen, 200)
	ml := []byte{255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 1, 0}
	plain := join([]byte{19, 0}, scalar, element)
	tests := []struct {
		name string
		body []byte
		want *Commit
	}{
		{"plain", plain, &Commit{Group: GroupP256, Scalar: scalar, Element: element}},
		{"group 20", join([]byte{20, 0}, fill(48, 1), fill(96, 3)),
			&Commit{Group: GroupP384, Scalar: fill(48, 1), Element: fill(96, 3)}},
		{"group 21", join([]byte{21, 0}, fill(66, 1), fill(132, 3)),
			&Commit{Group: GroupP521, Scalar: fill(66, 1), Element: fill(132, 3)}},
		{"looping", plain, &Commit{Method: Looping, Group: GroupP256, Scalar: scalar, Element: element}},
		{"looping with a token", join([]byte{19, 0}, token, scalar, element),
			&Commit{Method: Looping, Group: GroupP256, Scalar: scalar, Element: element, Token: token}},
		{"looping with Multi-Link", join(plain, ml),
			&Commit{Method: Looping, Group: GroupP256, Scalar: scalar, Element: element, Rest: ml}},
		{"looping with a token and Multi-Link", join([]byte{19, 0}, token, scalar, element, ml),
			&Commit{Method: Looping, Group: GroupP256, Scalar: scalar, Element: element, Token: token, Rest: ml}},
		{"all elements", join(plain, []byte{
			255, 6, 33, 'g', 'u', 'e', 's', 't',
			255, 5, 92, 20, 0, 21, 0,
			255, 4, 93, 7, 8, 9,
			255, 5, 114, 0, 0x0f, 0xac, 24,
		}, ml), &Commit{
			Group: GroupP256, Scalar: scalar, Element: element, Identifier: "guest",
			Rejected: []Group{GroupP384, GroupP521}, Token: []byte{7, 8, 9}, AKM: keys.AKMSAEExtKey, Rest: ml,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method := tt.want.Method
			got, err := ParseCommit(method, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("parsed (-want +got):\n%s", diff)
			}
			prefix := []byte("before")
			written, err := tt.want.Append(bytes.Clone(prefix))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(join(prefix, tt.body), written); diff != "" {
				t.Errorf("written (-want +got):\n%s", diff)
			}
		})
	}
	mixed, err := ParseCommit(HashToElement, join(plain, []byte{221, 1, 9}, []byte{255, 4, 93, 7, 8, 9}, ml, []byte{255, 2, 33, 'x'}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Commit{
		Group: GroupP256, Scalar: scalar, Element: element, Identifier: "x", Token: []byte{7, 8, 9},
		Rest: join([]byte{221, 1, 9}, ml),
	}, mixed); diff != "" {
		t.Errorf("elements in another order (-want +got):\n%s", diff)
	}
}

func TestParseCommitErrors(t *testing.T) {
	plain := join([]byte{19, 0}, fill(96, 1))
	tests := []struct {
		name   string
		method Method
		body   []byte
		want   error
	}{
		{"empty", HashToElement, nil, ErrMalformed},
		{"half a group", HashToElement, []byte{19}, ErrMalformed},
		{"group alone", HashToElement, []byte{19, 0}, ErrMalformed},
		{"one octet short", HashToElement, plain[:97], ErrMalformed},
		{"group 25", HashToElement, append([]byte{25, 0}, plain[2:]...), ErrGroup},
		{"group 15", Looping, append([]byte{15, 0}, plain[2:]...), ErrGroup},
		{"half an element", HashToElement, join(plain, []byte{255}), ErrMalformed},
		{"element cut off", HashToElement, join(plain, []byte{255, 3, 93, 1}), ErrMalformed},
		{"empty identifier", HashToElement, join(plain, []byte{255, 1, 33}), ErrMalformed},
		{"empty list of groups", HashToElement, join(plain, []byte{255, 1, 92}), ErrMalformed},
		{"one and a half groups", HashToElement, join(plain, []byte{255, 4, 92, 20, 0, 21}), ErrMalformed},
		{"empty token", HashToElement, join(plain, []byte{255, 1, 93}), ErrMalformed},
		{"short suite", HashToElement, join(plain, []byte{255, 4, 114, 0, 0x0f, 0xac}), ErrMalformed},
		{"long suite", HashToElement, join(plain, []byte{255, 6, 114, 0, 0x0f, 0xac, 8, 0}), ErrMalformed},
		{"suite twice", HashToElement, join(plain, []byte{255, 5, 114, 0, 0x0f, 0xac, 8, 255, 5, 114, 0, 0x0f, 0xac, 8}), ErrMalformed},
		{"identifier with looping", Looping, join(plain, []byte{255, 2, 33, 'x'}), ErrMalformed},
		{"rejected groups with looping", Looping, join(plain, []byte{255, 3, 92, 20, 0}), ErrMalformed},
		{"container with looping", Looping, join(plain, []byte{255, 2, 93, 1}), ErrMalformed},
		{"garbage behind looping", Looping, join(plain, fill(31, 100)), ErrMalformed},
	}
	for _, tt := range tests {
		c, err := ParseCommit(tt.method, tt.body)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: want %v, got %v", tt.name, tt.want, err)
		}
		if named := c != nil && c.Scalar == nil; named != (tt.want == ErrGroup) {
			t.Errorf("%s: commit %+v", tt.name, c)
		}
	}
}

func TestAppendCommitErrors(t *testing.T) {
	good := Commit{Group: GroupP256, Scalar: fill(32, 1), Element: fill(64, 1)}
	tests := []struct {
		name   string
		change func(*Commit)
		want   error
	}{
		{"group", func(c *Commit) { c.Group = 1 }, ErrGroup},
		{"scalar", func(c *Commit) { c.Scalar = nil }, ErrMalformed},
		{"element", func(c *Commit) { c.Element = fill(63, 1) }, ErrMalformed},
		{"identifier", func(c *Commit) { c.Identifier = strings.Repeat("x", 255) }, ErrMalformed},
		{"groups", func(c *Commit) { c.Rejected = make([]Group, 128) }, ErrMalformed},
		{"token", func(c *Commit) { c.Token = fill(255, 1) }, ErrMalformed},
		{"identifier with looping", func(c *Commit) { c.Method, c.Identifier = Looping, "x" }, ErrMalformed},
		{"groups with looping", func(c *Commit) { c.Method, c.Rejected = Looping, []Group{20} }, ErrMalformed},
	}
	for _, tt := range tests {
		c := good
		tt.change(&c)
		got, err := c.Append([]byte("before"))
		if !errors.Is(err, tt.want) || string(got) != "before" {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
}

func TestConfirmCodec(t *testing.T) {
	rest := []byte{255, 3, 107, 1, 2, 221, 0}
	body := join([]byte{0x34, 0x12}, fill(48, 1), rest)
	want := &Confirm{SendConfirm: 0x1234, Verifier: fill(48, 1), Rest: rest}
	got, err := ParseConfirm(48, body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(body, want.Append(nil)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
	for _, bad := range [][]byte{nil, {1}, body[:49], body[:51], append(bytes.Clone(body), 221, 1)} {
		if _, err := ParseConfirm(48, bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("confirm %x: %v", bad, err)
		}
	}
	if _, err := ParseConfirm(-1, body); !errors.Is(err, ErrMalformed) {
		t.Errorf("negative length: %v", err)
	}
}

func TestTokenDemandCodec(t *testing.T) {
	ml := []byte{255, 10, 107, 0, 0, 7, 2, 0, 0, 0, 1, 0}
	tests := []struct {
		name string
		body []byte
		want *TokenDemand
	}{
		{"container", []byte{19, 0, 255, 3, 93, 1, 2}, &TokenDemand{Group: 19, Token: []byte{1, 2}}},
		{"container and Multi-Link", join([]byte{19, 0, 255, 3, 93, 1, 2}, ml), &TokenDemand{Group: 19, Token: []byte{1, 2}, Rest: ml}},
		{"bare", []byte{19, 0, 1, 2, 3}, &TokenDemand{Method: Looping, Group: 19, Token: []byte{1, 2, 3}}},
		{"bare and Multi-Link", join([]byte{19, 0, 1, 2, 3}, ml), &TokenDemand{Method: Looping, Group: 19, Token: []byte{1, 2, 3}, Rest: ml}},
		{"bare that looks like Multi-Link", join([]byte{19, 0}, ml), &TokenDemand{Method: Looping, Group: 19, Token: ml}},
	}
	for _, tt := range tests {
		got, err := ParseTokenDemand(tt.want.Method, tt.body)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s parsed (-want +got):\n%s", tt.name, diff)
		}
		written, err := tt.want.Append(nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.body, written); diff != "" {
			t.Errorf("%s written (-want +got):\n%s", tt.name, diff)
		}
	}
	for _, bad := range [][]byte{nil, {19, 0}, {19, 0, 255}, {19, 0, 255, 1, 93}, {19, 0, 221, 0}, {19, 0, 255, 2, 93, 1, 255, 2, 93, 1}} {
		if _, err := ParseTokenDemand(HashToElement, bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("demand %x: %v", bad, err)
		}
	}
	for _, bad := range []*TokenDemand{{Group: 19}, {Group: 19, Token: fill(255, 0)}} {
		if _, err := bad.Append(nil); !errors.Is(err, ErrMalformed) {
			t.Errorf("demand with %d octets: %v", len(bad.Token), err)
		}
	}
}

func TestNames(t *testing.T) {
	got := []string{
		HashToElement.String(), Looping.String(), GroupP521.String(),
		Nothing.String(), Committed.String(), Confirmed.String(), Done.String(), State(9).String(),
		Continue.String(), Ignored.String(), Refused.String(), Accepted.String(), Failed.String(), Outcome(9).String(),
		(&RefusedError{TransactionConfirm, 15}).Error(),
	}
	want := []string{
		"hash-to-element", "looping", "21",
		"nothing", "committed", "confirmed", "accepted", "unknown",
		"continue", "ignored", "refused", "accepted", "failed", "unknown",
		"peer refused transaction 2 with status 15",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
