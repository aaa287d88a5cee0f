package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

func TestExplain(t *testing.T) {
	tests := []struct {
		in   string
		want []string // kind, code and name
	}{
		{"00020002", []string{"mcu-command|00020002|BSS_INFO_UPDATE (uni, set)"}},
		{"0x00020002", []string{"mcu-command|00020002|BSS_INFO_UPDATE (uni, set)"}},
		{"0x20002", []string{"mcu-command|00020002|BSS_INFO_UPDATE (uni, set)"}},
		{"40000002", []string{"mcu-command|40000002|BSS_INFO_UPDATE (uni, set, old numbering)"}},
		{"000200f0", []string{"mcu-command|000200f0|command 0xf0 (uni, set)"}},
		{"message 70", []string{"mcu-command|00000046|MAC_INIT_CTRL (ext, set, old numbering)"}},
		{"SCAN_REQ", []string{"mcu-command|00020016|SCAN_REQ (uni, set)"}},
		{"bss_info_update", []string{"mcu-command|000026ed|BSS_INFO_UPDATE (ext, set)", "mcu-command|00020002|BSS_INFO_UPDATE (uni, set)"}},
		{"MCU_UNI_CMD_ROC", []string{"mcu-command|00020027|ROC (uni, set)"}},
		{"-22", []string{"errno|-22|EINVAL"}},
		{"errno 22", []string{"errno|-22|EINVAL"}},
		{"errno -110", []string{"errno|-110|ETIMEDOUT"}},
		{"error: -110", []string{"errno|-110|ETIMEDOUT"}},
		{"EINVAL", []string{"errno|-22|EINVAL"}},
		{"errno 41", []string{"errno|-41|errno 41"}},
		{"reason 6", []string{"reason|reason 6|CLASS2_FRAME_FROM_NONAUTH_STA"}},
		{"reason 70", []string{"reason|reason 70|RESERVED"}},
		{"reason -3", []string{"reason|reason -3|driver's own"}},
		{"6=CLASS2_FRAME_FROM_NONAUTH_STA", []string{"reason|reason 6|CLASS2_FRAME_FROM_NONAUTH_STA"}},
		{"status 37", []string{"status|status 37|REQUEST_DECLINED"}},
		{"WLAN_STATUS_INVALID_PMKID", []string{"status|status 53|STATUS_INVALID_PMKID"}},
		{"INVALID_PMKID", []string{"reason|reason 49|INVALID_PMKID", "status|status 53|STATUS_INVALID_PMKID"}},
		{"16", []string{"reason|reason 16|GROUP_KEY_HANDSHAKE_TIMEOUT", "status|status 16|REJECTED_SEQUENCE_TIMEOUT", "errno|-16|EBUSY"}},
		{"110", []string{"status|status 110|REJECTED_MAX_AWAY_DURATION_UNACCEPTABLE", "errno|-110|ETIMEDOUT"}},
		{"14c3:7925", []string{"device|14c3:7925|mt7925"}},
		{"pci 14c3:0738", []string{"device|14c3:0738|mt7927"}},
		{"8086:2725", []string{"device|8086:2725|Intel"}},
		{"79250000", []string{"asic-revision|79250000|mt7925"}},
		{"0x00511163", []string{"asic-revision|511163|mt7927"}},
		{"0000", []string{"asic-revision|0000|unknown chip", "status|status 0|SUCCESS"}},
		{"asic 12340000", []string{"asic-revision|12340000|unknown chip"}},
		{"deadfeed", []string{"asic-revision|deadfeed|unknown chip"}},
		{"20250721232943", []string{"firmware|20250721232943|firmware build"}},
		{"20250721232852a", []string{"firmware|20250721232852a|patch build"}},
		{"____010000", []string{"firmware|____010000|firmware version"}},
		{"77.2753b721.0", []string{"firmware|77.2753b721.0|iwlwifi API 77"}},
		{"mt7920", []string{"device|14c3:7920|mt7920"}},
		{"7920", []string{"device|14c3:7920|mt7920"}},
		{"mt7925e", []string{"driver|mt7925e|mt7925"}},
		{"iwlwifi0", []string{"driver|iwlwifi0|iwlwifi"}},
		{"ath: phy0", []string{"driver|ath|ath9k"}},

		{"mt7925e 0000:0a:00.0: Message 00020003 (seq 5) timeout", []string{"mcu-command|00020003|STA_REC_UPDATE (uni, set)"}},
		{"mt7615e 0000:01:00.0: Message -16 (seq 1) timeout", []string{"mcu-command|fffffff0|PATCH_SEM_CONTROL (plain, set, old numbering)"}},
		{"mt7925e 0000:0a:00.0: ASIC revision: 79250000", []string{"asic-revision|79250000|mt7925"}},
		{"WM Firmware Version: ____000000, Build Time: 20250721232943", []string{"firmware|20250721232943|firmware build"}},
		{"iwlwifi 0000:01:00.0: loaded firmware version 77.2753b721.0 x.ucode op_mode iwlmvm", []string{"firmware|77.2753b721.0|iwlwifi API 77"}},
		{"wlan0: deauthenticated from 02:00:00:00:01:00 (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)", []string{"reason|reason 6|CLASS2_FRAME_FROM_NONAUTH_STA"}},
		{"CTRL-EVENT-DISCONNECTED bssid=02:00:00:00:01:00 reason=-3", []string{"reason|reason -3|driver's own"}},
		{"CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"x\" auth_failures=1 duration=10 reason=WRONG_KEY", nil},
		{"CTRL-EVENT-ASSOC-REJECT bssid=02:00:00:00:01:00 status_code=30", []string{"status|status 30|REFUSED_TEMPORARILY"}},
		{"wlan0: 02:00:00:00:01:00 denied authentication (status 37)", []string{"status|status 37|REQUEST_DECLINED"}},
		{"wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)", []string{"errno|-22|EINVAL"}},
		{"mt7925e 0000:0a:00.0: probe with driver mt7925e failed with error -110", []string{"errno|-110|ETIMEDOUT"}},
		{"wlan0: signal is -71 dBm, limit reached", nil},
		{"mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]",
			[]string{"iommu-fault|AMD-Vi IO_PAGE_FAULT write 0000:0a:00.0 at 0xfee01000|AMD-Vi IO_PAGE_FAULT"}},
		{"DMAR: [DMA Read NO_PASID] Request device [09:00.0] fault addr 0x7e400000 [fault reason 0x06] PTE",
			[]string{"iommu-fault|DMAR DMA read 0000:09:00.0 at 0x7e400000|DMAR DMA"}},
		{"mt7925e 0000:0a:00.0:   device [14c3:7925] error status/mask=00001000/0000e000", []string{"pcie-error|00001000/0000e000|error status"}},
		{"mt7925e 0000:0a:00.0: PCIe Bus Error: severity=Correctable, type=Data Link Layer, (Transmitter ID)", []string{"pcie-error|PCIe Bus Error|corrected, Data Link Layer"}},
		{"pcieport 0000:00:02.1: AER: Corrected error message received from 0000:0a:00.0", []string{"pcie-error|AER|corrected"}},
		{"   [14] CmpltTO                (First)", []string{"pcie-error|bit 14|CmpltTO"}},
		{"RIP: 0010:mt7925_sta_set_decap_offload+0xd3/0x180 [mt7925_common]", []string{"source-place|openwrt/mt76#977|mt7925_sta_set_decap_offload"}},
		{"WARNING: CPU: 3 PID: 8 at drivers/net/wireless/mediatek/mt76/mt7925/main.c:539 mt7925_set_mlo_roc+0x1/0x2",
			[]string{"source-place|drivers/net/wireless/mediatek/mt76/mt7925/main.c:539|mt7925_set_mlo_roc"}},

		{"", nil},
		{"   ", nil},
		{"hello", nil},
		{"hello world", nil},
		{"nothing to see here", nil},
		{"200", nil},
		{"reason WRONG_KEY", nil},
		{"\x1b[2J", nil},
		{strings.Repeat("a", 5000), nil},
	}
	for _, tc := range tests {
		var got []string
		for _, e := range Explain(tc.in) {
			got = append(got, strings.Join([]string{e.Kind, e.Code, e.Name}, "|"))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("Explain(%q) (-want +got):\n%s", tc.in, diff)
		}
	}
}

