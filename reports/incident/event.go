package incident

import (
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// Event is a record and what it was found to say.
type Event struct {
	Class    patterns.Class
	Severity patterns.Severity
	// Pattern is the id of the pattern that told, or "derived" behind a
	// class name for a class that several records tell together.
	Pattern string
	Fields  patterns.Fields
	// Device is the card or interface it speaks of, as printed.
	Device string
	// Time, Boot, Host, Identifier, Message, Origin and Raw are the record's.
	Time       journal.Time
	Boot       string
	Host       string
	Identifier string
	Message    string
	Origin     journal.Origin
	Cursor     string
	Raw        string
	// Count is how often the source says that the record came.
	Count int
	// Incident is the id of the incident that the event belongs to, empty
	// for none.
	Incident string

	meaning, advice string
	layer, phase    string
	final           bool
	anyDevice       bool
	body            string
	subject         patterns.Subject
	stage, failed   string

	// before and behind are records that are no events and without which
	// this one would not be: what a report quotes with it.
	before, behind []*Event

	card     *card
	decided  bool
	dropped  bool // turned out to be no event
	order    int  // counted as events come
	effect   moment
	ctx      phaseContext
	sameFact *Event // an earlier event that tells the same fact
}

// DerivedPattern is the pattern of events that several records tell together.
const DerivedPattern = "derived"

func (e *Event) moment() moment { return moment{e.Time, e.Boot, e.Origin.File, e.Origin.Line} }

func momentOf(r *journal.Record) moment {
	return moment{r.Time, r.Boot, r.Origin.File, r.Origin.Line}
}

// bad reports whether the event can be part of a failure.
func (e *Event) bad() bool { return e.Severity >= patterns.Warn }

// longestRaw bounds what is kept of a record's text.
const longestRaw = 4096

func newEvent(r *journal.Record, m *patterns.Match, class patterns.Class, severity patterns.Severity) *Event {
	e := &Event{
		Class: class, Severity: severity, Pattern: m.Pattern.ID, Fields: m.Fields,
		meaning: m.Pattern.Meaning, advice: m.Pattern.Advice, layer: m.Pattern.Layer, phase: m.Pattern.Phase,
		final: m.Final, anyDevice: m.Pattern.AnyDevice, body: m.Body, subject: m.Subject, stage: m.Pattern.Stage, failed: m.Pattern.StageFailed,
	}
	e.fromRecord(r)
	return e
}

// quoteOf keeps a record that is no event, to be quoted.
func quoteOf(r *journal.Record) *Event {
	e := &Event{}
	e.fromRecord(r)
	return e
}

func (e *Event) fromRecord(r *journal.Record) {
	e.Time, e.Boot, e.Host, e.Identifier, e.Origin, e.Cursor, e.Count = r.Time, r.Boot, r.Host, r.Identifier, r.Origin, r.Cursor, max(r.Count, 1)
	e.Message, e.Raw = clip(r.Message), clip(r.Raw)
	e.effect = e.moment()
}

func clip(s string) string {
	if len(s) > longestRaw {
		return strings.Clone(s[:longestRaw]) // the rest must not stay in memory
	}
	return s
}

// The windows by which events belong together (shared vocabulary: incident).
const (
	silence     = 60 * time.Second // an incident ends when nothing bad came for so long
	holds       = 5 * time.Second  // an association must hold so long to be the end
	sameAction  = time.Second      // records of one action, and restatements of one fact
	mcuWait     = 3 * time.Second  // how long mt76 waits for an answer
	stopWake    = 10 * time.Second // a queue that stays stopped so long is stuck
	negotiation = 10 * time.Second // a refusal that is negotiation is followed by success
)
