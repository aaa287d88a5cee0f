package rundir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"roamfault/durable"
	"roamfault/roam/runlog"
)

// Dir is the directory of a run that this process may write to. Its File is the
// end of the run file; Close gives the run to others.
type Dir struct {
	ID   string
	Path string
	*os.File
}

// make makes the root with those above it. What is new gets the root's owner.
func (r Root) make() error {
	var missing []string
	dir := filepath.Clean(r.Path)
	info, err := os.Stat(dir)
	for ; errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir); info, err = os.Stat(dir) {
		missing = append(missing, dir)
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return err
	}
	// Where his directory leads to another's, root would make things there for him.
	if r.UID >= 0 && !owned(info, r.UID) {
		return fmt.Errorf("%s does not belong to user %d: name another directory for runs", dir, r.UID)
	}
	for _, dir := range slices.Backward(missing) {
		if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := r.own(os.Lchown, dir); err != nil {
			return err
		}
		if err := durable.SyncDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	return nil
}

func (r Root) own(lchown func(name string, uid, gid int) error, name string) error {
	if r.UID < 0 {
		return nil
	}
	return lchown(name, r.UID, r.GID)
}

// Create makes the directory of a new run with an empty file, locked. When it
// returns, both outlive a loss of power. The root is made where it is missing.
func Create(root Root, id string) (*Dir, error) {
	d, err := create(root, id)
	if err != nil {
		return nil, fmt.Errorf("make run %.80q in %s: %w", id, root.Path, err)
	}
	return d, nil
}

func create(root Root, id string) (*Dir, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	if err := root.make(); err != nil {
		return nil, err
	}
	// As root in the directory of another user: nothing that he links to elsewhere
	// is followed from here on.
	in, err := os.OpenRoot(root.Path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := in.Mkdir(id, dirMode); err != nil {
		return nil, err
	}
	if err := root.own(in.Lchown, id); err != nil {
		return nil, err
	}
	name := filepath.Join(id, FileName)
	f, err := in.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, fileMode)
	if err != nil {
		return nil, err
	}
	d := &Dir{ID: id, Path: filepath.Join(root.Path, id), File: f}
	if err := errors.Join(root.own(in.Lchown, name), lock(f), f.Sync(), durable.SyncDir(d.Path), durable.SyncDir(root.Path)); err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

// Opened is a run that was there, to be gone on with.
type Opened struct {
	*Dir
	Run   *runlog.Run
	Stats runlog.Stats
	// Torn is how many bytes of a torn last line were cut off.
	Torn int64
}

// Writer returns a writer that goes on behind the last line.
func (o *Opened) Writer() *runlog.Writer { return runlog.NewWriter(o.Dir, o.Stats.Last) }

// Open opens a run to go on with it: locked, read, its torn last line cut off.
// Where another process has it the error is [ErrLocked] and names the process, if
// the system tells. A file that is no run, or one of a later version, is left as
// it is.
func Open(ctx context.Context, root Root, id string) (*Opened, error) {
	o, err := open(ctx, root, id)
	if err != nil {
		return nil, fmt.Errorf("open run %.80q in %s: %w", id, root.Path, err)
	}
	return o, nil
}

func open(ctx context.Context, root Root, id string) (*Opened, error) {
	f, err := openFile(root, id, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, err
	}
	o := &Opened{Dir: &Dir{ID: id, Path: filepath.Join(root.Path, id), File: f}}
	if err := o.read(ctx); err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

func (o *Opened) read(ctx context.Context) (err error) {
	if err := lock(o.File); err != nil {
		return err
	}
	if o.Run, o.Stats, err = runlog.Load(ctx, o.File); err != nil {
		return err
	}
	if o.Torn = o.Stats.Torn; o.Torn == 0 {
		return nil
	}
	if err := o.Truncate(o.Stats.Whole); err != nil {
		return fmt.Errorf("cut off the torn last line: %w", err)
	}
	o.Stats.Torn, o.Stats.Bytes = 0, o.Stats.Whole
	return o.Sync()
}

// Load reads a run without a lock, also one that is being written.
func Load(ctx context.Context, root Root, id string) (*runlog.Run, runlog.Stats, error) {
	f, err := openFile(root, id, os.O_RDONLY)
	if err != nil {
		return nil, runlog.Stats{}, fmt.Errorf("open run %.80q in %s: %w", id, root.Path, err)
	}
	defer f.Close()
	run, stats, err := runlog.Load(ctx, f)
	if err != nil {
		err = fmt.Errorf("read run %s in %s: %w", id, root.Path, err)
	}
	return run, stats, err
}

// openFile opens the file of a run, which has to be a regular one.
func openFile(root Root, id string, flag int) (*os.File, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	in, err := os.OpenRoot(root.Path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	name := filepath.Join(id, FileName)
	info, err := in.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", FileName)
	}
	return in.OpenFile(name, flag, 0)
}

// Info is what a list says of a run without reading it.
type Info struct {
	ID     string
	Path   string
	Size   int64
	Change time.Time // of its file, the last
	// Locked says that a process has it, PID which one, 0 where the system does not
	// tell.
	Locked bool
	PID    int
}

// List gives the runs in a root by their names, the oldest first where names
// begin with a time. A root that is not there has none. What holds no run file is
// left out.
func List(root Root) ([]Info, error) {
	entries, err := os.ReadDir(root.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var runs []Info
	for _, e := range entries {
		if !e.IsDir() || checkID(e.Name()) != nil {
			continue
		}
		info, err := infoOf(root, e.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return runs, fmt.Errorf("list run %s: %w", e.Name(), err)
		}
		runs = append(runs, info)
	}
	slices.SortFunc(runs, func(a, b Info) int { return strings.Compare(a.ID, b.ID) })
	return runs, nil
}

func infoOf(root Root, id string) (Info, error) {
	f, err := openFile(root, id, os.O_RDONLY)
	if err != nil {
		return Info{}, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return Info{}, err
	}
	info := Info{ID: id, Path: filepath.Join(root.Path, id), Size: stat.Size(), Change: stat.ModTime()}
	info.PID, info.Locked = holder(f)
	return info, nil
}

var (
	_ runlog.File = (*Dir)(nil)
	_ io.Reader   = (*Dir)(nil)
)
