package resume

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"roamfault/patterns"
	"roamfault/roam"
	"roamfault/roam/observe"
	"roamfault/roam/recorder"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
	"roamfault/roam/runlog/runlogtest"
)

var kills = flag.Int("kills", 500, "how often TestKilled kills a run, over all its runs")

// The environment of a process that TestKilled kills.
const (
	killDir  = "ROAMFAULT_KILL_DIR"
	killBoot = "ROAMFAULT_KILL_BOOT"
	killLast = "ROAMFAULT_KILL_LAST" // set: it ends the run after some cycles
	killRun  = "run"
)

// TestKillChild drives in a process of TestKilled, until it is killed.
func TestKillChild(t *testing.T) {
	dir := os.Getenv(killDir)
	if dir == "" {
		t.Skip("runs in a process of TestKilled")
	}
	if err := drive(t.Context(), rundir.Root{Path: dir, UID: -1, GID: -1}, os.Getenv(killBoot), os.Getenv(killLast) != ""); err != nil {
		t.Fatal(err)
	}
}

// told tells the parent of each cycle that was kept.
type told struct{ *recorder.Recorder }

func (r told) End(c *runlog.Cycle) error {
	err := r.Recorder.End(c)
	if err == nil {
		fmt.Printf("kept %d %s\n", c.Number, c.Outcome)
		record := said(c.End.Monotonic.Seconds(), "kernel", "wlan0: authenticate with 02:00:00:00:01:00 (local address=02:00:00:00:00:00)")
		record.Boot = c.Boot
		err = r.Step(observe.Step{Record: &record})
	}
	return err
}

// drive begins a run or takes it up again, and drives.
func drive(ctx context.Context, root rundir.Root, boot string, last bool) error {
	world := newAir()
	p := runlog.Plan{Cycles: 1 << 20, Dwell: runlog.Range{Min: time.Microsecond, Max: time.Microsecond}, Kinds: []runlog.Weighted{{Kind: runlog.Roam, Weight: 1}}}
	p = p.WithDefaults()
	w, onward, totals, err := open(ctx, root, p, boot, world.Now())
	if err != nil {
		return err
	}
	rec := recorder.New(w, world.Now)
	rec.Continue(totals)
	more := 0
	fmt.Println("up")
	result, err := roam.Run(ctx, roam.Config{
		Plan: p, Interface: "wlan0", Boot: boot, Station: world, Kernel: world, Events: world.kernel, Clock: world, Record: told{rec}, First: onward.First, Load: onward.Load,
		Enough: func(*runlog.Cycle) string {
			if more++; last && more == 5 {
				return "enough"
			}
			return ""
		},
	})
	return errors.Join(err, rec.Close(result.Why), w.Close())
}

// open opens the run's file, closes what was interrupted, and says how it goes on.
func open(ctx context.Context, root rundir.Root, p runlog.Plan, boot string, now runlog.Moment) (w *runlog.Writer, o Onward, totals runlog.Totals, err error) {
	losing := func(f *os.File) runlog.File {
		return runlogtest.NewLosing(f, 250, func() { time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond) })
	}
	opened, err := rundir.Open(ctx, root, killRun)
	if errors.Is(err, runlog.ErrEmpty) || errors.Is(err, fs.ErrNotExist) {
		// Killed before the first line was there: there is no run yet.
		if err := os.RemoveAll(root.Path + "/" + killRun); err != nil {
			return nil, o, totals, err
		}
		dir, err := rundir.Create(root, killRun)
		if err != nil {
			return nil, o, totals, err
		}
		w = runlog.NewWriter(losing(dir.File), 0)
		err = w.Append(&runlog.RunEntry{Schema: runlog.Schema, ID: killRun, Plan: p, Version: "v", Started: now, Machine: "m", PID: os.Getpid(), Boot: boot})
		return w, Onward{First: 1, Load: 1}, totals, errors.Join(err, w.Sync())
	}
	if err != nil {
		return nil, o, totals, err
	}
	if opened.Torn > 0 {
		fmt.Println("torn")
	}
	s, err := Look(opened.Run, opened.Stats, Present{Machine: "m", Boot: boot})
	if err != nil {
		return nil, o, totals, err
	}
	c, err := s.Close(ctx, Closing{
		File:     func() io.Reader { return io.NewSectionReader(opened.File, 0, opened.Stats.Whole) },
		Evidence: Logs{}, Catalogue: patterns.Builtin(), Now: now,
	})
	if err != nil {
		return nil, o, totals, err
	}
	w = runlog.NewWriter(losing(opened.File), opened.Stats.Last)
	if err := c.Write(w); err != nil {
		return nil, o, totals, err
	}
	o = s.Onward(c)
	err = w.Append(&runlog.ResumeEntry{At: now, Boot: boot, PID: os.Getpid(), Load: o.Load, Why: s.Why()})
	return w, o, c.Totals, errors.Join(err, w.Sync())
}

