// Package recorder keeps a run: what the drive does and what the logs say go into
// one run file, in the order in which they are told.
package recorder

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/roam"
	"roamfault/roam/observe"
	"roamfault/roam/runlog"
)

// Writer is where a run is written to; *runlog.Writer is one.
type Writer interface {
	Append(e runlog.Entry) error
	Sync() error
}

// Recorder writes what the engine of package roam and the observer of package
// observe tell; it is the one's [roam.Recorder] and the other's [observe.Told]. Its
// methods may be called by several goroutines.
type Recorder struct {
	now     func() runlog.Moment
	notices chan roam.Notice
	done    chan struct{} // nobody takes notices any more

	mu      sync.Mutex
	w       Writer
	windows []window // the last cycles, by their begin
	number  int      // of the present cycle; 0: none
	totals  runlog.Totals
	fatal   map[string]bool // the ids of incidents that were told as fatal
	err     error           // the writer's first
}

// window is where a cycle begins.
type window struct {
	begin   time.Duration // CLOCK_MONOTONIC
	end     time.Duration // 0: it is under way
	cycle   int
	load    int
	origin  runlog.Origin
	outcome runlog.Outcome // with end
}

const (
	// windowsKept is how many cycles back an incident is looked for: a hung task is
	// told minutes late.
	windowsKept = 4096
	// fatalKept is of how many incidents it is known that they were told: late news
	// of them are not another.
	fatalKept = 4096
	// noticesKept is how many the engine may be behind before the observer waits.
	noticesKept = 1024
)

// New returns a recorder of a run whose first line stands already.
func New(w Writer, now func() runlog.Moment) *Recorder {
	return &Recorder{
		w: w, now: now, notices: make(chan roam.Notice, noticesKept), done: make(chan struct{}), fatal: map[string]bool{},
		totals: runlog.Totals{Outcomes: map[runlog.Outcome]int{}},
	}
}

// Continue begins with the counts of a run that is taken up again.
func (r *Recorder) Continue(t runlog.Totals) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals = t
	r.totals.Outcomes = maps.Clone(t.Outcomes)
	if r.totals.Outcomes == nil {
		r.totals.Outcomes = map[runlog.Outcome]int{}
	}
}

// Notices are what the engine is to be told.
func (r *Recorder) Notices() <-chan roam.Notice { return r.notices }

// Detach says that nobody takes notices any more. It is called once.
func (r *Recorder) Detach() { close(r.done) }

func (r *Recorder) notify(n roam.Notice) {
	select {
	case r.notices <- n:
	case <-r.done:
	}
}

// append writes entries. The first error stays.
func (r *Recorder) append(entries ...runlog.Entry) error {
	for _, e := range entries {
		if r.err != nil {
			break
		}
		r.err = r.w.Append(e)
	}
	return r.err
}

// keep writes entries and brings all that was written to the disk.
func (r *Recorder) keep(entries ...runlog.Entry) error {
	if r.append(entries...) == nil {
		r.err = r.w.Sync()
	}
	return r.err
}

// Begin keeps that a cycle begins.
func (r *Recorder) Begin(c *runlog.Cycle) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.number = c.Number
	r.windows = append(r.windows, window{begin: c.Begin.Monotonic, cycle: c.Number, load: c.Load, origin: c.Origin})
	if len(r.windows) > windowsKept {
		r.windows = append(r.windows[:0], r.windows[len(r.windows)/2:]...)
	}
	b := &runlog.BeginEntry{Number: c.Number, Kind: c.Kind, Load: c.Load, Boot: c.Boot, Begin: c.Begin, BSSID: c.BSSID}
	if c.To != nil {
		b.To = c.To.Addr()
	}
	return r.keep(b)
}

// End keeps a cycle.
func (r *Recorder) End(c *runlog.Cycle) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.totals.Cycles++
	r.totals.Outcomes[c.Outcome]++
	if c.Outcome.Bad() {
		r.totals.Bad++
	}
	r.totals.Driven += c.End.Boot - c.Begin.Boot
	r.totals.Loads = max(r.totals.Loads, c.Load)
	if n := len(r.windows) - 1; n >= 0 && r.windows[n].cycle == c.Number {
		r.windows[n].end, r.windows[n].outcome = c.End.Monotonic, c.Outcome
	}
	return r.keep(c)
}

// Note keeps words for people.
func (r *Recorder) Note(at runlog.Moment, words string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.append(&runlog.NoteEntry{At: at, Cycle: r.number, Text: render.Clean(words)})
}

