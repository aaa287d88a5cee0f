package protect_test

import (
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/protect"
)

func TestRobust(t *testing.T) {
	action := func(fc dot11.FrameControl, category byte) []byte {
		return append(frameOf(fc, 0, 0), category, 0)
	}
	fragment := action(dot11.Action, 8)
	fragment[22] |= 1
	for _, test := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"deauthentication", frameOf(dot11.Deauth, 0, 2), true},
		{"disassociation", frameOf(dot11.Disassoc, 0, 2), true},
		{"SA query", action(dot11.Action, 8), true},
		{"BSS transition management", action(dot11.Action, 10), true},
		{"protected EHT", action(dot11.Action, 37), true},
		{"public", action(dot11.Action, 4), false},
		{"unprotected WNM", action(dot11.Action, 11), false},
		{"vendor-specific", action(dot11.Action, 127), false},
		{"protected vendor-specific", action(dot11.Action, 126), true},
		{"sealed, whatever it was", action(dot11.Action|dot11.Protected, 4), true},
		{"action without acknowledgement", action(dot11.ActionNoAck, 8), false},
		{"later fragment", fragment, false},
		{"action without a body", frameOf(dot11.Action, 0, 0), false},
		{"authentication", frameOf(dot11.Auth, 0, 6), false},
		{"data", frameOf(dot11.Data, 0, 6), false},
		{"nothing", nil, false},
	} {
		if got := protect.Robust(test.frame); got != test.want {
			t.Errorf("robust %s = %v, want %v", test.name, got, test.want)
		}
	}
}
