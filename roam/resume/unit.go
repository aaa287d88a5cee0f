package resume

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"roamfault/roam/machine"
	"roamfault/roam/unit"
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
	args := append([]string{"runs", "resume", "--on-boot", "--runs", u.Runs}, u.Args...)
	command, err := unit.Command(u.Program, append(args, u.Run)...)
	if err != nil {
		return "", fmt.Errorf("make the unit that resumes a run: %w", err)
	}
	path := unit.Path(filepath.Join(u.Runs, u.Run))
	return strings.NewReplacer("@RUN@", u.Run, "@PATH@", path, "@NORESUME@", NoResume, "@COMMAND@", command).Replace(unitText), nil
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
	return do(ctx, change, func(context.Context) error { return unit.Enable(root, UnitName, text) })
}

// RemoveUnit removes the unit. One that is not there is no error.
func RemoveUnit(root string) error {
	if err := unit.Remove(root, UnitName); err != nil {
		return fmt.Errorf("remove the unit that resumes a run: %w", err)
	}
	return nil
}

// UndoUnit removes the unit, for the table of [machine.Log.Undo] under UnitKind.
func UndoUnit(root string) machine.Undo {
	return func(context.Context, machine.Change) error { return RemoveUnit(root) }
}
