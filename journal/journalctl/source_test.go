package journalctl_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/journal/child"
	"roamfault/journal/journalctl"
	"roamfault/journal/sourcetest"
)

// killer kills the process that a file names, again and again.
func killer(t *testing.T, pidFile string, kills int, done *atomic.Int64) {
	last := 0
	for range kills {
		pid := last
		for pid == last {
			if t.Context().Err() != nil {
				return
			}
			b, err := os.ReadFile(pidFile)
			if n, err2 := strconv.Atoi(string(b)); err == nil && err2 == nil {
				pid = n
			}
			time.Sleep(time.Millisecond)
		}
		last = pid
		time.Sleep(time.Duration(rand.IntN(30_000)) * time.Microsecond)
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			done.Add(1)
		}
	}
}

// However often the child is killed, in the middle of whatever it writes: each
// record comes once and in order.
func TestKilled(t *testing.T) {
	const kills, records = 50, 12000
	for _, follow := range []bool{false, true} {
		t.Run(fmt.Sprintf("follow %v", follow), func(t *testing.T) {
			pidFile := filepath.Join(t.TempDir(), "pid")
			var killed atomic.Int64
			finished := make(chan struct{})
			go func() {
				defer close(finished)
				killer(t, pidFile, kills, &killed)
				if err := os.WriteFile(pidFile+".done", nil, 0o600); err != nil {
					t.Error(err)
				}
			}()
			restarts := 0
			src := &journalctl.Source{
				Follow: follow, Attempts: 1000, Backoff: time.Millisecond,
				Command: fakeCommand(fmt.Sprintf("records %d %s", records, pidFile)),
				Notify:  func(child.Notice) { restarts++ },
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			n := 0
			stats, err := src.Read(ctx, func(r *journal.Record) error {
				if want := fakeMessage(n); r.Message != want {
					return fmt.Errorf("record %d is %q, want %q", n, r.Message, want)
				}
				if n++; n == records && follow {
					cancel()
				}
				return nil
			})
			switch {
			case follow && !errors.Is(err, context.Canceled), !follow && err != nil:
				t.Fatalf("behind %d records: %v", n, err)
			}
			<-finished
			if killed.Load() != kills || restarts < kills {
				t.Errorf("%d kills of %d hit, %d restarts were told", killed.Load(), kills, restarts)
			}
			if n != records || stats.Records != records || len(stats.Skipped) > 0 {
				t.Errorf("%d records of %d came; stats: %d, skipped %v", n, records, stats.Records, stats.Skipped)
			}
		})
	}
}

// What journalctl cannot do is told at once, with what to do about it.
func TestErrors(t *testing.T) {
	groups := func() journalctl.Groups { return journalctl.Groups{Exist: []string{"systemd-journal", "adm"}} }
	for _, c := range []struct {
		name   string
		how    string
		groups func() journalctl.Groups
		is     error
		want   string
	}{
		{
			"permission", "say No journal files were opened due to insufficient permissions.", groups, child.ErrPermission,
			"read journalctl: permission denied: this user is missing in group systemd-journal or adm: usermod -aG systemd-journal USER and log in again, or run as root",
		},
		{
			"member already", "say Failed to open files: Permission denied",
			func() journalctl.Groups {
				return journalctl.Groups{Exist: []string{"wheel"}, Member: []string{"wheel"}}
			}, child.ErrPermission,
			"read journalctl: permission denied: run as root: this user is in group wheel, which is not enough here",
		},
		{
			"no groups", "say Failed to open files: Permission denied", func() journalctl.Groups { return journalctl.Groups{} }, child.ErrPermission,
			"read journalctl: permission denied: run as root",
		},
		{"directory", "say Failed to open /nonexist: No such file or directory", groups, nil, "read journalctl: Failed to open /nonexist: No such file or directory"},
		{"cursor", "say Failed to seek to cursor: Invalid argument", groups, nil, `read journalctl: cursor "bogus" is none of a journal`},
		{"anything", "say something\x1b[31m else", groups, nil, "read journalctl: died (exit status 1): something[31m else"},
		{"killed each time", "die", groups, child.ErrDying, "read journalctl: keeps dying, 5 times without a record between: died (signal: killed)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := &journalctl.Source{Command: fakeCommand(c.how), Groups: c.groups, After: "bogus", Backoff: time.Millisecond}
			_, err := src.Read(t.Context(), func(*journal.Record) error { return errors.New("a record came") })
			if err == nil || err.Error() != c.want {
				t.Fatalf("error %q\nwant  %q", err, c.want)
			}
			var typed *child.Error
			if !errors.As(err, &typed) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("error %#v does not wrap %v", err, c.is)
			}
		})
	}
}

