package analysis_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// found collects what an analysis hands out.
type found struct {
	events    []*incident.Event
	incidents []*incident.Incident
}

func (f *found) Event(e *incident.Event) error { f.events = append(f.events, e); return nil }
func (f *found) Incident(i *incident.Incident) error {
	f.incidents = append(f.incidents, i)
	return nil
}

// analyze runs the texts as one host's inputs.
func analyze(t testing.TB, texts ...string) (*found, *analysis.Summary) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, text := range texts {
		p := filepath.Join(dir, fmt.Sprintf("%d.log", i))
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return analyzeFiles(t, analysis.Options{}, paths...)
}

func analyzeFiles(t testing.TB, opt analysis.Options, paths ...string) (*found, *analysis.Summary) {
	t.Helper()
	if opt.Catalogue == nil {
		opt.Catalogue = patterns.Builtin()
	}
	var f found
	sources := analysis.Finding{Catalogue: opt.Catalogue}.Sources(paths)
	defer func() {
		if err := analysis.Close(sources); err != nil {
			t.Error(err)
		}
	}()
	summary, err := analysis.Run(context.Background(), sources, opt, &f)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range summary.Inputs {
		if in.Err != nil {
			t.Fatal(in.Err)
		}
	}
	return &f, summary
}

// brief writes an incident in one line.
func brief(i *incident.Incident) string {
	return fmt.Sprintf("%d-%d %s %s %s %s", i.FirstLine, i.LastLine, i.Root.Class, i.Layer, i.Phase, i.Outcome)
}

