package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"roamfault/journal"
	"roamfault/journal/pstore"
	"roamfault/patterns"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/resume"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
	"roamfault/roam/stress"
	"roamfault/watch"
)

// resumeFlags are the options of the command as typed; those that stress has as
// well are its.
type resumeFlags struct {
	stressFlags
	injectAgain, onBoot bool
}

// triesPath is where the tries of the unit are counted.
const triesPath = "/var/lib/roamfault-stress/tries.json"

func newRunsResume(e env, open opener) *cobra.Command {
	var f resumeFlags
	cmd := &cobra.Command{
		Use:   "resume [ID]",
		Short: "Go on with a run whose program was killed or whose machine went down",
		Long: `Resume closes the cycle that was interrupted, with what the log of that boot and pstore tell of its end, and goes on with the plan
behind it. Without an ID it is the latest run that stands open.

A run is resumed on its own machine only. One that puts faults in asks for --inject-again. The interface and the way to roam are those
of the run where nothing else is said; access points that were confirmed as your own still are.

Exit codes: 0 nothing failed, 1 cycles failed or incidents were found, in the whole of the run, 2 usage, 3 could not run.`,
		Example: `  sudo roamfault runs resume
  sudo roamfault runs resume 20260301-220000-0a1b --take-over --password-file wifi.txt`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := open()
			if err != nil {
				return err
			}
			id := ""
			if len(args) > 0 {
				id = args[0]
			}
			return f.resume(cmd.Context(), e, store, id)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.iface, "interface", "i", "", "drive the interface `NAME` (default: that of the run)")
	flags.StringVar(&f.via, "via", "", "roam via `ctrl|dbus|nl80211` (default: as the run did)")
	flags.BoolVar(&f.takeOver, "take-over", false, "take the interface from who manages it, and give it back at the end")
	flags.StringVar(&f.passwords, "password-file", "", "read the network's password from `FILE`, for --take-over and --via nl80211")
	flags.StringSliceVar(&f.allow, "allow", nil, "go on though one of these `GUARDS` refuses: "+strings.Join(manager.Allowable(), ", "))
	flags.BoolVar(&f.mine, "mine", false, "confirm that the access points of the plan are your own; it is remembered")
	flags.BoolVar(&f.injectAgain, "inject-again", false, "confirm that the run's faults are to be put in again")
	flags.BoolVar(&f.tui, "tui", false, "show the run on the whole terminal")
	flags.StringVarP(&f.format, "format", "f", "text", "write the summary as `text|json`")
	flags.StringVar(&f.patterns, "patterns", "", "read pattern packs of `DIR`, too")
	flags.StringVar(&f.source, "source", "auto", "read the log from `auto|journal|sdjournal|journalctl|kmsg`")
	flags.BoolVar(&f.onBoot, "on-boot", false, "count this as a try of the unit that resumes at boot")
	if err := flags.MarkHidden("on-boot"); err != nil {
		panic(err) // the flag was made above
	}
	for flag, values := range map[string][]string{
		"via": {manager.ViaControl, manager.ViaDBus, manager.ViaNL80211}, "format": {"text", "json"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
	return cmd
}

// resume takes a run up again.
func (f *resumeFlags) resume(ctx context.Context, e env, store *runStore, id string) (err error) {
	if err := checkFormat(f.format); err != nil {
		return err
	}
	if id == "" {
		id, err = store.latestOpen(ctx)
	} else {
		id, err = store.resolve(id)
	}
	if err != nil {
		return trouble(err)
	}
	if f.onBoot {
		// Whatever comes of it: where it is driven, the unit is made anew. Where no
		// try is left, it has said so, and is gone.
		_, err = resume.Try(triesPath, id)
		if err = errors.Join(err, resume.RemoveUnit("/")); err != nil {
			return trouble(err)
		}
	}
	opened, err := rundir.Open(ctx, store.root, id)
	if err != nil {
		return trouble(err)
	}
	kept := &resumed{w: opened.Writer()}
	err = f.goOn(ctx, e, store, opened, kept, f.onBoot)
	return worse(err, kept.close())
}

// goOn closes the interruption, and drives on; again says that the next boot is to
// do so by itself.
func (f *resumeFlags) goOn(ctx context.Context, e env, store *runStore, opened *rundir.Opened, kept *resumed, again bool) error {
	known, err := catalogue(f.patterns)
	if err != nil {
		return trouble(err)
	}
	state, closed, err := f.closing(ctx, e, opened, known)
	if err != nil {
		return trouble(fmt.Errorf("resume run %s: %w", opened.ID, err))
	}
	for _, p := range opened.Stats.Problems() {
		fmt.Fprintf(e.stderr, "roamfault: run %s: %s\n", opened.ID, p)
	}
	if err := closed.Write(kept.w); err != nil {
		return trouble(err)
	}
	if c := closed.Cycle; c != nil {
		fmt.Fprintf(e.stderr, "cycle %d: %s: %s\n", c.Number, c.Outcome, printable(c.Detail))
	}
	onward := state.Onward(closed)
	if onward.Over != "" {
		return f.end(ctx, e, store, opened.ID, kept, onward.Over, closed.Totals)
	}
	was := opened.Run.Environment()
	o := stress.Options{
		Plan: onward.Plan, First: onward.First, Load: onward.Load, Enough: onward.Enough, Totals: closed.Totals, Resumed: true, Why: state.Why(),
		Via: f.via, TakeOver: f.takeOver, Allow: f.allow, Confirm: f.mine, Catalogue: known, Version: version,
	}
	if o.Interface = f.iface; o.Interface == "" {
		o.Interface, _ = was.Get(runlog.KeyInterface)
	}
	if o.Via == "" && !f.takeOver {
		o.Via, _ = was.Get(runlog.KeyVia)
	}
	if again {
		if o.AtBoot, err = f.atBoot(store, opened.ID, f.injectAgain); err != nil {
			return trouble(err)
		}
	}
	return f.start(ctx, e, &o, store, opened.ID, kept)
}

// closing says what happened to a run that stands open, and how what was cut off is
// closed. Nothing is written.
func (f *resumeFlags) closing(ctx context.Context, e env, opened *rundir.Opened, known *patterns.Catalogue) (resume.State, *resume.Closed, error) {
	host, err := (&machine.Machine{Root: "/"}).Host()
	if err != nil {
		return resume.State{}, nil, err
	}
	state, err := resume.Look(opened.Run, opened.Stats, resume.Present{
		Machine: host.Machine, Boot: host.Boot, Alive: ours, InjectAgain: f.injectAgain,
	})
	if err != nil {
		return state, nil, err
	}
	closed, err := state.Close(ctx, resume.Closing{
		File:     func() io.Reader { return io.NewSectionReader(opened.File, 0, opened.Stats.Whole) },
		Evidence: f.evidence(sayer(e.stderr)), Catalogue: known, Now: now(),
	})
	return state, closed, err
}

// atBoot is the unit that takes a run up again as it was begun; inject says that
// its faults are confirmed for that.
func (f *stressFlags) atBoot(store *runStore, id string, inject bool) (*resume.Unit, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("resume the run at boot: %w", err)
	}
	u := &resume.Unit{Program: self, Run: id, Runs: store.root.Path}
	for _, o := range []struct{ flag, value string }{{"interface", f.iface}, {"via", f.via}, {"source", f.source}} {
		if o.value != "" {
			u.Args = append(u.Args, "--"+o.flag, o.value)
		}
	}
	for _, o := range []struct{ flag, path string }{{"password-file", f.passwords}, {"patterns", f.patterns}} {
		if o.path == "" {
			continue
		}
		path, err := filepath.Abs(o.path)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", o.flag, err)
		}
		u.Args = append(u.Args, "--"+o.flag, path)
	}
	for _, guard := range f.allow {
		u.Args = append(u.Args, "--allow", guard)
	}
	if f.takeOver {
		u.Args = append(u.Args, "--take-over")
	}
	if inject {
		u.Args = append(u.Args, "--inject-again")
	}
	return u, nil
}

