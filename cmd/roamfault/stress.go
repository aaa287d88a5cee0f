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
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"roamfault/nl80211/dot11"
	"roamfault/reports/render"
	"roamfault/reports/runreport"
	"roamfault/roam"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
	"roamfault/roam/screen"
	"roamfault/roam/stress"
)

// stressFlags are the options of the command as typed.
type stressFlags struct {
	plan, iface, via, order, link, dwell, ping, load string
	ssid, format, runs, patterns, source, passwords  string
	cycles, stopIncidents, stopFailures, perLoad     int
	duration, settle, timeout                        time.Duration
	seed                                             uint64
	rate                                             float64
	mld, bssid, bands, kinds, inject, allow          []string
	sameBand, stopFatal, takeOver, mine              bool
	dryRun, tui                                      bool
	verdict                                          verdictFlags
	resumeOnBoot, trace                              bool
}

func newStress(e env) *cobra.Command {
	var f stressFlags
	cmd := &cobra.Command{
		Use:   "stress",
		Short: "Connect and roam again and again, know of each cycle what happened, and find the incidents",
		Long: `Stress makes a Wi-Fi station roam between the access points of its network, again and again. It finds card, network and access points
by itself, asks whoever manages the card (wpa_supplicant's control socket, its D-Bus, or nobody: nl80211 alone), reads the state of every link from
the kernel, and follows the logs meanwhile: each failure becomes an incident, tied to the cycle it fell into. Everything is kept
in a run directory, synced at each cycle's begin and end.

Nothing is changed before all checks have passed; --dry-run shows what would be done. What cycles change is written down before
and undone at the end, also after a kill: see roamfault restore.

Exit codes: 0 nothing failed, 1 cycles failed or incidents were found, 2 usage, 3 could not run.`,
		Example: `  sudo roamfault stress --dry-run
  sudo roamfault stress --mine --cycles 1000
  sudo roamfault stress --mine --plan mlo-ping-pong --ping gateway --duration 8h
  sudo roamfault stress --mine --kind roam=3 --kind disconnect-connect=1 --stop-fatal
  sudo roamfault stress --mine --via nl80211 --take-over --password-file wifi.txt`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runStress(cmd, e, f) },
	}
	f.flags(cmd)
	return cmd
}