func TestIncidents(t *testing.T) {
	const connect = `[  100.000000] wlan0: authenticate with 02:00:00:00:01:ff (local address=02:00:00:00:aa:01)
[  100.100000] wlan0: send auth to 02:00:00:00:01:ff (try 1/3)
[  100.200000] wlan0: authenticated
[  100.210000] wlan0: associate with 02:00:00:00:01:ff (try 1/3)
[  100.300000] wlan0: RX AssocResp from 02:00:00:00:01:ff (capab=0x1111 status=0 aid=4)
[  100.310000] wlan0: associated
`
	const roam = `[  200.000000] wlan0: disconnect from AP 02:00:00:00:01:ff for new auth to 02:00:00:00:02:ff
`
	for _, tt := range []struct {
		name string
		log  string
		want []string
	}{
		{"a good connection", connect, nil},
		{"keys removed in a deliberate leave", connect + `[  150.000000] wlan0: deauthenticating from 02:00:00:00:01:ff by local choice (Reason: 3=DEAUTH_LEAVING)
[  150.010000] wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)
`, nil},
		{"a comeback that ends well", connect + roam + `[  200.100000] wlan0: 02:00:00:00:02:ff rejected association temporarily; comeback duration 1000 TU (1024 ms)
[  201.200000] wlan0: associated
[  290.000000] wlan0: authenticated
`, nil},
		{"a comeback that ends in a time-out", connect + roam + `[  200.100000] wlan0: 02:00:00:00:02:ff rejected association temporarily; comeback duration 1000 TU (1024 ms)
[  201.200000] wlan0: association with 02:00:00:00:02:ff timed out
`, []string{"8-9 assoc-comeback ap roam failed"}},
		{"one deauthentication, back within a minute", connect + `[  150.000000] wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)
[  152.000000] wlan0: associated
[  250.000000] wlan0: authenticated
`, nil},
		{"one deauthentication, not back", connect + `[  150.000000] wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)
[  250.000000] wlan0: authenticated
`, []string{"7-7 deauth-by-ap ap idle open"}},
		{"a deauthentication that comes back", connect + `[  150.000000] wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)
[  152.000000] wlan0: associated
[  170.000000] wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)
[  172.000000] wlan0: associated
`, []string{"7-10 deauth-by-ap ap idle recovered"}},
		{"one busy scan", "Jan 11 18:14:14 wpa_supplicant[1]: wlan0: CTRL-EVENT-SCAN-FAILED ret=-16 retry=1\nJan 11 18:14:16 wpa_supplicant[1]: wlan0: Associated with 02:00:00:00:01:51\n", nil},
		{"commands die in a roam, and it recovers", connect + roam + `[  203.000000] mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout
[  206.000000] mt7925e 0000:c0:00.0: Message 00020003 (seq 14) timeout
[  206.100000] mt7925e 0000:c0:00.0: Message 00020001 (seq 15) timeout
[  206.300000] mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a
[  206.500000] mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943
[  207.000000] wlan0: Driver requested disconnection from AP 02:00:00:00:01:ff
[  208.000000] wlan0: associated
[  300.000000] wlan0: authenticated
`, []string{"8-14 mcu-timeout device roam recovered"}},
		{"the association after it does not hold", connect + `[  203.000000] mt7925e 0000:c0:00.0: Message 00020016 (seq 12) timeout
[  204.000000] wlan0: associated
[  206.000000] wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 15=4WAY_HANDSHAKE_TIMEOUT)
`, []string{"7-9 mcu-timeout device scan open"}},
		{"two failures more than a minute apart", "[  521.5] mt7921e 0000:05:00.0: Message 00020016 (seq 12) timeout\n[  806.7] mt7921e 0000:05:00.0: Message 00020016 (seq 4) timeout\n",
			[]string{"1-1 mcu-timeout device scan open", "2-2 mcu-timeout device scan open"}},
		{"two devices", "[  521.5] mt7921e 0000:05:00.0: Message 00020016 (seq 12) timeout\n[  521.7] mt7925e 0000:06:00.0: Message 00020002 (seq 4) timeout\n",
			[]string{"1-1 mcu-timeout device scan open", "2-2 mcu-timeout device unknown open"}},
		{"a driver that never comes up", `[    8.1] mt7925e 0000:01:00.0: enabling device (0000 -> 0002)
[    8.2] mt7925e 0000:01:00.0: ASIC revision: 79250000
[   11.3] mt7925e 0000:01:00.0: Message 00000010 (seq 1) timeout
[   11.3] mt7925e 0000:01:00.0: Failed to get patch semaphore
[   41.3] mt7925e 0000:01:00.0: hardware init failed
`, []string{"3-5 mcu-timeout device boot failed"}},
		{"an oops in the reset keeps the time-out as root", `[  203.0] mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout
[  203.2] BUG: kernel NULL pointer dereference, address: 0000000000000000
[  203.2] Oops: Oops: 0000 [#1] SMP NOPTI
[  203.2] Workqueue: mt76 mt7925_mac_reset_work [mt7925_common]
[  203.2] RIP: 0010:mt76_connac_mcu_uni_add_dev+0xe1/0x220 [mt76_connac_lib]
[  203.2] ---[ end trace 0000000000000000 ]---
`, []string{"1-2 mcu-timeout device unknown fatal"}},
		{"an oops of somebody else", `[  203.2] BUG: kernel NULL pointer dereference, address: 0000000000000000
[  203.2] Oops: Oops: 0000 [#1] SMP NOPTI
[  203.2] RIP: 0010:nvidia_poll+0xe1/0x220 [nvidia]
[  203.2] Modules linked in: mt7925e mt7925_common mac80211
[  203.2] ---[ end trace 0000000000000000 ]---
`, nil},
		{"an oops cut off right behind a wireless record", connect + "[  100.900000] BUG: kernel NULL pointer dereference, address: 0000000000000000\n", []string{"7-7 kernel-oops kernel connect fatal"}},
		{"a warning of mac80211", `[  203.2] WARNING: CPU: 3 PID: 812 at net/mac80211/link.c:12 ieee80211_vif_set_links+0x2a1/0x4f0 [mac80211]
[  203.2] Call Trace:
[  203.2]  ieee80211_mgd_auth+0x2a1/0x4f0 [mac80211]
[  203.2] ---[ end trace 0000000000000000 ]---
`, []string{"1-1 kernel-warning mac80211 unknown open"}},
		{"a hung task told two minutes later", connect + roam + `[  203.000000] mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout
[  330.000000] INFO: task kworker/u32:3:20111 blocked for more than 122 seconds.
[  330.000000] Workqueue: mt76 mt7925_mac_reset_work [mt7925_common]
[  330.000000]  mt7925_mac_reset_work+0x95/0x190 [mt7925_common]
`, []string{"8-9 mcu-timeout device roam fatal"}},
		{"firmware that comes up again for no reason", `[    5.1] mt7925e 0000:c0:00.0: ASIC revision: 79250000
[    5.3] mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a
[    5.6] mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943
` + connect + `[  900.3] mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a
[  900.6] mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943
[  901.0] wlan0: Driver requested disconnection from AP 02:00:00:00:01:ff
[  903.0] wlan0: associated
`, []string{"10-13 firmware-reload firmware idle recovered"}},
		{"firmware that comes up again after a resume", `[    5.3] mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a
` + connect + `[  890.3] PM: suspend exit
[  900.3] mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a
`, nil},
		{"a channel that was never granted", "[    5.1] mt7925e 0000:c0:00.0: ASIC revision: 79250000\n" + `[  300.000000] wlan0: authenticate with 02:00:00:00:01:ff (local address=02:00:00:00:aa:01)
[  304.120000] wlan0: send auth to 02:00:00:00:01:ff (try 1/3)
[  304.900000] wlan0: authentication with 02:00:00:00:01:ff timed out
`, []string{"3-4 roc-timeout device connect failed"}},
		{"a client that comes and goes", strings.Repeat("ap0: STA 02:00:00:00:00:31 IEEE 802.11: associated\nap0: STA 02:00:00:00:00:31 IEEE 802.11: disassociated\n", 4), []string{"6-6 ap-client-churn ap unknown open"}},
		{"a transmit queue that wakes", `[ 571.1] p2pHardStartXmit:(TX INFO)netif_stop_subqueue for p2p0, Queue len: 256
[ 571.2] kalSendCompleteAndAwakeQueue:(TX INFO)netif_wake_subqueue for bss: 1. Queue len: 128
[ 599.2] wlan0: authenticated
`, nil},
		{"a transmit queue that does not", `[ 571.1] p2pHardStartXmit:(TX INFO)netif_stop_subqueue for p2p0, Queue len: 256
[ 599.2] p2pFsmRunEventRxDeauthentication:(P2P INFO)GO RX Deauth Reason: 3
`, []string{"1-1 tx-stuck device unknown open"}},
		{"an IOMMU fault of the card without its driver's name", `[    5.1] mt7925e 0000:09:00.0: ASIC revision: 79250000
[  500.0] AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:09:00.0 domain=0x0010 address=0xfec40000 flags=0x0020]
`, []string{"2-2 iommu-fault driver unknown open"}},
		{"an IOMMU fault of another device", `[    5.1] mt7925e 0000:09:00.0: ASIC revision: 79250000
[  500.0] AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:0a:00.0 domain=0x0010 address=0xfec40000 flags=0x0020]
`, nil},
		{"a bus error told before its device is known", `[  500.0] pcieport 0000:00:1c.0: AER: Uncorrected (Non-Fatal) error message received from 0000:01:00.0
[  500.1] mt7921e 0000:01:00.0: Message 00020002 (seq 3) timeout
`, []string{"1-2 mcu-timeout device unknown open"}},
		{"a refusal that is negotiation", "[  300.0] wlan0: 02:00:00:00:01:ff denied authentication (status 77)\n[  300.5] wlan0: authenticated\n[  301.0] wlan0: associated\n[  399.0] wlan0: authenticated\n", nil},
		{"a refusal that is none", "[  300.0] wlan0: 02:00:00:00:01:ff denied authentication (status 37)\n[  300.5] wlan0: authenticated\n[  301.0] wlan0: associated\n", []string{"1-3 auth-rejected ap connect recovered"}},
		{"an association refused by negotiation", "[  300.0] wlan0: 02:00:00:00:01:ff denied association (code=53)\n[  300.5] wlan0: authenticated\n[  301.0] wlan0: associated\n[  399.0] wlan0: authenticated\n", nil},
		{"one failed resume in two records", `[  500.0] mt7921e 0000:02:00.0: Message 00020007 (seq 5) timeout
[  500.0] mt7921e 0000:02:00.0: PM: dpm_run_callback(): pci_pm_resume returns -110
[  500.0] mt7921e 0000:02:00.0: PM: failed to resume async: error -110
`, []string{"1-3 mcu-timeout device suspend failed"}},
		{"a failed resume in the callback's record alone", `[  500.0] mt7921e 0000:02:00.0: PM: dpm_run_callback(): pci_pm_resume returns -110
[  600.0] mt7921e 0000:02:00.0: disabling ASPM  L1
`, []string{"1-1 pm-failed driver suspend failed"}},
		{"errors of the port above the card", `[  500.0] pcieport 0000:00:1c.0: AER: Uncorrectable (Non-Fatal) error message received from 0000:00:1c.0
[  500.0] pcieport 0000:00:1c.0: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Transaction Layer, (Requester ID)
[  500.1] mt7925e 0000:01:00.0: AER: can't recover (no error_detected callback)
[  500.2] mt7925e 0000:01:00.0: driver own failed
`, []string{"1-4 pcie-error bus unknown open"}},
		{"a beacon is heard again", connect + `[  150.0] wlan0: detected beacon loss from AP (missed 7 beacons) - probing
[  150.2] wlan0: cancelling AP probe due to a received beacon
`, nil},
		{"a missing firmware file just before the probe's own record", `Jan 11 18:14:14 h kernel: mt7902e 0000:01:00.0: Direct firmware load for mediatek/WIFI_RAM_CODE_MT7902_1.bin failed with error -2
Jan 11 18:14:14 h kernel: mt7902e 0000:01:00.0: ASIC revision: 79020000
`, []string{"1-1 firmware-load-failed firmware boot open"}},
		{"behind a stamp that nobody knows", "[1/10/26, 10:30 AM] mt7921e 0000:03:00.0: driver own failed\n", []string{"1-1 driver-own-failed device unknown open"}},
		{"what a watcher printed", "Jan 11 18:14:14 h roamfault[7]: mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout\n", nil},
		{"across the turn of the year", "Dec 31 23:59:58 h kernel: mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout\nJan  1 00:00:01 h kernel: mt7925e 0000:c0:00.0: Message 00020003 (seq 13) timeout\n",
			[]string{"1-2 mcu-timeout device unknown open"}},
		{"pasted out of order", `[  203.000000] mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout
[  206.000000] mt7925e 0000:c0:00.0: Message 00020003 (seq 13) timeout
[  200.000000] wlan0: disconnect from AP 02:00:00:00:01:ff for new auth to 02:00:00:00:02:ff
[  200.010000] wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)
`, []string{"1-4 mcu-timeout device roam open"}},
		{"resume", "[  500.0] PM: suspend entry (deep)\n[  501.0] PM: suspend exit\n[  504.0] mt7921e 0000:01:00.0: Message 00020002 (seq 5) timeout\n", []string{"3-3 mcu-timeout device suspend open"}},
		{"group keys without a link id, on every roam", strings.Repeat("Jan 11 18:14:14 wpa_supplicant[1]: nl80211: kernel reports: link ID must for MLO group key\nJan 11 18:14:20 wpa_supplicant[1]: nl80211: kernel reports: link ID must be set for MLO group key\n", 2), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := analyze(t, tt.log)
			var got []string
			for _, i := range f.incidents {
				got = append(got, brief(i))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("incidents (-want +got):\n%s\nevents:\n%s", diff, eventList(f))
			}
		})
	}
}

