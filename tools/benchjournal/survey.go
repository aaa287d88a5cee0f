package main

import (
	"context"
	"fmt"
	"path/filepath"

	logs "roamfault/journal"
	"roamfault/journal/journalfile"
)

// journal is a journal to measure on.
type journal struct {
	name, dir string
	files     int
	bytes     int64
	entries   int
	// distinct is how many messages the files hold, each file its own:
	// what a file has twice it stores once.
	distinct int
}

// survey counts what a journal holds.
func survey(ctx context.Context, dir string) (*journal, error) {
	j := &journal{name: filepath.Base(dir), dir: dir}
	files, err := filepath.Glob(filepath.Join(dir, "*.journal"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s holds no journal: remove it, it is built anew", dir)
	}
	j.files = len(files)
	open, err := journalfile.Open(files, journalfile.Options{Workers: 1, Wanted: func(string, string) bool {
		j.distinct++ // each is asked for once
		return false
	}})
	if err != nil {
		return nil, err
	}
	defer open.Close()
	stats, err := open.Read(ctx, func(*logs.Record) error { return nil })
	if err != nil {
		return nil, err
	}
	j.bytes, j.entries = stats.Bytes, stats.Lines
	if j.distinct == 0 || j.distinct > j.entries {
		return nil, fmt.Errorf("%s: %d distinct messages of %d entries", dir, j.distinct, j.entries)
	}
	return j, nil
}

// share is the distinct messages among all.
func (j *journal) share() float64 { return float64(j.distinct) / float64(j.entries) }
