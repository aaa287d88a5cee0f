package stress

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/observe"
	"roamfault/roam/probe"
	"roamfault/roam/recorder"
	"roamfault/roam/resume"
	"roamfault/roam/runlog"
)

// drive is a run under way with all its parts.
type drive struct {
	system *System
	scene  *Scene
	o      *Options
	boot   string
	log    *machine.Log
	card   machine.Card

	writer   *runlog.Writer
	recorder *recorder.Recorder
	observer *observe.Observer
	station  *opened
	probe    *probe.Probe
	tracing  *tracing // nil: nothing is traced
	work     sync.WaitGroup
	// said are the words that the run reads, made what it was begun in, and ears
	// listen for what there is of them.
	said words
	made runlog.Environment
	ears ears
}

// Drive makes the run of a scene that is ready, and keeps it. Whatever its end, the
// machine is as it was, or the error says what is not. The result holds whatever
// the error.
func Drive(ctx context.Context, system *System, s *Scene, o *Options, id string, k Keeper) (result roam.Result, err error) {
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	d := &drive{system: system, scene: s, o: o}
	_, d.boot = system.Present()
	if system.Guardian != nil {
		guardian, failed := system.Guardian()
		if failed != nil {
			return result, fmt.Errorf("start what undoes changes if this program dies: %w", failed)
		}
		defer func() { err = errors.Join(err, guardian.Close()) }()
	}
	if err := d.openUndo(ctx); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, d.restore(ctx)) }()
	if o.AtBoot != nil {
		if err := resume.InstallUnit(ctx, system.Machine.Root, *o.AtBoot, d.log.Do); err != nil {
			return result, err
		}
	}
	if d.card, err = system.Machine.Card(s.Interface); err != nil {
		return result, fmt.Errorf("find the card of %s: %w", s.Interface, err)
	}
	if d.station, err = open(ctx, system, s, o, d.log, d.boot); err != nil {
		return result, err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
		defer cancel()
		err = errors.Join(err, d.station.close(end))
	}()
	if err := d.enterprise(ctx); err != nil {
		return result, err
	}
	if err := d.begin(ctx, id, k); err != nil {
		return result, err
	}
	if o.Trace != nil {
		if err := d.trace(ctx); err != nil {
			return result, errors.Join(err, d.recorder.Close("trouble: "+err.Error()), d.writer.Close())
		}
	}
	return d.run(ctx)
}

// enterprise refuses a network of 802.1X, of which the scan results did not tell.
func (d *drive) enterprise(ctx context.Context) error {
	state, err := d.station.State(ctx)
	if err == nil && state.Enterprise && !slices.Contains(d.o.Allow, "802.1x") {
		return fmt.Errorf("%s is a network of 802.1X, whose server may lock the account out after many logins; to go on all the same: --allow 802.1x", state.SSID)
	}
	return nil // a station that cannot be asked now is waited for
}

// openUndo opens the undo log, and undoes what a run that died has left.
func (d *drive) openUndo(ctx context.Context) error {
	host, err := d.system.Machine.Host()
	if err != nil {
		return err
	}
	if d.log, err = machine.Open(d.system.Undo, d.system.Storage, host); err != nil {
		return fmt.Errorf("open the undo log %s: %w", d.system.Undo, err)
	}
	for _, c := range d.log.Pending() {
		d.o.Say("an earlier run has left a change: %s; undoing it", c.What)
	}
	if err := d.log.Undo(ctx, undoers(d.system)); err != nil {
		return errors.Join(fmt.Errorf("undo what an earlier run has left (roamfault restore tries again): %w", err), d.log.Close())
	}
	return nil
}

// restore undoes all changes.
func (d *drive) restore(ctx context.Context) error {
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), restoreTime)
	defer cancel()
	err := d.log.Undo(end, undoers(d.system))
	if err != nil {
		err = fmt.Errorf("undo what was changed (roamfault restore tries again): %w", err)
	}
	return errors.Join(err, d.log.Close())
}

