package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan writes the manual pages; packagers call it.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a directory",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return trouble(fmt.Errorf("make the directory for manual pages: %w", err))
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			epoch := time.Unix(0, 0).UTC() // the same pages from the same source
			if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "roamfault", Date: &epoch}, args[0]); err != nil {
				return trouble(fmt.Errorf("write manual pages: %w", err))
			}
			return nil
		},
	}
}
