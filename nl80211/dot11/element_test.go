package dot11

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// counted returns n octets 0, 1, 2 and so on.
func counted(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestElementFragments(t *testing.T) {
	// A body of n octets takes these lengths on the air, the element's own first.
	tests := []struct {
		ext     bool
		n       int
		lengths []int
	}{
		{false, 0, []int{0}},
		{false, 254, []int{254}},
		{false, 255, []int{255}},
		{false, 256, []int{255, 1}},
		{false, 510, []int{255, 255}},
		{false, 511, []int{255, 255, 1}},
		{true, 0, []int{1}},
		{true, 254, []int{255}},
		{true, 255, []int{255, 1}},
		{true, 509, []int{255, 255}},
		{true, 510, []int{255, 255, 1}},
		{true, 2000, []int{255, 255, 255, 255, 255, 255, 255, 216}},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%d ext=%v", tc.n, tc.ext), func(t *testing.T) {
			e := Element{ID: ElementVendor, Body: counted(tc.n)}
			if tc.ext {
				e = ExtElement(ExtMultiLink, e.Body)
			}
			out := e.Append(nil)
			var lengths []int
			for at := 0; at < len(out); at += 2 + int(out[at+1]) {
				want := e.ID
				if at > 0 {
					want = ElementFragment
				}
				if out[at] != want {
					t.Fatalf("octet %d: element %d, want %d", at, out[at], want)
				}
				lengths = append(lengths, int(out[at+1]))
			}
			if diff := cmp.Diff(tc.lengths, lengths); diff != "" {
				t.Errorf("lengths (-want +got):\n%s", diff)
			}
			if e.Len() != len(out) {
				t.Errorf("Len() = %d, Append adds %d", e.Len(), len(out))
			}
			after := Element{ID: ElementSSID, Body: []byte("x")}
			got, err := ParseElements(after.Append(out))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Elements{e, after}, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("read again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseElementsIrregular(t *testing.T) {
	full := append([]byte{ElementVendor, 255}, counted(255)...)
	tests := []struct {
		name string
		in   []byte
		want Elements
		err  error
	}{
		{"nothing", nil, nil, nil},
		{"half a header", []byte{0}, Elements{}, ErrShort},
		{"body is cut", []byte{0, 1, 'x', 1, 2, 3}, Elements{{ID: 0, Body: []byte("x")}}, ErrShort},
		{"header is cut", []byte{0, 1, 'x', 1}, Elements{{ID: 0, Body: []byte("x")}}, ErrShort},
		{"extension without number", []byte{0, 0, 255, 0, 1, 0}, Elements{{ID: 0}}, ErrShort},
		{"fragment of nothing", []byte{242, 1, 9, 0, 0}, Elements{{ID: 0}}, nil},
		{"fragment after a short element", []byte{0, 1, 'x', 242, 1, 9}, Elements{{ID: 0, Body: []byte("x")}}, nil},
		{"empty fragment ends the element", append(bytes.Clone(full), 242, 0, 242, 1, 9), Elements{{ID: ElementVendor, Body: counted(255)}}, nil},
		{"short fragment ends the element", append(bytes.Clone(full), 242, 1, 7, 242, 1, 9), Elements{{ID: ElementVendor, Body: append(counted(255), 7)}}, nil},
		{"fragment is cut", append(bytes.Clone(full), 242, 2, 7), Elements{}, ErrShort},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ParseElements(tc.in)
			if !errors.Is(err, tc.err) {
				t.Errorf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestElementsAreApart appends to one body and looks at the next.
func TestElementsAreApart(t *testing.T) {
	in := Elements{
		{ID: ElementVendor, Body: counted(300)},
		ExtElement(ExtMultiLink, counted(400)),
		{ID: ElementSSID, Body: []byte("x")},
	}
	got, err := ParseElements(in.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].Body = append(got[i].Body, 0xee)[:len(got[i].Body)]
	}
	if diff := cmp.Diff(in, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	es := Elements{
		{ID: ElementSSID, Body: []byte("lab")},
		VendorElement(WiFiAllianceOUI(), 2, []byte{9}),
		VendorElement(MicrosoftOUI(), 2, []byte{1}),
		VendorElement(MicrosoftOUI(), 2, []byte{2}),
		{ID: ElementVendor, Body: []byte{0, 0x50}},
		ExtElement(ExtMultiLink, []byte{7}),
	}
	if b, ok := es.Find(ElementSSID); !ok || string(b) != "lab" {
		t.Errorf("Find(SSID) = %q, %v", b, ok)
	}
	if b, ok := es.FindExt(ExtMultiLink); !ok || !bytes.Equal(b, []byte{7}) {
		t.Errorf("FindExt(MultiLink) = %x, %v", b, ok)
	}
	if b, ok := es.FindVendor(MicrosoftOUI(), 2); !ok || !bytes.Equal(b, []byte{1}) {
		t.Errorf("FindVendor(Microsoft, 2) = %x, %v", b, ok)
	}
	if _, ok := es.Find(ElementRSN); ok {
		t.Error("Find(RSN) found something")
	}
	if _, ok := es.FindExt(ExtEHTOperation); ok {
		t.Error("FindExt(EHTOperation) found something")
	}
	if _, ok := es.FindVendor(MicrosoftOUI(), 4); ok {
		t.Error("FindVendor(Microsoft, 4) found something")
	}
	left := es.Without(ElementVendor, 0).Without(ElementExtension, ExtMultiLink)
	if diff := cmp.Diff(es[:1], left); diff != "" {
		t.Errorf("Without (-want +got):\n%s", diff)
	}
	if len(es) != 6 {
		t.Errorf("Without changed its receiver: %v", es)
	}
	if want := len(es.Append(nil)); es.Len() != want {
		t.Errorf("Len() = %d, Append adds %d", es.Len(), want)
	}
}

// hasFragments walks elements and tells whether one is a fragment.
func hasFragments(b []byte) bool {
	for at := 0; at+2 <= len(b); at += 2 + int(b[at+1]) {
		if b[at] == ElementFragment {
			return true
		}
	}
	return false
}

func FuzzParseElements(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 'x', 255, 1, 107, 242, 0})
	f.Add(Elements{{ID: 221, Body: counted(600)}, ExtElement(107, counted(510)), {ID: 0}}.Append(nil))
	f.Add(exampleBeacon().Append(nil)[12:])
	f.Fuzz(func(t *testing.T, in []byte) {
		in = in[:min(len(in), maxFuzz)]
		es, err := ParseElements(in)
		total := 0
		for _, e := range es {
			if e.ID == ElementFragment || e.ID != ElementExtension && e.Ext != 0 {
				t.Fatalf("element %d ext %d", e.ID, e.Ext)
			}
			total += len(e.Body)
		}
		if total > len(in) {
			t.Fatalf("%d octets of bodies from %d", total, len(in))
		}
		out := es.Append(nil)
		if es.Len() != len(out) {
			t.Fatalf("Len() = %d, Append adds %d", es.Len(), len(out))
		}
		again, againErr := ParseElements(out)
		if againErr != nil {
			t.Fatalf("written %x and refused: %v", out, againErr)
		}
		if !bytes.Equal(again.Append(nil), out) {
			t.Fatalf("written %x, then %x", out, again.Append(nil))
		}
		if !hasFragments(in) {
			if err == nil && !bytes.Equal(in, out) {
				t.Fatalf("read %x, written %x", in, out)
			}
			if err != nil && !bytes.HasPrefix(in, out) {
				t.Fatalf("read %x up to an error, written %x", in, out)
			}
		}
	})
}

func BenchmarkParseElements(b *testing.B) {
	in := exampleBeacon().Append(nil)[12:]
	b.ReportAllocs()
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		if _, err := ParseElements(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendElements(b *testing.B) {
	es := exampleBeacon().Elements
	buffer := make([]byte, 0, es.Len())
	b.ReportAllocs()
	b.SetBytes(int64(es.Len()))
	for b.Loop() {
		buffer = es.Append(buffer[:0])
	}
}