// undoers undo every kind of change.
func undoers(system *System) map[string]machine.Undo {
	table := system.Machine.Undoers()
	table[resume.UnitKind] = resume.UndoUnit(system.Machine.Root)
	maps.Copy(table, quieten())
	maps.Copy(table, networkUndoers())
	for _, kind := range manager.Kinds() {
		table[kind] = func(ctx context.Context, c machine.Change) error {
			return manager.Undo(ctx, system.System, c.Kind, c.Args)
		}
	}
	return table
}

// Restore undoes what a run that died has left, and returns it in words. The error
// is machine.ErrLocked while a run is under way.
func Restore(ctx context.Context, system *System) (undone []string, err error) {
	host, err := system.Machine.Host()
	if err != nil {
		return nil, err
	}
	log, err := machine.Open(system.Undo, system.Storage, host)
	if err != nil {
		return nil, err
	}
	before := log.Pending()
	err = log.Undo(ctx, undoers(system))
	left := map[string]bool{}
	for _, c := range log.Pending() {
		left[c.What] = true
	}
	for _, c := range before {
		if !left[c.What] {
			undone = append(undone, c.What)
		}
	}
	return undone, errors.Join(err, log.Close())
}

// letGo is how long a process that dies may take until the undo log is free, and
// letGoStep is between two looks at it.
const (
	letGo     = 30 * time.Second
	letGoStep = 50 * time.Millisecond
)

// RestoreDead is Restore after a run that was killed: the end of its pipes is seen
// before its lock of the undo log is gone. Another run that has the log by then has
// undone what was left.
func RestoreDead(ctx context.Context, system *System) (undone []string, err error) {
	patience, cancel := context.WithTimeout(ctx, letGo)
	defer cancel()
	for {
		undone, err = Restore(ctx, system)
		if !errors.Is(err, machine.ErrLocked) {
			return undone, err
		}
		select {
		case <-patience.Done():
			return undone, err
		case <-time.After(letGoStep):
		}
	}
}

// begin opens the run's file and writes its head, or that it goes on.
func (d *drive) begin(ctx context.Context, id string, k Keeper) (err error) {
	if d.writer, err = k.Writer(ctx, id); err != nil {
		return fmt.Errorf("open the file of run %s: %w", id, err)
	}
	host, err := d.system.Machine.Host()
	if err != nil {
		return errors.Join(err, d.writer.Close())
	}
	now, load := d.system.Now(), max(d.o.Load, 1)
	if d.o.Resumed {
		err = d.writer.Append(&runlog.ResumeEntry{At: now, Boot: d.boot, PID: os.Getpid(), Load: load, Why: d.o.Why})
	} else {
		err = d.writer.Append(&runlog.RunEntry{
			Schema: runlog.Schema, ID: id, Plan: d.scene.Plan, Version: d.o.Version, Started: now, Machine: host.Machine, PID: os.Getpid(), Boot: d.boot,
		})
	}
	var env runlog.Environment
	if err == nil {
		env, err = d.scene.Environment(ctx, d.system, d.o.Version)
	}
	if err == nil {
		d.said = d.words(env)
		err = d.said.tell(&env, d.o.Catalogue)
		if left := roam.LeftOut(&d.scene.Plan, roam.Kinds(d.station.Station, d.disturbances(ctx))); len(left) > 0 {
			env.Set(runlog.KeyLeftOut, fmt.Sprint(left))
		}
		d.made = env
	}
	if err == nil {
		d.recorder = recorder.New(d.writer, d.system.Now)
		d.recorder.Continue(d.o.Totals)
		err = d.recorder.Environment(&runlog.EnvironmentEntry{At: now, Boot: d.boot, Load: load, Environment: env})
	}
	if err != nil {
		return errors.Join(fmt.Errorf("begin the run's file: %w", err), d.writer.Close())
	}
	return nil
}

