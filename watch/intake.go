package watch

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// ownIdentifier begins the identifier of our own records in the log.
const ownIdentifier = "roamfault"

// intake takes records from a source, matches them, and holds what is worth
// something until the engine comes for it. Records of no interest leave nothing
// behind but the place they moved.
type intake struct {
	catalogue atomic.Pointer[patterns.Catalogue]
	wake      chan struct{} // has room for one: there is something to take

	mu    sync.Mutex
	room  *sync.Cond
	batch *batch
	spare *batch
	place place
	// behind, when set, is the place up to which records are left out by
	// their time: they were read before, by another kind of cursor.
	behind *place
}

// place is where the reading stands.
type place struct {
	cursor string
	// high is the latest time so far, on the clock of boot.
	high journal.Time
	boot string
	// records is how many have been read since the watching first began,
	// which numbers them in a way that a restart does not change.
	records int64
}

// batch is what the engine takes at once.
type batch struct {
	items   []item
	bytes   int
	place   place // behind the last record
	records int64 // that it stands for
}

// item is a record that a pattern matches.
type item struct {
	record journal.Record
	match  patterns.Match
	// before is the place in front of it. Time that passed up to there
	// without a word ends incidents, too.
	before place
}

// Bounds on a batch. Behind them the source waits.
const (
	batchItems = 1024
	batchBytes = 4 << 20
)

func newIntake(c *patterns.Catalogue, at place) *intake {
	in := &intake{wake: make(chan struct{}, 1), batch: &batch{place: at}, spare: &batch{}, place: at}
	in.room = sync.NewCond(&in.mu)
	in.catalogue.Store(c)
	return in
}

// yield takes one record of the source.
func (in *intake) yield(ctx context.Context, r *journal.Record) error {
	m, matched := in.catalogue.Load().Match(r.Identifier, r.Message)
	if matched && strings.HasPrefix(r.Identifier, ownIdentifier) && m.Class != patterns.CycleMark {
		matched = false // what we tell of an incident quotes the log, and lands in it
	}
	in.mu.Lock()
	for len(in.batch.items) >= batchItems || in.batch.bytes >= batchBytes {
		if err := ctx.Err(); err != nil {
			in.mu.Unlock()
			return err
		}
		in.room.Wait()
	}
	if in.behind != nil {
		if in.behind.covers(r) {
			in.place.cursor = r.Cursor
			in.mu.Unlock()
			return nil
		}
		in.behind = nil
	}
	b := in.batch
	if matched {
		b.items = append(b.items, item{*r, m, in.place})
		b.bytes += len(r.Raw) + len(r.Message)
	}
	in.place.records++
	in.place.cursor = r.Cursor
	in.place.see(r)
	b.place = in.place
	b.records++
	in.mu.Unlock()
	select {
	case in.wake <- struct{}{}:
	default:
	}
	return nil
}

// see moves the latest time.
func (p *place) see(r *journal.Record) {
	if r.Time.IsZero() {
		return
	}
	if r.Boot == p.boot && p.covers(r) {
		return
	}
	p.high, p.boot = r.Time, r.Boot
}

// take gives what has come since. The batch is the caller's until the next take.
func (in *intake) take() *batch {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.batch
	next := in.spare
	clear(next.items)
	if cap(next.items) > batchItems {
		next.items = nil
	}
	*next = batch{items: next.items[:0], place: in.place}
	in.batch, in.spare = next, b
	in.room.Broadcast()
	return b
}

// empty reports whether nothing has come since.
func (in *intake) empty() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.batch.records == 0
}

// at is the place behind the last record that came.
func (in *intake) at() place {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.place
}

// leaveOut leaves out records up to the latest time so far.
func (in *intake) leaveOut() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if at := in.place; !at.high.IsZero() {
		in.behind = &at
	}
}

// covers reports whether a record is no later than the place, as far as the
// clocks can tell.
func (p *place) covers(r *journal.Record) bool {
	if r.Boot == p.boot && r.Time.HasMono && p.high.HasMono {
		return r.Time.Mono <= p.high.Mono
	}
	if r.Boot != p.boot && !(r.Time.Real() && p.high.Real()) {
		return false
	}
	later, ok := journal.Before(p.high, r.Time)
	return ok && !later
}

// start is where a source begins that is to go on behind the place by its
// cursor, or by time where it has none.
func (p *place) start(first Start, byTime bool) Start {
	switch {
	case p.cursor != "" && !byTime:
		return Start{After: p.cursor}
	case p.high.Real():
		return Start{Since: p.high.Wall}
	case p.records > 0 && p.high.HasMono:
		return Start{Boot: p.boot}
	}
	return first
}

// earlier returns the time d before t.
func earlier(t journal.Time, d time.Duration) journal.Time {
	t.Mono -= d
	t.Wall = t.Wall.Add(-d)
	return t
}
