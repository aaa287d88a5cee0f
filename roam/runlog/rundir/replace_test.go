//go:build unix

package rundir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// A file is replaced as a whole or stays as it was, and leaves nothing else behind.
func TestReplace(t *testing.T) {
	root := Root{Path: filepath.Join(t.TempDir(), "a", "b"), UID: -1, GID: -1}
	broken := errors.New("broken")
	for _, step := range []struct {
		write func(io.Writer) error
		err   error
		want  string
	}{
		{text("first"), nil, "first"},
		{text("second"), nil, "second"},
		{func(w io.Writer) error { return errors.Join(text("half")(w), broken) }, broken, "second"},
	} {
		if err := root.Replace("mine", step.write); !errors.Is(err, step.err) {
			t.Fatalf("error %v, want %v", err, step.err)
		}
		got, err := os.ReadFile(filepath.Join(root.Path, "mine"))
		if err != nil || string(got) != step.want {
			t.Errorf("%q, error %v, want %q", got, err, step.want)
		}
	}
	list, err := os.ReadDir(root.Path)
	if err != nil || len(list) != 1 {
		t.Errorf("%v, error %v", list, err)
	}
}

// What root keeps for a user is the user's, directories as well: runs can be made
// there afterwards.
func TestReplaceForUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, which gives files to others")
	}
	const user = 1000
	home := t.TempDir()
	if err := os.Chown(home, user, user); err != nil {
		t.Fatal(err)
	}
	root := Root{Path: filepath.Join(home, "state", "runs"), UID: user, GID: user}
	if err := root.Replace("mine", text("ap\n")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Dir(root.Path), root.Path, filepath.Join(root.Path, "mine")} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if s := info.Sys().(*syscall.Stat_t); s.Uid != user {
			t.Errorf("%s is of user %d", path, s.Uid)
		}
	}
	d, err := Create(root, "run")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
