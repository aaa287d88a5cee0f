//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stranger makes a command that is the program as a user who is in no group: for
// root another user, else this one.
func stranger(t *testing.T, dir string) func(args ...string) *exec.Cmd {
	t.Helper()
	if os.Getuid() != 0 {
		return func(args ...string) *exec.Cmd { return program(t, args...) }
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(own)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	path := filepath.Join(dir, "roamfault")
	to, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) *exec.Cmd {
		cmd := exec.Command(path, args...)
		cmd.Args[0], cmd.Dir = "roamfault", "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		return cmd
	}
}

// A journal that may not be read is told with the group that may, and is exit
// code 3, however it is named.
func TestJournalThatMayNotBeRead(t *testing.T) {
	dir, err := os.MkdirTemp("", "roamfault")
	if err != nil {
		t.Fatal(err)
	}
	journals := filepath.Join(dir, "journal")
	machine := filepath.Join(journals, strings.Repeat("0a", 16))
	file := filepath.Join(machine, "system.journal")
	t.Cleanup(func() {
		_ = os.Chmod(journals, 0o700)
		_ = os.Chmod(machine, 0o700)
		os.RemoveAll(dir)
	})
	if err := os.MkdirAll(machine, 0o755); err != nil {
		t.Fatal(err)
	}
	readable := filepath.Join(dir, "dmesg.txt")
	for path, text := range map[string]string{file: "LPKSHHRH", readable: "[    1.000001] mt7925e 0000:c0:00.0: Message 00020002 (seq 12) timeout\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := stranger(t, dir)
	modes := func(d, j, m, f os.FileMode) {
		t.Helper()
		// From the inside out, while the way is open.
		for _, p := range []struct {
			path string
			mode os.FileMode
		}{{journals, 0o755}, {machine, 0o755}, {file, f}, {machine, m}, {journals, j}, {dir, d}} {
			if err := os.Chmod(p.path, p.mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Root's files are closed to the stranger by 0750; one's own need 0.
	closedDir, closedFile := os.FileMode(0o750), os.FileMode(0o640)
	if os.Getuid() != 0 {
		closedDir, closedFile = 0, 0
	}
	for _, tt := range []struct {
		name    string
		j, m, f os.FileMode
		args    []string
		code    int
		about   string
	}{
		{"the directory, by -D", closedDir, 0o755, 0o644, []string{"analyze", "-D", journals}, exitTrouble, journals},
		{"the directory", closedDir, 0o755, 0o644, []string{"analyze", journals}, exitTrouble, journals},
		{"the directory, by boot", closedDir, 0o755, 0o644, []string{"analyze", "--boot", "0", journals}, exitTrouble, journals},
		{"the directory, all boots", closedDir, 0o755, 0o644, []string{"analyze", "--boot", "all", journals}, exitTrouble, journals},
		{"the machine's folder, by -D", 0o755, closedDir, 0o644, []string{"analyze", "-D", journals}, exitTrouble, machine},
		{"the machine's folder", 0o755, closedDir, 0o644, []string{"analyze", journals}, exitTrouble, machine},
		{"the machine's folder, all boots", 0o755, closedDir, 0o644, []string{"analyze", "--boot", "all", journals}, exitTrouble, machine},
		{"the file, by --file", 0o755, 0o755, closedFile, []string{"analyze", "--file", file}, exitTrouble, file},
		{"the file", 0o755, 0o755, closedFile, []string{"analyze", file}, exitTrouble, file},
		{"beside what can be read", closedDir, 0o755, 0o644, []string{"analyze", journals, readable}, exitFound, journals},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(0o755, tt.j, tt.m, tt.f)
			cmd := run(tt.args...)
			var out, said strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &said
			err := cmd.Run()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			if code := cmd.ProcessState.ExitCode(); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			want := "roamfault: read " + tt.about + ": permission denied: read it as root or as a member of the group systemd-journal or adm\n"
			if said.String() != want {
				t.Errorf("said %q, want %q", said.String(), want)
			}
			if tt.code == exitFound && !strings.Contains(out.String(), "BSS_INFO_UPDATE") {
				t.Errorf("what can be read does not count: %s", out.String())
			}
		})
	}
}
