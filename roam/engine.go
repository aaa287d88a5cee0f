package roam

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/reports/incident"
	"roamfault/roam/runlog"
)

// engine is a run under way. One goroutine does everything.
type engine struct {
	Config
	choose  *chooser
	recipes map[runlog.Kind]recipe
	targets []runlog.AP // those of the plan, as last heard
	network runlog.SSID // of the begin
	refused map[dot11.Addr]bool
	ifindex int

	present *runlog.AP // what the kernel said last that we are connected to; nil: nothing
	cycle   *runlog.Cycle
	attempt *attempt
	gone    bool // the station, or the interface
	left    bool // the kernel said that a connection has ended
	lost    *loss
	since   time.Duration // of when the present connection is known
	told    <-chan Event  // what the station tells; nil: nothing any more
	ending  bool          // the way back is under way
	loaded  bool          // the firmware, since the last cycle began

	scans     int           // that were asked for
	offer     []runlog.Link // of the present target
	load      int
	resetAt   time.Duration // when the firmware was last loaded; 0: before the run
	injecting []armed
	puts      chan putting // from a station that puts faults in between its steps
	totals    Totals
	row       int // cycles in a row that failed
	doing     string
	passing   bool  // the probe was told that data can pass
	staying   bool  // connected, with nothing asked for
	trouble   error // of the recorder: it ends the run
	began     runlog.Moment
}

// loss is an end of the connection that nobody asked for.
type loss struct {
	at     time.Duration
	reason dot11.ReasonCode
	words  string
}

// defaultPatience is how long something may be gone.
const defaultPatience = 10 * time.Minute

// ErrTargets: there are not access points enough for the plan.
var ErrTargets = errors.New("not access points enough")

// Run drives until the plan is done, ctx ends, or something says that it is
// enough. Whatever the end, what cycles changed is undone, and a connection that
// was there at the begin is there again as far as that can be had. An error says
// why it could not go on; the result holds nevertheless.
func Run(ctx context.Context, c Config) (Result, error) {
	left, err := c.check()
	if err != nil {
		return Result{}, err
	}
	e := &engine{
		Config: c, choose: newChooser(&c.Plan), recipes: recipes(), refused: map[dot11.Addr]bool{}, load: max(c.Load, 1), puts: make(chan putting, 1+len(c.Plan.Inject)),
		totals: Totals{Outcomes: map[runlog.Outcome]int{}, Classes: map[string]int{}, Loads: 1},
	}
	if e.Patience == 0 {
		e.Patience = defaultPatience
	}
	e.began, e.told = e.Clock.Now(), c.Station.Events()
	for _, k := range left {
		e.note(fmt.Sprintf("cycles of the kind %s are left out: they cannot be made here", k))
	}
	why, err := e.run(ctx)
	return Result{Totals: e.snapshotTotals(), Why: why}, err
}

func (e *engine) run(ctx context.Context) (string, error) {
	if err := e.find(ctx); ctx.Err() != nil {
		return "interrupted", nil
	} else if err != nil {
		return "", err
	}
	original := e.present
	if original != nil {
		e.pass(e.Clock.Now())
	}
	why, err := e.cycles(ctx)
	if ctx.Err() != nil {
		why, err = "interrupted", nil
	}
	if e.trouble != nil {
		why, err = "what happens cannot be kept", e.trouble
	}
	// The way back is gone even where the run was interrupted.
	end, cancel := e.wayBack(ctx)
	defer cancel()
	e.ending = true
	e.goBack(end, original)
	return why, err
}

// wayBackTime is the least time for what is to be undone: to bind a driver and to
// connect, however short the plan's own time is.
const wayBackTime = 30 * time.Second

// wayBack is for what has to be done although the run is over.
func (e *engine) wayBack(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), max(time.Duration(e.Plan.Timeout), wayBackTime))
}