// end ends a run of whose plan nothing is left.
func (f *resumeFlags) end(ctx context.Context, e env, store *runStore, id string, kept *resumed, why string, totals runlog.Totals) error {
	err := kept.w.Append(&runlog.EndEntry{At: now(), Reason: why, Totals: totals})
	if err = errors.Join(err, kept.close()); err != nil {
		return trouble(err)
	}
	summary, err := store.summary(ctx, id)
	if err != nil {
		return trouble(err)
	}
	return f.tell(e, summary, store.path(id), nil)
}

// evidence is what this machine knows of the boot that was interrupted.
func (f *resumeFlags) evidence(say func(string, ...any)) resume.Evidence {
	return resume.Logs{Pstore: &pstore.Source{}, Open: func(filter journal.Filter) (journal.Source, error) {
		log, err := watchFlags{source: f.source, once: true}.from(say)
		if err != nil {
			return nil, err
		}
		return log.open(watch.Start{Since: filter.Since, Boot: filter.Boot}, func() {})
	}}
}

// resumed keeps a run that is taken up again.
type resumed struct {
	w      *runlog.Writer
	closed bool
}

// Writer gives the run's file to whoever drives on, who closes it.
func (r *resumed) Writer(context.Context, string) (*runlog.Writer, error) {
	r.closed = true
	return r.w, nil
}

// close closes the file where nobody has.
func (r *resumed) close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	return r.w.Close()
}

// latestOpen finds the latest run that has no end.
func (s *runStore) latestOpen(ctx context.Context) (string, error) {
	all, err := rundir.List(s.root)
	if err != nil {
		return "", err
	}
	for _, info := range slices.Backward(all) {
		if info.Locked {
			continue
		}
		run, _, err := rundir.Load(ctx, s.root, info.ID)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if err == nil && run.Open() {
			return info.ID, nil
		}
	}
	return "", fmt.Errorf("no run in %s stands open: roamfault runs list shows them", s.root.Path)
}

// ours reports whether another process is this program. Its lock tells where
// locks work; a number alone may be anybody's.
func ours(pid int) bool {
	self, err := os.Executable()
	return err == nil && pid != os.Getpid() && executes(pid, self)
}

// executes reports whether a process is a program. Of another user's process, which
// does not show whose file it is, the name has to do (proc_pid_comm(5)).
func executes(pid int, program string) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	theirs, err := os.Readlink(filepath.Join(dir, "exe"))
	if errors.Is(err, fs.ErrPermission) {
		const longest = 15
		name := filepath.Base(program)
		comm, err := os.ReadFile(filepath.Join(dir, "comm"))
		return err == nil && strings.TrimSuffix(string(comm), "\n") == name[:min(len(name), longest)]
	}
	return err == nil && strings.TrimSuffix(theirs, " (deleted)") == program
}
