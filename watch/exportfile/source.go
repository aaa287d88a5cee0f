// Package exportfile reads a file of journal records in export format (systemd's
// JOURNAL_EXPORT_FORMATS) that may still be growing, as "journalctl -o export"
// and systemd-journal-remote write it.
package exportfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"roamfault/journal"
)

// Source reads the file. It implements [journal.Source].
type Source struct {
	Path string
	// Filter says which records are wanted.
	Filter journal.Filter
	// After is the cursor behind which reading begins, empty for the begin.
	After string
	// Follow goes on with what is appended until the context ends.
	Follow bool
	// Poll is how often the file is looked at for more, 0 for 100 ms.
	Poll time.Duration
}

// ErrCursor: no record of the file has the cursor to begin behind.
var ErrCursor = errors.New("the file has no record with the saved cursor")

// Read hands the file's records to yield, as [journal.Source] says.
func (s *Source) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	if err := ctx.Err(); err != nil {
		return journal.Stats{}, err
	}
	f, err := os.Open(s.Path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return journal.Stats{}, &journal.FileError{Path: s.Path, Err: err}
	}
	defer f.Close()
	found := s.After == ""
	handed := 0
	in := &growing{ctx: ctx, f: f, follow: s.Follow, poll: s.Poll, dry: func() error {
		if !found {
			return ErrCursor // it would not come later
		}
		return nil
	}}
	if in.poll <= 0 {
		in.poll = 100 * time.Millisecond
	}
	stats, err := journal.Read(ctx, in, journal.Options{File: s.Path}, func(r *journal.Record) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case in.cut:
			return nil // it may be a part of one: what is whole comes the next time
		case !found:
			found = r.Cursor == s.After
			return nil
		case !s.Filter.Wants(r):
			return nil
		}
		handed++
		return yield(r)
	})
	stats.Records = handed
	// What was half read comes whole the next time.
	stats.Skipped = slices.DeleteFunc(stats.Skipped, func(k journal.Skip) bool { return k.Reason == journal.SkipCalledOff })
	if err == nil && !found {
		err = ErrCursor
	}
	if errors.Is(err, ErrCursor) {
		err = fmt.Errorf("read %s: %w", s.Path, ErrCursor)
	}
	return stats, err
}

// growing is a file that is read to its end, and then on.
type growing struct {
	ctx    context.Context
	f      *os.File
	follow bool
	poll   time.Duration
	end    []byte // the last two bytes
	// cut tells that the input ended, and perhaps within a record.
	cut bool
	// dry is asked when all there is was read.
	dry func() error
}

func (g *growing) Read(p []byte) (int, error) {
	for {
		if err := g.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := g.f.Read(p)
		if n > 0 {
			g.end = append(g.end, p[max(0, n-2):n]...)
			g.end = g.end[max(0, len(g.end)-2):]
			return n, nil
		}
		whole := bytes.Equal(g.end, []byte("\n\n"))
		if err != nil && !errors.Is(err, io.EOF) || !g.follow {
			g.cut = !whole
			return 0, err
		}
		if err := g.dry(); whole && err != nil {
			return 0, err
		}
		wait := time.NewTimer(g.poll)
		select {
		case <-wait.C:
		case <-g.ctx.Done():
			wait.Stop()
		}
	}
}
