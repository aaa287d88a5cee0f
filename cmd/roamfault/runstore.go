package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"roamfault/reports/runreport"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// runStore is where runs lie, and what was confirmed for them.
type runStore struct{ root rundir.Root }

// openRuns finds the runs: below dir, or those of the user who asked.
func openRuns(dir string) (*runStore, error) {
	if dir != "" {
		path, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("--runs: %w", err)
		}
		return &runStore{rundir.Root{Path: path, UID: -1, GID: -1}}, nil
	}
	root, err := rundir.DefaultRoot(os.Getenv, rundir.Lookup)
	if err != nil {
		return nil, fmt.Errorf("find where runs lie (or say so by --runs): %w", err)
	}
	return &runStore{root}, nil
}

// newID names a run by its begin.
func newID(at time.Time) string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // it cannot fail
	return at.UTC().Format("20060102-150405-") + hex.EncodeToString(b[:])
}

// Writer makes a run's file.
func (s *runStore) Writer(_ context.Context, id string) (*runlog.Writer, error) {
	dir, err := rundir.Create(s.root, id)
	if err != nil {
		return nil, err
	}
	return runlog.NewWriter(dir, 0), nil
}

func (s *runStore) path(id string) string { return filepath.Join(s.root.Path, id) }

// summary sums a run up.
func (s *runStore) summary(ctx context.Context, id string) (runreport.Summary, error) {
	run, stats, err := rundir.Load(ctx, s.root, id)
	if err != nil {
		return runreport.Summary{}, fmt.Errorf("read the run %s: %w", id, err)
	}
	return runreport.Summarize(run, stats), nil
}

// mineFile lists confirmed access points, beside the runs.
const mineFile = "mine"

func (s *runStore) minePath() string { return filepath.Join(s.root.Path, mineFile) }

// mine reads what was confirmed.
func (s *runStore) mine() (manager.Mine, error) {
	f, err := os.Open(s.minePath())
	if errors.Is(err, fs.ErrNotExist) {
		return manager.Mine{}, nil
	}
	if err != nil {
		return manager.Mine{}, fmt.Errorf("read which access points are your own: %w", err)
	}
	defer f.Close()
	m, err := manager.ReadMine(f)
	if err != nil {
		return m, fmt.Errorf("read which access points are your own: %s: %w", s.minePath(), err)
	}
	return m, nil
}

// confirm remembers a network's access points as the user's own.
func (s *runStore) confirm(ssid runlog.SSID) error {
	m, err := s.mine()
	if err != nil {
		return err
	}
	if len(ssid) == 0 || slices.ContainsFunc(m.SSIDs, func(known runlog.SSID) bool { return slices.Equal(known, ssid) }) {
		return nil
	}
	m.SSIDs = append(m.SSIDs, ssid)
	if err := s.root.Replace(mineFile, m.Write); err != nil {
		return fmt.Errorf("remember your own access points: %w", err)
	}
	return nil
}
