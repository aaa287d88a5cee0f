package roam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// oneCycle makes a cycle. Its error ends the run; what fails in the cycle is the
// cycle's outcome.
func (e *engine) oneCycle(ctx context.Context, n int) error {
	kind := e.choose.kind()
	r := e.recipes[kind]
	c := &runlog.Cycle{Number: n, Kind: kind, Boot: e.Boot, From: e.present, Origin: runlog.Natural}
	e.cycle, e.attempt, e.lost = c, nil, nil
	if e.present != nil {
		c.Before = e.present.Links
	}
	to, ok := e.target(&r)
	if ok {
		c.To, c.BSSID = &to.AP, to.BSSID
	}
	if r.quiet > 0 {
		e.do("wait without a scan")
		if _, err := e.wait(ctx, r.quiet, func() bool { return e.gone || e.lost != nil && c.From != nil }); err != nil {
			return err
		}
	}
	c.Load, c.AfterReset, e.loaded = e.load, e.loaded || e.settled() < time.Duration(e.Plan.Settle), false
	c.Begin = e.Clock.Now()
	if ok {
		e.arm(c, n, &to)
	}
	e.mark(n, true, fmt.Sprintf("%s to %s", kind, c.BSSID))
	if e.keep(e.Record.Begin(c)); e.trouble != nil {
		e.disarm()
		return e.trouble
	}
	var undo func(context.Context) error
	var err error
	if ok {
		undo, err = e.act(ctx, &r, &to)
	} else {
		c.Outcome, c.Detail = runlog.Skipped, "no other access point of the plan is known"
	}
	if failed := e.undo(ctx, undo); failed != nil {
		e.note(fmt.Sprintf("undo what cycle %d changed: %v", n, failed))
	}
	if err != nil || c.Outcome == runlog.Skipped || e.present == nil {
		_, _ = e.wait(ctx, pause, func() bool { return e.gone }) // its error is seen below
	}
	e.close(ctx, err)
	return errors.Join(ctx.Err(), e.trouble)
}

// pause is before what could not be had is tried again.
const pause = time.Second

// target is where a cycle goes.
func (e *engine) target(r *recipe) (Target, bool) {
	if r.present && e.present != nil {
		return Target{AP: *e.present, BSSID: e.choose.link(e.present)}, true
	}
	var here dot11.Addr
	if e.present != nil && len(e.targets) > 1 {
		here = e.present.Addr()
	}
	to, ok := e.choose.target(e.targets, here)
	to.AP.Links = slices.Clone(to.AP.Links)
	return to, ok
}

// settled is how long ago the firmware was loaded: before the run, the boot is
// known to be the earliest time for it.
func (e *engine) settled() time.Duration {
	return e.Clock.Now().Monotonic - e.resetAt
}

// act does what the cycle is for. The error says why it could not be tried.
func (e *engine) act(ctx context.Context, r *recipe, to *Target) (undo func(context.Context) error, err error) {
	c := e.cycle
	if lacking, err := e.lacking(ctx, r); lacking {
		return nil, err
	}
	began, scans := e.Clock.Now().Monotonic, e.scans
	e.offer = to.AP.Links
	if r.quiet == 0 && !r.present {
		e.do("look for " + to.AP.Addr().String())
		if e.offer, err = e.lookFor(ctx, to); err != nil {
			return nil, err
		}
		if len(e.offer) == 0 && !e.gone {
			c.Outcome, c.Detail = runlog.Skipped, to.BSSID.String()+" is not heard"
			e.renew(ctx)
			return nil, nil
		}
	}
	e.lost = nil
	scanned := e.Clock.Now().Monotonic
	if r.before != nil {
		e.do(string(c.Kind))
		if r.request == nil {
			e.begin(r, to)
		}
		if undo, err = r.before(e, ctx, to); err != nil {
			return undo, err
		}
	}
	if r.request != nil {
		e.begin(r, to)
	}
	if e.scans > scans {
		e.attempt.stages[runlog.StageScan] = span{began, scanned}
	}
	if err := e.ask(ctx, r, to); err != nil {
		return undo, err
	}
	err = e.arrive(ctx)
	if err == nil && r.after {
		err = e.disturbAfter(ctx, to)
		if err != nil && c.Outcome == runlog.OK && (ctx.Err() != nil || e.trouble != nil) {
			c.Outcome = "" // it did not come to what the cycle is for
		}
	}
	if err == nil {
		err = e.stay(ctx)
	}
	return undo, err
}

