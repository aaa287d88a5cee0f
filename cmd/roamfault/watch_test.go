package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/reports/spool"
	"roamfault/watch/watchtest"
)

// program makes a command that is this test binary as the program.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(own)
	cmd.Args = append([]string{"roamfault"}, args...)
	return cmd
}

// kept returns the incidents of a spool by id and revision: what they say, and
// the files they lie in.
func kept(t *testing.T, dir string) (incidents map[string]string, pending int) {
	t.Helper()
	s, notes, err := spool.Open(dir, spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	incidents = make(map[string]string)
	for _, e := range s.Entries() {
		b, err := s.Read(e)
		if err != nil {
			t.Fatal(err)
		}
		var d struct{ Incident, Events json.RawMessage }
		if err := json.Unmarshal(b, &d); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		incidents[fmt.Sprint(e.ID, " ", e.Rev)] = string(d.Incident) + string(d.Events)
	}
	return incidents, len(s.Pending())
}

// place returns the saved place in the log.
func place(t *testing.T, dir string) *spool.Checkpoint {
	t.Helper()
	s, _, err := spool.Open(dir, spool.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Killed at random moments while faults stream in, the watching loses no
// incident and tells none twice: in the end the spool holds what one without a
// break finds, and every incident was handed on.
func TestWatchIsKilled(t *testing.T) {
	const longestLife = 1500 * time.Millisecond
	if runtime.GOOS == "windows" {
		t.Skip("there is no kill -9")
	}
	kills := 200
	if testing.Short() {
		kills = 20
	}
	rng := rand.New(rand.NewPCG(11, 1))
	dir := t.TempDir()
	log, dirty, clean, handed := filepath.Join(dir, "log.export"), filepath.Join(dir, "dirty"), filepath.Join(dir, "clean"), filepath.Join(dir, "handed")
	for _, d := range []string{handed} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	hand := filepath.Join(dir, "hand")
	if err := os.WriteFile(hand, []byte("#!/bin/sh\nexec cat > \"$1/$$\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	faults := watchtest.NewFaults(5, time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), 8)
	file, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	grow := func(records int) {
		b, err := faults.Export(records)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	grow(20)
	args := func(spool string, more ...string) []string {
		return append([]string{"watch", "--source", "file:" + log, "--since", "all", "--spool", spool, "--checkpoint-interval", "1ms"}, more...)
	}
	// A life lasts up to three times what a whole short one takes on this
	// machine: some are killed before they tell anything, others behind it.
	life := 160 * time.Millisecond
	start := time.Now()
	if out, err := program(t, args(filepath.Join(dir, "first"), "--once")...).CombinedOutput(); err != nil && !strings.Contains(err.Error(), "exit status 1") {
		t.Fatalf("%v: %s", err, out)
	}
	life = max(life, 3*time.Since(start))
	var told []string
	began := 0
	for kill := range kills {
		cmd := program(t, args(dirty, "--exec", hand+" "+handed)...)
		var out, said strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Duration(rng.Int64N(int64(life)))); time.Now().Before(end); {
			grow(1 + rng.IntN(6))
			time.Sleep(time.Duration(rng.IntN(4)) * time.Millisecond)
		}
		if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
			t.Fatalf("kill %d: %v: %s", kill, err, said.String())
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("kill %d: it ended by itself: %v: %s", kill, err, said.String())
		}
		if out.Len() > 0 {
			began++
		}
		// The machine may be busier now than when it was measured.
		if 3*began < kill {
			life = min(life+life/8, longestLife)
		}
		told = append(told, out.String())
	}
	if c := place(t, dirty); c == nil || c.Cursor == "" || c.Records < 100 {
		t.Errorf("the saved place did not move: %+v", c)
	}
	// To the end, and what is still to be handed on.
	run := func(spool string, more ...string) {
		out, err := program(t, args(spool, more...)...).CombinedOutput()
		if code := (*exec.ExitError)(nil); err != nil && !(asExit(err, &code) && code.ExitCode() == exitFound) {
			t.Fatalf("%v: %s", err, out)
		}
	}
	run(dirty, "--once", "--exec", hand+" "+handed)
	run(clean, "--once")
	got, pending := kept(t, dirty)
	want, _ := kept(t, clean)
	if pending > 0 {
		t.Errorf("%d incidents are still to be handed on", pending)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-without a break +killed %d times):\n%s", kills, diff)
	}
	if len(want) < kills || began < kills/4 {
		t.Errorf("only %d incidents, and only %d of %d lives told any: nothing was put to the test", len(want), began, kills)
	}
	// An end is told once.
	ends := make(map[string]int)
	for _, line := range strings.Split(strings.Join(told, "\n"), "\n") {
		if words := strings.Fields(line); len(words) > 2 && (words[1] == "done" || strings.HasPrefix(words[1], "rev")) {
			ends[words[1]+" "+words[2]]++
		}
	}
	for end, n := range ends {
		if n > 1 {
			t.Errorf("%s was told %d times", end, n)
		}
	}
	t.Logf("%d incidents, %d of %d lives told any", len(want), began, kills)
	seen := handedOn(t, handed)
	for id := range want {
		if seen[id] == 0 {
			t.Errorf("incident %s was never handed on", id)
		}
	}
}

func asExit(err error, to **exec.ExitError) bool {
	e, ok := err.(*exec.ExitError)
	*to = e
	return ok
}

// handedOn counts the whole documents that the command got, by id and revision.
func handedOn(t *testing.T, dir string) map[string]int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			ID  string
			Rev int
		}
		if json.Unmarshal(b, &d) == nil { // else cut off by a kill
			seen[fmt.Sprint(d.ID, " ", d.Rev)]++
		}
	}
	return seen
}

