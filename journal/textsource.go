package journal

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Text is a file or a pipe as a [Source]: text, export streams, JSON.
type Text struct {
	// Path is the file to read, "-" or empty for Reader.
	Path string
	// Reader is the pipe to read where there is no path. It can be read
	// once.
	Reader io.Reader
	// Options are those of [Read].
	Options Options
	// Filter says which records are wanted.
	Filter Filter
}

// Read hands the records to yield, as [Source] says. The formats in the stats
// count all records of the input, also those that the filter leaves out.
func (t *Text) Read(ctx context.Context, yield func(*Record) error) (Stats, error) {
	handed := 0
	wanted := func(r *Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !t.Filter.Wants(r) {
			return nil
		}
		handed++
		return yield(r)
	}
	opt := t.Options
	var stats Stats
	var err error
	if t.Path == "" || t.Path == "-" {
		if opt.File == "" {
			opt.File = "-"
		}
		stats, err = readPipe(ctx, t.Reader, opt, wanted)
	} else {
		stats, err = ReadFile(ctx, t.Path, opt, wanted)
	}
	stats.Records = handed
	return stats, err
}

// readPipe reads an input that may keep its reader waiting. The end of ctx ends
// the wait where the input knows deadlines, as pipes and sockets of the os and
// net packages do.
func readPipe(ctx context.Context, r io.Reader, opt Options, yield func(*Record) error) (Stats, error) {
	if r == nil {
		return Stats{}, &FileError{opt.File, errNoReader}
	}
	d, ok := r.(interface{ SetReadDeadline(time.Time) error })
	if ok && d.SetReadDeadline(time.Time{}) == nil {
		stop := context.AfterFunc(ctx, func() { _ = d.SetReadDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	stats, err := Read(ctx, r, opt, yield)
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil {
		err = ctx.Err()
	}
	return stats, err
}

// errNoReader: a Text has neither path nor reader.
var errNoReader = errors.New("nothing to read: neither path nor reader")
