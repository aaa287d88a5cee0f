package observe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
)

// Step is one thing that incidents rest on: a record that a pattern matches, or a
// tick of the clock.
type Step struct {
	Record *journal.Record // nil: a tick; else valid during the call
	// Time and Boot are the tick's.
	Time journal.Time
	Boot string
}

// Told is told what is found, from one goroutine. An error of its methods ends the
// observing.
type Told interface {
	// Step comes before what follows from it.
	Step(s Step) error
	// Opened is of an incident's first event that is bad enough.
	Opened(e *incident.Event) error
	// Firmware is of the chip's firmware that came up, at a time of CLOCK_MONOTONIC.
	Firmware(at time.Duration) error
	// Finished is of an incident that has ended, and again where late news change it.
	Finished(i *incident.Incident) error
}

// Clock reads the present as a record would have it, and the boot id.
type Clock func() (journal.Time, string)

// Options say how to observe.
type Options struct {
	Catalogue *patterns.Catalogue
	Clock     Clock
	Told      Told
	// Since is the begin, by CLOCK_MONOTONIC: what the logs have from before, in
	// this boot, is left out.
	Since time.Duration
	// Hold is how long records are held back, so that those of another source that
	// are older come before them; 0: half a second.
	Hold time.Duration
}

// Observer takes records from several sources. Add and Follow may be called by any
// goroutine.
type Observer struct {
	Options
	builder *incident.Builder
	err     error           // of Told
	open    map[string]bool // incidents, by their ids
	opened  atomic.Int64    // how many these are

	mu     sync.Mutex
	kernel kernelClock
	held   []item // in order of time
	lost   int    // records for which there was no room
	number int    // of records held so far
}

type item struct {
	record journal.Record
	match  patterns.Match
	number int
}

const (
	defaultHold = 500 * time.Millisecond
	mostHeld    = 1 << 16
	// ownIdentifier begins the identifier of our own records in the log.
	ownIdentifier = "roamfault"
	// TickEvery is between two ticks.
	TickEvery = time.Second
)

// New returns an observer that has seen nothing.
func New(o Options) *Observer {
	if o.Hold == 0 {
		o.Hold = defaultHold
	}
	obs := &Observer{Options: o, open: map[string]bool{}}
	obs.builder = incident.NewBuilder(sink{obs})
	return obs
}

// Add takes a record, of which a copy is kept where a pattern matches it. One
// without monotonic time stands where it comes.
func (o *Observer) Add(r *journal.Record) {
	m, ok := o.Catalogue.Match(r.Identifier, r.Message)
	// What we ourselves tell of an incident quotes the log.
	if !ok || strings.HasPrefix(r.Identifier, ownIdentifier) && m.Class != patterns.CycleMark {
		return
	}
	kept := *r
	if now, boot := o.Clock(); !kept.Time.HasMono {
		kept.Time, kept.Boot = now, boot
	}
	kept.Raw = Line(&kept)
	if kept.Time.Mono < o.Since {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.held) >= mostHeld {
		o.lost++
		return
	}
	o.number++
	i := item{kept, m, o.number}
	at, _ := slices.BinarySearchFunc(o.held, i, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.record.Time.Mono, b.record.Time.Mono), cmp.Compare(a.number, b.number))
	})
	o.held = slices.Insert(o.held, at, i)
}

// Line is a record as journalctl -o short-monotonic writes it, which stands for
// the record's own text in what quotes it: a run keeps the fields alone.
func Line(r *journal.Record) string {
	host, identifier := cmp.Or(r.Host, "localhost"), cmp.Or(r.Identifier, "unknown")
	if r.PID > 0 {
		identifier += fmt.Sprintf("[%d]", r.PID)
	}
	return fmt.Sprintf("[%12.6f] %s %s: %s", r.Time.Mono.Seconds(), host, identifier, r.Message)
}