func eventList(f *found) string {
	var b strings.Builder
	for _, e := range f.events {
		fmt.Fprintf(&b, "%4d %-20s %-6s %s %s\n", e.Origin.Line, e.Class, e.Severity, e.Incident, e.Message)
	}
	return b.String()
}

func TestSeries(t *testing.T) {
	f, _ := analyze(t, `[  203.0] mt7925e 0000:c0:00.0: Message 00020002 (seq 14) timeout
[  206.0] mt7925e 0000:c0:00.0: Message 00020003 (seq 1) timeout
[  206.1] mt7925e 0000:c0:00.0: Message 00020001 (seq 4) timeout
`)
	if len(f.incidents) != 1 {
		t.Fatalf("%d incidents, want 1", len(f.incidents))
	}
	i := f.incidents[0]
	if diff := cmp.Diff([]string{"BSS_INFO_UPDATE", "STA_REC_UPDATE", "DEV_INFO_UPDATE"}, i.Dead); diff != "" {
		t.Errorf("dead commands (-want +got):\n%s", diff)
	}
	// 14, (15), 1: one answered in between; 1, (2, 3), 4: two.
	if i.SeqGaps != 3 {
		t.Errorf("sequence gaps %d, want 3", i.SeqGaps)
	}
	if i.CutShort != 1 {
		t.Errorf("cut short %d, want 1", i.CutShort)
	}
	if want := "v1:mt7925:unknown:BSS_INFO_UPDATE"; i.Parent != want {
		t.Errorf("parent %s, want %s", i.Parent, want)
	}
}

