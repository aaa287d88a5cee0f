package roam

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/roam/runlog"
)

func plan(cycles int, kinds ...runlog.Kind) runlog.Plan {
	p := runlog.Plan{
		Cycles: cycles, Order: runlog.PingPong, Seed: 1, Link: runlog.BestLink, Dwell: runlog.Range{Min: time.Second, Max: time.Second},
		Settle: runlog.Duration(5 * time.Second), Timeout: runlog.Duration(15 * time.Second),
	}
	if len(kinds) == 0 {
		kinds = []runlog.Kind{runlog.Roam}
	}
	for _, k := range kinds {
		p.Kinds = append(p.Kinds, runlog.Weighted{Kind: k, Weight: 1})
	}
	return p
}

// config is a run in a world that is connected to its first access point.
func config(w *world, p runlog.Plan) (Config, *kept) {
	w.settle(w.aps[0], w.aps[0].Links)
	k := &kept{}
	return Config{Plan: p, Interface: "wlan0", Boot: "b", Station: w, Kernel: w, Events: w.kernel, Clock: w, Record: k, Patience: time.Minute}, k
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		via    string
		next   func(*world, Target)
		want   runlog.Outcome
		detail string
		after  runlog.Outcome // of the next cycle, which is undisturbed
	}{
		{"good", "ctrl", (*world).succeed, runlog.OK, "", runlog.OK},
		{"a link less", "ctrl", missing, runlog.MissingLinks, "1 of 2 links", runlog.OK},
		{"somewhere else", "ctrl", elsewhere, runlog.WrongAP, "connected to 02:00:00:00:01:ff", runlog.OK},
		{"refused, then back", "ctrl", refuses(37), runlog.Rejected, "rejected with 37; connected to 02:00:00:00:01:ff", runlog.OK},
		{"refused, nobody tries again", "nl80211", refuses(37), runlog.Rejected, "rejected with 37", runlog.OK},
		{"silence", "ctrl", silent, runlog.Timeout, "nobody answers authentication", runlog.OK},
		{"silence, nobody tries again", "nl80211", silent, runlog.Timeout, "nobody answers authentication", runlog.OK},
		{"lost in the dwell", "ctrl", drops(300*time.Millisecond, 6), runlog.Lost, "", runlog.OK},
		{"lost without a word of the access point", "ctrl", fades(300 * time.Millisecond), runlog.Lost, "", runlog.OK},
		{"the kernel alone tells", "ctrl", mute, runlog.OK, "", runlog.OK},
		{"the supplicant dies", "ctrl", dies(10 * time.Second), runlog.Lost, "the station is gone", runlog.OK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.via = tt.via
				w.next = []func(*world, Target){tt.next}
				c, k := config(w, plan(2))
				if _, err := Run(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if got := k.outcomes(); len(got) != 2 || got[0] != tt.want || got[1] != tt.after {
					t.Fatalf("outcomes %v, want %s and %s; %+v, notes %q", got, tt.want, tt.after, k.cycles, k.notes)
				}
				if tt.detail != "" && k.cycles[0].Detail != tt.detail {
					t.Errorf("detail %q, want %q", k.cycles[0].Detail, tt.detail)
				}
			})
		})
	}
}

// A good roam's record has all there is to know of it.
func TestCycle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(3))
		r, err := Run(t.Context(), c)
		if err != nil || r.Why != "3 cycles" || r.Cycles != 3 || r.Outcomes[runlog.OK] != 3 {
			t.Fatalf("%+v, error %v", r, err)
		}
		first := k.cycles[0]
		if first.From.Addr() != w.aps[0].MLD || first.To.Addr() != w.aps[1].MLD || first.At.Addr() != w.aps[1].MLD || len(first.At.Links) != 2 || first.Expected != 2 {
			t.Errorf("cycle %+v", first)
		}
		var stages []runlog.Stage
		last := time.Duration(0)
		for _, s := range first.Stages {
			stages = append(stages, s.Stage)
			if s.End < s.Begin || s.Begin < 0 || s.End < last {
				t.Errorf("stage %+v", s)
			}
			last = s.End
		}
		if want := []runlog.Stage{runlog.StageRequest, runlog.StageAuth, runlog.StageAssoc, runlog.StageHandshake, runlog.StagePort}; !slices.Equal(stages, want) {
			t.Errorf("stages %v, want %v", stages, want)
		}
		if first.Took != 30*time.Millisecond || first.Outage != 30*time.Millisecond {
			t.Errorf("took %v, outage %v", first.Took, first.Outage)
		}
		if k.cycles[1].From.Addr() != w.aps[1].MLD || k.cycles[1].To.Addr() != w.aps[0].MLD {
			t.Errorf("the second goes from %v to %v", k.cycles[1].From, k.cycles[1].To)
		}
		// After three roams it goes back to where it was.
		if w.at.Addr() != w.aps[0].MLD {
			t.Errorf("ended at %v", w.at)
		}
	})
}

