package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"roamfault/reports/schema"
)

func newSchema(e env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [NAME]",
		Short: "List the kinds of JSON documents, or print the JSON schema of one",
		Example: `  roamfault schema
  roamfault schema roamfault/watch/v1 > watch-v1.schema.json`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, d := range schema.Documents() {
				names = append(names, d.ID)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listSchemas(e)
			}
			for _, d := range schema.Documents() {
				if d.ID == args[0] || strings.TrimPrefix(d.ID, "roamfault/") == args[0] {
					_, err := e.stdout.Write(d.Schema)
					return err
				}
			}
			return fmt.Errorf("no kind of document %q; `roamfault schema` lists them", args[0])
		},
	}
}

func listSchemas(e env) error {
	w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	for _, d := range schema.Documents() {
		fmt.Fprintf(w, "%s\t%s\n", d.ID, d.What)
	}
	return w.Flush()
}