// lacking reports whether there is no connection any more, or none that a cycle
// could begin with, and waits for one.
func (e *engine) lacking(ctx context.Context, r *recipe) (bool, error) {
	c := e.cycle
	switch {
	case r.quiet > 0 && e.lost != nil && c.From != nil:
		e.mourn()
	case r.request == nil && e.present == nil && !e.gone:
		c.Outcome, c.Detail = runlog.Skipped, "there is no connection to begin with"
	default:
		return false, nil
	}
	_, err := e.recover(ctx)
	return true, err
}

// mourn keeps the loss of the connection as what came of the cycle.
func (e *engine) mourn() {
	c := e.cycle
	if c.Outcome = worse(c.Outcome, runlog.Lost); c.Outcome == runlog.Lost {
		c.Detail, c.Reason = e.lost.words, e.lost.reason
	}
	e.halt()
}

// begin begins the attempt.
func (e *engine) begin(r *recipe, to *Target) {
	target := to
	if r.request == nil && !r.present && e.cycle.Kind != runlog.Transition {
		target = nil // anywhere, by the station's own choice
		e.cycle.To, e.cycle.BSSID = nil, dot11.Addr{}
	}
	e.attempt = newAttempt(target, e.present, e.Clock.Now().Monotonic)
}

// ask makes the request.
func (e *engine) ask(ctx context.Context, r *recipe, to *Target) error {
	if r.request == nil {
		return nil
	}
	e.do(string(e.cycle.Kind))
	e.inject(runlog.StageRequest)
	e.attempt.open(runlog.StageRequest, e.attempt.began)
	err := r.request(e, ctx, to)
	e.attempt.end(runlog.StageRequest, e.Clock.Now().Monotonic)
	return err
}

// afterEvent is how long the kernel may take to have what was told.
const afterEvent = 20 * time.Millisecond

// arrive waits until the attempt has come to something, and judges it.
func (e *engine) arrive(ctx context.Context) error {
	a, c := e.attempt, e.cycle
	deadline := a.began + time.Duration(e.Plan.Timeout)
	single := e.Station.Via() == "nl80211" // it tries once
	var at *nl80211.Connection
	for {
		left := deadline - e.Clock.Now().Monotonic
		if _, err := e.wait(ctx, min(left, time.Second), func() bool { return a.connected || a.failed && single || e.gone }); err != nil {
			return err
		}
		e.since = e.Clock.Now().Monotonic
		var err error
		if at, err = e.connection(ctx); err != nil {
			at = nil
		}
		// The kernel's word counts where it cannot be of the connection before.
		moved := at != nil && (c.From == nil || at.AP != c.From.Addr())
		still := c.Kind == runlog.LinkSwitch || c.Kind == runlog.Suspend || c.Kind == runlog.SuspendWoWLAN || c.Kind == runlog.DisconnectConnect
		arrived := authorized(at) && (a.connected || a.secured || a.stages[runlog.StageAssoc].end != 0 || moved || still)
		if c.Kind == runlog.Choice || c.Kind == runlog.Transition {
			arrived = arrived && moved
		}
		if arrived || e.gone || a.failed && single || e.Clock.Now().Monotonic >= deadline {
			break
		}
		if a.connected { // the kernel lags behind the station
			if _, err := e.wait(ctx, afterEvent, func() bool { return false }); err != nil {
				return err
			}
		}
	}
	e.arrived(at)
	return nil
}

