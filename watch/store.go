package watch

import (
	"errors"
	"time"

	"roamfault/reports/spool"
)

// Bounds on what waits for room on the disk. Behind them the log is not read
// on: it keeps what comes.
const (
	mostWaiting  = 64
	mostBytes    = 16 << 20
	retryEach    = 5 * time.Second
	complainEach = time.Minute
)

// store brings incidents to the spool. What cannot be written waits, and with
// it the saved place.
type store struct {
	opt   *Options
	now   func() time.Duration
	queue []waiting
	bytes int
	put   int

	triedAt     time.Duration
	failing     bool
	complainted time.Duration
}

// waiting is an incident to be put.
type waiting struct {
	doc     spool.Document
	outcome string
}

func newStore(opt *Options, now func() time.Duration) *store { return &store{opt: opt, now: now} }

// add puts an incident, behind those that wait, and returns its file, empty
// where it has to wait.
func (s *store) add(d spool.Document, outcome string) string {
	s.queue = append(s.queue, waiting{d, outcome})
	s.bytes += len(d.Incident) + len(d.Events) + len(d.Collected)
	if s.failing && len(s.queue) > 1 {
		return ""
	}
	file := ""
	s.drain(func(name string) { file = name })
	return file
}

// full reports whether no more can wait.
func (s *store) full() bool { return len(s.queue) >= mostWaiting || s.bytes >= mostBytes }

// waiting reports whether anything waits.
func (s *store) waiting() bool { return len(s.queue) > 0 }

// retry tries again where it is due.
func (s *store) retry() {
	if s.waiting() && s.now()-s.triedAt >= retryEach {
		s.flush()
	}
}

// flush tries again, and reports whether nothing is left.
func (s *store) flush() bool {
	s.drain(func(string) {})
	return !s.waiting()
}

// drain puts what waits, in order, until one cannot be.
func (s *store) drain(done func(file string)) {
	s.triedAt = s.now()
	for len(s.queue) > 0 {
		w := &s.queue[0]
		out, err := s.opt.Spool.Put(w.doc)
		s.evicted(out.Evicted)
		switch {
		case errors.Is(err, spool.ErrTooLarge):
			s.opt.Say("%v: dropped, give the spool more room", err)
		case err != nil:
			s.opt.Numbers.spoolFails.Add("", 1)
			s.complain(err)
			return
		case out.New:
			s.put++
			s.opt.Numbers.incidents.Add(w.outcome, 1)
			s.opt.Exec.wake()
		}
		s.works()
		s.bytes -= len(w.doc.Incident) + len(w.doc.Events) + len(w.doc.Collected)
		s.queue = s.queue[1:]
		done(out.Name)
	}
	s.queue = nil
}

// complain says that the spool cannot be written to, once and then each minute.
func (s *store) complain(err error) {
	if s.failing && s.now()-s.complainted < complainEach {
		return
	}
	s.failing, s.complainted = true, s.now()
	s.opt.Say("%v: trying again every %v; %d incidents wait, the saved place in the log stays where it is", err, retryEach, len(s.queue))
}

// works says that it can be again.
func (s *store) works() {
	if s.failing {
		s.failing = false
		s.opt.Say("the spool can be written to again")
	}
}

// evicted tells what went to make room.
func (s *store) evicted(list []spool.Entry) {
	if len(list) == 0 {
		return
	}
	s.opt.Numbers.evicted.Add("", float64(len(list)))
	pending := 0
	for _, e := range list {
		if e.Pending {
			pending++
		}
	}
	s.opt.Say("the spool is full: %d incidents went to make room, up to %s (%d of them not handed on)", len(list), list[len(list)-1].Name, pending)
}
