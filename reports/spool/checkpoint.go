package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"roamfault/journal"
)

// CheckpointID is the value of "schema" in a checkpoint.
const CheckpointID = "roamfault/watch-checkpoint/v1"

// Checkpoint is the place in the log behind which reading goes on, and what is
// known there. Every incident that began before it has been put.
type Checkpoint struct {
	Schema string `json:"schema"`
	// Source names the kind of cursor.
	Source string `json:"source"`
	// Cursor is that of the last record read, empty when none has been read.
	Cursor string `json:"cursor,omitempty"`
	// Time and Boot are those of the latest record read, or of the begin of
	// the watching; without a cursor of use, reading goes on behind Time.
	Time journal.Time `json:"time"`
	Boot string       `json:"boot,omitempty"`
	// Begin is the wall clock from which on records count where Time is
	// zero, and BeginBoot the boot; zero for no bound.
	Begin     time.Time `json:"begin"`
	BeginBoot string    `json:"begin_boot,omitempty"`
	// Records is how many records have been read.
	Records int64 `json:"records"`
	// State is what was learned of the devices, see incident.Builder.State.
	State json.RawMessage `json:"state,omitempty"`
}

// ErrCheckpoint says that there is a checkpoint that cannot be used.
var ErrCheckpoint = errors.New("the saved place in the log cannot be used")

// checkpointLimit bounds what is read of a checkpoint.
const checkpointLimit = 16 << 20

// Save puts a checkpoint in the place of the one before. It is called when all
// that the checkpoint covers has been put.
func (s *Spool) Save(c Checkpoint) error {
	c.Schema = CheckpointID
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("save the place in the log: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(checkName, append(b, '\n')); err != nil {
		return fmt.Errorf("save the place in the log: %w", bare(err))
	}
	// Strays and marks wait for an incident that the log was to bring again.
	for len(s.marks) > 0 {
		if err := remove(filepath.Join(s.dir, s.marks[0]+todoSuffix)); err != nil {
			return fmt.Errorf("take away what was left over: %w", bare(err))
		}
		s.marks = s.marks[1:]
	}
	for base, list := range s.strays {
		if err := s.dropStray(base, list); err != nil {
			return fmt.Errorf("take away what was left over: %w", bare(err))
		}
	}
	if err := s.forgetGone(); err != nil {
		return fmt.Errorf("forget the incidents before the saved place: %w", bare(err))
	}
	return nil
}

// Load returns the checkpoint, nil when there is none. A damaged one is told by
// an error that is [ErrCheckpoint], and stays where it is until the next is
// saved.
func (s *Spool) Load() (*Checkpoint, error) {
	path := filepath.Join(s.dir, checkName)
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var b []byte
	if err == nil && st.Size() > checkpointLimit {
		return nil, fmt.Errorf("%w: %s has %d bytes", ErrCheckpoint, path, st.Size())
	}
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the saved place in the log: %w", err)
	}
	var c Checkpoint
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCheckpoint, path, err)
	}
	if c.Schema != CheckpointID {
		return nil, fmt.Errorf("%w: %s: schema %q, not %q", ErrCheckpoint, path, c.Schema, CheckpointID)
	}
	return &c, nil
}
