//go:build sdjournal && cgo && linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	sd "github.com/coreos/go-systemd/v22/sdjournal"

	"roamfault/journal/sdjournal"
)

const (
	// turn is after how many entries the library gets to look at what
	// happened to its files: while it does not, it holds deleted ones.
	turn = 1024
	// pause is how long it may wait for the next entry before our parent is
	// looked after.
	pause = time.Second
	// threshold is how much of a field is read: more than is kept of it, so
	// that its length is noticed.
	threshold = 65 << 10
	// maxDamaged bounds the entries in a row that cannot be read.
	maxDamaged = 1000
)

// reader is the journal and the place in it.
type reader struct {
	query
	j      *sd.Journal
	out    *bufio.Writer
	stderr io.Writer
	last   string // the cursor of the entry written last
	bad    int    // entries in a row that could not be read
}

// write writes the entries of a query.
func write(q query, stdout, stderr io.Writer) error {
	// An sd_journal belongs to one thread (sd-journal(3)).
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r := &reader{query: q, out: bufio.NewWriterSize(stdout, 64<<10), stderr: stderr}
	if len(q.files) == 0 {
		if err := r.survey(); err != nil {
			return err
		}
	}
	if err := r.open(); err != nil {
		return err
	}
	defer func() { _ = r.j.Close() }()
	err := r.entries()
	if e := r.out.Flush(); err == nil {
		err = e
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// survey says what the library keeps to itself.
func (r *reader) survey() error {
	s := sdjournal.Look(r.directory)
	switch {
	case s.Denied > 0 && s.Readable == 0:
		return fmt.Errorf("open the journal: %w", fs.ErrPermission)
	case s.Denied > 0:
		fmt.Fprintf(r.stderr, "%s: %s\n", sdjournal.Binary, sdjournal.HiddenMark)
	}
	for _, d := range s.Damaged {
		fmt.Fprintf(r.stderr, "%s: %s%s\n", sdjournal.Binary, sdjournal.DamageMark, d)
	}
	return nil
}

// open opens the journal at the place to go on from.
func (r *reader) open() (err error) {
	switch {
	case r.directory != "":
		r.j, err = sd.NewJournalFromDir(r.directory)
	case len(r.files) > 0:
		r.j, err = sd.NewJournalFromFiles(r.files...)
	default:
		r.j, err = sd.NewJournal()
	}
	if err != nil {
		return err
	}
	if err = r.j.SetDataThreshold(threshold); err == nil {
		err = r.seek()
	}
	if err != nil {
		_ = r.j.Close()
	}
	return err
}

func (r *reader) seek() error {
	for _, m := range r.matches {
		var err error
		if m == "+" {
			err = r.j.AddDisjunction()
		} else {
			err = r.j.AddMatch(m)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case r.last != "":
		return r.j.SeekCursor(r.last)
	case r.cursor != "":
		return r.j.SeekCursor(r.cursor)
	case r.after != "":
		r.last = r.after
		return r.j.SeekCursor(r.after)
	case r.since > 0:
		return r.j.SeekRealtimeUsec(uint64(r.since) * 1e6)
	}
	return r.j.SeekHead()
}

// entries writes entries until there are none, or for ever.
func (r *reader) entries() error {
	parent := os.Getppid()
	for n := 1; ; n++ {
		more, err := r.j.Next()
		if err != nil {
			return err
		}
		if more == 0 {
			if err := r.out.Flush(); err != nil {
				return err
			}
			if !r.follow {
				return nil
			}
			if os.Getppid() != parent {
				return nil
			}
		} else {
			done, err := r.entry()
			if done || err != nil {
				return err
			}
		}
		if more == 0 || n%turn == 0 {
			if err := r.look(more == 0); err != nil {
				return err
			}
		}
	}
}

// look lets the library see what happened to its files, and waits for more
// entries if told so. It lets go of files that got another name or were removed, and
// takes up new ones; where it stands stays.
func (r *reader) look(wait bool) error {
	timeout := pause
	if !wait {
		timeout = 0
	}
	if res := r.j.Wait(timeout); res < 0 {
		return fmt.Errorf("wait for the journal: %w", syscall.Errno(-res))
	}
	return nil
}

// entry writes the entry at hand. done tells that no more are wanted.
func (r *reader) entry() (done bool, err error) {
	e, err := r.j.GetEntry()
	if err != nil {
		// The place is known, what stands there is not.
		if r.bad++; r.bad > maxDamaged {
			return true, fmt.Errorf("%d entries in a row cannot be read: %w", r.bad, err)
		}
		if r.bad == 1 {
			fmt.Fprintf(r.stderr, "%s: %sentry behind %q: %v\n", sdjournal.Binary, sdjournal.DamageMark, r.last, err)
		}
		return false, nil
	}
	r.bad = 0
	if e.Cursor == r.last {
		return false, nil
	}
	if r.until > 0 && e.RealtimeTimestamp > uint64(r.until)*1e6 {
		return !r.follow, nil
	}
	r.last = e.Cursor
	fmt.Fprintf(r.out, "__CURSOR=%s\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n", e.Cursor, e.RealtimeTimestamp, e.MonotonicTimestamp)
	// In order, so that the same entry is the same text.
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		writeField(r.out, name, e.Fields[name])
	}
	return false, r.out.WriteByte('\n')
}

// writeField writes a field as text, or in binary form where it may not be.
func writeField(w *bufio.Writer, name, value string) {
	binary := strings.IndexFunc(value, func(c rune) bool { return c < ' ' && c != '\t' }) >= 0
	_, _ = w.WriteString(name)
	if !binary {
		_ = w.WriteByte('=')
	} else {
		_ = w.WriteByte('\n')
		for i := range 8 {
			_ = w.WriteByte(byte(uint64(len(value)) >> (8 * i)))
		}
	}
	_, _ = w.WriteString(value)
	_ = w.WriteByte('\n')
}
