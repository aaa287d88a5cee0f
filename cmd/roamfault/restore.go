package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"roamfault/roam/machine"
	"roamfault/roam/stress"
)

func newRestore(e env) *cobra.Command {
	var whenClosed bool
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Undo what a stress run that died has left changed on this machine",
		Long: `Restore undoes what is written in the undo log of stress and was not undone: power saving, links, the driver, the regulatory domain,
and whose interface it is. A run that ends, however it ends, has done so itself; a run that was killed leaves a process behind that does it.
What the last reboot has undone is done.

Exit codes: 0 nothing is left, 2 usage, 3 something could not be undone.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if whenClosed {
				if _, err := io.Copy(io.Discard, e.stdin); err != nil {
					return trouble(err)
				}
			}
			system, done, err := stressSystem("kmsg", sayer(e.stderr))
			if err != nil {
				return trouble(err)
			}
			defer done()
			ctx, restore := cmd.Context(), stress.Restore
			if whenClosed {
				// What asks the run to end may ask this process, too; who else would undo?
				ctx, restore = context.WithoutCancel(ctx), stress.RestoreDead
			}
			undone, err := restore(ctx, system)
			for _, what := range undone {
				fmt.Fprintf(e.stdout, "undone: %s\n", what)
			}
			switch {
			case errors.Is(err, machine.ErrLocked):
				return trouble(fmt.Errorf("%w: it undoes its changes itself", err))
			case err != nil:
				return trouble(err)
			case len(undone) == 0 && !whenClosed:
				fmt.Fprintln(e.stdout, "nothing is left to be undone")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&whenClosed, "when-closed", false, "wait until standard input ends")
	if err := cmd.Flags().MarkHidden("when-closed"); err != nil {
		panic(err) // the flag was made above
	}
	return cmd
}
