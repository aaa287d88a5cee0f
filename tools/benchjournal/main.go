// Benchjournal has systemd write journals of some size out of the seeded log and
// compares roamfault with journalctl on them, in one run. It prints Markdown.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"roamfault/tools/bench/benchlog"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "benchjournal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bin := flag.String("bin", "bin/roamfault", "the roamfault to measure")
	dir := flag.String("dir", "bench", "where journals are kept")
	sizes := flag.String("mib", "1024,4096", "sizes of the journals in MiB, comma between")
	seed := flag.Uint64("seed", 1, "seed of the log")
	runs := flag.Int("runs", 5, "runs of each command; the fastest counts")
	flag.Parse()
	version, err := exec.CommandContext(ctx, "journalctl", "--version").Output()
	if err != nil {
		return fmt.Errorf("journalctl, which is compared with, cannot be run: install systemd: %w", err)
	}
	fmt.Printf("%s, %s, %d cores\n", strings.SplitN(string(version), "\n", 2)[0], runtime.Version(), runtime.NumCPU())
	var all []*journal
	smallest := int64(0)
	for _, size := range strings.Split(*sizes, ",") {
		mib, err := strconv.ParseInt(strings.TrimSpace(size), 10, 64)
		if err != nil || mib < 8 {
			return fmt.Errorf("size %q: a number of MiB, at least 8", size)
		}
		if smallest == 0 || mib < smallest {
			smallest = mib
		}
		j, err := made(ctx, *dir, mib, *seed, benchlog.Many)
		if err != nil {
			return err
		}
		all = append(all, j)
	}
	for _, j := range all {
		if err := compare(ctx, *bin, j, *runs); err != nil {
			return err
		}
	}
	// What the time depends on: the same size with ever fewer distinct
	// messages, and more of the same ones.
	for _, c := range []struct {
		mib     int64
		numbers benchlog.Numbers
	}{{smallest, benchlog.Few}, {smallest, benchlog.None}, {max(smallest/4, 8), benchlog.None}} {
		j, err := made(ctx, *dir, c.mib, *seed, c.numbers)
		if err != nil {
			return err
		}
		all = append(all, j)
	}
	return scaling(ctx, *bin, all, *runs)
}

// made returns the journal of a size, which is built unless it was before.
func made(ctx context.Context, dir string, mib int64, seed uint64, numbers benchlog.Numbers) (*journal, error) {
	path := filepath.Join(dir, fmt.Sprintf("journal-%d-%d-%d", mib, seed, numbers))
	if _, err := os.Stat(path); err != nil {
		if err := build(ctx, path, mib<<20, seed, numbers); err != nil {
			return nil, fmt.Errorf("build %s: %w", path, err)
		}
	}
	return survey(ctx, path)
}
