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
	unitDir   = "etc/systemd/system"
	wantsDir  = unitDir + "/multi-user.target.wants"
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
	for _, path := range []string{u.Program, u.Runs} {
		if strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return failed(fmt.Errorf("%q has a control character", path))
		}
	}
	percent := strings.NewReplacer("%", "%%")
	quote := func(word string) string {
		return `"` + percent.Replace(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word)) + `"`
	}
	// The program's path knows no $ (systemd.service(5), "Command lines").
	command := fmt.Sprintf("%s runs baseline watch run --after %v --within %v", quote(u.Program), u.After, u.Within)
	return strings.NewReplacer(
		"@OFF@", SwitchOff, "@RUNS@", quote(u.Runs), "@STATE@", "/"+stateDir+"/"+stateName, "@PROGRAM@", percent.Replace(u.Program), "@COMMAND@", command,
	).Replace(unitText), nil
}

// text is a hook's file.
func (h *hook) text() string {
	return strings.NewReplacer("@MARKS@", "/"+stateDir+"/"+marksName, "@COMMAND@", h.command, "@VERSION@", h.version).Replace(hookText)
}

// file is one that is installed.
type file struct {
	path, text string
	mode       fs.FileMode
}

// files are those to install in a tree: hooks go where their installers are.
func (t Tree) files(u *Unit) ([]file, error) {
	text, err := u.Text()
	if err != nil {
		return nil, err
	}
	out := []file{{unitDir + "/" + UnitName, text, 0o644}}
	for _, h := range hooks() {
		if info, err := os.Stat(t.path(h.dir)); err == nil && info.IsDir() {
			out = append(out, file{h.dir + "/" + h.name, h.text(), 0o755})
		}
	}
	return out, nil
}

// On keeps a state and installs the unit and the hooks. Where something fails all
// of it is taken back. The paths are those of what was installed.
func (t Tree) On(s *State, u Unit) (installed []string, err error) {
	files, err := t.files(&u)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_, undone := t.Off()
			err = errors.Join(fmt.Errorf("turn the watch on: %w", err), undone)
		}
	}()
	for _, dir := range []string{stateDir + "/" + marksName, wantsDir} {
		if err := os.MkdirAll(t.path(dir), 0o755); err != nil {
			return nil, err
		}
	}
	if err := t.save(s); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := replace(t.path(f.path), []byte(f.text), f.mode); err != nil {
			return nil, err
		}
		installed = append(installed, t.path(f.path))
	}
	// Last: before it nothing is started.
	link := t.path(wantsDir + "/" + UnitName)
	if err := os.Symlink("/"+unitDir+"/"+UnitName, link); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return installed, syncDir(filepath.Dir(link))
}

// Off removes all that On installed and all that is kept, and returns what was
// there. The runs stay. Nothing to remove is no error.
func (t Tree) Off() (removed []string, err error) {
	all := []string{wantsDir + "/" + UnitName, unitDir + "/" + UnitName}
	for _, h := range hooks() {
		all = append(all, h.dir+"/"+h.name)
	}
	for _, path := range append(all, stateDir) {
		if _, missing := os.Lstat(t.path(path)); errors.Is(missing, fs.ErrNotExist) {
			continue
		}
		failed := os.RemoveAll(t.path(path))
		if failed == nil {
			failed = syncDir(filepath.Dir(t.path(path)))
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
	all := []string{unitDir + "/" + UnitName}
	for _, h := range hooks() {
		all = append(all, h.dir+"/"+h.name)
	}
	out := []string{}
	for _, path := range all {
		if _, err := os.Lstat(t.path(path)); err == nil {
			out = append(out, t.path(path))
		}
	}
	return out
}
