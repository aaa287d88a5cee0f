// Bench makes a seeded log and compares roamfault with what people would use
// instead, on the same file, in one run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	bin := flag.String("bin", "bin/roamfault", "the roamfault to measure")
	dir := flag.String("dir", "bench", "where logs are kept")
	sizes := flag.String("mib", "1024", "sizes of the logs in MiB, comma between")
	seed := flag.Uint64("seed", 1, "seed of the log")
	runs := flag.Int("runs", 5, "runs of each command; the fastest counts")
	flag.Parse()
	if err := os.MkdirAll(*dir, 0o755); err != nil {
		return err
	}
	literals := filepath.Join(*dir, "literals.txt")
	list, err := exec.Command(*bin, "patterns", "list", "--literals").Output()
	if err != nil {
		return fmt.Errorf("list the literals: %w", err)
	}
	if err := os.WriteFile(literals, list, 0o644); err != nil {
		return err
	}
	fmt.Printf("%d literals, %s, %d cores\n", strings.Count(string(list), "\n"), runtime.Version(), runtime.NumCPU())
	for _, size := range strings.Split(*sizes, ",") {
		var mib int64
		if _, err := fmt.Sscan(size, &mib); err != nil {
			return fmt.Errorf("size %q: %w", size, err)
		}
		log := filepath.Join(*dir, fmt.Sprintf("desktop-%d-%d.log", mib, *seed))
		if err := makeLog(log, mib<<20, *seed); err != nil {
			return err
		}
		if err := compare(*bin, log, literals, *runs); err != nil {
			return err
		}
	}
	return small(*bin, *runs)
}

// makeLog writes the log unless it is there already.
func makeLog(path string, size int64, seed uint64) error {
	if st, err := os.Stat(path); err == nil && st.Size() >= size {
		return nil
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	if err := errors.Join(writeLog(f, size, seed), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(path+".part", path)
}

// result is the best of several runs of one command.
type result struct {
	wall   time.Duration
	cpu    time.Duration
	maxRSS int64 // KiB
}

func compare(bin, log, literals string, runs int) error {
	st, err := os.Stat(log)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s, %.2f GB\n\n", filepath.Base(log), float64(st.Size())/1e9)
	fmt.Println("| command | cores | time | CPU | memory | against ripgrep | against wc |")
	fmt.Println("|---|---|---|---|---|---|---|")
	commands := []struct {
		name  string
		cores int
		args  []string
	}{
		{"roamfault analyze --format json", 2, []string{bin, "analyze", "--format", "json", log}},
		{"roamfault analyze --format json", 1, []string{bin, "analyze", "--format", "json", log}},
		{"rg -c -F -f LITERALS", 2, []string{"rg", "-c", "-F", "-f", literals, log}},
		{"grep -c -F -f LITERALS", 2, []string{"grep", "-c", "-F", "-f", literals, log}},
		{"wc -l", 2, []string{"wc", "-l", log}},
	}
	results := make([]result, len(commands))
	for i, c := range commands {
		results[i] = result{wall: 1 << 62}
		for range runs {
			r, err := measure(c.cores, c.args)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if r.wall < results[i].wall {
				r.maxRSS = max(r.maxRSS, results[i].maxRSS)
				results[i] = r
			}
		}
	}
	rg, wc := results[2].wall, results[len(results)-1].wall
	for i, c := range commands {
		r := results[i]
		fmt.Printf("| `%s` | %d | %.2f s | %.2f s | %.0f MiB | %.2fx as fast | %.2fx its time |\n", c.name, c.cores, r.wall.Seconds(), r.cpu.Seconds(),
			float64(r.maxRSS)/1024, rg.Seconds()/r.wall.Seconds(), r.wall.Seconds()/wc.Seconds())
	}
	return nil
}

// measure runs a command with its output into a pipe, on so many cores.
func measure(cores int, args []string) (result, error) {
	if cores == 1 {
		args = append([]string{"taskset", "-c", "0"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return result{}, err
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		return result{}, err
	}
	err = cmd.Wait()
	wall := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		return result{}, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return result{}, errors.New("this system tells no memory use")
	}
	return result{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), maxRSS: usage.Maxrss}, nil
}

// small measures from start to report on a log of a few lines.
func small(bin string, runs int) error {
	logs, err := filepath.Glob("testdata/seeds/*.log")
	if err != nil || len(logs) == 0 {
		return fmt.Errorf("no seed logs under testdata: %w", err)
	}
	fmt.Print("\n| small log | time from start to report |\n|---|---|\n")
	slices.Sort(logs)
	for _, log := range logs {
		best := time.Duration(1 << 62)
		for range 4 * runs {
			r, err := measure(2, []string{bin, "analyze", log})
			if err != nil {
				return fmt.Errorf("%s: %w", log, err)
			}
			best = min(best, r.wall)
		}
		fmt.Printf("| %s | %.1f ms |\n", filepath.Base(log), float64(best.Microseconds())/1000)
	}
	return nil
}
