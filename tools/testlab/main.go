// Testlab runs the tests that need a lab, or their benchmarks, in guests: on each
// kernel that is asked for, all packages one after another in one guest.
//
// It builds the test binaries of the packages that import roamfault/roam/lab/labtest
// and of those that are named. The logs of kernel, supplicants and air of tests
// that fail are kept below -out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"roamfault/roam/lab/guest"
)

func main() {
	if guest.IsInit() {
		guest.Init()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "testlab:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	kernels, out, cache string
	run, bench, keep    string
	only                string
	timeout             time.Duration
	memory              int
	parallel            int
	install, again      bool
	packages            []string
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("testlab", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.kernels, "kernels", "6.12 7.x", "kernels to test on, divided by blanks")
	flags.StringVar(&o.out, "out", "bench/lab", "directory for what is kept")
	flags.StringVar(&o.cache, "cache", "", "directory for packages and images (default: in the user's directory for caches)")
	flags.StringVar(&o.run, "run", "", "only tests that match this regular expression")
	flags.StringVar(&o.only, "only", "", "only packages whose path has this in it")
	flags.StringVar(&o.bench, "bench", "", "run the benchmarks that match this regular expression, and no tests")
	flags.StringVar(&o.keep, "keep", "failed", "keep the logs of tests: failed or all")
	flags.DurationVar(&o.timeout, "timeout", 6*time.Minute, "the longest that all packages may take on one kernel")
	flags.IntVar(&o.memory, "memory", 0, "memory of the guest in MiB")
	flags.IntVar(&o.parallel, "parallel", 1, "how many kernels are tested on at once")
	flags.BoolVar(&o.again, "again", false, "try what failed once more at the end, one kernel after the other, and count that")
	flags.BoolVar(&o.install, "install", false, "install QEMU with apt-get where it is missing (root)")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: testlab [flags] [package ...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.keep != "failed" && o.keep != "all" {
		return o, fmt.Errorf("-keep %q: failed or all", o.keep)
	}
	o.packages = flags.Args()
	return o, nil
}

// run tests on every kernel, whatever happens on those before.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if err := host(ctx, o, stderr); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "testlab-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	packages, err := build(ctx, dir, o, stderr)
	if err != nil {
		return err
	}
	outcomes := onKernels(ctx, o, dir, packages, stdout, stderr)
	if o.again && ctx.Err() == nil {
		outcomes = again(outcomes, func(kernel string, packages []testPackage) []outcome {
			second := o
			second.kernels, second.out = kernel, filepath.Join(o.out, "again")
			return onKernels(ctx, second, dir, packages, stdout, stderr)
		})
	}
	return summary(stdout, outcomes)
}

// onKernels tests on every kernel, so many at once as is wanted. Where that is
// more than one, every line begins with its kernel.
func onKernels(ctx context.Context, o options, dir string, packages []testPackage, stdout, stderr io.Writer) []outcome {
	kernels := strings.Fields(o.kernels)
	results := make([][]outcome, len(kernels))
	var writing sync.Mutex
	var running sync.WaitGroup
	free := make(chan struct{}, max(1, o.parallel))
	for i, kernel := range kernels {
		b := bench{options: o, kernel: kernel, program: filepath.Join(dir, path.Base(program)), stdout: stdout, stderr: stderr}
		if o.parallel > 1 && len(kernels) > 1 {
			b.stdout = prefixed(&writing, stdout, kernel+" | ")
		}
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			if ctx.Err() == nil {
				results[i] = b.all(ctx, packages)
			}
		})
	}
	running.Wait()
	return slices.Concat(results...)
}

// host sees to it that the machine can run guests.
func host(ctx context.Context, o options, stderr io.Writer) error {
	err := guest.CheckHost()
	var missing *guest.MissingError
	if err == nil || !o.install || !errors.As(err, &missing) {
		return err
	}
	return guest.InstallQEMU(ctx, say(stderr))
}

// say prints the steps of long work.
func say(w io.Writer) func(guest.Progress) {
	last := ""
	return func(p guest.Progress) {
		if p.Step != last {
			fmt.Fprintln(w, "testlab:", p.Step)
		}
		last = p.Step
	}
}
