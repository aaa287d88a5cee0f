package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"roamfault/durable"
)

// DocumentID is the value of "schema" in a document of the spool.
const DocumentID = "roamfault/watch/v1"

// Document is a finished incident to be put.
type Document struct {
	// ID and Rev tell it from all others. An id has letters and digits.
	ID  string
	Rev int
	// First is the wall clock at its first event, zero when unknown.
	First time.Time
	// Incident is the incident, Events its events, Finished the moment by
	// which it was finished, Collected what was collected for it, all as
	// JSON. Nil is null.
	Incident, Events, Finished, Collected json.RawMessage
	// Pending asks to keep in mind that it is still to be handed on, until
	// [Spool.Done].
	Pending bool
}

// headEnd follows the id and the revision, end is how every document ends.
const (
	headEnd = `,"incident":`
	end     = "}\n"
)

// encode writes the document: one object on one line.
func (d *Document) encode() []byte {
	b := make([]byte, 0, len(d.Incident)+len(d.Events)+len(d.Collected)+headLimit)
	b = append(b, `{"schema":"`+DocumentID+`","id":"`+d.ID+`","rev":`...)
	b = strconv.AppendInt(b, int64(d.Rev), 10)
	for _, part := range []struct {
		key  string
		json json.RawMessage
	}{{headEnd, d.Incident}, {`,"events":`, d.Events}, {`,"finished":`, d.Finished}, {`,"collected":`, d.Collected}} {
		b = append(b, part.key...)
		if part.json == nil {
			b = append(b, "null"...)
		}
		b = append(b, part.json...)
	}
	return append(b, end...)
}

// Outcome says what became of a document that was put.
type Outcome struct {
	// New is false when this revision, or a later one, had been put before.
	New  bool
	Name string
	// Evicted are the incidents that went to make room, oldest first.
	Evicted []Entry
}

// Put writes an incident, unless this revision of it or a later one was put
// before. Behind its return the incident is on disk. When it fails, nothing
// has changed but that old incidents may have gone, which Evicted tells, and
// it can be tried again.
func (s *Spool) Put(d Document) (Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !isID.MatchString(d.ID) {
		return Outcome{}, fmt.Errorf("put incident %q: an id has letters and digits only", d.ID)
	}
	if s.has(d.ID, d.Rev) {
		return Outcome{}, nil
	}
	base := s.baseFor(d.ID, d.First)
	body := d.encode()
	size := blocks(int64(len(body)))
	room := size
	if d.Pending {
		room += block
	}
	var out Outcome
	var err error
	if out.Evicted, err = s.makeRoom(room, d.ID); err != nil {
		return out, fmt.Errorf("put incident %s: %w", d.ID, bare(err))
	}
	if d.Pending || slices.Contains(s.marks, base) {
		d.Pending = true
		// First the mark: an incident that is put and has none would never
		// be handed on.
		if err := s.write(base+todoSuffix, nil); err != nil {
			return out, fmt.Errorf("put incident %s: %w", d.ID, bare(err))
		}
	}
	if err := s.write(base+suffix, body); err != nil {
		return out, fmt.Errorf("put incident %s: %w", d.ID, bare(err))
	}
	e := s.byID[d.ID]
	if e == nil {
		e = &Entry{Name: base + suffix, ID: d.ID}
		for _, a := range s.strays[base] {
			s.bytes -= blocks(a.Bytes) // add counts them
			e.attach(a)
		}
		delete(s.strays, base)
		e.size, e.Bytes = size, e.Bytes+size
		s.add(e)
	} else {
		s.bytes += size - e.size
		e.Bytes += size - e.size
		e.size = size
	}
	s.marks = slices.DeleteFunc(s.marks, func(m string) bool { return m == base })
	e.Rev, e.Pending = d.Rev, d.Pending || e.Pending
	out.New, out.Name = true, e.Name
	return out, nil
}

// baseFor names an incident: by the name it has already, where it has one.
func (s *Spool) baseFor(id string, first time.Time) string {
	if e := s.byID[id]; e != nil {
		return e.base()
	}
	if first.IsZero() {
		for base := range s.strays {
			if other, _, ok := parseBase(base); ok && other == id {
				return base
			}
		}
	}
	return baseOf(first, s.number+1, id)
}

// makeRoom lets the oldest incidents go until so many bytes and one incident
// have room, never the one that is to be put.
func (s *Spool) makeRoom(room int64, id string) (evicted []Entry, err error) {
	mine := s.byID[id]
	own, count := int64(0), 1
	if mine != nil {
		own, count = mine.size, 0
	}
	for s.bytes-own+room > s.limits.Bytes || len(s.entries)+count > s.limits.Incidents {
		if stray, ok := s.anyStray(id); ok {
			if err := s.dropStray(stray, s.strays[stray]); err != nil {
				return evicted, err
			}
			continue
		}
		at := 0
		if len(s.entries) > 0 && s.entries[0] == mine {
			at = 1
		}
		if at >= len(s.entries) {
			return evicted, ErrTooLarge
		}
		e := s.entries[at]
		if err := s.evict(e); err != nil {
			return evicted, err
		}
		evicted = append(evicted, *e)
		s.entries = append(s.entries[:at], s.entries[at+1:]...)
	}
	return evicted, nil
}

// anyStray returns a stray that does not wait for this incident.
func (s *Spool) anyStray(id string) (string, bool) {
	for base := range s.strays {
		if other, _, _ := parseBase(base); other != id {
			return base, true
		}
	}
	return "", false
}

// evict takes an incident off the disk. That it was put stays known until the
// checkpoint has passed it.
func (s *Spool) evict(e *Entry) error {
	if err := s.addGone(e.ID, e.Rev); err != nil {
		return err
	}
	for _, a := range e.Attachments {
		if err := remove(filepath.Join(s.dir, e.base()+"+"+a.Name)); err != nil {
			return err
		}
	}
	if err := remove(filepath.Join(s.dir, e.Name)); err != nil {
		return err
	}
	if err := remove(filepath.Join(s.dir, e.base()+todoSuffix)); err != nil {
		return err
	}
	delete(s.byID, e.ID)
	s.bytes -= e.Bytes
	return nil
}

// Pending returns the incidents that are still to be handed on, oldest first.
func (s *Spool) Pending() []Entry {
	var out []Entry
	for _, e := range s.Entries() {
		if e.Pending {
			out = append(out, e)
		}
	}
	return out
}

// Done says that this revision of an incident was handed on. Where a later one
// came meanwhile, that is still pending. After a power cut a pending incident
// may come back: what is handed on is handed on at least once.
func (s *Spool) Done(id string, rev int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byID[id]
	if e == nil || e.Rev > rev || !e.Pending {
		return nil
	}
	if err := remove(filepath.Join(s.dir, e.base()+todoSuffix)); err != nil {
		return fmt.Errorf("mark incident %s as handed on: %w", id, err)
	}
	e.Pending = false
	return nil
}

// write puts a file in place as a whole: it is there after a kill or a power
// cut with all of its bytes, or not at all.
func (s *Spool) write(name string, body []byte) error {
	f, err := os.CreateTemp(s.dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	return s.place(f, name, err)
}

// place ends a temporary file, under its name when all went well.
func (s *Spool) place(f *os.File, name string, err error) error {
	if err == nil {
		err = f.Chmod(0o640)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.dir, name))
	}
	if err != nil {
		return errors.Join(err, remove(f.Name()))
	}
	return durable.SyncDir(s.dir)
}

// remove takes a file away; that it is away already is no error.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
