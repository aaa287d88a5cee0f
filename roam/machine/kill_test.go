package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// killDir names the directory in which a process of the test changes files until
// it is killed.
const killDir = "MACHINE_TEST_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		fmt.Println(changeFiles(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// changeFiles changes one file after the other, and says so.
func changeFiles(dir string) error {
	l, err := Open(filepath.Join(dir, "undo"), Disk{}, here())
	if err != nil {
		return err
	}
	for n := range 10_000 {
		name := filepath.Join(dir, fmt.Sprintf("value%d", n%100))
		c := Change{Kind: "file", Args: map[string]string{"name": name}, Before: "before", What: "change " + name}
		err := l.Do(context.Background(), c, func(context.Context) error { return os.WriteFile(name, []byte("after"), 0o600) })
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
	return errors.New("nobody killed it")
}

// A process that is killed leaves its log to others, and with it all is put back.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	for n := range 100 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("value%d", n)), []byte("before"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), os.Args[0])
	run.Env = append(os.Environ(), killDir+"="+dir)
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "30"; {
		if strings.Contains(lines.Text(), " ") {
			t.Error(lines.Text())
		}
	}
	if _, err := Open(filepath.Join(dir, "undo"), Disk{}, here()); !errors.Is(err, ErrLocked) {
		t.Errorf("the log of a live run was opened: %v", err)
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(); err == nil {
		t.Error("it ended well")
	}
	l, err := Open(filepath.Join(dir, "undo"), Disk{}, here())
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Pending()) < 31 {
		t.Errorf("%d changes are in the log", len(l.Pending()))
	}
	err = l.Undo(t.Context(), map[string]Undo{"file": func(_ context.Context, c Change) error {
		return os.WriteFile(c.Args["name"], []byte(c.Before), 0o600)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		if b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("value%d", n))); err != nil || string(b) != "before" {
			t.Errorf("value%d is %q, %v", n, b, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
