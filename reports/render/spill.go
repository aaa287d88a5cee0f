package render

import (
	"fmt"
	"io"
	"os"
)

// spill holds what is written until it is copied out: a little of it in
// memory, more in a temporary file that has no name, so that nothing is left
// behind whatever happens.
type spill struct {
	mem  []byte
	file *os.File
	size int64
}

// spillAt is how many bytes stay in memory.
const spillAt = 1 << 20

func (s *spill) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if len(s.mem)+len(p) > spillAt {
		if err := s.drain(); err != nil {
			return 0, err
		}
	}
	s.mem = append(s.mem, p...)
	return len(p), nil
}

// drain moves what is in memory to the file.
func (s *spill) drain() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "roamfault-*")
		if err != nil {
			return fmt.Errorf("keep a long report in a temporary file (set TMPDIR to a place with room): %w", err)
		}
		s.file = f
		if err := os.Remove(f.Name()); err != nil {
			return fmt.Errorf("keep a long report in a temporary file: %w", err)
		}
	}
	if _, err := s.file.Write(s.mem); err != nil {
		return fmt.Errorf("keep a long report in a temporary file (set TMPDIR to a place with room): %w", err)
	}
	s.mem = s.mem[:0]
	return nil
}

// copyTo writes all that was held to w, and lets it go.
func (s *spill) copyTo(w io.Writer) error {
	if s.file != nil {
		defer func() {
			_ = s.file.Close()
			s.file = nil
		}()
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("read a long report back: %w", err)
		}
		if _, err := io.Copy(w, s.file); err != nil {
			return fmt.Errorf("read a long report back: %w", err)
		}
	}
	_, err := w.Write(s.mem)
	s.mem = nil
	return err
}
