// Package spool keeps finished incidents in a directory, one JSON file each,
// together with the place up to which the log was read to find them.
//
// Whatever happens between two calls, a kill or a power cut, the directory is
// whole: files come by a rename behind an fsync and are followed by an fsync of
// the directory, and a [Checkpoint] is saved only behind what it covers. What is
// read again after a kill is put again, and putting twice is putting once.
package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Limits bound the use of the disk. The oldest incident goes first.
type Limits struct {
	// Bytes bounds the size of all incidents with what was collected for
	// them, each file counted in whole blocks of 4 KiB; 0 for
	// [DefaultBytes].
	Bytes int64
	// Incidents bounds their number, 0 for [DefaultIncidents].
	Incidents int
}

// The limits of zero [Limits], and the least that [Open] takes.
const (
	DefaultBytes     = 256 << 20
	DefaultIncidents = 10000
	LeastBytes       = 1 << 20
)

// The errors that a caller can do something about.
var (
	// ErrLocked: another process has the spool open.
	ErrLocked = errors.New("another roamfault is using it: stop that one, or name another directory")
	// ErrTooLarge: an incident alone exceeds Limits.Bytes. Trying again is
	// idle.
	ErrTooLarge = errors.New("larger than the whole spool may be")
)

// Spool is an open directory of incidents. It is safe for use by several
// goroutines.
type Spool struct {
	dir    string
	limits Limits
	lock   *os.File

	mu sync.Mutex
	// entries are sorted by name, which is by time.
	entries []*Entry
	byID    map[string]*Entry
	strays  map[string][]Attachment // by base, of incidents that are not here (yet)
	marks   []string                // bases marked as pending of which nothing else is here (yet)
	gone    map[string]int          // revisions put since the checkpoint and evicted, by id
	goneLen int64                   // bytes of the file of these
	bytes   int64
	number  int64 // the last one given to an incident without a date
}

// Entry is an incident in the spool.
type Entry struct {
	// Name is the file's name in the directory.
	Name string
	ID   string
	Rev  int
	// Bytes is the room it takes with its attachments.
	Bytes int64
	// Attachments are the files beside it.
	Attachments []Attachment
	// Pending tells that it is still to be handed on.
	Pending bool

	size int64 // of the incident alone
}

// Usage is how much of the spool is used.
type Usage struct {
	Incidents int
	Bytes     int64
}

const (
	suffix       = ".json"
	todoSuffix   = ".todo"
	tempPrefix   = ".tmp-"
	lockName     = ".lock"
	goneName     = ".evicted"
	checkName    = "checkpoint.json"
	block        = 4096
	strayLimit   = 64
	mostTroubles = 32
)

// Open takes a directory, making it where it is missing, and locks it. Files
// that are not the spool's own, or damaged, stay as they are and count for
// nothing; each is told in notes, and so is what was left over by a kill and
// taken away.
func Open(dir string, limits Limits) (s *Spool, notes []string, err error) {
	if limits.Bytes == 0 {
		limits.Bytes = DefaultBytes
	}
	if limits.Incidents == 0 {
		limits.Incidents = DefaultIncidents
	}
	if limits.Bytes < LeastBytes || limits.Incidents < 1 {
		return nil, nil, fmt.Errorf("open spool %s: room for %d incidents in %d bytes: give it at least 1 in %d", dir, limits.Incidents, limits.Bytes, LeastBytes)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, nil, fmt.Errorf("open spool %s: %w", dir, bare(err))
	}
	s = &Spool{dir: dir, limits: limits, byID: make(map[string]*Entry), strays: make(map[string][]Attachment)}
	if s.lock, err = lock(filepath.Join(dir, lockName)); err != nil {
		return nil, nil, fmt.Errorf("open spool %s: %w", dir, bare(err))
	}
	if notes, err = s.scan(); err != nil {
		s.Close()
		return nil, nil, fmt.Errorf("open spool %s: %w", dir, bare(err))
	}
	return s, notes, nil
}

// Close gives the directory free.
func (s *Spool) Close() error { return s.lock.Close() }

// Dir is the directory.
func (s *Spool) Dir() string { return s.dir }

// scan learns what the directory holds.
func (s *Spool) scan() (notes []string, err error) {
	list, err := os.ReadDir(s.dir) // by name
	if err != nil {
		return nil, err
	}
	more := 0
	say := func(format string, args ...any) {
		if len(notes) >= mostTroubles {
			more++
			return
		}
		notes = append(notes, fmt.Sprintf(format, args...))
	}
	var others []fs.DirEntry
	leftover := 0
	for _, f := range list {
		name := f.Name()
		switch {
		case name == lockName, name == checkName, name == goneName, name == bootsName:
		case strings.HasPrefix(name, tempPrefix):
			if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
				return nil, err
			}
			leftover++
		case strings.HasSuffix(name, suffix):
			e, err := readEntry(s.dir, name)
			if err != nil {
				say("ignored %q in the spool: %v", name, err)
				continue
			}
			if o := s.byID[e.ID]; o != nil {
				say("ignored %q in the spool: %q has the same incident", name, o.Name)
				continue
			}
			s.add(e)
		default:
			others = append(others, f)
		}
	}
	for _, f := range others {
		s.beside(f, say)
	}
	if leftover > 0 {
		say("took away %d unfinished files of a program that was killed", leftover)
	}
	if more > 0 {
		notes = append(notes, fmt.Sprintf("and %d more such files", more))
	}
	if s.gone, s.goneLen, err = readGone(filepath.Join(s.dir, goneName)); err != nil {
		return nil, err
	}
	return notes, s.dropStrays()
}