// undo undoes what was changed.
func (e *engine) undo(ctx context.Context, f func(context.Context) error) error {
	if f == nil {
		return nil
	}
	end, cancel := e.wayBack(ctx)
	defer cancel()
	return e.aside(end, f)
}

// find learns the interface, its connection and the targets.
func (e *engine) find(ctx context.Context) error {
	e.do("look for access points")
	if err := e.look(ctx); err != nil {
		return err
	}
	if e.present != nil {
		e.network = e.present.SSID
	}
	for scans := 1; ; scans++ {
		if err := e.scan(ctx, nil); err != nil {
			return err
		}
		found, selected, err := e.heard(ctx)
		if err != nil {
			return err
		}
		e.targets = selected
		switch {
		case len(e.targets) >= e.needed():
			return nil
		case scans == mostScans:
			return fmt.Errorf("%w: the plan needs %d of the network, and %d are heard (%s); all that is heard: %s",
				ErrTargets, e.needed(), len(e.targets), Describe(e.targets), Describe(found))
		}
	}
}

// mostScans is how often it is scanned for access points enough: a radio that
// passes over a channel may miss one.
const mostScans = 3

// heard is all that was heard, and of that what may be gone to.
func (e *engine) heard(ctx context.Context) (found, selected []runlog.AP, err error) {
	results, err := e.Kernel.ScanResults(ctx, e.ifindex)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return nil, nil, fmt.Errorf("read what was heard: %w", err)
	}
	found = Discover(results)
	selected = Select(found, e.Plan.Targets, e.network)
	if e.Allowed == nil {
		return found, selected, nil
	}
	return found, slices.DeleteFunc(selected, func(ap runlog.AP) bool {
		allowed := e.Allowed(&ap)
		if !allowed && !e.refused[ap.Addr()] && len(e.refused) < mostRefused {
			e.refused[ap.Addr()] = true
			e.note(ap.Addr().String() + " is left out: it was not confirmed to be your own")
		}
		return !allowed
	}), nil
}

// mostRefused is of how many access points it is said that they are left out.
const mostRefused = 256

// renew learns the targets anew, after one was not heard: an access point that has
// begun anew may have other addresses. One that is silent stays a target, unless
// its addresses are another's now.
func (e *engine) renew(ctx context.Context) {
	_, selected, err := e.heard(ctx)
	if err != nil {
		return
	}
	for _, was := range e.targets {
		taken := slices.ContainsFunc(selected, func(ap runlog.AP) bool {
			return ap.Addr() == was.Addr() || slices.ContainsFunc(was.Links, func(l runlog.Link) bool { return has(&ap, l.BSSID) })
		})
		if !taken && len(selected) < mostTargets {
			selected = append(selected, was)
		}
	}
	if len(selected) >= e.needed() {
		e.targets = selected
	}
}

// mostTargets is how many access points there are at most that are silent beside
// those that are heard.
const mostTargets = 256

// needed is how many access points the plan cannot do without.
func (e *engine) needed() int {
	for _, k := range e.Plan.Kinds {
		if r := e.recipes[k.Kind]; k.Weight > 0 && !r.present && k.Kind != runlog.DisconnectConnect {
			return 2
		}
	}
	return 1
}

// look asks the kernel where we are.
func (e *engine) look(ctx context.Context) error {
	i, err := e.Kernel.InterfaceByName(ctx, e.Interface)
	if err != nil {
		e.present = nil
		return fmt.Errorf("find the interface %s: %w", e.Interface, err)
	}
	e.ifindex = i.Index
	c, err := e.connection(ctx)
	if err != nil {
		return err
	}
	e.present = ConnectedTo(c)
	return nil
}

// connection is the kernel's; nil where there is none.
func (e *engine) connection(ctx context.Context) (*nl80211.Connection, error) {
	c, err := e.Kernel.Connection(ctx, e.ifindex)
	switch {
	case err == nil:
		return &c, nil
	case errors.Is(err, nl80211.ErrNotConnected), errors.Is(err, errNoEntry):
		return nil, nil
	}
	return nil, fmt.Errorf("ask nl80211 for the connection of %s: %w", e.Interface, err)
}