// arrived keeps what came of the attempt.
func (e *engine) arrived(at *nl80211.Connection) {
	a, c := e.attempt, e.cycle
	now := e.Clock.Now()
	e.present = ConnectedTo(at)
	c.At = e.present
	if a.target != nil {
		c.Expected = len(e.offer)
		if e.Links != nil {
			c.Expected = e.Links(e.offer)
		}
	}
	c.Outcome, c.Detail = judge(a, at, c.Expected)
	if c.Kind == runlog.LinkSwitch && e.lost != nil {
		e.mourn()
	}
	if a.refused && c.Outcome != runlog.OK {
		c.Status = a.status
	}
	if c.Outcome != runlog.OK {
		c.Reason = a.reason
	}
	if e.gone {
		c.Outcome, c.Detail = worse(c.Outcome, runlog.Lost), "the station is gone"
	}
	c.Took = now.Monotonic - a.began
	if !authorized(at) {
		e.present = nil // associated is not connected
		e.halt()
		return
	}
	if _, known := a.stages[runlog.StageHandshake]; known && !a.secured {
		delete(a.stages, runlog.StageHandshake) // there was none, or nobody told of it
	}
	if a.secured {
		a.end(runlog.StagePort, now.Monotonic)
	}
	if a.left != 0 {
		c.Outage = now.Monotonic - a.left
	}
	if e.Active != nil {
		c.Active = e.Active()
	}
	if e.Probe != nil {
		e.Probe.Mark(now)
	}
	e.pass(now)
}

// pass tells the probe that data can pass.
func (e *engine) pass(at runlog.Moment) {
	if e.Probe != nil {
		e.Probe.Connected(at, e.present.Addr())
		e.passing = true
	}
}

// halt tells the probe that they cannot.
func (e *engine) halt() {
	if e.passing {
		e.Probe.Left(e.Clock.Now())
		e.passing = false
	}
}

// soon is within which time of a connection a disturbance comes.
const soon = 5 * time.Second

// disturbAfter disturbs a fresh connection, and waits for the next.
func (e *engine) disturbAfter(ctx context.Context, to *Target) error {
	if e.present == nil {
		return nil
	}
	e.lost, e.staying = nil, true
	_, err := e.wait(ctx, e.choose.within(soon), func() bool { return e.gone || e.lost != nil })
	if e.staying = false; err != nil {
		return err
	}
	if e.lost != nil {
		e.mourn()
	}
	e.do(string(e.cycle.Kind))
	before := e.cycle.Outcome
	undo, err := e.disturb(ctx, to)
	if err = errors.Join(err, e.undo(ctx, undo)); err != nil {
		return err
	}
	if e.cycle.Kind == runlog.DriverUnbind {
		e.reset(e.Clock.Now().Monotonic)
	}
	if err := e.returned(ctx); err != nil {
		return err
	}
	e.lost = nil
	e.cycle.Stages = e.attempt.times(e.cycle.Begin.Monotonic)
	e.attempt = newAttempt(nil, nil, e.Clock.Now().Monotonic)
	if e.Station.Via() == "nl80211" {
		if err := e.again(ctx, to); err != nil {
			return err
		}
	}
	back, err := e.connected(ctx, time.Duration(e.Plan.Timeout))
	if err != nil {
		return err
	}
	if !back {
		e.cycle.Outcome, e.cycle.Detail = worse(before, runlog.Timeout), "no connection after "+string(e.cycle.Kind)
	}
	e.lost = nil
	return nil
}

// again connects a station that does not do so by itself.
func (e *engine) again(ctx context.Context, to *Target) error {
	if _, err := e.lookFor(ctx, to); err != nil {
		return err
	}
	return e.Station.Connect(ctx, *to)
}

// connected waits until the kernel has a connection.
func (e *engine) connected(ctx context.Context, most time.Duration) (bool, error) {
	deadline := e.Clock.Now().Monotonic + most
	for {
		since := e.Clock.Now().Monotonic
		c, err := e.connection(ctx)
		if err == nil && authorized(c) {
			e.since, e.present = since, ConnectedTo(c)
			e.pass(e.Clock.Now())
			return true, nil
		}
		left := deadline - e.Clock.Now().Monotonic
		if left <= 0 || e.gone {
			e.present = nil
			return false, nil
		}
		if _, err := e.wait(ctx, min(left, 100*time.Millisecond), func() bool { return false }); err != nil {
			return false, err
		}
	}
}

