// Package watchtest makes a log full of faults for tests of the watching: any
// number of records, the same ones from the same seed.
package watchtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"time"

	"roamfault/journal"
	"roamfault/journal/sourcetest"
)

// Faults is an endless log of a machine with two Wi-Fi cards that fail now and
// then. Times go up; each record has a cursor.
type Faults struct {
	rng    *rand.Rand
	wall   time.Time
	mono   time.Duration
	boot   int
	number int
	// Quiet is how many records of no interest stand between two failures
	// on average.
	quiet int
	next  []said // what is to come
}

// said is a line and how long after the one before it comes.
type said struct {
	after time.Duration
	who   string
	text  string
}

// NewFaults makes a log that begins at start. Between two failures stand quiet
// other records on average.
func NewFaults(seed uint64, start time.Time, quiet int) *Faults {
	return &Faults{rng: rand.New(rand.NewPCG(seed, 1)), wall: start, mono: 20 * time.Second, quiet: quiet}
}

// Next returns the next record.
func (f *Faults) Next() journal.Record {
	if len(f.next) == 0 {
		f.script()
	}
	s := f.next[0]
	f.next = f.next[1:]
	f.wall, f.mono = f.wall.Add(s.after), f.mono+s.after
	f.number++
	r := journal.Record{
		Time: journal.Time{
			Wall: f.wall, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond,
			Mono: f.mono, HasMono: true,
		},
		Boot: fmt.Sprintf("%032x", 0xb007+f.boot), Host: "host", Identifier: s.who, Priority: 4, Count: 1, Message: s.text,
		Cursor: fmt.Sprintf("s=5eed;i=%x;b=%x;m=%x", f.number, 0xb007+f.boot, f.mono.Microseconds()),
	}
	r.Transport = journal.TransportSyslog
	if s.who == "kernel" {
		r.Transport = journal.TransportKernel
	}
	return r
}

// Export returns the next n records in export format.
func (f *Faults) Export(n int) ([]byte, error) {
	records := make([]journal.Record, n)
	for i := range records {
		records[i] = f.Next()
	}
	var b bytes.Buffer
	err := sourcetest.WriteExport(&b, records)
	return b.Bytes(), err
}

// script writes what comes next: other records, then a failure.
func (f *Faults) script() {
	for range f.rng.IntN(2*f.quiet + 1) {
		f.say(f.between(time.Millisecond, 2*time.Second), "systemd", fmt.Sprintf("Started session-%d.scope - Session %d of user nobody.", f.rng.IntN(1000), f.rng.IntN(1000)))
	}
	gap := f.between(70*time.Second, 200*time.Second)
	if f.rng.IntN(3) > 0 {
		gap = f.between(400*time.Second, 900*time.Second) // long enough for the place to be saved
	}
	f.say(gap, "CRON", fmt.Sprintf("(root) CMD (job %d)", f.rng.IntN(1000)))
	switch f.rng.IntN(12) {
	case 0, 1, 2, 3:
		f.commandTimeouts(0)
	case 4, 5:
		f.beaconLoss(0)
	case 6:
		f.commandTimeouts(1)
	case 7:
		f.both()
	case 8:
		f.hungTask()
	case 9:
		f.oops()
	case 10:
		f.beaconLoss(1)
	case 11:
		f.reboot()
	}
}

func (f *Faults) say(after time.Duration, who, text string) {
	f.next = append(f.next, said{after, who, text})
}

func (f *Faults) between(a, b time.Duration) time.Duration {
	return a + time.Duration(f.rng.Int64N(int64(b-a)))/time.Microsecond*time.Microsecond
}

func iface(card int) string  { return fmt.Sprintf("wlan%d", card) }
func device(card int) string { return []string{"mt7925e 0000:05:00.0", "mt7921e 0000:06:00.0"}[card] }

// commandTimeouts: a roam, commands that get no answer, and the way back.
func (f *Faults) commandTimeouts(card int) {
	w := iface(card)
	f.say(f.between(time.Second, 9*time.Second), "kernel", w+": disconnect from AP 02:00:00:00:01:00 for new auth to 02:00:00:00:02:00")
	f.say(f.between(time.Millisecond, time.Second), "kernel", w+": failed to remove key (1, ff:ff:ff:ff:ff:ff) from hardware (-22)")
	seq := f.rng.IntN(15)
	for range 1 + f.rng.IntN(5) {
		seq = seq%15 + 1
		f.say(3*time.Second, "kernel", fmt.Sprintf("%s: Message 0002000%d (seq %d) timeout", device(card), 1+f.rng.IntN(3), seq))
	}
	f.say(time.Second, "kernel", device(card)+": HW/SW Version: 0x8a108a10, Build Time: 20250721232852a")
	f.say(time.Millisecond, "kernel", device(card)+": WM Firmware Version: ____000000, Build Time: 20250721232943")
	if f.rng.IntN(4) > 0 {
		f.back(card)
	}
}

