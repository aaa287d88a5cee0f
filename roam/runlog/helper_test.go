package runlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
)

const testBoot = "0b1c2d3e4f5061728394a5b6c7d8e9f0"

// momentAt is the moment so many seconds after a boot.
func momentAt(s float64) Moment {
	d := time.Duration(s * float64(time.Second))
	return Moment{Wall: time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(d), Monotonic: d, Boot: d + 90*time.Second}
}

// testAP is an AP MLD with links on 5 and 6 GHz.
func testAP(n byte) *AP {
	return &AP{MLD: dot11.Addr{2, 0, 0, 0, n, 0}, SSID: SSID("labnet"), Links: []Link{
		{ID: dot11.Some[uint8](0), BSSID: dot11.Addr{2, 0, 0, 0, n, 1}, Freq: 5180, Signal: dot11.Some(-51)},
		{ID: dot11.Some[uint8](1), BSSID: dot11.Addr{2, 0, 0, 0, n, 2}, Freq: 6115, Signal: dot11.Some(-60)},
	}}
}

// quietCycle is a roam that went well, with all that a cycle can tell then.
func quietCycle(n int) *Cycle {
	from, to := testAP(byte(n%2)), testAP(byte((n+1)%2))
	begin := float64(n) * 2.123456
	c := &Cycle{
		Number: n, Kind: Roam, Load: 1 + n/1000, Boot: testBoot, Begin: momentAt(begin), End: momentAt(begin + 2),
		From: from, To: to, BSSID: to.Links[0].BSSID, At: to, Before: from.Links, Expected: 2, Active: LinkIDs{0, 1},
		Outcome: OK, Outage: 81*time.Millisecond + time.Duration(n%977)*time.Microsecond, Took: 241123456, Origin: Natural,
		Air:   &Air{Signal: -51, TSF: 123456789012 + uint64(n), Busy: 33, StationsAP: 4, Utilization: 61},
		Probe: &Probe{Sent: 100, Answered: 100, Longest: 31234567, RTT50: 2345678, RTT99: 9876543},
	}
	at := 345678 * time.Nanosecond
	for i, s := range Stages() {
		end := at + time.Duration(i+1)*7*time.Millisecond + time.Duration(n%991)*time.Microsecond
		c.Stages = append(c.Stages, StageTime{s, at, end})
		at = end
	}
	return c
}

// badCycle is one with everything that can go wrong.
func badCycle(n int) *Cycle {
	c := quietCycle(n)
	c.Outcome, c.Status, c.Reason, c.Detail = Rejected, 30, 15, "refused: \"come back\"\\ <later> \u2028 ünïcode"
	c.AfterReset, c.Origin, c.Injected, c.Incidents = true, Injected, []string{"stale-bss", "group-key-link"}, []string{"mcu-timeout", "assoc-rejected"}
	c.Stages = c.Stages[:3]
	c.Stages[2].End = 0
	c.At, c.Probe.Stall, c.Probe.Up = nil, "link 1", 1.25e6
	c.From = &AP{SSID: SSID("\x00\xff\"\\ü\n"), Links: []Link{{BSSID: dot11.Addr{2, 1, 1, 1, 1, 1}, Freq: 2412}}}
	return c
}

func beginOf(c *Cycle) *BeginEntry {
	b := &BeginEntry{Number: c.Number, Kind: c.Kind, Load: c.Load, Boot: c.Boot, Begin: c.Begin, BSSID: c.BSSID}
	if c.To != nil {
		b.To = c.To.Addr()
	}
	return b
}

func testPlan() Plan {
	p := Plan{Name: "test", Cycles: 100, Seed: 7, Dwell: Range{time.Second, 5 * time.Second}}
	return p.WithDefaults()
}

func testRunEntry() *RunEntry {
	return &RunEntry{
		Schema: Schema, ID: "20260301-220000-0a1b", Plan: testPlan(), Version: "0.9.0", Started: momentAt(0), Machine: "4711", PID: 812, Boot: testBoot,
	}
}