func (f *stressFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.plan, "plan", "", "take the plan `FILE|NAME`; what other options say holds before it. There are "+strings.Join(runlog.Names(), ", "))
	flags.IntVar(&f.cycles, "cycles", 0, "make `N` cycles")
	flags.DurationVar(&f.duration, "duration", 0, "drive for so `long`")
	flags.StringVar(&f.ssid, "ssid", "", "go to the access points of the network `NAME` (default: the present one's)")
	flags.StringSliceVar(&f.mld, "mld", nil, "go to AP MLDs with these `ADDRESSES` only")
	flags.StringSliceVar(&f.bssid, "bssid", nil, "go to links with these `ADDRESSES` only")
	flags.StringSliceVar(&f.bands, "band", nil, "use links on these `BANDS` only: 2.4, 5, 6")
	flags.BoolVar(&f.sameBand, "same-band", false, "use links on one band only")
	flags.StringVar(&f.order, "order", "", "go to them in `ping-pong|round-robin|random` order")
	flags.StringVar(&f.link, "link", "", "go over the link `best|each|ID` of an access point")
	flags.Uint64Var(&f.seed, "seed", 0, "draw what is random from `N`: the same seed draws the same")
	flags.StringVar(&f.dwell, "dwell", "", "stay connected for `TIME` between cycles, or between two: 1s..5s")
	flags.DurationVar(&f.settle, "settle", 0, "wait so `long` after a reset of the chip")
	flags.DurationVar(&f.timeout, "timeout", 0, "give an action so much `time`")
	flags.StringArrayVar(&f.kinds, "kind", nil, "make cycles of the kind `KIND[=WEIGHT]`, several times for a mix: "+kindNames())
	flags.StringArrayVar(&f.inject, "inject", nil, "put the fault `NAME[=EVERY]` into every cycle, or every so manyth: "+injectorNames())
	flags.StringVar(&f.ping, "ping", "", "ask `ADDRESS|gateway` for echoes all the time, and find stalls")
	flags.Lookup("ping").NoOptDefVal = "gateway"
	flags.StringVar(&f.load, "load", "", "send data to the echo service at `udp://HOST:PORT|tcp://HOST:PORT`")
	flags.Float64Var(&f.rate, "rate", 0, "send so many `BITS` a second each way with --load")
	flags.IntVar(&f.perLoad, "cycles-per-load", 0, "bind the driver anew after `N` cycles, so that the firmware is loaded several times")
	flags.BoolVar(&f.stopFatal, "stop-fatal", false, "end at the first fatal incident")
	flags.IntVar(&f.stopIncidents, "stop-incidents", 0, "end after `N` incidents")
	flags.IntVar(&f.stopFailures, "stop-failures", 0, "end after `N` failed cycles in a row")
	flags.StringVarP(&f.iface, "interface", "i", "", "drive the interface `NAME` (default: the only one, or the connected one)")
	flags.StringVar(&f.via, "via", "", "roam via `ctrl|dbus|nl80211` (default: what can be had)")
	flags.BoolVar(&f.takeOver, "take-over", false, "take the interface from who manages it, and give it back at the end")
	flags.StringVar(&f.passwords, "password-file", "", "read the network's password from `FILE`, for --take-over and --via nl80211")
	flags.StringSliceVar(&f.allow, "allow", nil, "go on though one of these `GUARDS` refuses: "+strings.Join(manager.Allowable(), ", "))
	flags.BoolVar(&f.mine, "mine", false, "confirm that the access points of the network are your own; it is remembered")
	f.verdict.flags(flags)
	flags.BoolVar(&f.resumeOnBoot, "resume-on-boot", false, "go on by itself after a crash: a unit that systemd starts at the next boot, at most twice")
	flags.BoolVar(&f.trace, "trace", false, "trace what mac80211 and cfg80211 do, kept around incidents, and have driver and supplicant say more in the log")
	flags.BoolVar(&f.dryRun, "dry-run", false, "show what would be done, and change nothing")
	flags.BoolVar(&f.tui, "tui", false, "show the run on the whole terminal")
	flags.StringVarP(&f.format, "format", "f", "text", "write the summary as `text|json`")
	flags.StringVar(&f.runs, "runs", "", "keep the run below `DIR` (default: that of the user who asked, see roamfault runs)")
	flags.StringVar(&f.patterns, "patterns", "", "read pattern packs of `DIR`, too")
	flags.StringVar(&f.source, "source", "auto", "read the log from `auto|journal|sdjournal|journalctl|kmsg`")
	for flag, values := range map[string][]string{
		"order": {string(runlog.PingPong), string(runlog.RoundRobin), string(runlog.Random)}, "via": {manager.ViaControl, manager.ViaDBus, manager.ViaNL80211},
		"format": {"text", "json"}, "plan": runlog.Names(),
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
}

func kindNames() string {
	var names []string
	for _, k := range runlog.Kinds() {
		names = append(names, string(k.Kind))
	}
	return strings.Join(names, ", ")
}

func injectorNames() string {
	var names []string
	for _, i := range runlog.Injectors() {
		names = append(names, string(i))
	}
	return strings.Join(names, ", ")
}

// defaultCycles are those of a run for which nothing else is said.
const defaultCycles = 100

// read makes the plan of file and options.
func (f *stressFlags) read(cmd *cobra.Command) (runlog.Plan, error) {
	var p runlog.Plan
	var err error
	switch {
	case slices.Contains(runlog.Names(), f.plan):
		p, err = runlog.Named(f.plan)
	case f.plan != "":
		p, err = planFile(f.plan)
	}
	if err != nil {
		return p, err
	}
	if err := f.over(cmd, &p); err != nil {
		return p, err
	}
	if p.Cycles == 0 && p.Duration == 0 {
		p.Cycles = defaultCycles
	}
	p = p.WithDefaults()
	return p, p.Validate()
}

func planFile(name string) (runlog.Plan, error) {
	file, err := os.Open(name)
	if err != nil {
		return runlog.Plan{}, fmt.Errorf("read the plan: %w; there are also %s", err, strings.Join(runlog.Names(), ", "))
	}
	defer file.Close()
	return runlog.ReadPlan(name, file)
}