// Environment keeps what the run is made in from there on.
func (r *Recorder) Environment(e *runlog.EnvironmentEntry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keep(e)
}

// Step keeps what incidents rest on.
func (r *Recorder) Step(s observe.Step) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := &runlog.RecordEntry{}
	if s.Record == nil {
		entry.Tick = true
		entry.Record.Time, entry.Record.Boot = s.Time, s.Boot
	} else {
		entry.Record = *s.Record
		entry.Record.Raw = "" // see observe.Line
	}
	if w := r.window(entry.Record.Time.Mono); w != nil {
		entry.Cycle = w.cycle
	}
	return r.append(entry)
}

// window is the cycle that was under way at a moment, by CLOCK_MONOTONIC, nil for
// none: what the logs have comes later.
func (r *Recorder) window(at time.Duration) *window {
	for n := len(r.windows) - 1; n >= 0; n-- {
		w := &r.windows[n]
		if w.begin > at {
			continue
		}
		if w.end != 0 && at > w.end+runlog.AfterEnd {
			return nil
		}
		return w
	}
	return nil
}

// joined counts a cycle that went well as far as was known, and in which an
// incident began all the same.
func (r *Recorder) joined(w *window) {
	if w.outcome != runlog.OK {
		return
	}
	w.outcome = runlog.Incident
	if r.totals.Outcomes[runlog.OK]--; r.totals.Outcomes[runlog.OK] == 0 {
		delete(r.totals.Outcomes, runlog.OK)
	}
	r.totals.Outcomes[runlog.Incident]++
	r.totals.Bad++
}

// Opened tells the engine of an incident that begins.
func (r *Recorder) Opened(e *incident.Event) error {
	r.notify(roam.Notice{Opened: e, At: e.Time.Mono})
	return nil
}

// Firmware tells the engine of firmware that came up.
func (r *Recorder) Firmware(at time.Duration) error {
	r.notify(roam.Notice{Firmware: true, At: at})
	return nil
}

// Finished keeps an incident, in the place of an earlier revision.
func (r *Recorder) Finished(i *incident.Incident) error {
	entry, err := r.incident(i)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = errors.Join(r.err, err) // nothing is watched any more: the next cycle must not begin
		return err
	}
	r.mu.Lock()
	if i.Rev == 0 {
		r.totals.Incidents++
	}
	fatal := entry.Fatal && !r.fatal[i.ID]
	if fatal && len(r.fatal) < fatalKept {
		r.fatal[i.ID] = true
	}
	err = r.keep(entry)
	r.mu.Unlock()
	if fatal {
		r.notify(roam.Notice{Fatal: true, At: entry.At.Monotonic})
	}
	return err
}

// EntryOf is the line of an incident, without the cycle that it fell into. Now is
// any moment of the incident's boot.
func EntryOf(i *incident.Incident, now runlog.Moment) (*runlog.IncidentEntry, error) {
	object, _, err := render.Objects(i)
	if err != nil {
		return nil, fmt.Errorf("write incident %s: %w", i.ID, err)
	}
	e := &runlog.IncidentEntry{
		ID: i.ID, Rev: i.Rev, Fingerprint: i.Fingerprint, Boot: i.Boot, Origin: runlog.Natural,
		Fatal: i.Outcome == incident.FatalEnd, Incident: object,
	}
	if i.Root != nil {
		e.Class = string(i.Root.Class)
	}
	if i.Worst != nil {
		e.Severity = i.Worst.Severity.String()
		e.Fatal = e.Fatal || i.Worst.Severity == patterns.Fatal
	}
	if i.First != nil {
		// Not every log has the time of day, and none the time in suspend.
		ago := now.Monotonic - i.First.Time.Mono
		e.At = runlog.Moment{Wall: now.Wall.Add(-ago), Monotonic: i.First.Time.Mono, Boot: now.Boot - ago}
	}
	return e, nil
}

// incident is the line of an incident in its cycle.
func (r *Recorder) incident(i *incident.Incident) (*runlog.IncidentEntry, error) {
	e, err := EntryOf(i, r.now())
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.window(e.At.Monotonic); w != nil {
		e.Cycle, e.Load, e.Origin = w.cycle, w.load, w.origin
		r.joined(w)
	}
	return e, nil
}

// Totals are the counts so far.
func (r *Recorder) Totals() runlog.Totals {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.totals
	t.Outcomes = maps.Clone(t.Outcomes)
	return t
}

// Close closes the run with the reason for its end.
func (r *Recorder) Close(reason string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keep(&runlog.EndEntry{At: r.now(), Reason: reason, Totals: r.totals})
}
