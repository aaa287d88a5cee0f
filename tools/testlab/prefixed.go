package main

import (
	"bytes"
	"io"
	"sync"
)

// prefixed writes whole lines with something before them, so that those of
// several can be told apart.
type prefixed struct {
	mu     *sync.Mutex // of all that write to the same place
	to     io.Writer
	prefix string
	part   []byte
}

// Write keeps the beginning of a line until its end comes.
func (p *prefixed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.part = append(p.part, b...)
	for {
		line, rest, whole := bytes.Cut(p.part, []byte{'\n'})
		if !whole {
			return len(b), nil
		}
		if _, err := p.to.Write(append(append([]byte(p.prefix), line...), '\n')); err != nil {
			return 0, err
		}
		p.part = rest
	}
}
