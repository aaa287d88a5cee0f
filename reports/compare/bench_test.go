package compare

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"roamfault/roam/runlog"
)

// million adds a run of a million cycles with 10,000 incidents in 1,000 loads.
func million(a *Arm, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0))
	run := a.Run(RunInfo{ID: "run"})
	classes := []string{"mcu-timeout", "key-remove-failed", "auth-timeout", "firmware-reload", "deauth-by-ap"}
	stages := make([]runlog.StageTime, 0, 7)
	var load *Load
	for i := range 1_000_000 {
		if i%1000 == 0 {
			load = run.Load(LoadInfo{Number: i / 1000, Hours: 1})
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
