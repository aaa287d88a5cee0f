package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"roamfault/roam/lab/site"
)

// labChild is a command that runs in the lab.
type labChild struct {
	cmd     *exec.Cmd
	ended   chan error
	signals chan os.Signal
	killing sync.Once
}

// startChild starts a command in the lab's network namespace. It ends with this
// program, however that ends.
func startChild(e env, s *site.Site, command []string) (*labChild, error) {
	c := &labChild{cmd: exec.Command(command[0], command[1:]...), ended: make(chan error, 1), signals: make(chan os.Signal, 1)}
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = e.stdin, e.stdout, e.stderr
	dieWithParent(c.cmd)
	signal.Notify(c.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	started := make(chan error, 1)
	go func() {
		// The child dies with the thread that started it: this one stays until
		// then, or is the namespace's, which stays as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.Do(c.cmd.Start)
		started <- err
		if err == nil {
			c.ended <- c.cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		signal.Stop(c.signals)
		return nil, fmt.Errorf("run %s: %w", command[0], err)
	}
	return c, nil
}

// wait passes signals on to the command until it ends, and returns its exit
// code: 128 and the signal's number where a signal ended it.
func (c *labChild) wait() (int, error) {
	defer signal.Stop(c.signals)
	for {
		select {
		case s := <-c.signals:
			if _, isTerminal := terminal(os.Stdin); isTerminal && s == os.Interrupt {
				continue // the terminal has told it
			}
			_ = c.cmd.Process.Signal(s) // an error: it has ended
		case err := <-c.ended:
			return exitCode(c.cmd, err)
		}
	}
}

func exitCode(cmd *exec.Cmd, err error) (int, error) {
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return 0, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}

// childEnd is how long a command may take to end when it is told to, before it
// is killed.
const childEnd = 5 * time.Second

// kill ends the command, first with good words.
func (c *labChild) kill() {
	c.killing.Do(func() {
		_ = c.cmd.Process.Signal(syscall.SIGTERM) // an error: it has ended
		time.AfterFunc(childEnd, func() { _ = c.cmd.Process.Kill() })
	})
}
