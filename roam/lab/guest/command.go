package guest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// A Command is a program to be run in a guest.
type Command struct {
	// Args are the program, looked up in the guest's PATH, and its arguments.
	Args []string
	// Env are "name=value", besides PATH, HOME, TMPDIR, TERM and LANG.
	Env []string
	// Dir is the directory to run in; empty is /.
	Dir string
	// Stdin is read to its end; nil is an empty one. A reader that blocks is
	// waited for by nobody once the command is over.
	Stdin io.Reader
	// Stdout and Stderr get the output; nil drops it. They are not written to
	// at once, even if they are one.
	Stdout, Stderr io.Writer
	// Lines gets the lines of both outputs, with their times; nil is fine. It
	// is not called at once with a Write.
	Lines func(Line)
	// Files are put into the guest before.
	Files []File
	// Collect are taken out of it after the command has ended, however it has.
	Collect []Collect
}

// A Line is a line of a command's output.
type Line struct {
	// Stderr tells which output it is of.
	Stderr bool
	// Time is since the guest's boot, by the clock of its kernel log, when the
	// line's beginning was read.
	Time time.Duration
	// Text is without the line's end; longer ones are cut into several.
	Text string
}

// lineLimit is the most bytes of one Line.
const lineLimit = 64 << 10

// A StartError says that a command could not be started, or a file not be moved.
type StartError struct {
	What string // the command or file
	Why  string // in the guest's words
	// NotFound is set where it is not there.
	NotFound bool
}

// Error is one line.
func (e *StartError) Error() string { return fmt.Sprintf("%s in the guest: %s", e.What, e.Why) }

// Is lets errors.Is find fs.ErrNotExist.
func (e *StartError) Is(target error) bool { return e.NotFound && target == fs.ErrNotExist }

// A Process is a command that runs in a guest.
type Process struct {
	// PID is its number in the guest, and that of its process group.
	PID int
	// Began is when it was started, since the guest's boot.
	Began time.Duration

	guest   *Guest
	cmd     Command
	ctx     context.Context
	call    *call
	unwatch func() bool
	outputs sync.WaitGroup

	writing sync.Mutex
	failed  error // of a reader or writer of ours

	waiting sync.Once
	code    int
	err     error
	over    time.Duration
}

// Run runs a command to its end and returns its exit code; 128 and the signal's
// number where a signal ended it. The error is nil where the command ended by
// itself, whatever its code. Where the context ends, all of the command's process
// group is killed.
func (g *Guest) Run(ctx context.Context, cmd Command) (int, error) {
	p, err := g.Start(ctx, cmd)
	if err != nil {
		return -1, err
	}
	return p.Wait()
}

// Start starts a command. Its output goes on until Wait returns; the context is
// as for Run.
func (g *Guest) Start(ctx context.Context, cmd Command) (*Process, error) {
	if len(cmd.Args) == 0 {
		return nil, errors.New("run a command in the guest: it has no name")
	}
	if err := g.Put(ctx, cmd.Files...); err != nil {
		return nil, err
	}
	var out []wire.Stream
	if cmd.Stdin != nil {
		out = []wire.Stream{wire.Stdin}
	}
	run := wire.Run{Args: cmd.Args, Env: cmd.Env, Dir: cmd.Dir, Stdin: cmd.Stdin != nil}
	c, err := g.session.open(wire.KindRun, run, []wire.Stream{wire.Stdout, wire.Stderr}, out)
	if err != nil {
		return nil, g.because("run "+cmd.Args[0], err)
	}
	p := &Process{guest: g, cmd: cmd, ctx: ctx, call: c}
	p.take()
	started, err := p.awaitStart()
	if err != nil {
		p.outputs.Wait()
		return nil, err
	}
	p.PID, p.Began = started.PID, started.At
	p.unwatch = context.AfterFunc(ctx, func() { _ = p.Signal(9) })
	if cmd.Stdin != nil {
		go func() {
			conn := g.session.conn
			if err := conn.Pump(c.channel, wire.Stdin, cmd.Stdin, c.windows[wire.Stdin], nil); err != nil {
				p.fail(fmt.Errorf("read its input: %w", err))
				_ = conn.End(c.channel, wire.Stdin) // one of the stream ends the guest
			}
		}()
	}
	return p, nil
}

