// Package journalctl reads the systemd journal through journalctl(1).
package journalctl

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/journal/child"
)

// Source reads the journal through a child process "journalctl -o export",
// which it starts again behind the last record read when it dies. It implements
// [journal.Source].
type Source struct {
	// Filter says which records are wanted.
	Filter journal.Filter
	// After is the cursor behind which reading begins, empty for the begin.
	After string
	// Follow goes on with what is logged until the context ends.
	Follow bool
	// Directory, when set, holds the journal to read instead of this
	// machine's.
	Directory string
	// Files, when set, are the .journal files to read instead.
	Files []string
	// Command makes the command of journalctl with these arguments; nil
	// looks for it in PATH.
	Command func(args []string) (*exec.Cmd, error)
	// Groups says which groups the process is in; nil asks the system.
	Groups func() Groups
	// Notify, when set, is told of deaths and restarts, of records that the
	// user may not see and of files that journalctl cannot read.
	Notify func(child.Notice)
	// Attempts, Backoff and Settled are those of [child.Config].
	Attempts         int
	Backoff, Settled time.Duration

	machineID string // the file with the machine's id, empty for the system's
}

// Read hands the journal's records to yield, as [journal.Source] says. A
// reading that fails says so by a [*child.Error].
func (s *Source) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	return child.Read(ctx, child.Config{
		Programs: []child.Program{s.Program()},
		After:    s.After, Follow: s.Follow, Every: s.Follow && child.Unbroken(&s.Filter),
		Attempts: s.Attempts, Backoff: s.Backoff, Settled: s.Settled,
		Notify: s.Notify,
	}, s.Filter, yield)
}

// finalExit is journalctl's exit code for what it cannot do.
const finalExit = 1

// Program is journalctl as a program that another source can fall back to.
func (s *Source) Program() child.Program {
	return child.Program{
		Name:  "journalctl",
		Final: finalExit,
		Judge: s.judge,
		Command: func(cursor string) (*exec.Cmd, error) {
			args := s.args(cursor)
			if s.Command != nil {
				return s.Command(args)
			}
			path, err := exec.LookPath("journalctl")
			if err != nil {
				return nil, fmt.Errorf("%w: journalctl is part of systemd; name log files to read instead: %w", child.ErrMissing, err)
			}
			cmd := exec.Command(path, args...)
			// Times go in and words come out as they are understood here.
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "SYSTEMD_COLORS=0", "SYSTEMD_LOG_LEVEL=info", "SYSTEMD_LOG_TARGET=console")
			return cmd, nil
		},
	}
}

// slack is how far beyond a filter's bounds the journal is asked for. A record's
// time is that of its writer, which the journal's own, that it looks up, follows
// after moments, or hours where the clock was set meanwhile.
const slack = time.Hour

// args are journalctl's arguments. What they leave out the filter would, too.
//
// A cursor is given by --cursor and not by --after-cursor, which counts one
// record on from where the cursor leads: that is one too many when the cursor's
// own record was vacuumed or does not match.
func (s *Source) args(cursor string) []string {
	args := []string{"--output=export", "--all", "--no-pager"}
	if s.Follow {
		// Since systemd 250 --follow means this boot, whatever else is asked
		// for; from 252 to 256 only --merge undoes that, before and behind
		// only --boot=all, and neither harms the other.
		args = append(args, "--follow", "--no-tail", "--merge", "--boot=all")
	}
	if s.Directory != "" {
		args = append(args, "--directory="+s.Directory)
	}
	for _, f := range s.Files {
		args = append(args, "--file="+escapeGlob(f))
	}
	if cursor != "" {
		args = append(args, "--cursor="+cursor)
	} else if t := s.Filter.Since; !t.IsZero() {
		// journalctl takes one of both.
		args = append(args, "--since="+stamp(t.Add(-slack)))
	}
	if t := s.Filter.Until; !t.IsZero() && !s.Follow {
		args = append(args, "--until="+stamp(t.Add(slack)))
	}
	alternatives := child.Matches(&s.Filter)
	own := ""
	if s.Follow && s.Directory == "" && len(s.Files) == 0 {
		own = s.ownMachine()
	}
	if own != "" && len(alternatives) == 0 {
		alternatives = [][]string{nil}
	}
	for i, terms := range alternatives {
		if i > 0 {
			args = append(args, "+")
		}
		args = append(args, terms...)
		if own != "" {
			args = append(args, own)
		}
	}
	return args
}

// ownMachine matches the entries of this machine, which --merge joins with
// those that other machines and containers sent.
func (s *Source) ownMachine() string {
	path := s.machineID
	if path == "" {
		path = "/etc/machine-id"
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return "_MACHINE_ID=" + strings.TrimSpace(string(b))
}

// stamp is a time as systemd.time(7) reads it.
func stamp(t time.Time) string { return fmt.Sprintf("@%d", max(0, t.Unix())) }

// escapeGlob keeps --file from taking a name for a pattern (glob(7)).
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
