package dbus

import (
	"fmt"
	"strings"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/roam/runlog"
)

// Places of the tests: two access points with a handshake, one without.
func placeA() place {
	return place{addr: dot11.Addr{2, 0, 0, 0, 0, 0xa}, ssid: runlog.SSID("net"), freq: 5180, secure: true}
}

func placeB() place {
	return place{addr: dot11.Addr{2, 0, 0, 0, 0, 0xb}, ssid: runlog.SSID("net"), freq: 5220, secure: true}
}

func placeOpen() place { return place{addr: dot11.Addr{2, 0, 0, 0, 0, 0xc}, freq: 2412} }

func TestProgress(t *testing.T) {
	at := func(p place) dot11.Optional[place] { return dot11.Some(p) }
	code := func(n int32) dot11.Optional[int32] { return dot11.Some(n) }
	connected := progress{state: "completed", connected: true, at: placeA(), home: placeA()}
	asked := connected
	asked.wanted = placeB()
	for _, tt := range []struct {
		name    string
		begin   progress
		changes []change
		want    string // events with the last octet of the address
	}{
		{"connect, every step told", progress{state: "disconnected", wanted: placeA()}, []change{
			{state: "authenticating"}, {auth: code(126)}, {auth: code(0), state: "associating"}, {state: "associated", current: at(placeA())},
			{state: "4way_handshake"}, {state: "group_handshake"}, {state: "completed"},
		}, "trying a, said, associated a, said, secured a, connected a"},
		{"connect, steps gathered", progress{state: "scanning"}, []change{
			{auth: code(0), state: "associating"}, {state: "completed", current: at(placeA())},
		}, "trying 0, associated a, secured a, connected a"},
		{"no handshake", progress{state: "scanning"}, []change{{state: "completed", current: at(placeOpen())}},
			"trying c, associated c, connected c"},
		{"roam", asked, []change{
			{state: "authenticating"}, {reason: code(-3)}, {auth: code(0), state: "associating"}, {state: "completed", current: at(placeB())},
		}, "trying b, disconnected a -3, said, associated b, secured b, connected b"},
		{"roam in one go", connected, []change{{state: "completed", current: at(placeB())}}, "trying b, associated b, secured b, connected b"},
		{"roam to the same", connected, []change{{auth: code(0), state: "associating", current: at(placeA())}, {state: "completed"}},
			"trying a, associated a, secured a, connected a"},
		{"new group key", connected, []change{{state: "group_handshake"}, {state: "completed"}, {state: "completed"}}, "said, said"},
		{"authentication refused", asked, []change{{auth: code(37), state: "disconnected", current: at(place{})}},
			"trying b, refused b 37, disconnected a 0"},
		{"association refused", asked, []change{{auth: code(0), state: "associating"}, {assoc: code(17)}, {state: "disconnected"}},
			"trying b, refused b 17, disconnected a 0"},
		{"nobody answers", progress{state: "scanning", wanted: placeA()}, []change{{state: "authenticating"}, {state: "disconnected"}},
			"trying a, gave-up a"},
		{"its own next try has no address", progress{state: "scanning", wanted: placeA()},
			[]change{{state: "authenticating"}, {state: "disconnected"}, {state: "authenticating"}}, "trying a, gave-up a, trying 0"},
		{"an answer behind its try", progress{state: "scanning", wanted: placeA()},
			[]change{{state: "authenticating"}, {reason: code(-3), state: "disconnected"}, {auth: code(0)}, {state: "authenticating"}},
			"trying a, disconnected a -3, gave-up a, trying 0"},
		{"a refusal behind its try", progress{state: "disconnected"}, []change{{auth: code(37)}, {state: "authenticating"}}, "trying 0, refused 0 37, trying 0"},
		{"handshake fails", progress{state: "scanning"}, []change{
			{state: "4way_handshake", current: at(placeA())}, {reason: code(15)}, {state: "disconnected", current: at(place{})},
		}, "trying a, associated a, disconnected a 15, gave-up a"},
		{"thrown out", connected, []change{{reason: code(4), state: "disconnected"}, {state: "scanning"}}, "disconnected a 4, said"},
		{"left", connected, []change{{reason: code(-3)}, {state: "disconnected"}}, "disconnected a -3, said"},
		{"left without a word", connected, []change{{state: "interface_disabled"}}, "disconnected a 0"},
		{"elsewhere in mid-try", progress{state: "scanning"}, []change{
			{state: "authenticating", current: at(placeA())}, {state: "authenticating", current: at(placeB())},
		}, "trying a, trying b"},
		{"numbers out of range", connected, []change{{reason: code(-1 << 31)}, {assoc: code(1 << 20)}, {assoc: code(-1)}}, "disconnected a -0, trying 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.begin
			var got []string
			for _, c := range tt.changes {
				for _, e := range p.take(c) {
					got = append(got, describe(e))
					if _, ok := patterns.Builtin().Match(identifier, "wlan0: "+line(e)); !ok {
						t.Errorf("no pattern knows %q", line(e))
					}
				}
			}
			if s := strings.Join(got, ", "); s != tt.want {
				t.Errorf("got  %s\nwant %s", s, tt.want)
			}
		})
	}
}