func testIncident(n int) *IncidentEntry {
	return &IncidentEntry{
		ID: fmt.Sprintf("i%06d", n), Class: "mcu-timeout", Fingerprint: "v1/mt7925/roam/mcu-timeout/sta-rec-update", Severity: "error", Cycle: n, Load: 1,
		Boot: testBoot, At: momentAt(float64(n)), Origin: Natural, Incident: json.RawMessage(`{"id":"i","title":"a, \"incident\": of <text>","events":[1,2]}`),
	}
}

func testRecord(text string) *RecordEntry {
	return &RecordEntry{Cycle: 3, Record: journal.Record{
		Time: journal.Time{
			Wall: time.Date(2026, 3, 1, 22, 0, 1, 123456000, time.UTC), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone,
			Precision: time.Microsecond, Mono: 4711 * time.Millisecond, HasMono: true,
		},
		Boot: testBoot, Host: "box", Identifier: "kernel", PID: 3, Priority: 3, Transport: journal.TransportKernel, Device: "+pci:0000:c0:00.0",
		Message: text, Count: 1, Cursor: "s=1;i=2", Origin: journal.Origin{File: "-", Line: 7, Lines: 1, Offset: 99}, Raw: "<3>\xff" + text,
	}}
}

// everyEntry is at least one entry of each type, in the order of a run.
func everyEntry() []Entry {
	env := Environment{{KeyKernel, "6.18.2"}, {"zz-own", "a<b"}, {KeyChip, "14c3:7925"}}
	tick := &RecordEntry{Tick: true, Record: journal.Record{
		Time: journal.Time{Mono: time.Minute, HasMono: true}, Boot: testBoot, Priority: journal.PriorityUnknown,
	}}
	plain := testRecord("wlan0: associated")
	plain.Record.Raw = "plain"
	return []Entry{
		testRunEntry(), &EnvironmentEntry{At: momentAt(1), Boot: testBoot, Load: 1, Environment: env},
		beginOf(quietCycle(1)), quietCycle(1), beginOf(badCycle(2)), testRecord("Message 00020002 (seq 12) timeout"), plain, tick,
		testIncident(2), badCycle(2), &Cycle{Number: 3, Kind: Suspend, Outcome: Skipped, Origin: Natural, Begin: momentAt(9), End: momentAt(9)},
		&NoteEntry{At: momentAt(10), Cycle: 3, Text: "the interface has gone"},
		&PauseEntry{At: momentAt(10), Boot: testBoot, PID: 812, Load: 1, Why: "the interface has gone"},
		&ResumeEntry{At: momentAt(12), Boot: testBoot, PID: 900, Load: 2, Why: "it is back"},
		&EndEntry{At: momentAt(13), Reason: "cycles", Totals: Totals{Cycles: 3, Bad: 1, Incidents: 1, Loads: 2, Driven: 9 * time.Second, Outcomes: map[Outcome]int{OK: 1}}},
	}
}

// encoded is a run file of entries.
func encoded(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := newEncoder()
	for i, e := range entries {
		line, err := enc.encode(uint64(i+1), e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
	}
	return b.Bytes()
}

// quietRun is a run file of so many quiet cycles, and an incident in each
// hundredth of them.
func quietRun(t testing.TB, cycles int) []byte {
	t.Helper()
	var b bytes.Buffer
	enc, seq := newEncoder(), uint64(0)
	add := func(e Entry) {
		seq++
		line, err := enc.encode(seq, e)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(line)
	}
	add(testRunEntry())
	for n := 1; n <= cycles; n++ {
		c := quietCycle(n)
		add(beginOf(c))
		if n%100 == 0 {
			c.Outcome, c.Incidents = Incident, []string{"mcu-timeout"}
			add(testIncident(n))
		}
		add(c)
	}
	return b.Bytes()
}

// scanLine is scanCycle of a whole line.
func scanLine(line []byte) (row, bool) {
	f, err := readFrame(line)
	if err != nil {
		return row{}, false
	}
	var r row
	ok := scanCycle(line, f.rest, &r)
	return r, ok
}