// As a service: it says when it is ready, that it lives, that it reloads and
// that it stops; its numbers are in a file and on a port.
func TestWatchAsService(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log.export")
	faults, err := watchtest.NewFaults(5, time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), 8).Export(200)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(log, faults, 0o644); err != nil {
		t.Fatal(err)
	}
	// Paths of sockets are short.
	short, err := os.MkdirTemp("", "rf")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(short, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	await := func(state string) {
		t.Helper()
		if err := manager.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		for b := make([]byte, 4096); ; {
			n, err := manager.Read(b)
			if err != nil {
				t.Fatalf("%s was not told: %v", state, err)
			}
			if strings.HasPrefix(string(b[:n]), state) {
				return
			}
		}
	}
	prom := filepath.Join(dir, "roamfault.prom")
	cmd := program(t, "watch", "--source", "file:"+log, "--since", "all", "--spool", filepath.Join(dir, "spool"), "--metrics", prom, "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(short, "notify"), "WATCHDOG_USEC=2000000")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	said := make([]byte, 256)
	n, err := stderr.Read(said)
	if err != nil || !strings.Contains(string(said[:n]), "metrics on http://127.0.0.1:") {
		t.Fatalf("%v, said %q", err, said[:n])
	}
	await("READY=1")
	await("WATCHDOG=1")
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await("RELOADING=1\nMONOTONIC_USEC=")
	await("READY=1")
	await("WATCHDOG=1")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	await("STOPPING=1")
	rest, err := io.ReadAll(stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("ended by SIGINT: %v: %s", err, rest)
	}
	if !strings.Contains(string(rest), "reloaded: ") {
		t.Errorf("said: %s", rest)
	}
	b, err := os.ReadFile(prom)
	if err != nil || !strings.Contains(string(b), "\nroamfault_records_total 200\n") {
		t.Errorf("%v, metrics:\n%s", err, b)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "4096": 4096, "256K": 256 << 10, "1m": 1 << 20, " 2G ": 2 << 30, "2GiB": 2 << 30, "1T": 1 << 40, "3MB": 3 << 20, "10B": 10} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "M", "-1", "1.5G", "9999999999T", "1X", "1KM"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}