func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := (&journalctl.Source{}).Read(t.Context(), func(*journal.Record) error { return nil })
	if !errors.Is(err, child.ErrMissing) || !strings.Contains(err.Error(), "name log files to read instead") {
		t.Errorf("error %v", err)
	}
}

// A user who sees only a part of the journal is told so, and what to do.
func TestHint(t *testing.T) {
	var told []string
	src := &journalctl.Source{
		Command: fakeCommand("hint Hint: You are currently not seeing messages from other users and the system."),
		Groups:  func() journalctl.Groups { return journalctl.Groups{Exist: []string{"adm"}} },
		Notify:  func(n child.Notice) { told = append(told, n.String()) },
	}
	if _, err := src.Read(t.Context(), func(*journal.Record) error { return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{"journalctl: some of the journal is hidden from this user: this user is missing in group adm: usermod -aG adm USER and log in again, or run as root"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

// A file that journalctl cannot read is damage; one that went while it was opened,
// for it was vacuumed or got another name, is none.
func TestIgnoredFiles(t *testing.T) {
	const words = "hint An error was encountered while opening journal file or directory /var/log/journal/0/system@0.journal, ignoring file: "
	for why, damage := range map[string]int{"No data available": 1, "Bad message": 1, "No such file or directory": 0} {
		told := 0
		src := &journalctl.Source{Command: fakeCommand(words + why), Notify: func(child.Notice) { told++ }}
		stats, err := src.Read(t.Context(), func(*journal.Record) error { return nil })
		if err != nil || len(stats.Skipped) != damage || told != damage {
			t.Errorf("%s: %v, skipped %v, told %d times; want %d", why, err, stats.Skipped, told, damage)
		}
	}
}

// A child that says nothing does not hold a reading whose context has ended.
func TestEndsPromptly(t *testing.T) {
	sourcetest.EndsPromptly(t, &journalctl.Source{Follow: true, Command: fakeCommand("records 0 " + filepath.Join(t.TempDir(), "pid"))})
}

// What the arguments leave out the filter would leave out, too.
func TestArguments(t *testing.T) {
	const boot = "0123456789abcdef0123456789abcdef"
	at := time.Date(2026, 1, 11, 18, 14, 14, 500, time.UTC)
	three := journal.Priority(3)
	base := []string{"--output=export", "--all", "--no-pager"}
	for _, c := range []struct {
		name string
		src  journalctl.Source
		want []string
	}{
		{"all", journalctl.Source{}, nil},
		{"follow a directory", journalctl.Source{Follow: true, Directory: "/var/log/journal"}, []string{"--follow", "--no-tail", "--merge", "--boot=all", "--directory=/var/log/journal"}},
		{"files", journalctl.Source{Files: []string{"a.journal", "b[1]*?\\.journal"}}, []string{"--file=a.journal", `--file=b\[1]\*\?\\.journal`}},
		{"priority is no entry's that has none", journalctl.Source{Filter: journal.Filter{MaxPriority: &three}}, nil},
		{"times", journalctl.Source{Filter: journal.Filter{Since: at, Until: at}}, []string{"--since=@1768151654", "--until=@1768158854"}},
		{"a cursor knows the time", journalctl.Source{After: "c", Filter: journal.Filter{Since: at}}, []string{"--cursor=c"}},
		{"boot", journalctl.Source{Filter: journal.Filter{Boot: boot}}, []string{"_BOOT_ID=" + boot}},
		{"no boot id", journalctl.Source{Filter: journal.Filter{Boot: "2"}}, nil},
		{
			"boot and kernel", journalctl.Source{Filter: journal.Filter{Boot: boot, KernelOnly: true, Identifiers: []string{"kernel"}}},
			[]string{"_BOOT_ID=" + boot, "_TRANSPORT=kernel", "+", "_BOOT_ID=" + boot, "SYSLOG_IDENTIFIER=kernel", "+", "_BOOT_ID=" + boot, "_COMM=kernel"},
		},
		{
			"identifier", journalctl.Source{Filter: journal.Filter{Identifiers: []string{"iwd"}}},
			[]string{"SYSLOG_IDENTIFIER=iwd", "+", "_COMM=iwd", "+", "SYSLOG_IDENTIFIER=iwd.service", "+", "_COMM=iwd.service"},
		},
		{"odd identifier", journalctl.Source{Filter: journal.Filter{Identifiers: []string{"iwd", "two words"}}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			c.src.Command = func(args []string) (*exec.Cmd, error) {
				got = args
				return nil, errors.New("only asked")
			}
			_, err := c.src.Read(t.Context(), func(*journal.Record) error { return nil })
			if err == nil || err.Error() != "read journalctl: only asked" {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(append(append([]string{}, base...), c.want...), got); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}
