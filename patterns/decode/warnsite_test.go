package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSite(t *testing.T) {
	const dir = "drivers/net/wireless/mediatek/mt76/"
	tests := []struct {
		in   string
		want Site
	}{
		{"WARNING: CPU: 3 PID: 812 at drivers/net/wireless/mediatek/mt76/mt7925/mcu.c:1341 mt7925_mcu_set_mlo_roc+0x2a1/0x4f0 [mt7925_common]",
			Site{dir + "mt7925/mcu.c", 1341, "mt7925_mcu_set_mlo_roc", "mt7925_common"}},
		{"WARNING: drivers/net/wireless/mediatek/mt76/mt7925/main.c:579 at mt7925_set_mlo_roc+0x10/0x80 [mt7925_common], CPU#2: wpa_supplicant/900",
			Site{dir + "mt7925/main.c", 579, "mt7925_set_mlo_roc", "mt7925_common"}},
		{"[   12.5] WARNING: CPU: 0 PID: 1 at net/mac80211/driver-ops.c:200 drv_set_key.isra.0+0x10/0x80 [mac80211]",
			Site{"net/mac80211/driver-ops.c", 200, "drv_set_key", "mac80211"}},
		{"WARNING: CPU: 0 PID: 1 at mt76/mac80211.c:2095", Site{File: "mt76/mac80211.c", Line: 2095}},
		{"RIP: 0010:mt7925_sta_set_decap_offload+0xd3/0x180 [mt7925_common]", Site{Func: "mt7925_sta_set_decap_offload", Module: "mt7925_common"}},
		{"pc : mt7925_mac_sta_add+0x8c/0x1f8 [mt7925_common]", Site{Func: "mt7925_mac_sta_add", Module: "mt7925_common"}},
		{"PC is at mt792x_rx_get_wcid+0x2c/0x40 [mt792x_lib]", Site{Func: "mt792x_rx_get_wcid", Module: "mt792x_lib"}},
		{"RIP: 0010:memcpy+0x3/0x10", Site{Func: "memcpy"}},
	}
	for _, tc := range tests {
		got, ok := ParseSite(tc.in)
		if !ok {
			t.Errorf("refused: %s", tc.in)
			continue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.in, diff)
		}
	}
	for _, in := range []string{"", "WARNING: possible circular locking dependency detected", "WARNING: CPU: 0 PID: 1", "WARNING: CPU: 0 PID: 1 at 0xffffffff810dbf87",
		"RIP: 0010:0xffffffffc0000000", "pc : \x1b[2J+0x1/0x2", "WARNING: \x1b[2J.c:12 at f+0x1/0x2", "WARNING: a.c:99999999999 at f", "WARNING: x.c: at f"} {
		if s, ok := ParseSite(in); ok {
			t.Errorf("ParseSite(%q) = %+v, want refusal", in, s)
		}
	}
}

func TestConditions(t *testing.T) {
	const mcu = "drivers/net/wireless/mediatek/mt76/mt7925/mcu.c"
	tests := []struct {
		name string
		site Site
		want []string // part of each condition
	}{
		{"line of 6.18", Site{File: mcu, Line: 1345, Func: "mt7925_mcu_set_mlo_roc"}, []string{"no channel"}},
		{"line of 6.12", Site{File: mcu, Line: 1201, Func: "mt7925_mcu_set_mlo_roc"}, []string{"no configuration"}},
		{"line shifted by patches", Site{File: mcu, Line: 1350, Func: "mt7925_mcu_set_mlo_roc"}, []string{"no configuration", "has no channel", "no driver state"}},
		{"no line", Site{Func: "mt7925_set_mlo_roc"}, []string{"still open"}},
		{"no function", Site{File: mcu, Line: 1420}, []string{"no driver state"}},
		{"same line in another tree", Site{File: "drivers/gpu/mcu.c", Line: 1420}, nil},
		{"same line in another function", Site{File: mcu, Line: 1345, Func: "mt7925_mcu_add_key"}, nil},
		{"other function", Site{File: mcu, Line: 7, Func: "something_else"}, nil},
	}
	for _, tc := range tests {
		got := tc.site.Conditions()
		if len(got) != len(tc.want) {
			t.Errorf("%s: %d conditions, want %d: %+v", tc.name, len(got), len(tc.want), got)
			continue
		}
		for i, c := range got {
			if !strings.Contains(c.Condition, tc.want[i]) {
				t.Errorf("%s: condition %d is %q, want %q in it", tc.name, i, c.Condition, tc.want[i])
			}
		}
	}
}

func TestWarnTablesComplete(t *testing.T) {
	type place struct {
		file string
		tree int
		line int
	}
	seen := map[place]string{}
	for _, c := range warnConditions {
		if c.Func == "" || c.Condition == "" || c.Meaning == "" || !strings.HasSuffix(c.file, ".c") {
			t.Errorf("condition lacks words: %+v", c)
		}
		if c.lines == [3]int{} {
			t.Errorf("%s %q has no line", c.Func, c.Condition)
		}
		for tree, n := range c.lines {
			if n == 0 {
				continue
			}
			p := place{c.file, tree, n}
			if at, dup := seen[p]; dup {
				t.Errorf("%v is of %s and of %s", p, at, c.Func)
			}
			seen[p] = c.Func
			file := "drivers/net/wireless/mediatek/mt76/" + strings.TrimPrefix(c.file, "mt76/")
			if got := (Site{File: file, Line: n, Func: c.Func}).Conditions(); len(got) != 1 && tree == 2 {
				t.Errorf("%s line %d gives %d conditions", c.Func, n, len(got))
			}
		}
	}
	funcs := map[string]bool{}
	for _, k := range knownIssues {
		if funcs[k.Func] || k.Meaning == "" || !strings.Contains(k.Report, "#") {
			t.Errorf("issue %+v", k)
		}
		funcs[k.Func] = true
		if got, ok := IssueOf(k.Func); !ok || got.Report != k.Report {
			t.Errorf("IssueOf(%q) = %+v, %v", k.Func, got, ok)
		}
	}
	if _, ok := IssueOf("memcpy"); ok {
		t.Error("memcpy has a known issue")
	}
}

func FuzzParseSite(f *testing.F) {
	for _, s := range []string{
		"WARNING: CPU: 3 PID: 812 at drivers/net/wireless/mediatek/mt76/mt7925/mcu.c:1341 mt7925_mcu_set_mlo_roc+0x2a1/0x4f0 [mt7925_common]",
		"WARNING: a/b.c:579 at mt7925_set_mlo_roc+0x10/0x80 [mt7925_common], CPU#2: x/900", "RIP: 0010:f+0x1/0x2 [m]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		site, ok := ParseSite(s)
		if !ok {
			return
		}
		if site.Func == "" && site.File == "" || site.Line < 0 {
			t.Errorf("%q gives %+v", s, site)
		}
		for _, word := range []string{site.File, site.Func, site.Module} {
			if plainWord(word) != word {
				t.Errorf("%q gives the word %q", s, word)
			}
		}
		for _, c := range site.Conditions() {
			if c.Condition == "" || c.Meaning == "" {
				t.Errorf("%q gives %+v", s, c)
			}
		}
	})
}
