package compare

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// file is a run file in memory.
type file struct{ bytes.Buffer }

func (*file) Sync() error  { return nil }
func (*file) Close() error { return nil }

// written makes a run file: two loads of 30 cycles each, of which every tenth
// timed out with an incident.
func written(t testing.TB) []byte {
	t.Helper()
	at := func(s int) runlog.Moment { return runlog.Moment{Boot: time.Duration(s) * time.Second} }
	env := func(kernel string) *runlog.EnvironmentEntry {
		return &runlog.EnvironmentEntry{Boot: "boot", Environment: runlog.Environment{{Key: runlog.KeyKernel, Value: kernel}}}
	}
	entries := []runlog.Entry{
		&runlog.RunEntry{Schema: runlog.Schema, ID: "run-1", Boot: "boot", Plan: runlog.Plan{Cycles: 100, Timeout: runlog.Duration(10 * time.Second)}},
		env("6.12"), env("7.1"),
	}
	ap := &runlog.AP{MLD: dot11.Addr{2, 1}, Links: []runlog.Link{{BSSID: dot11.Addr{2, 2}, Freq: 5180}}}
	for n := 1; n <= 60; n++ {
		c := &runlog.Cycle{
			Number: n, Kind: runlog.Roam, Load: 1 + (n-1)/30, Boot: "boot", Begin: at(60 * n), End: at(60*n + 30), To: ap, At: ap,
			Outcome: runlog.OK, Origin: runlog.Natural, Took: 200 * time.Millisecond, Outage: 90 * time.Millisecond, Air: &runlog.Air{Signal: -55, TSF: uint64(n%40+1) * 60_000_000, Utilization: 60},
			Stages: []runlog.StageTime{{Stage: runlog.StageAuth, Begin: time.Millisecond, End: 31 * time.Millisecond}},
		}
		if n%10 == 0 {
			c.Outcome, c.At, c.Incidents = runlog.Timeout, nil, []string{"mcu-timeout"}
			c.Stages = []runlog.StageTime{{Stage: runlog.StageAuth, Begin: time.Millisecond}}
			entries = append(entries, &runlog.IncidentEntry{ID: string(rune('a' + n)), Class: "mcu-timeout", Severity: "error", Cycle: n, Load: c.Load, Boot: "boot", Origin: runlog.Natural})
		}
		entries = append(entries, &runlog.BeginEntry{Number: n, Kind: c.Kind, Load: c.Load, Boot: c.Boot, Begin: c.Begin}, c)
		switch n {
		case 5: // the interface has gone, and is back
			entries = append(entries, &runlog.PauseEntry{At: at(60*n + 10), Boot: "boot"}, &runlog.ResumeEntry{At: at(60*n + 50), Boot: "boot"})
		case 35: // the process was killed
			entries = append(entries, &runlog.ResumeEntry{At: at(60*n + 40), Boot: "boot"})
		}
	}
	f := &file{}
	w := runlog.NewWriter(f, 0)
	for _, e := range append(entries, &runlog.EndEntry{Reason: "no space left", Totals: runlog.Totals{Cycles: 60}}) {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	return f.Bytes()
}

func taken(t *testing.T, data []byte) (*Arm, RunInfo) {
	t.Helper()
	run, stats, err := runlog.Load(context.Background(), bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	info := InfoOf(run, stats)
	a := NewArm("a")
	a.Run(info).Take(run)
	return a, info
}

func TestTakeARunFile(t *testing.T) {
	a, info := taken(t, written(t))
	if info.ID != "run-1" || info.Early != "no space left" || len(info.Damage) != 0 || len(info.Changed) != 1 || info.Changed[0] != runlog.KeyKernel {
		t.Errorf("%+v", info)
	}
	c := mustCompare(t, a, a, Options{})
	if c.A.Loads != 2 || c.A.Cycles != 60 || c.Overall.A.Events != 6 || len(c.Classes) != 1 || c.Classes[0].Test.A.Events != 6 || c.Overall.Hours.A.Events != 6 {
		t.Errorf("%+v %+v %+v", c.A, c.Overall.A, c.Classes)
	}
	// Two loads of 29 minutes, in which it stood still for 40 s, and then from the
	// end of the 35th cycle on for 39.8 s.
	if want := (2*(29*60+0.2) - 40 - 39.8) / 3600; math.Abs(float64(c.A.Hours)-want) > 1e-6 {
		t.Errorf("%v hours, want %v", c.A.Hours, want)
	}
	if air := c.A.Air; air.Signal != -55 || air.Utilization != 60 || air.Restarts != 1 {
		t.Errorf("%+v", air)
	}
	if took := c.Latencies[0]; took.A.Censored != 6 || took.A.N != 60 || took.A.Median != 200 {
		t.Errorf("%+v", took)
	}
	if auth := c.Latencies[2]; auth.Measure != "auth" || auth.A.N != 60 || auth.A.Censored != 6 || math.Abs(float64(auth.A.Median)-30) > 0.1 {
		t.Errorf("%+v", auth)
	}
	if !has(c, WarnMixed, "kernel changed within run run-1") {
		t.Errorf("%+v", c.Warnings)
	}
}

func TestDamagedFileIsSaid(t *testing.T) {
	data := written(t)
	data[len(data)/2] ^= 4
	a, info := taken(t, data)
	if len(info.Damage) == 0 {
		t.Fatal("nothing was damaged")
	}
	if c := mustCompare(t, a, a, Options{}); !has(c, WarnDamage, "line") || !strings.Contains(c.Why, "damaged data") {
		t.Errorf("%s %+v", c.Why, c.Warnings)
	}
	open := data[:len(data)*2/3]
	if _, info := taken(t, open); !strings.Contains(info.Early, "open") {
		t.Errorf("%q", info.Early)
	}
}

// When a run stood still is told by pauses, and by resumes that nobody announced.
func TestStops(t *testing.T) {
	pause := func(boot string, s int) runlog.PauseEntry {
		return runlog.PauseEntry{Boot: boot, At: runlog.Moment{Boot: time.Duration(s)}}
	}
	resume := func(boot string, s int) runlog.ResumeEntry {
		return runlog.ResumeEntry{Boot: boot, At: runlog.Moment{Boot: time.Duration(s)}}
	}
	for name, tt := range map[string]struct {
		pauses  []runlog.PauseEntry
		resumes []runlog.ResumeEntry
		want    map[string][]stop
	}{
		"none":                    {nil, nil, map[string][]stop{}},
		"a pause":                 {[]runlog.PauseEntry{pause("a", 5)}, []runlog.ResumeEntry{resume("a", 9)}, map[string][]stop{"a": {{5, 9}}}},
		"killed":                  {nil, []runlog.ResumeEntry{resume("a", 9)}, map[string][]stop{"a": {{-1, 9}}}},
		"killed before a pause":   {[]runlog.PauseEntry{pause("a", 20)}, []runlog.ResumeEntry{resume("a", 9), resume("a", 30)}, map[string][]stop{"a": {{-1, 9}, {20, 30}}}},
		"a pause that never ends": {[]runlog.PauseEntry{pause("a", 5)}, nil, map[string][]stop{}},
		"died in a pause":         {[]runlog.PauseEntry{pause("a", 5), pause("b", 7)}, []runlog.ResumeEntry{resume("b", 2), resume("b", 9)}, map[string][]stop{"b": {{-1, 2}, {7, 9}}}},
	} {
		got := stopsOf(&runlog.Run{Pauses: tt.pauses, Resumes: tt.resumes})
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(stop{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// An incident between two cycles counts by the hour, in the load before it.
func TestIncidentBetweenCycles(t *testing.T) {
	f := &file{}
	w := runlog.NewWriter(f, 0)
	moment := func(s int) runlog.Moment { return runlog.Moment{Boot: time.Duration(s) * time.Second} }
	entries := []runlog.Entry{&runlog.RunEntry{Schema: runlog.Schema, ID: "r", Boot: "boot"}}
	for n := 1; n <= 4; n++ {
		entries = append(entries, &runlog.Cycle{Number: n, Load: 1 + n/3, Boot: "boot", Begin: moment(100 * n), End: moment(100*n + 50), Outcome: runlog.OK, Origin: runlog.Natural, Took: 30 * time.Second})
	}
	for i, s := range []int{50, 270, 390, 900} {
		entries = append(entries, &runlog.IncidentEntry{ID: string(rune('a' + i)), Class: "firmware-load-failed", Boot: "boot", At: moment(s), Origin: runlog.Natural})
	}
	for _, e := range append(entries, &runlog.IncidentEntry{ID: "z", Class: "firmware-load-failed", Boot: "other", Origin: runlog.Natural}) {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	a, _ := taken(t, f.Bytes())
	c := mustCompare(t, a, NewArm("b"), Options{})
	// The one of another boot has no time to be divided by.
	if c.A.Loads != 2 || c.Overall.Hours.A.Events != 4 || c.Overall.A.Events != 0 {
		t.Errorf("%+v, %+v", c.A, c.Overall.Hours.A)
	}
	var got []int
	for _, l := range a.loads {
		got = append(got, l.incidents[told{"firmware-load-failed", runlog.Natural}])
	}
	if diff := cmp.Diff([]int{2, 2, 1}, got); diff != "" {
		t.Errorf("by load (-want +got):\n%s", diff)
	}
}
