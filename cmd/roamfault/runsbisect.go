package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roamfault/reports/compare"
	"roamfault/reports/schema"
	"roamfault/roam/runlog/rundir"
)

// The verdicts on a revision.
const (
	revisionGood = "good"
	revisionBad  = "bad"
	revisionSkip = "skip"
)

// bisectStep is what was found of one revision.
type bisectStep struct {
	Revision string    `json:"revision"`
	Run      string    `json:"run"` // empty: a person said it
	Verdict  string    `json:"verdict"`
	Why      string    `json:"why"`
	At       time.Time `json:"at"`
}

// bisection is where a search stands: what is kept beside the runs, so that it
// outlives the boots that it takes, and what runs bisect status --format json
// prints.
type bisection struct {
	Schema string `json:"schema"` // [schema.BisectID]
	// Good is known to be good; of the Revisions behind it, from old to new, the last
	// is known to be bad.
	Good      string       `json:"good"`
	Revisions []string     `json:"revisions"`
	Baseline  []string     `json:"baseline"`
	EndPoint  string       `json:"end_point"`
	Alpha     float64      `json:"alpha"`
	Power     float64      `json:"power"`
	Within    float64      `json:"within"`
	Current   string       `json:"current"`   // empty: the search is over
	FirstBad  string       `json:"first_bad"` // empty: it is not known
	Steps     []bisectStep `json:"steps"`
}

const bisectFile = "bisect.json"

// mostRevisions is how many a search may have.
const mostRevisions = 100_000

// verdicts are what is known, by revision.
func (b *bisection) verdicts() map[string]string {
	out := map[string]string{b.Revisions[len(b.Revisions)-1]: revisionBad}
	for _, s := range b.Steps {
		out[s.Revision] = s.Verdict
	}
	return out
}

// open are the revisions that the first bad one is among: behind the last good
// one, up to the first bad one after it.
func (b *bisection) open() []string {
	known := b.verdicts()
	first := 0
	for i, r := range b.Revisions {
		if known[r] == revisionGood {
			first = i + 1
		}
	}
	for i := first; i < len(b.Revisions); i++ {
		if known[b.Revisions[i]] == revisionBad {
			return b.Revisions[first : i+1]
		}
	}
	return nil // the last one, known to be bad, was found to be good
}

// next chooses the revision to try: the one nearest to the middle of which nothing
// is known.
func (b *bisection) next() {
	b.Current, b.FirstBad = "", ""
	open, known := b.open(), b.verdicts()
	if len(open) == 1 {
		b.FirstBad = open[0]
		return
	}
	middle, best := (len(open)-1)/2, len(open)
	for i, r := range open {
		if distance := max(i-middle, middle-i); known[r] == "" && distance < best {
			b.Current, best = r, distance
		}
	}
}

// check says why what was read is no search.
func (b *bisection) check() error {
	switch {
	case b.Schema != schema.BisectID:
		return fmt.Errorf("it is %.60q, and this roamfault reads %s", b.Schema, schema.BisectID)
	case len(b.Revisions) == 0 || len(b.Revisions) > mostRevisions:
		return fmt.Errorf("it has %d revisions", len(b.Revisions))
	case len(b.Baseline) == 0:
		return errors.New("it has no baseline")
	}
	return nil
}

// errNoSearch is of a machine on which nothing is searched for.
var errNoSearch = errors.New("no search is under way: roamfault runs bisect start")

func (s *runStore) bisection() (*bisection, error) {
	b := new(bisection)
	err := s.recall(bisectFile, b)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoSearch
	}
	if err == nil {
		err = b.check()
	}
	if err != nil {
		return nil, fmt.Errorf("read where the search stands: %s: %w", filepath.Join(s.root.Path, bisectFile), err)
	}
	return b, nil
}

func (s *runStore) keepBisection(b *bisection) error {
	if err := s.remember(bisectFile, b); err != nil {
		return fmt.Errorf("keep where the search stands: %w", err)
	}
	return nil
}

