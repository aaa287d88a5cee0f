package ap_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// A rule is for the stations, links and frames it names, and no others.
func TestRuleScope(t *testing.T) {
	first := staMLD(1)
	tests := []struct {
		name string
		rule ap.Rule
		want [2]bool // station 1 on link 0, station 2 on link 1: connected
	}{
		{"everybody", ap.Rule{Fault: "silence", Frame: "auth"}, [2]bool{false, false}},
		{"one station by its MLD address", ap.Rule{Fault: "silence", Frame: "auth", Station: first}, [2]bool{false, true}},
		{"one station by its link address", ap.Rule{Fault: "silence", Frame: "auth", Station: linkAddr(first, 0)}, [2]bool{false, true}},
		{"by an address of another link", ap.Rule{Fault: "silence", Frame: "auth", Station: linkAddr(first, 1)}, [2]bool{true, true}},
		{"association of one station", ap.Rule{Fault: "silence", Frame: "assoc", Station: first}, [2]bool{false, true}},
		{"the handshake of one station", ap.Rule{Fault: "mic-wrong", Station: first}, [2]bool{false, true}},
		{"one link", ap.Rule{Fault: "silence", Frame: "auth", Link: only(1)}, [2]bool{true, false}},
		{"a kind of frame that does not come", ap.Rule{Fault: "silence", Frame: "disassoc"}, [2]bool{true, true}},
		{"one station on another link", ap.Rule{Fault: "silence", Frame: "auth", Station: first, Link: only(1)}, [2]bool{true, true}},
		{"answers to one station", ap.Rule{Fault: "status", Station: first}, [2]bool{false, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			one, two := e.join(1, 2, ap.SAE), e.join(2, 2, ap.SAE, func(s *station) { s.via = 1 })
			e.make(a, tt.rule)
			got := [2]bool{one.connect(a.Addr()), two.connect(a.Addr())}
			if got != tt.want {
				t.Errorf("connected %v, want %v", got, tt.want)
			}
		})
	}
}

