// Package durable has files outlive a loss of power: each is there as a whole or
// not at all, and what was acknowledged stays.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts a file in the place of that name, as a whole or not at all, with what
// write gives. When it returns, the file is on the disk. Where that fails, what was
// in its place is there still, and nothing beside it; where only its directory cannot
// be brought to the disk, the new file is in its place.
func Write(name string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Chmod(mode), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncDir(filepath.Dir(name))
}

// WriteBytes is Write of what is there already.
func WriteBytes(name string, mode fs.FileMode, data []byte) error {
	return Write(name, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
