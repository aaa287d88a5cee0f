package runlog

import (
	"errors"
	"fmt"
	"io"
)

var errClosed = errors.New("the run file is closed")

// File is what a run is written to: the end of a file.
type File interface {
	io.Writer
	// Sync returns when all that was written outlives a loss of power.
	Sync() error
	io.Closer
}

// writeAt is how much a Writer keeps back at most before it writes without being
// asked to sync.
const writeAt = 64 << 10

// Writer appends entries to a run file. What was appended is sure to be there
// after Sync only. An error of the file stays: what it has then is not known, so
// nothing more is written, and every call returns that error. A full disk is
// told by errors.Is(err, syscall.ENOSPC). It is for one goroutine.
type Writer struct {
	file File
	enc  *encoder
	next uint64
	buf  []byte
	err  error
}

// NewWriter returns a Writer to the end of a file. The number of the line that is
// last there is last: 0 of an empty file, else [Stats.Last].
func NewWriter(f File, last uint64) *Writer {
	return &Writer{file: f, enc: newEncoder(), next: last + 1}
}

// Append adds an entry. One that cannot be encoded, or is out of bounds, is an
// error that does not stay, and leaves nothing behind.
func (w *Writer) Append(e Entry) error {
	if w.err != nil {
		return w.err
	}
	line, err := w.enc.encode(w.next, e)
	if err != nil {
		return fmt.Errorf("encode a %s line of the run file: %w", e.Type(), err)
	}
	w.next++
	w.buf = append(w.buf, line...)
	if len(w.buf) >= writeAt {
		return w.flush()
	}
	return nil
}

// Sync brings what was appended to the disk.
func (w *Writer) Sync() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		w.err = fmt.Errorf("sync the run file: %w", err)
	}
	return w.err
}

// Close syncs and closes the file. It returns the first error there was.
func (w *Writer) Close() error {
	err := w.Sync()
	if closing := w.file.Close(); closing != nil && err == nil {
		err = fmt.Errorf("close the run file: %w", closing)
	}
	if w.err == nil {
		w.err = errClosed
	}
	return err
}

func (w *Writer) flush() error {
	if w.err != nil || len(w.buf) == 0 {
		return w.err
	}
	n, err := w.file.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		w.err = fmt.Errorf("write to the run file: %w", err)
		return w.err
	}
	w.buf = w.buf[:0]
	if cap(w.buf) > 4*writeAt {
		w.buf = nil // one long line is not kept for good
	}
	return nil
}
