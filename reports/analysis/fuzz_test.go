package analysis_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// vocabulary are the lines that the fuzzer makes logs of: every byte of its
// input picks one, and how much time has passed before it.
var vocabulary = []string{
	"wlan0: authenticate with 02:00:00:00:01:ff (local address=02:00:00:00:aa:01)",
	"wlan0: send auth to 02:00:00:00:01:ff (try 1/3)",
	"wlan0: authenticated",
	"wlan0: associate with 02:00:00:00:01:ff (try 1/3)",
	"wlan0: RX ReassocResp from 02:00:00:00:01:ff (capab=0x1111 status=0 aid=4)",
	"wlan0: associated",
	"wlan0: disconnect from AP 02:00:00:00:01:ff for new auth to 02:00:00:00:02:ff",
	"wlan0: deauthenticating from 02:00:00:00:01:ff by local choice (Reason: 3=DEAUTH_LEAVING)",
	"wlan0: deauthenticated from 02:00:00:00:01:ff (Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA)",
	"wlan0: failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)",
	"wlan0: 02:00:00:00:02:ff rejected association temporarily; comeback duration 1000 TU (1024 ms)",
	"wlan0: association with 02:00:00:00:02:ff timed out",
	"wlan0: Driver requested disconnection from AP 02:00:00:00:01:ff",
	"mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout",
	"mt7925e 0000:c0:00.0: Message 00020016 (seq 13) timeout",
	"mt7925e 0000:c0:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a",
	"mt7925e 0000:c0:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943",
	"mt7925e 0000:c0:00.0: ASIC revision: 79250000",
	"mt7925e 0000:c0:00.0: driver own failed",
	"mt7925e 0000:c0:00.0: chip reset failed",
	"mt7921e 0000:05:00.0: Message 00020002 (seq 12) timeout",
	"pcieport 0000:00:1c.0: AER: Uncorrected (Non-Fatal) error message received from 0000:c0:00.0",
	"AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:c0:00.0 domain=0x0010 address=0xfec40000 flags=0x0020]",
	"BUG: kernel NULL pointer dereference, address: 0000000000000000",
	"RIP: 0010:mt76_connac_mcu_uni_add_dev+0xe1/0x220 [mt76_connac_lib]",
	"---[ end trace 0000000000000000 ]---",
	"PM: suspend exit",
	"p2pHardStartXmit:(TX INFO)netif_stop_subqueue for p2p0, Queue len: 256",
	"kalSendCompleteAndAwakeQueue:(TX INFO)netif_wake_subqueue for bss: 1. Queue len: 128",
	"nl80211: kernel reports: link ID must for MLO group key",
	"wlan0: CTRL-EVENT-SCAN-FAILED ret=-16 retry=1",
	"ap0: STA 02:00:00:00:00:31 IEEE 802.11: associated",
	"ap0: STA 02:00:00:00:00:31 IEEE 802.11: disassociated",
	"usb 1-2: USB disconnect, device number 6",
}

var steps = []time.Duration{time.Millisecond, 900 * time.Millisecond, 3 * time.Second, 4 * time.Second, 20 * time.Second, 61 * time.Second, 10 * time.Minute}

// dmesg makes a log of the fuzzer's bytes.
func dmesg(script []byte) string {
	var b strings.Builder
	at := 100 * time.Second
	for _, c := range script {
		at += steps[int(c>>5)%len(steps)]
		fmt.Fprintf(&b, "[%5d.%06d] %s\n", at/time.Second, at%time.Second/time.Microsecond, vocabulary[int(c)%len(vocabulary)])
	}
	return b.String()
}

// build feeds a log to a builder, line by line, and stops short of closing it
// when the rest is still to come.
func build(t *testing.T, c *patterns.Catalogue, log string, end bool) *found {
	t.Helper()
	var f found
	b := incident.NewBuilder(&f)
	_, err := journal.Read(context.Background(), strings.NewReader(log), journal.Options{File: "fuzz.log"}, func(r *journal.Record) error {
		if m, ok := c.Match(r.Identifier, r.Message); ok {
			return b.Record(r, &m)
		}
		return nil
	})
	if err == nil && end {
		err = b.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &f
}

// full writes all that an incident is known by.
func full(i *incident.Incident) string {
	return fmt.Sprintf("%s %s %s %v %v", i.ID, brief(i), i.Fingerprint, i.Outage, i.Total)
}

func FuzzBuilder(f *testing.F) {
	f.Add([]byte{6, 9, 10, 11, 77, 77, 15, 16, 12, 5, 0xbf})
	f.Add([]byte{13, 23, 24, 25})
	f.Add([]byte{27, 0x9c, 31, 32, 31, 32, 31, 32})
	f.Add([]byte{21, 13, 22, 19, 18, 18, 17, 0xa0, 5})
	c := patterns.Builtin()
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			script = script[:200]
		}
		log := dmesg(script)
		whole := build(t, c, log, true)

		// Events come in the order of their clock, and each belongs to an
		// incident that is told.
		told := map[string]bool{}
		for _, i := range whole.incidents {
			if told[i.ID] {
				t.Errorf("incident %s is told twice", i.ID)
			}
			told[i.ID] = true
			if len(i.Events) == 0 || i.Root == nil || i.Trigger == nil || i.First == nil || i.Last == nil {
				t.Errorf("incident %s lacks a part: %+v", i.ID, i)
			}
			if i.HasOutage && i.Outage < 0 || i.HasRecovery && i.Recovery < 0 {
				t.Errorf("incident %s: outage %v, recovery %v", i.ID, i.Outage, i.Recovery)
			}
		}
		for n, e := range whole.events {
			if n > 0 && e.Time.Mono < whole.events[n-1].Time.Mono {
				t.Errorf("event at %v comes behind one at %v", e.Time, whole.events[n-1].Time)
			}
			if e.Incident != "" && !told[e.Incident] {
				t.Errorf("event at %v belongs to %s, which is never told", e.Time, e.Incident)
			}
			if e.Incident != "" && e.Severity < patterns.Warn {
				t.Errorf("event %s of severity %s belongs to an incident", e.Class, e.Severity)
			}
		}

		// What was finished of a prefix is what is finished of the whole.
		lines := strings.SplitAfter(log, "\n")
		prefix := build(t, c, strings.Join(lines[:len(lines)/2], ""), false)
		for n, i := range prefix.incidents {
			if n >= len(whole.incidents) || full(whole.incidents[n]) != full(i) {
				t.Errorf("the prefix finished %s, which the whole does not tell in its place", full(i))
			}
		}
	})
}

