package sdjournal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/journal/child"
	"roamfault/journal/journalctl"
)

// Binary is the name of the program that reads the journal for a [Source].
const Binary = "roamfault-sdjournal"

// FinalExit is the exit code by which it says that it cannot do what it was
// asked.
const FinalExit = 3

// Source reads the journal through [Binary], and through journalctl where that
// is missing or keeps dying. It implements [journal.Source].
type Source struct {
	// Journalctl is what to read, and how where journalctl takes over. Its
	// filter, place, ends and notices are those of the source.
	Journalctl journalctl.Source
	// Path is the program, empty to look for [Binary] beside our own
	// executable and then in PATH.
	Path string
	// Env is added to its environment.
	Env []string
	// Alone: journalctl does not take over.
	Alone bool
}

// Read hands the journal's records to yield, as [journal.Source] says. A
// reading that fails says so by a [*child.Error].
func (s *Source) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	j := &s.Journalctl
	programs := []child.Program{s.program()}
	if !s.Alone {
		programs = append(programs, j.Program())
	}
	return child.Read(ctx, child.Config{
		Programs: programs,
		After:    j.After, Follow: j.Follow, Every: j.Follow && child.Unbroken(&j.Filter),
		Attempts: j.Attempts, Backoff: j.Backoff, Settled: j.Settled,
		Notify: j.Notify,
	}, j.Filter, yield)
}

func (s *Source) program() child.Program {
	return child.Program{
		Name:  Binary,
		Final: FinalExit,
		Judge: s.judge,
		Command: func(cursor string) (*exec.Cmd, error) {
			path, err := s.find()
			if err != nil {
				return nil, fmt.Errorf("%w: build it with the tag sdjournal: %w", child.ErrMissing, err)
			}
			cmd := exec.Command(path, s.args(cursor)...)
			// A crash says its signal; the stacks behind it help nobody.
			cmd.Env = append(append(os.Environ(), "GOTRACEBACK=none"), s.Env...)
			return cmd, nil
		},
	}
}

// find looks for the program.
func (s *Source) find() (string, error) {
	if s.Path != "" {
		return s.Path, nil
	}
	if own, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(own), Binary)
		if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return exec.LookPath(Binary)
}

// args are the program's arguments: those of the filter that the library can
// be asked for.
func (s *Source) args(cursor string) []string {
	j := &s.Journalctl
	var args []string
	if j.Follow {
		args = append(args, "--follow")
	}
	if j.Directory != "" {
		args = append(args, "--directory="+j.Directory)
	}
	for _, f := range j.Files {
		args = append(args, "--file="+f)
	}
	if cursor != "" {
		args = append(args, "--cursor="+cursor)
	}
	for name, t := range map[string]time.Time{"--since=": j.Filter.Since.Add(-slack), "--until=": j.Filter.Until.Add(slack)} {
		if name == "--since=" && j.Filter.Since.IsZero() || name == "--until=" && (j.Filter.Until.IsZero() || j.Follow) {
			continue
		}
		args = append(args, fmt.Sprint(name, max(0, t.Unix())))
	}
	args = append(args, "--")
	for i, terms := range child.Matches(&j.Filter) {
		if i > 0 {
			args = append(args, "+")
		}
		args = append(args, terms...)
	}
	return args
}

// slack is how far beyond a filter's bounds the journal is asked for: a record's
// time is its writer's, not the journal's own.
const slack = time.Hour

// judge says what a line of the program's error output means.
func (s *Source) judge(line string) child.Judgement {
	words, ours := strings.CutPrefix(line, Binary+": ")
	switch {
	case !ours:
		return child.Judgement{}
	case strings.Contains(words, "permission denied"):
		return child.Judgement{Kind: child.Fatal, Err: fmt.Errorf("%w: %s", child.ErrPermission, words)}
	case words == HiddenMark:
		// Journalctl's words for the same have the advice.
		return s.Journalctl.Program().Judge("currently not seeing messages from other users and the system")
	case strings.HasPrefix(words, DamageMark):
		return child.Judgement{Kind: child.Damage, Err: errors.New(words)}
	}
	return child.Judgement{Kind: child.Fatal, Err: errors.New(words)}
}

// DamageMark begins the lines in which the program says what it could not read
// while it goes on.
const DamageMark = "damaged: "

// HiddenMark is the line in which it says that the user may not read all files.
const HiddenMark = "some files are hidden from this user"
