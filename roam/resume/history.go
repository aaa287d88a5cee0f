package resume

import (
	"context"
	"fmt"
	"io"
	"time"

	"roamfault/roam/observe"
	"roamfault/roam/runlog"
)

// history is what a second reading of a run file gives: what a [runlog.Run] does
// not keep.
type history struct {
	totals  runlog.Totals
	row     int // failed cycles in a row at the end
	windows []began
	recent  []key          // records of the boot since shortly before the last begin
	begun   *runlog.Moment // the last begin; nil: none in the boot
	last    time.Duration  // monotonic time of the last record, or the last cycle's begin or end
}

// began is the begin of a cycle of the interrupted boot.
type began struct {
	at           time.Duration // CLOCK_MONOTONIC
	end          time.Duration // likewise; 0: it did not end
	number, load int
	origin       runlog.Origin
}

const (
	// late is how far back in the interrupted boot an incident can have begun that was
	// not finished.
	late = time.Hour
	// mostRecent bounds what is remembered of the records.
	mostRecent = 1 << 17
	// mostDriven is more than a run can take, and less than its file can say.
	mostDriven = 50 * 365 * 24 * time.Hour
)

// read reads the file the second time.
func read(ctx context.Context, file io.Reader, s *State) (*history, error) {
	h := &history{totals: runlog.Totals{Outcomes: map[runlog.Outcome]int{}, Loads: 1, Incidents: len(s.Run.Incidents)}}
	counted := 0
	_, err := runlog.Read(ctx, file, func(e runlog.Entry) error {
		switch e := e.(type) {
		case *runlog.BeginEntry:
			if sameBoot(e.Boot, s.Boot) {
				h.begin(e)
			}
		case *runlog.Cycle:
			if e.Number > counted { // one that is there twice counts once
				counted = e.Number
				h.end(e, s)
			}
		case *runlog.ResumeEntry:
			h.totals.Loads = max(h.totals.Loads, e.Load)
		case *runlog.RecordEntry:
			if !e.Tick && sameBoot(e.Record.Boot, s.Boot) && len(h.recent) < mostRecent {
				h.last = max(h.last, e.Record.Time.Mono)
				h.recent = append(h.recent, keyOf(&e.Record))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the run again: %w", err)
	}
	return h, nil
}

func (h *history) begin(e *runlog.BeginEntry) {
	for len(h.windows) > 0 && e.Begin.Monotonic-h.windows[0].at > late {
		h.windows = h.windows[1:]
	}
	h.windows = append(h.windows, began{at: e.Begin.Monotonic, number: e.Number, load: e.Load, origin: runlog.Natural})
	for len(h.recent) > 0 && h.recent[0].mono < e.Begin.Monotonic-before {
		h.recent = h.recent[1:]
	}
	h.begun = &e.Begin
	h.last = max(h.last, e.Begin.Monotonic)
}

func (h *history) end(c *runlog.Cycle, s *State) {
	t := &h.totals
	t.Cycles++
	t.Outcomes[c.Outcome]++
	t.Driven = min(t.Driven+max(0, c.End.Boot-c.Begin.Boot), mostDriven)
	t.Loads = max(t.Loads, c.Load)
	h.row++
	if !c.Outcome.Bad() {
		h.row = 0
	} else {
		t.Bad++
	}
	if !sameBoot(c.Boot, s.Boot) {
		return
	}
	h.last = max(h.last, c.End.Monotonic)
	for i := len(h.windows) - 1; i >= 0; i-- {
		if h.windows[i].number == c.Number {
			h.windows[i].origin, h.windows[i].end = c.Origin, c.End.Monotonic
			break
		}
	}
}

// seen are the records that the run has of late.
func (h *history) seen() map[key]bool {
	seen := make(map[key]bool, len(h.recent))
	for _, k := range h.recent {
		seen[k] = true
	}
	return seen
}

// in returns the cycle that a time of the interrupted boot falls into, number 0
// between two.
func (h *history) in(at time.Duration) began {
	for i := len(h.windows) - 1; i >= 0; i-- {
		w := h.windows[i]
		switch {
		case w.at > at:
			continue
		case w.end != 0 && at > w.end+runlog.AfterEnd:
			return began{load: w.load, origin: runlog.Natural}
		}
		return w
	}
	return began{origin: runlog.Natural}
}

// steps gives the steps of the interrupted boot that the run has of late, and
// behind them those that only the evidence has. The error is there afterwards.
func steps(ctx context.Context, file io.Reader, s *State, from time.Duration, f *found, failed *error) func(yield func(observe.Step) bool) {
	return func(yield func(observe.Step) bool) {
		var last observe.Step
		_, *failed = runlog.Read(ctx, file, func(e runlog.Entry) error {
			r, ok := e.(*runlog.RecordEntry)
			if !ok || !sameBoot(r.Record.Boot, s.Boot) || r.Record.Time.Mono < from {
				return nil
			}
			last = observe.Step{Record: &r.Record}
			if r.Tick {
				last = observe.Step{Time: r.Record.Time, Boot: r.Record.Boot}
			}
			if !yield(last) {
				return errStop
			}
			return nil
		})
		if *failed != nil {
			return
		}
		for i := range f.records {
			if !yield(observe.Step{Record: &f.records[i]}) {
				return
			}
		}
	}
}
