package dot11

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestMultiLink(t *testing.T) {
	mld := addr(0x20, 0)
	tests := []struct {
		name string
		in   string
		want MultiLink
	}{
		{"authentication", "0000 07 020000002000", MultiLink{MLDAddr: mld}},
		{"beacon", "3001 0b 020000002000 00 01 0100", MultiLink{
			MLDAddr: mld, LinkID: Some(uint8(0)), BSSChangeCount: Some(uint8(1)), MLDCapabilities: Some(MLDCapabilities(1)),
		}},
		{"all of Basic", "f007 12 020000002000 0e 05 ac10 8100 6120 03 8100", MultiLink{
			MLDAddr: mld, LinkID: Some(uint8(14)), BSSChangeCount: Some(uint8(5)), MediumSyncDelay: Some(MediumSyncDelayDefault),
			EMLCapabilities: Some(EMLSRSupport | EMLMRSupport), MLDCapabilities: Some(1 | MLDTIDToLinkNegotiation | MLDLinkReconfiguration),
			APMLDID: Some(uint8(3)), ExtMLDCapabilities: Some(ExtMLDParameterUpdate | ExtMLDTransitionMultiAP),
		}},
		{"what later editions add", "0808 09 020000002000 aabb", MultiLink{MLDAddr: mld, Reserved: 0x0808, Extra: []byte{0xaa, 0xbb}}},
		{"association response", "3001 0b 020000002000 00 01 0100" +
			"00 1e f109 14 020000002001 6400 feffffffffffffff 0002 01 1100 0000 0002 8c12", MultiLink{
			MLDAddr: mld, LinkID: Some(uint8(0)), BSSChangeCount: Some(uint8(1)), MLDCapabilities: Some(MLDCapabilities(1)),
			Profiles: []LinkProfile{{
				LinkID: 1, Complete: true, Addr: addr(0x20, 1), BeaconInterval: Some(uint16(100)), TSFOffset: Some(int64(-2)),
				DTIM: Some(DTIMInfo{Count: 0, Period: 2}), BSSChangeCount: Some(uint8(1)), Body: []byte{0x11, 0, 0, 0, 0, 2, 0x8c, 0x12},
			}},
		}},
		{"NSTR links", "0000 07 020000002000 00 05 1102 02 04 99 00 05 1206 03 0280", MultiLink{
			MLDAddr: mld,
			Profiles: []LinkProfile{
				{LinkID: 1, Complete: true, NSTR: Some(NSTRLinks{Links: 4}), Body: []byte{0x99}},
				{LinkID: 2, Complete: true, NSTR: Some(NSTRLinks{Links: 0x8002, Wide: true})},
			},
		}},
		{"probe request", "1100 02 00 00 02 1000 00 06 0100 ff02 0a01", MultiLink{
			Type: MultiLinkProbeRequest, APMLDID: Some(uint8(0)),
			Profiles: []LinkProfile{{LinkID: 0, Complete: true}, {LinkID: 1, Body: []byte{0xff, 2, ExtExtendedRequest, 1}}},
		}},
		{"probe request to an MLD", "3100 08 05 020000002000", MultiLink{Type: MultiLinkProbeRequest, APMLDID: Some(uint8(5)), MLDAddr: mld}},
		{"removal of a link", "0200 01 00 05 4100 03 0a00", MultiLink{
			Type:     MultiLinkReconfigure,
			Profiles: []LinkProfile{{LinkID: 1, RemovalTimer: Some(uint16(10)), Operation: ReconfigureRemoveAP}},
		}},
		{"all of Reconfiguration", "f200 0d 020000002000 0100 0020 0100" +
			"00 12 7139 0e 020000002001 0a00 010203 0280 1100", MultiLink{
			Type: MultiLinkReconfigure, MLDAddr: mld, EMLCapabilities: Some(EMLSRSupport), MLDCapabilities: Some(MLDLinkReconfiguration),
			ExtMLDCapabilities: Some(ExtMLDParameterUpdate),
			Profiles: []LinkProfile{{
				LinkID: 1, Complete: true, Addr: addr(0x20, 1), RemovalTimer: Some(uint16(10)), Operation: ReconfigureAddLink,
				Parameters: Some([3]byte{1, 2, 3}), NSTR: Some(NSTRLinks{Links: 0x8002, Wide: true}), Body: []byte{0x11, 0},
			}},
		}},
		{"TDLS", "0300 07 020000002000 00 02 0100", MultiLink{
			Type: MultiLinkTDLS, MLDAddr: mld, Others: []Subelement{{ID: 0, Body: []byte{1, 0}}},
		}},
		{"priority access", "0400 07 020000002000", MultiLink{Type: MultiLinkPriorityAccess, MLDAddr: mld}},
		{"unknown variant", "3700 03 aabb 00 01 07 dd 00", MultiLink{
			Type: 7, Reserved: 0x30, Extra: []byte{0xaa, 0xbb}, Others: []Subelement{{ID: 0, Body: []byte{7}}, {ID: 221}},
		}},
		{"vendor specific", "0000 07 020000002000 dd 04 506f9a01", MultiLink{
			MLDAddr: mld, Others: []Subelement{{ID: 221, Body: []byte{0x50, 0x6f, 0x9a, 1}}},
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			in := unhex(t, tc.in)
			got, err := ParseMultiLink(in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(in, got.Append(nil)); diff != "" {
				t.Errorf("written again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMultiLinkRefused(t *testing.T) {
	tests := []struct{ name, in string }{
		{"empty", ""},
		{"no common info", "0000"},
		{"common info of no octets", "0000 00"},
		{"common info is cut", "0000 07 0200000020"},
		{"common info without address", "0000 06 0200000020"},
		{"common info shorter than its presence bits", "1000 07 020000002000"},
		{"subelement is cut", "0000 07 020000002000 00 05 1000"},
		{"profile without STA info", "0000 07 020000002000 00 02 1000"},
		{"STA info of no octets", "0000 07 020000002000 00 03 1000 00"},
		{"STA info without address", "0000 07 020000002000 00 08 3000 06 0200000020"},
		{"STA info beyond the profile", "0000 07 020000002000 00 04 1000 03 00"},
		{"probe request profile is cut", "0100 01 00 01 10"},
		{"removal without timer", "0200 01 00 03 4100 01"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if got, err := ParseMultiLink(unhex(t, tc.in)); !errors.Is(err, ErrShort) {
				t.Errorf("got %+v, error %v", got, err)
			}
		})
	}
}

// TestMultiLinkFragments has profiles so long that both the subelement and the
// element are sent in fragments (IEEE 802.11be-2024, figure 35-4).
func TestMultiLinkFragments(t *testing.T) {
	m := exampleMultiLink(700)
	m.Others = []Subelement{{ID: 221, Body: counted(300)}}
	out := Elements{m.Element(), {ID: ElementSSID}}.Append(nil)
	es, err := ParseElements(out)
	if err != nil {
		t.Fatal(err)
	}
	body, ok := es.FindExt(ExtMultiLink)
	if !ok {
		t.Fatalf("no multi-link element in %x", out)
	}
	if !bytes.Contains(body, []byte{subelementFragment, 255}) {
		t.Errorf("no fragment subelement in %x", body)
	}
	got, err := ParseMultiLink(body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	p, ok := got.Profile(2)
	if !ok {
		t.Fatal("no profile of link 2")
	}
	profile, err := ParseStationProfile(p.Body, true)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := profile.Elements.Find(ElementVendor); len(body) != 700 {
		t.Errorf("vendor element of %d octets, want 700", len(body))
	}
	if _, ok := got.Profile(9); ok {
		t.Error("there is a profile of link 9")
	}
}

// TestMultiLinkWritesWhatFits has fields that the variant has not, and more than
// fits.
func TestMultiLinkWritesWhatFits(t *testing.T) {
	tests := []struct {
		name string
		in   MultiLink
		want string
	}{
		{"fields of another variant", MultiLink{Type: MultiLinkReconfigure, LinkID: Some(uint8(3)), APMLDID: Some(uint8(1))}, "0200 01"},
		{"reserved bits that are known", MultiLink{Reserved: 0xffff}, "08f8 07 000000000000"},
		{"profile of another variant", MultiLink{Type: MultiLinkProbeRequest, Profiles: []LinkProfile{{LinkID: 0x31, Addr: addr(0, 1), BeaconInterval: Some(uint16(1)), Reserved: 0xffff}}}, "0100 01 00 02 e1ff"},
		{"NSTR in a profile that is not complete", MultiLink{MLDAddr: addr(0, 1), Profiles: []LinkProfile{{NSTR: Some(NSTRLinks{Links: 2})}}}, "0000 07 020000000001 00 03 0000 01"},
		{"operation too great", MultiLink{Type: MultiLinkReconfigure, Profiles: []LinkProfile{{Operation: 0x1f}}}, "0200 01 00 03 8007 01"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(unhex(t, tc.want), tc.in.Append(nil)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	long := MultiLink{MLDAddr: addr(0, 1), Extra: counted(400), Profiles: []LinkProfile{{LinkID: 1, Addr: addr(0, 2), Extra: counted(400)}}}
	got, err := ParseMultiLink(long.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Extra) != 255-7 || len(got.Profiles) != 1 || len(got.Profiles[0].Extra) != 255-7 {
		t.Errorf("info fields of %d octets are to be cut at 255: %+v", 400, got)
	}
}

// exampleMultiLink is that of an association response of three links, whose
// profiles have a vendor specific element of n octets.
func exampleMultiLink(n int) MultiLink {
	m := MultiLink{MLDAddr: addr(0x20, 0), LinkID: Some(uint8(0)), BSSChangeCount: Some(uint8(1)), MLDCapabilities: Some(MLDCapabilities(1))}
	for id := uint8(1); id < 3; id++ {
		profile := StationProfile{Capability: CapabilityESS | CapabilityPrivacy, Status: Some(StatusSuccess)}
		profile.Elements = append(RateElements(DefaultRates(Band5GHz)...), Element{ID: ElementVendor, Body: counted(n)})
		m.Profiles = append(m.Profiles, LinkProfile{
			LinkID: id, Complete: true, Addr: addr(0x20, id), BeaconInterval: Some(uint16(100)), TSFOffset: Some(int64(0)),
			DTIM: Some(DTIMInfo{Period: 2}), BSSChangeCount: Some(uint8(1)), Body: profile.Append(nil),
		})
	}
	return m
}

func FuzzParseMultiLink(f *testing.F) {
	for _, n := range []int{4, 200, 300, 700} {
		m := exampleMultiLink(n)
		f.Add(m.Append(nil))
		m.Type = MultiLinkReconfigure
		f.Add(m.Append(nil))
	}
	f.Add([]byte{1, 0, 1, 0, 2, 0x10, 0, 254, 0})
	f.Add([]byte("\x00\x00\x07\x02\x00\x00\x00\x20\x00" + strings.Repeat("\x00\xff"+strings.Repeat("\x10", 255)+"\xfe\x03abc", 3)))
	f.Fuzz(func(t *testing.T, in []byte) {
		in = in[:min(len(in), maxFuzz)]
		m, err := ParseMultiLink(in)
		if err != nil {
			return
		}
		total := len(m.Extra)
		for _, p := range m.Profiles {
			if p.LinkID > 15 {
				t.Fatalf("link %d", p.LinkID)
			}
			total += len(p.Extra) + len(p.Body)
		}
		for _, s := range m.Others {
			if s.ID == subelementFragment {
				t.Fatal("a fragment is left")
			}
			total += len(s.Body)
		}
		if total > len(in) {
			t.Fatalf("%d octets from %d", total, len(in))
		}
		out := m.Append(nil)
		again, err := ParseMultiLink(out)
		if err != nil {
			t.Fatalf("written %x and refused: %v", out, err)
		}
		if !bytes.Equal(again.Append(nil), out) {
			t.Fatalf("written %x, then %x", out, again.Append(nil))
		}
		if diff := cmp.Diff(m, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("read from %x, written %x (-first +second):\n%s", in, out, diff)
		}
	})
}

func BenchmarkParseMultiLink(b *testing.B) {
	for _, bc := range []struct {
		name string
		n    int
	}{{"whole", 150}, {"fragments", 700}} {
		b.Run(bc.name, func(b *testing.B) {
			m := exampleMultiLink(bc.n)
			in := m.Append(nil)
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if _, err := ParseMultiLink(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendMultiLink(b *testing.B) {
	m := exampleMultiLink(150)
	buffer := m.Append(nil)
	b.ReportAllocs()
	b.SetBytes(int64(len(buffer)))
	for b.Loop() {
		buffer = m.Append(buffer[:0])
	}
}
