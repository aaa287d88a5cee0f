package rundir

import (
	"errors"
	"fmt"
	"io"
	"os"

	"roamfault/durable"
)

// Replace writes a file beside the runs, as a whole or not at all, and makes the
// root where it is missing. When it returns, the file outlives a loss of power. As
// with runs, what is made is the root's owner's, and no link is followed.
func (r Root) Replace(name string, write func(io.Writer) error) error {
	if err := r.replace(name, write); err != nil {
		return fmt.Errorf("write %.80q in %s: %w", name, r.Path, err)
	}
	return nil
}

func (r Root) replace(name string, write func(io.Writer) error) error {
	if err := r.make(); err != nil {
		return err
	}
	in, err := os.OpenRoot(r.Path)
	if err != nil {
		return err
	}
	defer in.Close()
	fresh := fmt.Sprintf(".%s-%d", name, os.Getpid())
	_ = in.Remove(fresh) // of a process that died and had our number
	f, err := in.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer in.Remove(fresh) // an error: it has its name
	own := r.own(func(_ string, uid, gid int) error { return f.Chown(uid, gid) }, name)
	if err := errors.Join(write(f), own, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := in.Rename(fresh, name); err != nil {
		return err
	}
	return durable.SyncDir(r.Path)
}
