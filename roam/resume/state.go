package resume

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"roamfault/roam/runlog"
)

// Happened is how a run came to stand open.
type Happened string

// What can have happened.
const (
	// Running: its process lives.
	Running Happened = "running"
	// Killed: its process ended in the present boot, and said nothing.
	Killed Happened = "killed"
	// Down: the machine was booted since.
	Down Happened = "down"
)

// Present is the machine on which a run is to be taken up again.
type Present struct {
	Machine string // as in runlog.RunEntry
	Boot    string // boot id
	// Alive reports whether a process of this program has that number. Nil: whoever
	// holds the run's lock knows that none has.
	Alive func(pid int) bool
	// InjectAgain confirms the faults that the run puts in.
	InjectAgain bool
}

// Why a run is not taken up again. They come wrapped.
var (
	ErrEnded        = errors.New("it has ended")
	ErrRunning      = errors.New("it is under way")
	ErrHeadless     = errors.New("its first line, which holds the plan, is lost")
	ErrOtherMachine = errors.New("it was made on another machine")
	ErrInject       = errors.New("it puts faults in: confirm that anew by --inject-again")
)

// State is a run that stands open, as far as its file tells.
type State struct {
	Happened Happened
	Run      *runlog.Run
	// Boot is the boot that it was interrupted in.
	Boot string
	// Cycle is the one that was interrupted; nil: none was under way.
	Cycle *runlog.BeginEntry
	// Closed says that an earlier try to take it up again has closed the cycle, and
	// came no further.
	Closed bool
}

// Look says what happened to a run. The error says why it cannot be taken up
// again; the state is good beside it, but for ErrHeadless.
func Look(run *runlog.Run, stats runlog.Stats, now Present) (State, error) {
	pid, boot := run.Owner()
	s := State{Happened: Killed, Run: run, Boot: boot, Cycle: run.Interrupted, Closed: closed(run, pid, boot)}
	switch {
	case !sameBoot(boot, now.Boot):
		s.Happened = Down
	case now.Alive != nil && now.Alive(pid):
		s.Happened = Running
	}
	return s, s.refusal(stats, now, pid)
}

func (s *State) refusal(stats runlog.Stats, now Present, pid int) error {
	switch head := &s.Run.Head; {
	case stats.Headless || head.Schema == "":
		return ErrHeadless
	case !s.Run.Open():
		return fmt.Errorf("%w: %.200s", ErrEnded, s.Run.Ended.Reason)
	case head.Machine == "" || head.Machine != now.Machine:
		return ErrOtherMachine
	case s.Happened == Running:
		return fmt.Errorf("%w: process %d", ErrRunning, pid)
	case len(head.Plan.Inject) > 0 && !now.InjectAgain:
		var names []string
		for _, i := range head.Plan.Inject {
			names = append(names, string(i.Fault))
		}
		return fmt.Errorf("%w (%s)", ErrInject, strings.Join(names, ", "))
	}
	if err := s.Run.Head.Plan.Validate(); err != nil {
		return fmt.Errorf("its plan: %w", err)
	}
	return nil
}

// closed reports whether the last interruption was closed: its pause is the last
// that the run says of its owner.
func closed(run *runlog.Run, pid int, boot string) bool {
	n, taken := len(run.Pauses), run.Head.Started.Wall
	if m := len(run.Resumes); m > 0 {
		taken = run.Resumes[m-1].At.Wall
	}
	if n == 0 || run.Interrupted != nil {
		return false
	}
	last := run.Pauses[n-1]
	return last.PID == pid && sameBoot(last.Boot, boot) && !last.At.Wall.Before(taken)
}

// sameBoot compares boot ids, which are written with and without hyphens. One that
// is not known is no other's.
func sameBoot(a, b string) bool {
	a, b = strings.ReplaceAll(a, "-", ""), strings.ReplaceAll(b, "-", "")
	return a != "" && a == b
}

// Why says in words why the run goes on.
func (s *State) Why() string {
	what := "roamfault was killed"
	if s.Happened == Down {
		what = "the machine went down"
	}
	if s.Cycle == nil {
		return what + " between two cycles"
	}
	return fmt.Sprintf("%s in cycle %d", what, s.Cycle.Number)
}

// length is how long a cycle of the plan lasts at the most, as far as a plan can
// tell.
func length(p *runlog.Plan) time.Duration {
	return 2*time.Duration(p.Timeout) + p.Dwell.Max
}
