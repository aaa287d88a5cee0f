package child

import (
	"bytes"
	"strings"
	"sync"
)

const (
	// maxWords bounds a line of error output, maxLines how many are kept.
	maxWords = 512
	maxLines = 32
)

// words collects the error output of a program by lines.
type words struct {
	mu      sync.Mutex
	line    []byte
	all     []string // the last lines
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
	w.all = append(w.all, s)
	if len(w.all) > maxLines {
		w.all = append(w.all[:0], w.all[1:]...)
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
	all := w.all
	if len(all) > 4 {
		all = append(all[:2:2], all[len(all)-2:]...)
	}
	return strings.Join(all, "; ")
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
