package analysis

import (
	"context"
	"fmt"
	"io"
	"os"

	"roamfault/journal"
)

// Kept gives the lines around an incident again after the inputs have been
// read. Standard input is copied to an unlinked temporary file for that.
type Kept struct {
	stdin io.Reader
	spool *os.File
}

// Line is one physical line of an input.
type Line struct {
	Number int
	Text   string
}

// Keep prepares the inputs for being read a second time when lines are wanted.
func Keep(paths []string, stdin io.Reader, wanted bool) (*Kept, error) {
	k := &Kept{stdin: stdin}
	if !wanted {
		return k, nil
	}
	for _, p := range paths {
		if p != "-" {
			continue
		}
		f, err := os.CreateTemp("", "roamfault-stdin-")
		if err != nil {
			return nil, fmt.Errorf("keep standard input for --context: %w", err)
		}
		if err := os.Remove(f.Name()); err != nil {
			return nil, fmt.Errorf("keep standard input for --context: %w", err)
		}
		k.spool = f
		k.stdin = io.TeeReader(stdin, f)
		break
	}
	return k, nil
}

// Stdin is what the analysis reads as standard input.
func (k *Kept) Stdin() io.Reader { return k.stdin }

// Close gives the temporary file back.
func (k *Kept) Close() error {
	if k.spool == nil {
		return nil
	}
	return k.spool.Close()
}

// longestContext bounds the lines given for one incident.
const longestContext = 2000

// Lines returns the physical lines first to last of an input, as far as it can
// still be read.
func (k *Kept) Lines(file string, first, last int) []Line {
	var r io.Reader
	if file == "-" {
		if k.spool == nil {
			return nil
		}
		r = io.NewSectionReader(k.spool, 0, 1<<62)
	} else {
		f, err := os.Open(file)
		if err != nil {
			return nil
		}
		defer f.Close()
		r = f
	}
	var out []Line
	last = min(last, first+longestContext)
	err := journal.Lines(context.Background(), r, func(number int, text []byte) error {
		if number > last {
			return journal.ErrStop
		}
		if number >= first {
			out = append(out, Line{number, string(text)})
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return out
}
