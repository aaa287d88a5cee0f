package rundir

import (
	"errors"
	"fmt"
	"os/user"
	"path/filepath"
	"strconv"
)

// Root is where runs lie, and whose they are.
type Root struct {
	Path string
	// UID and GID are those that what is made there gets; -1: those of the process.
	UID, GID int
}

// Account is a user of the machine.
type Account struct {
	Home     string
	UID, GID int
}

// Lookup finds a user of the machine by name. It is for [DefaultRoot].
func Lookup(name string) (Account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return Account{}, err
	}
	uid, uidErr := strconv.Atoi(u.Uid)
	gid, gidErr := strconv.Atoi(u.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return Account{}, fmt.Errorf("user %s has no numbers: %w", name, err)
	}
	return Account{u.HomeDir, uid, gid}, nil
}

// DefaultRoot returns where the runs of the user lie who asked: roamfault/runs in
// his state directory (XDG Base Directory Specification), under sudo that of its
// caller. XDG_STATE_HOME counts for the user whose environment it is, not for
// sudo's caller.
func DefaultRoot(getenv func(string) string, lookup func(name string) (Account, error)) (Root, error) {
	root := Root{UID: -1, GID: -1}
	state := getenv("XDG_STATE_HOME")
	home := getenv("HOME")
	if caller := getenv("SUDO_USER"); caller != "" && caller != "root" {
		a, err := lookup(caller)
		if err != nil {
			return Root{}, fmt.Errorf("find the home directory of %s, who called sudo: %w; name a directory for runs", caller, err)
		}
		root.UID, root.GID = a.UID, a.GID
		home = a.Home
		if !within(state, home) {
			state = "" // it is root's, or was left over from somewhere else
		}
	}
	if !filepath.IsAbs(state) {
		if !filepath.IsAbs(home) {
			return Root{}, errors.New("there is no home directory to keep runs in: set HOME, or name a directory for runs")
		}
		state = filepath.Join(home, ".local", "state")
	}
	root.Path = filepath.Join(state, "roamfault", "runs")
	return root, nil
}

// within reports whether a path lies in a directory.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsAbs(path) && filepath.IsLocal(rel)
}
