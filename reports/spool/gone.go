package spool

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"roamfault/durable"
)

// goneLimit bounds the list of incidents that were put and evicted since the
// checkpoint: some 40,000 of them. Beyond it, the list begins anew.
const goneLimit = 1 << 20

// addGone writes down that a revision was put before it is taken away, so that
// reading the log again does not put it again.
func (s *Spool) addGone(id string, rev int) error {
	path := filepath.Join(s.dir, goneName)
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if s.goneLen > goneLimit {
		flags |= os.O_TRUNC
		s.goneLen = 0
		clear(s.gone)
	}
	f, err := os.OpenFile(path, flags, 0o640)
	if err != nil {
		return err
	}
	n, err := fmt.Fprintf(f, "%s %d\n", id, rev)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil && s.goneLen == 0 {
		err = durable.SyncDir(s.dir)
	}
	s.goneLen += int64(n)
	if err == nil {
		s.gone[id] = rev
	}
	return err
}

// forgetGone empties the list: what is on it lies before the checkpoint.
func (s *Spool) forgetGone() error {
	if s.goneLen == 0 {
		return nil
	}
	if err := remove(filepath.Join(s.dir, goneName)); err != nil {
		return err
	}
	clear(s.gone)
	s.goneLen = 0
	return nil
}

// readGone reads the list. A line that a power cut left unfinished is no line.
func readGone(path string) (map[string]int, int64, error) {
	gone := make(map[string]int)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return gone, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	var size int64
	for in := bufio.NewScanner(f); in.Scan(); {
		var id string
		var rev int
		size += int64(len(in.Bytes())) + 1
		if n, err := fmt.Sscanf(in.Text(), "%64s %d", &id, &rev); n == 2 && err == nil && size <= 2*goneLimit {
			gone[id] = rev
		}
	}
	return gone, size, nil
}
