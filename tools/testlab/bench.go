package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"roamfault/roam/lab/guest"
)

// bench is one kernel to test on.
type bench struct {
	options
	kernel         string
	program        string // the path of the command that guests have
	stdout, stderr io.Writer
}

// outcome is how the tests of a package went on a kernel.
type outcome struct {
	kernel, what string
	took         time.Duration
	err          error
	complaints   []string // of the guest's kernel
	// left is what failed, or was never begun.
	left []testPackage
	// first is why it failed at the first try of two.
	first error
}

// all runs the packages in a guest, and in another where that one breaks. What
// is left when the time is over counts as failed.
func (b *bench) all(ctx context.Context, packages []testPackage) []outcome {
	began := time.Now()
	failed := func(what string, err error) outcome {
		return outcome{kernel: b.kernel, what: what, took: time.Since(began), err: err}
	}
	image, err := guest.Prepare(ctx, guest.ImageOptions{Kernel: b.kernel, Cache: b.cache, Progress: say(b.stderr)})
	if err == nil {
		err = os.RemoveAll(b.dir())
	}
	if err != nil {
		unmade := failed("prepare", err)
		unmade.left = packages
		return []outcome{unmade}
	}
	// What is fetched takes as long as it takes.
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	var outcomes []outcome
	for rest := packages; len(rest) > 0; {
		began = time.Now()
		g, err := guest.Boot(ctx, image, guest.Options{
			Memory: b.memory, Progress: say(b.stderr),
			Files: []guest.File{{Path: "/usr/bin/" + path.Base(program), Host: b.program, Mode: 0o755}},
		})
		if err != nil {
			unmade := failed("boot", describe(err))
			unmade.left = rest
			return append(outcomes, unmade)
		}
		fmt.Fprintf(b.stdout, "== kernel %s, up after %v\n", g.Release(), g.BootTimes().Host.Round(time.Millisecond))
		for ; len(rest) > 0 && g.Err() == nil; rest = rest[1:] {
			outcomes = append(outcomes, b.test(ctx, g, rest[0]))
		}
		_ = g.Close() // how it ended, the tests have said
		if err := b.keepKernelLog(g); err != nil {
			outcomes = append(outcomes, failed("keep the kernel's log", err))
		}
	}
	return outcomes
}

// Where tests leave in the guest what is to be kept.
const (
	guestOut     = "/tmp/lab-out"
	guestArchive = "/tmp/lab-out.tar"
)

// test runs the tests of a package.
func (b *bench) test(ctx context.Context, g *guest.Guest, p testPackage) outcome {
	began := time.Now()
	fmt.Fprintf(b.stdout, "== %s\n", p.path)
	records := len(g.KernelLog().Records())
	failed, err := b.runTests(ctx, g, p)
	if kept := b.fetchKept(ctx, g, p); kept != nil && g.Err() == nil {
		err = errors.Join(err, kept)
	}
	o := outcome{
		kernel: b.kernel, what: p.path, took: time.Since(began), err: err,
		complaints: complaints(g.KernelLog().Records()[records:]),
	}
	if err != nil {
		o.left = []testPackage{p.only(failed)}
	}
	return o
}

// runTests also returns which tests said that they failed.
func (b *bench) runTests(ctx context.Context, g *guest.Guest, p testPackage) ([]string, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	if _, err := g.Run(ctx, guest.Command{Args: []string{"mkdir", "-p", p.workDir()}}); err != nil {
		return nil, describe(err)
	}
	var failed failedTests
	out := io.MultiWriter(b.stdout, &lines{each: failed.line})
	code, err := g.Run(ctx, guest.Command{
		Args: append([]string{p.inside()}, b.arguments(p)...), Dir: p.workDir(), Files: files,
		Env:    []string{"ROAMFAULT_LAB=guest", "LAB_OUT=" + guestOut, "LAB_KEEP=" + b.keep},
		Stdout: out, Stderr: out,
	})
	switch {
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("not done after %v (-timeout)", b.timeout)
	case err != nil:
		return nil, describe(err)
	case code != 0:
		return failed, fmt.Errorf("exit code %d", code)
	}
	// Its files are in the guest's memory.
	_, err = g.Run(ctx, guest.Command{Args: []string{"rm", "-r", p.inside(), p.workDir()}})
	return nil, describe(err)
}

// arguments are those of the test binary.
func (b *bench) arguments(p testPackage) []string {
	args := []string{"-test.v", "-test.timeout=" + b.timeout.String()}
	if b.bench != "" {
		return append(args, "-test.run=^$", "-test.bench="+b.bench, "-test.benchmem")
	}
	if run := cmp.Or(p.run, b.run); run != "" {
		args = append(args, "-test.run="+run)
	}
	return args
}

// fetchKept takes what tests have kept out of the guest.
func (b *bench) fetchKept(ctx context.Context, g *guest.Guest, p testPackage) error {
	ctx = context.WithoutCancel(ctx)
	code, err := g.Run(ctx, guest.Command{Args: []string{
		"sh", "-c", "test -d " + guestOut + " && tar -cf " + guestArchive + " -C " + guestOut + " . && rm -r " + guestOut,
	}})
	if err != nil || code != 0 {
		return err
	}
	pipe, into := io.Pipe()
	unpacked := make(chan error, 1)
	dir := filepath.Join(b.dir(), path.Base(p.path))
	go func() {
		err := unpack(pipe, dir)
		pipe.CloseWithError(err)
		unpacked <- err
	}()
	_, err = g.Read(ctx, guestArchive, into)
	into.CloseWithError(err)
	if err := errors.Join(err, <-unpacked); err != nil {
		return fmt.Errorf("keep logs: %w", err)
	}
	fmt.Fprintf(b.stdout, "== logs are in %s\n", dir)
	return nil
}

// dir is where everything of this kernel is kept.
func (b *bench) dir() string { return filepath.Join(b.out, filepath.Base(b.kernel)) }

// keepKernelLog writes the guest's kernel log, behind those of earlier guests,
// and its console where it has broken.
func (b *bench) keepKernelLog(g *guest.Guest) (err error) {
	if err := os.MkdirAll(b.dir(), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(b.dir(), "kernel.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var end *guest.EndError
	if errors.As(g.Err(), &end) && end.Reason != guest.EndAsked {
		// What the kernel said at last, nobody could send any more.
		if err := os.WriteFile(filepath.Join(b.dir(), "console.log"), []byte(g.Console()), 0o644); err != nil {
			return err
		}
	}
	for _, r := range g.KernelLog().Records() {
		if _, err := fmt.Fprintf(file, "<%d>[%5d.%06d] %s\n", r.Priority, r.Time/time.Second, r.Time%time.Second/time.Microsecond, r.Text); err != nil {
			return err
		}
	}
	return nil
}

// complaintSigns begin what a kernel says of its own mistakes
// (include/asm-generic/bug.h, lib/dump_stack.c, mm/kasan).
var complaintSigns = []string{"WARNING: ", "BUG: ", "Oops: ", "general protection fault", "INFO: task ", "rcu: INFO: "}

// complaints are the kernel's of itself.
func complaints(records []guest.KernelRecord) []string {
	var all []string
	for _, r := range records {
		for _, sign := range complaintSigns {
			if strings.HasPrefix(r.Text, sign) {
				all = append(all, r.Text)
				break
			}
		}
	}
	return all
}

// describe adds the last of the guest's console where it has broken.
func describe(err error) error {
	var end *guest.EndError
	if errors.As(err, &end) && end.Reason != guest.EndAsked {
		return fmt.Errorf("%w\n%s%s", err, end.Console, end.Emulator)
	}
	return err
}
