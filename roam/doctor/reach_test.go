package doctor

import (
	"testing"

	"roamfault/nl80211"
)

func TestReach(t *testing.T) {
	for _, tt := range []struct {
		name   string
		heard  []nl80211.BSS
		state  State
		detail string
	}{
		{"nothing", nil, Unknown, "nothing was heard of late"},
		{"not connected", []nl80211.BSS{bss(1, "a"), bss(2, "a"), bss(3, "b")}, Warning, "not connected; in reach: 3 access point(s) of 2 network(s)"},
		{"one of its network", []nl80211.BSS{bss(1, "a"), associated(bss(3, "b"))}, Warning, `connected to "b" over 1 link(s); in reach of it: 1 access point(s), 0 with multi-link`},
		{"two of its network", []nl80211.BSS{associated(bss(1, "a")), bss(2, "a")}, OK, `connected to "a" over 1 link(s); in reach of it: 2 access point(s), 0 with multi-link`},
		{
			"links of one access point", []nl80211.BSS{multiLinked(associated(bss(1, "a")), 9), multiLinked(associated(bss(2, "a")), 9)},
			Warning, `connected to "a" over 2 link(s); in reach of it: 1 access point(s), 1 with multi-link`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if r := reach(tt.heard); r.State != tt.state || r.Detail != tt.detail {
				t.Errorf("got %s, %s", r.State, r.Detail)
			}
		})
	}
}
