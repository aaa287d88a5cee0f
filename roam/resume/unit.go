package resume

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"roamfault/roam/machine"
)

// unitText is the unit, with places for what differs.
//
//go:embed roamfault-resume.service
var unitText string

const (
	// UnitName is the name of the unit that takes a run up again at boot.
	UnitName = "roamfault-resume.service"
	// UnitKind is that of its change in the undo log.
	UnitKind = "resume-unit"
	// NoResume, on the kernel's command line, keeps the unit from starting.
	NoResume = "roamfault.noresume"

	unitDir  = "etc/systemd/system"
	wantsDir = unitDir + "/multi-user.target.wants"
)

// Unit is what systemd is to start at the next boots.
type Unit struct {
	Program string // the path of roamfault
	Run     string // its id
	Runs    string // the directory that the run's directory is in
	// Args are further options of "roamfault runs resume".
	Args []string
}

// Text is the unit's file.
func (u *Unit) Text() (string, error) {
	if !filepath.IsAbs(u.Program) || !filepath.IsAbs(u.Runs) || u.Run == "" {
		return "", errors.New("make the unit that resumes a run: absolute paths and the run's id are wanted")
	}
	command := append([]string{u.Program, "runs", "resume", "--on-boot", "--runs", u.Runs}, u.Args...)
	command = append(command, u.Run)
	for i, word := range command {
		quoted, err := quote(word, i > 0)
		if err != nil {
			return "", fmt.Errorf("make the unit that resumes a run: %w", err)
		}
		command[i] = quoted
	}
	path := strings.ReplaceAll(filepath.Join(u.Runs, u.Run), "%", "%%")
	return strings.NewReplacer("@RUN@", u.Run, "@PATH@", path, "@NORESUME@", NoResume, "@COMMAND@", strings.Join(command, " ")).Replace(unitText), nil
}

// quote writes a word as systemd reads it (systemd.service(5), "Command lines"):
// the first, the program's path, knows no $.
func quote(word string, argument bool) (string, error) {
	for _, c := range word {
		if c < ' ' || c == 0x7f {
			return "", fmt.Errorf("%q has a control character", word)
		}
	}
	word = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(word)
	if argument {
		word = strings.ReplaceAll(word, "$", "$$")
	}
	return `"` + word + `"`, nil
}

// InstallUnit has systemd take a run up again at the next boot, in the tree of
// files below root ("/"). do makes the change with an entry in the undo log
// ([machine.Log.Do]): the end of the run, and roamfault restore, remove the unit.
func InstallUnit(ctx context.Context, root string, u Unit, do func(context.Context, machine.Change, func(context.Context) error) error) error {
	text, err := u.Text()
	if err != nil {
		return err
	}
	change := machine.Change{Kind: UnitKind, Outlives: true, What: "systemd resumes run " + u.Run + " at boot (" + UnitName + ")"}
	return do(ctx, change, func(context.Context) error { return install(root, text) })
}

func install(root, text string) error {
	name := filepath.Join(root, unitDir, UnitName)
	if err := os.MkdirAll(filepath.Join(root, wantsDir), 0o755); err != nil {
		return err
	}
	if err := replace(name, []byte(text), 0o644); err != nil {
		return err
	}
	link := filepath.Join(root, wantsDir, UnitName)
	if err := os.Symlink(filepath.Join("/", unitDir, UnitName), link); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(link))
}

// RemoveUnit removes the unit. One that is not there is no error.
func RemoveUnit(root string) error {
	for _, name := range []string{filepath.Join(root, wantsDir, UnitName), filepath.Join(root, unitDir, UnitName)} {
		err := os.Remove(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = syncDir(filepath.Dir(name))
		}
		if err != nil {
			return fmt.Errorf("remove the unit that resumes a run: %w", err)
		}
	}
	return nil
}

// UndoUnit removes the unit, for the table of [machine.Log.Undo] under UnitKind.
func UndoUnit(root string) machine.Undo {
	return func(context.Context, machine.Change) error { return RemoveUnit(root) }
}

// replace writes a file as a whole, so that it outlives a loss of power.
func replace(name string, data []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// syncDir brings the names in a directory to the disk.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
