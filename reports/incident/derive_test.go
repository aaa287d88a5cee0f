package incident

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
)

// list collects what a builder hands on, in a short form: the line and class
// of each event of severity warn or worse, the root and layer of each incident.
type list struct{ events, incidents []string }

func (l *list) Event(e *Event) error {
	if e.Severity > patterns.Info {
		l.events = append(l.events, fmt.Sprintf("%d %s", e.Origin.Line, e.Class))
	}
	return nil
}

func (l *list) Incident(i *Incident) error {
	l.incidents = append(l.incidents, fmt.Sprintf("%s %s", i.Root.Class, i.Layer))
	return nil
}

// build reads a text as one host's log.
func build(t *testing.T, text string) *list {
	t.Helper()
	var l list
	b := NewBuilder(&l)
	feed(t, b, text)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return &l
}

// feed gives a builder the records of a text.
func feed(t *testing.T, b *Builder, text string) {
	t.Helper()
	c := patterns.Builtin()
	_, err := journal.Read(context.Background(), strings.NewReader(text), journal.Options{File: "-"}, func(r *journal.Record) error {
		if m, ok := c.Match(r.Identifier, r.Message); ok {
			return b.Record(r, &m)
		}
		return b.Record(r, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHeadless shows excerpts that begin behind the record that tells what
// happened.
func TestHeadless(t *testing.T) {
	for _, tt := range []struct {
		name              string
		log               string
		events, incidents []string
	}{
		{
			"a firmware dump without its headline", `
[   50.100000] iwlwifi 0000:02:00.0: Start IWL Error Log Dump:
[   50.100100] iwlwifi 0000:02:00.0: 0x00000071 | NMI_INTERRUPT_UMAC_FATAL
`, []string{"2 firmware-crash"}, []string{"firmware-crash firmware"},
		},
		{
			"a firmware dump behind its headline", `
[   50.000000] iwlwifi 0000:02:00.0: Microcode SW error detected. Restarting 0x0.
[   50.100000] iwlwifi 0000:02:00.0: Start IWL Error Log Dump:
[   50.100100] iwlwifi 0000:02:00.0: 0x00000071 | NMI_INTERRUPT_UMAC_FATAL
`, []string{"2 firmware-crash"}, []string{"firmware-crash firmware"},
		},
		{
			"both parts of a dump", `
[   50.100000] ath10k_pci 0000:02:00.0: firmware register dump:
[   50.100100] ath10k_pci 0000:02:00.0: [00]: 0x05030000 0x000015B3 0x00A1B2C3 0x00955B31
[   50.200000] ath10k_pci 0000:02:00.0: Copy Engine register dump:
`, []string{"2 firmware-crash"}, []string{"firmware-crash firmware"},
		},
		{
			"a panic behind wireless frames", `
[  612.000100]  mt7925_mac_add_txs+0x84/0x210 [mt7925_common]
[  612.000200]  mt7925_rx_check+0x40/0xa0 [mt7925_common]
[  612.000900] Kernel panic - not syncing: Fatal exception in interrupt
`, []string{"4 kernel-panic"}, []string{"kernel-panic driver"},
		},
		{
			"a panic behind other frames", `
[  612.000100]  ext4_writepages+0x84/0x210 [ext4]
[  612.000900] Kernel panic - not syncing: Fatal exception in interrupt
`, nil, nil,
		},
		{
			"a panic long behind wireless frames", `
[  612.000100]  mt7925_mac_add_txs+0x84/0x210 [mt7925_common]
[  912.000900] Kernel panic - not syncing: Fatal exception in interrupt
`, nil, nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := build(t, tt.log)
			if diff := cmp.Diff(tt.events, got.events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.incidents, got.incidents); diff != "" {
				t.Errorf("incidents (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBareFrames takes frames of a kernel without symbols for what they are.
func TestBareFrames(t *testing.T) {
	const splat = `
[  100.000000] ------------[ cut here ]------------
[  100.000100] WARNING: CPU: 0 PID: 9 at 0x%s
[  100.000200] Call Trace:
[  100.000300] [<83178634>] 0x83178634 [%s@83178000+0x2290]
[  100.000400] ---[ end trace 1234567890abcdef ]---
`
	for module, want := range map[string][]string{"mt76_usb": {"3 kernel-warning"}, "nf_conntrack": nil} {
		if diff := cmp.Diff(want, build(t, fmt.Sprintf(splat, "83178634", module)).events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", module, diff)
		}
	}
}

// TestHungProgram counts a hang by the program that hangs where the trace has
// no wireless frame.
func TestHungProgram(t *testing.T) {
	const splat = `
[  967.957012] INFO: task %s:1481 blocked for more than 120 seconds.
[  967.964136]       Not tainted 6.12.1 #0
[  967.969442] Call Trace:
[  967.969500]  rtnetlink_rcv_msg+0x2e8/0x3ec
`
	for program, want := range map[string][]string{"wpa_supplicant": {"2 hung-task"}, "systemd-network": nil} {
		if diff := cmp.Diff(want, build(t, fmt.Sprintf(splat, program)).events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", program, diff)
		}
	}
}

// TestSilentWait holds a wait that only mt7925 makes in silence until it is
// known whose it was.
func TestSilentWait(t *testing.T) {
	const start = "[  100.000000] wlan0: authenticate with 02:00:00:00:01:00\n[  104.020000] wlan0: send auth to 02:00:00:00:01:00 (try 1/3)\n"
	for _, tt := range []struct {
		name, log string
		want      []string
	}{
		{"the card is named behind it", start + "[  107.100000] mt7925e 0000:02:00.0: Message 00020003 (seq 7) timeout\n", []string{"2 roc-timeout", "3 mcu-timeout"}},
		{"another card is named behind it", start + "[  107.100000] mt7921e 0000:02:00.0: Message 00020003 (seq 7) timeout\n", []string{"3 mcu-timeout"}},
		{"no card is named", start + "[  105.100000] wlan0: authenticated\n", nil},
		{"the card is named too late", start + "[  905.100000] mt7925e 0000:02:00.0: Message 00020003 (seq 7) timeout\n", []string{"3 mcu-timeout"}},
		{"the card is known", "[   10.000000] mt7925e 0000:02:00.0: ASIC revision: 79250000\n[   12.000000] mt7925e 0000:02:00.0 wlan0: renamed from wlan1\n" + start, []string{"4 roc-timeout"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, build(t, tt.log).events); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSilentWaitIdle keeps a reader from beginning anew behind a wait that is
// not yet decided.
func TestSilentWaitIdle(t *testing.T) {
	var l list
	b := NewBuilder(&l)
	feed(t, b, "[  100.000000] wlan0: authenticate with 02:00:00:00:01:00\n[  104.020000] wlan0: send auth to 02:00:00:00:01:00 (try 1/3)\n")
	if b.Idle() {
		t.Error("idle while a wait is undecided")
	}
	feed(t, b, "[  300.000000] wlan0: deauthenticating from 02:00:00:00:01:00 by local choice (Reason: 3=DEAUTH_LEAVING)\n[  500.000000] usb 3-1: new high-speed USB device\n")
	if err := b.Tick(since(600e9), ""); err != nil {
		t.Fatal(err)
	}
	if !b.Idle() || len(l.events) > 0 {
		t.Errorf("idle %v, events %v; want true and none", b.Idle(), l.events)
	}
}
