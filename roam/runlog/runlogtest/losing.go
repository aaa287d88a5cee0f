package runlogtest

import "io"

// Losing is the end of a file that loses what was not synced when its process is
// killed: what is written stays in the process until Sync, which gives it to the
// file in pieces, so that a kill can tear a line. It is for one goroutine.
type Losing struct {
	below io.WriteCloser
	piece int
	pause func()
	cache []byte
}

// NewLosing returns a file above another one. Pieces have so many bytes, at least
// 1, and pause is called between two; nil: nothing is.
func NewLosing(below io.WriteCloser, piece int, pause func()) *Losing {
	if pause == nil {
		pause = func() {}
	}
	return &Losing{below: below, piece: max(1, piece), pause: pause}
}

// Write keeps bytes back.
func (l *Losing) Write(p []byte) (int, error) {
	l.cache = append(l.cache, p...)
	return len(p), nil
}

// Sync gives what was kept back to the file.
func (l *Losing) Sync() error {
	for len(l.cache) > 0 {
		n, err := l.below.Write(l.cache[:min(l.piece, len(l.cache))])
		l.cache = l.cache[n:]
		if err != nil {
			return err
		}
		l.pause()
	}
	l.cache = nil
	return nil
}

// Close closes the file, and syncs nothing.
func (l *Losing) Close() error { return l.below.Close() }
