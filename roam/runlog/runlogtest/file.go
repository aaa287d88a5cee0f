// Package runlogtest has a file that fails in the ways that disks do, for tests
// of what writes runs.
package runlogtest

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
)

// ErrKilled is what a File answers once it was killed.
var ErrKilled = errors.New("the machine has lost its power")

// Faults says what goes wrong. The zero value is a good disk.
type Faults struct {
	// Room is how many bytes the disk takes before it is full: what does not fit is
	// written in part, with ENOSPC. 0: endless.
	Room int
	// KillAt loses the power in that call of Write or Sync, from 1: a Write has then
	// written half of its bytes, a Sync has not reached the disk. 0: never.
	KillAt int
	// SyncFails is the Sync, from 1, that fails with EIO; what it was to bring to the
	// disk is lost. 0: none.
	SyncFails int
	// Short is the Write, from 1, that writes half of its bytes and returns no error,
	// against the contract of io.Writer. 0: none.
	Short int
}

// File is a file in memory: what was written is in the page cache, what was
// synced is on the disk. It is for one goroutine.
type File struct {
	faults               Faults
	disk                 []byte
	cache                []byte
	calls, syncs, writes int
	killed, closed       bool
}

// New returns a file that holds what is on a disk.
func New(disk []byte, faults Faults) *File {
	return &File{faults: faults, disk: bytes.Clone(disk)}
}

// Write appends to the page cache.
func (f *File) Write(p []byte) (int, error) {
	f.writes++
	if err := f.call("write"); err != nil {
		if errors.Is(err, ErrKilled) && f.calls == f.faults.KillAt {
			f.cache = append(f.cache, p[:len(p)/2]...)
		}
		return 0, err
	}
	if f.writes == f.faults.Short {
		f.cache = append(f.cache, p[:len(p)/2]...)
		return len(p) / 2, nil
	}
	if used := len(f.disk) + len(f.cache); f.faults.Room > 0 && used+len(p) > f.faults.Room {
		n := max(0, f.faults.Room-used)
		f.cache = append(f.cache, p[:n]...)
		return n, fmt.Errorf("write run.jsonl: %w", syscall.ENOSPC)
	}
	f.cache = append(f.cache, p...)
	return len(p), nil
}

// Sync brings the page cache to the disk.
func (f *File) Sync() error {
	f.syncs++
	if err := f.call("sync"); err != nil {
		return err
	}
	if f.syncs == f.faults.SyncFails {
		f.cache = nil
		return fmt.Errorf("sync run.jsonl: %w", syscall.EIO)
	}
	f.disk, f.cache = append(f.disk, f.cache...), nil
	return nil
}

// Close closes the file, and syncs nothing.
func (f *File) Close() error {
	if f.closed {
		return errors.New("closed a second time")
	}
	f.closed = true
	return nil
}

func (f *File) call(what string) error {
	f.calls++
	switch {
	case f.closed:
		return fmt.Errorf("%s run.jsonl: it is closed", what)
	case f.calls == f.faults.KillAt || f.killed:
		f.killed = true
		return ErrKilled
	}
	return nil
}

// Calls is how often Write and Sync were called.
func (f *File) Calls() int { return f.calls }

// Disk returns what is on the disk for sure, and nothing else.
func (f *File) Disk() []byte { return bytes.Clone(f.disk) }

// After returns what a boot after a loss of power finds, where the disk had
// taken so many bytes of what was not synced: any number is possible.
func (f *File) After(unsynced int) []byte {
	return append(f.Disk(), f.cache[:min(max(unsynced, 0), len(f.cache))]...)
}

// Unsynced is how many bytes were written and not synced.
func (f *File) Unsynced() int { return len(f.cache) }
