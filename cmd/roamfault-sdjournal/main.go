// Roamfault-sdjournal writes the systemd journal in export format to its
// standard output. Roamfault runs it as a process of its own, since libsystemd,
// which it reads with, may die of a truncated file. It is built with the tag
// sdjournal and cgo.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"roamfault/journal/sdjournal"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// query is what to write.
type query struct {
	cursor       string // where to begin, its record included
	after        string // or behind which record
	directory    string
	files        []string
	follow       bool
	since, until int64 // seconds since 1970, 0 for no bound
	matches      []string
}

// run executes a command line and returns the exit code: 0, or 3 for anything that it
// could not do.
func run(args []string, stdout, stderr io.Writer) int {
	q, err := parse(args, stderr)
	if err == nil {
		err = write(q, stdout, stderr)
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", sdjournal.Binary, err)
		return sdjournal.FinalExit
	}
	return 0
}

func parse(args []string, stderr io.Writer) (query, error) {
	var q query
	flags := flag.NewFlagSet(sdjournal.Binary, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&q.cursor, "cursor", "", "begin at the record of `CURSOR`")
	flags.StringVar(&q.after, "after-cursor", "", "begin behind the record of `CURSOR`")
	flags.StringVar(&q.directory, "directory", "", "read the journal in `DIR` instead of this machine's")
	flags.Func("file", "read `FILE` instead; may be repeated", func(s string) error {
		q.files = append(q.files, s)
		return nil
	})
	flags.BoolVar(&q.follow, "follow", false, "go on with what is logged")
	flags.Int64Var(&q.since, "since", 0, "leave out entries before `SECONDS` since 1970")
	flags.Int64Var(&q.until, "until", 0, "leave out entries after `SECONDS` since 1970")
	if err := flags.Parse(args); err != nil {
		flags.SetOutput(stderr)
		flags.Usage()
		return q, err
	}
	q.matches = flags.Args()
	switch {
	case q.cursor != "" && q.after != "":
		return q, fmt.Errorf("--cursor and --after-cursor: one of both")
	case q.directory != "" && len(q.files) > 0:
		return q, fmt.Errorf("--directory and --file: one of both")
	}
	for _, m := range q.matches {
		if m != "+" && !strings.Contains(m, "=") {
			return q, fmt.Errorf("match %q: want FIELD=value or +", m)
		}
	}
	return q, nil
}
