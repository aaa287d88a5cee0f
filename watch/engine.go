package watch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/reports/incident"
	"roamfault/reports/spool"
)

// How late the clock's ticks are, and how long the log must have been silent
// before they count: a record that is on its way must come before the tick
// behind it.
const (
	tickLag     = 2 * time.Second
	quietLive   = time.Second
	quietBehind = 5 * time.Second // while the log is read that was written before
	quietBroken = 10 * time.Second
	publishEach = 10 * time.Second
	lazily      = 60 // times less often is the place saved while nothing of interest comes
)

// engine is the state of a watching.
type engine struct {
	opt     Options
	in      *intake
	builder *incident.Builder
	told    *teller
	store   *store
	result  Result

	held  journal.Record // the present one
	place place          // behind the last record that the builder saw

	savedAt      time.Duration // when the place was last saved
	savedRecords int64
	touched      bool // a matched record came since

	takenAt   time.Duration // when records last came
	published time.Duration
	alive     time.Duration
	broken    chan struct{} // has room for one: the source is disturbed
	brokenAt  time.Duration
	isBroken  bool
}

// Run watches until ctx ends, or with Options.Once the log. The result holds
// whatever the error.
func Run(ctx context.Context, opt Options) (Result, error) {
	e, first, err := begin(opt)
	if err != nil {
		return Result{}, err
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	source := &supervisor{opt: &e.opt, in: e.in, first: first, pause: pause, disturbed: func() {
		select {
		case e.broken <- struct{}{}:
		default:
		}
	}}
	ended := make(chan error, 1)
	go func() { ended <- source.run(reading) }()
	handing, stopHanding := context.WithCancel(ctx)
	defer stopHanding()
	last, handed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(handed)
		e.opt.Exec.run(handing, last, e.opt.Spool, e.opt.Numbers, e.opt.Say)
	}()
	e.notify(func(n Notifier) error { return n.Ready() })
	readingDone, err := e.loop(ctx, ended)
	e.notify(func(n Notifier) error { return n.Stopping() })
	stop()
	if !readingDone {
		<-ended
	}
	e.finish(ctx)
	if e.opt.Once && err == nil {
		close(last) // there may be no other run for long
	} else {
		stopHanding()
	}
	<-handed
	e.publish()
	return e.result, err
}

// begin takes up the watching where the spool says.
func begin(opt Options) (*engine, Start, error) {
	if opt.Say == nil {
		opt.Say = func(string, ...any) {}
	}
	if opt.Numbers == nil {
		opt.Numbers = NewNumbers()
	}
	if opt.CheckpointEvery == 0 {
		opt.CheckpointEvery = time.Second
	}
	e := &engine{opt: opt, broken: make(chan struct{}, 1)}
	saved, err := opt.Spool.Load()
	switch {
	case errors.Is(err, spool.ErrCheckpoint):
		opt.Say("%v: beginning anew", err)
	case err != nil:
		return nil, Start{}, err
	}
	if saved == nil {
		if opt.Begin == FromCursor {
			return nil, Start{}, ErrNoCursor
		}
		saved = e.firstPlace()
		if err := opt.Spool.Save(*saved); err != nil {
			// Without it, what happens before the next save would be lost in
			// a kill.
			return nil, Start{}, err
		}
	}
	e.place = place{cursor: saved.Cursor, high: saved.Time, boot: saved.Boot, records: saved.Records}
	if saved.Source != opt.Source && saved.Cursor != "" {
		e.place.cursor = ""
		opt.Say("the saved place is one of %s, not of %s: going on by time, behind %s", saved.Source, opt.Source, saved.Time)
	}
	e.savedRecords = e.place.records
	e.in = newIntake(opt.Catalogue, e.place)
	e.store = newStore(&e.opt, e.now)
	e.told = newTeller(&e.opt, e.store)
	e.builder = incident.NewBuilder(e.told)
	if len(saved.State) > 0 {
		if err := e.builder.Restore(saved.State); err != nil {
			opt.Say("%v: learning them anew", err)
		}
	}
	opt.noteBoot()
	e.takenAt = e.now()
	e.savedAt, e.published, e.alive = e.takenAt, e.takenAt-publishEach, e.takenAt-time.Hour
	first := Start{Boot: e.thisBoot(saved)}
	if first.Boot == "" {
		first.Since = saved.Begin
	}
	return e, first, nil
}

