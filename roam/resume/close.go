package resume

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam/observe"
	"roamfault/roam/recorder"
	"roamfault/roam/runlog"
)

// Closing closes what an interruption has left open.
type Closing struct {
	// File gives the run file from its begin, each time that it is called.
	File      func() io.Reader
	Evidence  Evidence
	Catalogue *patterns.Catalogue
	Now       runlog.Moment
}

// Closed is what is to be written to a run before it goes on.
type Closed struct {
	// Entries are the raw records of the evidence, the incidents that they lead to,
	// the interrupted cycle, words about it, and the pause that it is, in that order:
	// whatever is cut off when this is interrupted, too, it is closed again. None
	// where it was closed already.
	Entries []runlog.Entry
	// Cycle is the cycle that was closed, nil for none.
	Cycle *runlog.Cycle
	// Totals are the run's with that cycle, and Row how many cycles failed in a row at
	// its end.
	Totals runlog.Totals
	Row    int
}

// Close looks for the end of the interrupted boot, and says how the cycle that it
// cut off is closed. What of the evidence cannot be read is no error: a note tells
// it.
func (s *State) Close(ctx context.Context, c Closing) (*Closed, error) {
	h, err := read(ctx, c.File(), s)
	if err != nil {
		return nil, err
	}
	if s.Closed {
		return &Closed{Totals: h.totals, Row: h.row}, nil
	}
	f, err := gather(ctx, c.Evidence, c.Catalogue, s, s.window(h), h.seen())
	if err != nil {
		return nil, err
	}
	h.last = max(h.last, f.last)
	out := &Closed{}
	for i := range f.records {
		in := h.in(f.records[i].Time.Mono)
		out.Entries = append(out.Entries, &runlog.RecordEntry{Cycle: in.number, Record: f.records[i]})
	}
	classes, err := s.incidents(ctx, c, h, f, out)
	if err != nil {
		return nil, err
	}
	if s.Cycle != nil {
		out.Cycle = s.cycle(h, f)
		out.Cycle.Incidents = classes
		out.Entries = append(out.Entries, out.Cycle)
		h.end(out.Cycle, s)
	}
	for _, words := range s.notes(h, f, out) {
		n := &runlog.NoteEntry{At: c.Now, Text: render.Clean(words)}
		if s.Cycle != nil {
			n.Cycle = s.Cycle.Number
		}
		out.Entries = append(out.Entries, n)
	}
	pid, _ := s.Run.Owner()
	out.Entries = append(out.Entries, &runlog.PauseEntry{At: c.Now, Boot: s.Boot, PID: pid, Load: h.totals.Loads, Why: s.Why()})
	out.Totals, out.Row = h.totals, h.row
	return out, nil
}

// window is where evidence is looked for. In the present boot it ends where the
// cycle would have: what was logged later is not the run's.
func (s *State) window(h *history) window {
	begin := s.moment(h)
	w := window{since: begin.Wall.Add(-before), dumps: begin.Wall.Add(-dumpUnit), begin: begin.Monotonic, from: max(0, begin.Monotonic-before)}
	if s.Happened != Down {
		w.until = begin.Wall.Add(length(&s.Run.Head.Plan))
	}
	return w
}

// moment is the last cycle's begin in the interrupted boot, or else when the run's
// owner took it.
func (s *State) moment(h *history) runlog.Moment {
	if h.begun != nil {
		return *h.begun
	}
	if n := len(s.Run.Resumes); n > 0 {
		return s.Run.Resumes[n-1].At
	}
	return s.Run.Head.Started
}

// cycle is the interrupted one as it is kept.
func (s *State) cycle(h *history, f *found) *runlog.Cycle {
	b := s.Cycle
	c := &runlog.Cycle{
		Number: b.Number, Kind: b.Kind, Load: b.Load, Boot: b.Boot, Begin: b.Begin, End: b.Begin, BSSID: b.BSSID, Origin: runlog.Natural,
		// What else could have been shortly before is not in the begin's line.
		AfterReset: b.Begin.Boot > 0 && b.Begin.Boot < time.Duration(s.Run.Head.Plan.Settle),
		Outcome:    runlog.Skipped, Detail: "roamfault was killed",
	}
	if !b.To.IsZero() {
		c.To = &runlog.AP{Links: []runlog.Link{{BSSID: b.BSSID}}}
		if b.To != b.BSSID {
			c.To.MLD = b.To
		}
	}
	for _, i := range s.Run.Head.Plan.Inject {
		if i.Every > 0 && b.Number%i.Every == 0 {
			c.Origin = runlog.Injected // it was armed, and may have been put in
			c.Injected = append(c.Injected, string(i.Fault))
		}
	}
	if s.Happened != Down {
		return c
	}
	if lasted := h.last - b.Begin.Monotonic; lasted > 0 {
		c.End = runlog.Moment{Wall: b.Begin.Wall.Add(lasted), Monotonic: b.Begin.Monotonic + lasted, Boot: b.Begin.Boot + lasted}
	}
	c.Outcome, c.Detail = f.end(b.Begin.Monotonic)
	return c
}

