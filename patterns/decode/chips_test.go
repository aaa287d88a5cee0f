package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupChip(t *testing.T) {
	tests := []struct {
		id   string
		want []string // name, driver
	}{
		{"14c3:7925", []string{"mt7925 mt7925e"}},
		{"14c3:0717", []string{"mt7925 mt7925e"}},
		{"14c3:7927", []string{"mt7927 mt7925e"}},
		{"14c3:6639", []string{"mt7927 mt7925e"}},
		{"14c3:0738", []string{"mt7927 mt7925e"}},
		{"14c3:7961", []string{"mt7921 mt7921e"}},
		{"14C3:0608", []string{"mt7921 mt7921e"}},
		{"14c3:7922", []string{"mt7922 mt7921e"}},
		{"0b48:7922", []string{"mt7922 mt7921e"}},
		{"14c3:0616", []string{"mt7922 mt7921e"}},
		{"14c3:7920", []string{"mt7920 mt7921e"}},
		{"14c3:7902", []string{"mt7902 mt7921e"}},
		{"037a:7901", []string{"mt7921 mt7921s"}},
		{"037a:7902", []string{"mt7902 mt7921s"}},
		{"0e8d:7961", []string{"mt7921 mt7921u"}},
		{"0e8d:7925", []string{"mt7925 mt7925u"}},
		{"0846:9072", []string{"mt7925 mt7925u"}},
		{"14c3:7990", []string{"mt7996 mt7996e"}},
		{"14c3:ffff", nil},
	}
	for _, tc := range tests {
		vendor, product, ok := ParseDeviceID(tc.id)
		if !ok {
			t.Errorf("ParseDeviceID(%q) refuses", tc.id)
			continue
		}
		var got []string
		for _, c := range LookupChip(vendor, product) {
			got = append(got, c.Name+" "+c.Driver)
			if c.ID() != strings.ToLower(tc.id) || c.Family() != c.Name {
				t.Errorf("%s: id %s, family %s", tc.id, c.ID(), c.Family())
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.id, diff)
		}
	}
	for _, id := range []string{"", "14c3", "14c3:792", "14c3:79255", "14c3-7925", "14cz:7925", "14c3:792z"} {
		if _, _, ok := ParseDeviceID(id); ok {
			t.Errorf("ParseDeviceID(%q) is accepted", id)
		}
	}
	if n := len(ChipsNamed("MT7925")); n != 5 {
		t.Errorf("%d ids of mt7925, want 5", n)
	}
	if VendorName(0x14c3) != "MediaTek" || VendorName(0x8086) != "Intel" || VendorName(1) != "" {
		t.Error("vendor names are wrong")
	}
}

func TestChipOfDriver(t *testing.T) {
	tests := []struct{ driver, want string }{
		{"mt7925e", "mt7925"}, {"mt7925u", "mt7925"}, {"mt7925_common", "mt7925"}, {"mt7925e0", "mt7925"},
		{"mt7921e", "mt7921"}, {"mt7921u", "mt7921"}, {"mt7921s", "mt7921"},
		{"mt7902", "mt7902"}, {"mt7902e", "mt7902"}, {"mt7996e", "mt7996"}, {"mt7915e", "mt7915"}, {"mt7615e", "mt7615"},
		{"mt76x2u", "mt76x2"}, {"mt7603e", "mt7603"}, {"mt76xx0", "mt76"}, {"mt792x_lib", "mt792x"},
		{"iwlwifi", "iwlwifi"}, {"iwlwifi0", "iwlwifi"}, {"IWLWIFI", "iwlwifi"}, {"iwlmvm", "iwlwifi"}, {"iwx0", "iwlwifi"}, {"iwm12", "iwlwifi"},
		{"ath: phy0", "ath9k"}, {"ath9k", "ath9k"}, {"ath9k_htc", "ath9k_htc"},
		{"ath10k_pci", "ath10k"}, {"ath11k_pci", "ath11k"}, {"ath12k_pci", "ath12k"}, {"ath12k_pci0", "ath12k"},
		{"rtw_8821ce", "rtw88"}, {"rtw88_8822bu", "rtw88"}, {"rtw880", "rtw88"}, {"rtw_8723du", "rtw88"},
		{"rtw89_8852be", "rtw89"}, {"rtw_8852ae", "rtw89"}, {"rtw_8922ae", "rtw89"}, {"rtw890", "rtw89"},
		{"rtl8xxxu", "rtl8xxxu"}, {"rtl8192ce", "rtlwifi"}, {"brcmfmac", "brcmfmac"}, {"brcmfmac:", "brcmfmac"},
		{"mwifiex_pcie", "mwifiex"}, {"wl", "broadcom-sta"}, {"mac80211_hwsim", "hwsim"}, {"mac80211-hwsim", "hwsim"},
		{"", ""}, {"pcieport", ""}, {"nvme", ""}, {"btusb", ""}, {"e1000e", ""}, {"0", ""}, {"rtw_8", ""}, {strings.Repeat("a", 100), ""},
	}
	for _, tc := range tests {
		if got := ChipOfDriver(tc.driver); got != tc.want {
			t.Errorf("ChipOfDriver(%q) = %q, want %q", tc.driver, got, tc.want)
		}
	}
}

