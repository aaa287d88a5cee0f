package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roamfault/reports/compare"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/newkernel"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
	"roamfault/roam/stress"
	"roamfault/watch/collect"
)

func newBaselineWatchRun(e env, root *string) *cobra.Command {
	var after, within time.Duration
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Check what is booted now if it is new, as the unit does at boot",
		Long: `Run does what the unit does at each boot: it looks whether what is booted is new, and checks it then.

Exit codes: 0 nothing is new, no check can begin, or no regression, 1 regression, 2 usage, 3 could not run, 125 cannot tell.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, tree := cmd.Context(), newkernel.Tree(*root)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(after):
			}
			state, err := tree.Load()
			if errors.Is(err, newkernel.ErrOff) {
				fmt.Fprintln(e.stderr, err)
				return nil
			}
			if err != nil {
				return trouble(err)
			}
			store := watchedRuns(&state.Watch)
			now, err := bootOf(ctx, tree, store, &state.Watch)
			if err != nil {
				return trouble(err)
			}
			w := &baselineWatch{e: e, tree: tree, state: state, store: store, now: now, clock: time.Now, check: &stressCheck{e, store, &state.Watch}, again: eachMinute(within)}
			return w.run(ctx)
		},
	}
	cmd.Flags().DurationVar(&after, "after", 0, "wait so `long` first")
	cmd.Flags().DurationVar(&within, "within", 0, "where a check cannot begin, look again each minute for so `long`: the network may not be there yet")
	return cmd
}

// eachMinute waits a minute, and returns false where the time is over.
func eachMinute(within time.Duration) func(context.Context) bool {
	end := time.Now().Add(within)
	return func(ctx context.Context) bool {
		if time.Now().Add(time.Minute).After(end) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(time.Minute):
			return true
		}
	}
}

// bootOf looks at what is booted, as a watch sees it. It reads files, and asks no
// radio.
func bootOf(ctx context.Context, tree newkernel.Tree, s *runStore, w *newkernel.Watch) (newkernel.Present, error) {
	m := &machine.Machine{Root: string(tree)}
	host, err := m.Host()
	if err != nil {
		return newkernel.Present{}, err
	}
	now := newkernel.Present{Machine: host.Machine, Boot: host.Boot, Off: tree.SwitchedOff(), Alive: ours}
	now.Made, now.Card = madeNow(ctx, m, w)
	kernel, _ := now.Made.Get(runlog.KeyKernel)
	now.Marked = tree.Marked(kernel)
	b, err := s.baselineLike(baselineWatched(w))
	if err != nil && !errors.Is(err, errNoBaseline) {
		return now, err
	}
	for _, id := range b.Runs {
		run, _, err := rundir.Load(ctx, s.root, id)
		if err != nil {
			return now, fmt.Errorf("read the baseline's runs: %w; roamfault runs baseline set makes another", err)
		}
		now.Known = append(now.Known, newkernel.Of(run.Environment()))
	}
	return now, nil
}

// madeNow is what is booted, with the card of the watched baseline where it is
// there.
func madeNow(ctx context.Context, m *machine.Machine, w *newkernel.Watch) (made runlog.Environment, card bool) {
	var from machine.Sources
	if c, err := collect.New(); err == nil {
		if driver := c.System.Driver; driver != nil && m.Root == "/" {
			from.Firmware = func(iface string) (string, error) {
				info, err := driver(iface)
				return info.Firmware, err
			}
		}
		c.System.Files.Root = m.Root
		from.Loaded = c.Loaded
	}
	interfaces, _ := os.ReadDir(filepath.Join(m.Root, "sys/class/net")) // without any there is no card
	for _, i := range interfaces {
		card, err := m.Card(i.Name())
		if err != nil {
			continue // no Wi-Fi
		}
		made := m.Environment(ctx, card, from)
		if b := baselineOf(made); b.Device == w.Device && b.Driver == w.Driver {
			return newkernel.Of(made), true
		}
	}
	return newkernel.Of(m.Environment(ctx, machine.Card{}, machine.Sources{})), false
}

// checker makes the runs of checks.
type checker interface {
	// Ready says why none can begin; empty: one can.
	Ready(ctx context.Context) string
	// Drive makes a run, GoOn takes one up again that was cut off, and Close closes
	// one that was cut off and ends it.
	Drive(ctx context.Context, id string) error
	GoOn(ctx context.Context, id string) error
	Close(ctx context.Context, id, why string) error
}

// baselineWatch is a boot of a machine that is watched.
type baselineWatch struct {
	e     env
	tree  newkernel.Tree
	state *newkernel.State
	store *runStore
	now   newkernel.Present
	clock func() time.Time
	check checker
	// again waits before it is looked once more whether a check can begin; false: it
	// is enough.
	again func(context.Context) bool
}

func (w *baselineWatch) at() time.Time { return w.clock().UTC().Truncate(time.Second) }

// run does what is to be done at this boot.
func (w *baselineWatch) run(ctx context.Context) error {
	var verdict error // on what was cut off
	for {
		step := w.state.Next(w.now)
		switch step.Do {
		case newkernel.Nothing:
			fmt.Fprintf(w.e.stderr, "roamfault: nothing is checked: %s\n", printable(step.Why))
			return verdict
		case newkernel.Conclude:
			var failed error
			if verdict, failed = w.conclude(ctx, step.Why); failed != nil {
				return trouble(failed)
			}
		default:
			var err error
			if why := w.check.Ready(ctx); why == "" {
				err = w.try(ctx, step)
			} else if w.again(ctx) {
				if err = w.look(); err == nil {
					continue
				}
			} else {
				err = w.putOff(ctx, step, printable(why))
			}
			if err != nil {
				return err
			}
			return verdict
		}
	}
}

// look looks at what may be otherwise behind a wait: somebody may have turned the
// watch off, or on anew, or another process may be at the check.
func (w *baselineWatch) look() error {
	kernel, _ := w.now.Made.Get(runlog.KeyKernel)
	w.now.Marked = w.tree.Marked(kernel)
	if err := w.tree.Again(w.state); err != nil {
		return trouble(err)
	}
	return nil
}

// try begins a check or goes on with one.
func (w *baselineWatch) try(ctx context.Context, step newkernel.Step) error {
	id, again := newID(w.clock()), false
	if c := w.state.Pending(); step.Do == newkernel.GoOn && c != nil {
		if last := c.Runs[len(c.Runs)-1]; w.open(ctx, last) {
			id, again = last, true
		}
	}
	// Whatever comes of it, this try counts, and the kernel is no longer noted as new.
	c := w.state.Take(step, w.now, id, os.Getpid(), w.at())
	kernel := c.Kernel()
	fmt.Fprintf(w.e.stderr, "roamfault: checking against the baseline, try %d of %d: %s; run %s\n", c.Tries, newkernel.MostTries, printable(step.Why), id)
	err := w.tree.Keep(w.state)
	if err == nil {
		err = w.tree.Unmark(kernel)
	}
	if err != nil {
		return trouble(err)
	}
	if again {
		err = w.check.GoOn(ctx, id)
	} else {
		err = w.check.Drive(ctx, id)
	}
	if !w.there(id) {
		return w.drop(id, kernel, err)
	}
	var code exitError
	if err != nil && (!errors.As(err, &code) || code.err != nil) {
		fmt.Fprintf(w.e.stderr, "roamfault: run %s: %v\n", id, err)
	}
	verdict, failed := w.conclude(ctx, "")
	if failed != nil {
		return trouble(failed)
	}
	return verdict
}

// putOff says that a check cannot begin.
func (w *baselineWatch) putOff(ctx context.Context, step newkernel.Step, why string) error {
	if ctx.Err() != nil {
		why = "it was stopped"
	}
	w.state.PutOff = &newkernel.PutOff{At: w.at(), Why: why}
	fmt.Fprintf(w.e.stderr, "roamfault: a check is due (%s), and cannot begin: %s; the next boot tries again\n", printable(step.Why), why)
	if err := w.tree.Keep(w.state); err != nil {
		return trouble(err)
	}
	return nil
}

// drop takes a try back in which nothing was driven.
func (w *baselineWatch) drop(id, kernel string, err error) error {
	if err == nil {
		err = errors.New("it made no run")
	}
	w.state.Drop(id, printable(err.Error()), w.at())
	if w.now.Marked {
		err = errors.Join(err, w.tree.Mark(kernel))
	}
	return trouble(errors.Join(err, w.tree.Keep(w.state)))
}

// there reports whether a run came to be.
func (w *baselineWatch) there(id string) bool {
	info, err := os.Lstat(filepath.Join(w.store.path(id), rundir.FileName))
	return err == nil && info.Size() > 0
}

// open reports whether a run stands open.
func (w *baselineWatch) open(ctx context.Context, id string) bool {
	run, _, err := rundir.Load(ctx, w.store.root, id)
	return err == nil && run.Open()
}

// conclude ends the check that is pending; cut says why it cannot go on where it
// was cut off. The verdict is an exit code.
func (w *baselineWatch) conclude(ctx context.Context, cut string) (verdict, failed error) {
	stopped := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	c := w.state.Pending()
	ended := "the check ended"
	if cut != "" {
		ended += ": " + cut
	}
	var runs []string
	for _, id := range c.Runs {
		if !w.there(id) {
			continue
		}
		runs = append(runs, id)
		if w.open(ctx, id) {
			if err := w.check.Close(ctx, id, ended); err != nil {
				fmt.Fprintf(w.e.stderr, "roamfault: close run %s: %v\n", id, err)
			}
		}
	}
	j := w.judge(ctx, runs)
	if stopped && cut == "" && j.Verdict != compare.Regression && c.Tries < newkernel.MostTries {
		fmt.Fprintln(w.e.stderr, "roamfault: the check was stopped: it begins anew at the next boot")
		return nil, nil
	}
	if cut != "" {
		j.rests = strings.TrimPrefix(j.rests+"; "+cut, "; ")
	}
	c.Verdict, c.Summary, c.Rests, c.More, c.Ended = string(j.Verdict), j.summary, j.rests, j.more, w.at()
	w.state.PutOff = nil
	fmt.Fprintf(w.e.stdout, "baseline check of %s: %s\n", printable(c.Why), printable(checkWords(c)))
	if err := w.tree.Keep(w.state); err != nil {
		return nil, err
	}
	if n := j.ExitCode(); n != 0 {
		verdict = exitError{code: n}
	}
	return verdict, nil
}

// judgement is a verdict in words.
type judgement struct {
	compare.Verdict
	summary, rests, more string
}

// judge compares the runs of a check with the baseline.
func (w *baselineWatch) judge(ctx context.Context, runs []string) judgement {
	cannot := func(err error) judgement {
		return judgement{Verdict: compare.CannotTell, summary: compare.CannotTell.String() + ": the check cannot be compared: " + printable(err.Error())}
	}
	if len(runs) == 0 {
		return cannot(errors.New("it made no run"))
	}
	crashes, err := w.crashes(ctx, runs)
	if err != nil {
		return cannot(err)
	}
	// A run that went down at once may not say what it was made on.
	b, err := w.store.baselineLike(baselineWatched(&w.state.Watch))
	if err != nil {
		return cannot(err)
	}
	before, err := w.crashes(ctx, b.Runs)
	if err != nil {
		return cannot(err)
	}
	then, err := w.store.arm(ctx, ofBaseline, b.Runs)
	if err != nil {
		return cannot(err)
	}
	now, err := w.store.arm(ctx, "check", runs)
	if err != nil {
		return cannot(err)
	}
	c, err := compare.Compare(then, now, compare.Options{})
	if err != nil {
		return cannot(err)
	}
	j := judgement{c.Verdict, c.Summary, c.Why, moreWords(c.More)}
	if crashes > 0 && before == 0 && c.Verdict != compare.Regression {
		j = judgement{compare.Regression, compare.Regression.String() + ": the machine went down in the check, and never in the runs of the baseline", "roamfault runs show tells how; besides: " + c.Summary, ""}
	}
	return j
}

// crashes counts how often the machine went down in runs without being shut down.
func (w *baselineWatch) crashes(ctx context.Context, ids []string) (n int, err error) {
	for _, id := range ids {
		run, _, err := rundir.Load(ctx, w.store.root, id)
		if err != nil {
			return n, err
		}
		n += len(run.Crashes()) // those between two cycles
		for _, c := range run.Cycles.All() {
			if c.Outcome == runlog.Crashed {
				n++
			}
		}
	}
	return n, nil
}

// moreWords say what would tell.
func moreWords(m *compare.More) string {
	if m == nil {
		return ""
	}
	words := fmt.Sprintf("about %d cycles more, in %d loads of the firmware, could tell", m.CyclesB, m.LoadsB)
	if m.LoadsA > 0 {
		words += fmt.Sprintf(", and for the baseline %d in %d", m.CyclesA, m.LoadsA)
	}
	return words
}

// stressCheck makes the runs of checks as roamfault stress does.
type stressCheck struct {
	e     env
	store *runStore
	watch *newkernel.Watch
}

// flags are what was said when the watch was turned on.
func (c *stressCheck) flags() stressFlags {
	w := c.watch
	return stressFlags{iface: w.Interface, via: w.Via, takeOver: w.TakeOver, allow: w.Allow, passwords: w.Passwords, patterns: w.Patterns, source: w.Source, trace: w.Trace, format: "text"}
}

func (c *stressCheck) options() (*stress.Options, error) {
	w := c.watch
	known, err := catalogue(w.Patterns)
	return &stress.Options{Plan: w.Plan, Interface: w.Interface, Via: w.Via, TakeOver: w.TakeOver, Allow: w.Allow, Catalogue: known, Version: version}, err
}

// Ready looks as stress does before anything is changed.
func (c *stressCheck) Ready(ctx context.Context) string {
	why, err := c.missing(ctx)
	if err != nil {
		return err.Error()
	}
	return why
}

func (c *stressCheck) missing(ctx context.Context) (string, error) {
	o, err := c.options()
	if err != nil {
		return "", err
	}
	if o.Mine, err = c.store.mine(); err != nil {
		return "", err
	}
	system, done, err := stressSystem(c.watch.Source, sayer(io.Discard))
	if err != nil {
		return "", err
	}
	defer done()
	if c.watch.Passwords != "" {
		if o.Password, err = manager.PasswordFile(system.System, c.watch.Passwords); err != nil {
			return "", err
		}
	}
	scene, err := stress.Look(ctx, system, o)
	if err != nil || !scene.Ready() {
		if err == nil {
			return scene.Missing(), nil
		}
		return "", err
	}
	made, err := scene.Environment(ctx, system, version)
	if err != nil {
		return "", err
	}
	b, err := c.store.baselineFor(made)
	if err == nil && !watchedBy(c.watch, &b) {
		err = fmt.Errorf("the run would be one of %s, which is not what is watched", b.name())
	}
	return "", err
}

// Drive makes a run.
func (c *stressCheck) Drive(ctx context.Context, id string) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	f := c.flags()
	return f.start(ctx, c.e, o, c.store, id, c.store)
}

// GoOn takes a run up again.
func (c *stressCheck) GoOn(ctx context.Context, id string) error {
	opened, err := rundir.Open(ctx, c.store.root, id)
	if err != nil {
		return err
	}
	kept := &resumed{w: opened.Writer()}
	f := resumeFlags{stressFlags: c.flags()}
	err = f.goOn(ctx, c.e, c.store, opened, kept, false)
	return worse(err, kept.close())
}

// Close closes what of a run was cut off, with what the logs tell of it, and ends
// the run.
func (c *stressCheck) Close(ctx context.Context, id, why string) error {
	opened, err := rundir.Open(ctx, c.store.root, id)
	if err != nil {
		return err
	}
	kept := &resumed{w: opened.Writer()}
	known, err := catalogue(c.watch.Patterns)
	if err != nil {
		return errors.Join(err, kept.close())
	}
	f := resumeFlags{stressFlags: c.flags()}
	_, closed, err := f.closing(ctx, c.e, opened, known)
	if err == nil {
		err = closed.Write(kept.w)
	}
	if err == nil {
		err = kept.w.Append(&runlog.EndEntry{At: now(), Reason: why, Totals: closed.Totals})
	}
	return errors.Join(err, kept.close())
}
