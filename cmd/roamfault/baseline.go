package main

import (
	"context"
	"encoding/json"
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

	"roamfault/reports/compare"
	"roamfault/reports/schema"
	"roamfault/roam/newkernel"
	"roamfault/roam/runlog"
	"roamfault/roam/runlog/rundir"
)

// baseline is the runs that those of the same card, driver and network are held
// against.
type baseline struct {
	Device   string    `json:"device"` // the chip's bus ids
	Driver   string    `json:"driver"`
	Network  string    `json:"network"`
	Runs     []string  `json:"runs"`
	Kernel   string    `json:"kernel"`
	Firmware string    `json:"firmware"`
	Set      time.Time `json:"set"`
}

// baselines is what is kept beside the runs, and what runs baseline list --format
// json prints.
type baselines struct {
	Schema    string     `json:"schema"` // [schema.BaselinesID]
	Baselines []baseline `json:"baselines"`
}

// baselineOf is the empty baseline for runs that are made so.
func baselineOf(made runlog.Environment) baseline {
	var b baseline
	for _, v := range []struct {
		key runlog.Key
		to  *string
	}{{runlog.KeyChip, &b.Device}, {runlog.KeyDriver, &b.Driver}, {runlog.KeySSID, &b.Network}, {runlog.KeyKernel, &b.Kernel}, {runlog.KeyFirmware, &b.Firmware}} {
		*v.to, _ = made.Get(v.key)
	}
	return b
}

// same reports whether two baselines are for the same runs.
func (b *baseline) same(o *baseline) bool {
	return b.Device == o.Device && b.Driver == o.Driver && b.Network == o.Network
}

// name says what it is for.
func (b *baseline) name() string {
	return fmt.Sprintf("%s with %s on network %s", dash(printable(b.Device)), dash(printable(b.Driver)), dash(printable(b.Network)))
}

const baselinesFile = "baselines.json"

// errNoBaseline is of runs that are held against nothing.
var errNoBaseline = errors.New("no baseline was set")

// baselines reads what was set.
func (s *runStore) baselines() ([]baseline, error) {
	all := baselines{Schema: schema.BaselinesID}
	if err := s.recall(baselinesFile, &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the baselines: %w", err)
	}
	if all.Schema != schema.BaselinesID {
		return nil, fmt.Errorf("read the baselines: %s is %.60q, and this roamfault reads %s", filepath.Join(s.root.Path, baselinesFile), all.Schema, schema.BaselinesID)
	}
	return all.Baselines, nil
}

// baselineFor finds the baseline of runs that are made so. Where there is none the
// error is errNoBaseline.
func (s *runStore) baselineFor(made runlog.Environment) (baseline, error) {
	return s.baselineLike(baselineOf(made))
}

// baselineLike finds the baseline for the same runs as another one. Where there is
// none the error is errNoBaseline.
func (s *runStore) baselineLike(wanted baseline) (baseline, error) {
	all, err := s.baselines()
	if err != nil {
		return baseline{}, err
	}
	for _, b := range all {
		if b.same(&wanted) {
			return b, nil
		}
	}
	return baseline{}, fmt.Errorf("find what to compare with: %w for %s: roamfault runs baseline set ID", errNoBaseline, wanted.name())
}

// against compares a run with a baseline.
func (s *runStore) against(ctx context.Context, b baseline, id string, o compare.Options) (*compare.Comparison, error) {
	before, err := s.arm(ctx, "baseline", b.Runs)
	if err != nil {
		return nil, err
	}
	now, err := s.arm(ctx, id, []string{id})
	if err != nil {
		return nil, err
	}
	return compare.Compare(before, now, o)
}

// mostState is how much is read of what is kept beside the runs, in bytes.
const mostState = 4 << 20

// recall reads what remember kept.
func (s *runStore) recall(name string, into any) error {
	f, err := os.Open(filepath.Join(s.root.Path, name))
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostState+1))
	switch {
	case err != nil:
		return err
	case len(data) > mostState:
		return fmt.Errorf("%s is larger than %d bytes", f.Name(), mostState)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return nil
}

// remember keeps something beside the runs, as a whole or not at all.
func (s *runStore) remember(name string, what any) error {
	return s.root.Replace(name, func(w io.Writer) error { return writeJSON(w, what) })
}

func newRunsBaseline(e env, open opener) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Say which runs those to come are held against",
		Long: `A baseline is one or more runs that went as they should, for a card, a driver and a network: what runs with the same are compared with
after an update of kernel, driver or firmware. They are kept in ` + baselinesFile + ` beside the runs.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root := "/"
	cmd.PersistentFlags().StringVar(&root, "root", root, "look for the watch in the tree of files below `DIR`")
	if err := cmd.PersistentFlags().MarkHidden("root"); err != nil {
		panic(err) // the flag was made above
	}
	cmd.AddCommand(newBaselineSet(e, open), newBaselineList(e, open, &root), newBaselineRemove(e, open), newBaselineWatch(e, open, &root))
	return cmd
}

func newBaselineSet(e env, open opener) *cobra.Command {
	return &cobra.Command{
		Use:   "set ID...",
		Short: "Make runs the baseline of their card, driver and network",
		Long: `Set makes runs the baseline of the card, the driver and the network that they were made with, in the place of the one there was. All of
