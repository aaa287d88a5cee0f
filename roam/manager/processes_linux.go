package manager

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
)

// processes are those of this machine.
type processes struct{}

// Terminate implements [Processes].
func (processes) Terminate(pid int) error {
	if pid <= 1 {
		return fs.ErrNotExist
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	defer func() { _ = p.Release() }() // an error: nothing is held
	if err := p.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return fs.ErrNotExist
	} else if err != nil {
		return err
	}
	return nil
}

// Start implements [Processes]. The program is in a session of its own: what
// interrupts us at a terminal is not for it.
func (processes) Start(c Command) (Running, error) {
	cmd := &exec.Cmd{
		Path: c.Path, Args: c.Args, Dir: c.Dir, Env: c.Env,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	// Our end of a pipe; without it Wait would wait for all that inherited it.
	var output *os.File
	if c.Output != nil {
		ours, theirs, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		cmd.Stdout, cmd.Stderr = theirs, theirs
		defer theirs.Close()
		output = ours
	}
	if err := cmd.Start(); err != nil {
		if output != nil {
			output.Close()
		}
		return nil, err
	}
	if output != nil {
		go func() {
			defer output.Close()
			_, _ = io.Copy(c.Output, output) // an error: it prints to nobody from now on
		}()
	}
	r := &running{cmd: cmd, ended: make(chan struct{})}
	go func() {
		r.err = cmd.Wait()
		close(r.ended)
	}()
	return r, nil
}

type running struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error
}

func (r *running) PID() int               { return r.cmd.Process.Pid }
func (r *running) Ended() <-chan struct{} { return r.ended }
func (r *running) Err() error             { return r.err }
func (r *running) Kill() error            { return r.cmd.Process.Kill() }