// stay lets the dwell pass, and sees whether the connection lasts.
func (e *engine) stay(ctx context.Context) error {
	e.lost = nil
	// What the old access point, or the try before, still has to say is no loss.
	e.attempt.connected = true
	if e.present == nil {
		_, err := e.recover(ctx)
		return err
	}
	e.do("stay")
	e.staying = true
	defer func() { e.staying = false }()
	if _, err := e.wait(ctx, e.choose.dwell(), func() bool { return e.lost != nil || e.gone }); err != nil {
		return err
	}
	if e.Probe != nil {
		if first, ok := e.Probe.FirstAnswer(); ok {
			e.attempt.end(runlog.StagePacket, first)
		}
	}
	at, err := e.connection(ctx)
	if now := ConnectedTo(at); err == nil && e.lost == nil {
		switch {
		case now == nil:
			e.lose(e.Clock.Now().Monotonic, loss{words: "the connection is gone"})
		case now.Addr() != e.present.Addr():
			e.lose(e.Clock.Now().Monotonic, loss{words: "the station went on to " + now.Addr().String() + " by itself"})
		}
	}
	if e.lost == nil {
		return nil
	}
	e.mourn()
	_, err = e.recover(ctx)
	return err
}

// recover waits for a supplicant to connect again, or connects ourselves: the next
// cycle begins connected, if that can be had.
func (e *engine) recover(ctx context.Context) (bool, error) {
	e.do("wait for a connection")
	if e.gone {
		return false, nil
	}
	patience := time.Duration(e.Plan.Timeout)
	if e.Station.Via() != "nl80211" {
		if back, err := e.connected(ctx, patience); back || err != nil {
			return back, err
		}
	}
	to, ok := e.choose.target(e.targets, dot11.Addr{})
	if !ok || e.gone {
		return false, nil
	}
	if err := e.again(ctx, &to); err != nil {
		e.note("connect again: " + err.Error())
		return false, ctx.Err()
	}
	return e.connected(ctx, patience)
}

// close ends the cycle and keeps it.
func (e *engine) close(ctx context.Context, failed error) {
	c := e.cycle
	switch {
	case ctx.Err() != nil && c.Outcome == "":
		c.Outcome, c.Detail = runlog.Skipped, "interrupted"
	case e.trouble != nil && c.Outcome == "":
		c.Outcome, c.Detail = runlog.Skipped, e.trouble.Error()
	case failed != nil && ctx.Err() == nil && e.trouble == nil:
		c.Outcome, c.Detail = worse(c.Outcome, refusal(failed, e.gone)), failed.Error()
		if e.attempt != nil && c.Took == 0 {
			c.Took = e.Clock.Now().Monotonic - e.attempt.began
		}
	}
	if e.attempt != nil && c.Stages == nil {
		c.Stages = e.attempt.times(c.Begin.Monotonic)
	}
	e.disarm()
	c.End = e.Clock.Now()
	if e.Probe != nil {
		p := e.Probe.Window(c.Begin, c.End)
		c.Probe = &p
		if p.Stall != "" {
			c.Outcome = worse(c.Outcome, runlog.Stalled)
		}
	}
	if len(c.Incidents) > 0 && c.Outcome != runlog.Skipped {
		c.Outcome = worse(c.Outcome, runlog.Incident)
	}
	if ctx.Err() == nil {
		c.Air = e.air(ctx)
	}
	e.count(c)
	e.keep(e.Record.End(c))
	e.mark(c.Number, false, string(c.Outcome))
	e.show(func(s *Snapshot) { s.Last = c })
}

// refusal is the outcome of a request that was not taken.
func refusal(err error, gone bool) runlog.Outcome {
	switch {
	case gone, errors.Is(err, ErrGone), errors.Is(err, syscall.ENODEV):
		return runlog.Lost
	case errors.Is(err, ErrSilent), errors.Is(err, context.DeadlineExceeded):
		return runlog.Timeout
	}
	return runlog.Rejected
}

func (e *engine) count(c *runlog.Cycle) {
	e.totals.Cycles++
	e.totals.Outcomes[c.Outcome]++
	e.row++
	if !c.Outcome.Bad() {
		e.row = 0
	}
}

func (e *engine) mark(number int, begins bool, words string) {
	if e.Mark != nil {
		e.Mark(number, begins, words)
	}
}
