//go:build unix

package rundir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/roam/runlog"
)

func testRoot(t *testing.T) Root {
	t.Helper()
	return Root{Path: filepath.Join(t.TempDir(), "state", "roamfault", "runs"), UID: -1, GID: -1}
}

func at(s int) runlog.Moment {
	return runlog.Moment{Wall: time.Unix(1_770_000_000, 0).UTC().Add(time.Duration(s) * time.Second)}
}

// begin makes a run with some cycles, the last of them interrupted.
func begin(t *testing.T, root Root, id string, cycles int) {
	t.Helper()
	d, err := Create(root, id)
	if err != nil {
		t.Fatal(err)
	}
	w := runlog.NewWriter(d, 0)
	entries := []runlog.Entry{&runlog.RunEntry{Schema: runlog.Schema, ID: id, Plan: runlog.Plan{Name: "x"}, Started: at(0), PID: 7, Boot: "b"}}
	for n := 1; n <= cycles; n++ {
		entries = append(entries, &runlog.BeginEntry{Number: n, Kind: runlog.Roam, Begin: at(n)},
			&runlog.Cycle{Number: n, Kind: runlog.Roam, Begin: at(n), End: at(n), Outcome: runlog.OK, Origin: runlog.Natural})
	}
	entries = append(entries, &runlog.BeginEntry{Number: cycles + 1, Kind: runlog.Roam, Begin: at(cycles + 1)})
	for _, e := range entries {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCreateAndOpen(t *testing.T) {
	root, ctx := testRoot(t), context.Background()
	const id = "20260301-220000-0a1b"
	begin(t, root, id, 3)
	for path, want := range map[string]fs.FileMode{
		filepath.Dir(filepath.Dir(root.Path)): 0o700 | fs.ModeDir, root.Path: 0o700 | fs.ModeDir, filepath.Join(root.Path, id): 0o700 | fs.ModeDir,
		filepath.Join(root.Path, id, FileName): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
	if _, err := Create(root, id); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	file := filepath.Join(root.Path, id, FileName)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(whole, `{"type":"cycle","seq":9`...), 0); err != nil {
		t.Fatal(err)
	}
	o, err := Open(ctx, root, id)
	if err != nil {
		t.Fatal(err)
	}
	if o.Torn != 23 || !o.Stats.Clean() || o.Run.Cycles.Len() != 3 || o.Run.Interrupted == nil || o.Run.Interrupted.Number != 4 {
		t.Errorf("torn %d, %d cycles, interrupted %v, %q", o.Torn, o.Run.Cycles.Len(), o.Run.Interrupted, o.Stats.Problems())
	}
	if got, err := os.ReadFile(file); err != nil || cmp.Diff(string(whole), string(got)) != "" {
		t.Errorf("the torn line is not cut off alone: %d of %d bytes, %v", len(got), len(whole), err)
	}
	w := o.Writer()
	if err := w.Append(&runlog.EndEntry{At: at(9), Reason: "asked to"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	run, stats, err := Load(ctx, root, id)
	if err != nil || len(stats.Problems()) > 0 || run.Open() || run.Cycles.Len() != 3 {
		t.Errorf("gone on with: open %t, %d cycles, %q, %v", run.Open(), run.Cycles.Len(), stats.Problems(), err)
	}
}

// One process writes; the others are told which. A list and a reader need no lock.
func TestLocked(t *testing.T) {
	root, ctx := testRoot(t), context.Background()
	begin(t, root, "a", 1)
	o, err := Open(ctx, root, "a")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(ctx, root, "a")
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("opened twice: %v", err)
	}
	list, err := List(root)
	if err != nil || len(list) != 1 || !list[0].Locked {
		t.Fatalf("%+v, %v", list, err)
	}
	if _, statErr := os.Stat("/proc/locks"); statErr == nil && list[0].PID != 0 {
		if list[0].PID != os.Getpid() || !strings.Contains(fmt.Sprint(Open(ctx, root, "a")), fmt.Sprint("process ", os.Getpid())) {
			t.Errorf("locked by %d, not %d: %v", list[0].PID, os.Getpid(), err)
		}
	}
	if _, _, err := Load(ctx, root, "a"); err != nil {
		t.Errorf("read while it is locked: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if list, err = List(root); err != nil || list[0].Locked {
		t.Errorf("%+v, %v", list, err)
	}
	o, err = Open(ctx, root, "a")
	if err != nil {
		t.Fatal(err)
	}
	o.Close()
}

func TestFindLock(t *testing.T) {
	const list = `1: POSIX  ADVISORY  WRITE 11 fd:01:77 0 EOF
2: FLOCK  ADVISORY  READ  12 fd:01:77 0 EOF
3: FLOCK  ADVISORY  WRITE 13 fd:01:177 0 EOF
3: -> FLOCK  ADVISORY  WRITE 15 fd:01:77 0 EOF
garbage
4: FLOCK  ADVISORY  WRITE 14 fd:01:77 0 EOF
`
	if got := findLock(strings.NewReader(list), 77); got != 14 {
		t.Errorf("process %d, want 14", got)
	}
	if got := findLock(strings.NewReader(list), 78); got != 0 {
		t.Errorf("process %d, want none", got)
	}
}

func TestList(t *testing.T) {
	root := testRoot(t)
	if list, err := List(root); err != nil || len(list) != 0 {
		t.Errorf("no root: %v, %v", list, err)
	}
	for _, id := range []string{"20260302-1", "20260301-1"} {
		begin(t, root, id, 1)
	}
	for _, dir := range []string{"empty", ".hidden", "a b"} {
		if err := os.Mkdir(filepath.Join(root.Path, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	list, err := List(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range list {
		got = append(got, i.ID)
		if i.Size == 0 || i.Change.IsZero() {
			t.Errorf("%+v", i)
		}
	}
	if diff := cmp.Diff([]string{"20260301-1", "20260302-1"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Nothing outside of the root is touched, whatever the name or the links say.
func TestNoWayOut(t *testing.T) {
	root, ctx := testRoot(t), context.Background()
	for _, id := range []string{"", "..", ".", "a/b", "../x", "-rf", "a\x00", "a b", strings.Repeat("x", 65)} {
		if _, err := Create(root, id); !errors.Is(err, ErrName) {
			t.Errorf("Create(%q): %v", id, err)
		}
		if _, err := Open(ctx, root, id); !errors.Is(err, ErrName) {
			t.Errorf("Open(%q): %v", id, err)
		}
	}
	begin(t, root, "a", 1)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root.Path, "a", FileName)
	if err := errors.Join(os.Remove(file), os.Symlink(outside, file), os.Symlink(filepath.Dir(outside), filepath.Join(root.Path, "b"))); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b"} {
		if _, err := Open(ctx, root, id); err == nil {
			t.Errorf("%s leads outside and was opened", id)
		}
		if _, err := Create(root, id); err == nil {
			t.Errorf("%s is there and was made", id)
		}
	}
	if got, err := os.ReadFile(outside); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}

// What is no run of this version is left as it is.
func TestOpenForeign(t *testing.T) {
	root := testRoot(t)
	begin(t, root, "a", 1)
	file := filepath.Join(root.Path, "a", FileName)
	const text = "no run\nand a torn line"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), root, "a"); !errors.Is(err, runlog.ErrForeign) {
		t.Error(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDefaultRoot(t *testing.T) {
	lookup := func(name string) (Account, error) {
		if name != "eva" {
			return Account{}, errors.New("no such user")
		}
		return Account{"/home/eva", 1000, 1001}, nil
	}
	tests := []struct {
		name string
		env  map[string]string
		want Root
	}{
		{"plain", map[string]string{"HOME": "/home/max"}, Root{"/home/max/.local/state/roamfault/runs", -1, -1}},
		{"state", map[string]string{"HOME": "/home/max", "XDG_STATE_HOME": "/var/x"}, Root{"/var/x/roamfault/runs", -1, -1}},
		{"relative state", map[string]string{"HOME": "/home/max", "XDG_STATE_HOME": "x"}, Root{"/home/max/.local/state/roamfault/runs", -1, -1}},
		{"sudo", map[string]string{"HOME": "/root", "SUDO_USER": "eva"}, Root{"/home/eva/.local/state/roamfault/runs", 1000, 1001}},
		{"sudo -E", map[string]string{"HOME": "/home/eva", "SUDO_USER": "eva", "XDG_STATE_HOME": "/home/eva/state"}, Root{"/home/eva/state/roamfault/runs", 1000, 1001}},
		{"sudo, state of root", map[string]string{"HOME": "/root", "SUDO_USER": "eva", "XDG_STATE_HOME": "/root/state"}, Root{"/home/eva/.local/state/roamfault/runs", 1000, 1001}},
		{"sudo, a way out", map[string]string{"SUDO_USER": "eva", "XDG_STATE_HOME": "/home/eva/../../etc"}, Root{"/home/eva/.local/state/roamfault/runs", 1000, 1001}},
		{"root's sudo", map[string]string{"HOME": "/root", "SUDO_USER": "root"}, Root{"/root/.local/state/roamfault/runs", -1, -1}},
	}
	for _, tt := range tests {
		got, err := DefaultRoot(func(k string) string { return tt.env[k] }, lookup)
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
	for name, env := range map[string]map[string]string{"nobody": {}, "unknown": {"SUDO_USER": "zoe", "HOME": "/root"}} {
		if got, err := DefaultRoot(func(k string) string { return env[k] }, lookup); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What is made belongs to the user who asked, up to where something was there.
func TestOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	top := t.TempDir()
	root := Root{Path: filepath.Join(top, "a", "b"), UID: 4711, GID: 4712}
	if _, err := Create(root, "x"); err == nil || !strings.Contains(err.Error(), "does not belong to user 4711") {
		t.Fatalf("in the directory of another user: %v", err)
	}
	if err := os.Chown(top, root.UID, 0); err != nil {
		t.Fatal(err)
	}
	d, err := Create(root, "x")
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	for path, gid := range map[string]int{top: 0, filepath.Join(top, "a"): root.GID, root.Path: root.GID, d.Path: root.GID, filepath.Join(d.Path, FileName): root.GID} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if sys := info.Sys().(*syscall.Stat_t); int(sys.Uid) != root.UID || int(sys.Gid) != gid {
			t.Errorf("%s belongs to %d:%d, not %d:%d", path, sys.Uid, sys.Gid, root.UID, gid)
		}
	}
}
