package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"roamfault/reports/compare"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// compareFlags are the options of the command as typed.
type compareFlags struct {
	runs, by, endPoint, origin, format, color string
	alpha, power, within                      float64
	seed                                      uint64
	bisect, boots, plan, interleave           bool
	base, detect, icc                         float64
	perLoad                                   int
	directory, spool, patterns                string
	files                                     []string
}

// compareFormats are the documents that a comparison can be.
func compareFormats() []string {
	return []string{"text", "markdown", "json", "junit", "ktap", "prometheus"}
}

func newCompare(e env) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare A B | --by KEY [RUN]... | --boots A B | --plan",
		Short: "Say whether runs after a change went worse than those before, or that it cannot be told",
		Long: `Compare holds runs B, the new ones, against runs A, those before: a new kernel, driver, firmware or patch. A and B are ids of runs as of
roamfault runs, or several with commas between them. With --by KEY the runs named, or all, are divided by something of their environment, such as
kernel or firmware: KEY alone where it has two values, KEY=A,B else. With --boots A and B are boots of the journal: ids, numbers as of
analyze --boot, or ranges such as -9..-5.

Cycles of one load of the firmware depend on each other, so that loads are what counts: with fewer than ` + fmt.Sprint(compare.FewestLoads) + ` in an arm, which
stress --cycles-per-load makes, it cannot be told. --plan says how many cycles and loads a question takes.

Exit codes: 0 no regression, 1 regression, 2 usage, 3 could not run, 125 cannot tell. With --bisect, as git bisect run takes them: 0 good,
1 bad, 125 B could not be read or cannot tell (skip this commit), 128 it can never work (stop).`,
		Example: `  roamfault compare 20260301 latest
  roamfault compare 20260301,20260302 20260308,20260309 --format markdown
  roamfault compare --by kernel
  roamfault compare --by firmware=20250721,20260118 --end-point first-fault
  roamfault compare --boots -- -9..-5 -4..0
  roamfault compare --plan --base 0.02 --detect 0.10 --cycles-per-load 50
  git bisect run sh -c 'make-and-stress && roamfault compare --bisect good-run latest'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.exit(f.run(cmd.Context(), e, cmd, args))
		},
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return f.exit(err) })
	f.flags(cmd)
	return cmd
}

func (f *compareFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.bisect, "bisect", false, "end as git bisect run wants it; name it first")
	flags.StringVar(&f.by, "by", "", "divide the runs by `KEY[=A,B]` of their environment, such as kernel")
	flags.StringVar(&f.endPoint, "end-point", "", "let the verdict rest on `per-cycle|per-hour|first-fault` (default: per-cycle, with --boots per-hour)")
	flags.StringVar(&f.origin, "origin", string(runlog.Natural), "compare cycles with `natural|injected` faults")
	flags.Float64Var(&f.alpha, "alpha", 0.05, "the `CHANCE` of a false alarm, for both directions together")
	flags.Float64Var(&f.power, "power", 0.9, "the `CHANCE` to find what is to be found")
	flags.Float64Var(&f.within, "within", 0, "the greatest difference that counts as none: `SHARE` of cycles (default 0.05), or incidents an hour (1)")
	flags.Uint64Var(&f.seed, "seed", 0, "draw permutations from `N`")
	flags.StringVarP(&f.format, "format", "f", "text", "write `"+strings.Join(compareFormats(), "|")+"`")
	flags.StringVar(&f.color, "color", "auto", "colour the text: `auto|always|never`")
	flags.StringVar(&f.runs, "runs", "", "where the runs lie, `DIR` (default: those of the user who asked)")
	flags.BoolVar(&f.boots, "boots", false, "compare boots of the journal instead of runs")
	flags.StringVarP(&f.directory, "directory", "D", "", "with --boots, read the journal in `DIR` instead of this machine's")
	flags.StringArrayVar(&f.files, "file", nil, "with --boots, read the journal `FILE`; may be given again")
	flags.StringVar(&f.spool, "spool", defaultSpool, "with --boots, where roamfault watch noted the drivers of earlier boots, `DIR`")
	flags.StringVar(&f.patterns, "patterns", "", "with --boots, read pattern packs of `DIR`, too")
	flags.BoolVar(&f.plan, "plan", false, "say how many cycles and loads it takes")
	flags.BoolVar(&f.interleave, "interleave", false, "with --plan, say in which order to make the loads of both sides, so that a drift falls on both alike")
	flags.Float64Var(&f.base, "base", 0, "with --plan, the `SHARE` of cycles that fail before")
	flags.Float64Var(&f.detect, "detect", 0, "with --plan, the `SHARE` of cycles that is to be found now")
	flags.IntVar(&f.perLoad, "cycles-per-load", 25, "with --plan, how many cycles `N` a load of the firmware has")
	flags.Float64Var(&f.icc, "icc", 0.05, "with --plan, how much two cycles of a load `CORRELATE`, from 0 to 1")
	for flag, values := range map[string][]string{
		"format": compareFormats(), "end-point": {string(compare.PerCycle), string(compare.PerHour), string(compare.FirstFault)},
		"origin": {string(runlog.Natural), string(runlog.Injected)}, "by": {string(runlog.KeyKernel), string(runlog.KeyFirmware), string(runlog.KeyModuleVersion), string(runlog.KeySupplicant)},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
}

// environmentTrouble is what may be gone at the next commit.
type environmentTrouble struct{ error }

func (e environmentTrouble) Unwrap() error { return e.error }

// exit turns an error into what git bisect run makes the right thing of. Without
// --bisect it stays as it is.
func (f *compareFlags) exit(err error) error {
	var code exitError
	var passing environmentTrouble
	switch {
	case err == nil || !f.bisect:
		return err
	case errors.As(err, &code) && code.err == nil:
		return err // a verdict
	case errors.As(err, &passing):
		return exitError{compare.BisectCode(compare.CannotTell, compare.EnvironmentFails), err}
	}
	return exitError{compare.BisectCode(compare.CannotTell, compare.SetupNever), err}
}

func (f *compareFlags) run(ctx context.Context, e env, cmd *cobra.Command, args []string) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	debug.SetMemoryLimit(runMemory)
	if f.plan {
		return f.planned(e)
	}
	o := compare.Options{Alpha: f.alpha, Power: f.power, Within: f.within, EndPoint: compare.EndPoint(f.endPoint), Origin: runlog.Origin(f.origin), Seed: f.seed}
	var a, b *compare.Arm
	var more func(io.Writer) error
	var err error
	switch {
	case f.boots:
		if o.EndPoint == "" {
			o.EndPoint = compare.PerHour
		}
		a, b, more, err = f.bootArms(ctx, e, args)
	case f.by != "":
		var key runlog.Key
		a, b, key, err = f.dividedArms(ctx, e, args)
		o.By = []runlog.Key{key}
	default:
		a, b, err = f.runArms(ctx, args)
	}
	if err != nil {
		return trouble(err)
	}
	c, err := compare.Compare(a, b, o)
	if err != nil {
		return err // of the options
	}
	if err := f.write(e.stdout, c); err != nil {
		return trouble(fmt.Errorf("write the comparison: %w", err))
	}
	if more != nil && f.format == "text" {
		if err := more(e.stdout); err != nil {
			return trouble(err)
		}
	}
	code := c.Verdict.ExitCode()
	if f.bisect {
		code = compare.BisectCode(c.Verdict, compare.NoTrouble)
	}
	if code != exitOK {
		return exitError{code: code}
	}
	return nil
}

// check says what is wrong with the words.
func (f *compareFlags) check(cmd *cobra.Command, args []string) error {
	given := cmd.Flags().Changed
	modes := 0
	for _, on := range []bool{f.by != "", f.boots, f.plan} {
		if on {
			modes++
		}
	}
	switch {
	case modes > 1:
		return errors.New("--by, --boots and --plan are different questions: name one")
	case f.plan && len(args) > 0:
		return errors.New("--plan takes no runs: it says how many cycles would tell --base from --detect")
	case f.plan && (!given("base") || !given("detect")):
		return errors.New("--plan needs --base and --detect, the shares of cycles that fail: --plan --base 0.02 --detect 0.10")
	case f.plan && f.format != "text":
		return fmt.Errorf("--plan writes text, not %s", f.format)
	case !f.plan && f.by == "" && len(args) != 2:
		return fmt.Errorf("two sides are wanted, A before and B now, and there are %d; several runs of a side have commas between them", len(args))
	case !slices.Contains(compareFormats(), f.format):
		return fmt.Errorf("--format %q: %s", f.format, strings.Join(compareFormats(), ", "))
	}
	for flag, value := range map[string]float64{"alpha": f.alpha, "power": f.power, "within": f.within} {
		if given(flag) && value <= 0 {
			return fmt.Errorf("--%s %g: more than 0 is wanted", flag, value)
		}
	}
	for flag, mode := range map[string]bool{"base": f.plan, "detect": f.plan, "interleave": f.plan, "icc": f.plan, "cycles-per-load": f.plan, "directory": f.boots, "file": f.boots, "spool": f.boots, "patterns": f.boots} {
		if given(flag) && !mode {
			need := "--plan"
			if slices.Contains([]string{"directory", "file", "spool", "patterns"}, flag) {
				need = "--boots"
			}
			return fmt.Errorf("--%s means nothing without %s", flag, need)
		}
	}
	return nil
}

func (f *compareFlags) planned(e env) error {
	p, err := compare.Plan(f.base, f.detect, f.alpha, f.power, f.perLoad, f.icc)
	if err != nil {
		return err
	}
	err = p.WriteText(e.stdout)
	if err == nil && f.interleave {
		err = p.WriteOrder(e.stdout)
	}
	if err != nil {
		return trouble(err)
	}
	return nil
}

func (f *compareFlags) write(w io.Writer, c *compare.Comparison) error {
	switch f.format {
	case "markdown":
		return c.WriteMarkdown(w)
	case "json":
		return c.WriteJSON(w)
	case "junit":
		return c.WriteJUnit(w)
	case "ktap":
		return c.WriteKTAP(w)
	case "prometheus":
		return c.WritePrometheus(w)
	}
	return c.WriteText(w, compare.TextOptions{Color: colour(w, f.color)})
}

// arm takes runs into one side of a comparison. One after the other, so that only
// one is in memory.
func (s *runStore) arm(ctx context.Context, name string, ids []string) (*compare.Arm, error) {
	a := compare.NewArm(name)
	for _, id := range ids {
		run, stats, err := rundir.Load(ctx, s.root, id)
		if err != nil {
			return nil, err
		}
		a.Run(compare.InfoOf(run, stats)).Take(run)
	}
	return a, nil
}

// runArms are the two sides as they were named.
func (f *compareFlags) runArms(ctx context.Context, args []string) (a, b *compare.Arm, err error) {
	s, err := openRuns(f.runs)
	if err != nil {
		return nil, nil, err
	}
	before, err := s.resolveAll(strings.Split(args[0], ","))
	if err != nil {
		return nil, nil, err
	}
	now, err := s.resolveAll(strings.Split(args[1], ","))
	if err != nil {
		return nil, nil, environmentTrouble{err}
	}
	for _, id := range now {
		if slices.Contains(before, id) {
			return nil, nil, environmentTrouble{fmt.Errorf("run %s is on both sides", id)}
		}
	}
	if a, err = s.arm(ctx, strings.Join(before, ","), before); err != nil {
		return nil, nil, err
	}
	if b, err = s.arm(ctx, strings.Join(now, ","), now); err != nil {
		return nil, nil, environmentTrouble{err}
	}
	return a, b, nil
}

// dividedArms are runs divided by a key of their environment.
func (f *compareFlags) dividedArms(ctx context.Context, e env, args []string) (a, b *compare.Arm, key runlog.Key, err error) {
	name, values, chosen := strings.Cut(f.by, "=")
	key = runlog.Key(name)
	wanted := strings.Split(values, ",")
	if chosen && (len(wanted) != 2 || wanted[0] == "" || wanted[1] == "" || wanted[0] == wanted[1]) {
		return nil, nil, key, fmt.Errorf("--by %s: two values are wanted behind =, with a comma between them", f.by)
	}
	s, err := openRuns(f.runs)
	if err != nil {
		return nil, nil, key, err
	}
	ids, err := f.named(s, args)
	if err != nil {
		return nil, nil, key, err
	}
	groups := compare.NewGroups(key)
	for _, id := range ids {
		run, stats, err := rundir.Load(ctx, s.root, id)
		switch {
		case err != nil && len(args) == 0 && ctx.Err() == nil:
			fmt.Fprintf(e.stderr, "roamfault: left out: %v\n", err)
			continue
		case err != nil:
			return nil, nil, key, err
		}
		if value, _ := run.Environment().Get(key); chosen && !slices.Contains(wanted, value) {
			continue
		}
		groups.Run(compare.InfoOf(run, stats)).Take(run)
	}
	a, b, err = two(groups.Arms(), name, wanted, chosen)
	return a, b, key, err
}

// named are the runs that are meant: without a name all.
func (f *compareFlags) named(s *runStore, args []string) ([]string, error) {
	if len(args) == 0 {
		return s.ids()
	}
	var names []string
	for _, arg := range args {
		names = append(names, strings.Split(arg, ",")...)
	}
	return s.resolveAll(names)
}

// two chooses the arms: the values that were asked for in that order, else the
// only two, the one of the oldest run first.
func two(arms []*compare.Arm, key string, wanted []string, chosen bool) (a, b *compare.Arm, err error) {
	var names []string
	for _, arm := range arms {
		names = append(names, printable(arm.Name()))
		switch {
		case !chosen:
		case arm.Name() == wanted[0]:
			a = arm
		case arm.Name() == wanted[1]:
			b = arm
		}
	}
	switch {
	case chosen && a == nil:
		return nil, nil, fmt.Errorf("no run has %s %q", key, wanted[0])
	case chosen && b == nil:
		return nil, nil, fmt.Errorf("no run has %s %q", key, wanted[1])
	case chosen:
		return a, b, nil
	case len(arms) == 2:
		return arms[0], arms[1], nil
	case len(arms) < 2:
		return nil, nil, fmt.Errorf("the runs do not differ in %s (%s): there is nothing to compare", key, dash(strings.Join(names, ", ")))
	}
	return nil, nil, fmt.Errorf("the runs have %d values of %s: name two, as in --by %s=%s,%s (there are %s)", len(arms), key, key, names[0], names[1], strings.Join(names, ", "))
}
