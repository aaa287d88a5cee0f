package observe

import (
	"context"
	"slices"
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
				at := backlog + time.Duration(n)*2*time.Second
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
type oneLog struct {
	records []journal.Record
	before  func(i int)
}

func (l oneLog) Read(_ context.Context, each func(*journal.Record) error) (journal.Stats, error) {
	for i := range l.records {
		l.before(i)
		if err := each(&l.records[i]); err != nil {
			return journal.Stats{}, err
		}
	}
	return journal.Stats{}, nil
}

// What a kernel prints by a clock that is behind is of the run, and stands at its
// time; records of others, and of other boots, keep theirs.
func TestFollowedKernelClock(t *testing.T) {
	now := time.Hour - 20*time.Second
	o := New(Options{
		Catalogue: patterns.Builtin(), Since: time.Hour - time.Second,
		Clock: func() (journal.Time, string) { return journal.Time{Mono: now, HasMono: true}, "b" },
	})
	line := func(boot string, transport journal.Transport, at time.Duration) journal.Record {
		return journal.Record{Boot: boot, Transport: transport, Identifier: "kernel", Message: "mt7925e 0000:01:00.0: Message 00020002 (seq 12) timeout", Time: journal.Time{Mono: at, HasMono: true}}
	}
	const present = time.Hour
	log := []journal.Record{
		line("b", journal.TransportKernel, present-2*time.Second), // from before the log was opened, as are the next
		line("b", journal.TransportKernel, present-2*time.Second),
		line("b", journal.TransportKernel, present-9*time.Second), line("", journal.TransportKernel, present-10*time.Second),
		line("b", journal.TransportSyslog, present-time.Millisecond), line("b", journal.TransportSyslog, present-10*time.Second), line("a", journal.TransportKernel, present-10*time.Second),
	}
	err := o.Follow(t.Context(), oneLog{log, func(i int) {
		if i == 2 {
			now = present
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Duration
	for _, i := range o.held {
		got = append(got, i.record.Time.Mono-present)
	}
	if want := []time.Duration{-time.Second, -time.Millisecond, 0}; !slices.Equal(got, want) {
		t.Errorf("held at %v, want %v", got, want)
	}
}
