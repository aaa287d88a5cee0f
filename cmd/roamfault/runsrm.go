package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"roamfault/roam/runlog/rundir"
)

func newRunsRemove(e env, open opener) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Remove runs for good",
		Long: `Rm removes runs with all that is in them; it asks nothing. Not without --force it removes one that a process has, one that was not ended
(it can be gone on with, or tell why the machine died), one that cannot be read, and one that is a baseline. Where one of those named may not
be removed, none is.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: open.named(func(ctx context.Context, s *runStore, ids []string) error {
			for _, id := range ids {
				why, err := s.needed(ctx, id)
				if err != nil {
					return trouble(err)
				}
				if why != "" && !force {
					return trouble(fmt.Errorf("remove run %s: %s; --force removes it all the same", id, why))
				}
			}
			for _, id := range ids {
				if err := s.remove(id); err != nil {
					return trouble(err)
				}
				fmt.Fprintf(e.stderr, "removed run %s\n", id)
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&force, "force", false, "remove it whatever it is needed for")
	return cmd
}

// needed says why a run should stay; empty: nothing keeps it.
func (s *runStore) needed(ctx context.Context, id string) (why string, err error) {
	infos, err := rundir.List(s.root)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(infos, func(i rundir.Info) bool { return i.ID == id })
	if at < 0 {
		return "", fmt.Errorf("run %s: %w", id, errNoRun)
	}
	if info := infos[at]; info.Locked {
		if info.PID > 0 {
			return fmt.Sprintf("process %d makes it", info.PID), nil
		}
		return "a process makes it", nil
	}
	all, err := s.baselines()
	if err != nil {
		return "", err
	}
	for _, b := range all {
		if slices.Contains(b.Runs, id) {
			return "it is a baseline of " + b.name(), nil
		}
	}
	run, _, err := rundir.Load(ctx, s.root, id)
	switch {
	case err != nil:
		return err.Error(), nil
	case run.Open():
		return "it was not ended", nil
	}
	return "", nil
}

// remove removes a run, and follows no link out of the directory of the runs.
func (s *runStore) remove(id string) error {
	root, err := os.OpenRoot(s.root.Path)
	if err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	defer root.Close()
	if err := root.RemoveAll(id); err != nil {
		return fmt.Errorf("remove run %s: %w", id, err)
	}
	return nil
}
