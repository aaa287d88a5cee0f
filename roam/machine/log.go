package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Host is the machine that changes are made on, and its present boot.
type Host struct {
	Boot    string // boot id
	Machine string // told apart by this from any other
}

// Log is an undo log: what was changed on the machine and is to be changed back.
// It is a file of lines to which is only added, each with a sum, and each on the
// disk before the change that it tells of is made. A Log is safe for use by
// several goroutines.
type Log struct {
	path string
	host Host

	mu      sync.Mutex
	file    File
	size    int64
	last    int
	pending []entry
	damaged int
	// broken says why nothing more can be written.
	broken error
}

// Open opens the undo log at a path, which it makes where there is none. While it
// is open no other process can open it: the error is ErrLocked there, and
// ErrOtherMachine where the log has changes of another machine.
func Open(path string, storage Storage, host Host) (*Log, error) {
	failed := func(err error) (*Log, error) { return nil, fmt.Errorf("open the undo log %s: %w", path, err) }
	if host.Boot == "" || host.Machine == "" {
		return failed(errors.New("neither the boot nor the machine may be unknown: are /proc and /etc/machine-id there?"))
	}
	file, err := storage.Open(path)
	if err != nil {
		return failed(err)
	}
	l := &Log{path: path, host: host, file: file}
	if err := l.load(); err != nil {
		return failed(errors.Join(err, file.Close()))
	}
	return l, nil
}

func (l *Log) load() error {
	b, err := io.ReadAll(io.LimitReader(l.file, mostLog+1))
	if err != nil {
		return err
	}
	if len(b) > mostLog {
		return fmt.Errorf("it has more than %d octets: look into it, undo by hand what it says, and remove it", mostLog)
	}
	c := decodeLog(b)
	if len(c.pending) > 0 && c.machine != l.host.Machine {
		return ErrOtherMachine
	}
	l.last, l.pending, l.damaged, l.size = c.last, c.pending, c.damaged, int64(c.whole)
	if len(l.pending) == 0 {
		return l.begin()
	}
	if len(b) > c.whole {
		if err := l.file.Truncate(l.size); err != nil {
			return fmt.Errorf("take off a torn line: %w", err)
		}
	}
	return nil
}

// begin makes the log anew. Nothing is pending: a crash in between loses nothing.
func (l *Log) begin() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	l.size = 0
	return l.write(entry{Schema: schema, Machine: l.host.Machine})
}

// write adds a line, and returns when it is on the disk. Of a line that is not,
// nothing stays.
func (l *Log) write(e entry) error {
	if l.broken != nil {
		return l.broken
	}
	line, err := e.encode()
	if err != nil {
		return err
	}
	_, err = l.file.Write(line)
	if err == nil {
		err = l.file.Sync()
	}
	if err == nil {
		l.size += int64(len(line))
		return nil
	}
	// After a failed sync nobody knows what the disk has: another one may
	// succeed without having written it (fsync(2)).
	l.broken = fmt.Errorf("the undo log cannot be written: %w", err)
	if cut := l.file.Truncate(l.size); cut != nil {
		l.broken = errors.Join(l.broken, cut)
	}
	return l.broken
}

// Do makes a change, after the log has it. Where the log cannot be written the
// change is not made. Of a thing that was changed before and not yet undone, the
// first change counts, and no further line is written. An error of apply is
// returned; the change stays in the log, for it may have been made in part.
func (l *Log) Do(ctx context.Context, c Change, apply func(context.Context) error) error {
	if err := l.announce(c); err != nil {
		return fmt.Errorf("%s: %w", c.What, err)
	}
	if err := apply(ctx); err != nil {
		return fmt.Errorf("%s: %w", c.What, err)
	}
	return nil
}

func (l *Log) announce(c Change) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.ContainsFunc(l.pending, func(e entry) bool { return e.Change.same(&c) }) {
		return nil
	}
	if len(l.pending) == 0 && l.size > mostLog/2 {
		if err := l.begin(); err != nil {
			return err
		}
	}
	e := entry{Number: l.last + 1, Boot: l.host.Boot, Change: &c}
	if err := l.write(e); err != nil {
		return err
	}
	l.last = e.Number
	l.pending = append(l.pending, e)
	return nil
}

// Pending are the changes that are not undone, in the order in which they were
// made.
func (l *Log) Pending() []Change {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Change, len(l.pending))
	for i := range l.pending {
		out[i] = *l.pending[i].Change
	}
	return out
}

// Damaged is how many lines of the file could not be read, other than a last
// one that a crash has torn. What they told of is not undone.
func (l *Log) Damaged() int { return l.damaged }

// Undo undoes the changes, the last one first, each by its kind's function, and
// notes which are undone. What fails stays in the log and does not keep the rest
// from being undone; as long as something was undone it is tried again, for one
// thing may need another. Changes that a reboot has undone are done with. Do
// must not be called meanwhile.
func (l *Log) Undo(ctx context.Context, table map[string]Undo) error {
	var failures []error
	for {
		before := len(l.entries())
		failures = failures[:0]
		for _, e := range slices.Backward(l.entries()) {
			if err := l.undo(ctx, e, table); err != nil {
				failures = append(failures, fmt.Errorf("undo %q: %w", e.Change.What, err))
			}
		}
		if left := len(l.entries()); left == 0 || left == before || ctx.Err() != nil {
			return errors.Join(failures...)
		}
	}
}

// entries is a copy of what is pending.
func (l *Log) entries() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.pending)
}

func (l *Log) undo(ctx context.Context, e entry, table map[string]Undo) error {
	if e.Boot != l.host.Boot && !e.Change.Outlives {
		return l.done(e, "a reboot has undone it")
	}
	undo, ok := table[e.Change.Kind]
	if !ok {
		return fmt.Errorf("nobody knows how to undo changes of the kind %q", e.Change.Kind)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, undoWait, errUndoWait)
	defer cancel()
	if err := undo(ctx, *e.Change); err != nil {
		return err
	}
	return l.done(e, "undone")
}

// undoWait is how long one change may take to be undone, so that a driver that
// hangs does not keep the others from it.
const undoWait = 30 * time.Second

var errUndoWait = fmt.Errorf("it was not undone within %v", undoWait)

func (l *Log) done(e entry, why string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(entry{Done: e.Number, Why: why}); err != nil {
		return err
	}
	l.pending = without(l.pending, e.Number)
	return nil
}

// Close closes the file and lets others open it. It undoes nothing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken == nil {
		l.broken = errors.New("the undo log is closed")
	}
	return l.file.Close()
}