// Follow reads a log until ctx ends, which is no error, or the log does. It has to
// be one that is written meanwhile: records of the kernel are taken for read when
// they were printed.
func (o *Observer) Follow(ctx context.Context, src journal.Source) error {
	opened, _ := o.Clock()
	o.mu.Lock()
	o.kernel.opened = opened.Mono
	o.mu.Unlock()
	_, err := src.Read(ctx, func(r *journal.Record) error {
		if now, boot := o.Clock(); r.Transport == journal.TransportKernel && r.Time.HasMono && (r.Boot == "" || r.Boot == boot) {
			printed := *r
			o.mu.Lock()
			printed.Time.Mono = o.kernel.monotonic(r.Time.Mono, now.Mono)
			o.mu.Unlock()
			r = &printed
		}
		o.Add(r)
		return nil
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Run gives out what is found, until ctx ends; ticks come every TickEvery. What is
// open then is finished as it stands.
func (o *Observer) Run(ctx context.Context, ticks <-chan time.Time) error {
	for {
		select {
		case <-ctx.Done():
			now, _ := o.Clock()
			return o.end(now.Mono)
		case <-ticks:
			if err := o.Tick(); err != nil {
				return err
			}
		}
	}
}

// Tick gives out what has been held long enough.
func (o *Observer) Tick() error {
	now, boot := o.Clock()
	until := now
	until.Mono -= o.Hold
	until.Wall = until.Wall.Add(-o.Hold)
	if err := o.give(until.Mono); err != nil {
		return err
	}
	if o.builder.Idle() {
		return nil
	}
	if err := o.Told.Step(Step{Time: until, Boot: boot}); err != nil {
		return err
	}
	return errors.Join(o.builder.Tick(until, boot), o.err)
}

// Open is how many incidents are open.
func (o *Observer) Open() int { return int(o.opened.Load()) }

// end gives out everything.
func (o *Observer) end(now time.Duration) error {
	err := o.give(now + o.Hold)
	return errors.Join(err, o.builder.Close(), o.err)
}

// give gives out the records up to a time.
func (o *Observer) give(until time.Duration) error {
	o.mu.Lock()
	n := 0
	for n < len(o.held) && o.held[n].record.Time.Mono <= until {
		n++
	}
	ready := slices.Clone(o.held[:n])
	o.held = slices.Delete(o.held, 0, n)
	lost := o.lost
	o.lost = 0
	o.mu.Unlock()
	for i := range ready {
		if err := o.one(&ready[i]); err != nil {
			return err
		}
	}
	if lost > 0 {
		return o.one(&item{record: o.gap(lost)})
	}
	return nil
}

// gap is the record that stands for those that there was no room for.
func (o *Observer) gap(lost int) journal.Record {
	now, boot := o.Clock()
	return journal.Record{
		Time: now, Boot: boot, Identifier: ownIdentifier, Priority: 4, Count: 1,
		Message: fmt.Sprintf("%d records were left out: more came than can be looked at", lost),
	}
}

// one takes a record.
func (o *Observer) one(i *item) error {
	if err := o.Told.Step(Step{Record: &i.record}); err != nil {
		return err
	}
	var m *patterns.Match
	if i.match.Pattern != nil {
		m = &i.match
	}
	if i.match.Class == patterns.FirmwareBoot || i.match.Class == patterns.ResetDone {
		if err := o.Told.Firmware(i.record.Time.Mono); err != nil {
			return err
		}
	}
	return errors.Join(o.builder.Record(&i.record, m), o.err)
}

// sink passes on what the builder finds.
type sink struct{ o *Observer }

func (s sink) Event(*incident.Event) error { return nil }

func (s sink) Incident(i *incident.Incident) error {
	delete(s.o.open, i.ID)
	s.o.opened.Store(int64(len(s.o.open)))
	return s.o.Told.Finished(i)
}

func (s sink) Opened(id string, e *incident.Event) {
	s.o.open[id] = true
	s.o.opened.Store(int64(len(s.o.open)))
	if s.o.err == nil {
		s.o.err = s.o.Told.Opened(e)
	}
}

func (sink) Grew(string, *incident.Event) {}

// Replay gives the incidents that steps of an earlier run lead to: what that run
// found with the same patterns.
func Replay(c *patterns.Catalogue, steps func(yield func(Step) bool), found func(*incident.Incident) error) error {
	builder := incident.NewBuilder(replayed(found))
	for s := range steps {
		var err error
		if s.Record == nil {
			err = builder.Tick(s.Time, s.Boot)
		} else {
			r := *s.Record
			r.Raw = Line(&r)
			var match *patterns.Match
			if m, ok := c.Match(r.Identifier, r.Message); ok {
				match = &m
			}
			err = builder.Record(&r, match)
		}
		if err != nil {
			return err
		}
	}
	return builder.Close()
}

// replayed is a Watcher, as the sink of a live run is: both get late news as
// revisions.
type replayed func(*incident.Incident) error

func (replayed) Event(*incident.Event) error           { return nil }
func (r replayed) Incident(i *incident.Incident) error { return r(i) }
func (replayed) Opened(string, *incident.Event)        {}
func (replayed) Grew(string, *incident.Event)          {}
