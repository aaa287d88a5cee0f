package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"roamfault/journal"
	"roamfault/journal/journalfile"
	"roamfault/patterns"
)

// Source is one input of an analysis.
type Source struct {
	// Name is what the report calls it.
	Name string
	// Err tells why it cannot be read; the reader is nil then.
	Err    error
	Reader journal.Source
}

// Finding is how the inputs of an analysis are found and read.
type Finding struct {
	Catalogue *patterns.Catalogue
	// Stdin is read for the path "-".
	Stdin io.Reader
	// Filter chooses among the records, the same of every input.
	Filter journal.Filter
	// Boot is the boot that is wanted of every input, as [FindBoot] takes it;
	// empty for all.
	Boot string
	// Since and Until, the same as in [Options], spare a journal reading what
	// lies far outside.
	Since, Until Bound
	// Progress, when set, is told now and then how many bytes of a text file
	// have been looked through.
	Progress func(input string, read int64)
}

// Sources turns paths into sources: files of text, standard input for "-",
// journal files, and directories, which stand for what is in them. All journal
// files together are one source, because only so their entries come in order.
// What cannot be read is a source, too, and tells why. The caller closes them
// with [Close].
func (f Finding) Sources(paths []string) []Source {
	var sources []Source
	var journals []string
	for _, p := range paths {
		files, err := expand(p)
		if err != nil {
			sources = append(sources, Source{Name: p, Err: err})
			continue
		}
		for _, file := range files {
			if file != "-" && shut(file) {
				// By itself, or it would keep the others from being read.
				sources = append(sources, f.Journal([]string{file}))
				continue
			}
			if file != "-" && isJournal(file) {
				journals = append(journals, file)
				continue
			}
			sources = append(sources, Source{Name: file, Reader: &textFile{Finding: f, path: file}})
		}
	}
	if len(journals) > 0 {
		sources = append(sources, f.Journal(journals))
	}
	return sources
}

// nameOf is what the report calls journals that are one source.
func nameOf(paths []string) string {
	if len(paths) > 1 {
		return fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
	}
	return paths[0]
}

// Journal opens journal files and directories as one source.
func (f Finding) Journal(paths []string) Source {
	s := Source{Name: nameOf(paths)}
	filter := f.Filter
	filter.Since, filter.Until = f.Since.wall(), f.Until.wall()
	if f.Boot != "" {
		if filter.Boot, s.Err = bootOf(paths, f.Boot); s.Err != nil {
			return s
		}
	}
	j, err := journalfile.Open(paths, journalfile.Options{Filter: filter, Wanted: f.wants})
	if err != nil {
		s.Err = err
		return s
	}
	s.Reader = j
	return s
}

// bootOf finds the id of a boot in journals.
func bootOf(paths []string, wanted string) (string, error) {
	j, err := journalfile.Open(paths, journalfile.Options{})
	if err != nil {
		return "", err
	}
	defer j.Close()
	boots, err := j.Boots()
	if err != nil {
		return "", fmt.Errorf("list the boots of the journal: %w", err)
	}
	return FindBoot(boots, wanted)
}

// Journals returns the journal files and directories that paths stand for. A
// path that stands for something else, too, is an error.
func Journals(paths []string) ([]string, error) {
	var journals []string
	for _, p := range paths {
		files, err := expand(p)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if _, err := os.Stat(file); err != nil && file != "-" {
				return nil, &journal.FileError{Path: file, Err: bare(err)}
			}
			if file == "-" || !isJournal(file) {
				return nil, &journal.FileError{Path: file, Err: errNoJournal}
			}
			journals = append(journals, file)
		}
	}
	return journals, nil
}

var errNoJournal = errors.New("is no journal, and only those can be counted by boot")

// bare takes the path off an error, where the caller says it.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// wants chooses the messages of a journal worth a record.
func (f Finding) wants(identifier, message string) bool {
	if _, ok := f.Catalogue.Match(identifier, message); ok {
		return true
	}
	return patterns.LooksLikeTrouble(identifier, message)
}

