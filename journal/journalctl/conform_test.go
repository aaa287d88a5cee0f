package journalctl_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"roamfault/journal"
	"roamfault/journal/journalctl"
	"roamfault/journal/sourcetest"
)

// needs skips where journalctl or the writer of real journals is missing.
func needs(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("journalctl is missing: apt-get install systemd")
	}
	sourcetest.Remote(t)
}

func abilities() sourcetest.Abilities {
	return sourcetest.Abilities{
		Boot: sourcetest.Many, Realtime: true, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, NoPriority: true, Unicode: true, Lines: true, Long: true, Cursor: true,
	}
}

func TestConforms(t *testing.T) {
	needs(t)
	follows := abilities()
	follows.Follow = true
	sourcetest.Conform(t, "directory", follows, func(t *testing.T, records []journal.Record) sourcetest.Store {
		dir := t.TempDir()
		half := len(records) / 2
		sourcetest.WriteJournal(t, filepath.Join(dir, "first.journal"), records[:half])
		last := filepath.Join(dir, "second.journal")
		sourcetest.WriteJournal(t, last, records[half:])
		return sourcetest.Store{
			Open: func(t *testing.T, q sourcetest.Query) journal.Source {
				return &journalctl.Source{Directory: dir, Filter: q.Filter, After: q.After, Follow: q.Follow}
			},
			Append: func(t *testing.T, records []journal.Record) { sourcetest.WriteJournal(t, last, records) },
			Damage: func(t *testing.T) { overwrite(t, last, 0, "not a journal any more") },
		}
	})
	sourcetest.Conform(t, "files", abilities(), func(t *testing.T, records []journal.Record) sourcetest.Store {
		dir := t.TempDir()
		if len(records) == 0 {
			// A journal without entries for any filter.
			return sourcetest.Store{Open: func(t *testing.T, q sourcetest.Query) journal.Source {
				return &journalctl.Source{Directory: dir, Filter: q.Filter, After: q.After}
			}}
		}
		files := []string{filepath.Join(dir, "odd[1] *name?.journal"), filepath.Join(dir, "other.journal")}
		half := len(records) / 2
		sourcetest.WriteJournal(t, files[0], records[:half])
		sourcetest.WriteJournal(t, files[1], records[half:])
		return sourcetest.Store{Open: func(t *testing.T, q sourcetest.Query) journal.Source {
			return &journalctl.Source{Files: files, Filter: q.Filter, After: q.After}
		}}
	})
}

// overwrite writes into a file.
func overwrite(t *testing.T, path string, at int64, s string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(s), at); err != nil {
		t.Fatal(err)
	}
}
