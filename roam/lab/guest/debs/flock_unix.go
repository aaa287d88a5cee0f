//go:build unix && !solaris && !aix

package debs

import (
	"errors"
	"os"
	"syscall"
)

// tryLock reports whether another run holds the lock.
func tryLock(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}
