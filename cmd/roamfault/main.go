// Roamfault turns what kernel, driver, firmware and supplicant say about Wi-Fi
// roaming into incidents.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"roamfault/roam/lab/guest"
)

// The exit codes.
const (
	exitOK      = 0 // nothing found
	exitFound   = 1 // incidents found
	exitUsage   = 2 // the command line is wrong
	exitTrouble = 3 // could not run: no permission, unreadable input
)

func main() {
	if guest.IsInit() {
		guest.Init()
	}
	// Little is kept and much is passed through: collecting less often costs
	// a few MiB and saves a tenth of the time.
	debug.SetGCPercent(250)
	debug.SetMemoryLimit(memoryGoal)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// memoryGoal is where the collector begins to work harder, so that the program
// stays below 64 MiB whatever it reads.
const memoryGoal = 44 << 20

// env is what a command has of the world around it.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(env{stdin, stdout, stderr})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		if code.err != nil {
			fmt.Fprintf(stderr, "roamfault: %v\n", code.err)
		}
		return code.code
	}
	fmt.Fprintf(stderr, "roamfault: %v\n", err)
	return exitUsage
}

// exitError is an error that knows its exit code. Without an inner error there
// is nothing left to say.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// trouble is an error of what was to be done, rather than of how it was asked.
func trouble(err error) error { return exitError{exitTrouble, err} }

func newRoot(e env) *cobra.Command {
	root := &cobra.Command{
		Use:   "roamfault",
		Short: "Find Wi-Fi roaming failures and say where they began, which layer is to blame and what they cost",
		Long: `roamfault turns what kernel, driver, firmware and supplicant say about Wi-Fi into incidents:
one failure, with its root, the layer to blame, when it happened, how it ended and what it cost.

Exit codes: 0 nothing found, 1 incidents found, 2 usage, 3 could not run.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	root.AddCommand(newAnalyze(e), newExplain(e), newPatterns(e), newSchema(e), newVersion(e), newMan())
	root.AddCommand(newWatch(e), newLab(e), newDoctor(e), newStress(e), newRestore(e), newEcho(e), newRuns(e), newCompare(e))
	return root
}

// terminal returns the width of the terminal behind w, and false when w is
// none.
func terminal(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

// colour reports whether to colour what goes to w: never without a terminal,
// and never where the user said no.
func colour(w io.Writer, when string) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	_, isTerminal := terminal(w)
	_, no := os.LookupEnv("NO_COLOR")
	return isTerminal && !no && os.Getenv("TERM") != "dumb"
}
