package runlog

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"roamfault/nl80211/dot11"
)

// Run is a run file in memory: all but the raw records and the incidents' own
// documents.
type Run struct {
	// Head is the first line; its zero value where that is lost.
	Head         RunEntry
	Environments []EnvironmentEntry
	Cycles       Cycles
	// APs are the access points that cycles went from or to or ended at, by what they
	// are told apart by.
	APs []dot11.Addr
	// Incidents are in the order of the file, each in its last revision, without
	// their documents.
	Incidents []IncidentEntry
	Notes     []NoteEntry
	// Pauses and Resumes tell when it stood still, and who had it.
	Pauses  []PauseEntry
	Resumes []ResumeEntry
	// Interrupted is the cycle that began and did not end, if it was the last one.
	Interrupted *BeginEntry
	// Ended is the last line of a run that was ended, nil of one that is open.
	Ended *EndEntry
	// Repeated is how many cycles had the number of one that was there; they did not
	// count.
	Repeated int
	// Dropped is how many of the other entries were too many to be kept.
	Dropped int
}

// Open reports whether the run was not ended: it is under way, or was
// interrupted.
func (r *Run) Open() bool { return r.Ended == nil }

// Owner returns who had the run last: its process and boot.
func (r *Run) Owner() (pid int, boot string) {
	if n := len(r.Resumes); n > 0 {
		return r.Resumes[n-1].PID, r.Resumes[n-1].Boot
	}
	return r.Head.PID, r.Head.Boot
}

// Environment returns the last environment, nil where none was told.
func (r *Run) Environment() Environment {
	if n := len(r.Environments); n > 0 {
		return r.Environments[n-1].Environment
	}
	return nil
}

// Crash is the death of a machine between two cycles of a run, which is no cycle's
// outcome.
type Crash struct {
	Boot string
	Load int
	// Words are what the logs of that boot had of it; one line, from anywhere.
	Words string
	// After is the number of the boot's last cycle, 0: it had none.
	After int
	// Incidents are the places in [Run.Incidents] of what the crash is told by. The
	// logs may give them to the cycle before, though that had ended.
	Incidents []int
}

// betweenCycles is why a run stands still whose machine went down while no cycle was
// under way (package resume, State.Why). The note of the same moment says in
// brackets, as the outcome of a cycle, how that came.
const betweenCycles = "the machine went down between two cycles"

// Crashes are the crashes between two cycles, one a boot at most: a machine dies
// once. A boot that ended in a shutdown has none, nor one whose crash is that of a
// cycle.
func (r *Run) Crashes() []Crash {
	said := r.wentDown()
	var list []Crash
	seen := make(map[string]int)
	add := func(c Crash, how Outcome) {
		if _, again := seen[c.Boot]; !again && how == Crashed {
			seen[c.Boot] = len(list)
			list = append(list, c)
		}
	}
	closed := make(map[instant]bool)
	for _, p := range r.Pauses {
		if p.Why != betweenCycles {
			continue
		}
		closed[instantOf(p.At)] = true
		at := slices.IndexFunc(said, func(d down) bool { return d.at == instantOf(p.At) })
		if at < 0 {
			// Its note is lost: nobody said that it was a shutdown.
			add(Crash{Boot: p.Boot, Load: p.Load}, Crashed)
			continue
		}
		add(Crash{Boot: p.Boot, Load: p.Load, Words: said[at].words}, said[at].how)
	}
	// The closing of a run that was itself cut off has a note, and no pause yet.
	if n := len(said) - 1; n >= 0 && r.Ended == nil && !closed[said[n].at] {
		_, boot := r.Owner()
		add(Crash{Boot: boot, Words: said[n].words}, said[n].how)
	}
	if len(list) == 0 {
		return nil
	}
	return r.place(list, seen)
}

// down is what a note says of a machine that went down between two cycles.
type down struct {
	at    instant
	how   Outcome
	words string
}

// instant is a moment that can be compared with another.
type instant struct {
	wall       int64
	mono, boot time.Duration
}

func instantOf(m Moment) instant { return instant{m.Wall.UnixNano(), m.Monotonic, m.Boot} }

// wentDown reads notes such as "the machine went down between two cycles (crashed:
// why)".
func (r *Run) wentDown() []down {
	var list []down
	for i := range r.Notes {
		rest, ok := strings.CutPrefix(r.Notes[i].Text, betweenCycles+" (")
		if !ok {
			continue
		}
		if how, words, ok := strings.Cut(strings.TrimSuffix(rest, ")"), ": "); ok {
			list = append(list, down{instantOf(r.Notes[i].At), Outcome(how), words})
		}
	}
	return list
}

// place finds what was before each crash, and leaves out what a cycle has as its
// outcome.
func (r *Run) place(list []Crash, byBoot map[string]int) []Crash {
	begins := make([]time.Duration, len(list)) // of the last cycle, on CLOCK_BOOTTIME
	told := make([]bool, len(list))
	for _, c := range r.Cycles.All() {
		n, ok := byBoot[c.Boot]
		if !ok {
			continue
		}
		list[n].After, begins[n] = c.Number, c.Begin
		list[n].Load = max(list[n].Load, c.Load)
		told[n] = told[n] || c.Outcome == Crashed
	}
	for i := range r.Incidents {
		e := &r.Incidents[i]
		n, ok := byBoot[e.Boot]
		if ok && e.Fatal && (e.Cycle == list[n].After || e.Cycle == 0 && e.At.Boot >= begins[n]) {
			list[n].Incidents = append(list[n].Incidents, i)
		}
	}
	var out []Crash
	for n, c := range list {
		if !told[n] {
			out = append(out, c)
		}
	}
	return out
}

