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
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"roamfault/reports/compare"
	"roamfault/reports/schema"
	"roamfault/roam/machine"
	"roamfault/roam/newkernel"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// unitWait is how long the unit waits at boot: time to log in and stop it, on a
// machine that goes down again, and for the driver to be there. For unitWithin it
// looks whether a check can begin: some networks are there when somebody has logged
// in.
const (
	unitWait   = time.Minute
	unitWithin = 15 * time.Minute
)

func newBaselineWatch(e env, open opener, root *string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "Hold each new kernel, driver and firmware against the baseline, on its first boot",
		Long: `Watch has the machine check by itself what an update brought: on the first boot of a kernel, a driver or a firmware that neither the
baseline nor a former check has seen, a minute after boot, it makes one run with the plan that was named when the watch was turned on, compares it
with the baseline, and keeps the verdict. Nothing of it is there until somebody turns it on, and nothing is left when it is turned off.

All that is asked of stress is asked of a check: the access points are confirmed as your own, and a remote login over the interface and the other guards
keep it from beginning. What cannot begin within a quarter of an hour is tried again at the next boot. A check that takes the machine down goes on at the next boot, once;
where another kernel is booted then, or it goes down again, it ends there. A machine that went down in a check and never did in the runs of the
baseline is a regression.

` + newkernel.SwitchOff + ` on the kernel's command line keeps the check from a boot.`,
		Example: `  sudo roamfault runs baseline watch on --mine
  sudo roamfault runs baseline watch on --mine --plan mlo-ping-pong --cycles 200 --cycles-per-load 25
  roamfault runs baseline watch status
  sudo roamfault runs baseline watch off`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBaselineWatchOn(e, open, root), newBaselineWatchOff(e, root), newBaselineWatchStatus(e, root), newBaselineWatchRun(e, root))
	return cmd
}

// attended are the options of stress for somebody who sits there, or that a check
// says itself.
func attended() []string {
	return []string{"dry-run", "tui", "resume-on-boot", "until-verdict", "detect", "against-baseline", "format", "inject", "runs", "ssid"}
}

