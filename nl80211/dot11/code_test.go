package dot11

import (
	"strings"
	"testing"
)

func TestReasonWords(t *testing.T) {
	tests := []struct {
		in   string
		want ReasonCode
		name string
	}{
		{"6", ReasonClass2FromNonauth, "6=CLASS2_FRAME_FROM_NONAUTH_STA"},
		{"0x7", ReasonClass3FromNonassoc, "7=CLASS3_FRAME_FROM_NONASSOC_STA"},
		{"CLASS2_FRAME_FROM_NONAUTH_STA", 6, "6=CLASS2_FRAME_FROM_NONAUTH_STA"},
		{"WLAN_REASON_4WAY_HANDSHAKE_TIMEOUT", ReasonFourWayTimeout, "15=4WAY_HANDSHAKE_TIMEOUT"},
		{"wlan_reason_ie_in_4way_differs", ReasonElementDiffers, "17=IE_DIFFERENT"},
		{"3=DEAUTH_LEAVING", ReasonDeauthLeaving, "3=DEAUTH_LEAVING"},
		{" 34 ", ReasonLowAck, "34=DISASSOC_LOW_ACK"},
		{"25=<unknown>", 25, "25=TDLS_PEER_UNREACHABLE"},
		{"71", ReasonPoorRSSI, "71=POOR_RSSI_CONDITIONS"},
		{"70", 70, "70=RESERVED"},
		{"65535", 65535, "65535=RESERVED"},
	}
	for _, tc := range tests {
		got, ok := ParseReason(tc.in)
		if !ok || got != tc.want || got.String() != tc.name {
			t.Errorf("ParseReason(%q) = %v, %v; want %s", tc.in, got, ok, tc.name)
		}
	}
}

