package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	// Filter chooses among the records of journals.
	Filter journal.Filter
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

// Journal opens journal files and directories as one source.
func (f Finding) Journal(paths []string) Source {
	name := paths[0]
	if len(paths) > 1 {
		name = fmt.Sprintf("%s and %d more", paths[0], len(paths)-1)
	}
	j, err := journalfile.Open(paths, journalfile.Options{Filter: f.Filter, Wanted: f.wants})
	if err != nil {
		return Source{Name: name, Err: err}
	}
	return Source{Name: name, Reader: j}
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
	options := journal.Options{File: t.path, Finder: func(sample []byte) journal.Finder { return t.Catalogue.Finder(sample) }}
	if t.Progress != nil {
		options.Progress = func(n int64) { t.Progress(t.path, n) }
	}
	if t.path == "-" {
		return journal.Read(ctx, interruptible(ctx, t.Stdin), options, yield)
	}
	return journal.ReadFile(ctx, t.path, options, yield)
}

// expand returns the files that a path stands for: itself, or the files of a
// directory by name, and the directory itself when journals lie in it.
func expand(p string) ([]string, error) {
	st, err := os.Stat(p)
	if p == "-" || err != nil || !st.IsDir() {
		return []string{p}, nil
	}
	entries, err := os.ReadDir(p)
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

// holdsJournals reports whether journal files lie in a directory or in the
// folders of machines in it.
func holdsJournals(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error { // what cannot be read is told when it is opened
		switch {
		case err != nil:
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