// over lets options hold before what the plan says.
func (f *stressFlags) over(cmd *cobra.Command, p *runlog.Plan) error {
	given := cmd.Flags().Changed
	if given("cycles") || given("duration") {
		p.Cycles, p.Duration = f.cycles, runlog.Duration(f.duration)
	}
	set := map[string]func() error{
		"ssid":            func() (err error) { p.Targets.SSID, err = runlog.ParseSSID(f.ssid); return err },
		"mld":             func() (err error) { p.Targets.MLD, err = addrs(f.mld); return err },
		"bssid":           func() (err error) { p.Targets.BSSID, err = addrs(f.bssid); return err },
		"band":            func() (err error) { p.Targets.Bands, err = bandsOf(f.bands); return err },
		"same-band":       func() error { p.Targets.SameBand = f.sameBand; return nil },
		"order":           func() error { p.Order = runlog.Order(f.order); return nil },
		"link":            func() error { p.Link = runlog.LinkChoice(f.link); return nil },
		"seed":            func() error { p.Seed = f.seed; return nil },
		"dwell":           func() (err error) { p.Dwell, err = runlog.ParseRange(f.dwell); return err },
		"settle":          func() error { p.Settle = runlog.Duration(f.settle); return nil },
		"timeout":         func() error { p.Timeout = runlog.Duration(f.timeout); return nil },
		"kind":            func() (err error) { p.Kinds, err = weighted(f.kinds); return err },
		"inject":          func() (err error) { p.Inject, err = injections(f.inject); return err },
		"ping":            func() error { p.Probe.Ping = f.ping; return nil },
		"load":            func() error { p.Probe.Load = f.load; return nil },
		"rate":            func() error { p.Probe.Rate = f.rate; return nil },
		"cycles-per-load": func() error { p.CyclesPerLoad = f.perLoad; return nil },
		"stop-fatal":      func() error { p.Stop.Fatal = f.stopFatal; return nil },
		"stop-incidents":  func() error { p.Stop.Incidents = f.stopIncidents; return nil },
		"stop-failures":   func() error { p.Stop.Failures = f.stopFailures; return nil },
	}
	for name, f := range set {
		if !given(name) {
			continue
		}
		if err := f(); err != nil {
			return fmt.Errorf("--%s: %w", name, err)
		}
	}
	return nil
}

