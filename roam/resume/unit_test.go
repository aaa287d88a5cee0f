package resume

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"roamfault/roam/machine"
	"roamfault/roam/unit"
)

func someUnit() Unit {
	return Unit{Program: "/usr/local/bin/roamfault", Run: "20260301-220000-0a1b", Runs: "/home/a b/100%/$x/runs", Args: []string{"--password-file", `/root/"wifi".txt`}}
}

func TestUnitText(t *testing.T) {
	u := someUnit()
	text, err := u.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`ExecStart="/usr/local/bin/roamfault" "runs" "resume" "--on-boot" "--runs" "/home/a b/100%%/$$x/runs" "--password-file" "/root/\"wifi\".txt" "20260301-220000-0a1b"`,
		"ConditionPathExists=/home/a b/100%%/$x/runs/20260301-220000-0a1b",
		"ConditionKernelCommandLine=!roamfault.noresume",
		"After=local-fs.target systemd-user-sessions.service getty.target multi-user.target",
		"Restart=no",
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	if strings.Contains(text, "@") {
		t.Errorf("a place is left in\n%s", text)
	}
	for name, bad := range map[string]func(*Unit){
		"a line":        func(u *Unit) { u.Args = []string{"x\nExecStartPre=/bin/false"} },
		"relative":      func(u *Unit) { u.Program = "roamfault" },
		"relative runs": func(u *Unit) { u.Runs = "runs" },
		"a run's path":  func(u *Unit) { u.Run = "../x\ny" },
		"no run":        func(u *Unit) { u.Run = "" },
	} {
		u := someUnit()
		bad(&u)
		if text, err := u.Text(); err == nil {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// systemd takes the unit as it is, and finds no circle in the order of a boot that
// wants it.
func TestUnitVerified(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("needs systemd-analyze (package systemd)")
	}
	root, u := t.TempDir(), someUnit()
	u.Program = "/bin/true"
	text, err := u.Text()
	if err != nil {
		t.Fatal(err)
	}
	if err := unit.Enable(root, UnitName, text); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, unit.Paths(UnitName)[0])
	if err := errors.Join(os.Remove(link), os.Symlink(filepath.Join(root, unit.Paths(UnitName)[1]), link)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "verify", "--man=no", "multi-user.target")
	cmd.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+filepath.Join(root, unit.Dir)+":/usr/lib/systemd/system:/lib/systemd/system")
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "roamfault") {
		t.Errorf("%v: %s", err, out)
	}
}

// undoLog is an undo log in a directory of the test.
func undoLog(t *testing.T, dir, boot string) *machine.Log {
	t.Helper()
	log, err := machine.Open(filepath.Join(dir, "undo"), machine.Disk{}, machine.Host{Boot: boot, Machine: "m"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log
}

// What is installed is there after a reboot, and the undo log knows how to remove
// it.
func TestInstallAndUndo(t *testing.T) {
	root := t.TempDir()
	log := undoLog(t, root, "b1")
	for range 2 { // again is no error
		if err := InstallUnit(t.Context(), root, someUnit(), log.Do); err != nil {
			t.Fatal(err)
		}
	}
	file, link := filepath.Join(root, unit.Paths(UnitName)[1]), filepath.Join(root, unit.Paths(UnitName)[0])
	if to, err := os.Readlink(link); err != nil || to != "/etc/systemd/system/roamfault-resume.service" {
		t.Errorf("link to %q, error %v", to, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("file %v, error %v", info, err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	log = undoLog(t, root, "b2")
	if err := log.Undo(t.Context(), map[string]machine.Undo{UnitKind: UndoUnit(root)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, link} {
		if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", name, err)
		}
	}
	if err := RemoveUnit(root); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

// Where the undo log does not take it, nothing is installed.
func TestInstallNotKept(t *testing.T) {
	root, full := t.TempDir(), errors.New("the disk is full")
	err := InstallUnit(t.Context(), root, someUnit(), func(context.Context, machine.Change, func(context.Context) error) error { return full })
	if left, _ := os.ReadDir(root); !errors.Is(err, full) || len(left) > 0 {
		t.Errorf("error %v, left %v", err, left)
	}
}

func TestTries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "tries.json")
	for want := 1; want <= MostTries; want++ {
		if n, err := Try(path, "a"); n != want || err != nil {
			t.Errorf("try %d, error %v, want %d", n, err, want)
		}
	}
	if _, err := Try(path, "a"); !errors.Is(err, ErrTries) {
		t.Errorf("error %v, want %v", err, ErrTries)
	}
	if n, err := Try(path, "b"); n != 1 || err != nil {
		t.Errorf("another run: try %d, error %v", n, err)
	}
	for _, damage := range []string{"", "{", `{"run":"b","tries":-7}`, `{"run":"b","tries":1e99}`} {
		if err := os.WriteFile(path, []byte(damage), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := Try(path, "b"); err == nil {
			t.Errorf("%q counts as try %d", damage, n)
		}
	}
}