func TestLadder(t *testing.T) {
	f, _ := analyze(t, `[    8.2] mt7925e 0000:01:00.0: ASIC revision: 79250000
[   11.3] mt7925e 0000:01:00.0: Message 00000010 (seq 1) timeout
[   11.3] mt7925e 0000:01:00.0: Failed to get patch semaphore
[   41.3] mt7925e 0000:01:00.0: hardware init failed
`)
	if len(f.incidents) != 1 {
		t.Fatalf("%d incidents, want 1", len(f.incidents))
	}
	if i := f.incidents[0]; i.Reached == "" || i.NotReached == "" || i.Reached == i.NotReached {
		t.Errorf("ladder: reached %q, not reached %q; want two different stages", i.Reached, i.NotReached)
	}
}

func TestSeeds(t *testing.T) {
	const seeds = "../../testdata/seeds/"
	for _, tt := range []struct {
		files       []string
		want        []string
		fingerprint string
		trigger     patterns.Class
	}{
		{[]string{"mt7925-mlo-roam.log"}, []string{"2-15 mcu-timeout device roam reset-only"},
			"v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]<bss-fetch-failed<key-remove-failed[-22]", patterns.KeyRemoveFailed},
		{[]string{"mt7925-mlo-roam.log", "mt7925-mlo-roam-supplicant.log"}, []string{"2-15 mcu-timeout device roam reset-only"},
			"v1:mt7925:roam:mcu-timeout[BSS_INFO_UPDATE]<bss-fetch-failed<key-remove-failed[-22]", patterns.KeyRemoveFailed},
		{[]string{"mt7925-mlo-roam-supplicant.log"}, nil, "", ""},
		{[]string{"mt7902-tier3-recovery.log"}, []string{"1-10 mmio-dead bus unknown reset-only"}, "", patterns.MMIODead},
		{[]string{"mt6625l-tx-stall.log"}, []string{"9-9 tx-stuck device unknown open"}, "", patterns.TxStuck},
		{[]string{"mt6625l-hostapd-churn.log"}, []string{"15-15 ap-client-churn ap unknown open"}, "", patterns.APClientChurn},
	} {
		t.Run(strings.Join(tt.files, "+"), func(t *testing.T) {
			var forward, backward []string
			for _, f := range tt.files {
				forward = append(forward, seeds+f)
				backward = append([]string{seeds + f}, backward...)
			}
			for _, paths := range [][]string{forward, backward} {
				f, _ := analyzeFiles(t, analysis.Options{}, paths...)
				var got []string
				for _, i := range f.incidents {
					got = append(got, brief(i))
					if tt.fingerprint != "" && i.Fingerprint != tt.fingerprint {
						t.Errorf("fingerprint %s, want %s", i.Fingerprint, tt.fingerprint)
					}
					if i.Trigger.Class != tt.trigger {
						t.Errorf("trigger %s, want %s", i.Trigger.Class, tt.trigger)
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("incidents of %v (-want +got):\n%s\nevents:\n%s", paths, diff, eventList(f))
				}
			}
		})
	}
}

func TestRecoverySteps(t *testing.T) {
	f, _ := analyzeFiles(t, analysis.Options{}, "../../testdata/seeds/mt7902-tier3-recovery.log")
	if len(f.incidents) != 1 {
		t.Fatalf("%d incidents, want 1", len(f.incidents))
	}
	i := f.incidents[0]
	if i.Tier != 3 || len(i.Steps) < 6 || !i.HasRecovery || i.Recovery.Milliseconds() != 2700 {
		t.Errorf("tier %d, %d steps, recovery %v; want tier 3, at least 6 steps, 2.7 s", i.Tier, len(i.Steps), i.Recovery)
	}
}

// blocking gives some text and then nothing, like a pipe whose writer waits.
type blocking struct {
	text string
	done chan struct{}
}

func (b *blocking) Read(p []byte) (int, error) {
	if b.text != "" {
		n := copy(p, b.text)
		b.text = b.text[n:]
		return n, nil
	}
	<-b.done
	return 0, io.EOF
}

// An interrupt in the middle of a silent pipe gives what was found so far.
func TestInterrupted(t *testing.T) {
	in := &blocking{done: make(chan struct{})}
	defer close(in.done)
	for i := range 5000 {
		in.text += fmt.Sprintf("[%5d.000000] mt7925e 0000:c0:00.0: Message 00020002 (seq %d) timeout\n", 100+100*i, i%15+1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	first := &cancelling{cancel: cancel}
	c := patterns.Builtin()
	sources := analysis.Finding{Catalogue: c, Stdin: in}.Sources([]string{"-"})
	summary, err := analysis.Run(ctx, sources, analysis.Options{Catalogue: c}, first)
	if err != nil {
		t.Fatal(err)
	}
	if !summary.Interrupted {
		t.Error("the summary does not say that it was interrupted")
	}
	if len(first.incidents) == 0 {
		t.Error("nothing of what was found is told")
	}
	if err := summary.Inputs[0].Err; err != nil {
		t.Errorf("the input is said to have failed: %v", err)
	}
}

// cancelling interrupts at the first incident.
type cancelling struct {
	found
	cancel context.CancelFunc
}

func (c *cancelling) Incident(i *incident.Incident) error {
	c.cancel()
	return c.found.Incident(i)
}

func TestDirectoryAndFilters(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.log":   "Jan  1 00:51:29 h kernel: mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout\n",
		"b.log":   "Jan  1 01:51:29 h kernel: mt7921e 0000:06:00.0: Message 00020016 (seq 12) timeout\n",
		".hidden": "Jan  1 02:51:29 h kernel: mt7921e 0000:07:00.0: Message 00020016 (seq 12) timeout\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	since, err := analysis.ParseBound("Jan 1 01:00:00")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		opt  analysis.Options
		want int
	}{
		{"all", analysis.Options{}, 2},
		{"since", analysis.Options{Since: since}, 1},
		{"until", analysis.Options{Until: since}, 1},
		{"device", analysis.Options{Device: "mt7921*"}, 1},
		{"part of a device", analysis.Options{Device: "c0:00"}, 1},
		{"severity", analysis.Options{MinSeverity: patterns.Fatal}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, _ := analyzeFiles(t, tt.opt, dir)
			if len(f.incidents) != tt.want {
				t.Errorf("%d incidents, want %d", len(f.incidents), tt.want)
			}
		})
	}
}

func TestParseBound(t *testing.T) {
	for _, good := range []string{"2026-01-11 18:14:14", "2026-01-11T18:14:14+01:00", "2026-01-11", "Jan 11 18:14:14", "18:14", "18:14:14", "+1264.8s", "+1264.8", ""} {
		if _, err := analysis.ParseBound(good); err != nil {
			t.Errorf("ParseBound(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"yesterday", "25:00", "+x", "2026-13-01"} {
		if _, err := analysis.ParseBound(bad); err == nil {
			t.Errorf("ParseBound(%q): no error", bad)
		}
	}
}

func TestUnmatchedIsGrouped(t *testing.T) {
	f, s := analyze(t, `[  1.0] mt7925e 0000:c0:00.0: strange failure 17 of unit 0x1f
[  2.0] mt7925e 0000:c1:00.0: strange failure 18 of unit 0x2f
[  3.0] systemd[1]: strange failure of a unit
[  4.0] wlan0: another error at 02:00:00:00:01:ff
`)
	if len(f.incidents) != 0 {
		t.Errorf("%d incidents, want none", len(f.incidents))
	}
	var got []string
	for _, u := range s.Unmatched {
		got = append(got, fmt.Sprintf("%d %s", u.Count, u.Template))
	}
	want := []string{"2 mt#e # strange failure # of unit #", "1 wlan#: another error at #"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unmatched (-want +got):\n%s", diff)
	}
}
