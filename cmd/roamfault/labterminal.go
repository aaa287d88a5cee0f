package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newLabTerminal runs a command on a terminal of its own, whose other side is
// this program's input and output: a guest has no terminal to give.
func newLabTerminal(e env) *cobra.Command {
	var size string
	cmd := &cobra.Command{
		Use:    "terminal -- COMMAND ARGS...",
		Short:  "Run a command on a terminal",
		Hidden: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("a command to run is wanted")
			}
			return commandAfterDash(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var columns, rows uint16
			if _, err := fmt.Sscanf(size, "%dx%d", &columns, &rows); err != nil {
				return fmt.Errorf("--size %q: such as 80x24 is wanted", size)
			}
			code, err := runOnTerminal(e, columns, rows, args)
			if err != nil {
				return trouble(err)
			}
			if code != 0 {
				return exitError{code: code}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&size, "size", "80x24", "columns and rows")
	return cmd
}
