package sdjournal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Survey is what can be told of the files of a journal without the library,
// which passes over those that it cannot read without a word.
type Survey struct {
	// Readable and Denied count the files that the user may read and may not.
	Readable, Denied int
	// Damaged says what is wrong with files that the library leaves out.
	Damaged []string
}

// maxFiles bounds how many files are looked at.
const maxFiles = 10000

// Look looks at the files of the journal in a directory, or at those of this
// machine's journal where it is empty.
func Look(directory string) Survey {
	patterns := []string{"*.journal", "*/*.journal"}
	roots := []string{directory}
	if directory == "" {
		roots, patterns = []string{"/var/log/journal", "/run/log/journal"}, patterns[1:]
	}
	var paths []string
	for _, root := range roots {
		for _, pattern := range patterns {
			found, err := fs.Glob(os.DirFS(root), pattern)
			if err != nil {
				continue
			}
			for _, f := range found {
				paths = append(paths, filepath.Join(root, f))
			}
		}
	}
	slices.Sort(paths)
	return lookAt(paths[:min(len(paths), maxFiles)])
}

// lookAt looks at files.
func lookAt(paths []string) Survey {
	var s Survey
	for _, path := range paths {
		err := check(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Vacuumed meanwhile.
		case errors.Is(err, fs.ErrPermission):
			s.Denied++
		case err != nil:
			s.Readable++
			s.Damaged = append(s.Damaged, fmt.Sprintf("%s: %v", path, err))
		default:
			s.Readable++
		}
	}
	return s
}

// The header of a journal file (struct Header in systemd's journal-def.h).
const (
	magic          = "LPKSHHRH"
	headerSizeAt   = 88
	arenaSizeAt    = 96
	smallestHeader = 208
)

// check says what is wrong with a journal file at first sight.
func check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return err
	}
	head := make([]byte, smallestHeader)
	switch _, err := io.ReadFull(f, head); {
	case errors.Is(err, io.EOF):
		// Made, and not yet written to.
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("shorter than a journal's header")
	case err != nil:
		return err
	case string(head[:len(magic)]) != magic:
		return errors.New("not a journal file")
	}
	header := binary.LittleEndian.Uint64(head[headerSizeAt:])
	arena := binary.LittleEndian.Uint64(head[arenaSizeAt:])
	if size := uint64(st.Size()); header > size || arena > size-header {
		return fmt.Errorf("truncated: %d bytes of %d", size, header+arena)
	}
	return nil
}
