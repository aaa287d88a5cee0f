package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// summary prints how everything went; its error says that something failed.
func summary(w io.Writer, outcomes []outcome) error {
	fmt.Fprintln(w, "== summary")
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	failures := 0
	for _, o := range outcomes {
		verdict := "ok"
		switch {
		case o.err != nil && o.first != nil:
			failures++
			verdict = "FAIL, twice: " + firstLine(o.err)
		case o.err != nil:
			failures++
			verdict = "FAIL: " + firstLine(o.err)
		case o.first != nil:
			verdict = "ok at the second try; at the first: " + firstLine(o.first)
		}
		fmt.Fprintf(table, "%s\t%s\t%v\t%s\n", o.kernel, o.what, o.took.Round(100*time.Millisecond), verdict)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.err != nil {
			if _, rest, more := strings.Cut(o.err.Error(), "\n"); more {
				fmt.Fprintf(w, "== %s, %s:\n%s\n", o.kernel, o.what, rest)
			}
		}
		for _, c := range o.complaints {
			fmt.Fprintf(w, "== %s, %s: the kernel complains: %s\n", o.kernel, o.what, c)
		}
	}
	if len(outcomes) == 0 {
		return errors.New("nothing was tested")
	}
	if failures > 0 {
		return fmt.Errorf("%d of %d failed", failures, len(outcomes))
	}
	return nil
}

func firstLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}