// Close gives back what the sources hold open.
func Close(sources []Source) error {
	var errs []error
	for _, s := range sources {
		if c, ok := s.Reader.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// textFile reads a file of text or standard input.
type textFile struct {
	Finding
	path string
}

func (t *textFile) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	text := journal.Text{Path: t.path, Filter: t.Filter, Options: journal.Options{File: t.path}}
	if t.path == "-" {
		text.Reader = interruptible(ctx, t.Stdin)
	}
	if t.Progress != nil {
		text.Options.Progress = func(n int64) { t.Progress(t.path, n) }
	}
	if t.Boot != "" {
		return t.readBoot(ctx, text, yield)
	}
	text.Options.Finder = func(sample []byte) journal.Finder { return t.Catalogue.Finder(sample) }
	return text.Read(ctx, yield)
}

// readBoot reads the records of one boot. Every line is looked at, as any may be
// the first of a boot.
func (t *textFile) readBoot(ctx context.Context, text journal.Text, yield func(*journal.Record) error) (journal.Stats, error) {
	picker := &bootPicker{name: parseBoot(t.Boot)}
	if picker.name.id == "" && picker.name.number <= 0 {
		at, err := t.fromTheEnd(ctx, picker.name)
		if err != nil {
			return journal.Stats{}, err
		}
		picker.name.number = at + 1
	}
	// The filter comes behind the picker: it would hide where boots begin.
	filter, handed := text.Filter, 0
	text.Filter = journal.Filter{}
	stats, err := text.Read(ctx, func(r *journal.Record) error {
		if !picker.picks(r.Boot) || !filter.Wants(r) {
			return nil
		}
		handed++
		return yield(r)
	})
	stats.Records = handed
	if err == nil {
		if none := picker.found(); none != nil {
			err = &journal.FileError{Path: t.path, Err: none}
		}
	}
	return stats, err
}

// fromTheEnd reads a file to find which of its boots a number means that counts
// from the last, from 0.
func (t *textFile) fromTheEnd(ctx context.Context, name bootName) (int, error) {
	if t.path == "-" {
		return 0, &journal.FileError{Path: t.path, Err: errFromTheEnd}
	}
	var counter bootPicker
	if _, err := journal.ReadFile(ctx, t.path, journal.Options{}, func(r *journal.Record) error {
		counter.see(r.Boot)
		return nil
	}); err != nil {
		return 0, err
	}
	at, err := name.place(len(counter.seen))
	if err != nil {
		return 0, &journal.FileError{Path: t.path, Err: err}
	}
	return at, nil
}

// expand returns the files that a path stands for: itself, or the files of a
// directory by name, and the directory itself when journals lie in it.
func expand(p string) ([]string, error) {
	st, err := os.Stat(p)
	if p == "-" || err != nil || !st.IsDir() {
		return []string{p}, nil
	}
	entries, err := os.ReadDir(p)
	if errors.Is(err, fs.ErrPermission) {
		return []string{p}, nil // told when it is opened
	}
	if err != nil {
		return nil, fmt.Errorf("read directory %s: %w", p, err)
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(p, e.Name())
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") && !journalName(e.Name()) {
			files = append(files, name)
		}
	}
	if holdsJournals(p) {
		files = append(files, p)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read directory %s: holds no file; name a log file, or a directory with some", p)
	}
	return files, nil
}

func journalName(name string) bool {
	return strings.HasSuffix(name, ".journal") || strings.HasSuffix(name, ".journal~")
}

// shut reports whether a path is a directory, or by its name a journal, that may
// not be read.
func shut(path string) bool {
	st, err := os.Stat(path)
	if err != nil || !st.IsDir() && !(st.Mode().IsRegular() && journalName(path)) {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	f.Close()
	return false
}

// machineFolder is the name of a folder in which journald keeps a machine's
// journals.
var machineFolder = regexp.MustCompile(`^[0-9a-f]{32}(\.[0-9a-z-]+)?$`)

// holdsJournals reports whether journal files lie in a directory or in the
// folders of machines in it, or may lie in one that cannot be read.
func holdsJournals(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // what cannot be read is told when it is opened
		switch {
		case err != nil:
			found = found || errors.Is(err, fs.ErrPermission) && machineFolder.MatchString(filepath.Base(path))
			return fs.SkipDir
		case !d.IsDir() && journalName(d.Name()):
			found = true
			return fs.SkipAll
		case d.IsDir() && strings.Count(strings.TrimPrefix(path, dir), string(filepath.Separator)) > 1:
			return fs.SkipDir
		}
		return nil
	})
	return found
}

// isJournal reports whether a path is a journal file by its first bytes, or a
// directory, which [expand] gives only for the journals in it.
func isJournal(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	if st.IsDir() {
		return true
	}
	if !st.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(journal.FileSignature))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == journal.FileSignature
}
