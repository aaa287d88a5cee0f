package runlog

import (
	"encoding/json"
	"fmt"
	"time"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
)

// Schema is what the first line of a run file names.
const Schema = "roamfault/run/v1"

// Entry is what a line of a run file says. Only the types of this package are
// entries, all of them as pointers.
type Entry interface {
	// Type is the value of "type" in the line.
	Type() EntryType
	check() error
}

// EntryType is the value of "type" in a line of a run file.
type EntryType string

// The types of lines.
const (
	TypeRun         EntryType = "run"         // [RunEntry], the first line
	TypeEnvironment EntryType = "environment" // [EnvironmentEntry]
	TypeBegin       EntryType = "begin"       // [BeginEntry]
	TypeCycle       EntryType = "cycle"       // [Cycle]
	TypeIncident    EntryType = "incident"    // [IncidentEntry]
	TypeRecord      EntryType = "record"      // [RecordEntry]
	TypeNote        EntryType = "note"        // [NoteEntry]
	TypePause       EntryType = "pause"       // [PauseEntry]
	TypeResume      EntryType = "resume"      // [ResumeEntry]
	TypeEnd         EntryType = "end"         // [EndEntry]
)

// known reports whether this version knows the type.
func (t EntryType) known() bool {
	switch t {
	case TypeRun, TypeEnvironment, TypeBegin, TypeCycle, TypeIncident, TypeRecord, TypeNote, TypePause, TypeResume, TypeEnd:
		return true
	}
	return false
}

// newEntry returns an empty entry of a type, nil for a type that is not known.
func newEntry(t EntryType) Entry {
	switch t {
	case TypeRun:
		return new(RunEntry)
	case TypeEnvironment:
		return new(EnvironmentEntry)
	case TypeBegin:
		return new(BeginEntry)
	case TypeCycle:
		return new(Cycle)
	case TypeIncident:
		return new(IncidentEntry)
	case TypeRecord:
		return new(RecordEntry)
	case TypeNote:
		return new(NoteEntry)
	case TypePause:
		return new(PauseEntry)
	case TypeResume:
		return new(ResumeEntry)
	case TypeEnd:
		return new(EndEntry)
	}
	return nil
}

// RunEntry is the first line of a run file. A run without an [EndEntry] is open:
// PID and Boot, or those of the last [ResumeEntry], say who had it.
type RunEntry struct {
	Schema  string `json:"schema"` // [Schema]
	ID      string `json:"id"`
	Plan    Plan   `json:"plan"`
	Version string `json:"version"` // of the program
	Started Moment `json:"started"`
	// Machine tells machines apart; a run is resumed only on its own.
	Machine string `json:"machine,omitzero"`
	PID     int    `json:"pid"`
	Boot    string `json:"boot"` // boot id
}

// Type returns TypeRun.
func (*RunEntry) Type() EntryType { return TypeRun }

// EnvironmentEntry is what a run was made in, from there on.
type EnvironmentEntry struct {
	At          Moment      `json:"at"`
	Boot        string      `json:"boot"`
	Load        int         `json:"load,omitzero"`
	Environment Environment `json:"environment"`
}

// Type returns TypeEnvironment.
func (*EnvironmentEntry) Type() EntryType { return TypeEnvironment }

// BeginEntry says that a cycle begins. One without a [Cycle] of its number was
// interrupted.
type BeginEntry struct {
	Number int        `json:"number"`
	Kind   Kind       `json:"kind"`
	Load   int        `json:"load"`
	Boot   string     `json:"boot"`
	Begin  Moment     `json:"begin"`
	To     dot11.Addr `json:"to,omitzero"` // what the target is told apart by, see [AP.Addr]
	BSSID  dot11.Addr `json:"bssid,omitzero"`
}

// Type returns TypeBegin.
func (*BeginEntry) Type() EntryType { return TypeBegin }

// Type returns TypeCycle.
func (*Cycle) Type() EntryType { return TypeCycle }

// IncidentEntry is an incident. A later one of the same ID with a higher Rev
// takes its place.
type IncidentEntry struct {
	ID          string `json:"id"`
	Rev         int    `json:"rev"`
	Class       string `json:"class"` // of the root
	Fingerprint string `json:"fingerprint"`
	Severity    string `json:"severity"` // of the gravest event
	Fatal       bool   `json:"fatal,omitzero"`
	// Cycle is the number of the cycle it fell into, 0: none.
	Cycle  int    `json:"cycle,omitzero"`
	Load   int    `json:"load,omitzero"`
	Boot   string `json:"boot,omitzero"`
	At     Moment `json:"at"` // of its first event
	Origin Origin `json:"origin"`
	// Incident is the incident as an analysis has it, in JSON.
	Incident json.RawMessage `json:"incident,omitzero"`
}

// Type returns TypeIncident.
func (*IncidentEntry) Type() EntryType { return TypeIncident }

// RecordEntry is a log record, or a tick: that time passed in which nothing was
// said.
type RecordEntry struct {
	// Cycle is the number of the cycle it fell into, 0: none.
	Cycle int
	// Tick says that of Record only Time and Boot mean anything.
	Tick   bool
	Record journal.Record
}