// Bounds of what is kept beside the cycles. Cycles take about 44 bytes each.
const (
	mostIncidents = 200_000
	mostKept      = 10_000 // of each other kind
	mostAPs       = 1<<16 - 2
	mostBytes     = 64 << 20 // of lines that are kept, cycles apart
)

// Load reads a run file into memory. It tells of damage as [Read] does.
func Load(ctx context.Context, in io.Reader) (*Run, Stats, error) {
	l := newLoader(migrations())
	stats, err := l.load(ctx, in)
	return l.run, stats, err
}

// loader makes a Run of lines.
type loader struct {
	run    *Run
	reader *reader
	byAddr map[dot11.Addr]uint16 // index in APs, and 1
	byID   map[string]int        // index in Incidents
	seen   sequence              // of cycles
	// open is the last begin's line, until a cycle comes, and at its number.
	open []byte
	at   int
	kept int // bytes
	now  *checked
}

func newLoader(m []migration) *loader {
	return &loader{run: new(Run), reader: newReader(m), byAddr: make(map[dot11.Addr]uint16), byID: make(map[string]int)}
}

func (l *loader) load(ctx context.Context, in io.Reader) (Stats, error) {
	l.reader.accept = l.line
	err := readAhead(ctx, in, func(c *checked) (more bool, err error) {
		l.now = c
		return l.reader.step(ctx, c)
	})
	if len(l.open) > 0 {
		e, bad := decode(TypeBegin, l.open)
		if b, ok := e.(*BeginEntry); ok && bad == nil {
			l.run.Interrupted = b
		} else {
			l.reader.damaged(l.at, bad)
		}
	}
	l.run.join()
	return l.reader.Stats, err
}

func (l *loader) line(kind EntryType, line []byte) error {
	switch kind {
	case TypeRecord:
		return nil
	case TypeBegin:
		// Only the last one can be of a cycle that was interrupted.
		l.open, l.at = append(l.open[:0], line...), l.reader.Lines
		return nil
	case TypeCycle:
		if l.now.scanned && (l.reader.Version == version || l.reader.Headless) {
			l.cycle(&l.now.row)
			return nil
		}
	case TypeIncident:
		line = withoutDocument(line)
	}
	e, err := decode(kind, line)
	if err != nil {
		return damage{err}
	}
	if kind == TypeCycle {
		l.entry(e)
		return nil
	}
	if l.kept += len(line); l.kept > mostBytes {
		l.run.Dropped++
		return nil
	}
	l.entry(e)
	return nil
}

// withoutDocument cuts an incident's document off, which is the most of its line
// and the last of its keys. No text within a line can look like that key: its
// quotes would be escaped.
func withoutDocument(line []byte) []byte {
	if i := bytes.Index(line, []byte(`,"incident":`)); i >= 0 {
		return append(slices.Clone(line[:i]), '}')
	}
	return line
}

func (l *loader) cycle(r *row) {
	l.open = l.open[:0]
	if l.seen.take(uint64(r.number), 0) == repeated {
		l.run.Repeated++
		return
	}
	l.run.Cycles.add(r, l.ap(r.from, r.hasFrom), l.ap(r.to, r.hasTo), l.ap(r.end, r.hasEnd))
}

// ap numbers an access point, from 1; 0 is none, or one too many.
func (l *loader) ap(a dot11.Addr, is bool) uint16 {
	if !is {
		return 0
	}
	n, ok := l.byAddr[a]
	if !ok && len(l.run.APs) < mostAPs {
		l.run.APs = append(l.run.APs, a)
		n = uint16(len(l.run.APs))
		l.byAddr[a] = n
	}
	return n
}

func (l *loader) entry(e Entry) {
	r := l.run
	switch e := e.(type) {
	case *RunEntry:
		r.Head = *e
	case *EnvironmentEntry:
		keep(r, &r.Environments, *e)
	case *Cycle:
		row := rowOf(e)
		l.cycle(&row)
	case *IncidentEntry:
		l.incident(e)
	case *NoteEntry:
		keep(r, &r.Notes, *e)
	case *PauseEntry:
		keep(r, &r.Pauses, *e)
	case *ResumeEntry:
		keep(r, &r.Resumes, *e)
		r.Ended = nil
	case *EndEntry:
		r.Ended = e
	}
}

// keep appends an entry, within bounds.
func keep[T any](r *Run, list *[]T, e T) {
	if len(*list) >= mostKept {
		r.Dropped++
		return
	}
	*list = append(*list, e)
}

func (l *loader) incident(e *IncidentEntry) {
	r := l.run
	if i, ok := l.byID[e.ID]; ok {
		if e.Rev >= r.Incidents[i].Rev {
			r.Incidents[i] = *e
		}
		return
	}
	if len(r.Incidents) >= mostIncidents {
		r.Dropped++
		return
	}
	l.byID[e.ID] = len(r.Incidents)
	r.Incidents = append(r.Incidents, *e)
}