// watcher takes incidents as they finish.
type watcher struct {
	found
	opened, grew int
}

func (w *watcher) Opened(string, *incident.Event) { w.opened++ }
func (w *watcher) Grew(string, *incident.Event)   { w.grew++ }

// A reader that begins again where a builder was idle, with what that had
// learned, finds the same incidents.
func FuzzBeginAgain(f *testing.F) {
	f.Add([]byte{0, 2, 5, 0xc6, 9, 77, 15, 5, 0xc0, 0xa0, 13, 15, 16, 5, 0xc2, 0xc0, 8})
	f.Add([]byte{17, 15, 16, 0xc0, 5, 0xc2, 15, 16, 12, 5})
	c := patterns.Builtin()
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 120 {
			script = script[:120]
		}
		var records []journal.Record
		_, err := journal.Read(context.Background(), strings.NewReader(dmesg(script)), journal.Options{}, func(r *journal.Record) error {
			r.Cursor = fmt.Sprint(len(records))
			records = append(records, *r)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		feed := func(b *incident.Builder, records []journal.Record) {
			for i := range records {
				if m, ok := c.Match(records[i].Identifier, records[i].Message); ok {
					if err := b.Record(&records[i], &m); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		var whole watcher
		b := incident.NewBuilder(&whole)
		at, before := -1, 0
		var state []byte
		for i := range records {
			feed(b, records[i:i+1])
			if b.Idle() {
				if state, err = b.State(); err != nil {
					t.Fatal(err)
				}
				at, before = i, len(whole.incidents)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if at < 0 {
			return
		}
		var rest watcher
		again := incident.NewBuilder(&rest)
		if err := again.Restore(state); err != nil {
			t.Fatal(err)
		}
		feed(again, records[at+1:])
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, i := range whole.incidents[before:] {
			want = append(want, full(i))
		}
		for _, i := range rest.incidents {
			got = append(got, full(i))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("begun again behind record %d (-whole +again):\n%s", at, diff)
		}
	})
}

// What a report quotes is enough to come to the same verdict.
func TestQuotedLinesGiveTheSameIncident(t *testing.T) {
	seeds, err := filepath.Glob("../../testdata/seeds/*.log")
	if err != nil || len(seeds) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	var logs []string
	for _, s := range seeds {
		text, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, string(text))
	}
	logs = append(logs,
		dmesg([]byte{0, 1, 2, 3, 5, 6, 9, 10, 11, 77, 77, 15, 16, 12, 5}),
		dmesg([]byte{17, 0, 2, 5, 13, 15, 16, 5}),
		dmesg([]byte{0, 2, 5, 0x46, 11}),
	)
	c := patterns.Builtin()
	for _, log := range logs {
		want := build(t, c, log, true)
		for _, i := range want.incidents {
			var quoted strings.Builder
			for _, e := range i.Lines {
				quoted.WriteString(e.Raw + "\n")
			}
			got := build(t, c, quoted.String(), true)
			if len(got.incidents) != 1 {
				t.Errorf("%s: the quoted lines give %d incidents:\n%s", i.Fingerprint, len(got.incidents), quoted.String())
				continue
			}
			g := got.incidents[0]
			if g.Fingerprint != i.Fingerprint || g.Outcome != i.Outcome || g.Layer != i.Layer || g.Phase != i.Phase {
				t.Errorf("the quoted lines give %s %s %s %s, want %s %s %s %s:\n%s", g.Fingerprint, g.Outcome, g.Layer, g.Phase, i.Fingerprint, i.Outcome, i.Layer, i.Phase, quoted.String())
			}
		}
	}
}
