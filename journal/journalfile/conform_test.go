package journalfile_test

import (
	"context"
	"path/filepath"
	"testing"

	"roamfault/journal"
	"roamfault/journal/journalfile"
	"roamfault/journal/sourcetest"
)

// opened opens the files anew for each reading, as a program does.
type opened struct {
	paths []string
	opt   journalfile.Options
}

func (o opened) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	j, err := journalfile.Open(o.paths, o.opt)
	if err != nil {
		return journal.Stats{}, err
	}
	defer j.Close()
	return j.Read(ctx, yield)
}

func TestConforms(t *testing.T) {
	sourcetest.Remote(t)
	can := sourcetest.Abilities{
		Boot: sourcetest.Many, Realtime: true, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, NoPriority: true, Unicode: true, Lines: true, Long: true, Cursor: true,
	}
	sourcetest.Conform(t, "journal files", can, func(t *testing.T, records []journal.Record) sourcetest.Store {
		dir := t.TempDir()
		if len(records) == 0 {
			// A journal without entries for the filter: a directory without files is an error.
			sourcetest.WriteJournal(t, filepath.Join(dir, "other.journal"), sourcetest.Records(can)[:1])
			return sourcetest.Store{Open: func(t *testing.T, q sourcetest.Query) journal.Source {
				return opened{[]string{dir}, journalfile.Options{Filter: journal.Filter{Boot: "ffffffffffffffffffffffffffffffff"}}}
			}}
		}
		half := len(records) / 2
		sourcetest.WriteJournal(t, filepath.Join(dir, "first.journal"), records[:half])
		sourcetest.WriteJournal(t, filepath.Join(dir, "second.journal"), records[half:])
		return sourcetest.Store{Open: func(t *testing.T, q sourcetest.Query) journal.Source {
			return opened{[]string{dir}, journalfile.Options{Filter: q.Filter, After: q.After}}
		}}
	})
}
