package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// command is what is measured: a program, or two joined by a pipe.
type command struct {
	name    string
	journal *journal
	args    [][]string
	runs    int
}

// result is one run, or the best of several.
type result struct {
	wall, cpu time.Duration
	memory          // of two programs together
	lines     int64 // of the output
}

// sampleEvery is how often the memory of a process is looked at.
const sampleEvery = 2 * time.Millisecond

// measure runs commands on a journal side by side: all of them once, then again
// those that ask for it. It returns of each the fastest run, with the most memory of
// all. The files are read before each run, so that all find them in the page
// cache.
func measure(ctx context.Context, commands []command) ([]result, error) {
	results := make([]result, len(commands))
	for round := 0; ; round++ {
		ran := false
		for i, c := range commands {
			if round >= c.runs {
				continue
			}
			ran = true
			if err := warm(c.journal.dir); err != nil {
				return nil, err
			}
			r, err := once(ctx, c.args)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if top := &results[i]; round > 0 {
				r.resident, r.anonymous = max(r.resident, top.resident), max(r.anonymous, top.anonymous)
				if r.wall > top.wall {
					r.wall, r.cpu = top.wall, top.cpu
				}
			}
			results[i] = r
		}
		if !ran {
			return results, nil
		}
	}
}

// warm reads the files of a directory.
func warm(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	buf := make([]byte, 1<<20)
	for _, e := range list {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{f}, buf)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// once runs programs, each reading what the one before writes. The last one's
// output goes into a pipe that counts lines.
func once(ctx context.Context, programs [][]string) (result, error) {
	var said bytes.Buffer
	var list []*exec.Cmd
	var input *os.File
	defer func() {
		if input != nil {
			input.Close()
		}
	}()
	var watched sampler
	began := time.Now()
	for _, args := range programs {
		r, w, err := os.Pipe()
		if err != nil {
			return result{}, err
		}
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = w, &lockedWriter{w: &said}
		if input != nil {
			cmd.Stdin = input
		}
		err = cmd.Start()
		w.Close()
		if input != nil {
			input.Close()
		}
		input = r
		if err != nil {
			return result{}, errors.Join(err, wait(list))
		}
		list = append(list, cmd)
		watched.watch(cmd.Process.Pid)
	}
	lines, err := countLines(input)
	ended := wait(list)
	wall := time.Since(began)
	used := watched.stop()
	if err = errors.Join(err, ended); err != nil {
		return result{}, fmt.Errorf("%w: %s", err, said.Bytes())
	}
	res := result{wall: wall, memory: used, lines: lines}
	for _, cmd := range list {
		res.cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return res, nil
}

// lockedWriter takes what several programs say.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// wait reaps programs. Exit code 1 says that something was found, or nothing.
func wait(list []*exec.Cmd) error {
	var errs []error
	for _, cmd := range list {
		err := cmd.Wait()
		var exit *exec.ExitError
		if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func countLines(r io.Reader) (int64, error) {
	buf := make([]byte, 1<<20)
	var n int64
	for {
		k, err := r.Read(buf)
		n += int64(bytes.Count(buf[:k], []byte{'\n'}))
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// sampler looks at the memory of processes while they live. What the system tells
// at their end (getrusage(2)) will not do: it counts this process's own memory,
// which a child has until it executes its program.
type sampler struct {
	wg   sync.WaitGroup
	peak []*memory
	done atomic.Bool
}

// memory is that of a process at its peak, in KiB.
type memory struct{ resident, anonymous int64 }

func (s *sampler) watch(pid int) {
	peak := new(memory)
	s.peak = append(s.peak, peak)
	s.wg.Go(func() {
		for !s.done.Load() {
			m, err := memoryOf(pid)
			if err != nil {
				return // it has ended
			}
			peak.resident, peak.anonymous = max(peak.resident, m.resident), max(peak.anonymous, m.anonymous)
			time.Sleep(sampleEvery)
		}
	})
}

// stop returns the sum of the peaks.
func (s *sampler) stop() (sum memory) {
	s.done.Store(true)
	s.wg.Wait()
	for _, p := range s.peak {
		sum.resident += p.resident
		sum.anonymous += p.anonymous
	}
	return sum
}

// memoryOf is what a process has had resident at most, and what it has now that is
// of no file (VmHWM and RssAnon in proc_pid_status(5)).
func memoryOf(pid int) (m memory, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, err
	}
	found := 0
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		to, ok := map[string]*int64{"VmHWM": &m.resident, "RssAnon": &m.anonymous}[name]
		if !ok {
			continue
		}
		found++
		if *to, err = strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64); err != nil {
			return m, err
		}
	}
	if found < 2 {
		return m, errors.New("the process has no memory any more")
	}
	return m, nil
}
