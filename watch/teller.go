package watch

import (
	"encoding/json"
	"io"
	"math/bits"
	"time"

	"roamfault/journal"
	"roamfault/reports/incident"
	"roamfault/reports/render"
	"roamfault/reports/spool"
)

// teller takes what the builder finds. It implements [incident.Watcher].
type teller struct {
	opt   *Options
	store *store
	open  map[string]*opened
	// The moment at hand: what is finished is finished by it.
	time journal.Time
	boot string
	tick bool
}

// opened is what is known of an open incident.
type opened struct {
	events int
	quiet  bool // not asked for, or told before
}

func newTeller(opt *Options, s *store) *teller {
	return &teller{opt: opt, store: s, open: make(map[string]*opened)}
}

// at says what the builder is about to be told.
func (t *teller) at(when journal.Time, boot string, tick bool) {
	t.time, t.boot, t.tick = when, boot, tick
}

// Event counts an event.
func (t *teller) Event(e *incident.Event) error {
	t.opt.Numbers.events.Add(string(e.Class), 1)
	return nil
}

// Opened is told of a new incident.
func (t *teller) Opened(id string, e *incident.Event) {
	o := &opened{events: 1, quiet: !wanted(e.Device, t.opt.Device) || t.opt.Spool.Has(id, 0)}
	t.open[id] = o
	t.opt.Numbers.open.Set("", float64(len(t.open)))
	if !o.quiet && t.opt.Printer != nil {
		t.opt.Printer.Opened(id, e)
	}
}

// everyEvent is up to which event of an incident each is printed; of the further
// ones only those are whose number is a power of two.
const everyEvent = 16

// Grew is told of a further event.
func (t *teller) Grew(id string, e *incident.Event) {
	o := t.open[id]
	if o == nil {
		return
	}
	o.events++
	if o.quiet || t.opt.Printer == nil || o.events > everyEvent && bits.OnesCount(uint(o.events)) != 1 {
		return
	}
	t.opt.Printer.Grew(id, e, o.events)
}

// Incident takes a finished incident, or a later revision of one.
func (t *teller) Incident(i *incident.Incident) error {
	delete(t.open, i.ID)
	t.opt.Numbers.open.Set("", float64(len(t.open)))
	if !wanted(i.Device, t.opt.Device) {
		return nil
	}
	if t.opt.Spool.Has(i.ID, i.Rev) {
		t.opt.Numbers.found.Add("", 1)
		return nil
	}
	doc := spool.Document{ID: i.ID, Rev: i.Rev, Pending: t.opt.Exec != nil}
	if i.First != nil && i.First.Time.Real() {
		doc.First = i.First.Time.Wall
	}
	object, events, err := render.Objects(i)
	if err != nil {
		t.opt.Say("%v", err) // the builder would tell nothing more behind an error
		return nil
	}
	doc.Incident, doc.Events = object, events
	doc.Finished = t.finished()
	doc.Collected = t.collect(i, doc.First)
	file := t.store.add(doc, string(i.Outcome))
	if t.opt.Printer != nil {
		t.opt.Printer.Finished(i, object, file)
	}
	return nil
}

// collect gathers what goes away soon, where there still is something of it.
func (t *teller) collect(i *incident.Incident, first time.Time) json.RawMessage {
	if _, boot := t.opt.Clock.Now(); t.opt.Collector == nil || i.Boot != "" && !sameBoot(i.Boot, boot) {
		return nil
	}
	b, err := t.opt.Collector.Collect(i, func(name string, r io.Reader, most int64) (spool.Attachment, error) {
		a, evicted, err := t.opt.Spool.Attach(i.ID, first, name, r, most)
		t.store.evicted(evicted)
		return a, err
	})
	if err != nil {
		t.opt.Say("collect what belongs to incident %s: %v", i.ID, err)
	}
	t.opt.noteBoot()
	return b
}

// finished is the moment by which an incident was finished: with it and its
// events the verdict can be reached again.
func (t *teller) finished() json.RawMessage {
	by := "record"
	if t.tick {
		by = "time"
	}
	m := struct {
		By   string `json:"by"`
		Time string `json:"time"`
		Mono *int64 `json:"monotonic_us,omitempty"`
		Boot string `json:"boot,omitempty"`
	}{By: by, Time: t.time.String(), Boot: render.Clean(t.boot)}
	if t.time.HasMono {
		us := t.time.Mono.Microseconds()
		m.Mono = &us
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	return b
}