// Type returns TypeRecord.
func (*RecordEntry) Type() EntryType { return TypeRecord }

// NoteEntry is a word to people: what was done about a trouble, what was not as
// planned.
type NoteEntry struct {
	At    Moment `json:"at"`
	Cycle int    `json:"cycle,omitzero"`
	Text  string `json:"text"`
}

// Type returns TypeNote.
func (*NoteEntry) Type() EntryType { return TypeNote }

// PauseEntry says that a run stands still.
type PauseEntry struct {
	At   Moment `json:"at"`
	Boot string `json:"boot"`
	PID  int    `json:"pid"`
	Load int    `json:"load,omitzero"`
	Why  string `json:"why"`
}

// Type returns TypePause.
func (*PauseEntry) Type() EntryType { return TypePause }

// ResumeEntry says that a run goes on, perhaps in another process or boot.
type ResumeEntry struct {
	At   Moment `json:"at"`
	Boot string `json:"boot"`
	PID  int    `json:"pid"`
	Load int    `json:"load,omitzero"`
	Why  string `json:"why,omitzero"`
}

// Type returns TypeResume.
func (*ResumeEntry) Type() EntryType { return TypeResume }

// EndEntry is the last line of a run that was ended.
type EndEntry struct {
	At     Moment `json:"at"`
	Reason string `json:"reason"`
	Totals Totals `json:"totals"`
}

// Totals sum up a run.
type Totals struct {
	Cycles    int             `json:"cycles"`
	Bad       int             `json:"bad"`
	Incidents int             `json:"incidents"`
	Loads     int             `json:"loads"`
	Driven    time.Duration   `json:"driven_ns"` // without pauses
	Outcomes  map[Outcome]int `json:"outcomes,omitempty"`
}

// Type returns TypeEnd.
func (*EndEntry) Type() EntryType { return TypeEnd }

// Bounds on what a line may say: a number beyond them is damage.
const (
	mostCount = 1 << 31 // cycles, loads, pids
	mostTime  = 100 * 365 * 24 * time.Hour
	// longestWord is of names that are made by programs: kinds, outcomes, boot ids.
	longestWord = 64
)

func words[T ~string](words ...T) error {
	for _, w := range words {
		if len(w) > longestWord {
			return fmt.Errorf("a word of %d bytes is out of bounds", len(w))
		}
	}
	return nil
}

func inBounds(what string, n int) error {
	if n < 0 || int64(n) >= mostCount {
		return fmt.Errorf("%s %d is out of bounds", what, n)
	}
	return nil
}

func timeInBounds(what string, d time.Duration) error {
	if d < 0 || d > mostTime {
		return fmt.Errorf("%s of %v is out of bounds", what, d)
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Moment) check() error {
	return first(timeInBounds("a monotonic time", m.Monotonic), timeInBounds("a boot time", m.Boot))
}

func (e *RunEntry) check() error {
	return first(inBounds("pid", e.PID), words(e.Boot, e.ID), e.Started.check())
}

func (e *EnvironmentEntry) check() error {
	return first(inBounds("load", e.Load), words(e.Boot), e.At.check())
}

func (e *BeginEntry) check() error {
	return first(inBounds("cycle", e.Number), inBounds("load", e.Load), words(e.Boot, string(e.Kind)), e.Begin.check())
}

func (c *Cycle) check() error {
	err := first(inBounds("cycle", c.Number), inBounds("load", c.Load), c.Begin.check(), c.End.check(),
		inBounds("expected links", c.Expected), timeInBounds("an outage", c.Outage), timeInBounds("a cycle", c.Took),
		words(c.Boot, string(c.Kind), string(c.Outcome), string(c.Origin)))
	for _, s := range c.Stages {
		err = first(err, words(s.Stage), timeInBounds("a stage's begin", s.Begin), timeInBounds("a stage's end", s.End))
	}
	return err
}

func (e *IncidentEntry) check() error {
	return first(inBounds("cycle", e.Cycle), inBounds("load", e.Load), inBounds("revision", e.Rev), words(e.Boot, string(e.Origin)), e.At.check())
}

func (e *RecordEntry) check() error { return inBounds("cycle", e.Cycle) }

func (e *NoteEntry) check() error { return first(inBounds("cycle", e.Cycle), e.At.check()) }

func (e *PauseEntry) check() error {
	return first(inBounds("pid", e.PID), inBounds("load", e.Load), words(e.Boot), e.At.check())
}

func (e *ResumeEntry) check() error {
	return first(inBounds("pid", e.PID), inBounds("load", e.Load), words(e.Boot), e.At.check())
}

func (e *EndEntry) check() error {
	err := first(e.At.check(), inBounds("cycles", e.Totals.Cycles), inBounds("bad cycles", e.Totals.Bad),
		inBounds("incidents", e.Totals.Incidents), inBounds("loads", e.Totals.Loads), timeInBounds("a run", e.Totals.Driven))
	for _, n := range e.Totals.Outcomes {
		err = first(err, inBounds("an outcome's count", n))
	}
	return err
}
