package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"roamfault/journal"
)

// Bounds of the pauses between two tries of a source, and how many tries
// without a record make its cursor suspect.
const (
	leastPause   = time.Second
	longestPause = time.Minute
	cursorTries  = 3
)

// supervisor keeps a source running.
type supervisor struct {
	opt    *Options
	in     *intake
	first  Start // where to begin when no record has been read
	byTime bool  // the cursor is of no use
	pause  func(ctx context.Context, d time.Duration)
	// disturbed is told when records may be late.
	disturbed func()
}

// run reads until ctx ends, the log ends that is read once, or there is no use
// in trying.
func (s *supervisor) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		s.in.mu.Lock()
		defer s.in.mu.Unlock()
		s.in.room.Broadcast()
	})
	defer stop()
	wait, idle := leastPause, 0
	for {
		before := s.in.at()
		s.disturbed()
		err := s.read(ctx, before.start(s.first, s.byTime))
		came := s.in.at().records > before.records
		if came {
			s.byTime = false
			wait, idle = leastPause, 0
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case s.opt.Once:
			return err
		case err != nil && s.opt.Fatal != nil && s.opt.Fatal(err):
			return err
		}
		if err == nil {
			err = errors.New("the source ended without being asked to")
		}
		s.opt.Numbers.restarts.Add("", 1)
		if !came {
			idle++
		}
		if idle >= cursorTries && !s.byTime && before.cursor != "" {
			s.byTime = true
			s.opt.Say("no record behind the saved place in %d tries: going on by time, behind %s", idle, before.high)
		}
		s.opt.Say("%v: trying again in %v", err, wait)
		s.pause(ctx, wait)
		wait = min(2*wait, longestPause)
	}
}

// read reads one life of the source.
func (s *supervisor) read(ctx context.Context, from Start) error {
	src, err := s.opt.Open(from, s.disturbed)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	if from.After == "" {
		s.in.leaveOut()
	}
	stats, err := src.Read(ctx, func(r *journal.Record) error { return s.in.yield(ctx, r) })
	for _, k := range stats.Skipped {
		s.opt.Numbers.skipped.Add(k.Reason, float64(k.Count))
		s.opt.Say("left out of the log: %s (%d)", k.Reason, k.Count)
	}
	return err
}
