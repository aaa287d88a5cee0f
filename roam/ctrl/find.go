package ctrl

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Place is a control socket that was found.
type Place struct {
	// Path is the socket's, from the root.
	Path string
	// Global says that it is a daemon's global socket: it may know the interface.
	Global bool
}

// usual are the directories where sockets usually are, without the leading slash.
func usual() []string {
	return []string{"run/wpa_supplicant", "var/run/wpa_supplicant", "tmp/run/wpa_supplicant"}
}

// Find looks for the control sockets of an interface: in the usual directories, and
// where the wpa_supplicant processes that run were told to have theirs. root is
// the file system of the machine, such as os.DirFS("/"). Those of the interface
// come first. What cannot be read is left out; that nothing was found is no error.
func Find(root fs.FS, iface string) []Place {
	var places []Place
	add := func(name string, global bool) {
		name = strings.TrimPrefix(path.Clean("/"+name), "/")
		info, err := fs.Stat(root, name)
		p := Place{Path: "/" + name, Global: global}
		if err != nil || info.Mode()&fs.ModeSocket == 0 || slices.ContainsFunc(places, func(o Place) bool { return same(root, o, p) }) {
			return
		}
		places = append(places, p)
	}
	found := processes(root)
	for _, dir := range slices.Concat(usual(), found.dirs) {
		add(path.Join(dir, iface), false)
	}
	for _, name := range found.globals {
		add(name, true)
	}
	return places
}

// same reports whether two places are one: /var/run is a link to /run.
func same(root fs.FS, a, b Place) bool {
	return a.Path == b.Path || strings.TrimPrefix(a.Path, "/var") == strings.TrimPrefix(b.Path, "/var") && linked(root)
}

// linked reports whether /var/run is /run: then it has the same entries.
func linked(root fs.FS) bool {
	run, err := fs.ReadDir(root, "run")
	other, otherErr := fs.ReadDir(root, "var/run")
	return errors.Join(err, otherErr) == nil && slices.EqualFunc(run, other, func(a, b fs.DirEntry) bool { return a.Name() == b.Name() })
}

// told is where daemons were told to have their sockets.
type told struct{ dirs, globals []string }

// processes looks at the arguments of the daemons that run.
func processes(root fs.FS) told {
	var t told
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return t
	}
	for _, e := range entries {
		if e.Name()[0] < '1' || e.Name()[0] > '9' {
			continue
		}
		line, err := fs.ReadFile(root, path.Join("proc", e.Name(), "cmdline"))
		if err != nil {
			continue // it has ended, or is not ours to see
		}
		arguments := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
		if path.Base(arguments[0]) == "wpa_supplicant" {
			t.read(root, arguments[1:])
		}
	}
	return t
}

// read takes what the arguments of a daemon say (wpa_supplicant/main.c). One
// process can have several interfaces, each with its own configuration.
func (t *told) read(root fs.FS, arguments []string) {
	const withValue = "bCDcefgGiIoOpPm"
	for i := 0; i < len(arguments); i++ {
		a := arguments[i]
		if len(a) < 2 || a[0] != '-' {
			continue
		}
		// Letters without a value may come before one with it: -dsO /run/x.
		at := strings.IndexAny(a[1:], withValue)
		if at < 0 {
			continue
		}
		letter, value := a[1+at], a[2+at:]
		if value == "" {
			if i++; i == len(arguments) {
				return
			}
			value = arguments[i]
		}
		switch letter {
		case 'C', 'O':
			t.dirs = append(t.dirs, directory(value))
		case 'g':
			t.globals = append(t.globals, value)
		case 'c', 'I':
			t.configured(root, value)
		}
	}
}

// maxConfig is the longest configuration that is read.
const maxConfig = 1 << 20

// configured takes what a configuration file says.
func (t *told) configured(root fs.FS, name string) {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	if info, err := fs.Stat(root, name); err != nil || info.Size() > maxConfig {
		return
	}
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "ctrl_interface="); ok {
			t.dirs = append(t.dirs, directory(value))
		}
	}
}

// directory reads "DIR=/run/x GROUP=netdev", or a directory alone.
func directory(value string) string {
	if dir, ok := strings.CutPrefix(value, "DIR="); ok {
		value, _, _ = strings.Cut(dir, " GROUP=")
	}
	return strings.TrimSpace(value)
}
