package runlog

import (
	"bytes"
	"context"
	"testing"
	"time"
)

// A cycle that went well counts as one with an incident where the logs told of it
// later; what failed stays what it was.
func TestIncidentsAreJoined(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(buffer{&b}, 0)
	entries := []Entry{&RunEntry{Schema: Schema, ID: "r", Plan: (&Plan{Cycles: 3}).WithDefaults(), PID: 1, Boot: "b"}}
	for n, o := range []Outcome{OK, Timeout, OK} {
		at := Moment{Monotonic: time.Duration(n) * time.Second, Boot: time.Duration(n) * time.Second}
		entries = append(entries, &Cycle{Number: n + 1, Kind: Roam, Load: 1, Boot: "b", Begin: at, End: at, Outcome: o, Origin: Natural})
	}
	for _, cycle := range []int{1, 2, 0, 9} {
		entries = append(entries, &IncidentEntry{ID: string(rune('a' + cycle)), Class: "mcu-timeout", Cycle: cycle, Origin: Natural})
	}
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Sync(); err != nil {
		t.Fatal(err)
	}
	run, stats, err := Load(context.Background(), &b)
	if err != nil || !stats.Clean() {
		t.Fatalf("%v, error %v", stats.Problems(), err)
	}
	for i, want := range []Outcome{Incident, Timeout, OK} {
		if got := run.Cycles.At(i).Outcome; got != want {
			t.Errorf("cycle %d is %s, want %s", i+1, got, want)
		}
	}
}

// buffer is a file in memory.
type buffer struct{ *bytes.Buffer }

func (buffer) Sync() error  { return nil }
func (buffer) Close() error { return nil }
