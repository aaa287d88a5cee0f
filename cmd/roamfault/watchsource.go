package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"roamfault/journal"
	"roamfault/journal/child"
	"roamfault/journal/journalctl"
	"roamfault/journal/kmsg"
	"roamfault/journal/sdjournal"
	"roamfault/watch"
	"roamfault/watch/exportfile"
)

// watched is a log that can be followed.
type watched struct {
	// cursors names the kind of its cursors.
	cursors string
	open    func(from watch.Start, disturbed func()) (journal.Source, error)
	fatal   func(error) bool
}

// journalDirs are where journald keeps its files.
func journalDirs() []string { return []string{"/run/log/journal", "/var/log/journal"} }

// filePrefix, before a path, names a file in export format that may grow: for
// tests, and for what systemd-journal-remote writes.
const filePrefix = "file:"

// from finds the log that the flags name.
func (f watchFlags) from(say func(string, ...any)) (*watched, error) {
	if path, ok := strings.CutPrefix(f.source, filePrefix); ok {
		return f.exportFile(path), nil
	}
	kind := f.source
	if kind == "auto" {
		kind = "kmsg"
		for _, dir := range journalDirs() {
			if _, err := os.Stat(dir); err == nil {
				kind = "journal"
			}
		}
	}
	make, ok := map[string]func(watchFlags, func(string, ...any)) *watched{
		"journal":    func(f watchFlags, say func(string, ...any)) *watched { return f.journal(say, false) },
		"sdjournal":  func(f watchFlags, say func(string, ...any)) *watched { return f.journal(say, true) },
		"journalctl": watchFlags.journalctl,
		"kmsg":       watchFlags.kmsg,
	}[kind]
	switch {
	case !ok:
		return nil, fmt.Errorf("--source %q: auto, journal, sdjournal, journalctl or kmsg", f.source)
	case runtime.GOOS != "linux":
		return nil, needsLinux()
	}
	return make(f, say), nil
}

// journalctlSource is what every reader of the journal is told.
func (f watchFlags) journalctlSource(from watch.Start, disturbed func(), say func(string, ...any), mute error) journalctl.Source {
	return journalctl.Source{
		Filter: journal.Filter{Since: from.Since, Boot: from.Boot}, After: from.After, Follow: !f.once,
		Notify: func(n child.Notice) {
			disturbed()
			if mute == nil || !errors.Is(n.Err, mute) {
				say("%s", n)
			}
		},
	}
}

// journal reads the journal through libsystemd, and through journalctl where
// that is not to be had.
func (f watchFlags) journal(say func(string, ...any), alone bool) *watched {
	mute := child.ErrMissing // to be without it is nothing to tell
	if alone {
		mute = nil
	}
	return &watched{cursors: "journal", fatal: hopeless, open: func(from watch.Start, disturbed func()) (journal.Source, error) {
		return &sdjournal.Source{Journalctl: f.journalctlSource(from, disturbed, say, mute), Alone: alone}, nil
	}}
}

func (f watchFlags) journalctl(say func(string, ...any)) *watched {
	return &watched{cursors: "journal", fatal: hopeless, open: func(from watch.Start, disturbed func()) (journal.Source, error) {
		src := f.journalctlSource(from, disturbed, say, nil)
		return &src, nil
	}}
}

func (f watchFlags) kmsg(func(string, ...any)) *watched {
	return &watched{cursors: "kmsg", fatal: hopeless, open: func(from watch.Start, _ func()) (journal.Source, error) {
		return &kmsg.Source{Filter: journal.Filter{Since: from.Since, Boot: from.Boot}, After: from.After, Follow: !f.once}, nil
	}}
}

func (f watchFlags) exportFile(path string) *watched {
	return &watched{cursors: "file", fatal: func(err error) bool { return errors.Is(err, os.ErrNotExist) }, open: func(from watch.Start, _ func()) (journal.Source, error) {
		return &exportfile.Source{Path: path, Filter: journal.Filter{Since: from.Since, Boot: from.Boot}, After: from.After, Follow: !f.once}, nil
	}}
}

// hopeless reports whether an error stays for as long as nobody does something
// about it.
func hopeless(err error) bool {
	for _, e := range []error{child.ErrMissing, child.ErrPermission, kmsg.ErrPermission, kmsg.ErrUnsupported} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