func addrs(words []string) ([]dot11.Addr, error) {
	var out []dot11.Addr
	for _, w := range words {
		a, err := dot11.ParseAddr(w)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func bandsOf(words []string) ([]dot11.Band, error) {
	var out []dot11.Band
	for _, w := range words {
		var b dot11.Band
		if err := b.UnmarshalText([]byte(w)); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// counted splits NAME=N; without =N it is 1.
func counted(word string) (string, int, error) {
	name, number, ok := strings.Cut(word, "=")
	if !ok {
		return name, 1, nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return name, 0, fmt.Errorf("%q: a number of at least 1 is wanted behind =", word)
	}
	return name, n, nil
}

func weighted(words []string) ([]runlog.Weighted, error) {
	var out []runlog.Weighted
	for _, w := range words {
		name, n, err := counted(w)
		if err != nil {
			return nil, err
		}
		out = append(out, runlog.Weighted{Kind: runlog.Kind(name), Weight: n})
	}
	return out, nil
}

func injections(words []string) ([]runlog.Injection, error) {
	var out []runlog.Injection
	for _, w := range words {
		name, n, err := counted(w)
		if err != nil {
			return nil, err
		}
		out = append(out, runlog.Injection{Fault: runlog.Injector(name), Every: n})
	}
	return out, nil
}

func runStress(cmd *cobra.Command, e env, f stressFlags) error {
	ctx := cmd.Context()
	if err := checkFormat(f.format); err != nil {
		return err
	}
	plan, err := f.read(cmd)
	if err != nil {
		return err
	}
	store, err := openRuns(f.runs)
	if err != nil {
		return trouble(err)
	}
	o := stress.Options{
		Plan: plan, Interface: f.iface, Via: f.via, TakeOver: f.takeOver, Allow: f.allow, Confirm: f.mine, Version: version,
	}
	if o.Catalogue, err = catalogue(f.patterns); err != nil {
		return trouble(err)
	}
	id := newID(time.Now())
	if f.resumeOnBoot {
		if o.AtBoot, err = f.atBoot(store, id, len(plan.Inject) > 0); err != nil {
			return trouble(err)
		}
	}
	return f.start(ctx, e, &o, store, id, store)
}

// start looks at the machine, and drives if nothing stands against it.
func (f *stressFlags) start(ctx context.Context, e env, o *stress.Options, store *runStore, id string, k stress.Keeper) (err error) {
	if o.Mine, err = store.mine(); err != nil {
		return trouble(err)
	}
	system, done, err := stressSystem(f.source, sayer(e.stderr))
	if err != nil {
		return trouble(err)
	}
	defer done()
	if f.passwords != "" {
		path, err := filepath.Abs(f.passwords)
		if err != nil {
			return trouble(err)
		}
		if o.Password, err = manager.PasswordFile(system.System, path); err != nil {
			return trouble(err)
		}
	}
	scene, err := stress.Look(ctx, system, o)
	if err != nil {
		return trouble(err)
	}
	if f.dryRun {
		return showScene(e, scene, f.format)
	}
	if !scene.Ready() {
		if err := stress.Text(e.stderr, scene, false); err != nil {
			return trouble(err)
		}
		return trouble(errors.New("nothing was changed"))
	}
	if f.mine {
		if err := store.confirm(scene.SSID()); err != nil {
			return trouble(err)
		}
	}
	against, err := f.verdict.begin(ctx, system, scene, store, o, f.format)
	if err != nil {
		return trouble(err)
	}
	return against.tell(ctx, e, id, f.drive(ctx, e, system, scene, o, store, id, k))
}

// drive makes the run and tells what came of it.
func (f *stressFlags) drive(ctx context.Context, e env, system *stress.System, scene *stress.Scene, o *stress.Options, store *runStore, id string, k stress.Keeper) error {
	view, err := f.view(e, scene)
	if err != nil {
		return trouble(err)
	}
	o.Show, o.Say = view.Show, view.Say
	if f.trace {
		o.Trace = store.beside(id)
	}
	view.Say("run %s on %s via %s: %s", id, scene.Interface, scene.Via, scene.Why)
	if full, ok := view.(*screen.Full); ok {
		o.Said = full.Said
		var stop context.CancelFunc
		ctx, stop = full.Attach(ctx)
		defer stop()
	}
	_, failed := stress.Drive(ctx, system, scene, o, id, k)
	view.End()
	debug.SetMemoryLimit(runMemory)
	summary, err := store.summary(context.WithoutCancel(ctx), id)
	if errors.Is(err, fs.ErrNotExist) {
		return trouble(failed) // it did not come to a run
	}
	if err != nil {
		return trouble(errors.Join(failed, err))
	}
	return f.tell(e, summary, store.path(id), failed)
}

// tell tells what came of a run.
func (f *stressFlags) tell(e env, summary runreport.Summary, path string, failed error) error {
	if err := writeSummary(e.stdout, summary, f.format); err != nil {
		return trouble(err)
	}
	fmt.Fprintf(e.stderr, "the run is in %s\n", path)
	switch {
	case failed != nil && errors.Is(failed, roam.ErrTargets), failed != nil && summary.Cycles == 0:
		return trouble(failed)
	case summary.Bad() > 0 || len(summary.Classes) > 0:
		return exitError{exitFound, failed}
	case failed != nil:
		return trouble(failed)
	}
	return nil
}

// view is how a run is shown.
type view interface {
	Show(s roam.Snapshot)
	Say(format string, args ...any)
	End()
}

func (f *stressFlags) view(e env, scene *stress.Scene) (view, error) {
	columns, live := terminal(e.stderr)
	if f.tui {
		if !live {
			return nil, errors.New("--tui needs a terminal")
		}
		return screen.NewFull(e.stdin, e.stderr, scene.Interface+" via "+scene.Via), nil
	}
	if !live {
		columns = 0
	}
	return screen.NewLine(e.stderr, columns), nil
}

func writeSummary(w io.Writer, s runreport.Summary, format string) error {
	if format == "json" {
		return writeJSON(w, s)
	}
	return runreport.Text(w, s)
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// showScene shows what a run would do.
func showScene(e env, scene *stress.Scene, format string) error {
	var err error
	if format == "json" {
		err = writeJSON(e.stdout, scene)
	} else {
		err = stress.Text(e.stdout, scene, true)
	}
	if err != nil {
		return trouble(err)
	}
	if !scene.Ready() {
		return exitError{code: exitTrouble, err: errors.New(render.Clean(scene.Missing()))}
	}
	return nil
}
