package runlog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
)

// Why a file cannot be read as a run. They come wrapped.
var (
	ErrForeign = errors.New("it is no run file of roamfault")
	ErrEmpty   = errors.New("it holds no run: what made it ended before the first line was written")
	ErrFuture  = errors.New("a later roamfault wrote it: update this one")
	ErrJoined  = errors.New("a second run begins in it: files were joined, divide them again")
)

// Read reads a run file and gives its entries in their order, those that count.
// Damage is passed over and told by Stats, which is right as far as it was read,
// with an error too. It takes memory for one line, of at most [MaxLine]. It ends
// early with an error of yield, which it returns as it is.
func Read(ctx context.Context, r io.Reader, yield func(Entry) error) (Stats, error) {
	return newReader(migrations()).read(ctx, r, func(kind EntryType, line []byte) error {
		e, err := decode(kind, line)
		if err != nil {
			return damage{err}
		}
		return yield(e)
	})
}

// damage is what is wrong with a line, when that is found behind its frame.
type damage struct{ error }

// reader reads lines, checks their frames and their order, and brings those of
// older versions up to date.
type reader struct {
	Stats
	table      *crc32.Table
	migrations []migration
	sequence   sequence
	forgiven   uint64 // damaged lines since the last whole one
	id         string
	accept     func(kind EntryType, line []byte) error
}

func newReader(m []migration) *reader {
	return &reader{table: castagnoli(), migrations: m}
}

// Bounds of reading.
const (
	readBuffer = 256 << 10
	// foreignAfter is how many lines that are none of a run file, and nothing else,
	// show that it is none.
	foreignAfter = 100
	ctxEach      = 1024 // lines
)

// read hands the lines of known types to accept; they are valid during the call.
func (r *reader) read(ctx context.Context, in io.Reader, accept func(EntryType, []byte) error) (Stats, error) {
	r.accept = accept
	lines := lineReader{in: bufio.NewReaderSize(in, readBuffer)}
	for {
		var c checked
		c.line, c.bytes, c.err = lines.next()
		if c.err == nil {
			c.frame, c.bad = openFrame(c.line, r.table)
		}
		if more, err := r.step(ctx, &c); err != nil || !more {
			return r.Stats, err
		}
	}
}

// step takes the next line, and reports whether there are more.
func (r *reader) step(ctx context.Context, c *checked) (more bool, err error) {
	if r.Lines%ctxEach == 0 && ctx.Err() != nil {
		return false, ctx.Err()
	}
	r.Bytes += c.bytes
	switch {
	case errors.Is(c.err, io.EOF):
		r.Torn = r.Bytes - r.Whole
		return false, r.found(true)
	case c.err != nil && !errors.Is(c.err, errTooLong):
		return false, fmt.Errorf("read the run file: %w", c.err)
	}
	r.Lines++
	r.Whole = r.Bytes
	if err = c.err; err != nil {
		err = damage{err}
	} else {
		err = r.line(c)
	}
	if err != nil {
		err = r.forgive(err)
	}
	return true, err
}

// forgive notes damage, and returns every other error.
func (r *reader) forgive(err error) error {
	var d damage
	if !errors.As(err, &d) {
		return err
	}
	r.damaged(r.Lines, d.error)
	r.forgiven++
	return r.found(false)
}

// found says that nothing of a run was found, at the end or after enough lines.
func (r *reader) found(end bool) error {
	switch {
	case r.Last > 0 || !end && r.Lines < foreignAfter:
		return nil
	case r.Bytes == 0:
		return ErrEmpty
	case r.Lines == 0:
		return fmt.Errorf("%w, or its only line is torn", ErrForeign)
	}
	return ErrForeign
}

// line reads one line.
func (r *reader) line(c *checked) error {
	line, f := c.line, c.frame
	if c.bad != nil {
		if r.Lines == 1 && !bytes.Contains(line, []byte(crcKey)) {
			// A version that checks its lines in another way still names itself.
			if _, err := r.header(line); errors.Is(err, ErrFuture) {
				return err
			}
		}
		return damage{c.bad}
	}
	if f.kind == TypeRun {
		if again, err := r.opening(line); err != nil || again {
			return err
		}
	} else if r.Last == 0 {
		r.Headless = true
	}
	switch r.sequence.take(f.seq, r.forgiven) {
	case late:
		r.Late++
	case repeated:
		r.Repeated++
		return nil
	}
	r.forgiven, r.Missing, r.Last = 0, r.sequence.missing, r.sequence.last
	return r.deliver(f.kind, line)
}

// deliver brings a line up to date and hands it on.
func (r *reader) deliver(kind EntryType, line []byte) error {
	for _, m := range r.migrations {
		if r.Headless || m.from < r.Version {
			continue
		}
		var err error
		if kind, line, err = m.line(kind, line); err != nil {
			return damage{fmt.Errorf("bring it up from version %d: %w", m.from, err)}
		}
	}
	if !kind.known() {
		r.Unknown++
		return nil
	}
	if err := r.accept(kind, line); err != nil {
		return err
	}
	r.Entries++
	return nil
}

// opening reads the first line of a run, and reports whether it is the one that
// was there.
func (r *reader) opening(line []byte) (again bool, err error) {
	h, err := r.header(line)
	if err != nil {
		return false, err
	}
	switch {
	case r.id == "" && !r.Headless && r.Last == 0:
		r.id, r.Version = h.ID, h.version
		return false, nil
	case r.id == h.ID:
		r.Repeated++
		return true, nil
	}
	return false, fmt.Errorf("line %d: %w", r.Lines, ErrJoined)
}

// header is what every version has in its first line.
type header struct {
	Schema string `json:"schema"`
	ID     string `json:"id"`

	version int
}

func (r *reader) header(line []byte) (header, error) {
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return h, damage{err}
	}
	number, ours := strings.CutPrefix(h.Schema, schemaName)
	n, err := strconv.ParseUint(number, 10, 16)
	if !ours || err != nil {
		return h, fmt.Errorf("%w: its schema is %.80q", ErrForeign, h.Schema)
	}
	h.version = int(n)
	if h.version > version {
		return h, fmt.Errorf("%w: it has version %d, and this one reads up to %d", ErrFuture, h.version, version)
	}
	for v := h.version; v < version; v++ {
		if !canMigrate(r.migrations, v) {
			return h, fmt.Errorf("%w: version %d is not read any more", ErrForeign, v)
		}
	}
	return h, nil
}

// errTooLong is of a line that was passed over.
var errTooLong = fmt.Errorf("it is longer than %d bytes", MaxLine)

// lineReader divides an input into lines, in bounded memory.
type lineReader struct {
	in   *bufio.Reader
	long []byte
}

// next returns a line without its newline, and how many bytes it took with it.
// What stands behind the last newline is io.EOF.
func (l *lineReader) next() (line []byte, n int64, err error) {
	line, err = l.in.ReadSlice('\n')
	n = int64(len(line))
	if err == nil {
		return line[:len(line)-1], n, nil
	}
	l.long = append(l.long[:0], line...)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.in.ReadSlice('\n')
		n += int64(len(line))
		if n <= MaxLine {
			l.long = append(l.long, line...)
		}
	}
	switch {
	case err != nil:
		return nil, n, err
	case n > MaxLine:
		l.long = nil
		return nil, n, errTooLong
	}
	return l.long[:len(l.long)-1], n, nil
}
