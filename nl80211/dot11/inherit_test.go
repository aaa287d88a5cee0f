package dot11

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestInherit(t *testing.T) {
	el := func(id uint8, body string) Element { return Element{ID: id, Body: []byte(body)} }
	wmm, p2p := VendorElement(MicrosoftOUI(), 2, []byte("a")), VendorElement(WiFiAllianceOUI(), 9, []byte("b"))
	tests := []struct {
		name           string
		profile, frame Elements
		want           Elements
	}{
		{"all of it", nil, Elements{el(1, "r"), wmm}, Elements{el(1, "r"), wmm}},
		{"its own first", Elements{el(61, "o")}, Elements{el(1, "r"), el(61, "x")}, Elements{el(61, "o"), el(1, "r")}},
		{"not the multi-link element", nil, Elements{ExtElement(ExtMultiLink, nil), el(1, "r")}, Elements{el(1, "r")}},
		{"vendors apart", Elements{VendorElement(MicrosoftOUI(), 2, []byte("z"))}, Elements{wmm, p2p}, Elements{VendorElement(MicrosoftOUI(), 2, []byte("z")), p2p}},
		{
			"named as not inherited",
			Elements{(&NonInheritance{IDs: []uint8{1}, Exts: []uint8{35}}).Element()},
			Elements{el(1, "r"), el(35, "t"), ExtElement(35, nil), ExtElement(1, nil)},
			Elements{el(35, "t"), ExtElement(1, nil)},
		},
		{"no vendor", Elements{(&NonInheritance{IDs: []uint8{221}}).Element()}, Elements{wmm, p2p, el(1, "r")}, Elements{el(1, "r")}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.profile.Inherit(tc.frame)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if _, err := (Elements{ExtElement(ExtNonInheritance, []byte{5})}).Inherit(nil); err == nil {
		t.Error("a non-inheritance element that is cut is taken")
	}
}

func TestDeduce(t *testing.T) {
	frame := exampleBeacon().Elements
	other, _ := ChannelOf(Band5GHz, 149)
	complete := Elements{}
	for _, e := range frame {
		switch {
		case e.ID == ElementHTOperation:
			o := DefaultHTOperation(other.Number)
			complete = append(complete, o.Element())
		case e.ID == ElementTIM, e.ID == ElementExtension && e.Ext == ExtMultiLink:
		default:
			complete = append(complete, e)
		}
	}
	profile := complete.Deduce(frame)
	want := Elements{
		(&HTOperation{Primary: 149}).Element(),
		(&NonInheritance{IDs: []uint8{ElementTIM}}).Element(),
	}
	if diff := gocmp.Diff(want, profile); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// FuzzInherit makes profiles short and long again.
func FuzzInherit(f *testing.F) {
	beacon := exampleBeacon().Elements.Append(nil)
	f.Add(beacon, beacon)
	f.Add(beacon[:100], beacon)
	f.Add(beacon, beacon[:100])
	f.Add([]byte{221, 4, 1, 2, 3, 4}, []byte{221, 4, 1, 2, 3, 5, 221, 4, 1, 2, 3, 4, 221, 0})
	f.Fuzz(func(t *testing.T, own, around []byte) {
		complete, err := ParseElements(own[:min(len(own), maxFuzz)])
		if err != nil || slices.ContainsFunc(complete, func(e Element) bool { return e.ID == ElementExtension && e.Ext == ExtNonInheritance }) {
			return
		}
		frame, _ := ParseElements(around[:min(len(around), maxFuzz)])
		profile := complete.Deduce(frame)
		got, err := profile.Inherit(frame)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(sorted(complete), sorted(got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("complete %x in frame %x, profile %x (-want +got):\n%s", own, around, profile.Append(nil), diff)
		}
	})
}

func sorted(es Elements) Elements {
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b Element) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Ext, b.Ext), slices.Compare(a.Body, b.Body))
	})
	return es
}
