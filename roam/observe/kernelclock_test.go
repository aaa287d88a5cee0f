package observe

import (
	"context"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// A clock that is off and drifts is followed, whatever is read late.
func TestKernelClock(t *testing.T) {
	for name, tt := range map[string]struct {
		apart time.Duration // of the kernel's clock from CLOCK_MONOTONIC at first
		drift float64       // seconds a second
	}{
		"the same":    {0, 0},
		"behind":      {-7 * time.Second, 0},
		"ahead":       {3 * time.Second, 0},
		"drifts away": {0, 50e-6},
		"drifts back": {time.Second, -500e-6},
	} {
		t.Run(name, func(t *testing.T) {
			var k kernelClock
			for n := range 10_000 {
				at := time.Duration(n) * 2 * time.Second
				late := time.Millisecond
				if n%3 == 1 {
					late = time.Duration(n%700) * time.Millisecond // it waited in a queue
				}
				printed := at + tt.apart + time.Duration(tt.drift*float64(at))
				got := k.monotonic(printed, at+late)
				// In two minutes a clock drifts by so much.
				tolerance := 2*time.Millisecond + time.Duration(max(tt.drift, -tt.drift)*float64(2*stretch))
				if off := got - at; off < -tolerance || off > tolerance {
					t.Fatalf("record %d is off by %v", n, off)
				}
			}
		})
	}
}

// oneLog is a source of records that stays open.
type oneLog []journal.Record

func (l oneLog) Read(_ context.Context, each func(*journal.Record) error) (journal.Stats, error) {
	for i := range l {
		if err := each(&l[i]); err != nil {
			return journal.Stats{}, err
		}
	}
	return journal.Stats{}, nil
}

// What a kernel prints by a clock that is behind is of the run, and stands at its
// time; records of others, and of other boots, keep theirs.
func TestFollowedKernelClock(t *testing.T) {
	const now = time.Hour
	o := New(Options{
		Catalogue: patterns.Builtin(), Since: now - time.Second,
		Clock: func() (journal.Time, string) { return journal.Time{Mono: now, HasMono: true}, "b" },
	})
	line := func(boot string, transport journal.Transport, at time.Duration) journal.Record {
		return journal.Record{Boot: boot, Transport: transport, Identifier: "kernel", Message: "mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout", Time: journal.Time{Mono: at, HasMono: true}}
	}
	if err := o.Follow(t.Context(), oneLog{
		line("b", journal.TransportKernel, now-9*time.Second), line("", journal.TransportKernel, now-10*time.Second),
		line("b", journal.TransportSyslog, now-time.Millisecond), line("b", journal.TransportSyslog, now-10*time.Second), line("a", journal.TransportKernel, now-10*time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for _, i := range o.held {
		got = append(got, i.record.Time.Mono-now)
	}
	if len(got) != 3 || got[0] != -time.Second || got[1] != -time.Millisecond || got[2] != 0 {
		t.Errorf("held at %v", got)
	}
}
