package rsn

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

func TestParseKeyData(t *testing.T) {
	gtk := KDE{dot11.ElementVendor, []byte{0, 0x0f, 0xac, 1, 2, 0, 9}}
	tests := []struct {
		name, data string
		want       []KDE
		err        error
	}{
		{"empty", "", nil, nil},
		{"one", "dd07000fac01020009", []KDE{gtk}, nil},
		{"element and padding", "3001aadd07000fac01020009dd000000", []KDE{{48, []byte{0xaa}}, gtk}, nil},
		{"one octet of padding", "3001aadd", []KDE{{48, []byte{0xaa}}}, nil},
		{"only padding", "dd00", nil, nil},
		{"empty element", "3000", []KDE{{48, []byte{}}}, nil},
		{"too short for a selector", "dd03000fac", []KDE{{dot11.ElementVendor, []byte{0, 0x0f, 0xac}}}, nil},
		{"padding with something in it", "dd0000aa", nil, ErrMalformed},
		{"no length", "30", nil, dot11.ErrShort},
		{"cut", "3002aa", nil, dot11.ErrShort},
		{"very many", strings.Repeat("3000", maxKDEs+1), nil, ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseKeyData(unhex(t, test.data))
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPadKeyData(t *testing.T) {
	for n, want := range map[int]int{0: 16, 1: 16, 15: 16, 16: 16, 17: 24, 23: 24, 24: 24, 25: 32} {
		got := PadKeyData(make([]byte, n))
		if len(got) != want {
			t.Errorf("%d octets become %d, want %d", n, len(got), want)
		}
		if n < want && (got[n] != 0xdd || len(bytes.Trim(got[n+1:], "\x00")) != 0) {
			t.Errorf("%d octets are padded by %x", n, got[n:])
		}
	}
}

func TestSelectorNames(t *testing.T) {
	for s, want := range map[Selector]string{
		SelectMLOLink: "MLO link KDE", SelectGTK: "GTK KDE", SelectLifetime: "lifetime KDE",
		0x000fac02: "KDE 00-0F-AC:2", 0x506f9a14: "KDE 50-6F-9A:20", 0x000facff: "KDE 00-0F-AC:255",
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for u, want := range map[Use]string{GTK: "GTK", IGTK: "IGTK", BIGTK: "BIGTK", 7: "use 7"} {
		if got := u.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestGroupKDE(t *testing.T) {
	key := []byte{0xaa, 0xbb}
	tests := []struct {
		want GroupKDE
		kde  string
	}{
		{GroupKDE{Use: GTK, ID: 2, Key: key}, "dd08000fac010200aabb"},
		{GroupKDE{Use: GTK, ID: 1, Tx: true, Key: key}, "dd08000fac010500aabb"},
		{GroupKDE{Use: IGTK, ID: 4, PN: 0x060504030201, Key: key}, "dd0e000fac090400010203040506aabb"},
		{GroupKDE{Use: BIGTK, ID: 7, PN: 1, Key: key}, "dd0e000fac0e0700010000000000aabb"},
		{GroupKDE{Use: GTK, MLO: true, Link: 14, ID: 3, PN: 0x060504030201, Key: key}, "dd0d000fac10e3010203040506aabb"},
		{GroupKDE{Use: GTK, MLO: true, Link: 1, ID: 1, Tx: true, Key: key}, "dd0d000fac1015000000000000aabb"},
		{GroupKDE{Use: IGTK, MLO: true, Link: 2, ID: 5, PN: 2, Key: key}, "dd0f000fac11050002000000000020aabb"},
		{GroupKDE{Use: BIGTK, MLO: true, Link: 15, ID: 6, PN: 3, Key: key}, "dd0f000fac120600030000000000f0aabb"},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%v/%v", test.want.Use, test.want.MLO), func(t *testing.T) {
			b, err := AppendKeyData(nil, []KDE{test.want.KDE()})
			if got := fmt.Sprintf("%x", b); got != test.kde || err != nil {
				t.Errorf("it is sent as %s, want %s: %v", got, test.kde, err)
			}
			items, err := ParseKeyData(unhex(t, test.kde))
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseGroupKDE(items[0])
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for n := range len(items[0].Body) - len(key) - selectorLen + 1 {
				cut := KDE{dot11.ElementVendor, items[0].Body[:selectorLen+n]}
				if g, err := ParseGroupKDE(cut); !errors.Is(err, dot11.ErrShort) {
					t.Errorf("cut to %d octets: %+v, %v", n, g, err)
				}
			}
		})
	}
	for _, k := range []KDE{{dot11.ElementRSN, []byte{1}}, AddrKDE(dot11.Addr{}), {dot11.ElementVendor, nil}} {
		if _, err := ParseGroupKDE(k); !errors.Is(err, ErrKind) {
			t.Errorf("%v: %v", k, err)
		}
	}
}

func TestMLOLink(t *testing.T) {
	addr := dot11.Addr{2, 0, 0, 0, 1, 0x11}
	tests := []struct {
		want MLOLink
		kde  string
	}{
		{MLOLink{Link: 1, Addr: addr}, "dd0b000fac1301020000000111"},
		{MLOLink{Link: 14, Addr: addr, RSNE: []byte{48, 1, 0xaa}}, "dd0e000fac131e0200000001113001aa"},
		{MLOLink{Link: 2, Addr: addr, RSNXE: []byte{244, 1, 0x20}}, "dd0e000fac1322020000000111f40120"},
		{MLOLink{Addr: addr, RSNE: []byte{48, 1, 0xaa}, RSNXE: []byte{244, 1, 0x20}}, "dd11000fac13300200000001113001aaf40120"},
	}
	for _, test := range tests {
		t.Run(test.kde, func(t *testing.T) {
			b, err := AppendKeyData(nil, []KDE{test.want.KDE()})
			if got := fmt.Sprintf("%x", b); got != test.kde || err != nil {
				t.Errorf("it is sent as %s, want %s: %v", got, test.kde, err)
			}
			items, err := ParseKeyData(unhex(t, test.kde))
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseMLOLink(items[0])
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	bad := []struct {
		kde string
		err error
	}{
		{"dd07000fac01020009", ErrKind},
		{"dd04000fac13", dot11.ErrShort},
		{"dd0a000fac13010200000001", dot11.ErrShort},
		{"dd0b000fac1311020000000111", dot11.ErrShort},           // no RSNE
		{"dd0c000fac131102000000011130", dot11.ErrShort},         // no length
		{"dd0d000fac13110200000001113001", dot11.ErrShort},       // cut
		{"dd0e000fac1311020000000111f40120", ErrMalformed},       // RSNXE for RSNE
		{"dd0c000fac130102000000011100", ErrMalformed},           // something left
		{"dd11000fac13100200000001113001aaf40120", ErrMalformed}, // RSNXE without its bit
	}
	for _, test := range bad {
		items, err := ParseKeyData(unhex(t, test.kde))
		if err != nil {
			t.Fatalf("%s: %v", test.kde, err)
		}
		if l, err := ParseMLOLink(items[0]); !errors.Is(err, test.err) {
			t.Errorf("%s: %+v, %v; want %v", test.kde, l, err, test.err)
		}
	}
}

func TestContents(t *testing.T) {
	link := MLOLink{Link: 3, Addr: dot11.Addr{2}, RSNE: testRSNE}
	group := GroupKDE{Use: IGTK, MLO: true, Link: 3, ID: 4, PN: 9, Key: []byte{1}}
	items := []KDE{
		{dot11.ElementRSN, []byte{1}}, {dot11.ElementRSNX, []byte{2}}, {1, []byte{3}}, {dot11.ElementVendor, []byte{0}},
		PMKIDKDE(keys.PMKID{7}), AddrKDE(dot11.Addr{2, 9}), OCI{115, 36, 0}.KDE(), LifetimeKDE(90 * time.Second),
		NewKDE(0x506f9a14, 1), link.KDE(), group.KDE(),
	}
	want := Contents{
		RSNE: []byte{48, 1, 1}, RSNXE: []byte{244, 1, 2},
		PMKID: &keys.PMKID{7}, Addr: &dot11.Addr{2, 9}, OCI: &OCI{115, 36, 0}, Lifetime: ptr(90 * time.Second),
		Groups: []GroupKDE{group}, Links: []MLOLink{link},
	}
	got, err := ReadContents(items)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	for _, i := range []int{0, 1, 4, 5, 6, 7, 9, 10} {
		if c, err := ReadContents(append(items[:len(items):len(items)], items[i])); !errors.Is(err, ErrMalformed) {
			t.Errorf("item %d twice: %+v, %v", i, c, err)
		}
	}
	for _, s := range []Selector{SelectPMKID, SelectAddr, SelectOCI, SelectLifetime} {
		for _, n := range []int{0, 2, 5, 7, 15, 17} {
			if c, err := ReadContents([]KDE{NewKDE(s, make([]byte, n)...)}); !errors.Is(err, ErrMalformed) {
				t.Errorf("%v of %d octets: %+v, %v", s, n, c, err)
			}
		}
	}
	for _, s := range []Selector{SelectMLOLink, SelectGTK, SelectMLOBIGTK} {
		if c, err := ReadContents([]KDE{NewKDE(s)}); !errors.Is(err, dot11.ErrShort) {
			t.Errorf("empty %v: %+v, %v", s, c, err)
		}
	}
}

func TestLifetimeKDE(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                 "00000000",
		1999 * time.Millisecond:      "00000001",
		24 * time.Hour:               "00015180",
		(1<<32 + 5) * time.Second:    "ffffffff",
		(1<<32 - 1) * time.Second:    "ffffffff",
		(1<<31 + 0x10) * time.Second: "80000010",
	} {
		if got := fmt.Sprintf("%x", LifetimeKDE(d).Data()); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

func TestElementKDE(t *testing.T) {
	k, err := ElementKDE(testRSNXE)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(KDE{244, []byte{0x20}}, k); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, b := range [][]byte{nil, {48}, {48, 2, 1}, {48, 0, 1}} {
		if _, err := ElementKDE(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: %v", b, err)
		}
	}
}