func newRunsBisect(e env, open opener) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bisect",
		Short: "Find the revision that brought a fault, over reboots",
		Long: `Bisect searches for the revision of a kernel, a driver or a firmware that brought a fault, where trying one takes a build and a boot.
It keeps where it stands in ` + bisectFile + ` beside the runs, so that it goes on after a reboot and a crash: start names a good and a bad
revision and the runs of the good one; then, again and again, the revision that it names is built, booted and run by roamfault stress, and step
compares that run with the baseline and says what to try next.

Where trying a revision takes no reboot, git bisect run with roamfault compare --bisect does all of it.`,
		Example: `  roamfault runs bisect start --baseline 20260301 v6.18 v6.19 --repository ~/linux
  roamfault runs bisect status
  sudo roamfault stress --mine --plan mlo-ping-pong && roamfault runs bisect step`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBisectStart(e, open), newBisectStep(e, open), newBisectStatus(e, open))
	return cmd
}

// bisectFlags are the options of a start as typed.
type bisectFlags struct {
	baseline              []string
	repository, revisions string
	endPoint              string
	alpha, power, within  float64
	anew                  bool
}

func newBisectStart(e env, open opener) *cobra.Command {
	var f bisectFlags
	cmd := &cobra.Command{
		Use:   "start GOOD BAD",
		Short: "Begin a search between a good and a bad revision",
		Long: `Start takes the revisions between GOOD and BAD from the git repository (its first parents: what was merged counts as one), or from a file
that names them from old to new, a line each, for what is in no repository: packages of a kernel, files of a firmware.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			b, err := f.begin(cmd.Context(), e, s, args[0], args[1])
			if err == nil {
				err = s.keepBisection(b)
			}
			if err == nil {
				err = b.write(e.stdout)
			}
			if err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.baseline, "baseline", nil, "compare with the runs `ID`,... of the good revision (default: the baseline of the latest run's card and network)")
	flags.StringVar(&f.repository, "repository", ".", "the git repository in `DIR` has the revisions")
	flags.StringVar(&f.revisions, "revisions", "", "read the revisions from `FILE`, - for standard input")
	flags.StringVar(&f.endPoint, "end-point", string(compare.PerCycle), "let the verdict rest on `per-cycle|per-hour|first-fault`")
	flags.Float64Var(&f.alpha, "alpha", 0.01, "the `CHANCE` of a false alarm in a step: the search goes astray by one")
	flags.Float64Var(&f.power, "power", 0.9, "the `CHANCE` to find what is to be found")
	flags.Float64Var(&f.within, "within", 0, "the greatest difference that counts as none, see roamfault compare")
	flags.BoolVar(&f.anew, "anew", false, "forget the search that is under way")
	cmd.MarkFlagsMutuallyExclusive("repository", "revisions")
	return cmd
}

// begin makes a search.
func (f *bisectFlags) begin(ctx context.Context, e env, s *runStore, good, bad string) (*bisection, error) {
	switch old, err := s.bisection(); {
	case err == nil && old.Current != "" && !f.anew:
		return nil, fmt.Errorf("a search is under way, at revision %s: finish it, or begin --anew", printable(old.Current))
	case err != nil && !errors.Is(err, errNoSearch) && !f.anew:
		return nil, err
	}
	b := &bisection{Schema: schema.BisectID, Good: good, EndPoint: f.endPoint, Alpha: f.alpha, Power: f.power, Within: f.within, Steps: []bisectStep{}}
	var err error
	if f.revisions != "" {
		b.Revisions, err = listedRevisions(e, f.revisions, good, bad)
	} else {
		b.Revisions, err = gitRevisions(ctx, f.repository, good, bad)
	}
	if err != nil {
		return nil, err
	}
	if b.Baseline, err = f.baselineRuns(ctx, s); err != nil {
		return nil, err
	}
	// What is wrong with the options or the baseline is said now, not after a build.
	arm, err := s.arm(ctx, "baseline", b.Baseline)
	if err != nil {
		return nil, err
	}
	if _, err := compare.Compare(arm, compare.NewArm("none yet"), b.options()); err != nil {
		return nil, err
	}
	b.next()
	return b, nil
}

func (b *bisection) options() compare.Options {
	return compare.Options{EndPoint: compare.EndPoint(b.EndPoint), Alpha: b.Alpha, Power: b.Power, Within: b.Within}
}

// baselineRuns are those to compare with.
func (f *bisectFlags) baselineRuns(ctx context.Context, s *runStore) ([]string, error) {
	if len(f.baseline) > 0 {
		return s.resolveAll(f.baseline)
	}
	id, err := s.resolve(latestRun)
	if err != nil {
		return nil, err
	}
	run, _, err := rundir.Load(ctx, s.root, id)
	if err != nil {
		return nil, err
	}
	b, err := s.baselineFor(run.Environment())
	if err != nil {
		return nil, fmt.Errorf("%w; or name runs by --baseline", err)
	}
	return b.Runs, nil
}

// gitRevisions are those behind good, up to bad.
func gitRevisions(ctx context.Context, repository, good, bad string) ([]string, error) {
	for _, r := range []string{good, bad} {
		if strings.HasPrefix(r, "-") {
			return nil, fmt.Errorf("revision %q: it cannot begin with -", r)
		}
	}
	out, err := exec.CommandContext(ctx, "git", "-C", repository, "rev-list", "--first-parent", "--reverse", good+".."+bad, "--").Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			err = errors.New(printable(strings.TrimPrefix(firstLine(string(failed.Stderr)), "fatal: ")))
		}
		return nil, fmt.Errorf("list the revisions from %s to %s in %s: %w; or name them by --revisions", good, bad, repository, err)
	}
	return enough(strings.Fields(string(out)), good, bad)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// listedRevisions are those of a file, behind good, up to bad.
func listedRevisions(e env, name, good, bad string) ([]string, error) {
	in := e.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("read the revisions: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, mostState))
	if err != nil {
		return nil, fmt.Errorf("read the revisions: %w", err)
	}
	var all []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			if slices.Contains(all, line) {
				return nil, fmt.Errorf("read the revisions: %q is there twice", line)
			}
			all = append(all, line)
		}
	}
	first, last := slices.Index(all, good), slices.Index(all, bad)
	switch {
	case first < 0:
		return nil, fmt.Errorf("read the revisions: %q is not among them", good)
	case last < 0:
		return nil, fmt.Errorf("read the revisions: %q is not among them", bad)
	case last < first:
		return nil, fmt.Errorf("read the revisions: %q stands before %q: from old to new is wanted", bad, good)
	}
	return enough(all[first+1:last+1], good, bad)
}

// enough refuses too few and too many.
func enough(revisions []string, good, bad string) ([]string, error) {
	switch n := len(revisions); {
	case n == 0:
		return nil, fmt.Errorf("there are no revisions behind %s up to %s: is the good one the newer?", good, bad)
	case n > mostRevisions:
		return nil, fmt.Errorf("there are %d revisions from %s to %s: at most %d can be searched", n, good, bad, mostRevisions)
	}
	return revisions, nil
}

func newBisectStep(e env, open opener) *cobra.Command {
	said := map[string]*bool{revisionGood: new(bool), revisionBad: new(bool), revisionSkip: new(bool)}
	cmd := &cobra.Command{
		Use:   "step [ID]",
		Short: "Judge the run of the present revision, and say which to try next",
		Long: `Step compares a run, the latest where none is named, with the baseline: a regression makes the present revision bad, an improvement or no
change good. Where it cannot be told nothing is decided: make the run longer, or skip the revision.

Exit codes: 0 the step was made, 2 usage, 3 could not run, 125 cannot tell.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			b, err := s.bisection()
			switch {
			case err != nil:
				return trouble(err)
			case b.Current == "":
				return trouble(errors.New("the search is over: roamfault runs bisect status"))
			}
			verdict := ""
			for name, is := range said {
				if *is {
					verdict = name
				}
			}
			step := bisectStep{Revision: b.Current, Verdict: verdict, Why: "said by a person", At: time.Now().UTC().Truncate(time.Second)}
			if verdict == "" {
				if err := s.judge(cmd.Context(), e, b, args, &step); err != nil {
					return err
				}
			} else if len(args) > 0 {
				return errors.New("name a run, or say what the revision is, not both")
			}
			b.Steps = append(b.Steps, step)
			b.next()
			if err := s.keepBisection(b); err != nil {
				return trouble(err)
			}
			fmt.Fprintf(e.stdout, "revision %s is %s: %s\n", printable(step.Revision), word(step.Verdict), printable(step.Why))
			if err := b.write(e.stdout); err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	for name, is := range said {
		cmd.Flags().BoolVar(is, name, false, "say that the revision is "+word(name)+", without a run")
	}
	cmd.MarkFlagsMutuallyExclusive(revisionGood, revisionBad, revisionSkip)
	return cmd
}

func word(verdict string) string {
	if verdict == revisionSkip {
		return "skipped"
	}
	return verdict
}

// judge compares the run of the present revision.
func (s *runStore) judge(ctx context.Context, e env, b *bisection, args []string, step *bisectStep) error {
	name := latestRun
	if len(args) > 0 {
		name = args[0]
	}
	id, err := s.resolve(name)
	if err != nil {
		return trouble(err)
	}
	if slices.Contains(b.Baseline, id) {
		return trouble(fmt.Errorf("run %s is the baseline: revision %s was not run yet", id, printable(b.Current)))
	}
	for _, old := range b.Steps {
		if old.Run == id {
			return trouble(fmt.Errorf("run %s is that of revision %s: revision %s was not run yet", id, printable(old.Revision), printable(b.Current)))
		}
	}
	c, err := s.against(ctx, baseline{Runs: b.Baseline}, id, b.options())
	if err != nil {
		return trouble(err)
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(e.stderr, "warning: %s\n", w.Text)
	}
	step.Run, step.Why = id, c.Summary+"; "+c.Why
	switch c.Verdict {
	case compare.CannotTell:
		fmt.Fprintf(e.stdout, "revision %s: %s\n", printable(b.Current), step.Why)
		return exitError{compare.ExitCannotTell, fmt.Errorf("nothing was decided: make a longer run, or skip the revision (--%s)", revisionSkip)}
	case compare.Regression:
		step.Verdict = revisionBad
	default:
		step.Verdict = revisionGood
	}
	return nil
}

func newBisectStatus(e env, open opener) *cobra.Command {
	read := func(context.Context) (*bisection, error) {
		s, err := open()
		if err != nil {
			return nil, err
		}
		return s.bisection()
	}
	return newStatus(e, "status", "Say where the search stands, and what to build and boot next", read, func(b *bisection) error {
		for _, step := range b.Steps {
			fmt.Fprintf(e.stdout, "revision %s is %s: %s\n", printable(step.Revision), printable(word(step.Verdict)), printable(step.Why))
		}
		return b.write(e.stdout)
	})
}

// write says what to do next, or what was found.
func (b *bisection) write(w io.Writer) error {
	open := b.open()
	var err error
	switch {
	case b.Current != "":
		steps := 0
		for n := len(open) - 1; n > 0; n /= 2 {
			steps++
		}
		_, err = fmt.Fprintf(w, `next: revision %s (%d left, about %d more to try)
  1. build and boot it: the kernel or driver of that revision, and nothing else changed
  2. make a run like the baseline %s: roamfault stress, with the same plan
  3. roamfault runs bisect step (or step --skip where it cannot be built or booted)
`, printable(b.Current), len(open), steps, printable(strings.Join(b.Baseline, ", ")))
	case b.FirstBad != "":
		_, err = fmt.Fprintf(w, "the first bad revision is %s\n", printable(b.FirstBad))
	case len(open) == 0:
		_, err = fmt.Fprintln(w, "every revision is good, the last one too, which was said to be bad: begin --anew")
	default:
		_, err = fmt.Fprintf(w, "the first bad revision is one of %d, and the others were skipped: %s\n", len(open), printable(strings.Join(open, ", ")))
	}
	return err
}