func describe(e told) string {
	s := string(e.what)
	switch e.what {
	case "said":
		return s
	case "refused":
		return fmt.Sprintf("%s %x %d", s, e.at.addr[5], uint16(e.status))
	case "disconnected":
		sign := map[bool]string{true: "-"}[e.local]
		return fmt.Sprintf("%s %x %s%d", s, e.at.addr[5], sign, uint16(e.reason))
	}
	return fmt.Sprintf("%s %x", s, e.at.addr[5])
}

// What patterns make of the lines is what they make of the supplicant's own.
func TestClasses(t *testing.T) {
	for _, tt := range []struct {
		event told
		line  string
		class patterns.Class
	}{
		{told{what: "trying", at: placeA()}, "SME: Trying to authenticate with 02:00:00:00:00:0a (SSID='net' freq=5180 MHz)", "auth-start"},
		{told{what: "trying", from: "scanning", to: "authenticating"}, "State: SCANNING -> AUTHENTICATING", ""},
		{told{what: "associated", at: placeA()}, "Associated with 02:00:00:00:00:0a", "associated"},
		{told{what: "secured", at: placeA()}, "WPA: Key negotiation completed with 02:00:00:00:00:0a", "connected"},
		{told{what: "connected", at: placeA()}, "CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:00:0a completed", "connected"},
		{told{what: "disconnected", at: placeA(), reason: 6}, "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:0a reason=6", "deauth-by-ap"},
		{told{what: "disconnected", at: placeA(), reason: 3, local: true}, "CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:00:0a reason=3 locally_generated=1", "disconnected-local"},
		{told{what: "disconnected", reason: 15}, "CTRL-EVENT-DISCONNECTED reason=15", "deauth-by-ap"},
		{told{what: "refused", at: placeA(), status: 37}, "CTRL-EVENT-AUTH-REJECT 02:00:00:00:00:0a status_code=37", "connection-failed"},
		{told{what: "refused", at: placeA(), status: 17, assoc: true}, "CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:00:0a status_code=17", "connection-failed"},
		{told{what: "refused", status: 37}, "CTRL-EVENT-AUTH-REJECT <unknown> status_code=37", "connection-failed"},
		{told{what: "refused", status: 17, assoc: true}, "CTRL-EVENT-ASSOC-REJECT status_code=17", "connection-failed"},
		{told{what: "gave-up", from: "4way_handshake", to: "disconnected"}, "State: 4WAY_HANDSHAKE -> DISCONNECTED", ""},
	} {
		got := line(tt.event)
		if got != tt.line {
			t.Errorf("got  %s\nwant %s", got, tt.line)
		}
		m, ok := patterns.Builtin().Match(identifier, "wlan0: "+got)
		if !ok || m.Class != tt.class {
			t.Errorf("%q is of class %q, want %q", got, m.Class, tt.class)
		}
	}
}

func TestConfiguredSSID(t *testing.T) {
	for text, want := range map[string]string{
		`"net"`: "net", `"a"b"`: `a"b`, `6e6500ff`: "ne\x00\xff", `P"a\x00\n"`: "a\x00\n", `""`: "", ``: "",
	} {
		if got, ok := configuredSSID(text); !ok || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{`"net`, `P"net`, `xyz`, `"` + strings.Repeat("a", 33) + `"`, strings.Repeat("00", 33), `P"\q"`} {
		if got, ok := configuredSSID(text); ok {
			t.Errorf("%s is taken as %q", text, got)
		}
	}
}