// awaitStart waits for the guest's word that the program runs.
func (p *Process) awaitStart() (wire.Started, error) {
	s, what := p.guest.session, "run "+p.cmd.Args[0]
	select {
	case started := <-p.call.started:
		return started, nil
	case res := <-p.call.result:
		select {
		case started := <-p.call.started:
			// Over at once; Wait wants the result, too.
			p.call.result <- res
			return started, nil
		default:
		}
		return wire.Started{}, &StartError{What: what, Why: res.Error, NotFound: res.NotFound}
	case <-s.ended:
		return wire.Started{}, p.guest.because(what, errEnded)
	case <-p.ctx.Done():
		s.abandon(p.call)
		return wire.Started{}, fmt.Errorf("%s in the guest: %w", what, p.ctx.Err())
	}
}

// take gives the outputs to whom they are for.
func (p *Process) take() {
	for _, o := range []struct {
		stream wire.Stream
		to     io.Writer
	}{{wire.Stdout, p.cmd.Stdout}, {wire.Stderr, p.cmd.Stderr}} {
		lines := lineCutter{stderr: o.stream == wire.Stderr, emit: p.cmd.Lines}
		p.outputs.Go(func() {
			err := p.guest.session.conn.Drain(p.call.channel, p.call.inboxes[o.stream], func(c wire.Chunk) error {
				p.writing.Lock()
				defer p.writing.Unlock()
				lines.add(c)
				if o.to == nil {
					return nil
				}
				_, err := o.to.Write(c.Data)
				return err
			})
			p.writing.Lock()
			lines.end()
			p.writing.Unlock()
			if err != nil {
				p.fail(fmt.Errorf("pass on its output: %w", err))
			}
		})
	}
}

// fail keeps the first error of the command's readers and writers.
func (p *Process) fail(err error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.failed == nil {
		p.failed = err
	}
}

// Signal sends a signal to the command's process group. One that has ended gets
// none, without error.
func (p *Process) Signal(number int) error {
	if err := p.guest.session.conn.SendMessage(wire.KindSignal, p.call.channel, wire.Signal{Number: number}); err != nil {
		return p.guest.because("signal "+p.cmd.Args[0], err)
	}
	return nil
}

// Wait waits for the command's end and for its output, as Run does.
func (p *Process) Wait() (int, error) {
	p.waiting.Do(func() { p.code, p.err = p.wait() })
	return p.code, p.err
}

// Over is when the command had ended, since the guest's boot; good after Wait.
func (p *Process) Over() time.Duration { return p.over }

func (p *Process) wait() (int, error) {
	what := "run " + p.cmd.Args[0]
	res, err := p.guest.session.wait(p.call)
	p.unwatch()
	p.outputs.Wait()
	if err != nil {
		return -1, p.guest.because(what, err)
	}
	p.over = res.At
	if res.Error != "" {
		return -1, &StartError{What: what, Why: res.Error, NotFound: res.NotFound}
	}
	code := res.Code
	if res.Signal != 0 {
		code = 128 + res.Signal
	}
	// What a cancelled command leaves is wanted all the more.
	collected := p.guest.Get(context.WithoutCancel(p.ctx), p.cmd.Collect...)
	if err := p.ctx.Err(); err != nil && res.Signal != 0 {
		return code, errors.Join(fmt.Errorf("%s in the guest: %w", what, err), collected)
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.failed != nil {
		return code, errors.Join(fmt.Errorf("%s in the guest: %w", what, p.failed), collected)
	}
	return code, collected
}

// lineCutter makes lines of chunks.
type lineCutter struct {
	stderr bool
	emit   func(Line)
	part   []byte
	at     time.Duration
}

func (l *lineCutter) add(c wire.Chunk) {
	if l.emit == nil {
		return
	}
	for data := c.Data; len(data) > 0; {
		if len(l.part) == 0 {
			l.at = c.At
		}
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if room := lineLimit - len(l.part); len(line) > room {
			line, rest, whole = data[:room], data[room:], true
		}
		l.part = append(l.part, line...)
		if whole {
			l.send()
		}
		data = rest
	}
}

func (l *lineCutter) send() {
	l.emit(Line{Stderr: l.stderr, Time: l.at, Text: string(l.part)})
	l.part = l.part[:0]
}

// end sends what has no end of line.
func (l *lineCutter) end() {
	if len(l.part) > 0 {
		l.send()
	}
}