// cycles makes one after another, and returns why there are no more.
func (e *engine) cycles(ctx context.Context) (string, error) {
	for n := max(e.First, 1); ; n++ {
		if e.Plan.Cycles > 0 && n > e.Plan.Cycles {
			return fmt.Sprintf("%d cycles", e.Plan.Cycles), nil
		}
		if d := time.Duration(e.Plan.Duration); d > 0 && e.Clock.Now().Boot-e.began.Boot >= d {
			return d.String(), nil
		}
		if err := e.ready(ctx); err != nil {
			return "", err
		}
		if err := e.oneCycle(ctx, n); err != nil {
			return "", err
		}
		if why := e.enough(); why != "" {
			return why, nil
		}
	}
}

// enough says whether the run has what it was made for.
func (e *engine) enough() string {
	stop := &e.Plan.Stop
	switch {
	case stop.Fatal && e.totals.Fatal > 0:
		return "a fatal incident"
	case stop.Incidents > 0 && e.totals.Incidents >= stop.Incidents:
		return fmt.Sprintf("%d incidents", e.totals.Incidents)
	case stop.Failures > 0 && e.row >= stop.Failures:
		return fmt.Sprintf("%d cycles in a row failed", e.row)
	case e.Enough != nil:
		return e.Enough(e.cycle)
	}
	return ""
}

// ready waits until a cycle can begin: the station is there, the chip has had its
// time after a reset, and the firmware is loaded anew where the plan wants so.
func (e *engine) ready(ctx context.Context) error {
	if err := e.returned(ctx); err != nil {
		return err
	}
	if every := e.Plan.CyclesPerLoad; every > 0 && e.totals.Cycles > 0 && e.totals.Cycles%every == 0 {
		if err := e.freshLoad(ctx); err != nil {
			return err
		}
	}
	for {
		if left := e.settling(); left > 0 {
			e.do("let the chip settle")
			if _, err := e.wait(ctx, left, func() bool { return false }); err != nil {
				return err
			}
		}
		err := e.look(ctx)
		if err == nil && !e.gone {
			if e.present == nil {
				e.halt()
			}
			return nil
		}
		e.gone = true
		if err := e.returned(ctx); err != nil {
			return err
		}
	}
}

// settling is how long the chip still has after a reset.
func (e *engine) settling() time.Duration {
	if e.resetAt == 0 {
		return 0
	}
	return e.resetAt + time.Duration(e.Plan.Settle) - e.Clock.Now().Monotonic
}

// returned waits for a station that is gone.
func (e *engine) returned(ctx context.Context) error {
	if !e.gone && !e.away(ctx) {
		return ctx.Err()
	}
	e.gone = true
	e.note("paused: the station is gone")
	began := e.Clock.Now()
	for {
		e.show(func(s *Snapshot) { s.Paused = "the station is gone" })
		if _, err := e.wait(ctx, time.Second, func() bool { return !e.gone }); err != nil {
			return err
		}
		if !e.away(ctx) && e.look(ctx) == nil {
			e.gone = false
			e.note(fmt.Sprintf("going on after %v", (e.Clock.Now().Boot - began.Boot).Round(time.Millisecond)))
			return nil
		}
		if e.Clock.Now().Boot-began.Boot > e.Patience {
			return fmt.Errorf("waited %v for %s to come back: %w", e.Patience, e.Interface, ErrGone)
		}
	}
}

// away reports whether the station says that it, or its interface, is not there.
func (e *engine) away(ctx context.Context) bool {
	s, err := e.Station.State(ctx)
	return errors.Is(err, ErrGone) || err == nil && (s.Phase == PhaseGone || s.Phase == PhaseDisabled)
}

