//go:build unix

package durable

import (
	"errors"
	"os"
	"syscall"
)

// SyncDir brings the names in a directory to the disk. File systems that have no
// such thing refuse it by EINVAL (fsync(2)): that is no error.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	if err = d.Sync(); errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
