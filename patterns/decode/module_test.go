package decode

import (
	"strings"
	"testing"
)

func TestModuleName(t *testing.T) {
	for file, want := range map[string]string{
		"": "", "mac80211": "mac80211", "snd-hda-intel": "snd_hda_intel", "kernel/net/wireless/cfg80211.ko.xz": "cfg80211",
		"updates/dkms/mt7925e.ko": "mt7925e", "kernel/drivers/mt7925-common.ko.zst": "mt7925_common", ".ko": ".ko",
	} {
		if got := ModuleName(file); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
}

func TestParseModuleFile(t *testing.T) {
	for line, want := range map[string]ModuleFile{
		"kernel/net/wireless/cfg80211.ko.xz: kernel/net/rfkill/rfkill.ko.xz kernel/lib/libarc4.ko.xz\n": {"cfg80211", "kernel/net/wireless/cfg80211.ko.xz", "kernel/net/rfkill/rfkill.ko.xz kernel/lib/libarc4.ko.xz"},
		"kernel/net/rfkill/rfkill.ko:": {"rfkill", "kernel/net/rfkill/rfkill.ko", ""},
	} {
		if got, ok := ParseModuleFile(line); !ok || got != want {
			t.Errorf("%q: %+v, %v", line, got, ok)
		}
	}
	for _, line := range []string{"", ":", ": a", "kernel/a.ko"} {
		if got, ok := ParseModuleFile(line); ok || got != (ModuleFile{}) {
			t.Errorf("%q: %+v", line, got)
		}
	}
}

func FuzzParseModuleFile(f *testing.F) {
	f.Add("kernel/net/rfkill/rfkill.ko: kernel/a.ko")
	f.Fuzz(func(t *testing.T, line string) {
		m, ok := ParseModuleFile(line)
		if ok != (m.Name != "") || strings.ContainsAny(m.Name, "/-") && m.Name != "/" || !strings.HasPrefix(line, m.Path) {
			t.Errorf("%q: %+v, %v", line, m, ok)
		}
	})
}
