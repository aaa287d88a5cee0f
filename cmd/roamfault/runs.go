package main

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newRuns(e env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List, show, check, copy and remove the runs that stress has made",
		Long: `Runs is about what roamfault stress keeps: a directory for each run, with all that happened in it, also where the machine died.

A run is named by its id, by the beginning of it where no other begins so, or by "latest", the one begun last.`,
		Args:             cobra.NoArgs,
		RunE:             func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRun: func(*cobra.Command, []string) { debug.SetMemoryLimit(runMemory) },
	}
	var dir string
	cmd.PersistentFlags().StringVar(&dir, "runs", "", "where the runs lie, `DIR` (default: those of the user who asked)")
	open := func() (*runStore, error) {
		s, err := openRuns(dir)
		if err != nil {
			return nil, trouble(err)
		}
		return s, nil
	}
	cmd.AddCommand(
		newRunsList(e, open), newRunsShow(e, open), newRunsVerify(e, open), newRunsRemove(e, open), newRunsExport(e, open),
		newRunsBaseline(e, open), newRunsBisect(e, open),
		newRunsResume(e, open),
	)
	return cmd
}

// runMemory is what a command may hold that has runs in memory, before the collector
// works harder: one of a million cycles, and what is counted of two.
const runMemory = 100 << 20

// opener opens the runs that the options mean.
type opener func() (*runStore, error)

// named makes a command of what is to be done with the runs that were named.
func (open opener) named(do func(ctx context.Context, s *runStore, ids []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := open()
		if err != nil {
			return err
		}
		ids, err := s.resolveAll(args)
		if err != nil {
			return trouble(err)
		}
		return do(cmd.Context(), s, ids)
	}
}

// complete offers the ids of runs.
func (open opener) complete(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	s, err := open()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids, err := s.ids()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append(ids, latestRun), cobra.ShellCompDirectiveNoFileComp
}