// firstPlace is the place of a watching that begins.
func (e *engine) firstPlace() *spool.Checkpoint {
	now, boot := e.opt.Clock.Now()
	c := &spool.Checkpoint{Source: e.opt.Source}
	switch e.opt.Begin {
	case FromBoot:
		c.Begin, c.BeginBoot = now.Wall.Add(-now.Mono), boot
	case FromNow:
		c.Time, c.Boot = now, boot // as if all before had been read
	}
	return c
}

// thisBoot is the boot that a watching is to begin with: where another boot has
// come since, time alone says where to begin.
func (e *engine) thisBoot(c *spool.Checkpoint) string {
	if _, boot := e.opt.Clock.Now(); c.BeginBoot != boot {
		return ""
	}
	return c.BeginBoot
}

// loop takes whatever comes. It returns whether the source has ended.
func (e *engine) loop(ctx context.Context, ended <-chan error) (bool, error) {
	ticks, stop := e.opt.Clock.Ticks()
	defer stop()
	e.tick()
	for {
		wake := e.in.wake
		if e.store.full() {
			wake = nil // what cannot be kept is not read
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-wake:
			e.process(e.in.take())
			e.save(false)
		case <-ticks:
			e.tick()
		case <-e.opt.Reloads:
			e.reload()
		case <-e.broken:
			e.isBroken, e.brokenAt = true, e.now()
		case err := <-ended:
			for !e.in.empty() && ctx.Err() == nil {
				if e.store.full() && !e.store.flush() {
					break // found again in the next run
				}
				e.process(e.in.take())
			}
			return true, err
		}
	}
}

// process gives a batch to the builder.
func (e *engine) process(b *batch) {
	if b.records == 0 {
		return
	}
	e.takenAt, e.isBroken = e.now(), false
	e.opt.Numbers.records.Add("", float64(b.records))
	e.opt.Numbers.matched.Add("", float64(len(b.items)))
	for n := range b.items {
		it := &b.items[n]
		e.advance(it.before.high, it.before.boot)
		e.place = it.before
		e.save(false) // there may be no better moment for long
		// The builder keeps looking at the last record.
		e.held = it.record
		e.held.Origin = journal.Origin{File: e.opt.Source, Line: int(it.before.records) + 1, Lines: 1}
		e.held.Raw = lineOf(&e.held)
		e.step(Step{Record: &e.held})
		e.told.at(e.held.Time, e.held.Boot, false)
		if err := e.builder.Record(&e.held, &it.match); err != nil {
			e.opt.Say("%v", err)
		}
		e.touched = true
	}
	e.advance(b.place.high, b.place.boot)
	e.place = b.place
}

// advance says how late it is by the records.
func (e *engine) advance(t journal.Time, boot string) {
	if t.IsZero() {
		return
	}
	e.step(Step{Time: t, Boot: boot})
	e.told.at(t, boot, true)
	if err := e.builder.Tick(t, boot); err != nil {
		e.opt.Say("%v", err)
	}
}

func (e *engine) step(s Step) {
	if e.opt.Steps != nil {
		e.opt.Steps(s)
	}
}

// tick does what is due every second.
func (e *engine) tick() {
	now, boot := e.opt.Clock.Now()
	e.silence(now, boot)
	e.store.retry()
	e.save(false)
	if watchdog := e.watchdog(); watchdog > 0 && e.now()-e.alive >= watchdog/2 {
		e.alive = e.now()
		e.notify(func(n Notifier) error { return n.Alive() })
	}
	if e.now()-e.published >= publishEach {
		e.published = e.now()
		e.publish()
	}
}

// silence lets the clock tell the time where the log does not.
func (e *engine) silence(now journal.Time, boot string) {
	quiet := quietLive
	if age, ok := since(now, boot, e.place); !ok || age > quietBehind {
		quiet = quietBehind
	}
	if e.isBroken && e.now()-e.brokenAt < quietBroken || e.now()-e.takenAt < quiet || !e.in.empty() {
		return
	}
	if sameBoot(e.place.boot, boot) {
		boot = e.place.boot
	}
	t := earlier(now, tickLag)
	if age, ok := since(t, boot, e.place); ok && age < 0 {
		return
	}
	e.opt.Numbers.ticks.Add("", 1)
	e.advance(t, boot)
}

// since returns how old the latest record of a place is.
func since(now journal.Time, boot string, p place) (time.Duration, bool) {
	switch {
	case now.HasMono && p.high.HasMono && sameBoot(boot, p.boot):
		return now.Mono - p.high.Mono, true
	case now.Real() && p.high.Real():
		return now.Wall.Sub(p.high.Wall), true
	}
	return 0, false
}

