package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"roamfault/patterns"
)

// version is set by the linker.
var version = "devel"

func newVersion(e env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Show version, build and pattern catalogue",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			revision, modified := "unknown", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					switch {
					case s.Key == "vcs.revision":
						revision = s.Value
					case s.Key == "vcs.modified" && s.Value == "true":
						modified = ", modified"
					}
				}
			}
			_, err := fmt.Fprintf(e.stdout, "roamfault %s\nrevision  %s%s\nbuilt by  %s %s/%s\npatterns  %d\n",
				version, revision, modified, runtime.Version(), runtime.GOOS, runtime.GOARCH, len(patterns.Builtin().Patterns()))
			return err
		},
	}
}
