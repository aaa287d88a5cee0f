package stress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/roam/observe"
	"roamfault/roam/recorder"
	"roamfault/roam/runlog"
)

// unwritten is a run file that nobody keeps.
type unwritten struct{}

func (unwritten) Append(runlog.Entry) error { return nil }
func (unwritten) Sync() error               { return nil }

// A log that stays away is said once, and again when it was there in between.
func TestLogThatStaysAway(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tries := 0
	var said []string
	system := &System{
		Now: func() runlog.Moment { return runlog.Moment{} },
		Log: func() (journal.Source, error) {
			switch tries++; tries {
			case 3, 4:
				return spoken{[]journal.Record{{Identifier: "kernel", Message: "hello"}}}, nil
			case 5:
				cancel()
			}
			return nil, errors.New("it is not there")
		},
	}
	d := &drive{system: system, o: &Options{Say: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }}}
	d.recorder = recorder.New(unwritten{}, system.Now)
	clock := func() (journal.Time, string) { return journal.Time{}, "" }
	d.observer = observe.New(observe.Options{Catalogue: patterns.Builtin(), Clock: clock, Told: d.recorder})
	d.follow(ctx)
	want := []string{"read the log: it is not there; trying again", "read the log: it broke; trying again", "read the log: it broke; trying again"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