// sameBoot compares boot ids, which some write with dashes.
func sameBoot(a, b string) bool {
	return a == b || strings.ReplaceAll(a, "-", "") == strings.ReplaceAll(b, "-", "")
}

// save saves the place in the log, when all before it is settled and stored.
func (e *engine) save(last bool) {
	if e.place.records == e.savedRecords || !last && !e.due() || e.store.waiting() || !e.builder.Idle() {
		return
	}
	e.savedAt = e.now() // also when it fails: not at every record anew
	state, err := e.builder.State()
	if err == nil {
		err = e.opt.Spool.Save(spool.Checkpoint{
			Source: e.opt.Source, Cursor: e.place.cursor, Time: e.place.high, Boot: e.place.boot, Records: e.place.records, State: state,
		})
	}
	if err != nil {
		e.opt.Numbers.spoolFails.Add("", 1)
		e.store.complain(err)
		return
	}
	e.store.works()
	e.touched, e.savedRecords = false, e.place.records
	if now, _ := e.opt.Clock.Now(); now.Real() {
		e.opt.Numbers.saved.Set("", float64(now.Wall.Unix()))
	}
}

func (e *engine) due() bool {
	every := e.opt.CheckpointEvery
	if !e.touched {
		every *= lazily
	}
	return e.now()-e.savedAt >= every
}

// reload reads the patterns anew. Until they are right, the old ones hold.
func (e *engine) reload() {
	if e.opt.Reload == nil {
		return
	}
	now, _ := e.opt.Clock.Now()
	e.notify(func(n Notifier) error { return n.Reloading(now.Mono) })
	e.opt.noteBoot()
	c, err := e.opt.Reload()
	if err != nil {
		e.opt.Numbers.reloads.Add("failed", 1)
		e.opt.Say("reload: %v: going on with the patterns from before", err)
	} else {
		e.opt.Numbers.reloads.Add("ok", 1)
		e.in.catalogue.Store(c)
		e.opt.Say("reloaded: %d patterns", len(c.Patterns()))
	}
	e.notify(func(n Notifier) error { return n.Ready() })
}

// finish ends the watching: what is open stays so, to be found again behind the
// saved place.
func (e *engine) finish(ctx context.Context) {
	if ctx.Err() == nil {
		// The log ended, not the watching: time has passed since.
		now, boot := e.opt.Clock.Now()
		if sameBoot(e.place.boot, boot) {
			boot = e.place.boot
		}
		if age, ok := since(now, boot, e.place); ok && age >= 0 {
			e.advance(now, boot)
		}
	}
	e.store.flush()
	e.save(true)
	e.result.Incidents, e.result.Unstored = e.store.put, len(e.store.queue)
	e.result.Open, e.result.Records = len(e.told.open), e.place.records
	if n := len(e.told.open); n > 0 {
		e.opt.Say("%d incidents are still open: the next run goes on with them", n)
	}
	if n := len(e.store.queue); n > 0 {
		e.opt.Say("%d incidents could not be stored: the next run finds them again", n)
	}
}

// publish brings the numbers up to date and out.
func (e *engine) publish() {
	n, usage := e.opt.Numbers, e.opt.Spool.Usage()
	n.open.Set("", float64(len(e.told.open)))
	n.unstored.Set("", float64(len(e.store.queue)))
	n.spoolIncidents.Set("", float64(usage.Incidents))
	n.spoolBytes.Set("", float64(usage.Bytes))
	n.behind.Set("", float64(e.place.records-e.savedRecords))
	now, boot := e.opt.Clock.Now()
	if age, ok := since(now, boot, e.place); ok {
		n.lag.Set("", age.Seconds())
	}
	if e.opt.Publish != nil {
		if err := e.opt.Publish(); err != nil {
			e.opt.Say("%v", err)
		}
	}
	e.notify(func(m Notifier) error {
		return m.Status(fmt.Sprintf("%d records, %d incidents open, %d in the spool (%.1f MiB)", e.place.records, len(e.told.open), usage.Incidents, float64(usage.Bytes)/(1<<20)))
	})
}

func (e *engine) notify(f func(Notifier) error) {
	if e.opt.Notify == nil {
		return
	}
	if err := f(e.opt.Notify); err != nil {
		e.opt.Say("%v", err)
	}
}

func (e *engine) watchdog() time.Duration {
	if e.opt.Notify == nil {
		return 0
	}
	return e.opt.Notify.Watchdog()
}

// now is the clock's time for measuring spans.
func (e *engine) now() time.Duration {
	t, _ := e.opt.Clock.Now()
	if t.HasMono {
		return t.Mono
	}
	return time.Duration(t.Wall.UnixNano())
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
