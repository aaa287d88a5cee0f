package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// world makes runs up.
type world struct {
	random *rand.Rand
	rate   float64 // of cycles that fail
	icc    float64 // correlation of two cycles of a load
	drift  float64 // what a load's place in time adds to its rate
}

// cycle is one of the world's cycles.
func (w *world) cycle(c *Cycle, rate float64) {
	*c = Cycle{Outcome: runlog.OK, Origin: runlog.Natural, Timeout: 10 * time.Second}
	if w.random.Float64() < rate {
		c.Outcome = runlog.Timeout
	}
}

// load adds a load of so many cycles to a run, as its when-th in time.
func (w *world) load(r *Run, cycles, when int) {
	l := r.Load(LoadInfo{Boot: "boot", Number: when})
	rate := w.rate + w.drift*float64(when)
	// A share of the cycles has the load's own state: with its square root both of
	// two cycles have.
	own, state := math.Sqrt(w.icc), 0.0
	if w.random.Float64() < rate {
		state = 1
	}
	var c Cycle
	for range cycles {
		if own > 0 && w.random.Float64() < own {
			w.cycle(&c, state)
		} else {
			w.cycle(&c, rate)
		}
		l.Cycle(&c)
	}
}

func environment(kernel string, more ...runlog.Setting) runlog.Environment {
	return append(runlog.Environment{
		{Key: runlog.KeyKernel, Value: kernel}, {Key: runlog.KeyDriver, Value: "mt7925e"},
		{Key: runlog.KeyFirmware, Value: "20250721"}, {Key: runlog.KeyPatterns, Value: "7"},
	}, more...)
}

// pair are two arms that differ as a bad patch would make them: mcu-timeouts
// have become frequent, roams slower, and machines crash.
func pair() (a, b *Arm) {
	a, b = NewArm("6.12.9"), NewArm("7.1-rc3")
	fill(a, environment("6.12.9"), 1, 0.01)
	fill(b, environment("7.1-rc3", runlog.Setting{Key: runlog.KeyAPFirmware, Value: "2.4.1"}), 2, 0.08)
	return a, b
}

func fill(arm *Arm, env runlog.Environment, seed uint64, rate float64) {
	random := rand.New(rand.NewPCG(seed, 0))
	run := arm.Run(RunInfo{ID: fmt.Sprintf("2026-01-0%d-roam", seed), Environment: env, Plan: runlog.Plan{Order: runlog.PingPong}})
	ap := dot11.Addr{2, 0, 0, 0, 0, byte(seed)}
	for n := range 8 {
		l := run.Load(LoadInfo{Boot: fmt.Sprint("boot-", n/4), Number: n + 1, Hours: 0.5})
		for i := range 50 {
			took := time.Duration(150+100*random.Float64()+20*float64(seed)) * time.Millisecond
			c := Cycle{
				Outcome: runlog.OK, Origin: runlog.Natural, AfterReset: i == 0 && n > 0, Timeout: 10 * time.Second, Took: took, Outage: took - 90*time.Millisecond,
				Stages: []runlog.StageTime{{Stage: runlog.StageRequest, Begin: 0, End: 5 * time.Millisecond}, {Stage: runlog.StageAuth, Begin: 10 * time.Millisecond, End: took / 2}},
				AP:     ap, Air: &runlog.Air{Signal: -50 - 7*int(seed), Busy: 20, TSF: uint64(n*50+i+1) * 1000},
			}
			switch v := random.Float64(); {
			case v < rate:
				c.Outcome, c.Took, c.Outage, c.Classes = runlog.Timeout, 10*time.Second, 0, []string{"mcu-timeout"}
				c.Stages[1].End = 0
				l.Incident("mcu-timeout", runlog.Natural)
			case v < rate+0.02:
				c.Outcome, c.Classes = runlog.Incident, []string{"key-remove-failed"}
				l.Incident("key-remove-failed", runlog.Natural)
			case v > 0.998 && seed == 2:
				c.Outcome = runlog.Crashed
			}
			if i%25 == 24 {
				c.Origin, c.Outcome, c.Classes = runlog.Injected, runlog.Timeout, []string{"bss-fetch-failed"}
				l.Incident("bss-fetch-failed", runlog.Injected)
			}
			l.Cycle(&c)
		}
	}
}

// same are two runs in which the same happened.
func same() (a, b *Arm) {
	a, _ = pair()
	b, _ = pair()
	b.runs[0].info.ID = "2026-01-03-roam"
	return a, b
}

// turns are the arms of pair whose loads took turns, with what they could tell, and a
// crash between two cycles.
func turns() (a, b *Arm) {
	a, b = pair()
	a.runs[0].info.Classes = []string{"bss-fetch-failed:s", "key-remove-failed:k", "mcu-timeout:k", "kernel-warning:k"}
	b.runs[0].info.Classes = []string{"bss-fetch-failed:s", "key-remove-failed:ks", "mcu-timeout:k", "kernel-warning:k", "data-stall:p"}
	hour := func(n int) time.Time { return time.Date(2026, 1, 1, n, 0, 0, 0, time.UTC) }
	for n := range a.loads {
		first, second := hour(2*n), hour(2*n+1)
		if n%2 == 1 {
			first, second = second, first
		}
		a.loads[n].info.Began, b.loads[n].info.Began = first, second
	}
	b.loads[3].Crash(runlog.Natural, []string{"kernel-warning"})
	b.loads[3].Incident("kernel-warning", runlog.Natural)
	return a, b
}

// reread are the arms of pair, read with different patterns.
func reread() (a, b *Arm) {
	a, b = pair()
	b.runs[0].info.Environment.Set(runlog.KeyPatterns, "8")
	a.runs[0].info.Unsaid = true
	return a, b
}

// poisoned are arms whose every text wants to be something else.
func poisoned() (a, b *Arm) {
	const evil = "x\x1b[31m|`a`\n# not ok 1\u202e <script>&\"'\\ @you #1 ]]>"
	for i, arm := range []**Arm{&a, &b} {
		*arm = NewArm(evil)
		r := (*arm).Run(RunInfo{
			ID: fmt.Sprint(evil, i), Early: evil, Damage: []string{evil, "\xff\x00"},
			Environment: runlog.Environment{{Key: runlog.KeyKernel, Value: fmt.Sprint(evil, i)}, {Key: runlog.Key(evil), Value: fmt.Sprint(evil, i)}},
		})
		for n := range 5 {
			l := r.Load(LoadInfo{Hours: 1})
			for k := range 20 {
				c := Cycle{Outcome: runlog.OK, Origin: runlog.Natural}
				if k%7 == n%3 {
					c.Outcome, c.Classes = runlog.Outcome(evil), []string{evil, "a,b"}
					l.Incident(evil, runlog.Natural)
				}
				l.Cycle(&c)
			}
		}
	}
	return a, b
}