func TestKinds(t *testing.T) {
	for kind, want := range map[runlog.Kind]string{
		runlog.Reconnect:         "roam 02:00:00:00:01:00",
		runlog.DisconnectConnect: "disconnect, connect 02:00:00:00:02:00",
		runlog.RemainRoam:        "remain on 2412, roam 02:00:00:00:02:00",
		runlog.ScanRoam:          "roam 02:00:00:00:02:00",
		runlog.StaleRoam:         "roam 02:00:00:00:02:00",
		runlog.PairwiseRoam:      "disturb, roam 02:00:00:00:02:00, undo",
		runlog.PowerSave:         "disturb, roam 02:00:00:00:02:00, undo",
		runlog.InterfaceDown:     "roam 02:00:00:00:02:00, disturb, undo",
		runlog.LinkSwitch:        "disturb, undo",
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				c, k := config(w, plan(1, kind))
				c.Disturb = map[runlog.Kind]Disturbance{kind: func(context.Context, *Target) (func(context.Context) error, error) {
					w.requests = append(w.requests, "disturb")
					return func(context.Context) error {
						w.requests = append(w.requests, "undo")
						return nil
					}, nil
				}}
				began := time.Now()
				if _, err := Run(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if got := k.outcomes(); len(got) != 1 || got[0] != runlog.OK {
					t.Errorf("%+v", k.cycles)
				}
				// The way back to the first access point is the run's last.
				asked := strings.TrimSuffix(strings.Join(w.requests, ", "), ", roam 02:00:00:00:01:00")
				if kind == runlog.Reconnect {
					asked = w.requests[0]
				}
				if asked != want {
					t.Errorf("asked for %s, want %s", asked, want)
				}
				if took := time.Since(began); kind == runlog.StaleRoam && took < 40*time.Second {
					t.Errorf("a stale roam after %v", took)
				}
			})
		})
	}
}

// Kinds that cannot be made are left out of a mix, and that is kept.
func TestKindsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(4, runlog.Suspend, runlog.Roam, runlog.PairwiseRoam))
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []runlog.Kind{runlog.Suspend, runlog.PairwiseRoam} {
			if !k.said("cycles of the kind " + string(kind) + " are left out: they cannot be made here") {
				t.Errorf("%s: %q", kind, k.notes)
			}
		}
		for _, c := range k.cycles {
			if c.Kind != runlog.Roam {
				t.Errorf("cycle %d is of the kind %s", c.Number, c.Kind)
			}
		}
		if len(c.Plan.Kinds) != 3 {
			t.Errorf("the caller's plan was changed: %v", c.Plan.Kinds)
		}
	})
}

func TestPlanThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, _ := config(w, plan(1, runlog.Suspend))
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "suspend") {
			t.Errorf("error %v", err)
		}
		c, _ = config(w, plan(1))
		c.Plan.Inject = []runlog.Injection{{Fault: runlog.ChipReset, Every: 1}}
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "chip-reset") {
			t.Errorf("error %v", err)
		}
		one := newWorld(worldAP(1, 5180))
		c, _ = config(one, plan(1))
		if _, err := Run(t.Context(), c); !errors.Is(err, ErrTargets) || !strings.Contains(err.Error(), "02:00:00:00:01:ff") {
			t.Errorf("error %v", err)
		}
	})
}

// A target that is heard no longer is looked for and then left out.
func TestUnheard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(2))
		c.Enough = func(*runlog.Cycle) string {
			for _, l := range w.aps[0].Links {
				w.unheard[l.BSSID] = true
			}
			return ""
		}
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := k.outcomes(); !slices.Equal(got, []runlog.Outcome{runlog.OK, runlog.Skipped}) || k.cycles[1].Detail != "02:00:00:00:01:00 is not heard" {
			t.Errorf("%+v", k.cycles)
		}
	})
}

func TestStops(t *testing.T) {
	opened := &incident.Event{Class: patterns.MCUTimeout}
	for _, tt := range []struct {
		name string
		stop runlog.Stop
		fail bool
		want string
	}{
		{"fatal", runlog.Stop{Fatal: true}, false, "a fatal incident"},
		{"incidents", runlog.Stop{Incidents: 2}, false, "2 incidents"},
		{"failures", runlog.Stop{Failures: 3}, true, "3 cycles in a row failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				c, k := config(w, plan(100))
				c.Plan.Stop = tt.stop
				notices := make(chan Notice, 10)
				c.Notices = notices
				n := 0
				c.Show = func(s Snapshot) {
					if tt.fail {
						w.next = []func(*world, Target){missing}
						return
					}
					if n++; s.Doing == "stay" && s.Last == nil {
						at := w.Now().Monotonic
						notices <- Notice{Opened: opened, At: at}
						if s.Cycle == 3 {
							notices <- Notice{Fatal: true, At: at}
						}
					}
				}
				r, err := Run(t.Context(), c)
				if err != nil || r.Why != tt.want {
					t.Errorf("%+v, error %v, want %s", r, err, tt.want)
				}
				if tt.name == "fatal" && (r.Cycles != 3 || r.Fatal != 1 || r.Classes["mcu-timeout"] != 3 || k.cycles[0].Outcome != runlog.Incident) {
					t.Errorf("%+v, cycles %+v", r, k.cycles)
				}
			})
		})
	}
}

