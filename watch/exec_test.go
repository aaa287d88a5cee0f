//go:build unix

package watch

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/reports/spool"
)

// script writes an executable file.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hand-on")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// handing runs an executor until nothing is pending, or for as long as it takes
// to see that something stays.
func handing(t *testing.T, command string, s *spool.Spool, set func(*Executor), enough func(*words) bool) (*words, *Numbers) {
	t.Helper()
	x, err := NewExecutor(command)
	if err != nil {
		t.Fatal(err)
	}
	if set != nil {
		set(x)
	}
	heard, numbers := &words{}, NewNumbers()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); x.run(ctx, nil, s, numbers, heard.say) }()
	await(t, "the end of handing on", func() bool { return enough(heard) })
	cancel()
	<-done
	return heard, numbers
}

func pending(t *testing.T, ids ...string) *spool.Spool {
	t.Helper()
	s := openSpool(t, t.TempDir(), spool.Limits{})
	for i, id := range ids {
		if _, err := s.Put(spool.Document{ID: id, First: dawn.Add(time.Duration(i) * time.Second), Incident: json.RawMessage(`{"a":"` + strings.Repeat("x", 200_000) + `"}`), Pending: true}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func none(s *spool.Spool) func(*words) bool {
	return func(*words) bool { return len(s.Pending()) == 0 }
}

// Each incident is handed to a run of its own, whole, and no shell looks at the
// words of the command.
func TestHandedOn(t *testing.T) {
	s := pending(t, "a1", "a2", "a3")
	dir := t.TempDir()
	_, numbers := handing(t, script(t, `cat > "$1/$$"; echo "$2" >> "$1/words"`)+" "+dir+" $(touch${IFS}oops);x", s, nil, none(s))
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() == "words" {
			if want := strings.Repeat("$(touch${IFS}oops);x\n", 3); string(b) != want {
				t.Errorf("words %q, want %q", b, want)
			}
			continue
		}
		var d struct{ ID string }
		if err := json.Unmarshal(b, &d); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]string{"a1", "a2", "a3"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := numbers.handed.Value("ok"); got != 3 {
		t.Errorf("%v runs counted", got)
	}
}

func TestFailedHandingIsTriedAgain(t *testing.T) {
	s := pending(t, "a1")
	flag := filepath.Join(t.TempDir(), "flag")
	heard, numbers := handing(t, script(t, `cat > /dev/null; if [ -e "$1" ]; then exit 0; fi; touch "$1"; printf 'first\nno \033[31mroute\n' >&2; exit 7`)+" "+flag, s,
		func(x *Executor) { x.Again = []time.Duration{time.Millisecond} }, none(s))
	if numbers.handed.Value("failed") != 1 || numbers.handed.Value("ok") != 1 {
		t.Errorf("counted wrongly: %v failed, %v ok", numbers.handed.Value("failed"), numbers.handed.Value("ok"))
	}
	if !heard.has(`exit status 7: no \x1b[31mroute: trying again in 1ms`) {
		t.Errorf("said: %q", heard.list)
	}
}

func TestHandingIsGivenUp(t *testing.T) {
	s := pending(t, "a1", "a2")
	heard, numbers := handing(t, script(t, `exit 1`), s, func(x *Executor) { x.Again = []time.Duration{time.Millisecond, time.Millisecond} }, none(s))
	if numbers.handed.Value("failed") != 4 || numbers.handed.Value("given-up") != 2 {
		t.Errorf("%v failed, %v given up", numbers.handed.Value("failed"), numbers.handed.Value("given-up"))
	}
	if !heard.has("given up; it stays in the spool as 20260105T080000.000000Z-a1.json") {
		t.Errorf("said: %q", heard.list)
	}
}

// A command that does not end is ended, with all that it began.
func TestHandingTakesTooLong(t *testing.T) {
	s := pending(t, "a1")
	file := filepath.Join(t.TempDir(), "pid")
	heard, _ := handing(t, script(t, `sleep 1000 & echo $! > "$1"; wait`)+" "+file, s,
		func(x *Executor) { x.Timeout, x.Again = 300*time.Millisecond, nil }, none(s))
	if !heard.has("did not end within 300ms: given up") {
		t.Errorf("said: %q", heard.list)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the end of what the command began", func() bool {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(b)) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

// Ended in the middle of a run, the incident is handed on again.
func TestHandedOnAtLeastOnce(t *testing.T) {
	s := pending(t, "a1")
	file := filepath.Join(t.TempDir(), "began")
	handing(t, script(t, `touch "$1"; sleep 1000`)+" "+file, s, nil, func(*words) bool { _, err := os.Stat(file); return err == nil })
	if got := s.Pending(); len(got) != 1 {
		t.Fatalf("pending %+v", got)
	}
	_, numbers := handing(t, script(t, `exit 0`), s, nil, none(s))
	if numbers.handed.Value("ok") != 1 {
		t.Error("not handed on again")
	}
}

// A log that is watched to its end: what was found is handed on before the
// program ends, and what fails then is left for the next run.
func TestHandedOnAtTheEnd(t *testing.T) {
	for command, left := range map[string]int{"exit 0": 0, "exit 1": 1} {
		s := openSpool(t, t.TempDir(), spool.Limits{})
		opt := options(s, late())
		opt.Open = opens([]journal.Record{fault(0)})
		var err error
		if opt.Exec, err = NewExecutor(script(t, command)); err != nil {
			t.Fatal(err)
		}
		if r, err := Run(t.Context(), opt); err != nil || r.Incidents != 1 || len(s.Pending()) != left {
			t.Errorf("%s: %+v, %v, pending %d, want %d", command, r, err, len(s.Pending()), left)
		}
	}
}

func TestCommandsThatCannotBe(t *testing.T) {
	for _, command := range []string{"", "  ", "/nonexistent/x", "no-such-command-anywhere"} {
		if _, err := NewExecutor(command); err == nil {
			t.Errorf("%q", command)
		}
	}
}