// end says how a boot ended, and what that makes of a cycle that began at a time.
func (f *found) end(begin time.Duration) (runlog.Outcome, string) {
	switch {
	case f.death != "":
		return runlog.Crashed, render.Clean(short(f.death))
	case f.shutdown:
		return runlog.Skipped, "the machine was shut down"
	case f.last == 0:
		return runlog.Crashed, "hard hang, or the power was lost: no log of that boot is left"
	}
	return runlog.Crashed, fmt.Sprintf("hard hang, or the power was lost: the log of that boot ends %.1f s after the cycle began, without a shutdown", max(0, f.last-begin).Seconds())
}

// short cuts words that come from anywhere.
func short(s string) string {
	const longest = 200
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return s
}

// notes are words for people.
func (s *State) notes(h *history, f *found, out *Closed) []string {
	words := []string{s.Why()}
	say := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	if s.Cycle == nil && s.Happened == Down {
		outcome, detail := f.end(h.last)
		words[0] += fmt.Sprintf(" (%s: %s)", outcome, detail)
	}
	say(f.missing != nil, "not all of the evidence could be read: %v", f.missing)
	say(f.dropped > 0, "%d records of the evidence were left out: there were too many", f.dropped)
	say(f.dump, "pstore has what the kernel said at last")
	crashed := out.Cycle != nil && out.Cycle.Outcome == runlog.Crashed
	say(crashed && len(out.Cycle.Incidents) == 0, "the logs tell of no Wi-Fi incident: the outcome of cycle %d stands for the crash", s.number())
	return words
}

func (s *State) number() int {
	if s.Cycle == nil {
		return 0
	}
	return s.Cycle.Number
}

// incidents finds what the boot's records lead to, and adds to out what the run
// does not have yet. It returns the classes of those within the interrupted cycle.
func (s *State) incidents(ctx context.Context, c Closing, h *history, f *found, out *Closed) ([]string, error) {
	known := map[string]int{} // by id: revision and 1
	for i := range s.Run.Incidents {
		known[s.Run.Incidents[i].ID] = s.Run.Incidents[i].Rev + 1
	}
	var classes []string
	var failed error
	all := steps(ctx, c.File(), s, max(0, h.last-late), f, &failed)
	err := observe.Replay(c.Catalogue, all, func(i *incident.Incident) error {
		e, err := recorder.EntryOf(i, s.moment(h))
		if err != nil {
			return err
		}
		in := h.in(e.At.Monotonic)
		e.Cycle, e.Load, e.Origin = in.number, in.load, in.origin
		if s.Cycle != nil && in.number == s.Cycle.Number && !slices.Contains(classes, e.Class) {
			classes = append(classes, e.Class)
		}
		// What was finished before, and is not touched by what is new, the run has.
		touched := i.Last != nil && len(f.records) > 0 && i.Last.Time.Mono >= f.records[0].Time.Mono
		if i.Rev < known[i.ID] && !touched {
			return nil
		}
		if known[i.ID] == 0 {
			h.totals.Incidents++
		}
		known[i.ID] = max(known[i.ID], i.Rev+1)
		e.Rev = known[i.ID] - 1
		out.Entries = append(out.Entries, e)
		return nil
	})
	if err = errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("look for what the interruption tells: %w", err)
	}
	return classes, nil
}

var errStop = errors.New("enough")

// Write writes what closes the interruption, and returns when it is on the disk.
func (c *Closed) Write(w recorder.Writer) error {
	for _, e := range c.Entries {
		if err := w.Append(e); err != nil {
			return fmt.Errorf("close the interrupted cycle: %w", err)
		}
	}
	if err := w.Sync(); err != nil {
		return fmt.Errorf("close the interrupted cycle: %w", err)
	}
	return nil
}
