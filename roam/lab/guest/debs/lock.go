package debs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockPoll is how often a lock held by another run is tried again.
const lockPoll = 100 * time.Millisecond

// Lock makes the directory and keeps other runs out of it until unlock is
// called or the process ends. waiting is called once if another run holds it.
func Lock(ctx context.Context, dir string, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the cache: %w", err)
	}
	for first := true; ; first = false {
		held, err := tryLock(f)
		if err == nil && !held {
			return func() { f.Close() }, nil
		}
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("lock the cache: %w", err)
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("wait for another run that fills %s: %w", dir, ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

// replaceDir puts the directory in the place of another, which is removed.
func replaceDir(made, place string) error {
	old := place + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(place, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(made, place); err != nil {
		return err
	}
	return os.RemoveAll(old)
}
