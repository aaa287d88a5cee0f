package sdjournal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/journal/child"
	"roamfault/journal/journalctl"
	"roamfault/journal/sdjournal"
	"roamfault/journal/sourcetest"
)

// dieKey is the variable that makes this test binary a program that dies of
// SIGBUS.
const dieKey = "ROAMFAULT_TEST_SIGBUS"

func TestMain(m *testing.M) {
	if _, ok := os.LookupEnv(dieKey); ok {
		_ = syscall.Kill(os.Getpid(), syscall.SIGBUS)
		select {}
	}
	os.Exit(m.Run())
}

// build builds the program with its tag.
func build(t *testing.T) string {
	t.Helper()
	return sourcetest.BuildSDJournal(t, sdjournal.Binary)
}

func TestConforms(t *testing.T) {
	sourcetest.Remote(t)
	path := build(t)
	sourcetest.Conform(t, "directory", sourcetest.Abilities{
		Boot: sourcetest.Many, Realtime: true, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, NoPriority: true, Unicode: true, Lines: true, Long: true, Cursor: true, Follow: true,
	}, func(t *testing.T, records []journal.Record) sourcetest.Store {
		dir := t.TempDir()
		half := len(records) / 2
		sourcetest.WriteJournal(t, filepath.Join(dir, "first.journal"), records[:half])
		last := filepath.Join(dir, "second.journal")
		sourcetest.WriteJournal(t, last, records[half:])
		return sourcetest.Store{
			Open: func(t *testing.T, q sourcetest.Query) journal.Source {
				return &sdjournal.Source{
					Path: path, Alone: true,
					Journalctl: journalctl.Source{Directory: dir, Filter: q.Filter, After: q.After, Follow: q.Follow, Notify: func(n child.Notice) { t.Log(n) }},
				}
			},
			Append: func(t *testing.T, records []journal.Record) { sourcetest.WriteJournal(t, last, records) },
			Damage: func(t *testing.T) {
				if err := os.Truncate(last, 4096); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

// While the journal is rotated and vacuumed every record comes, once, and
// no deleted file is held.
func TestRotation(t *testing.T) {
	sourcetest.Remote(t)
	path := build(t)
	records := sourcetest.Records(sourcetest.Abilities{Boot: sourcetest.Many, Realtime: true, Monotonic: true, Identifier: true})
	for _, c := range []struct {
		name string
		src  func(j journalctl.Source) journal.Source
	}{
		{"sdjournal", func(j journalctl.Source) journal.Source {
			return &sdjournal.Source{Path: path, Alone: true, Journalctl: j}
		}},
		{"journalctl", func(j journalctl.Source) journal.Source { return &j }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			active := filepath.Join(dir, "system.journal")
			sourcetest.WriteJournal(t, active, records[:1])
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			came := make(chan string, len(records))
			done := make(chan error, 1)
			go func() {
				_, err := c.src(journalctl.Source{Directory: dir, Follow: true}).Read(ctx, func(r *journal.Record) error {
					came <- r.Message
					return nil
				})
				done <- err
			}()
			await := func(i int) {
				t.Helper()
				select {
				case got := <-came:
					if got != records[i].Message {
						t.Fatalf("record %d is %q, want %q", i, got, records[i].Message)
					}
				case err := <-done:
					t.Fatalf("ended before record %d: %v", i, err)
				}
			}
			await(0)
			var archived []string
			for i := 1; i < 60; i++ {
				sourcetest.WriteJournal(t, active, records[i:i+1])
				await(i)
				if i%6 != 0 {
					continue
				}
				old := filepath.Join(dir, fmt.Sprintf("system@%04d.journal", i))
				if err := os.Rename(active, old); err != nil {
					t.Fatal(err)
				}
				if archived = append(archived, old); len(archived) > 2 {
					if err := os.Remove(archived[0]); err != nil {
						t.Fatal(err)
					}
					archived = archived[1:]
				}
			}
			held := deleted(t)
			for wait := time.Millisecond; len(held) > 0 && wait < 5*time.Second; wait *= 2 {
				time.Sleep(wait)
				held = deleted(t)
			}
			if len(held) > 0 {
				t.Errorf("the reader holds deleted files: %v", held)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// deleted lists the deleted journal files that children of ours hold.
func deleted(t *testing.T) []string {
	t.Helper()
	var held []string
	tasks, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		b, err := os.ReadFile(task)
		if err != nil {
			continue
		}
		for pid := range strings.FieldsSeq(string(b)) {
			maps, err := os.ReadFile("/proc/" + pid + "/maps")
			if err != nil {
				continue
			}
			for line := range strings.Lines(string(maps)) {
				if strings.Contains(line, ".journal") && strings.Contains(line, "(deleted)") {
					held = append(held, line)
				}
			}
		}
	}
	return held
}

// A file that is truncated under the reader kills it with SIGBUS, and nothing
// else: it is started again behind the last record.
func TestTruncatedUnderTheReader(t *testing.T) {
	sourcetest.Remote(t)
	path := build(t)
	known := sourcetest.Records(sourcetest.Abilities{Boot: sourcetest.Many, Realtime: true, Monotonic: true, Identifier: true})
	var many []journal.Record
	for i := range 6000 {
		r := known[i%len(known)]
		r.Message = fmt.Sprintf("%d: %s", i, strings.Repeat(strconv.Itoa(i), 100))
		r.Boot = known[0].Boot
		r.Time.Wall = known[0].Time.Wall.Add(time.Duration(i) * time.Millisecond)
		r.Time.Mono = known[0].Time.Mono + time.Duration(i)*time.Millisecond
		many = append(many, r)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "a.journal")
	sourcetest.WriteJournal(t, file, many)
	var notices []string
	last := -1
	src := &sdjournal.Source{Path: path, Journalctl: journalctl.Source{
		Directory: dir, Backoff: time.Millisecond, Attempts: 2,
		Notify: func(n child.Notice) { notices = append(notices, n.String()) },
	}}
	_, err := src.Read(t.Context(), func(r *journal.Record) error {
		number, _, _ := strings.Cut(r.Message, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n != last+1 {
			return fmt.Errorf("record %q behind number %d", number, last)
		}
		if last = n; n == 10 {
			return os.Truncate(file, 4096)
		}
		return nil
	})
	if last < 10 || last == len(many)-1 {
		t.Errorf("%d records came", last+1)
	}
	all := strings.Join(notices, "\n")
	if !strings.Contains(all, "SIGBUS") {
		t.Errorf("no word of SIGBUS: %s; error %v", all, err)
	}
}

// Journalctl takes over where the program is missing or keeps dying, and where
// it may not, the reason is the error.
func TestTakesOver(t *testing.T) {
	for _, c := range []struct {
		name, path string
		env        []string
		is         error
		want       string
	}{
		{"missing", filepath.Join(t.TempDir(), "none"), nil, os.ErrNotExist, "going on with journalctl"},
		{"dying", os.Args[0], []string{dieKey + "=1"}, child.ErrDying, "keeps dying, 3 times without a record between: died (exit status 2): SIGBUS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var notices []child.Notice
			asked := 0
			j := journalctl.Source{
				Backoff: time.Millisecond, Attempts: 3, After: "c",
				Notify: func(n child.Notice) { notices = append(notices, n) },
				Command: func(args []string) (*exec.Cmd, error) {
					asked++
					return exec.Command("true"), nil
				},
			}
			src := &sdjournal.Source{Path: c.path, Env: c.env, Journalctl: j}
			if _, err := src.Read(t.Context(), func(*journal.Record) error { return nil }); err != nil {
				t.Fatal(err)
			}
			n := notices[len(notices)-1]
			if asked != 1 || !errors.Is(n.Err, c.is) || n.Next != "going on with journalctl" || n.Cursor != "c" || !strings.Contains(n.String(), c.want) {
				t.Errorf("journalctl was asked %d times behind %q", asked, n)
			}
			src.Alone = true
			var typed *child.Error
			if _, err := src.Read(t.Context(), func(*journal.Record) error { return nil }); !errors.As(err, &typed) || !errors.Is(err, c.is) {
				t.Errorf("alone: error %v", err)
			}
		})
	}
}

func TestNotInPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	src := &sdjournal.Source{Alone: true}
	if _, err := src.Read(t.Context(), func(*journal.Record) error { return nil }); !errors.Is(err, child.ErrMissing) {
		t.Errorf("error %v", err)
	}
}
