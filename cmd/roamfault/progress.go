package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress tells on a terminal how far a long reading has come; anywhere else
// it is silent.
type progress struct {
	w     io.Writer
	on    bool
	mu    sync.Mutex
	read  map[string]int64
	began time.Time
	last  time.Time
	shown bool
}

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

func newProgress(w io.Writer) *progress {
	_, on := terminal(w)
	now := time.Now()
	return &progress{w: w, on: on, read: make(map[string]int64), began: now, last: now}
}

// tell is called with how many bytes of an input have been read.
func (p *progress) tell(input string, read int64) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read[input] = read
	now := time.Now()
	if now.Sub(p.began) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	var total int64
	for _, n := range p.read {
		total += n
	}
	fmt.Fprintf(p.w, "\rread %d MiB", total>>20)
}

// end takes the progress line away.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
