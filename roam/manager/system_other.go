//go:build !linux

package manager

import (
	"errors"
	"io/fs"

	"github.com/godbus/dbus/v5"
)

// errNotLinux is why there is nothing to see.
var errNotLinux = errors.New("looking at who manages an interface takes Linux")

// emptyTree is a system without files.
type emptyTree struct{}

// Open implements [fs.FS].
func (emptyTree) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// This is the machine that we are on, of which nothing is seen: nl80211, /proc and
// /sys are Linux's.
func This(Wireless, error, *dbus.Conn) System {
	return System{Files: emptyTree{}, Getenv: func(string) string { return "" }, WirelessErr: errNotLinux}
}
