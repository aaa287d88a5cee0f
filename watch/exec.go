package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"roamfault/reports/render"
	"roamfault/reports/spool"
)

// Executor hands finished incidents to a command: one run an incident, its JSON
// on standard input, no shell. Each incident is handed on at least once: a
// command that was running when the program was killed is run again. A command
// that fails is tried again some times.
type Executor struct {
	// Command is the program and its arguments.
	Command []string
	// Timeout is how long it may run, 0 for a minute.
	Timeout time.Duration
	// Again are the pauses before further tries, nil for 10 s, 1 min and
	// 5 min.
	Again []time.Duration

	woken chan struct{}
}

// NewExecutor makes an executor. The command is split at blanks; nothing in it
// means anything to anybody but the program.
func NewExecutor(command string) (*Executor, error) {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("no command")
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return nil, err
	}
	words[0] = path
	return &Executor{
		Command: words, Timeout: time.Minute, Again: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}, woken: make(chan struct{}, 1),
	}, nil
}

// lastWords is how much of a command's error output is kept.
const lastWords = 4096

// wake says that there is something to hand on.
func (x *Executor) wake() {
	if x == nil {
		return
	}
	select {
	case x.woken <- struct{}{}:
	default:
	}
}

// attempt is what is known of an incident that could not be handed on.
type attempt struct {
	rev, failed int
	due         time.Time
}

// run hands on what is pending until ctx ends, or, when last is closed, until
// each was tried.
func (x *Executor) run(ctx context.Context, last <-chan struct{}, s Spool, numbers *Numbers, say func(string, ...any)) {
	if x == nil {
		return
	}
	attempts := make(map[string]*attempt)
	for final := false; ctx.Err() == nil; {
		next := time.Time{}
		pending := s.Pending()
		still := make(map[string]*attempt, len(attempts))
		for _, e := range pending {
			a := attempts[e.ID]
			if a == nil || a.rev != e.Rev {
				a = &attempt{rev: e.Rev}
			}
			still[e.ID] = a
			if ctx.Err() != nil {
				return
			}
			if time.Now().Before(a.due) {
				next = soonest(next, a.due)
				continue
			}
			if err := x.hand(ctx, s, e); err != nil {
				if ctx.Err() != nil {
					return // pending still: the next run hands it on
				}
				if a.failed < len(x.Again) {
					numbers.handed.Add("failed", 1)
					a.due = time.Now().Add(x.Again[a.failed])
					say("hand on incident %s: %v: trying again in %v", e.ID, err, x.Again[a.failed])
					a.failed++
					next = soonest(next, a.due)
					continue
				}
				numbers.handed.Add("given-up", 1)
				say("hand on incident %s: %v: given up; it stays in the spool as %s", e.ID, err, e.Name)
			} else {
				numbers.handed.Add("ok", 1)
			}
			delete(still, e.ID)
			if err := s.Done(e.ID, e.Rev); err != nil {
				say("%v: it may be handed on again", err)
			}
		}
		attempts = still
		if final {
			return
		}
		final = x.wait(ctx, last, next)
	}
}

// wait waits for something new, the next try, or the end. It returns whether
// last was closed.
func (x *Executor) wait(ctx context.Context, last <-chan struct{}, next time.Time) bool {
	var timer <-chan time.Time
	if !next.IsZero() {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-ctx.Done():
	case <-x.woken:
	case <-timer:
	case <-last:
		return true
	}
	return false
}

func soonest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// hand runs the command once.
func (x *Executor) hand(ctx context.Context, s Spool, e spool.Entry) error {
	doc, err := s.Read(e)
	if errors.Is(err, os.ErrNotExist) {
		return nil // it went to make room
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, x.Timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, x.Command[0], x.Command[1:]...)
	said := &tail{}
	cmd.Stdin, cmd.Stderr = bytes.NewReader(doc), said
	cmd.WaitDelay = 5 * time.Second
	ownGroup(cmd)
	if err = cmd.Run(); err == nil {
		return nil
	}
	if ctx.Err() != nil {
		killGroup(cmd)
		err = fmt.Errorf("did not end within %v", x.Timeout)
	}
	if line := said.line(); line != "" {
		return fmt.Errorf("%s: %w: %s", x.Command[0], err, line)
	}
	return fmt.Errorf("%s: %w", x.Command[0], err)
}

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[max(0, len(p)-lastWords):]...)
	if len(t.b) > 2*lastWords {
		t.b = append(t.b[:0], t.b[len(t.b)-lastWords:]...)
	}
	return len(p), nil
}

// line is the last line, fit for a terminal.
func (t *tail) line() string {
	lines := strings.Split(strings.TrimSpace(string(t.b)), "\n")
	return render.Clean(strings.TrimSpace(lines[len(lines)-1]))
}