// back: the connection is there again.
func (f *Faults) back(card int) {
	w := iface(card)
	f.say(f.between(time.Second, 5*time.Second), "kernel", w+": authenticate with 02:00:00:00:02:00")
	f.say(20*time.Millisecond, "kernel", w+": authenticated")
	f.say(20*time.Millisecond, "kernel", w+": associate with 02:00:00:00:02:00 (try 1/3)")
	f.say(20*time.Millisecond, "kernel", w+": associated")
}

// beaconLoss: the AP is gone, sometimes for good.
func (f *Faults) beaconLoss(card int) {
	f.say(f.between(time.Second, 9*time.Second), "kernel", iface(card)+": Connection to AP 02:00:00:00:01:00 lost")
	f.say(f.between(time.Second, 9*time.Second), "kernel", iface(card)+": authentication with 02:00:00:00:01:00 timed out")
	if f.rng.IntN(2) > 0 {
		f.back(card)
	}
}

// both: two cards fail at the same time.
func (f *Faults) both() {
	first := len(f.next)
	f.commandTimeouts(0)
	half := len(f.next)
	f.commandTimeouts(1)
	a, b := append([]said(nil), f.next[first:half]...), append([]said(nil), f.next[half:]...)
	f.next = f.next[:first]
	for len(a) > 0 || len(b) > 0 {
		from := &a
		if len(a) == 0 || len(b) > 0 && f.rng.IntN(2) > 0 {
			from = &b
		}
		f.next = append(f.next, (*from)[0])
		*from = (*from)[1:]
	}
}

// hungTask: what is told two minutes late, of an incident that is finished.
func (f *Faults) hungTask() {
	f.commandTimeouts(0)
	f.say(100*time.Second, "kernel", "INFO: task kworker/u32:1:1234 blocked for more than 122 seconds.")
	f.say(time.Microsecond, "kernel", "      Not tainted 6.18.2 #1")
	f.say(time.Microsecond, "kernel", "task:kworker/u32:1    state:D stack:0     pid:1234  tgid:1234  ppid:2")
	f.say(time.Microsecond, "kernel", "Workqueue: events_unbound cfg80211_wiphy_work [cfg80211]")
	f.say(time.Microsecond, "kernel", "Call Trace:")
	f.say(time.Microsecond, "kernel", " <TASK>")
	f.say(time.Microsecond, "kernel", " mt7925_mcu_set_sta+0x12/0x30 [mt7925_common]")
	f.say(time.Microsecond, "kernel", " </TASK>")
}

// oops: the driver falls over.
func (f *Faults) oops() {
	f.say(time.Second, "kernel", "BUG: kernel NULL pointer dereference, address: 0000000000000010")
	f.say(time.Microsecond, "kernel", "#PF: supervisor read access in kernel mode")
	f.say(time.Microsecond, "kernel", "RIP: 0010:mt7925_mac_link_sta_add+0x4f/0x210 [mt7925_common]")
	f.say(time.Microsecond, "kernel", "Call Trace:")
	f.say(time.Microsecond, "kernel", " <TASK>")
	f.say(time.Microsecond, "kernel", " mt76_sta_state+0x1a0/0x2d0 [mt76]")
	f.say(time.Microsecond, "kernel", " </TASK>")
	f.say(time.Microsecond, "kernel", "---[ end trace 0000000000000000 ]---")
}

// reboot: another boot begins, its monotonic clock at 0.
func (f *Faults) reboot() {
	f.boot++
	f.mono = 0
	f.say(20*time.Second, "kernel", "Linux version 6.18.2 (builder@host) #1 SMP")
	f.say(time.Second, "kernel", "mt7925e 0000:05:00.0: ASIC revision: 79250000")
	f.say(time.Second, "kernel", "mt7925e 0000:05:00.0: HW/SW Version: 0x8a108a10, Build Time: 20250721232852a")
	f.say(time.Millisecond, "kernel", "mt7925e 0000:05:00.0: WM Firmware Version: ____000000, Build Time: 20250721232943")
	f.say(time.Second, "kernel", "mt7925e 0000:05:00.0 wlan0: renamed from wlan9")
	f.back(0)
}
