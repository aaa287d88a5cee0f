package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"roamfault/reports/compare"
	"roamfault/roam/runlog"
	"roamfault/roam/stress"
)

// verdictFlags have a run judged against others, while it is made or at its end.
type verdictFlags struct {
	until   string
	detect  float64
	against bool
}

// ofBaseline is the word that stands for the baseline of the device, its driver and
// the network.
const ofBaseline = "baseline"

func (f *verdictFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.until, "until-verdict", "", "end as soon as it can be told whether it is worse than the `RUNS` named, or than the "+ofBaseline+"; needs --cycles-per-load")
	flags.Float64Var(&f.detect, "detect", 0.1, "find with --until-verdict that so great a `SHARE` of cycles more fails than before")
	flags.BoolVar(&f.against, "against-baseline", false, "compare with the baseline at the end (roamfault runs baseline set), and let the exit code say it: 0 no regression, 1 regression, 125 cannot tell")
}

// verdict judges a run; nil: nobody does.
type verdict struct {
	store  *runStore
	runs   []string // those it is compared with
	format string
}

// begin finds what the run is compared with, and has it end when that can be told.
func (f *verdictFlags) begin(ctx context.Context, system *stress.System, scene *stress.Scene, store *runStore, o *stress.Options, format string) (*verdict, error) {
	if f.until == "" && !f.against {
		return nil, nil
	}
	v := &verdict{store: store, format: format}
	var err error
	if f.until != "" && f.until != ofBaseline {
		v.runs, err = store.resolveAll(strings.Split(f.until, ","))
	} else {
		var env runlog.Environment
		if env, err = scene.Environment(ctx, system, version); err == nil {
			var b baseline
			b, err = store.baselineFor(env)
			v.runs = b.Runs
		}
	}
	if err != nil || f.until == "" {
		return v, err
	}
	if o.Plan.CyclesPerLoad < 2 {
		return nil, errors.New("--until-verdict: its trials are loads of the firmware: say how many cycles each is to have, 2 or more, by --cycles-per-load")
	}
	arm, err := store.arm(ctx, ofBaseline, v.runs)
	if err != nil {
		return nil, err
	}
	// The first cycle behind a load is no sample of the others.
	until, err := compare.NewUntil(arm, o.Plan.CyclesPerLoad-1, f.detect, compare.Options{})
	if err != nil {
		return nil, fmt.Errorf("--until-verdict: %w", err)
	}
	trials := &trials{until: until, also: o.Enough}
	o.Enough = trials.enough
	return v, nil
}

// trials counts the cycles of each load of the firmware.
type trials struct {
	until *compare.Until
	also  func(*runlog.Cycle) string

	load, cycles, failed int // failed: after how many the first did; 0: none
}

// enough says that the verdict is reached.
func (t *trials) enough(c *runlog.Cycle) string {
	if c.Load != t.load {
		if why := t.judge(); why != "" {
			return why
		}
		t.load, t.cycles, t.failed = c.Load, 0, 0
	}
	if !c.AfterReset && c.Origin == runlog.Natural && c.Outcome != runlog.Skipped {
		if t.cycles++; c.Outcome.Bad() && t.failed == 0 {
			t.failed = t.cycles
		}
	}
	if t.also != nil {
		return t.also(c)
	}
	return ""
}

// judge adds the load that has ended.
func (t *trials) judge() string {
	if t.cycles == 0 {
		return ""
	}
	if v := t.until.Load(t.cycles, t.failed); v != compare.CannotTell {
		return "the verdict: " + v.String()
	}
	return ""
}

// tell compares the run that was made, and has the verdict decide the exit code
// where the run itself could be made.
func (v *verdict) tell(ctx context.Context, e env, id string, made error) error {
	var code exitError
	if v == nil || made != nil && (!errors.As(made, &code) || code.code != exitFound) {
		return made
	}
	c, err := v.store.against(context.WithoutCancel(ctx), baseline{Runs: v.runs}, id, compare.Options{})
	if err != nil {
		return trouble(err)
	}
	if v.format == "json" {
		err = c.WriteJSON(e.stdout)
	} else {
		fmt.Fprintln(e.stdout)
		err = c.WriteText(e.stdout, compare.TextOptions{})
	}
	if err != nil {
		return trouble(err)
	}
	if n := c.Verdict.ExitCode(); n != 0 {
		return exitError{code: n}
	}
	return nil
}