// A rule is made as often as it says and stays listed with how often it was.
func TestRuleCount(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	rule := ap.Rule{Fault: "silence", Frame: "beacon", Count: 3}
	e.make(a, rule)
	e.run(10*100*ap.TU - 1)
	if n := len(e.sent(false, dot11.Beacon)); n != 7 {
		t.Errorf("%d of ten beacons, want 7", n)
	}
	if diff := cmp.Diff([]ap.Made{{Rule: rule, Times: 3}}, a.Rules()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	e.wantEvents(ap.FaultMade, dot11.Addr{}, 3)
}

// What cannot be made at an occasion is not counted.
func TestRuleCountsWhatIsMade(t *testing.T) {
	for _, fault := range []string{"vanish", "link-refused", "multi-link-missing", "profile-missing"} {
		t.Run(fault, func(t *testing.T) {
			e, a := alone(t, configOf(t, 1, twoLinks(t)))
			single := e.join(1, 0, ap.SAE)
			frame := map[string]string{"multi-link-missing": "assoc"}[fault]
			if fault != "vanish" {
				e.make(a, ap.Rule{Fault: fault, Frame: frame, Count: 1})
				single.mustConnect(a.Links()[0].BSSID)
				if n := a.Rules()[0].Times; n != 0 {
					t.Errorf("made %d times where there is nothing to make", n)
				}
				return
			}
			// Of SAE, only the last frame accepts.
			e.make(a, ap.Rule{Fault: fault, Frame: "auth", Count: 1})
			single.connect(a.Links()[0].BSSID)
			if n := a.Rules()[0].Times; n != 1 || e.count(ap.Authenticated, single.mld) != 1 || single.phase == connected {
				t.Errorf("made %d times, phase %d", n, single.phase)
			}
		})
	}
}

// A rule is made as likely as it says, in the same way in every run.
func TestRuleProbability(t *testing.T) {
	lost := func() (pattern string) {
		e, a := alone(t, configOf(t, 1, oneLink(t)))
		e.make(a, ap.Rule{Fault: "loss", Frame: "beacon", Probability: 0.25})
		e.run(400*100*ap.TU - 1)
		heard := map[time.Duration]bool{}
		for _, x := range e.sent(false, dot11.Beacon) {
			heard[x.at] = true
		}
		for i := range time.Duration(400) {
			if heard[i*100*ap.TU] {
				pattern += "."
			} else {
				pattern += "x"
			}
		}
		return pattern
	}
	first := lost()
	if n := strings.Count(first, "x"); n < 70 || n > 130 {
		t.Errorf("%d of 400 were lost, want about 100", n)
	}
	if lost() != first {
		t.Error("two runs differ")
	}
}

func TestClear(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	for _, name := range []string{"no-ack", "repeat", "no-ack", "garble"} {
		e.make(a, ap.Rule{Fault: name, Frame: "data"})
	}
	if n := a.Clear("no-ack"); n != 2 {
		t.Errorf("%d rules cleared, want 2", n)
	}
	if n := a.Clear("silence"); n != 0 {
		t.Errorf("%d rules cleared that were not there", n)
	}
	if got := a.Rules(); len(got) != 2 || got[0].Fault != "repeat" || got[1].Fault != "garble" {
		t.Errorf("rules %+v", got)
	}
	if n := a.Clear(""); n != 2 || len(a.Rules()) != 0 {
		t.Errorf("%d rules cleared, want 2", n)
	}
}

func TestTooManyRules(t *testing.T) {
	e, a := alone(t, configOf(t, 1, oneLink(t)))
	for range ap.MaxRules {
		e.make(a, ap.Rule{Fault: "no-ack"})
	}
	if err := a.Make(0, ap.Rule{Fault: "no-ack"}); err == nil || !strings.Contains(err.Error(), "clear some") {
		t.Errorf("error %v", err)
	}
	e.make(a, ap.Rule{Fault: "rekey"}) // an act needs no place
}

func TestWrongRules(t *testing.T) {
	group := dot11.BroadcastAddr()
	tests := []struct {
		rule ap.Rule
		want string
	}{
		{ap.Rule{}, "none of silence"},
		{ap.Rule{Fault: "sleep"}, `"sleep" is none of`},
		{ap.Rule{Fault: "silence", Link: only(2)}, "no link 2"},
		{ap.Rule{Fault: "silence", Frame: "letter"}, `"letter" is none of beacon`},
		{ap.Rule{Fault: "comeback", Frame: "auth"}, `"auth" is none of assoc`},
		{ap.Rule{Fault: "deauth", Frame: "deauth"}, "no kind of frame"},
		{ap.Rule{Fault: "silence", Count: -1}, "negative"},
		{ap.Rule{Fault: "silence", Probability: 1.5}, "between 0 and 1"},
		{ap.Rule{Fault: "silence", Probability: -0.1}, "between 0 and 1"},
		{ap.Rule{Fault: "silence", Station: group}, "no station"},
		{ap.Rule{Fault: "silence", Status: 1}, "no status (it has: nothing)"},
		{ap.Rule{Fault: "status", Reason: 1}, "no reason (it has: status)"},
		{ap.Rule{Fault: "status", TU: 1}, "no tu"},
		{ap.Rule{Fault: "status", Signal: -3}, "no signal"},
		{ap.Rule{Fault: "status", Channel: 1}, "no channel"},
		{ap.Rule{Fault: "status", Address: staMLD(1)}, "no address"},
		{ap.Rule{Fault: "status", Unprotected: true}, "no unprotected"},
		{ap.Rule{Fault: "status", Group: true}, "no group"},
		{ap.Rule{Fault: "deauth", Count: 2}, "done once"},
		{ap.Rule{Fault: "deauth", Probability: 0.5}, "done once"},
		{ap.Rule{Fault: "deauth", Group: true, Station: staMLD(1)}, "not for one"},
		{ap.Rule{Fault: "signal", Link: only(0)}, "needs a signal"},
		{ap.Rule{Fault: "signal", Signal: 3}, "3 dBm"},
		{ap.Rule{Fault: "signal", Signal: -101}, "-101 dBm"},
		{ap.Rule{Fault: "channel-switch", Link: only(0)}, "needs a channel"},
		{ap.Rule{Fault: "channel-switch", Channel: 292, Link: only(0)}, "292"},
		{ap.Rule{Fault: "channel-switch", Channel: 37, Link: only(0)}, "37"},
		{ap.Rule{Fault: "channel-switch", Channel: -1, Link: only(0)}, "-1"},
		{ap.Rule{Fault: "channel-switch", Channel: 44}, "both"},
		{ap.Rule{Fault: "channel-switch", Channel: 149, Link: only(0)}, "link 1 is on"},
		{ap.Rule{Fault: "channel-switch", Channel: 36, Link: only(0)}, "link 0 is on"},
		{ap.Rule{Fault: "new-bssid", Address: staMLD(1)}, "several links"},
		{ap.Rule{Fault: "new-bssid", Address: group, Link: only(0)}, "no BSSID"},
		{ap.Rule{Fault: "new-bssid", Address: apLink(1, 1), Link: only(0)}, "link 1 has"},
		{ap.Rule{Fault: "new-mld", Address: group}, "no other MLD"},
		{ap.Rule{Fault: "new-mld", Address: apMLD(1)}, "no other MLD"},
		{ap.Rule{Fault: "link-removal"}, "no link would be left"},
		{ap.Rule{Fault: "transition", Address: group}, "no BSSID"},
		{ap.Rule{Fault: "transition", Address: apLink(2, 0), Channel: 500}, "500"},
		{ap.Rule{Fault: "transition", Channel: 44}, "goes with"},
	}
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	e.run(0)
	for _, tt := range tests {
		err := a.Make(0, tt.rule)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: error %v, want one with %q", tt.rule, err, tt.want)
		}
	}
	if n := len(a.Rules()); n > 0 {
		t.Errorf("%d rules are at work", n)
	}
	e.wantEvents(ap.FaultMade, dot11.Addr{}, 0)
	single := newAP(t, configOf(t, 2, oneLink(t), noMLD))
	for _, name := range []string{"new-mld", "link-removal"} {
		if err := single.Make(0, ap.Rule{Fault: name}); err == nil || !strings.Contains(err.Error(), "no AP MLD") {
			t.Errorf("%s without MLD: error %v", name, err)
		}
	}
}

