// Package systemd holds the tests of what systemd is to do with this program: its
// units, on a machine whose init is a real systemd, with a journal that outlives the
// machine's crash. The machine is a guest with a small Debian on its disk.
package systemd