// run drives and watches.
func (d *drive) run(ctx context.Context) (result roam.Result, err error) {
	watching, stopWatching := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		stopWatching()
		d.work.Wait()
		reason := result.Why
		if err != nil {
			reason = "trouble: " + err.Error()
		}
		err = errors.Join(err, d.recorder.Close(reason), d.writer.Close())
	}()
	var all observe.Told = d.recorder
	if d.tracing != nil {
		all = observe.Notify(d.recorder, d.tracing.incident)
		d.work.Go(func() { d.tracing.follow(watching) })
	}
	d.observer = observe.New(observe.Options{Catalogue: d.o.Catalogue, Clock: d.system.Present, Told: all, Since: d.system.Now().Monotonic})
	observed := make(chan error, 1)
	ticks := time.NewTicker(observe.TickEvery)
	defer ticks.Stop()
	d.work.Go(func() { observed <- d.observer.Run(watching, ticks.C) })
	d.work.Go(func() { d.follow(watching) })
	config, err := d.config(watching)
	if err != nil {
		d.recorder.Detach()
		return result, err
	}
	result, err = roam.Run(ctx, config)
	d.recorder.Detach()
	if d.probe != nil {
		err = errors.Join(err, d.probe.Close())
	}
	d.lateNews(ctx)
	stopWatching()
	return result, errors.Join(err, <-observed, d.unheard())
}