// beside takes a file that is no incident: an attachment, or the mark of what
// is still to be handed on.
func (s *Spool) beside(f fs.DirEntry, say func(string, ...any)) {
	name := f.Name()
	base, rest, ok := strings.Cut(name, "+")
	if todo, isTodo := strings.CutSuffix(name, todoSuffix); isTodo {
		if e := s.byName(todo + suffix); e != nil {
			e.Pending = true
			return
		}
		// Marked, and killed before it was put: it will be put again.
		if _, _, isOurs := parseBase(todo); isOurs {
			s.marks = append(s.marks, todo)
			return
		}
	}
	info, err := f.Info()
	if _, _, isOurs := parseBase(base); !ok || !isOurs || err != nil || !info.Mode().IsRegular() {
		say("ignored %q in the spool: not a file of it", name)
		return
	}
	a := Attachment{Name: rest, Bytes: info.Size()}
	if e := s.byName(base + suffix); e != nil {
		e.attach(a)
		s.bytes += blocks(a.Bytes)
		return
	}
	s.strays[base] = append(s.strays[base], a)
	s.bytes += blocks(a.Bytes)
}

// dropStrays bounds what waits for an incident that did not come.
func (s *Spool) dropStrays() error {
	for base, list := range s.strays {
		if len(s.strays) <= strayLimit {
			break
		}
		if err := s.dropStray(base, list); err != nil {
			return err
		}
	}
	return nil
}

func (s *Spool) dropStray(base string, list []Attachment) error {
	for _, a := range list {
		if err := remove(filepath.Join(s.dir, base+"+"+a.Name)); err != nil {
			return err
		}
		s.bytes -= blocks(a.Bytes)
	}
	delete(s.strays, base)
	return nil
}

// add puts an entry into the lists.
func (s *Spool) add(e *Entry) {
	at, _ := slices.BinarySearchFunc(s.entries, e.Name, func(e *Entry, name string) int { return strings.Compare(e.Name, name) })
	s.entries = slices.Insert(s.entries, at, e)
	s.byID[e.ID] = e
	s.bytes += e.Bytes
	if _, number, ok := parseBase(e.base()); ok {
		s.number = max(s.number, number)
	}
}

func (s *Spool) byName(name string) *Entry {
	at, ok := slices.BinarySearchFunc(s.entries, name, func(e *Entry, name string) int { return strings.Compare(e.Name, name) })
	if !ok {
		return nil
	}
	return s.entries[at]
}

// Has reports whether this revision of an incident, or a later one, was put:
// also when it had to go since, as long as it could be found again in the log.
func (s *Spool) Has(id string, rev int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.has(id, rev)
}

func (s *Spool) has(id string, rev int) bool {
	if e := s.byID[id]; e != nil && e.Rev >= rev {
		return true
	}
	last, ok := s.gone[id]
	return ok && last >= rev
}

// Usage tells how much of the spool is used.
func (s *Spool) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Usage{len(s.entries), s.bytes}
}

// Entries returns what the spool holds, the oldest first.
func (s *Spool) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Entry, 0, len(s.entries))
	for _, e := range s.entries {
		c := *e
		c.Attachments = slices.Clone(e.Attachments)
		out = append(out, c)
	}
	return out
}

// Read returns the document of an entry.
func (s *Spool) Read(e Entry) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, e.Name))
	if err != nil {
		return nil, fmt.Errorf("read an incident of the spool: %w", err)
	}
	return b, nil
}

func (e *Entry) base() string { return strings.TrimSuffix(e.Name, suffix) }

// attach adds an attachment, or takes the place of the one of that name.
func (e *Entry) attach(a Attachment) {
	if i := slices.IndexFunc(e.Attachments, func(o Attachment) bool { return o.Name == a.Name }); i >= 0 {
		e.Bytes -= blocks(e.Attachments[i].Bytes)
		e.Attachments = slices.Delete(e.Attachments, i, i+1)
	}
	e.Attachments = append(e.Attachments, a)
	e.Bytes += blocks(a.Bytes)
}

// blocks is the room that so many bytes take on a disk.
func blocks(n int64) int64 { return (n + block - 1) / block * block }

// bare takes the path off an error, where the caller says it.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s %s: %w", pe.Op, filepath.Base(pe.Path), pe.Err)
	}
	return err
}