// TestExplainTables holds every entry of every table to be explained with words.
func TestExplainTables(t *testing.T) {
	check := func(in string) {
		t.Helper()
		all := Explain(in)
		if len(all) == 0 {
			t.Errorf("Explain(%q) gives nothing", in)
		}
		for _, e := range all {
			if e.Kind == "" || e.Code == "" || e.Name == "" || e.Meaning == "" {
				t.Errorf("Explain(%q) gives %+v", in, e)
			}
		}
	}
	for _, c := range MCUCommands() {
		check(c.Word())
		check(c.Name())
	}
	for _, r := range dot11.Reasons() {
		check(fmt.Sprintf("reason %d", uint16(r)))
		check(r.Name())
	}
	for _, s := range dot11.Statuses() {
		check(fmt.Sprintf("status %d", uint16(s)))
		check(s.Name())
	}
	for n := range Errno(maxErrno) {
		if n.Known() {
			check(n.Name())
			check(fmt.Sprintf("-%d", n))
		}
	}
	for _, c := range chips {
		check(c.ID())
		check(c.Name)
		check(c.Driver)
	}
	for _, d := range drivers {
		check(d.name)
	}
}

func FuzzExplain(f *testing.F) {
	for _, s := range []string{
		"00020002", "-22", "errno 22", "EINVAL", "reason 6", "status 37", "14c3:7925", "79250000", "20250721232943", "mt7925e", "77.2753b721.0",
		"mt7925e 0000:0a:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0011 address=0xfee01000 flags=0x0020]",
		"device [14c3:7925] error status/mask=00001000/0000e000", "Message 00020002 (seq 1) timeout", "x reason=-3 status_code=1 (-110)",
		"WARNING: a/mt76/mcu.c:1420 at f+0x1/0x2 [m]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, e := range Explain(s) {
			if e.Kind == "" || e.Code == "" || e.Name == "" || e.Meaning == "" {
				t.Errorf("Explain(%q) gives %+v", s, e)
			}
			for _, text := range []string{e.Kind, e.Code, e.Name, e.Meaning, e.Detail} {
				for _, c := range text {
					if c < ' ' || c > '~' {
						t.Errorf("Explain(%q) gives %q", s, text)
					}
				}
			}
		}
	})
}

func BenchmarkExplainLine(b *testing.B) {
	b.ReportAllocs()
	const line = "wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)"
	for b.Loop() {
		if len(Explain(line)) == 0 {
			b.Fatal()
		}
	}
}
