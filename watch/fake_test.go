package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/spool"
	"roamfault/watch/watchtest"
)

var dawn = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

const thisBoot = "0000000000000000000000000000b007"

// clock is a clock that a test moves.
type clock struct {
	mu    sync.Mutex
	time  journal.Time
	boot  string
	ticks chan time.Time
}

func newClock(wall time.Time, mono time.Duration) *clock {
	return &clock{ticks: make(chan time.Time), boot: thisBoot, time: journal.Time{
		Wall: wall, Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Mono: mono, HasMono: true,
	}}
}

func (c *clock) Now() (journal.Time, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.time, c.boot
}

func (c *clock) Ticks() (<-chan time.Time, func()) { return c.ticks, func() {} }

// pass lets seconds pass, each with a tick that the engine takes.
func (c *clock) pass(t *testing.T, seconds int) {
	t.Helper()
	for range seconds {
		c.mu.Lock()
		c.time = earlier(c.time, -time.Second)
		c.mu.Unlock()
		select {
		case c.ticks <- time.Time{}:
		case <-time.After(20 * time.Second):
			t.Fatal("the engine takes no ticks")
		}
	}
}

// list is a source of these records, of which those behind the cursor are read;
// it follows when asked to.
type list struct {
	records []journal.Record
	from    Start
	follow  bool
	more    <-chan journal.Record
	fail    error
}

func (l *list) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	found := l.from.After == ""
	filter := journal.Filter{Since: l.from.Since, Boot: l.from.Boot}
	for i := range l.records {
		r := l.records[i]
		if !found {
			found = r.Cursor == l.from.After
			continue
		}
		if !filter.Wants(&r) {
			continue
		}
		if err := yield(&r); err != nil {
			return journal.Stats{}, err
		}
	}
	if !found {
		return journal.Stats{}, errors.New("no such cursor")
	}
	if !l.follow {
		return journal.Stats{}, l.fail
	}
	for {
		select {
		case <-ctx.Done():
			return journal.Stats{}, ctx.Err()
		case r, ok := <-l.more:
			if !ok {
				return journal.Stats{}, l.fail
			}
			if err := yield(&r); err != nil {
				return journal.Stats{}, err
			}
		}
	}
}

// opens makes a list that is opened as often as it takes.
func opens(records []journal.Record) func(Start, func()) (journal.Source, error) {
	return func(from Start, _ func()) (journal.Source, error) {
		return &list{records: records, from: from}, nil
	}
}

// logOf returns the first records of a log of faults.
func logOf(seed uint64, n int) []journal.Record {
	f := watchtest.NewFaults(seed, dawn, 5)
	out := make([]journal.Record, n)
	for i := range out {
		out[i] = f.Next()
	}
	return out
}

// said makes a kernel's record.
func said(at time.Duration, text string) journal.Record {
	return journal.Record{
		Time: journal.Time{
			Wall: dawn.Add(at), Known: journal.KnownClock | journal.KnownDate | journal.KnownYear | journal.KnownZone, Precision: time.Microsecond,
			Mono: time.Hour + at, HasMono: true,
		},
		Boot: thisBoot, Host: "host", Identifier: "kernel", Transport: journal.TransportKernel, Priority: 4, Count: 1,
		Message: text, Cursor: fmt.Sprint("at=", at),
	}
}

func openSpool(t testing.TB, dir string, l spool.Limits) *spool.Spool {
	t.Helper()
	s, notes, err := spool.Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// words keeps what was said.
type words struct {
	mu   sync.Mutex
	list []string
}

func (w *words) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, fmt.Sprintf(format, args...))
}

func (w *words) has(part string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(strings.Join(w.list, "\n"), part)
}

// paper is a writer that may be read meanwhile.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// broken is a spool on a disk that may be full.
type broken struct {
	*spool.Spool
	mu    sync.Mutex
	full  bool
	tries int
	saves int
}

func (b *broken) set(full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full = full
}

func (b *broken) counts() (tries, saves int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tries, b.saves
}

func (b *broken) try(n *int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	*n++
	if b.full {
		return fmt.Errorf("put: %w", syscall.ENOSPC)
	}
	return nil
}

func (b *broken) Put(d spool.Document) (spool.Outcome, error) {
	if err := b.try(&b.tries); err != nil {
		return spool.Outcome{}, err
	}
	return b.Spool.Put(d)
}

func (b *broken) Save(c spool.Checkpoint) error {
	if err := b.try(&b.saves); err != nil {
		return err
	}
	return b.Spool.Save(c)
}

func (b *broken) Attach(id string, first time.Time, name string, r io.Reader, most int64) (spool.Attachment, []spool.Entry, error) {
	var n int
	if err := b.try(&n); err != nil {
		return spool.Attachment{}, nil, err
	}
	return b.Spool.Attach(id, first, name, r, most)
}

// running is an engine at work.
type running struct {
	t      *testing.T
	cancel context.CancelFunc
	done   chan struct{}
	result Result
	err    error
}

func start(t *testing.T, opt Options) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t: t, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.result, r.err = Run(ctx, opt)
	}()
	t.Cleanup(func() { cancel(); <-r.done })
	return r
}

func (r *running) stop() Result {
	r.t.Helper()
	r.cancel()
	<-r.done
	if r.err != nil {
		r.t.Error(r.err)
	}
	return r.result
}

// await waits for something that is about to be so.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s: it does not come", what)
}

// options are those of a watching of a list to its end.
func options(s Spool, c Clock) Options {
	return Options{Source: "list", Begin: FromAll, Once: true, Catalogue: patterns.Builtin(), Clock: c, Spool: s, Say: func(string, ...any) {}, CheckpointEvery: -1}
}

// contents are the incidents of a spool, by id and revision, without the
// moment and the state of the machine in which each was finished.
func contents(t testing.TB, s *spool.Spool) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, e := range s.Entries() {
		b, err := s.Read(e)
		if err != nil {
			t.Fatal(err)
		}
		var d struct{ Incident, Events json.RawMessage }
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		out[fmt.Sprint(e.ID, " ", e.Rev)] = string(d.Incident) + string(d.Events)
	}
	return out
}