func TestASICRevision(t *testing.T) {
	tests := []struct {
		in, chip, meaning string
		dead              bool
	}{
		{"79250000", "mt7925", "chip mt7925, revision 0x00", false},
		{"79610010", "mt7921", "chip mt7921, revision 0x10", false},
		{"79220010", "mt7922", "chip mt7922, revision 0x10", false},
		{"79020000", "mt7902", "chip mt7902, revision 0x00", false},
		{"0000", "", "MT7927", false},
		{"00511163", "mt7927", "MT7927", false},
		{"ffffffff", "", "all ones", true},
		{"feed0000", "", "poison", true},
		{"deadfeed", "", "poison", true},
		{"12340000", "", "do not know", false},
	}
	for _, tc := range tests {
		r, ok := ParseASICRevision(tc.in)
		if !ok || r.Chip() != tc.chip || !strings.Contains(r.Meaning(), tc.meaning) || r.Dead() != tc.dead {
			t.Errorf("%s: %v, chip %q, dead %v: %s", tc.in, ok, r.Chip(), r.Dead(), r.Meaning())
		}
	}
	if r, _ := ParseASICRevision("0000"); r.String() != "0000" {
		t.Errorf("zero prints as %s", r)
	}
	for _, in := range []string{"", "0", "000", "123456789", "7925000g"} {
		if _, ok := ParseASICRevision(in); ok {
			t.Errorf("ParseASICRevision(%q) is accepted", in)
		}
	}
}

func TestChipTablesComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range chips {
		key := c.Bus.String() + " " + c.ID()
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if c.Name == "" || c.Marketing == "" || c.Driver == "" {
			t.Errorf("%s lacks words: %+v", key, c)
		}
		if ChipOfDriver(c.Driver) == "" {
			t.Errorf("%s: driver %s has no family", key, c.Driver)
		}
		if VendorName(c.Vendor) == "" && c.Bus != USB && c.Vendor != 0x0b48 {
			t.Errorf("%s has no maker", key)
		}
	}
	names := map[string]bool{}
	for _, d := range drivers {
		if names[d.name] || d.name != strings.ToLower(d.name) || d.family == "" || strings.ContainsAny(d.name, " :-") {
			t.Errorf("driver %q stands twice or cannot be found", d.name)
		}
		names[d.name] = true
		if got := ChipOfDriver(d.name); got != d.family {
			t.Errorf("ChipOfDriver(%q) = %q, want %q", d.name, got, d.family)
		}
	}
	ids := map[uint16]bool{}
	for _, a := range asics {
		if ids[a.id] || a.chip == "" {
			t.Errorf("chip id %04x", a.id)
		}
		ids[a.id] = true
	}
	vendorIDs := map[uint16]bool{}
	for _, v := range vendors {
		if vendorIDs[v.id] || v.name == "" {
			t.Errorf("vendor %04x", v.id)
		}
		vendorIDs[v.id] = true
	}
}

func FuzzChipOfDriver(f *testing.F) {
	for _, s := range []string{"mt7925e", "iwlwifi0", "ath: phy0", "rtw89_8852be", "14c3:7925", "79250000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if family := ChipOfDriver(s); family != "" && plainWord(family) != family {
			t.Errorf("%q gives the family %q", s, family)
		}
		if vendor, product, ok := ParseDeviceID(s); ok {
			if got := (Chip{Vendor: vendor, Product: product}).ID(); got != strings.ToLower(s) {
				t.Errorf("%q reads as %s", s, got)
			}
		}
		if r, ok := ParseASICRevision(s); ok {
			if again, ok := ParseASICRevision(r.String()); !ok || again != r || r.Meaning() == "" {
				t.Errorf("%q gives %v, which reads as %v", s, r, again)
			}
		}
	})
}
