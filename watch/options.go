// Package watch follows a log and tells of incidents while they happen. What is
// finished goes to a spool, together with what goes away soon, and the place in
// the log follows behind it: whenever the program is killed, no incident is lost
// and none is there twice.
//
// The engine is one goroutine. It is fed by another one, which reads the source,
// matches each record and passes on those that say something, and by a clock
// whose ticks end an incident when the log is silent. Both are data: the same
// records and ticks give the same incidents.
package watch

import (
	"encoding/json"
	"errors"
	"io"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/spool"
)

// Options say what to watch and where to tell it.
type Options struct {
	// Source names the kind of cursors that the records have: a cursor of
	// another kind, saved by an earlier run, is not used.
	Source string
	// Open makes the source, for the first time and whenever the one before
	// has ended. The source follows unless Once is set. It may call
	// disturbed to say that records may be late for a while.
	Open func(from Start, disturbed func()) (journal.Source, error)
	// Fatal tells which errors of a source are not worth another try; nil
	// for none.
	Fatal func(error) bool
	// Begin says where to begin when the spool has no saved place.
	Begin Begin
	// Once ends the watching at the end of the log.
	Once bool

	Catalogue *patterns.Catalogue
	// Reload makes the catalogue anew when Reloads says so.
	Reload  func() (*patterns.Catalogue, error)
	Reloads <-chan struct{}
	// Device keeps incidents of devices whose name matches: a glob of a
	// word, or a part. Empty for all.
	Device string

	Clock Clock
	Spool Spool
	// Printer is told of incidents while they go on; nil for nobody.
	Printer Printer
	// Collector gathers what goes away soon; nil for nothing.
	Collector Collector
	// Loaded tells what drives the Wi-Fi cards at present, which is noted in
	// the spool: at the begin, with each incident of this boot and with each
	// reload; nil for not to note it.
	Loaded func() (spool.BootNote, error)
	// Exec hands incidents on; nil for nobody.
	Exec *Executor
	// Notify tells the service manager; nil for none.
	Notify Notifier
	// Numbers counts; nil to count for nobody.
	Numbers *Numbers
	// Publish, when set, is called every 10 s and at the end to bring the
	// numbers to where they are read.
	Publish func() error
	// Say takes lines for people: what went wrong, what was done about it.
	Say func(format string, args ...any)
	// Steps, when set, takes all that the incidents rest on, in order.
	Steps func(Step)
	// CheckpointEvery is how often the place in the log is saved at the
	// most while there is something in it; 0 for a second, negative for
	// whenever it can be. While the log has nothing of interest it is saved
	// 60 times less often.
	CheckpointEvery time.Duration
}

// Start is where a source begins.
type Start struct {
	// After is the cursor behind which to begin, empty for none.
	After string
	// Since leaves out what is earlier, Boot other boots; zero for no
	// bound. They hold where After is empty.
	Since time.Time
	Boot  string
}

// Begin is where to begin in a log that has not been read before.
type Begin uint8

// The places to begin at.
const (
	FromNow    Begin = iota // the present
	FromBoot                // the begin of this boot
	FromAll                 // the begin of the log
	FromCursor              // nowhere: there must be a saved place
)

// ErrNoCursor: [FromCursor] was asked for and there is no saved place.
var ErrNoCursor = errors.New("the spool has no saved place to go on from: begin with --since now, boot or all")

// Clock is the time that the records are written by.
type Clock interface {
	// Now returns the present as a record would have it: wall clock, time
	// on CLOCK_MONOTONIC where the system has it, and the boot id.
	Now() (t journal.Time, boot string)
	// Ticks returns a channel that gets a value every second, and what ends
	// it.
	Ticks() (c <-chan time.Time, stop func())
}

// Spool keeps finished incidents. It is implemented by [spool.Spool].
type Spool interface {
	Has(id string, rev int) bool
	Put(spool.Document) (spool.Outcome, error)
	Attach(id string, first time.Time, name string, r io.Reader, most int64) (spool.Attachment, []spool.Entry, error)
	Save(spool.Checkpoint) error
	Load() (*spool.Checkpoint, error)
	Usage() spool.Usage
	Pending() []spool.Entry
	Read(spool.Entry) ([]byte, error)
	Done(id string, rev int) error
	NoteBoot(spool.BootNote) error
}

// Printer is told of incidents. What an earlier run has told it is not told
// again, unless that was killed in between.
type Printer interface {
	Opened(id string, e *incident.Event)
	// Grew is told of an open incident's event, the nth.
	Grew(id string, e *incident.Event, n int)
	// Finished is told of an incident and its JSON object, and the file in
	// the spool, empty while it could not be written.
	Finished(i *incident.Incident, object json.RawMessage, file string)
}

// Attach keeps a file beside an incident.
type Attach = func(name string, r io.Reader, most int64) (spool.Attachment, error)

// Collector gathers what belongs to an incident and goes away soon. It returns
// within seconds whatever the machine does.
type Collector interface {
	Collect(i *incident.Incident, attach Attach) (json.RawMessage, error)
}

// Notifier tells a service manager. It is implemented by sdnotify.Notifier.
type Notifier interface {
	Ready() error
	Reloading(monotonic time.Duration) error
	Stopping() error
	Alive() error
	Status(text string) error
	// Watchdog is how often Alive must be called, 0 for never.
	Watchdog() time.Duration
}

// Step is one thing that incidents rest on: a record, or a tick of the clock.
type Step struct {
	// Record is a record that a pattern matches, nil for a tick. It is
	// valid during the call.
	Record *journal.Record
	// Time and Boot are the tick's.
	Time journal.Time
	Boot string
}

// Result is what a watching came to.
type Result struct {
	// Incidents is how many were put into the spool, revisions included.
	Incidents int
	// Open is how many were not finished: they are found again behind the
	// saved place.
	Open int
	// Unstored is how many could not be put; they are found again, too.
	Unstored int
	Records  int64
}