them have to be made with the same. A run that is damaged, was not ended or has no cycles is refused.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: open.complete,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			ids, err := s.resolveAll(args)
			if err != nil {
				return trouble(err)
			}
			b, err := s.newBaseline(cmd.Context(), ids)
			if err != nil {
				return trouble(err)
			}
			if err := s.setBaseline(b); err != nil {
				return trouble(err)
			}
			fmt.Fprintf(e.stdout, "the baseline of %s is %s\n", b.name(), strings.Join(b.Runs, ", "))
			return nil
		},
	}
}

// newBaseline makes a baseline of runs.
func (s *runStore) newBaseline(ctx context.Context, ids []string) (baseline, error) {
	var b baseline
	for i, id := range ids {
		run, stats, err := rundir.Load(ctx, s.root, id)
		if err != nil {
			return b, err
		}
		switch {
		case !stats.Clean():
			return b, fmt.Errorf("make run %s a baseline: its file is damaged: roamfault runs verify %s", id, id)
		case run.Open():
			return b, fmt.Errorf("make run %s a baseline: it was not ended", id)
		case run.Cycles.Len() == 0:
			return b, fmt.Errorf("make run %s a baseline: it has no cycles", id)
		}
		one := baselineOf(run.Environment())
		if i == 0 {
			b = one
		} else if !b.same(&one) {
			return b, fmt.Errorf("make runs a baseline: %s is of %s, and %s of %s", ids[0], b.name(), id, one.name())
		}
	}
	b.Runs, b.Set = ids, time.Now().UTC().Truncate(time.Second)
	return b, nil
}

func (s *runStore) setBaseline(b baseline) error {
	all, err := s.baselines()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(o baseline) bool { return o.same(&b) })
	return s.keepBaselines(append(all, b))
}

func (s *runStore) keepBaselines(all []baseline) error {
	if all == nil {
		all = []baseline{}
	}
	if err := s.remember(baselinesFile, baselines{schema.BaselinesID, all}); err != nil {
		return fmt.Errorf("keep the baselines: %w", err)
	}
	return nil
}

func newBaselineList(e env, open opener, root *string) *cobra.Command {
	var s *runStore
	read := func(context.Context) (*baselines, error) {
		var err error
		if s, err = open(); err != nil {
			return nil, err
		}
		all, err := s.baselines()
		return &baselines{schema.BaselinesID, append([]baseline{}, all...)}, err
	}
	return newStatus(e, "list", "List the baselines, and the verdict on what was last checked against each", read, func(all *baselines) error {
		if len(all.Baselines) == 0 {
			fmt.Fprintln(e.stderr, "no baseline was set; roamfault runs baseline set ID")
			return nil
		}
		watched, _ := newkernel.Tree(*root).Load() // where none can be read, nothing was checked
		return printBaselines(e.stdout, all.Baselines, func(b *baseline) string { return lastCheck(watched, s, b) })
	})
}

// newStatus is a command that shows what is kept, as text or as JSON.
func newStatus[T any](e env, use, short string, read func(context.Context) (T, error), text func(T) error) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			kept, err := read(cmd.Context())
			if err == nil && format == "json" {
				err = writeJSON(e.stdout, kept)
			} else if err == nil {
				err = text(kept)
			}
			if err != nil {
				return trouble(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&format, "format", "f", "text", "write `text|json`")
	return cmd
}

func printBaselines(out io.Writer, all []baseline, checked func(*baseline) string) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "device\tdriver\tnetwork\tkernel\tfirmware\tset\tchecked\truns")
	for _, b := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", column(b.Device), column(b.Driver), column(b.Network), column(b.Kernel), column(b.Firmware),
			b.Set.Local().Format("2006-01-02"), column(checked(&b)), printable(strings.Join(b.Runs, ", ")))
	}
	return w.Flush()
}

func newBaselineRemove(e env, open opener) *cobra.Command {
	return &cobra.Command{
		Use:   "rm ID",
		Short: "Forget the baseline that a run belongs to; the run stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := open()
			if err != nil {
				return err
			}
			all, err := s.baselines()
			if err != nil {
				return trouble(err)
			}
			// The run itself may be gone.
			id := args[0]
			if found, err := s.resolve(id); err == nil {
				id = found
			}
			rest := slices.DeleteFunc(slices.Clone(all), func(b baseline) bool { return slices.Contains(b.Runs, id) })
			if len(rest) == len(all) {
				return trouble(fmt.Errorf("forget a baseline: run %q belongs to none; roamfault runs baseline list shows them", id))
			}
			if err := s.keepBaselines(rest); err != nil {
				return trouble(err)
			}
			fmt.Fprintf(e.stdout, "run %s is no baseline any more\n", id)
			return nil
		},
	}
}
