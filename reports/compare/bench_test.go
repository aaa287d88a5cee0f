package compare

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// million adds a run of a million cycles with 10,000 incidents in 1,000 loads.
func million(a *Arm, seed uint64) { driveMillion(a, seed, 1000) }

// driveMillion has so many cycles in a load. The loads of the arms took turns.
func driveMillion(a *Arm, seed uint64, perLoad int) {
	random := rand.New(rand.NewPCG(seed, 0))
	info := RunInfo{ID: fmt.Sprint("run", seed)}
	for i := range 40 {
		info.Classes = append(info.Classes, fmt.Sprintf("quiet-%d:k", i))
	}
	run := a.Run(info)
	classes := []string{"quiet-1", "quiet-2", "quiet-3", "quiet-4", "quiet-5"}
	stages := make([]runlog.StageTime, 0, 7)
	var load *Load
	for i := range 1_000_000 {
		if n := i / perLoad; i%perLoad == 0 {
			load = run.Load(LoadInfo{Number: n, Hours: 1, Began: time.Unix(int64(n*4+int(seed)+1), 0)})
		}
		v := random.Uint64()
		c := Cycle{Outcome: runlog.OK, Origin: runlog.Natural, Timeout: 10 * time.Second, Took: time.Duration(150_000_000 + v%100_000_000)}
		c.Outage = c.Took - 50*time.Millisecond
		stages = stages[:0]
		for s, name := range runlog.Stages() {
			stages = append(stages, runlog.StageTime{Stage: name, Begin: time.Duration(s) * 20 * time.Millisecond, End: time.Duration(s+1)*20*time.Millisecond + time.Duration(v>>40)})
		}
		c.Stages = stages
		if v%100 == 0 {
			c.Outcome = runlog.Incident
			c.Classes = classes[v/100%5:][:1]
			load.Incident(c.Classes[0], runlog.Natural)
		}
		load.Cycle(&c)
	}
}

// The whole: two runs of a million cycles taken in, and compared.
func BenchmarkTwoMillionCycles(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x, y := NewArm("a"), NewArm("b")
		million(x, 1)
		million(y, 2)
		if _, err := Compare(x, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The comparison alone.
func BenchmarkCompareTwoMillionCycles(b *testing.B) {
	x, y := NewArm("a"), NewArm("b")
	million(x, 1)
	million(y, 2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compare(x, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// The comparison alone, of 25 cycles a load.
func BenchmarkCompareManyLoads(b *testing.B) {
	x, y := NewArm("a"), NewArm("b")
	driveMillion(x, 1, 25)
	driveMillion(y, 2, 25)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compare(x, y, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// Two run files of 50,000 cycles each, read, taken in and compared: all that the
// command does. A million cycles take twenty times as long.
func BenchmarkRunFiles(b *testing.B) {
	const cycles = 50_000
	dir := b.TempDir()
	for _, name := range []string{"a", "b"} {
		writeRun(b, filepath.Join(dir, name), cycles)
	}
	b.ReportAllocs()
	for b.Loop() {
		var arms []*Arm
		for _, name := range []string{"a", "b"} {
			f, err := os.Open(filepath.Join(dir, name))
			if err != nil {
				b.Fatal(err)
			}
			run, stats, err := runlog.Load(context.Background(), f)
			f.Close()
			if err != nil || run.Cycles.Len() != cycles {
				b.Fatal(run.Cycles.Len(), err)
			}
			arm := NewArm(name)
			arm.Run(InfoOf(run, stats)).Take(run)
			arms = append(arms, arm)
		}
		if _, err := Compare(arms[0], arms[1], Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*cycles), "ns/cycle")
}

// buffered is a run file that is synced in the end only.
type buffered struct {
	*bufio.Writer
	f *os.File
}

func (buffered) Sync() error    { return nil }
func (w buffered) Close() error { return errors.Join(w.Flush(), w.f.Close()) }

func writeRun(b *testing.B, path string, cycles int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := runlog.NewWriter(buffered{bufio.NewWriter(f), f}, 0)
	add := func(e runlog.Entry) {
		if err := w.Append(e); err != nil {
			b.Fatal(err)
		}
	}
	add(&runlog.RunEntry{Schema: runlog.Schema, ID: filepath.Base(path), Boot: "boot", Plan: runlog.Plan{Cycles: cycles}.WithDefaults()})
	at := func(ms int) runlog.Moment {
		d := time.Duration(ms) * time.Millisecond
		return runlog.Moment{Wall: time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC).Add(d), Monotonic: d, Boot: d}
	}
	var aps [2]*runlog.AP
	for n := range aps {
		aps[n] = &runlog.AP{MLD: dot11.Addr{2, 0, byte(n)}, SSID: runlog.SSID("labnet"), Links: []runlog.Link{
			{ID: dot11.Some[uint8](0), BSSID: dot11.Addr{2, 0, byte(n), 1}, Freq: 5180, Signal: dot11.Some(-51)}, {ID: dot11.Some[uint8](1), BSSID: dot11.Addr{2, 0, byte(n), 2}, Freq: 6115, Signal: dot11.Some(-60)},
		}}
	}
	for n := 1; n <= cycles; n++ {
		c := &runlog.Cycle{
			Number: n, Kind: runlog.Roam, Load: 1 + n/1000, Boot: "boot", Begin: at(2000 * n), End: at(2000*n + 1000), From: aps[n%2], To: aps[1-n%2], At: aps[1-n%2], Before: aps[n%2].Links,
			BSSID: aps[1-n%2].Links[0].BSSID, Expected: 2, Outcome: runlog.OK, Origin: runlog.Natural, Outage: 81*time.Millisecond + time.Duration(n%977)*time.Microsecond, Took: 241*time.Millisecond + time.Duration(n%991)*time.Microsecond,
			Air: &runlog.Air{Signal: -51, TSF: 1e9 + uint64(n)*2e6, Busy: 33, Utilization: 61},
		}
		for i, s := range runlog.Stages() {
			c.Stages = append(c.Stages, runlog.StageTime{Stage: s, Begin: time.Duration(i) * 20 * time.Millisecond, End: time.Duration(i+1)*20*time.Millisecond + time.Duration(n%911)*time.Microsecond})
		}
		add(&runlog.BeginEntry{Number: n, Kind: c.Kind, Load: c.Load, Boot: c.Boot, Begin: c.Begin, To: c.To.MLD, BSSID: c.BSSID})
		if n%100 == 0 {
			c.Outcome, c.Incidents = runlog.Incident, []string{"mcu-timeout"}
			add(&runlog.IncidentEntry{ID: fmt.Sprint(n), Class: "mcu-timeout", Severity: "error", Cycle: n, Load: c.Load, Boot: c.Boot, Origin: runlog.Natural})
		}
		add(c)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}

// What two arms of a million cycles each hold, with all that comparing them
// allocates, stays far below 64 MiB.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	x, y := NewArm("a"), NewArm("b")
	million(x, 1)
	million(y, 2)
	if _, err := Compare(x, y, Options{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 256<<20 {
		t.Errorf("%d MiB allocated in all", got>>20)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc) - int64(before.HeapAlloc); got > 32<<20 {
		t.Errorf("%d MiB held", got>>20)
	}
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}
