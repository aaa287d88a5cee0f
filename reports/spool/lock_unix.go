//go:build unix

package spool

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// A process that is killed while it starts a command leaves its lock to that
// for the moment until the command runs: so long another one waits.
const (
	lockTries = 40
	lockPause = 50 * time.Millisecond
)

// lock takes the lock of a directory, which ends with the process.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f, nil
		case errors.Is(err, syscall.EWOULDBLOCK) && try < lockTries:
			time.Sleep(lockPause)
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			err = ErrLocked
		}
		f.Close()
		return nil, err
	}
}