func TestStatusWords(t *testing.T) {
	tests := []struct {
		in   string
		want StatusCode
		name string
	}{
		{"0", StatusSuccess, "0=SUCCESS"},
		{"30", StatusRefusedTemporarily, "30=REFUSED_TEMPORARILY"},
		{"WLAN_STATUS_ASSOC_REJECTED_TEMPORARILY", StatusRefusedTemporarily, "30=REFUSED_TEMPORARILY"},
		{"request_declined", StatusRequestDeclined, "37=REQUEST_DECLINED"},
		{"53", StatusInvalidPMKID, "53=STATUS_INVALID_PMKID"},
		{"INVALID_PMKID", StatusInvalidPMKID, "53=STATUS_INVALID_PMKID"},
		{"0x4d", StatusUnsupportedGroup, "77=UNSUPPORTED_FINITE_CYCLIC_GROUP"},
		{"123", StatusUnknownPasswordID, "123=UNKNOWN_PASSWORD_IDENTIFIER"},
		{"126", StatusSAEHashToElement, "126=SAE_HASH_TO_ELEMENT"},
		{"127", StatusSAEPublicKey, "127=SAE_PK"},
		{"133", StatusDeniedTIDToLinkMapping, "133=DENIED_TID_TO_LINK_MAPPING"},
		{"134=anything", StatusPreferredTIDToLink, "134=PREFERRED_TID_TO_LINK_MAPPING_SUGGESTED"},
		{"4", 4, "4=RESERVED"},
	}
	for _, tc := range tests {
		got, ok := ParseStatus(tc.in)
		if !ok || got != tc.want || got.String() != tc.name {
			t.Errorf("ParseStatus(%q) = %v, %v; want %s", tc.in, got, ok, tc.name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", " ", "-1", "65536", "0x", "0x10000", "WLAN_REASON_", "WLAN_STATUS_", "RESERVED", "NO_SUCH_CODE", "=6", "x=6", "6.5", strings.Repeat("0", 200)} {
		if r, ok := ParseReason(in); ok {
			t.Errorf("ParseReason(%q) = %v, want refusal", in, r)
		}
		if s, ok := ParseStatus(in); ok {
			t.Errorf("ParseStatus(%q) = %v, want refusal", in, s)
		}
	}
}

func TestOf(t *testing.T) {
	for _, n := range []int{-110, -1, 65536, 1 << 30} {
		if _, ok := ReasonOf(n); ok {
			t.Errorf("ReasonOf(%d) is accepted", n)
		}
		if _, ok := StatusOf(n); ok {
			t.Errorf("StatusOf(%d) is accepted", n)
		}
	}
	if r, ok := ReasonOf(6); !ok || r != ReasonClass2FromNonauth {
		t.Errorf("ReasonOf(6) = %v, %v", r, ok)
	}
	if s, ok := StatusOf(37); !ok || s != StatusRequestDeclined {
		t.Errorf("StatusOf(37) = %v, %v", s, ok)
	}
}

func TestSuccess(t *testing.T) {
	var good []StatusCode
	for _, s := range Statuses() {
		if s.Success() {
			good = append(good, s)
		}
	}
	for _, s := range good {
		if !strings.Contains(s.Name(), "SUCCESS") {
			t.Errorf("%v counts as success", s)
		}
	}
	if len(good) != 4 {
		t.Errorf("%d codes count as success, want 4: %v", len(good), good)
	}
}

// TestTablesComplete holds every entry to have a name in the standard's
// letters, a meaning, and a name that leads back to it.
func TestTablesComplete(t *testing.T) {
	tables := []struct {
		title   string
		table   []code
		aliases []alias
		parse   func(string) (uint16, bool)
		least   int
	}{
		{"reason", reasons[:], reasonAliases[:], func(s string) (uint16, bool) { r, ok := ParseReason(s); return uint16(r), ok }, 65},
		{"status", statuses[:], statusAliases[:], func(s string) (uint16, bool) { r, ok := ParseStatus(s); return uint16(r), ok }, 130},
	}
	for _, tb := range tables {
		seen := map[string]int{}
		count := 0
		for n, c := range tb.table {
			if c.name == "" {
				if c.meaning != "" || c.hint != "" {
					t.Errorf("%s %d has words but no name", tb.title, n)
				}
				continue
			}
			count++
			if c.meaning == "" {
				t.Errorf("%s %d has no meaning", tb.title, n)
			}
			if strings.Trim(c.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
				t.Errorf("%s %d: name %q", tb.title, n, c.name)
			}
			if at, dup := seen[c.name]; dup {
				t.Errorf("%s %d and %d share the name %s", tb.title, at, n, c.name)
			}
			seen[c.name] = n
			if got, ok := tb.parse(c.name); !ok || int(got) != n {
				t.Errorf("%s name %s leads to %d, %v; want %d", tb.title, c.name, got, ok, n)
			}
			for _, words := range []string{c.meaning, c.hint} {
				if strings.HasSuffix(words, ".") || strings.TrimSpace(words) != words {
					t.Errorf("%s %d: words %q", tb.title, n, words)
				}
			}
		}
		if count < tb.least {
			t.Errorf("%d %s codes, want %d at least", count, tb.title, tb.least)
		}
		for _, a := range tb.aliases {
			if at, dup := seen[a.name]; dup {
				t.Errorf("%s alias %s of %d stands for %d already", tb.title, a.name, a.value, at)
			}
			seen[a.name] = int(a.value)
			if lookup(tb.table, a.value).name == "" {
				t.Errorf("%s alias %s leads to the reserved %d", tb.title, a.name, a.value)
			}
			if got, ok := tb.parse(a.name); !ok || got != a.value {
				t.Errorf("%s alias %s leads to %d, %v; want %d", tb.title, a.name, got, ok, a.value)
			}
		}
	}
}

func TestUnknownHasWords(t *testing.T) {
	if ReasonCode(9999).Meaning() == "" || StatusCode(9999).Meaning() == "" || ReasonCode(9999).Hint() != "" {
		t.Error("a reserved code must have a meaning and no hint")
	}
	if ReasonCode(9999).Known() || StatusCode(9999).Known() || !ReasonCode(6).Known() || !StatusCode(0).Known() {
		t.Error("Known is wrong")
	}
}

// TestRoamingHints holds the codes that decide how an incident is read to say so.
func TestRoamingHints(t *testing.T) {
	for _, r := range []ReasonCode{1, 2, 3, 4, 6, 7, 8, 9, 12, 14, 15, 16, 34} {
		if r.Hint() == "" {
			t.Errorf("reason %v has no hint", r)
		}
	}
	for _, s := range []StatusCode{1, 17, 30, 31, 37, 53, 76, 77, 82, 123, 126, 127, 130, 133, 134, 139} {
		if s.Hint() == "" {
			t.Errorf("status %v has no hint", s)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	for _, s := range []string{"6", "0x6", "6=CLASS2_FRAME_FROM_NONAUTH_STA", "WLAN_STATUS_SUCCESS", "-1", "=", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if r, ok := ParseReason(s); ok {
			if again, ok := ParseReason(r.String()); !ok || again != r {
				t.Errorf("%q gives %v, which reads as %v", s, r, again)
			}
		}
		if c, ok := ParseStatus(s); ok {
			if again, ok := ParseStatus(c.String()); !ok || again != c {
				t.Errorf("%q gives %v, which reads as %v", s, c, again)
			}
		}
	})
}