// killed is what the parent knows of a run.
type killed struct {
	dir   string
	boot  int
	kept  map[int]string // what was told to be kept: outcomes by the cycles' numbers
	torn  int
	times int
}

// A run that is killed again and again, at any moment, loses no cycle that it said
// it had kept, counts none twice, and knows of every interruption.
func TestKilled(t *testing.T) {
	const runs = 4
	each := *kills / runs
	if testing.Short() {
		each = 10
	}
	for n := range runs {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			k := &killed{dir: t.TempDir(), kept: map[int]string{}}
			for range each {
				k.life(t, false)
				if rand.IntN(4) == 0 {
					k.boot++
				}
			}
			k.life(t, true)
			k.check(t)
		})
	}
}

// life is a process from its start to the kill; the last one ends by itself.
func (k *killed) life(t *testing.T, last bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillChild$")
	cmd.Env = append(os.Environ(), killDir+"="+k.dir, fmt.Sprintf("%s=%032x", killBoot, k.boot+1))
	if last {
		cmd.Env = append(cmd.Env, killLast+"=1")
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if !last && rand.IntN(5) == 0 {
		// Also while it opens the run.
		time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	}
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		said = append(said, line)
		var number int
		var outcome string
		switch n, _ := fmt.Sscanf(line, "kept %d %s", &number, &outcome); {
		case n == 2:
			if was, again := k.kept[number]; again {
				t.Errorf("cycle %d was kept twice: %s and %s", number, was, outcome)
			}
			k.kept[number] = outcome
		case line == "torn":
			k.torn++
		case line == "up" && !last:
			time.AfterFunc(time.Duration(rand.IntN(25_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case last && err != nil, !last && (!errors.As(err, &exit) || exit.Exited()):
		t.Fatalf("it was to be killed (the last one: to end well): %v; it said:\n%s", err, strings.Join(said, "\n"))
	case !last:
		k.times++
	}
}

// check looks at the run in the end.
func (k *killed) check(t *testing.T) {
	t.Helper()
	run, stats, err := rundir.Load(t.Context(), rundir.Root{Path: k.dir}, killRun)
	if err != nil || !stats.Clean() || run.Ended == nil || run.Repeated != 0 || run.Interrupted != nil || run.Dropped != 0 {
		t.Fatalf("%v, error %v, ended %v, repeated %d, dropped %d", stats.Problems(), err, run.Ended, run.Repeated, run.Dropped)
	}
	outcomes := map[int]string{}
	interrupted := 0
	for i, c := range run.Cycles.All() {
		if c.Number != i+1 {
			t.Fatalf("cycle %d stands in the place of %d", c.Number, i+1)
		}
		outcomes[c.Number] = string(c.Outcome)
		if c.Outcome == runlog.Skipped || c.Outcome == runlog.Crashed {
			interrupted++
		}
	}
	lost := 0
	for n, outcome := range k.kept {
		if outcomes[n] != outcome {
			lost++
			t.Errorf("cycle %d was kept as %s, and is %q", n, outcome, outcomes[n])
		}
	}
	within := 0
	for _, p := range run.Pauses {
		var n int
		if _, words, ok := strings.Cut(p.Why, " in cycle "); !ok {
			continue
		} else if _, err := fmt.Sscan(words, &n); err != nil {
			t.Fatal(err)
		}
		within++
		if want := map[bool]runlog.Outcome{true: runlog.Crashed, false: runlog.Skipped}[strings.HasPrefix(p.Why, "the machine")]; outcomes[n] != string(want) {
			t.Errorf("%s, which is kept as %s", p.Why, outcomes[n])
		}
	}
	// A life that was killed between the two lines by which it closed a cycle leaves
	// the cycle alone to tell; it took nothing up.
	if alone := interrupted - within; alone < 0 || alone > k.times-len(run.Resumes) || run.Ended.Totals.Cycles != run.Cycles.Len() {
		t.Errorf("%d interruptions within cycles, %d cycles tell of one; %d cycles, the end says %d", within, interrupted, run.Cycles.Len(), run.Ended.Totals.Cycles)
	}
	// Of a kill before it took the run up nothing needs to be known.
	if len(run.Resumes) > k.times || len(run.Pauses) < len(run.Resumes) {
		t.Errorf("%d kills, %d resumed, %d pauses", k.times, len(run.Resumes), len(run.Pauses))
	}
	t.Logf("%d kills (%d tore a line): %d cycles, %d told to be kept, %d of them lost; %d interruptions, %d within a cycle; taken up %d times",
		k.times, k.torn, run.Cycles.Len(), len(k.kept), lost, len(run.Pauses), within, len(run.Resumes))
}