// A firmware that was loaded anew is another load, and gets its time.
func TestLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(4))
		notices := make(chan Notice, 10)
		c.Notices = notices
		told := false
		c.Show = func(s Snapshot) {
			if s.Cycle == 2 && s.Doing == "stay" && !told {
				told = true
				notices <- Notice{Firmware: true, At: w.Now().Monotonic}
				notices <- Notice{Firmware: true, At: w.Now().Monotonic + time.Second}
			}
		}
		r, err := Run(t.Context(), c)
		if err != nil || r.Loads != 2 {
			t.Fatalf("%+v, error %v", r, err)
		}
		for i, want := range []int{1, 1, 2, 2} {
			if k.cycles[i].Load != want {
				t.Errorf("cycle %d is of load %d, want %d", i+1, k.cycles[i].Load, want)
			}
		}
		if wait := k.cycles[2].Begin.Monotonic - k.cycles[1].End.Monotonic; wait < 4*time.Second {
			t.Errorf("the chip had %v to settle", wait)
		}
	})
}

// What ends a run for good says why: no return of the interface, a disk that is
// full.
func TestTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.next = []func(*world, Target){dies(time.Hour)}
		c, k := config(w, plan(5))
		_, err := Run(t.Context(), c)
		if !errors.Is(err, ErrGone) || !strings.Contains(err.Error(), "waited 1m0s") || !k.said("paused: the station is gone") {
			t.Errorf("error %v, notes %q", err, k.notes)
		}
		time.Sleep(2 * time.Hour)
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(5))
		k.fail = 2
		if r, err := Run(t.Context(), c); !errors.Is(err, errFull) || r.Cycles != 2 {
			t.Errorf("%+v, error %v", r, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, _ := config(w, plan(0))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if r, err := Run(ctx, c); err != nil || r.Why != "interrupted" || w.at.Addr() != w.aps[0].MLD {
			t.Errorf("%+v, error %v, at %v", r, err, w.at)
		}
	})
}

// A fault is put in between authentication and association, and its cycles are
// told from others.
func TestInject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(3))
		c.Plan.Inject = []runlog.Injection{{Fault: runlog.StaleBSS, Every: 2}}
		var at []string
		c.Inject = map[runlog.Injector]Injection{runlog.StaleBSS: {When: runlog.StageAssoc, Do: func(context.Context, *Target) (string, error) {
			at = append(at, strings.Join(w.requests, ", "))
			return "flushed", nil
		}}}
		if _, err := Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if len(at) != 1 || !strings.HasSuffix(at[0], "roam 02:00:00:00:01:00") || !k.said("fault stale-bss: flushed") {
			t.Errorf("put in at %q, notes %q", at, k.notes)
		}
		for i, want := range []runlog.Origin{runlog.Natural, runlog.Injected, runlog.Natural} {
			if k.cycles[i].Origin != want {
				t.Errorf("cycle %d is %s", i+1, k.cycles[i].Origin)
			}
		}
	})
}

// A hundred thousand cycles take no more memory than a thousand.
func TestFlatMemory(t *testing.T) {
	const warm, cycles = 1000, 100_000
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(cycles))
		var before runtime.MemStats
		c.Enough = func(last *runlog.Cycle) string {
			k.cycles, k.began, w.requests = k.cycles[:0], k.began[:0], w.requests[:0]
			if last.Number == warm {
				runtime.GC()
				runtime.ReadMemStats(&before)
			}
			return ""
		}
		r, err := Run(t.Context(), c)
		if err != nil || r.Outcomes[runlog.OK] != cycles {
			t.Fatalf("%+v, error %v", r, err)
		}
		var after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
			t.Errorf("%d octets more after %d cycles than after %d", grown, cycles, warm)
		}
	})
}

// A cycle whose roam takes no time at all is what the engine itself takes.
func BenchmarkOwnTime(b *testing.B) {
	b.ReportAllocs()
	w := newWorld()
	w.took = 0
	p := plan(b.N)
	p.Dwell = runlog.Range{}
	c, k := config(w, p)
	c.Enough = func(*runlog.Cycle) string {
		k.cycles, k.began, w.requests = k.cycles[:0], k.began[:0], w.requests[:0]
		return ""
	}
	if _, err := Run(b.Context(), c); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkCycle(b *testing.B) {
	b.ReportAllocs()
	a := newAttempt(&Target{AP: worldAP(1, 5180, 5955)}, nil, 0)
	frame := nl80211.Frame{Header: dot11.Header{Addr2: dot11.Addr{2, 0, 0, 0, 1, 0}}}
	event := nl80211.Event{Stamp: nl80211.Stamp{Monotonic: 1}, Body: nl80211.Authenticated{Frame: frame, Auth: dot11.AuthBody{Transaction: 2}}}
	for b.Loop() {
		a.kernel(&event)
		a.times(0)
	}
}
