package pstore

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"roamfault/journal"
)

const (
	// maxFiles bounds how many files are looked at, maxDepth how deep below
	// a directory: systemd-pstore makes two levels.
	maxFiles = 4096
	maxDepth = 3
	// sameDump is how far apart pieces of one dump may have been written.
	sameDump = time.Minute
)

// Dump is one dump of the kernel's log.
type Dump struct {
	// Reason is why the kernel wrote it: "Oops", "Panic", ...; "console" for
	// what a console had shown; empty where nothing tells.
	Reason string
	// Count is the number of the dump within its boot, 0 where unknown.
	Count int
	// Time is when it was written, as the backend or else the file says.
	Time time.Time
	// Files are its pieces, the oldest text first.
	Files []string
	// Missing is how many pieces are known to be lost.
	Missing int

	pieces []piece
}

// piece is a file of pstore.
type piece struct {
	name
	header
	path   string
	headed bool // its first line is a header
	time   time.Time
}

// find looks for the files below a directory. A directory that is not there
// holds none.
func find(dir string, skips *skips) ([]piece, error) {
	var pieces []piece
	seen := 0
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		entries, err := os.ReadDir(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case errors.Is(err, fs.ErrPermission):
			return &journal.FileError{Path: dir, Err: ErrPermission}
		case err != nil:
			var pe *os.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			return &journal.FileError{Path: dir, Err: err}
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if seen++; seen > maxFiles {
				skips.add(skipMany)
				return nil
			}
			if e.IsDir() {
				if depth < maxDepth {
					if err := walk(path, depth+1); err != nil {
						return err
					}
				}
				continue
			}
			if !e.Type().IsRegular() {
				continue
			}
			p := piece{name: parseName(e.Name()), path: path}
			switch p.kind {
			case other:
				continue
			case compressed:
				skips.add(skipCompressed)
				continue
			}
			if err := p.look(); err != nil {
				skips.add(fmt.Sprintf("unreadable file of pstore: %v", err))
				continue
			}
			pieces = append(pieces, p)
		}
		return nil
	}
	err := walk(dir, 1)
	return pieces, err
}

// look reads what a piece says of itself.
func (p *piece) look() error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	if p.time = p.at; p.time.IsZero() {
		p.time = st.ModTime().UTC()
	}
	line, err := bufio.NewReaderSize(f, maxHeader).ReadSlice('\n')
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	if p.header, p.headed = parseHeader(string(line)); !p.headed {
		p.part = p.piece
	}
	return nil
}

// assemble puts pieces together to dumps, in the order of their times. Pieces
// are written the newest text first, as part 1, so a dump is its parts
// backwards.
func assemble(pieces []piece) []Dump {
	dirs := map[string]bool{}
	for _, p := range pieces {
		if p.kind == dump {
			dirs[filepath.Dir(p.path)] = true
		}
	}
	// systemd-pstore leaves the pieces beside what it made of them.
	pieces = slices.DeleteFunc(pieces, func(p piece) bool { return p.kind == whole && dirs[filepath.Dir(p.path)] })
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(filepath.Dir(a.path), filepath.Dir(b.path)), cmp.Compare(a.kind, b.kind), cmp.Compare(a.backend, b.backend),
			a.time.Truncate(time.Second).Compare(b.time.Truncate(time.Second)), cmp.Compare(a.count, b.count), cmp.Compare(a.part, b.part), cmp.Compare(a.id, b.id))
	})
	var dumps []Dump
	for _, p := range pieces {
		if n := len(dumps); n > 0 && dumps[n-1].takes(p) {
			dumps[n-1].pieces = append(dumps[n-1].pieces, p)
			continue
		}
		d := Dump{Reason: p.reason, Count: p.count, Time: p.time, pieces: []piece{p}}
		if p.kind == console {
			d.Reason = "console"
		}
		dumps = append(dumps, d)
	}
	for i := range dumps {
		dumps[i].finish()
	}
	slices.SortStableFunc(dumps, func(a, b Dump) int { return a.Time.Compare(b.Time) })
	return dumps
}

// takes tells whether a piece belongs to the dump.
func (d *Dump) takes(p piece) bool {
	first := d.pieces[0]
	return p.kind == dump && first.kind == dump && p.part > 0 && first.part > 0 && p.headed == first.headed &&
		filepath.Dir(p.path) == filepath.Dir(first.path) && p.backend == first.backend &&
		p.reason == d.Reason && p.count == d.Count && p.time.Sub(first.time) <= sameDump &&
		!slices.ContainsFunc(d.pieces, func(q piece) bool { return q.part == p.part })
}

// finish puts the pieces in the order of their text.
func (d *Dump) finish() {
	slices.SortStableFunc(d.pieces, func(a, b piece) int { return cmp.Compare(b.part, a.part) })
	for _, p := range d.pieces {
		d.Files = append(d.Files, p.path)
	}
	if highest := d.pieces[0].part; highest > 0 {
		d.Missing = highest - len(d.pieces)
	}
}
