package nl80211_test

import (
	"testing"

	"roamfault/nl80211"
	"roamfault/patterns"
)

// The lines of events and refusals mean to the catalogue what they say.
func TestLinesClassify(t *testing.T) {
	catalogue := patterns.Builtin()
	classify := func(line string) string {
		m, ok := catalogue.Match("nl80211", "wlan0: "+line)
		if !ok {
			return "unmatched"
		}
		if m.Class == "" {
			return "noise"
		}
		return string(m.Class)
	}
	texts := nl80211.EventTexts()
	for name, want := range map[string]string{
		"scan started":                           "noise",
		"authenticated":                          "unmatched",
		"authentication denied":                  "auth-rejected",
		"authentication timed out":               "auth-timeout",
		"associated":                             "assoc-response",
		"reassociation denied, damaged elements": "assoc-rejected",
		"association timed out":                  "assoc-timeout",
		"comeback":                               "assoc-comeback",
		"deauthenticated":                        "deauth-by-ap",
		"deauthenticating":                       "disconnected-local",
		"disassociated, damaged elements":        "deauth-by-ap",
		"disassociating":                         "disconnected-local",
		"unprotected deauthentication":           "unmatched",
		"connected":                              "unmatched",
		"disconnected":                           "unmatched",
		"disconnected by the access point":       "unmatched",
		"links removed":                          "mlo-reconfigured",
		"links added":                            "mlo-reconfigured",
		"switch begins":                          "channel-switch",
		"switched":                               "channel-switch",
		"beacons lost":                           "beacon-loss",
		"country":                                "regdom-change",
		"world":                                  "regdom-change",
		"intersection":                           "regdom-change",
	} {
		text, ok := texts[name]
		if !ok {
			t.Errorf("there is no event %q", name)
		}
		if got := classify(text); got != want {
			t.Errorf("%s, %q: %s, want %s", name, text, got, want)
		}
	}
	want := []string{"auth-request-failed", "assoc-request-failed", "key-rejected", "key-rejected", "key-rejected", "scan-failed", "unmatched"}
	for i, e := range nl80211.Refusals() {
		if got := classify(e.Text()); got != want[i] {
			t.Errorf("%q: %s, want %s", e.Text(), got, want[i])
		}
	}
	for words, want := range map[string]string{
		"link ID must for MLO group key": "mlo-group-key-link-id",
		"Error fetching BSS for link":    "bss-fetch-failed",
		"key not allowed":                "key-rejected",
	} {
		e := &nl80211.Error{Command: nl80211.CommandNewKey, Message: words}
		if got := classify(e.Text()); got != want {
			t.Errorf("%q: %s, want %s", e.Text(), got, want)
		}
	}
}
