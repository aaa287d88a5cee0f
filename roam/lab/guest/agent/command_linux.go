package agent

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// environment is what every command has, before what its Run adds.
var environment = []string{
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"TMPDIR=/tmp",
	"TERM=dumb",
	"LANG=C.UTF-8",
}

// lingering is how long after a command's end what it left running may still
// write to its standard output before that is cut off.
const lingering = 300 * time.Millisecond

// children starts processes and waits for them. The init must also wait for
// those of others, so the two are apart.
type children interface {
	start(path string, args []string, attr *syscall.ProcAttr) (pid int, err error)
	wait(pid int) (syscall.WaitStatus, error)
}

func killGroup(pid, number int) { _ = syscall.Kill(-pid, syscall.Signal(number)) }

func (s *server) run(f wire.Frame) error {
	var r wire.Run
	if err := wire.Decode(f, &r); err != nil {
		return err
	}
	var in []wire.Stream
	if r.Stdin {
		in = append(in, wire.Stdin)
	}
	j, err := s.open(f.Channel, in, []wire.Stream{wire.Stdout, wire.Stderr})
	if err != nil {
		return err
	}
	s.busy.Go(func() {
		res, err := s.command(f.Channel, j, r)
		if err != nil {
			res = failed(err)
		}
		s.finish(f.Channel, res)
	})
	return nil
}

// command runs one command from its start to the end of its output.
func (s *server) command(channel uint32, j *job, r wire.Run) (wire.Result, error) {
	if len(r.Args) == 0 {
		return wire.Result{}, errors.New("run a command without a name")
	}
	path, err := lookPath(r.Args[0], r.Dir)
	if err != nil {
		return wire.Result{}, err
	}
	ends, err := openEnds(r.Stdin)
	if err != nil {
		return wire.Result{}, fmt.Errorf("run %s: %w", path, err)
	}
	defer ends.closeOurs()

	j.mu.Lock()
	if j.stopped {
		j.mu.Unlock()
		return wire.Result{}, fmt.Errorf("run %s: the guest is stopping", path)
	}
	pid, err := s.kids.start(path, r.Args, &syscall.ProcAttr{
		Dir:   r.Dir,
		Env:   append(append([]string(nil), environment...), r.Env...),
		Files: ends.childFiles(),
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err == nil {
		j.pid = pid
	}
	j.mu.Unlock()
	ends.closeChild()
	if err != nil {
		return wire.Result{}, &os.PathError{Op: "run", Path: path, Err: err}
	}
	if err := s.conn.SendMessage(wire.KindStarted, channel, wire.Started{PID: pid, At: s.now()}); err != nil {
		killGroup(pid, 9)
	}

	if r.Stdin {
		// Waits at most for the end of the inbox, which finish brings.
		s.busy.Go(func() {
			_ = s.conn.Drain(channel, j.inboxes[wire.Stdin], func(c wire.Chunk) error {
				_, err := ends.stdin.Write(c.Data)
				return err
			})
			ends.stdin.Close()
		})
	}
	var output sync.WaitGroup
	for st, pipe := range map[wire.Stream]*os.File{wire.Stdout: ends.stdout, wire.Stderr: ends.stderr} {
		output.Go(func() {
			// The stream's own error is seen by serve; a pipe has none.
			_ = s.conn.Pump(channel, st, lingerer{pipe}, j.windows[st], s.now)
		})
	}
	status, err := s.kids.wait(pid)
	j.mu.Lock()
	j.pid = 0
	j.mu.Unlock()
	deadline := time.Now().Add(lingering)
	_ = ends.stdout.SetReadDeadline(deadline)
	_ = ends.stderr.SetReadDeadline(deadline)
	output.Wait()
	if err != nil {
		return wire.Result{}, fmt.Errorf("wait for %s: %w", path, err)
	}
	if status.Signaled() {
		return wire.Result{Signal: int(status.Signal())}, nil
	}
	return wire.Result{Code: status.ExitStatus()}, nil
}

// lookPath finds a program as a shell of the guest would, a relative name with a
// slash in it from dir.
func lookPath(name, dir string) (string, error) {
	if filepath.Base(name) != name {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return name, nil
	}
	for _, d := range filepath.SplitList(environment[0][len("PATH="):]) {
		path := filepath.Join(d, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", &exec.Error{Name: name, Err: os.ErrNotExist}
}

// ends are a command's standard streams.
type ends struct {
	stdin, stdout, stderr *os.File // ours
	child                 [3]*os.File
}

func openEnds(withStdin bool) (_ *ends, err error) {
	e := new(ends)
	defer func() {
		if err != nil {
			e.closeOurs()
			e.closeChild()
		}
	}()
	if withStdin {
		e.child[0], e.stdin, err = os.Pipe()
	} else {
		e.child[0], err = os.Open(os.DevNull)
	}
	if err != nil {
		return nil, err
	}
	if e.stdout, e.child[1], err = os.Pipe(); err != nil {
		return nil, err
	}
	e.stderr, e.child[2], err = os.Pipe()
	return e, err
}

func (e *ends) childFiles() []uintptr {
	return []uintptr{e.child[0].Fd(), e.child[1].Fd(), e.child[2].Fd()}
}

func (e *ends) closeChild() {
	for _, f := range e.child {
		f.Close() // nil files say so and do nothing
	}
}

func (e *ends) closeOurs() {
	for _, f := range []*os.File{e.stdin, e.stdout, e.stderr} {
		f.Close()
	}
}

// A lingerer reads a command's output to its end, or past the pipe's deadline
// until nothing is there to be read.
type lingerer struct{ pipe *os.File }

func (l lingerer) Read(p []byte) (int, error) {
	n, err := l.pipe.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		// The deadline may have passed while a slow host took what was there
		// before: an expired deadline reads nothing, a fresh one what there is.
		_ = l.pipe.SetReadDeadline(time.Now().Add(time.Millisecond))
		n, err = l.pipe.Read(p)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

// createBeside makes a new file in the directory of path, which is made, too.
func createBeside(path string) (*os.File, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, ".put-*")
}
