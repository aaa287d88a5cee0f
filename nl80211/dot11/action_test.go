package dot11

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestPreference(t *testing.T) {
	n := NeighborReport{Subelements: []Subelement{{ID: NeighborMultiLink, Body: []byte{0, 0, 7}}, PreferenceSubelement(200)}}
	if p, ok := n.Preference(); !ok || p != 200 {
		t.Errorf("Preference() = %d, %v", p, ok)
	}
	if b, ok := n.Find(NeighborMultiLink); !ok || len(b) != 3 {
		t.Errorf("Find(MultiLink) = %x, %v", b, ok)
	}
	for _, s := range [][]Subelement{nil, {{ID: NeighborPreference}}, {{ID: NeighborPreference, Body: []byte{1, 2}}}} {
		n.Subelements = s
		if p, ok := n.Preference(); ok {
			t.Errorf("%v: Preference() = %d", s, p)
		}
	}
}

// TestReconfigureResponseKeys has Group Key Data, which only who has asked knows
// to be there.
func TestReconfigureResponseKeys(t *testing.T) {
	r := ReconfigureResponse{
		Token: 4, Links: []LinkStatus{{LinkID: 1}, {LinkID: 2, Status: StatusUnspecified}},
		GroupKey: []byte{0xdd, 0x04, 0, 0x0f, 0xac, 0x10}, Elements: Elements{ExtElement(ExtMultiLink, []byte{0, 0, 7, 2, 0, 0, 0, 0, 1})},
	}
	a := r.Action()
	got, err := ParseReconfigureResponse(a, true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	r.GroupKey, r.Links[0].Status = nil, StatusUnspecified
	if got, err = ParseReconfigureResponse(r.Action(), true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("all refused (-want +got):\n%s", diff)
	}
	many := ReconfigureResponse{Links: make([]LinkStatus, 300), GroupKey: counted(300)}
	if got, err = ParseReconfigureResponse(many.Action(), true); err != nil || len(got.Links) != 255 || len(got.GroupKey) != 255 {
		t.Errorf("%d links and %d octets of keys, %v; want 255 of both", len(got.Links), len(got.GroupKey), err)
	}
}

func TestProtectedSwitchAction(t *testing.T) {
	s := ExtChannelSwitch{Class: 115, Channel: 40, Count: 2}
	a := ExtChannelSwitchAction(s, nil)
	a.Category = CategoryProtectedDual
	if got, _, err := ParseExtChannelSwitchAction(a); err != nil || got != s {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestTransitionRequestFields(t *testing.T) {
	r := TransitionRequest{Mode: TransitionTermination | TransitionURL | TransitionAbridged, URL: Some(strings.Repeat("u", 300))}
	got, err := ParseTransitionRequest(r.Action())
	if err != nil {
		t.Fatal(err)
	}
	want := TransitionRequest{Mode: TransitionAbridged, URL: Some(strings.Repeat("u", 255))}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRNRSplits(t *testing.T) {
	report := ReducedNeighborReport{
		{Format: TBTTOffset, Class: 81, Channel: 1, BSSs: make([]TBTTInfo, 20)},
		{Format: TBTTOffset, Class: 81, Channel: 6},
		{Class: 81, Channel: 11, BSSs: make([]TBTTInfo, 1)},
	}
	got, err := ParseReducedNeighborReport(report.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := ReducedNeighborReport{
		{Format: TBTTOffset, Class: 81, Channel: 1, BSSs: make([]TBTTInfo, 16)},
		{Format: TBTTOffset, Class: 81, Channel: 1, BSSs: make([]TBTTInfo, 4)},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
