package pstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"

	"roamfault/journal"
)

// ErrPermission: the user may not look into a directory of pstore.
var ErrPermission = errors.New("permission denied: run as root")

// The reasons of skips.
const (
	skipCompressed = "file of pstore that the kernel could not unpack (.enc.z)"
	skipMissing    = "piece of a kernel dump that is missing"
	skipMany       = "more than 4096 files of pstore in one directory: the rest of them"
	skipLong       = "file of pstore longer than 16 MiB: the rest of it"
)

// maxPiece bounds a file; pieces of dumps have some kilobytes.
const maxPiece = 16 << 20

// Dirs are where pstore's files are: those that the kernel shows, and those that
// systemd-pstore has moved away from there.
func Dirs() []string { return []string{"/sys/fs/pstore", "/var/lib/systemd/pstore"} }

// Source reads the kernel dumps of pstore. It implements [journal.Source].
//
// The records are the kernel's. They have the monotonic time of the boot that
// ended with the dump, which is not known; when the dump was written,
// [Source.Dumps] tells.
type Source struct {
	// Dirs are the directories to look into, nil for [Dirs]. One that does not
	// exist holds nothing.
	Dirs []string
	// Filter says which records are wanted.
	Filter journal.Filter
}

// Dumps lists the dumps, by time.
func (s *Source) Dumps() ([]Dump, error) { return s.dumps(&skips{}) }

func (s *Source) dumps(sk *skips) ([]Dump, error) {
	dirs := s.Dirs
	if dirs == nil {
		dirs = Dirs()
	}
	var pieces []piece
	for _, dir := range dirs {
		found, err := find(dir, sk)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, found...)
	}
	return assemble(pieces), nil
}

// Read hands the records of all dumps to yield, as [journal.Source] says. The
// origin of a record is the piece it begins in.
func (s *Source) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	stats := journal.Stats{Formats: map[journal.Format]int{}}
	if err := ctx.Err(); err != nil {
		return stats, err
	}
	var sk skips
	dumps, err := s.dumps(&sk)
	stopped := false
	for i := range dumps {
		if err != nil || stopped {
			break
		}
		var one journal.Stats
		one, err = s.read(ctx, &dumps[i], &sk, func(r *journal.Record) error {
			stats.Records++
			err := yield(r)
			stopped = errors.Is(err, journal.ErrStop)
			return err
		})
		add(&stats, one)
	}
	for _, k := range sk.list {
		stats.Skipped = merge(stats.Skipped, k)
	}
	return stats, err
}

// read reads one dump.
func (s *Source) read(ctx context.Context, d *Dump, sk *skips, yield func(*journal.Record) error) (journal.Stats, error) {
	if d.Missing > 0 {
		sk.addMany(skipMissing, d.Missing)
	}
	text := &joined{pieces: d.pieces, skips: sk}
	defer text.close()
	return journal.Read(ctx, text, journal.Options{}, func(r *journal.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.Boot = ""
		r.Origin = text.origin(r.Origin)
		if r.Identifier == "" && r.Transport != journal.TransportSyslog {
			// Whatever stands here went through the kernel's ring buffer.
			r.Identifier, r.Transport = "kernel", journal.TransportKernel
		}
		if !s.Filter.Wants(r) {
			return nil
		}
		return yield(r)
	})
}

// joined is the text of the pieces, one behind the other, without their
// headers.
type joined struct {
	pieces []piece
	skips  *skips
	next   int // the piece to open
	f      *os.File
	r      io.Reader
	limit  *io.LimitedReader
	lines  int   // begun in the text so far
	size   int64 // of the text so far
	ended  bool  // the text so far ends with a newline
	starts []start
}

// start is where the text of a piece begins.
type start struct {
	path   string
	line   int   // of the joined text, from 0
	offset int64 // of the joined text
	header int   // lines of the file before it
	bytes  int64 // and their size
}

// Read reads on.
func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.r == nil {
			if j.next >= len(j.pieces) {
				return 0, io.EOF
			}
			if j.size > 0 && !j.ended {
				// A piece is cut at the end of a line; where its newline
				// is lost the next one still begins a line.
				j.ended = true
				j.count([]byte{'\n'})
				p[0] = '\n'
				return 1, nil
			}
			if err := j.open(&j.pieces[j.next]); err != nil {
				j.skips.add(fmt.Sprintf("unreadable file of pstore: %v", err))
			}
			j.next++
			continue
		}
		n, err := j.r.Read(p)
		j.count(p[:n])
		if n > 0 {
			j.ended = p[n-1] == '\n'
		}
		if err != nil {
			if err != io.EOF {
				j.skips.add(fmt.Sprintf("unreadable file of pstore: %v", err))
			} else if j.limit.N == 0 {
				j.skips.add(skipLong)
			}
			j.close()
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (j *joined) count(b []byte) {
	j.lines += bytes.Count(b, []byte{'\n'})
	j.size += int64(len(b))
}

// open opens a piece behind its header.
func (j *joined) open(p *piece) error {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	j.f = f
	j.limit = &io.LimitedReader{R: f, N: maxPiece}
	at := start{path: p.path, line: j.lines, offset: j.size}
	j.r = j.limit
	if p.headed {
		// The header was read before: it is short and ends with a newline.
		head := make([]byte, 1)
		for head[0] != '\n' {
			if _, err := io.ReadFull(j.r, head); err != nil {
				j.close()
				return err
			}
			at.bytes++
		}
		at.header = 1
	}
	j.starts = append(j.starts, at)
	return nil
}

func (j *joined) close() {
	if j.f != nil {
		j.f.Close()
	}
	j.f, j.r = nil, nil
}

// origin turns a place of the joined text into one of a file.
func (j *joined) origin(o journal.Origin) journal.Origin {
	i := sort.Search(len(j.starts), func(i int) bool { return j.starts[i].line >= o.Line }) - 1
	if i < 0 {
		return o
	}
	at := j.starts[i]
	return journal.Origin{File: at.path, Line: o.Line - at.line + at.header, Lines: o.Lines, Offset: o.Offset - at.offset + at.bytes}
}

// skips sums up what was left out.
type skips struct{ list []journal.Skip }

func (s *skips) add(reason string) { s.addMany(reason, 1) }

func (s *skips) addMany(reason string, n int) {
	s.list = merge(s.list, journal.Skip{Reason: reason, Count: n})
}

// maxReasons bounds the list; reasons have names of files in them.
const maxReasons = 64

// merge adds a skip to those of the same reason.
func merge(list []journal.Skip, k journal.Skip) []journal.Skip {
	i := slices.IndexFunc(list, func(l journal.Skip) bool { return l.Reason == k.Reason })
	switch {
	case i >= 0:
		list[i].Count += k.Count
		list[i].Bytes += k.Bytes
	case len(list) < maxReasons:
		list = append(list, k)
	}
	return list
}

// add adds the stats of one dump, but for its records, which the filter counts.
func add(to *journal.Stats, s journal.Stats) {
	to.Bytes += s.Bytes
	to.Lines += s.Lines
	to.Blank += s.Blank
	to.Marks += s.Marks
	for f, n := range s.Formats {
		to.Formats[f] += n
	}
	for _, k := range s.Skipped {
		k.Line = 0
		to.Skipped = merge(to.Skipped, k)
	}
}