func newBaselineWatchOn(e env, open opener, root *string) *cobra.Command {
	var f stressFlags
	cmd := &cobra.Command{
		Use:   "on [ID]",
		Short: "Have each new kernel, driver and firmware checked on its first boot",
		Long: `On installs a unit of systemd that looks at each boot whether something new was booted, and hooks that note a kernel as it is installed,
where there are installers of kernels that call such (kernel-install, and Debian's). The baseline is the only one, or the one that the run ID belongs
to. The options are those of roamfault stress; the plan is that of the baseline's latest run where none is named. What is confirmed here holds for the
checks. Turned on again it takes what is said then, and keeps what was checked.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			if err := f.watchOn(cmd, e, s, newkernel.Tree(*root), args); err != nil {
				if errors.Is(err, fs.ErrPermission) {
					err = fmt.Errorf("%w: it takes root (sudo)", err)
				}
				return trouble(err)
			}
			return nil
		},
	}
	all := &cobra.Command{}
	f.flags(all)
	all.Flags().VisitAll(func(flag *pflag.Flag) {
		if !slices.Contains(attended(), flag.Name) {
			cmd.Flags().AddFlag(flag)
		}
	})
	return cmd
}

// watchOn turns a watch on.
func (f *stressFlags) watchOn(cmd *cobra.Command, e env, s *runStore, tree newkernel.Tree, args []string) error {
	b, err := s.watchable(args)
	if err != nil {
		return err
	}
	w, err := f.watch(cmd, s, b)
	if err != nil {
		return err
	}
	host, err := (&machine.Machine{Root: string(tree)}).Host()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("turn the watch on: %w", err)
	}
	w.Machine, w.Since = host.Machine, time.Now().UTC().Truncate(time.Second)
	state := &newkernel.State{Version: 1, Watch: *w}
	if old, err := tree.Load(); err == nil && watchedBy(&old.Watch, &b) && old.Watch.Runs == w.Runs {
		state.Checks = old.Checks
	}
	now, err := bootOf(cmd.Context(), tree, s, w)
	if err != nil {
		return err
	}
	installed, err := tree.On(state, newkernel.Unit{Program: self, Runs: s.root.Path, After: unitWait, Within: unitWithin})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "the baseline of %s is watched: what is new is checked on its first boot, by %s\n", b.name(), planWords(&w.Plan))
	for _, path := range installed {
		fmt.Fprintf(e.stdout, "installed %s\n", path)
	}
	watchWarnings(cmd.Context(), e, s, tree, state, now)
	return nil
}

// watchable finds the baseline that is meant.
func (s *runStore) watchable(args []string) (baseline, error) {
	all, err := s.baselines()
	if err != nil {
		return baseline{}, err
	}
	if len(args) > 0 {
		id, err := s.resolve(args[0])
		if err != nil {
			return baseline{}, err
		}
		all = slices.DeleteFunc(all, func(b baseline) bool { return !slices.Contains(b.Runs, id) })
		if len(all) == 0 {
			return baseline{}, fmt.Errorf("run %s belongs to no baseline: roamfault runs baseline set %s", id, id)
		}
	}
	switch {
	case len(all) == 0:
		return baseline{}, fmt.Errorf("watch a baseline: %w: roamfault runs baseline set ID", errNoBaseline)
	case len(all) > 1:
		return baseline{}, fmt.Errorf("there are %d baselines: name a run of the one to watch; roamfault runs baseline list shows them", len(all))
	case all[0].Network == "":
		return baseline{}, fmt.Errorf("watch the baseline of %s: its runs do not say of which network they are", all[0].name())
	}
	return all[0], nil
}

// watch is what was asked for, as far as the options and the baseline say it.
func (f *stressFlags) watch(cmd *cobra.Command, s *runStore, b baseline) (*newkernel.Watch, error) {
	plan, err := f.watchPlan(cmd, s, b)
	if err != nil {
		return nil, err
	}
	if err := s.confirmed(plan.Targets.SSID, f.mine); err != nil {
		return nil, err
	}
	w := &newkernel.Watch{
		Device: b.Device, Driver: b.Driver, Network: b.Network, Runs: s.root.Path, UID: s.root.UID, GID: s.root.GID, Plan: plan,
		Interface: f.iface, Via: f.via, TakeOver: f.takeOver, Allow: f.allow, Source: f.source, Trace: f.trace,
	}
	for _, o := range []struct {
		flag, path string
		to         *string
	}{{"password-file", f.passwords, &w.Passwords}, {"patterns", f.patterns, &w.Patterns}} {
		if o.path == "" {
			continue
		}
		if *o.to, err = filepath.Abs(o.path); err == nil {
			_, err = os.Stat(*o.to)
		}
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", o.flag, err)
		}
	}
	return w, nil
}

// watchPlan is the plan of a check: the one that was named, or that of the
// baseline's latest run.
func (f *stressFlags) watchPlan(cmd *cobra.Command, s *runStore, b baseline) (p runlog.Plan, err error) {
	if f.plan != "" {
		p, err = f.read(cmd)
	} else {
		id := b.Runs[len(b.Runs)-1]
		var run *runlog.Run
		if run, _, err = rundir.Load(cmd.Context(), s.root, id); err != nil {
			return p, fmt.Errorf("take the plan of the baseline's run: %w", err)
		}
		p = run.Head.Plan
		if err = f.over(cmd, &p); err == nil {
			p = p.WithDefaults()
			err = p.Validate()
		}
	}
	if err != nil {
		return p, err
	}
	ssid, err := runlog.ParseSSID(b.Network)
	switch {
	case err != nil:
		return p, fmt.Errorf("the baseline's network: %w", err)
	case len(p.Inject) > 0:
		return p, errors.New("a check puts no faults in, and the plan does: name another by --plan")
	case len(p.Targets.SSID) == 0:
		p.Targets.SSID = ssid
	case !slices.Equal(p.Targets.SSID, ssid):
		return p, fmt.Errorf("the plan goes to network %s, and the baseline is of network %s", p.Targets.SSID, ssid)
	}
	return p, nil
}

// confirmed refuses a network whose access points nobody has confirmed to be his
// own; now says that it is being confirmed.
func (s *runStore) confirmed(ssid runlog.SSID, now bool) error {
	if now {
		return s.confirm(ssid)
	}
	mine, err := s.mine()
	if err != nil {
		return err
	}
	if !mine.Has(&runlog.AP{SSID: ssid}) {
		return fmt.Errorf("confirm that the access points of network %s are your own: --mine", ssid)
	}
	return nil
}

// watchWarnings says what a check would come to as things stand.
func watchWarnings(ctx context.Context, e env, s *runStore, tree newkernel.Tree, state *newkernel.State, now newkernel.Present) {
	w := &state.Watch
	if loads := loadsIn(&w.Plan); loads > 0 && loads < compare.FewestLoads {
		fmt.Fprintf(e.stderr, "roamfault: a check of this plan has %d of the %d loads of the firmware that a verdict takes: --cycles-per-load\n", loads, compare.FewestLoads)
	}
	if step := state.Next(now); step.Do == newkernel.Begin {
		fmt.Fprintf(e.stdout, "what is booted is new (%s): it is checked at the next boot, or now by: systemctl start %s\n", printable(step.Why), newkernel.UnitName)
	}
	if tree == "/" {
		if why := (&stressCheck{e, s, w}).Ready(ctx); why != "" {
			fmt.Fprintf(e.stderr, "roamfault: as things stand no check could begin: %s\n", printable(why))
		}
	}
}

// loadsIn is how many loads of the firmware a plan makes; 0: it does not say.
func loadsIn(p *runlog.Plan) int {
	switch {
	case p.CyclesPerLoad == 0:
		return 1
	case p.Cycles == 0:
		return 0
	}
	return (p.Cycles + p.CyclesPerLoad - 1) / p.CyclesPerLoad
}

// planWords names a plan and its end.
func planWords(p *runlog.Plan) string {
	var ends []string
	if p.Cycles > 0 {
		ends = append(ends, fmt.Sprintf("%d cycles", p.Cycles))
	}
	if p.Duration > 0 {
		ends = append(ends, p.Duration.String())
	}
	words := strings.Join(ends, " or ")
	if p.Name != "" {
		words += " of the plan " + printable(p.Name)
	}
	return words
}

func newBaselineWatchOff(e env, root *string) *cobra.Command {
	return &cobra.Command{
		Use:   "off",
		Short: "Check nothing any more, and remove the unit, the hooks and all that is kept of the watch; the runs stay",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			tree := newkernel.Tree(*root)
			if state, err := tree.Load(); err == nil {
				if c := state.Pending(); c != nil && ours(c.PID) {
					fmt.Fprintf(e.stderr, "roamfault: a check is under way; systemctl stop %s ends it\n", newkernel.UnitName)
				}
			}
			removed, err := tree.Off()
			for _, path := range removed {
				fmt.Fprintf(e.stdout, "removed %s\n", path)
			}
			switch {
			case errors.Is(err, fs.ErrPermission):
				return trouble(fmt.Errorf("%w: it takes root (sudo)", err))
			case err != nil:
				return trouble(err)
			case len(removed) == 0:
				fmt.Fprintln(e.stderr, "no baseline was watched")
			}
			return nil
		},
	}
}

// watchStatus is what runs baseline watch status --format json prints.
type watchStatus struct {
	Schema    string            `json:"schema"` // [schema.BaselineWatchID]
	On        bool              `json:"on"`
	Watch     *newkernel.Watch  `json:"watch"`
	Installed []string          `json:"installed"`
	Marked    []string          `json:"marked"`
	Due       bool              `json:"due"`
	Why       string            `json:"why"`
	PutOff    *newkernel.PutOff `json:"put_off"`
	Checks    []newkernel.Check `json:"checks"`
}

func newBaselineWatchStatus(e env, root *string) *cobra.Command {
	read := func(ctx context.Context) (*watchStatus, error) { return readWatchStatus(ctx, newkernel.Tree(*root)) }
	return newStatus(e, "status", "Say what is watched, whether a check is due, and what was found", read, func(s *watchStatus) error { return s.write(e.stdout) })
}

func readWatchStatus(ctx context.Context, tree newkernel.Tree) (*watchStatus, error) {
	out := &watchStatus{Schema: schema.BaselineWatchID, Installed: tree.Installed(), Marked: tree.Marks(), Checks: []newkernel.Check{}}
	state, err := tree.Load()
	if errors.Is(err, newkernel.ErrOff) {
		out.Why = err.Error()
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.On, out.Watch, out.PutOff = true, &state.Watch, state.PutOff
	out.Checks = append(out.Checks, state.Checks...)
	now, err := bootOf(ctx, tree, watchedRuns(&state.Watch), &state.Watch)
	if err != nil {
		return nil, err
	}
	step := state.Next(now)
	out.Due, out.Why = step.Do != newkernel.Nothing, step.Why
	return out, nil
}

func (s *watchStatus) write(out io.Writer) error {
	if !s.On {
		_, err := fmt.Fprintln(out, s.Why)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", name, printable(fmt.Sprintf(format, args...)))
	}
	of := baselineWatched(s.Watch)
	line("watched", "%s, since %s", of.name(), s.Watch.Since.Local().Format("2006-01-02"))
	line("a check", "%s", planWords(&s.Watch.Plan))
	for _, path := range s.Installed {
		line("installed", "%s", path)
	}
	for _, kernel := range s.Marked {
		line("noted as new", "%s", kernel)
	}
	when := "nothing"
	if s.Due {
		when = "at the next boot"
	}
	line("due", "%s: %s", when, s.Why)
	if p := s.PutOff; p != nil {
		line("put off", "%s: %s", p.At.Local().Format("2006-01-02 15:04"), p.Why)
	}
	for i := range s.Checks {
		c := &s.Checks[i]
		line("checked", "%s: %s: %s", c.Begun.Local().Format("2006-01-02 15:04"), c.Why, checkWords(c))
	}
	return w.Flush()
}

// checkWords say what came of a check.
func checkWords(c *newkernel.Check) string {
	if c.Verdict == "" {
		return fmt.Sprintf("not ended (try %d of %d, run %s)", c.Tries, newkernel.MostTries, c.Runs[len(c.Runs)-1])
	}
	verdict := compare.Verdict(c.Verdict).String()
	words := strings.ToUpper(verdict) + ": " + strings.TrimPrefix(c.Summary, verdict+": ")
	for _, more := range []string{c.Rests, c.More} {
		if more != "" {
			words += "; " + more
		}
	}
	return words + " (runs " + strings.Join(c.Runs, ", ") + ")"
}

// watchedRuns is where the runs of a watch lie.
func watchedRuns(w *newkernel.Watch) *runStore {
	return &runStore{rundir.Root{Path: w.Runs, UID: w.UID, GID: w.GID}}
}

// baselineWatched is the empty baseline for the runs of a watch.
func baselineWatched(w *newkernel.Watch) baseline {
	return baseline{Device: w.Device, Driver: w.Driver, Network: w.Network}
}

// watchedBy reports whether a watch is of a baseline.
func watchedBy(w *newkernel.Watch, b *baseline) bool {
	wanted := baselineWatched(w)
	return b.same(&wanted)
}

// lastCheck is the latest check of a baseline that has ended, in words; empty: none.
func lastCheck(state *newkernel.State, s *runStore, b *baseline) string {
	if state == nil || state.Watch.Runs != s.root.Path || !watchedBy(&state.Watch, b) {
		return ""
	}
	for _, c := range slices.Backward(state.Checks) {
		if c.Verdict != "" {
			return compare.Verdict(c.Verdict).String() + " with " + c.Kernel()
		}
	}
	return ""
}
