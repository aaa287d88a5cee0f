package newkernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"roamfault/durable"
)

// Tree is a tree of files below a root: "/" is this machine's.
type Tree string

// ErrOff: no watch is on.
var ErrOff = errors.New("no baseline is watched: roamfault runs baseline watch on")

var errOther = errors.New("another baseline is watched by now: roamfault runs baseline watch status")

// Bounds of what is read.
const (
	mostState = 1 << 20
	mostMarks = 256
	mostLine  = 64 << 10
)

func (t Tree) path(name string) string { return filepath.Join(string(t), name) }

// Load reads what is kept. Where no watch is on the error is ErrOff.
func (t Tree) Load() (*State, error) {
	f, err := os.Open(t.path(stateDir + "/" + stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrOff
	}
	if err != nil {
		return nil, fmt.Errorf("read what is watched: %w", err)
	}
	defer f.Close()
	s, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("read what is watched: %s: %w; roamfault runs baseline watch off removes it", f.Name(), err)
	}
	return s, nil
}

func read(r io.Reader) (*State, error) {
	data, err := io.ReadAll(io.LimitReader(r, mostState+1))
	if err != nil {
		return nil, err
	}
	if len(data) > mostState {
		return nil, fmt.Errorf("it is larger than %d bytes", mostState)
	}
	s := new(State)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, err
	}
	return s, s.check()
}

// check says why what was read cannot be acted on.
func (s *State) check() error {
	switch w := &s.Watch; {
	case s.Version != 1:
		return fmt.Errorf("it is of version %d, and this roamfault reads version 1", s.Version)
	case w.Machine == "" || !filepath.IsAbs(w.Runs) || len(s.Checks) > mostChecks:
		return errors.New("it is damaged")
	}
	for i := range s.Checks {
		c := &s.Checks[i]
		if len(c.Runs) == 0 || c.Tries < 1 || c.Verdict == "" && i+1 < len(s.Checks) {
			return errors.New("it is damaged")
		}
	}
	if err := s.Watch.Plan.Validate(); err != nil {
		return fmt.Errorf("its plan: %w", err)
	}
	return nil
}

// Keep writes what has come of a watch: its checks, and what put one off. What was
// asked for is as it was said last, and is so in s then. Where the watch was turned
// off meanwhile the error is ErrOff, and nothing is written; nor is where another
// baseline is watched.
func (t Tree) Keep(s *State) error {
	now, err := t.now(s)
	if err != nil {
		return err
	}
	s.Watch = now.Watch
	if err := t.save(s); err != nil {
		return fmt.Errorf("keep what is watched: %w", err)
	}
	return nil
}

// Again reads into s what is kept by now. The errors are those of Load and Keep.
func (t Tree) Again(s *State) error {
	now, err := t.now(s)
	if err != nil {
		return err
	}
	*s = *now
	return nil
}

// now reads what is kept of the baseline of s.
func (t Tree) now(s *State) (*State, error) {
	now, err := t.Load()
	if err == nil && !now.Watch.alike(&s.Watch) {
		err = errOther
	}
	return now, err
}

func (t Tree) save(s *State) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return durable.WriteBytes(t.path(stateDir+"/"+stateName), 0o644, append(data, '\n'))
}

// release is what a kernel is called (utsname(7)) and a hook notes.
var release = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$`)

func (t Tree) mark(kernel string) string { return t.path(filepath.Join(stateDir, marksName, kernel)) }

// Marked reports whether a hook has noted a kernel as new.
func (t Tree) Marked(kernel string) bool {
	if !release.MatchString(kernel) {
		return false
	}
	_, err := os.Lstat(t.mark(kernel))
	return err == nil
}

// Mark notes a kernel as new, as the hooks do.
func (t Tree) Mark(kernel string) error {
	if !release.MatchString(kernel) {
		return fmt.Errorf("note a new kernel: %.80q is no kernel's release", kernel)
	}
	f, err := os.Create(t.mark(kernel))
	if err != nil {
		return fmt.Errorf("note a new kernel: %w", err)
	}
	return errors.Join(f.Close(), durable.SyncDir(filepath.Dir(f.Name())))
}

// Unmark forgets that a kernel was noted. It is on the disk when Unmark returns.
func (t Tree) Unmark(kernel string) error {
	if !t.Marked(kernel) {
		return nil
	}
	err := os.Remove(t.mark(kernel))
	if err == nil {
		err = durable.SyncDir(filepath.Dir(t.mark(kernel)))
	}
	if err != nil {
		return fmt.Errorf("forget that a kernel is new: %w", err)
	}
	return nil
}

// Marks are the kernels that were noted as new, sorted, at most 256.
func (t Tree) Marks() []string {
	out := []string{}
	d, err := os.Open(t.mark(""))
	if err != nil {
		return out
	}
	defer d.Close()
	names, _ := d.Readdirnames(mostMarks) // what could be read
	for _, name := range names {
		if release.MatchString(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// SwitchedOff reports whether SwitchOff is on the kernel's command line, as
// systemd's ConditionKernelCommandLine= reads it (systemd.unit(5)).
func (t Tree) SwitchedOff() bool {
	f, err := os.Open(t.path("proc/cmdline"))
	if err != nil {
		return false
	}
	defer f.Close()
	line, err := io.ReadAll(io.LimitReader(f, mostLine))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(strings.Fields(string(line)), func(word string) bool {
		return word == SwitchOff || strings.HasPrefix(word, SwitchOff+"=")
	})
}