// follow reads the logs, anew where they end. That they cannot be read is said once
// as long as nothing comes of them.
func (d *drive) follow(ctx context.Context) {
	for last := ""; ctx.Err() == nil; {
		src, err := d.system.Log()
		if err == nil {
			err = d.observer.Follow(ctx, d.ears.attend(src))
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("it has ended")
		}
		d.ears.failed.Store(true)
		if heard := d.ears.lately.Swap(false); heard || err.Error() != last {
			last = err.Error()
			d.o.Say("read the log: %v; trying again", err)
			_ = d.recorder.Note(d.system.Now(), fmt.Sprintf("the log could not be read: %v; what was said meanwhile may be missing", err)) // its error ends the run at the next cycle
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// lateNews waits for incidents that are open, unless the run was interrupted.
func (d *drive) lateNews(ctx context.Context) {
	late := time.After(lateNews)
	for looked := 0; ; looked++ {
		select {
		case <-ctx.Done():
			return
		case <-late:
			return
		case <-time.After(2 * observe.TickEvery):
		}
		open := d.observer.Open()
		if open == 0 {
			return
		}
		if looked == worthSaying {
			d.o.Say("%d incidents are still open: waiting up to %v for their end", open, lateNews)
		}
	}
}

// disturbances are what can be done to the station beside its own work.
func (d *drive) disturbances(ctx context.Context) map[runlog.Kind]roam.Disturbance {
	machine := disturber{d.system.Machine, d.card, d.log}
	all := machine.all(ctx)
	if aps := (labAPs{d.system.Lab}); manager.Simulated(d.system.System, d.scene.Interface) && aps.reachable(ctx) {
		maps.Copy(all, aps.disturbances())
	}
	return all
}

// config is what the engine is given.
func (d *drive) config(ctx context.Context) (roam.Config, error) {
	events, err := d.events(ctx)
	if err != nil {
		return roam.Config{}, err
	}
	say := func(r journal.Record) {
		d.observer.Add(&r)
		if d.o.Said != nil {
			d.o.Said(r)
		}
	}
	_, steps := d.station.Station.(roam.Stepper)
	faults, err := injections(ctx, &d.scene.Plan, steps, d.system, d.card, say, d.boot)
	if err != nil {
		return roam.Config{}, err
	}
	c := roam.Config{
		Plan: d.scene.Plan, Interface: d.scene.Interface, Boot: d.boot, Station: d.station.Station, Kernel: d.system.Client,
		Events: events, Notices: d.recorder.Notices(), Clock: clock{d.system.Now}, Record: d.recorder, Disturb: d.disturbances(ctx), Inject: faults,
		Allowed: d.allowed(), Links: roam.DueLinks(&d.scene.wiphy, d.secured(ctx)), Show: d.o.Show, Heard: heard(say), Enough: d.o.Enough, First: d.o.First, Load: d.o.Load,
		Active: func() []uint8 {
			_, active, err := d.system.Machine.LinkSets(ctx, d.card)
			if err != nil {
				return nil
			}
			return active
		},
	}
	if marks, err := d.system.Machine.Marks(); err == nil {
		c.Mark = func(n int, begins bool, words string) {
			mark := marks.End
			if begins {
				mark = marks.Begin
			}
			if mark(n, words) == nil { // they are for people, and no cycle rests on them
				d.ears.marked.CompareAndSwap(0, int64(d.system.Now().Monotonic))
			}
		}
	}
	if p := d.scene.Plan.Probe; p.Ping != "" || p.Load != "" {
		d.probe, err = probe.Start(ctx, probe.Config{Interface: d.scene.Interface, Plan: p, Clock: d.system.Now, Boot: d.boot, Emit: say})
		if err != nil {
			return c, fmt.Errorf("begin to send data: %w", err)
		}
		c.Probe = d.probe
		d.work.Go(func() { d.feed(ctx) })
	}
	return c, nil
}

// allowed says which access points may be gone to: those that were confirmed, and
// those that nobody else is disturbed by.
func (d *drive) allowed() func(*runlog.AP) bool {
	if d.o.Confirm || manager.Simulated(d.system.System, d.scene.Interface) {
		return nil
	}
	return d.o.Mine.Has
}

// heard passes on what a station said.
func heard(say func(journal.Record)) func(roam.Event) {
	return func(e roam.Event) {
		if e.Record != nil {
			say(*e.Record)
		}
	}
}

// secured reports whether the network has keys: a supplicant sets one link up
// where it has none.
func (d *drive) secured(ctx context.Context) bool {
	results, err := d.system.Client.ScanResults(ctx, d.scene.iface.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return true
	}
	ssid := string(d.scene.SSID())
	for i := range results {
		if b := &results[i]; string(b.SSID()) == ssid {
			return b.Capability&dot11.CapabilityPrivacy != 0 || d.scene.Via == manager.ViaNL80211
		}
	}
	return true
}

// events opens a socket for nl80211's.
func (d *drive) events(ctx context.Context) (<-chan nl80211.Event, error) {
	client, err := d.system.Listen()
	if err != nil {
		return nil, err
	}
	if err := client.Join(nl80211.GroupMLME, nl80211.GroupScan, nl80211.GroupConfig); err != nil {
		return nil, errors.Join(err, client.Close())
	}
	out := make(chan nl80211.Event, 256)
	d.work.Go(func() {
		defer close(out)
		defer client.Close()
		for {
			e, err := client.Receive(ctx)
			if err != nil {
				if ctx.Err() == nil {
					d.o.Say("nl80211's events: %v", err)
				}
				return
			}
			select {
			case out <- e:
			case <-ctx.Done():
				return
			}
		}
	})
	return out, nil
}

// feedEvery is how often the kernel's counts are read.
const feedEvery = time.Second

// feed gives the probe what the kernel counts.
func (d *drive) feed(ctx context.Context) {
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		i, err := d.system.Client.InterfaceByName(ctx, d.scene.Interface)
		if err != nil {
			continue
		}
		if c, err := d.system.Client.Connection(ctx, i.Index); err == nil {
			d.probe.Feed(d.system.Now(), probe.FiguresOf(&c.Station))
		}
	}
}

// clock is the machine's.
type clock struct{ now func() runlog.Moment }

func (c clock) Now() runlog.Moment                     { return c.now() }
func (c clock) After(d time.Duration) <-chan time.Time { return time.After(d) }
