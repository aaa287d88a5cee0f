package child

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// maxWords bounds a line of error output, maxLines how many may wait to be
	// looked at.
	maxWords = 512
	maxLines = 32
	// ends is how many of the first lines are kept for the error, and of the
	// last.
	ends = 2
)

// words collects the error output of a program by lines.
type words struct {
	mu      sync.Mutex
	line    []byte
	first   []string
	last    []string
	fresh   []string // those not yet looked at
	arrived chan struct{}
}

func newWords() *words { return &words{arrived: make(chan struct{}, 1)} }

// Write takes error output.
func (w *words) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rest := b; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n')
		part := rest
		if n >= 0 {
			part = rest[:n]
		}
		w.line = append(w.line, part[:min(len(part), maxWords-len(w.line))]...)
		if n < 0 {
			break
		}
		w.finish()
		rest = rest[n+1:]
	}
	return len(b), nil
}

// finish ends a line.
func (w *words) finish() {
	s := printable(w.line)
	w.line = w.line[:0]
	if s == "" {
		return
	}
	if len(w.first) < ends {
		w.first = append(w.first, s)
	} else if w.last = append(w.last, s); len(w.last) > ends {
		w.last = append(w.last[:0], w.last[1:]...)
	}
	if len(w.fresh) < maxLines {
		w.fresh = append(w.fresh, s)
	}
	select {
	case w.arrived <- struct{}{}:
	default:
	}
}

// take returns the lines that came since; with last set also a line without
// its end.
func (w *words) take(last bool) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if last {
		w.finish()
	}
	fresh := w.fresh
	w.fresh = nil
	return fresh
}

// said returns the first and the last lines: a crash begins with its reason, others
// end with it.
func (w *words) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(append(w.first[:len(w.first):len(w.first)], w.last...), "; ")
}

// printable makes a line fit for an error: valid, without control characters.
func printable(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "\uFFFD")))
}
