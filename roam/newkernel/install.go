package newkernel

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"roamfault/durable"
	"roamfault/roam/unit"
)

// unitText and hookText have places for what differs.
var (
	//go:embed roamfault-baseline.service
	unitText string
	//go:embed hook.sh
	hookText string
)

// UnitName is the name of the unit that looks at each boot.
const UnitName = "roamfault-baseline.service"

// The places of files below the root.
const (
	stateDir  = "var/lib/roamfault-baseline"
	stateName = "watch.json"
	marksName = "new"
)

// hook is where installers of kernels look for hooks, and how they call them.
type hook struct{ dir, name, command, version string }

// hooks are those of systemd (kernel-install(8)) and of Debian, whose run-parts(8)
// takes no dot in a name (Debian Linux Kernel Handbook, "Kernel hooks"). Arch has
// none of them by itself.
func hooks() []hook {
	return []hook{
		{"etc/kernel/install.d", "95-roamfault-baseline.install", "$1", "$2"},
		{"etc/kernel/postinst.d", "roamfault-baseline", "add", "$1"},
		{"etc/kernel/postrm.d", "roamfault-baseline", "remove", "$1"},
	}
}

// Unit is what systemd starts at each boot.
type Unit struct {
	Program string        // the absolute path of roamfault
	Runs    string        // the directory of the runs, absolute
	After   time.Duration // how long it waits first
	Within  time.Duration // for how long it looks whether a check can begin
}

// Text is the unit's file.
func (u *Unit) Text() (string, error) {
	failed := func(err error) (string, error) {
		return "", fmt.Errorf("make the unit that checks new kernels: %w", err)
	}
	if !filepath.IsAbs(u.Program) || !filepath.IsAbs(u.Runs) {
		return failed(errors.New("absolute paths are wanted"))
	}
	command, err := unit.Command(u.Program, "runs", "baseline", "watch", "run", "--after", u.After.String(), "--within", u.Within.String())
	if err != nil {
		return failed(err)
	}
	runs, err := unit.Quote(u.Runs)
	if err != nil {
		return failed(err)
	}
	return strings.NewReplacer(
		"@OFF@", SwitchOff, "@RUNS@", runs, "@STATE@", "/"+stateDir+"/"+stateName, "@PROGRAM@", unit.Path(u.Program), "@COMMAND@", command,
	).Replace(unitText), nil
}

func (h *hook) path() string { return h.dir + "/" + h.name }

// text is a hook's file.
func (h *hook) text() string {
	return strings.NewReplacer("@MARKS@", "/"+stateDir+"/"+marksName, "@COMMAND@", h.command, "@VERSION@", h.version).Replace(hookText)
}

// On keeps a state and installs the unit and the hooks. Where something fails all
// of it is taken back. The paths are those of what was installed.
func (t Tree) On(s *State, u Unit) (installed []string, err error) {
	text, err := u.Text()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_, undone := t.Off()
			err = errors.Join(fmt.Errorf("turn the watch on: %w", err), undone)
		}
	}()
	if err := os.MkdirAll(t.mark(""), 0o755); err != nil {
		return nil, err
	}
	if err := t.save(s); err != nil {
		return nil, err
	}
	for _, h := range hooks() { // where their installers are
		if info, err := os.Stat(t.path(h.dir)); err != nil || !info.IsDir() {
			continue
		}
		if err := durable.WriteBytes(t.path(h.path()), 0o755, []byte(h.text())); err != nil {
			return nil, err
		}
	}
	// Last: before it nothing is started.
	if err := unit.Enable(string(t), UnitName, text); err != nil {
		return nil, err
	}
	return t.Installed(), nil
}

// Off removes all that On installed and all that is kept, and returns what was
// there. The runs stay. Nothing to remove is no error.
func (t Tree) Off() (removed []string, err error) {
	all := unit.Paths(UnitName)
	for _, h := range hooks() {
		all = append(all, h.path())
	}
	for _, path := range append(all, stateDir) {
		if _, missing := os.Lstat(t.path(path)); errors.Is(missing, fs.ErrNotExist) {
			continue
		}
		failed := os.RemoveAll(t.path(path))
		if failed == nil {
			failed = durable.SyncDir(filepath.Dir(t.path(path)))
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("turn the watch off: %w", failed))
			continue
		}
		removed = append(removed, t.path(path))
	}
	return removed, err
}

// Installed are the paths of the unit and the hooks that are there.
func (t Tree) Installed() []string {
	all := unit.Paths(UnitName)[1:] // the link goes without saying
	for _, h := range hooks() {
		all = append(all, h.path())
	}
	out := []string{}
	for _, path := range all {
		if _, err := os.Lstat(t.path(path)); err == nil {
			out = append(out, t.path(path))
		}
	}
	return out
}
