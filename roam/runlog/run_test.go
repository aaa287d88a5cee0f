package runlog

import (
	"bytes"
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
)

func TestLoad(t *testing.T) {
	later := testIncident(2)
	later.Rev, later.Class = 1, "hung-task"
	entries := append(everyEntry()[:14], later, testIncident(2), beginOf(quietCycle(4)))
	run, stats, err := Load(context.Background(), bytes.NewReader(encoded(t, entries...)))
	if err != nil || !stats.Clean() {
		t.Fatal(stats.Problems(), err)
	}
	if diff := cmp.Diff(*testRunEntry(), run.Head); diff != "" {
		t.Errorf("head (-want +got):\n%s", diff)
	}
	var got []Brief
	for _, b := range run.Cycles.All() {
		got = append(got, b)
	}
	ms := func(f float64) time.Duration { return time.Duration(f * float64(time.Millisecond)) }
	first := momentAt(2.123456).Boot
	want := []Brief{
		{
			Number: 1, Load: 1, Boot: testBoot, Begin: first, Took: 241124 * time.Microsecond, Outage: 81001 * time.Microsecond,
			Stages: [StageCount]time.Duration{ms(7), ms(14), ms(20.992), ms(28), ms(34.976), ms(41.984), ms(48.992)},
			Kind:   Roam, Outcome: OK, From: 0, To: 1, At: 1, Links: 2, Signal: -51, Busy: 33, Utilization: 61, TSF: 123456 * microseconds, Open: -1,
		},
		{
			Number: 2, Load: 1, Boot: testBoot, Begin: first + 2123*time.Millisecond, Took: 241124 * time.Microsecond, Outage: 81002 * time.Microsecond,
			Stages: [StageCount]time.Duration{ms(7), ms(14)},
			Kind:   Roam, Outcome: Rejected, From: 2, To: 0, At: -1, Signal: -51, Busy: 33, Utilization: 61, TSF: 123456 * microseconds, AfterReset: true, Injected: true, Stalled: true,
			Open: 2, OpenFrom: ms(21.344),
		},
		{Number: 3, Begin: 99 * time.Second, Kind: Suspend, Outcome: Skipped, From: -1, To: -1, At: -1, Open: -1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cycles (-want +got):\n%s", diff)
	}
	aps := []dot11.Addr{quietCycle(1).From.MLD, quietCycle(1).To.MLD, badCycle(2).From.Addr()}
	for _, place := range []struct{ got, want dot11.Addr }{
		{run.APs[got[0].From], aps[0]}, {run.APs[got[0].To], aps[1]}, {run.APs[got[1].From], aps[2]}, {run.APs[got[1].To], badCycle(2).To.MLD},
	} {
		if place.got != place.want {
			t.Errorf("from or to %v, want %v", place.got, place.want)
		}
	}
	if first, third := run.Cycles.At(0).Boot, run.Cycles.At(2).Boot; first != testBoot || third != "" {
		t.Errorf("boots %q and %q", first, third)
	}
	inc := *later
	inc.Incident = nil
	if diff := cmp.Diff([]IncidentEntry{inc}, run.Incidents); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(beginOf(quietCycle(4)), run.Interrupted); diff != "" || !run.Open() {
		t.Errorf("open %t, interrupted (-want +got):\n%s", run.Open(), diff)
	}
	if pid, boot := run.Owner(); pid != 900 || boot != testBoot {
		t.Errorf("owner %d in %s", pid, boot)
	}
	if v, _ := run.Environment().Get(KeyKernel); v != "6.18.2" || len(run.Notes) != 1 || len(run.Pauses) != 1 {
		t.Errorf("kernel %q, %d notes, %d pauses", v, len(run.Notes), len(run.Pauses))
	}
}

// A cycle counts once, by its number.
func TestCycleTwice(t *testing.T) {
	run, _, err := Load(context.Background(), bytes.NewReader(encoded(t, testRunEntry(), quietCycle(1), quietCycle(2), quietCycle(2), quietCycle(5), quietCycle(4), quietCycle(4))))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, b := range run.Cycles.All() {
		got = append(got, b.Number)
	}
	if diff := cmp.Diff([]int{1, 2, 5, 4}, got); diff != "" || run.Repeated != 2 {
		t.Errorf("%d repeated (-want +got):\n%s", run.Repeated, diff)
	}
}

// Cycles over many chunks and boots are as they were.
func TestColumns(t *testing.T) {
	const n = 2*chunkCycles + 100
	var c Cycles
	boots := []string{"a", "b", "a"}
	for i := range n {
		q := quietCycle(i + 1)
		q.Boot, q.Kind = boots[i/(chunkCycles-7)], Kinds()[i%len(Kinds())].Kind
		q.Begin.Boot = time.Duration(i) * time.Second
		switch i % 5 {
		case 0:
			q.Stages = nil
		case 1:
			q.Stages[6].End = 0
		}
		q.Air.TSF, q.Air.Utilization = uint64(i)*1_500_000, i%256
		r := rowOf(q)
		c.add(&r, uint16(i%3), uint16(i%4), uint16(i%5))
	}
	for i, b := range c.All() {
		if b.Number != i+1 || b.From != i%3-1 || b.To != i%4-1 || b.At != i%5-1 || b.Kind != Kinds()[i%len(Kinds())].Kind || (b.Stages[3] == 0) != (i%5 == 0) ||
			b.TSF != uint64(i)*1_500_000/microseconds*microseconds || b.Utilization != i%256 || (b.Open == 6) != (i%5 == 1) || (b.Open == -1) != (i%5 != 1) ||
			(b.OpenFrom > 0) != (b.Open >= 0) || b.Begin != time.Duration(i)*time.Second || b.Boot != boots[i/(chunkCycles-7)] || c.stretch(i).boot != boots[i/(chunkCycles-7)] {
			t.Fatalf("in place %d: %+v in boot %s", i, b, c.stretch(i).boot)
		}
	}
	if c.Len() != n {
		t.Errorf("%d cycles", c.Len())
	}
}

// A rough time is off by less than a part in 1000, and never more than the time.
func TestRoughTime(t *testing.T) {
	for _, us := range []uint32{0, 1, 2, 2047, 2048, 2049, 4095, 4097, 99_999, 1 << 20, 1<<20 - 1, 3_600_000_000, math.MaxUint32} {
		exact := shortTime(us).duration()
		got := rough(shortTime(us)).duration()
		if got > exact || exact-got > exact/1000 || us < 2048 && got != exact {
			t.Errorf("%v: %v", exact, got)
		}
	}
}

// Times that are too long for a column, and words that are too many, are told as
// such and never as something else.
func TestColumnBounds(t *testing.T) {
	var c Cycles
	for i := range 300 {
		q := quietCycle(i + 1)
		q.Kind, q.Took, q.Air.Signal, q.Air.Busy, q.Air.Utilization, q.Air.TSF = Kind(time.Duration(i).String()), 400*time.Hour, -500, 300, 900, math.MaxUint64
		r := rowOf(q)
		c.add(&r, 0, 0, 0)
	}
	if b := c.At(0); b.Kind != "0s" || b.Took != 4294967295*time.Microsecond || b.Signal != -128 || b.Busy != 255 || b.Utilization != 255 || b.TSF != math.MaxUint32*microseconds {
		t.Errorf("%+v", b)
	}
	if b := c.At(299); b.Kind != otherWord {
		t.Errorf("kind %q", b.Kind)
	}
}
