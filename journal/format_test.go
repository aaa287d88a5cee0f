package journal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFormats shows one clean line of each format and the record it makes.
func TestFormats(t *testing.T) {
	tests := []struct {
		name   string
		in     string
		format Format
		want   string
	}{
		{"bare", "wlan0: associated", FormatBare, "1+1 | wlan0: associated"},
		{"tag", "kernel: wlan0: associated", FormatTag, "1+1 kernel | wlan0: associated"},
		{"tag with pid", "iwd[492]: Wireless daemon", FormatTag, "1+1 iwd[492] syslog | Wireless daemon"},
		{"tag with severity", "daemon.warn hostapd: wlan0: STA 02:00:00:00:01:00", FormatTag, "1+1 hostapd p4 syslog | wlan0: STA 02:00:00:00:01:00"},
		{"kernel tag with severity", "user.info kernel: mt7921e 0000:02:00.0: wlan0: renamed", FormatTag, "1+1 kernel p6 kernel | mt7921e 0000:02:00.0: wlan0: renamed"},
		{"tag with host", "box wpa_supplicant: wlan0: CTRL-EVENT-SCAN-STARTED ", FormatTag, "1+1 @box wpa_supplicant syslog | wlan0: CTRL-EVENT-SCAN-STARTED"},

		{"short", "Jan 11 18:14:14 box wpa_supplicant[608]: wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 @box wpa_supplicant[608] syslog | wlan0: msg"},
		{"short, day padded", "Feb  3 11:42:04 box kernel: wlan0: msg", FormatShort, "1+1 --02-03T11:42:04 @box kernel | wlan0: msg"},
		{"short, leap day", "Feb 29 11:42:04 box kernel: wlan0: msg", FormatShort, "1+1 --02-29T11:42:04 @box kernel | wlan0: msg"},
		{"short without host", "Jan 11 18:14:14 kernel: wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 kernel | wlan0: msg"},
		{"short without host and tag", "Jan 11 18:14:14 wlan0: associated", FormatShort, "1+1 --01-11T18:14:14 | wlan0: associated"},
		{"short, driver only", "Jan 11 18:14:14 mt7925e 0000:01:00.0: driver own failed", FormatShort, "1+1 --01-11T18:14:14 | mt7925e 0000:01:00.0: driver own failed"},
		{"short, prose", "Jan 11 18:14:14 the card died", FormatShort, "1+1 --01-11T18:14:14 | the card died"},
		{"short with year", "Jan 11 2026 18:14:14 box kernel: wlan0: msg", FormatShort, "1+1 2026-01-11T18:14:14 @box kernel | wlan0: msg"},
		{"short, bracket after tag", "Jan 11 18:14:14 kernel: [UFW BLOCK] IN=wlan0", FormatShort, "1+1 --01-11T18:14:14 kernel | [UFW BLOCK] IN=wlan0"},
		{"short, kernel stamp", "Jan 11 18:14:14 box kernel: [  836.763114] wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 +836.763114s @box kernel | wlan0: msg"},
		{"short, kernel stamp and caller", "Jan 11 18:14:14 box kernel: [  836.763114][  T123] wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 +836.763114s @box kernel | wlan0: msg"},
		{"short, last message repeated", "Jan 11 18:14:14 box last message repeated 3 times", FormatShort, "1+1 --01-11T18:14:14 @box | last message repeated 3 times"},
		{"busybox", "Jan 11 18:14:14 box daemon.info hostapd: wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 @box hostapd p6 syslog | wlan0: msg"},
		{"freebsd -v", "Jan 11 18:14:14 <kern.crit> box kernel: wlan0: link state changed to UP", FormatShort, "1+1 --01-11T18:14:14 @box kernel p2 kernel | wlan0: link state changed to UP"},
		{"no such day", "Feb 30 11:42:04 box kernel: wlan0: msg", FormatShort, "1+1 T11:42:04 @box kernel | wlan0: msg"},
		{"short-precise", "Jul 27 03:11:59.028113 box kernel: wlan0: msg", FormatShortPrecise, "1+1 --07-27T03:11:59.028113 @box kernel | wlan0: msg"},
		{"short-iso", "2026-01-11T18:14:14+0100 box kernel: wlan0: msg", FormatShortISO, "1+1 2026-01-11T18:14:14+01:00 @box kernel | wlan0: msg"},
		{"short-iso, colon", "2026-01-11T18:14:14-03:30 box iwd[7]: msg", FormatShortISO, "1+1 2026-01-11T18:14:14-03:30 @box iwd[7] syslog | msg"},
		{"iso without zone", "2026-01-11 18:14:14 box kernel: wlan0: msg", FormatShortISO, "1+1 2026-01-11T18:14:14 @box kernel | wlan0: msg"},
		{"short-iso-precise", "2026-01-11T18:14:14.186485+03:00 box kernel: [  836.763114] wlan0: msg", FormatShortISOPrecise, "1+1 2026-01-11T18:14:14.186485+03:00 +836.763114s @box kernel | wlan0: msg"},
		{"year 9999", "9999-12-31T23:59:59Z box kernel: wlan0: msg", FormatShortISO, "1+1 9999-12-31T23:59:59Z @box kernel | wlan0: msg"},
		{"short-full", "Sun 2026-01-11 18:14:14 CET box kernel: wlan0: msg", FormatShortFull, "1+1 2026-01-11T18:14:14 @box kernel | wlan0: msg"},
		{"short-full UTC", "Sun 2026-01-11 18:14:14 UTC box kernel: wlan0: msg", FormatShortFull, "1+1 2026-01-11T18:14:14Z @box kernel | wlan0: msg"},
		{"with-unit", "Sun 2026-01-11 18:14:14 +01 box wpa_supplicant.service[608]: wlan0: msg", FormatShortFull, "1+1 2026-01-11T18:14:14+01:00 @box wpa_supplicant[608] syslog | wlan0: msg"},
		{"short-monotonic", "[   59.987242] box kernel: usb 1-2: new device", FormatShortMonotonic, "1+1 +59.987242s @box kernel | usb 1-2: new device"},
		{"short-monotonic, daemon", "[   59.987242] box foo[12]: msg", FormatShortMonotonic, "1+1 +59.987242s @box foo[12] syslog | msg"},
		{"short-unix", "1767228681.123456 box kernel: wlan0: msg", FormatShortUnix, "1+1 2026-01-01T00:51:21.123456Z @box kernel | wlan0: msg"},
		{"time of day", "09:08:23 wpa_supplicant: SME: Trying", FormatClock, "1+1 T09:08:23 wpa_supplicant syslog | SME: Trying"},

		{"dmesg", "[ 1264.826132] wlan0: associated", FormatDmesg, "1+1 +1264.826132s kernel | wlan0: associated"},
		{"dmesg, indent kept", "[ 1264.826132]  ? worker_thread+0x1a/0x30", FormatDmesg, "1+1 +1264.826132s kernel |  ? worker_thread+0x1a/0x30"},
		{"dmesg, thread", "[ 1264.826132][  T123] wlan0: associated", FormatDmesg, "1+1 +1264.826132s kernel | wlan0: associated"},
		{"dmesg, cpu", "[ 1264.826132][    C1] wlan0: associated", FormatDmesg, "1+1 +1264.826132s kernel | wlan0: associated"},
		{"dmesg, delta", "[ 1264.826132 <    0.000012>] wlan0: associated", FormatDmesg, "1+1 +1264.826132s kernel | wlan0: associated"},
		{"dmesg, three decimals", "[  123.456] wlan: msg", FormatDmesg, "1+1 +123.456000s kernel | wlan: msg"},
		{"dmesg, bracket lost", "490.080217] IPv6: link becomes ready", FormatDmesg, "1+1 +490.080217s kernel | IPv6: link becomes ready"},
		{"dmesg, bracket misread", "[ 146.855890) Call Trace:", FormatDmesg, "1+1 +146.855890s kernel | Call Trace:"},
		{"dmesg, daemon in message", "[    3.400000] systemd[1]: Inserted module", FormatDmesg, "1+1 +3.400000s kernel | systemd[1]: Inserted module"},
		{"dmesg -T", "[Sun Jan 11 18:14:14 2026] wlan0: msg", FormatDmesgCtime, "1+1 2026-01-11T18:14:14 kernel | wlan0: msg"},
		{"terminal's stamp before the kernel's", "[Sun Jan 11 18:14:14.250 2026] [  836.763114] wlan0: msg", FormatDmesgCtime, "1+1 2026-01-11T18:14:14.250 +836.763114s kernel | wlan0: msg"},
		{"dmesg -T, day padded", "[Thu Jan  1 00:51:21 2026] wlan0: msg", FormatDmesgCtime, "1+1 2026-01-01T00:51:21 kernel | wlan0: msg"},
		{"dmesg iso", "2026-01-11T18:14:14,123456+01:00 wlan0: msg", FormatDmesgISO, "1+1 2026-01-11T18:14:14.123456+01:00 kernel | wlan0: msg"},
		{"dmesg -x", "kern  :warn  : [ 1264.826132] wlan0: msg", FormatDmesgDecoded, "1+1 +1264.826132s p4 kernel | wlan0: msg"},
		{"dmesg -x -T", "kern  :err   : [Sun Jan 11 18:14:14 2026] wlan0: msg", FormatDmesgDecoded, "1+1 2026-01-11T18:14:14 p3 kernel | wlan0: msg"},
		{"dmesg -x -t", "daemon:info  : systemd[1]: msg", FormatDmesgDecoded, "1+1 p6 kernel | systemd[1]: msg"},
		{"console", "<6>[   12.345678] wlan0: msg", FormatConsole, "1+1 +12.345678s p6 kernel | wlan0: msg"},
		{"console, caller", "<3>[   12.345678][ T77] wlan0: msg", FormatConsole, "1+1 +12.345678s p3 kernel | wlan0: msg"},
		{"console without time", "<4>mt7925e 0000:01:00.0: msg", FormatConsole, "1+1 p4 kernel | mt7925e 0000:01:00.0: msg"},
		{"kmsg", "6,1234,1264826132,-;wlan0: associated", FormatKmsg, "1+1 +1264.826132s p6 kernel | wlan0: associated"},
		{"kmsg, caller and escape", `4,1235,1264826133,-,caller=T12;ssid \x41\x1b[0m`, FormatKmsg, "1+1 +1264.826133s p4 kernel | ssid A"},
		{"kmsg, daemon", "30,1236,1264826134,-;systemd[1]: msg", FormatKmsg, "1+1 +1264.826134s systemd[1] p6 syslog | msg"},

		{"syslog 3164", "<30>Jan 11 18:14:14 box hostapd[5]: wlan0: msg", FormatSyslog3164, "1+1 --01-11T18:14:14 @box hostapd[5] p6 syslog | wlan0: msg"},
		{"syslog 3164, kernel", "<3>Jan 11 18:14:14 box kernel: wlan0: msg", FormatSyslog3164, "1+1 --01-11T18:14:14 @box kernel p3 kernel | wlan0: msg"},
		{"syslog 5424", `<29>1 2026-01-11T18:14:14.003Z box wpa_supplicant 608 - [x@1 a="]b"] wlan0: msg`, FormatSyslog5424, "1+1 2026-01-11T18:14:14.003Z @box wpa_supplicant[608] p5 syslog | wlan0: msg"},
		{"syslog 5424, empty", "<6>1 - - kernel - - - wlan0: msg", FormatSyslog5424, "1+1 kernel p6 kernel | wlan0: msg"},
		{"logread", "Sun Jan 11 18:14:14 2026 kern.err kernel: [ 2545.370652] ath10k: msg", FormatLogread, "1+1 2026-01-11T18:14:14 +2545.370652s kernel p3 kernel | ath10k: msg"},
		{"logread, daemon", "Sun Jan 11 18:14:14 2026 daemon.notice hostapd: wlan0: msg", FormatLogread, "1+1 2026-01-11T18:14:14 hostapd p5 syslog | wlan0: msg"},
		{"logread -t", "Sun Jan 11 18:14:14 2026 [1768155254.296] kern.warn kernel: [ 2545.370652] msg", FormatLogread, "1+1 2026-01-11T18:14:14.296Z +2545.370652s kernel p4 kernel | msg"},
		{"logcat threadtime", "01-11 18:14:14.937  2215  2216 D wpa_supplicant: wlan0: msg", FormatLogcat, "1+1 --01-11T18:14:14.937 wpa_supplicant[2215] p7 syslog | wlan0: msg"},
		{"logcat uid", "01-11 18:14:14.937  wifi  2215  2216 I wpa_supplicant: msg", FormatLogcat, "1+1 --01-11T18:14:14.937 wpa_supplicant[2215] p6 syslog | msg"},
		{"logcat year", "2026-01-11 18:14:14.937  2215  2216 E wpa_supplicant: msg", FormatLogcat, "1+1 2026-01-11T18:14:14.937 wpa_supplicant[2215] p3 syslog | msg"},
		{"logcat time", "01-11 18:14:14.937 W/wpa_supplicant( 2215): msg", FormatLogcat, "1+1 --01-11T18:14:14.937 wpa_supplicant[2215] p4 syslog | msg"},
		{"logcat brief", "D/wpa_supplicant( 2215): wlan0: msg", FormatLogcatBrief, "1+1 wpa_supplicant[2215] p7 syslog | wlan0: msg"},
		{"wpa -t", "1767228681.123456: wlan0: State: SCANNING -> ASSOCIATING", FormatWPATime, "1+1 2026-01-01T00:51:21.123456Z | wlan0: State: SCANNING -> ASSOCIATING"},
		{"wpa -t within syslog", "Jan 11 18:14:14 box wpa_supplicant[6]: 1767228681.123456: wlan0: msg", FormatShort, "1+1 --01-11T18:14:14 @box wpa_supplicant[6] syslog | wlan0: msg"},
		{"control event", "<3>CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed", FormatWPACtrl, "1+1 p6 wpa-ctrl | CTRL-EVENT-CONNECTED - Connection to 02:00:00:00:01:00 completed"},
		{"control event, warning", "<4>WPA: 4-Way Handshake failed", FormatWPACtrl, "1+1 p4 wpa-ctrl | WPA: 4-Way Handshake failed"},
		{"control event, interface", "IFNAME=wlan0 <3>CTRL-EVENT-BEACON-LOSS", FormatWPACtrl, "1+1 p6 wpa-ctrl | CTRL-EVENT-BEACON-LOSS"},
		{"networkmanager", "<warn>  [1767228681.1234] device (wlan0): link timed out", FormatNM, "1+1 2026-01-01T00:51:21.1234Z NetworkManager p4 syslog | device (wlan0): link timed out"},
		{"networkmanager within syslog", "Jan 11 18:14:14 box NetworkManager[9]: <info>  [1767228681.1234] device (wlan0): msg", FormatShort, "1+1 --01-11T18:14:14 @box NetworkManager[9] p6 syslog | device (wlan0): msg"},
		{"old networkmanager", "Jan 11 18:14:14 box NetworkManager[9]: <warn> (wlan0): link timed out.", FormatShort, "1+1 --01-11T18:14:14 @box NetworkManager[9] p4 syslog | (wlan0): link timed out."},
		{"networkmanager, severity kept", "<27>Jan 11 18:14:14 box NetworkManager[9]: <info>  [1767228681.1234] msg", FormatSyslog3164, "1+1 --01-11T18:14:14 @box NetworkManager[9] p3 syslog | msg"},
		{"repeated", "Jan 11 18:14:14 box wpa_supplicant[6]: message repeated 7 times: [ wlan0: CTRL-EVENT-SCAN-STARTED ]", FormatShort, "1+1 --01-11T18:14:14 @box wpa_supplicant[6] syslog x7 | wlan0: CTRL-EVENT-SCAN-STARTED"},
		{"repeated, kernel", "Jan 11 18:14:14 box kernel: [    1.234567] message repeated 2 times: [ wlan0: msg]", FormatShort, "1+1 --01-11T18:14:14 +1.234567s @box kernel x2 | wlan0: msg"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, st := readAll(t, tt.in+"\n")
			if diff := cmp.Diff([]string{tt.want}, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[Format]int{tt.format: 1}, st.Formats); diff != "" {
				t.Errorf("formats (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMonths reads localized month names; names that two languages give to
// different months leave the date unknown.
func TestMonths(t *testing.T) {
	tests := []struct{ in, want string }{
		{"mar 25 09:00:09", "--03-25T09:00:09"},
		{"fév. 25 09:00:09", "--02-25T09:00:09"},
		{"févr. 25 09:00:09", "--02-25T09:00:09"},
		{"Okt 25 09:00:09", "--10-25T09:00:09"},
		{"Mär 25 09:00:09", "--03-25T09:00:09"},
		{"Dez  5 09:00:09", "--12-05T09:00:09"},
		{"août 25 09:00:09", "--08-25T09:00:09"},
		{"ene 25 09:00:09", "--01-25T09:00:09"},
		{"10月 25 09:00:09", "--10-25T09:00:09"},
		{"1月 05 09:00:09", "--01-05T09:00:09"},
		{"10월 25 09:00:09", "--10-25T09:00:09"},
		{"янв 25 09:00:09", "--01-25T09:00:09"},
		{"paź 25 09:00:09", "--10-25T09:00:09"},
		{"lis 25 09:00:09", "T09:00:09"},
	}
	for _, tt := range tests {
		got, _ := readAll(t, tt.in+" box kernel: wlan0: msg\n")
		want := []string{"1+1 " + tt.want + " @box kernel | wlan0: msg"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.in, diff)
		}
	}
}

// TestHumanDmesg reads dmesg -H: the distance of a record leaves its minute
// that of the last full stamp.
func TestHumanDmesg(t *testing.T) {
	got, st := readAll(t, "[Jan11 18:14] wlan0: authenticated\n[  +0.000012] wlan0: associated\n[Jan 9 08:05] usb 1-2: gone\n")
	want := []string{
		"1+1 --01-11T18:14:00 kernel | wlan0: authenticated",
		"2+1 --01-11T18:14:00 kernel | wlan0: associated",
		"3+1 --01-09T08:05:00 kernel | usb 1-2: gone",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if st.Formats[FormatDmesgHuman] != 3 {
		t.Errorf("formats %v", st.Formats)
	}
}

// TestFreeBSDDmesg takes whole seconds in brackets for stamps only in company.
func TestFreeBSDDmesg(t *testing.T) {
	got, _ := readAll(t, "[1] CPU: found\n[12] iwlwifi0: loaded firmware\n[13] wlan0: link state changed to UP\n")
	want := []string{
		"1+1 +1.000000s kernel | CPU: found",
		"2+1 +12.000000s kernel | iwlwifi0: loaded firmware",
		"3+1 +13.000000s kernel | wlan0: link state changed to UP",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, _ = readAll(t, "[1] see the footnote\n")
	if diff := cmp.Diff([]string{"1+1 | [1] see the footnote"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestKmsgContinuation puts the device of a /dev/kmsg record where it
// belongs.
func TestKmsgContinuation(t *testing.T) {
	got, _ := readAll(t, "6,12,1264826132,-;mt7925e 0000:01:00.0: msg\n SUBSYSTEM=pci\n DEVICE=+pci:0000:01:00.0\n6,13,1264826200,-;wlan0: msg\n")
	want := []string{
		"1+3 +1264.826132s p6 kernel +pci:0000:01:00.0 | mt7925e 0000:01:00.0: msg",
		"4+1 +1264.826200s p6 kernel | wlan0: msg",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestVerbose reads journalctl -o verbose.
func TestVerbose(t *testing.T) {
	in := `Sun 2026-01-11 18:14:14.123456 CET [s=aa;i=1f;b=0123456789abcdef0123456789abcdef;m=4d2;t=6482078d5a1c0;x=1]
    _TRANSPORT=kernel
    PRIORITY=4
    SYSLOG_IDENTIFIER=kernel
    _HOSTNAME=box
    MESSAGE=mt7925e 0000:01:00.0: [  1.234567] msg
            second line
    _KERNEL_DEVICE=+pci:0000:01:00.0
Sun 2026-01-11 18:14:15.123456 CET [s=aa;i=20;b=0123456789abcdef0123456789abcdef;m=4d3;t=6482078d5a1c1;x=2]
    MESSAGE=wlan0: msg
    SYSLOG_IDENTIFIER=wpa_supplicant
    _PID=608
`
	got, st := readAll(t, in)
	want := []string{
		"1+8 2026-01-11T17:56:03.683776Z +0.001234s @box kernel p4 kernel +pci:0000:01:00.0 boot=0123456789abcdef0123456789abcdef" +
			" cursor=s=aa;i=1f;b=0123456789abcdef0123456789abcdef;m=4d2;t=6482078d5a1c0;x=1 | mt7925e 0000:01:00.0: [  1.234567] msg\nsecond line",
		"9+4 2026-01-11T17:56:03.683777Z +0.001235s wpa_supplicant[608] boot=0123456789abcdef0123456789abcdef" +
			" cursor=s=aa;i=20;b=0123456789abcdef0123456789abcdef;m=4d3;t=6482078d5a1c1;x=2 | wlan0: msg",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if st.Formats[FormatVerbose] != 2 {
		t.Errorf("formats %v", st.Formats)
	}
}

// TestMixedFormats reads a file in which each line has another format.
func TestMixedFormats(t *testing.T) {
	in := strings.Join([]string{
		"Jan 11 18:14:14 box kernel: wlan0: one",
		"[  100.000001] wlan0: two",
		"2026-01-11T18:14:15+01:00 box iwd[7]: three",
		"wlan0: four",
		"<6>[  100.000002] wlan0: five",
	}, "\n")
	got, _ := readAll(t, in)
	want := []string{
		"1+1 --01-11T18:14:14 @box kernel | wlan0: one",
		"2+1 +100.000001s kernel | wlan0: two",
		"3+1 2026-01-11T18:14:15+01:00 @box iwd[7] syslog | three",
		"4+1 | wlan0: four",
		"5+1 +100.000002s p6 kernel | wlan0: five",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
