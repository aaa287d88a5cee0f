package journalfile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"roamfault/journal"
)

const (
	// maxFiles is how many files are read at once.
	maxFiles = 8192
	// maxDepth is how deep directories are searched: journald has one level, a
	// folder a machine.
	maxDepth = 8
	// maxRefused is how many refused files are remembered by name.
	maxRefused = 64
)

// ErrNoJournal: a directory holds no journal files.
var ErrNoJournal = errors.New("holds no journal files")

// Options says what is read of a journal. The zero Options want everything.
type Options struct {
	// Filter leaves out records. Its time bounds are also held against
	// the clock of the journal itself, with an hour of grace, so that entries
	// far outside need not be read.
	Filter journal.Filter
	// After is the cursor of a record, as [journal.Record] has it: reading
	// begins behind it. It need not be in the journal any more.
	After string
	// Wanted, when set, chooses records by their message, given as records have
	// it. A message is asked for once with an empty identifier, which
	// stands for any: false leaves out all of its entries. Then it is asked with
	// the identifier of each of its entries. A message that Wanted keeps
	// holds on to up to 64 KiB of others. Wanted is called by several
	// goroutines at once unless Workers is 1.
	Wanted func(identifier, message string) bool
	// Workers is how many goroutines look through messages, 0 for one a
	// processor.
	Workers int
}

// Journal is a set of opened journal files. Its methods are for one goroutine.
type Journal struct {
	opt     Options
	after   *key
	files   []*file
	refused []*journal.FileError
	beyond  int // files refused, and those past maxFiles
	tooMany int
	found   int // files within directories, and what could not be searched
}

var _ journal.Source = (*Journal)(nil)

// file is one journal file.
type file struct {
	path   string
	index  int
	r      io.ReaderAt
	close  func() error
	stat   func() (int64, error)
	size   uint64
	head   header
	failed atomic.Bool // the system could not read all of it
}

// Open opens journal files: those named, and in the directories named all
// "*.journal" and "*.journal~", which are those that journald moved away damaged or
// unclosed. An error about a path that was named is a [*journal.FileError];
// files within directories that cannot be read are in [Journal.Refused] and in
// the stats of each reading, and are an error only when there is no other.
func Open(paths []string, opt Options) (*Journal, error) {
	j := &Journal{opt: opt}
	if opt.After != "" {
		k, err := parseCursor(opt.After)
		if err != nil {
			return nil, err
		}
		j.after = &k
	}
	if err := j.open(paths); err != nil {
		_ = j.Close()
		return nil, err
	}
	return j, nil
}

func (j *Journal) open(paths []string) error {
	seen := make(map[string][]fs.FileInfo)
	for _, path := range paths {
		st, err := os.Stat(path)
		if err != nil {
			return fileError(path, err)
		}
		if !st.IsDir() {
			if err := j.add(path, st, seen); err != nil {
				return err
			}
			continue
		}
		before := j.found
		if err := j.walk(path, 0, seen); err != nil {
			return err
		}
		if j.found == before {
			return &journal.FileError{Path: path, Err: ErrNoJournal}
		}
	}
	if len(j.files) == 0 && len(j.refused) > 0 {
		return j.refused[0]
	}
	return nil
}

// walk adds the files of a directory; only the first one's own error is returned.
func (j *Journal) walk(dir string, depth int, seen map[string][]fs.FileInfo) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		if depth == 0 {
			return fileError(dir, err)
		}
		j.found++
		j.refuse(fileError(dir, err))
		return nil
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	for _, e := range list {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if depth < maxDepth {
				_ = j.walk(path, depth+1, seen)
			}
			continue
		}
		if !strings.HasSuffix(e.Name(), ".journal") && !strings.HasSuffix(e.Name(), ".journal~") {
			continue
		}
		j.found++
		// The entry may be a link.
		st, err := os.Stat(path)
		if err != nil {
			j.refuse(fileError(path, err))
			continue
		}
		if st.IsDir() {
			continue
		}
		if err := j.add(path, st, seen); err != nil {
			j.refuse(err)
		}
	}
	return nil
}

func (j *Journal) refuse(err *journal.FileError) {
	j.beyond++
	if len(j.refused) < maxRefused {
		j.refused = append(j.refused, err)
	}
}

// Refused returns why files within the directories were not opened, the first
// 64 of them.
func (j *Journal) Refused() []*journal.FileError { return slices.Clone(j.refused) }

// add opens one file, once.
func (j *Journal) add(path string, st fs.FileInfo, seen map[string][]fs.FileInfo) *journal.FileError {
	switch m := st.Mode(); {
	case m&os.ModeSocket != 0:
		return &journal.FileError{Path: path, Err: journal.ErrSocket}
	case !m.IsRegular():
		return &journal.FileError{Path: path, Err: journal.ErrDevice}
	}
	k := fmt.Sprint(st.Size(), " ", st.ModTime().UnixNano())
	for _, other := range seen[k] {
		if os.SameFile(st, other) {
			return nil
		}
	}
	if len(j.files) >= maxFiles {
		j.beyond++
		j.tooMany++
		return nil
	}
	r, err := os.Open(path)
	if err != nil {
		return fileError(path, err)
	}
	f := &file{path: path, index: len(j.files), r: r, close: r.Close, stat: func() (int64, error) {
		st, err := r.Stat()
		if err != nil {
			return 0, err
		}
		return st.Size(), nil
	}}
	if err := f.refresh(); err != nil {
		_ = r.Close()
		return fileError(path, err)
	}
	seen[k] = append(seen[k], st)
	j.files = append(j.files, f)
	return nil
}

// refresh reads the size and header of a file, which change while it is
// written to.
func (f *file) refresh() error {
	size, err := f.stat()
	if err != nil {
		return err
	}
	f.size = uint64(max(size, 0))
	f.failed.Store(false)
	var b [useHeader]byte
	n := f.readAt(b[:], 0)
	h, err := parseHeader(b[:n])
	if err != nil {
		return err
	}
	f.head = h
	return nil
}

// Close closes the files.
func (j *Journal) Close() error {
	var errs []error
	for _, f := range j.files {
		errs = append(errs, f.close())
	}
	j.files = nil
	return errors.Join(errs...)
}

// fileError says of a path what is wrong with it and what to do.
func fileError(path string, err error) *journal.FileError {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: read it as root or as a member of the group systemd-journal or adm", err)
	}
	return &journal.FileError{Path: path, Err: err}
}
