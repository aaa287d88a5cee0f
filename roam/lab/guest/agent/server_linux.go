package agent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// server answers the host's frames.
type server struct {
	conn *wire.Conn
	now  func() time.Duration // since boot
	kids children
	// clock sets the machine's time.
	clock func(time.Time) error

	mu   sync.Mutex
	jobs map[uint32]*job
	busy sync.WaitGroup
}

// A job is what a channel is open for.
type job struct {
	mu      sync.Mutex
	pid     int                          // of a command that runs, else 0
	stopped bool                         // it is not wanted any more
	file    bool                         // it moves a file
	inboxes map[wire.Stream]*wire.Inbox  // what comes from the host
	windows map[wire.Stream]*wire.Window // what goes to it
}

// errPowerOff ends serve where the host asked for it.
var errPowerOff = errors.New("power off")

// handlers are the host's frames and what they do.
var handlers = map[wire.Kind]func(*server, wire.Frame) error{
	wire.KindClock:    (*server).setClock,
	wire.KindPing:     (*server).pong,
	wire.KindRun:      (*server).run,
	wire.KindPut:      (*server).put,
	wire.KindGet:      (*server).get,
	wire.KindData:     (*server).data,
	wire.KindEnd:      (*server).end,
	wire.KindCredit:   (*server).credit,
	wire.KindSignal:   (*server).signal,
	wire.KindPowerOff: func(*server, wire.Frame) error { return errPowerOff },
}

func newServer(w io.Writer, now func() time.Duration, kids children, clock func(time.Time) error) *server {
	return &server{conn: wire.NewConn(w), now: now, kids: kids, clock: clock, jobs: make(map[uint32]*job)}
}

// greet is the first thing said.
func (s *server) greet(h wire.Hello) error {
	h.Protocol, h.Kernel = wire.Protocol, kernelRelease()
	return s.conn.SendMessage(wire.KindHello, 0, h)
}

// serve answers frames until the stream ends, the host asks for the power to be
// switched off (nil), or something comes that makes no sense. All commands are
// killed when it returns.
func (s *server) serve(ctx context.Context, r io.Reader) error {
	defer s.stop()
	frames := wire.NewReader(bufio.NewReaderSize(r, 64<<10))
	for ctx.Err() == nil {
		f, err := frames.Read()
		if err != nil {
			return fmt.Errorf("read from the host: %w", err)
		}
		handle, ok := handlers[f.Kind]
		if !ok {
			return fmt.Errorf("the host sent a frame of kind %d: %w", f.Kind, wire.ErrBadFrame)
		}
		if err := handle(s, f); err != nil {
			if errors.Is(err, errPowerOff) {
				return nil
			}
			return err
		}
	}
	return ctx.Err()
}

// stop kills what runs and waits for it.
func (s *server) stop() {
	s.mu.Lock()
	for _, j := range s.jobs {
		j.mu.Lock()
		j.stopped = true
		if j.pid != 0 {
			killGroup(j.pid, 9)
		}
		j.close()
		j.mu.Unlock()
	}
	s.mu.Unlock()
	s.busy.Wait()
}

// close lets nothing of the job wait for the host any more.
func (j *job) close() {
	for _, in := range j.inboxes {
		in.End()
	}
	for _, w := range j.windows {
		w.Close()
	}
}

// open makes a channel for the streams which come and which go.
func (s *server) open(channel uint32, in, out []wire.Stream) (*job, error) {
	j := &job{inboxes: make(map[wire.Stream]*wire.Inbox), windows: make(map[wire.Stream]*wire.Window)}
	for _, st := range in {
		j.inboxes[st] = wire.NewInbox()
	}
	for _, st := range out {
		j.windows[st] = wire.NewWindow()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.jobs[channel]; ok {
		return nil, fmt.Errorf("channel %d is open: %w", channel, wire.ErrBadFrame)
	}
	s.jobs[channel] = j
	return j, nil
}

func (s *server) job(channel uint32) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs[channel]
}

// finish says how the channel's work ended and closes it.
func (s *server) finish(channel uint32, res wire.Result) {
	s.mu.Lock()
	j := s.jobs[channel]
	delete(s.jobs, channel)
	s.mu.Unlock()
	if j != nil {
		j.close()
	}
	res.At = s.now()
	// An error here is the stream's, which serve sees.
	_ = s.conn.SendMessage(wire.KindResult, channel, res)
}

