package main

import (
	"bytes"
	"io"
	"sync"
)

// lines hands on what is written to it in whole lines. Several may write.
type lines struct {
	each func(line []byte) error // with its end
	mu   sync.Mutex
	part []byte
}

// Write keeps the beginning of a line until its end comes.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		end := bytes.IndexByte(l.part, '\n') + 1
		if end == 0 {
			return len(b), nil
		}
		if err := l.each(l.part[:end]); err != nil {
			return 0, err
		}
		l.part = l.part[end:]
	}
}

// prefixed writes whole lines with something before them, so that those of
// several can be told apart. mu is of all that write to the same place.
func prefixed(mu *sync.Mutex, to io.Writer, prefix string) io.Writer {
	return &lines{each: func(line []byte) error {
		mu.Lock()
		defer mu.Unlock()
		_, err := to.Write(append([]byte(prefix), line...))
		return err
	}}
}