// freshLoad has the driver load the firmware anew.
func (e *engine) freshLoad(ctx context.Context) error {
	e.do("load the firmware anew")
	rebind := e.Disturb[runlog.DriverUnbind]
	if rebind == nil {
		return fmt.Errorf("the plan loads the firmware anew after %d cycles, and the driver cannot be bound anew here", e.Plan.CyclesPerLoad)
	}
	var undo func(context.Context) error
	err := e.aside(ctx, func(ctx context.Context) (err error) {
		undo, err = rebind(ctx, nil)
		return err
	})
	if err = errors.Join(err, e.undo(ctx, undo)); err != nil {
		return fmt.Errorf("load the firmware anew: %w", err)
	}
	e.reset(e.Clock.Now().Monotonic)
	return e.returned(ctx)
}

// sameLoad is within which time several signs of a load are one.
const sameLoad = 10 * time.Second

// reset counts a load of the firmware.
func (e *engine) reset(at time.Duration) {
	if e.resetAt == 0 || at-e.resetAt > sameLoad {
		e.load++
		e.totals.Loads++
		e.loaded = true
	}
	e.resetAt = max(e.resetAt, at)
}

// goBack connects to the access point of the begin.
func (e *engine) goBack(ctx context.Context, original *runlog.AP) {
	if original == nil {
		return
	}
	e.do("go back to where we were")
	const between = 200 * time.Millisecond
	for e.told == nil || e.away(ctx) || e.look(ctx) != nil {
		if _, err := e.wait(ctx, between, func() bool { return e.told == nil }); err != nil || e.told == nil {
			e.note("the connection of the begin does not come back: the station is gone")
			return
		}
	}
	e.gone = false
	if e.present != nil && e.present.Addr() == original.Addr() {
		return
	}
	to := Target{AP: *original, BSSID: e.choose.link(original)}
	err := e.scan(ctx, to.AP.Links)
	if err == nil {
		err = e.roam(ctx, &to)
	}
	if err != nil {
		e.note("the connection of the begin does not come back: " + err.Error())
		return
	}
	back := func() bool { return e.look(ctx) == nil && e.present != nil && e.present.Addr() == original.Addr() }
	for !back() {
		if _, err := e.wait(ctx, between, func() bool { return false }); err != nil {
			e.note("the connection of the begin does not come back in the time there was")
			return
		}
	}
}

// note keeps words for people.
func (e *engine) note(words string) { e.keep(e.Record.Note(e.Clock.Now(), words)) }

// keep remembers the recorder's first error.
func (e *engine) keep(err error) {
	if e.trouble == nil && err != nil {
		e.trouble = fmt.Errorf("keep what happens: %w", err)
	}
}

func (e *engine) do(what string) {
	e.doing = what
	e.show(func(*Snapshot) {})
}

func (e *engine) show(change func(*Snapshot)) {
	if e.Show == nil {
		return
	}
	s := Snapshot{At: e.Clock.Now(), Of: e.Plan.Cycles, Doing: e.doing, Totals: e.snapshotTotals()}
	if c := e.cycle; c != nil {
		s.Cycle, s.Kind = c.Number, c.Kind
		if c.From != nil {
			s.From = c.From.Addr()
		}
		if c.To != nil {
			s.To = c.To.Addr()
		}
	}
	change(&s)
	e.Show(s)
}

func (e *engine) snapshotTotals() Totals {
	t := e.totals
	t.Outcomes, t.Classes = maps.Clone(t.Outcomes), maps.Clone(t.Classes)
	return t
}

// within reports whether a cycle is under way.
func (e *engine) within() bool {
	c := e.cycle
	return c != nil && c.Begin != (runlog.Moment{}) && c.End == (runlog.Moment{})
}

// opened counts an incident that has begun.
func (e *engine) opened(ev *incident.Event, at time.Duration) {
	e.totals.Incidents++
	e.totals.Classes[string(ev.Class)]++
	if c := e.cycle; e.within() && at >= c.Begin.Monotonic {
		c.Incidents = append(c.Incidents, string(ev.Class))
	}
}