func failed(err error) wire.Result {
	return wire.Result{Error: strings.ReplaceAll(err.Error(), "\n", "; "), NotFound: errors.Is(err, fs.ErrNotExist)}
}

func (s *server) setClock(f wire.Frame) error {
	var c wire.Clock
	if err := wire.Decode(f, &c); err != nil {
		return err
	}
	var ready wire.Ready
	if err := s.clock(time.Unix(0, c.UnixNano)); err != nil {
		ready.Error = err.Error()
	}
	ready.At = s.now()
	return s.conn.SendMessage(wire.KindReady, 0, ready)
}

func (s *server) pong(wire.Frame) error { return s.conn.Send(wire.KindPong, 0, nil) }

// What comes for a channel that has just ended was under way: no error.

func (s *server) data(f wire.Frame) error {
	c, err := wire.ParseChunk(f.Payload)
	if err != nil {
		return err
	}
	if j := s.job(f.Channel); j != nil && j.inboxes[c.Stream] != nil {
		return j.inboxes[c.Stream].Push(c)
	}
	return nil
}

func (s *server) end(f wire.Frame) error {
	st, err := wire.ParseEnd(f.Payload)
	if err != nil {
		return err
	}
	if j := s.job(f.Channel); j != nil && j.inboxes[st] != nil {
		j.inboxes[st].End()
	}
	return nil
}

func (s *server) credit(f wire.Frame) error {
	st, n, err := wire.ParseCredit(f.Payload)
	if err != nil {
		return err
	}
	if j := s.job(f.Channel); j != nil && j.windows[st] != nil {
		j.windows[st].Give(n)
	}
	return nil
}

// signal reaches a command that runs; it keeps from starting one that does not
// yet, and from ending well the moving of a file.
func (s *server) signal(f wire.Frame) error {
	var sig wire.Signal
	if err := wire.Decode(f, &sig); err != nil {
		return err
	}
	j := s.job(f.Channel)
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.pid != 0 {
		killGroup(j.pid, sig.Number)
		return nil
	}
	j.stopped = true
	if j.file {
		j.close()
	}
	return nil
}

func (s *server) put(f wire.Frame) error {
	var p wire.Put
	if err := wire.Decode(f, &p); err != nil {
		return err
	}
	j, err := s.open(f.Channel, []wire.Stream{wire.Content}, nil)
	if err != nil {
		return err
	}
	j.file = true
	s.busy.Go(func() {
		var res wire.Result
		if err := s.receive(f.Channel, j, p); err != nil {
			res = failed(err)
		}
		s.finish(f.Channel, res)
	})
	return nil
}

// receive writes the file under another name first: a program of its name may
// run.
func (s *server) receive(channel uint32, j *job, p wire.Put) error {
	in := j.inboxes[wire.Content]
	file, err := createBeside(p.Path)
	if err != nil {
		return errors.Join(err, s.conn.Drain(channel, in, func(wire.Chunk) error { return nil }))
	}
	defer os.Remove(file.Name())
	err = s.conn.Drain(channel, in, func(c wire.Chunk) error {
		_, err := file.Write(c.Data)
		return err
	})
	err = errors.Join(err, file.Chmod(fs.FileMode(p.Mode)&fs.ModePerm), file.Close())
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.stopped {
		return fmt.Errorf("write %s: cut short", p.Path)
	}
	return os.Rename(file.Name(), p.Path)
}

func (s *server) get(f wire.Frame) error {
	var g wire.Get
	if err := wire.Decode(f, &g); err != nil {
		return err
	}
	j, err := s.open(f.Channel, nil, []wire.Stream{wire.Content})
	if err != nil {
		return err
	}
	j.file = true
	s.busy.Go(func() {
		mode, err := s.send(f.Channel, j.windows[wire.Content], g.Path)
		res := wire.Result{Mode: mode}
		if err != nil {
			res = failed(err)
		}
		s.finish(f.Channel, res)
	})
	return nil
}

func (s *server) send(channel uint32, w *wire.Window, path string) (mode uint32, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.IsDir() {
		return 0, fmt.Errorf("read %s: a directory", path)
	}
	return uint32(info.Mode().Perm()), s.conn.Pump(channel, wire.Content, file, w, nil)
}