// Of two links, one can be removed; the other then has to stay.
func TestLastLinkStays(t *testing.T) {
	e, a := alone(t, configOf(t, 1, twoLinks(t)))
	e.make(a, ap.Rule{Fault: "link-removal", Link: only(0)})
	if err := a.Make(0, ap.Rule{Fault: "link-removal", Link: only(1)}); err == nil {
		t.Error("both links may go")
	}
	e.run(time.Second)
	for _, link := range []uint8{0, 1} {
		if err := a.Make(e.now, ap.Rule{Fault: "link-removal", Link: &link}); err == nil {
			t.Errorf("link %d may go", link)
		}
	}
	if a.Next() > e.now+100*ap.TU {
		t.Errorf("the next beacon is at %v", a.Next())
	}
}

// Every fault can be told by its name and says what it is about.
func TestFaultList(t *testing.T) {
	names := map[string]bool{}
	for _, f := range ap.Faults() {
		if names[f.Name] || f.Name == "" || strings.ToLower(f.Name) != f.Name {
			t.Errorf("name %q", f.Name)
		}
		names[f.Name] = true
		for _, frame := range f.Frames {
			if !strings.Contains(fmt.Sprint(ap.FrameKinds()), frame) {
				t.Errorf("%s is about frames %q", f.Name, frame)
			}
		}
		if strings.HasSuffix(f.About, ".") {
			t.Errorf("%s: %q is no part of a sentence", f.Name, f.About)
		}
	}
}
