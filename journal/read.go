package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Options tells [Read] about its input.
type Options struct {
	// File is the name that records carry as their origin: a path, or "-".
	File string
	// RepairLimit is the size in bytes up to which a reader that has a
	// shorter way must look at every line of an input; 0 stands for
	// [DefaultRepairLimit]. [Read] looks at every line of any input, with
	// bounded memory.
	RepairLimit int64
	// Finder, when set, makes a finder for text like the sample, and so lets
	// [ReadFile] leave out the lines of a large plain file in which that
	// finds nothing. Without one every line is read.
	Finder func(sample []byte) Finder
	// Workers is how many goroutines look through such a file, 0 for one a
	// processor.
	Workers int
	// Progress, when set, is told how many bytes of a large file have been
	// looked through.
	Progress func(bytes int64)
}

// DefaultRepairLimit is the RepairLimit of zero [Options], 16 MiB.
const DefaultRepairLimit = 16 << 20

// Stats says what a reader met.
type Stats struct {
	// Bytes is the size of the input, decompressed.
	Bytes int64
	// Lines is the number of its physical lines, those within structured
	// records included.
	Lines int
	// Records is the number of records handed out.
	Records int
	// Blank is the number of blank lines, Marks that of lines which carry
	// no record: code fences, boot boundaries and notices of journalctl.
	Blank, Marks int
	// Formats counts the records of each format.
	Formats map[Format]int
	// Skipped is what was left out, summed up by reason.
	Skipped []Skip
	// Compression is "gzip", "zstd", "xz" or "bzip2", empty for none.
	Compression string
	// Encoding is "UTF-16LE" or "UTF-16BE" where the input was so, empty for
	// bytes taken as UTF-8.
	Encoding string
}

// ErrStop ends a reading early without an error when a yield function
// returns it.
var ErrStop = errors.New("stop reading")

// A FileError says why a path cannot be read as a log. It wraps the cause.
type FileError struct {
	Path string
	Err  error
}

// Error says which path, and why.
func (e *FileError) Error() string { return fmt.Sprintf("read %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// The causes of a [FileError] beside those of the operating system.
var (
	// ErrDirectory: the path is a directory.
	ErrDirectory = errors.New("is a directory, name the files in it")
	// ErrSocket: the path is a socket.
	ErrSocket = errors.New("is a socket, not a log")
	// ErrDevice: the path is a device that logs are not read from in this
	// way.
	ErrDevice = errors.New("is a device, not a log")
	// ErrJournalFile: the input is a binary .journal file. Package journalfile
	// reads those, but neither from a pipe nor compressed, because it goes to
	// and fro in them.
	ErrJournalFile = errors.New("is a binary journal file: save it unpacked and name its path, it cannot be read from a pipe or compressed")
)

// Read reads all records of an input, in order, and hands each to yield. The
// record is valid only during the call, its strings stay valid. Compressed input and UTF-16
// are recognised. Damage is never an error: what could not be read is in
// Stats.Skipped. An error is returned when yield returns one (other than
// [ErrStop]), when ctx ends, and when r fails; Stats is valid then, too.
//
// The records that are whole when ctx ends may still be handed out; what had
// come of one that is not is dropped and counted as [SkipCalledOff]. Structured
// records (export, JSON) are handed out as soon as their end was read; those of
// text when the lines behind them have shown that nothing more belongs to them.
func Read(ctx context.Context, r io.Reader, opt Options, yield func(*Record) error) (Stats, error) {
	rd := newReader(opt, yield)
	err := rd.read(ctx, r)
	switch {
	case errors.Is(err, ErrStop):
		err = nil
	case errors.Is(err, ErrJournalFile):
		err = &FileError{cmp.Or(opt.File, "-"), ErrJournalFile}
	}
	return rd.result(), err
}

// ReadFile reads the file at path as [Read] does. The origin of the records is
// opt.File, or path where that is empty. Errors about the file itself are
// [*FileError].
func ReadFile(ctx context.Context, path string, opt Options, yield func(*Record) error) (Stats, error) {
	if opt.File == "" {
		opt.File = path
	}
	st, err := os.Stat(path)
	if err != nil {
		return Stats{}, &FileError{path, cause(err)}
	}
	switch m := st.Mode(); {
	case m.IsDir():
		return Stats{}, &FileError{path, ErrDirectory}
	case m&os.ModeSocket != 0:
		return Stats{}, &FileError{path, ErrSocket}
	case m&os.ModeDevice != 0 && m&os.ModeCharDevice == 0:
		return Stats{}, &FileError{path, ErrDevice}
	}
	f, err := os.Open(path)
	if err != nil {
		return Stats{}, &FileError{path, cause(err)}
	}
	defer f.Close()
	stats, err := readFile(ctx, f, st, opt, yield)
	var pe *os.PathError
	switch {
	case errors.Is(err, ErrJournalFile):
		err = &FileError{path, ErrJournalFile}
	case errors.As(err, &pe) && pe.Path == path:
		err = &FileError{path, pe.Err}
	}
	return stats, err
}

// cause takes the operation and path off an error of the os package, which a
// FileError says itself.
func cause(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// reader is the state of one reading.
type reader struct {
	opt     Options
	yield   func(*Record) error
	stats   Stats
	formats [fmtCount]int
	skips   skipList
	src     *source
	boots   boots
	rec     Record
	scratch []byte
	zones   map[int]*time.Location
	fields  fieldSet
	keep    rawKeep
	textAt  int64 // the line there is text, whatever it looks like
	object  jsonObject
}

func newReader(opt Options, yield func(*Record) error) *reader {
	return &reader{opt: opt, yield: yield, zones: map[int]*time.Location{}, textAt: -1}
}

// read reads the whole input.
func (rd *reader) read(ctx context.Context, r io.Reader) error {
	in, err := open(r, &rd.skips)
	if err != nil {
		return err
	}
	defer in.close()
	rd.stats.Compression, rd.stats.Encoding = in.compression, in.encoding
	rd.src = newSource(ctx, in, &rd.skips)
	if err := rd.records(); err != nil {
		return err
	}
	if err := rd.src.err; err != nil {
		if !rd.src.calledOff() {
			rd.skips.add(skipUnreadable, rd.src.num)
		}
		return err
	}
	return nil
}

// records reads text and structured records in turn.
func (rd *reader) records() error {
	rep := &repairer{rd: rd}
	lr := &logicalReader{src: rd.src, skips: &rd.skips, stop: func() bool { return rd.structured() != fmtBare }}
	for {
		if err := rep.readText(lr); err != nil {
			return err
		}
		switch rd.structured() {
		case fmtExport:
			if err := rd.export(); err != nil {
				return err
			}
		case fmtJSON:
			if err := rd.json(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// hand counts a record and gives it to the consumer.
func (rd *reader) hand(f formatID) error {
	rd.stats.Records++
	rd.formats[f]++
	return rd.yield(&rd.rec)
}

// result sums up.
func (rd *reader) result() Stats {
	s := rd.stats
	s.Skipped = rd.skips.list
	s.Formats = map[Format]int{}
	for f, n := range rd.formats {
		if n > 0 {
			s.Formats[formatID(f).name()] = n
		}
	}
	if rd.src != nil {
		s.Bytes, s.Lines = rd.src.off, rd.src.lines()
	}
	return s
}
