package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"roamfault/reports/render"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

func newRunsVerify(e env, open opener) *cobra.Command {
	return &cobra.Command{
		Use:   "verify ID...",
		Short: "Check that all of a run is there, unchanged",
		Long: `Verify reads every line of a run's file and checks its checksum, that none is missing or there twice, that the last one is whole, and that
the run is the one that its directory is named after.

Exit codes: 0 all is as it was written, 1 something is wrong, 2 usage, 3 could not run.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: open.named(func(ctx context.Context, s *runStore, ids []string) error {
			wrong := false
			for _, id := range ids {
				problems, lines, err := s.verify(ctx, id)
				if err != nil {
					return trouble(err)
				}
				for _, p := range problems {
					fmt.Fprintf(e.stdout, "%s: %s\n", id, render.Clean(p))
				}
				if len(problems) == 0 {
					fmt.Fprintf(e.stdout, "%s: all of its %d lines are as they were written\n", id, lines)
				}
				wrong = wrong || len(problems) > 0
			}
			if wrong {
				return exitError{code: exitFound}
			}
			return nil
		}),
	}
}

// verify says what is wrong with a run. The error says that it could not be read
// at all.
func (s *runStore) verify(ctx context.Context, id string) (problems []string, lines int, err error) {
	run, stats, err := rundir.Load(ctx, s.root, id)
	switch {
	case errors.Is(err, runlog.ErrForeign), errors.Is(err, runlog.ErrEmpty), errors.Is(err, runlog.ErrFuture), errors.Is(err, runlog.ErrJoined):
		return append([]string{err.Error()}, stats.Problems()...), stats.Lines, nil
	case err != nil:
		return nil, 0, err
	}
	problems = stats.Problems()
	if own := run.Head.ID; own != id && !stats.Headless {
		problems = append(problems, fmt.Sprintf("it is the run %s: the directory was renamed, or the file is another run's", own))
	}
	if run.Repeated > 0 {
		problems = append(problems, fmt.Sprintf("%d cycles have the number of one that was there; they do not count", run.Repeated))
	}
	if t := run.Ended; t != nil && t.Totals.Cycles != run.Cycles.Len() && stats.Clean() {
		problems = append(problems, fmt.Sprintf("its last line counts %d cycles, and there are %d", t.Totals.Cycles, run.Cycles.Len()))
	}
	return problems, stats.Lines, nil
}
