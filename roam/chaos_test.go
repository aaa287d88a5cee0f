package roam

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/roam/runlog"
)

// chaos is a world in which anything can happen, drawn from a seed.
type chaos struct {
	*world
	t       *testing.T
	draw    sync.Mutex
	random  *rand.Rand
	notices chan Notice
	ended   chan struct{}
	before  map[runlog.Stage]func(context.Context) error
	done    int // disturbances, and how many of them are undone
	undone  int
	calm    bool
}

func newChaos(t *testing.T, seed uint64) *chaos {
	w := newWorld(worldAP(1, 5180, 5955), worldAP(2, 5240, 6115), worldAP(3, 2412, 5500))
	w.kernel, w.events = make(chan nl80211.Event, 1<<14), make(chan Event, 1<<14)
	c := &chaos{
		world: w, t: t, random: rand.New(rand.NewPCG(seed, 1)), notices: make(chan Notice, 1<<12), ended: make(chan struct{}),
		before: map[runlog.Stage]func(context.Context) error{},
	}
	w.took = time.Millisecond + c.some(400*time.Millisecond)
	w.via = []string{"ctrl", "nl80211"}[c.intn(2)]
	return c
}

func (c *chaos) intn(n int) int {
	c.draw.Lock()
	defer c.draw.Unlock()
	return c.random.IntN(n)
}

func (c *chaos) one(in int) bool { return c.intn(in) == 0 }

// some is a time that no other event shares.
func (c *chaos) some(most time.Duration) time.Duration {
	return time.Duration(c.intn(int(most))) + time.Duration(c.intn(999))
}

func (c *chaos) Connect(_ context.Context, to Target) error { return c.ask("connect", to) }
func (c *chaos) Roam(_ context.Context, to Target) error    { return c.ask("roam", to) }

var errChaos = errors.New("this cannot be done now")

// ask draws all that comes of a request, so that the order of what runs at once
// changes nothing.
func (c *chaos) ask(what string, to Target) error {
	if c.one(15) {
		return []error{ErrBusy, ErrSilent, ErrUnknownTarget, errChaos}[c.intn(4)]
	}
	ways := []func(*world, Target){
		missing, elsewhere, refuses(dot11.StatusCode(1 + c.intn(90))), silent, mute, nothing, halfway, late(c.some(20 * time.Second)), twice,
		drops(c.some(3*time.Second), dot11.ReasonCode(c.intn(50))), fades(c.some(3 * time.Second)), dies(c.some(20 * time.Second)),
	}
	way := (*world).succeed
	if c.calm {
		ways = []func(*world, Target){missing, elsewhere, silent, nothing, mute, fades(c.some(time.Second))}
	}
	if c.one(3) {
		way = ways[c.intn(len(ways))]
	}
	c.world.mu.Lock()
	c.next = []func(*world, Target){func(w *world, to Target) {
		time.Sleep(time.Microsecond) // who asked sees what was there
		way(w, to)
	}}
	f := c.before[runlog.StageAssoc]
	c.world.mu.Unlock()
	if f != nil && c.one(2) {
		c.Before(runlog.StageAssoc, nil)
		by := c.some(time.Millisecond)
		go func() {
			time.Sleep(by)
			_ = f(context.Background())
		}()
	}
	return c.request(what, to)
}

// nothing comes of a request.
func nothing(*world, Target) {}

// halfway associates, and the handshake never ends.
func halfway(w *world, to Target) {
	w.exchange(to)
	w.settle(to.AP, to.AP.Links)
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
}

// late succeeds after some time.
func late(by time.Duration) func(*world, Target) {
	return func(w *world, to Target) {
		time.Sleep(by)
		w.succeed(to)
	}
}

// twice tells everything twice.
func twice(w *world, to Target) {
	w.succeed(to)
	time.Sleep(w.took / 7)
	w.succeed(to)
}

func (c *chaos) Before(s runlog.Stage, f func(context.Context) error) {
	c.world.mu.Lock()
	defer c.world.mu.Unlock()
	c.before[s] = f
}

func (c *chaos) Avoid(_ context.Context, ap runlog.AP) error {
	for _, other := range c.aps {
		if other.Addr() != ap.Addr() && !c.one(4) {
			go late(c.some(time.Second))(c.world, Target{AP: other, BSSID: other.Links[0].BSSID})
			break
		}
	}
	return nil
}
func (c *chaos) Allow(context.Context) error { return nil }
func (c *chaos) RequestRekey(context.Context) error {
	if c.one(5) {
		return errChaos
	}
	return nil
}

// disturb takes its time, may fail, and may change where the station is.
func (c *chaos) disturb(context.Context, *Target) (func(context.Context) error, error) {
	time.Sleep(c.some(2 * time.Second))
	if !c.calm && c.one(3) {
		c.settleNowhere()
		c.tell(nl80211.Disconnected{Reason: 3})
	}
	c.done++
	undo := func(ctx context.Context) error {
		c.undone++
		time.Sleep(c.some(time.Second))
		if !c.calm && c.one(2) {
			ap := c.aps[c.intn(len(c.aps))]
			go late(c.some(time.Second))(c.world, Target{AP: ap, BSSID: ap.Links[0].BSSID})
		}
		return ctx.Err()
	}
	if c.one(6) {
		return undo, errChaos
	}
	return undo, nil
}

// nature does what nobody asked for, until the run ends.
func (c *chaos) nature() {
	for {
		select {
		case <-c.ended:
			return
		case <-time.After(c.some(20 * time.Second)):
		}
		ap := c.aps[c.intn(len(c.aps))]
		now := c.Now().Monotonic
		switch c.intn(9) {
		case 0:
			c.settleNowhere()
			c.tell(nl80211.Disconnected{Reason: 7, ByAP: true})
		case 1:
			c.say(Event{What: Connected, AP: ap.Addr()}) // a lie
		case 2:
			c.say(Event{What: Disconnected, AP: ap.Links[0].BSSID, Reason: 6})
		case 3:
			c.notices <- Notice{Opened: &incident.Event{Class: patterns.MCUTimeout}, At: now - c.some(2*time.Second)}
		case 4:
			c.notices <- Notice{Firmware: true, At: now - c.some(2*time.Second)}
		case 5:
			c.world.mu.Lock()
			c.unheard[ap.Links[0].BSSID] = !c.unheard[ap.Links[0].BSSID]
			c.world.mu.Unlock()
		case 6:
			c.tell(nl80211.Overrun{Lost: 3})
		case 7:
			c.say(Event{What: GaveUp, AP: ap.Addr()})
		case 8:
			c.settle(ap, ap.Links)
			c.say(Event{What: Connected, AP: ap.Addr()})
		}
	}
}

// The prober.

func (c *chaos) Connected(runlog.Moment, dot11.Addr)        {}
func (c *chaos) Left(runlog.Moment)                         {}
func (c *chaos) Mark(at runlog.Moment) <-chan time.Duration { return nil }
func (c *chaos) FirstAnswer() (time.Duration, bool)         { return c.Now().Monotonic, c.one(2) }
func (c *chaos) Window(from, to runlog.Moment) (p runlog.Probe) {
	if c.one(20) {
		p.Stall = "both"
	}
	return p
}

// checked is a recorder that looks whether what it is given can be.
type checked struct {
	kept
	t    *testing.T
	plan *runlog.Plan
}

func (k *checked) End(c *runlog.Cycle) error {
	for _, wrong := range impossible(c, k.plan) {
		k.t.Errorf("cycle %d: %s: %+v", c.Number, wrong, c)
	}
	return k.kept.End(c)
}

// impossible says what of a cycle cannot be.
func impossible(c *runlog.Cycle, plan *runlog.Plan) (wrong []string) {
	must := func(holds bool, format string, args ...any) {
		if !holds {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	length := c.End.Monotonic - c.Begin.Monotonic
	must(c.Begin.Monotonic > 0 && length >= 0, "from %v to %v", c.Begin, c.End)
	must(c.Took >= 0 && c.Took <= length, "took %v of %v", c.Took, length)
	must(c.Outage >= 0 && c.Outage <= length, "outage %v of %v", c.Outage, length)
	must(c.Load >= 1, "load %d", c.Load)
	at := -1
	for _, s := range c.Stages {
		next := slices.Index(runlog.Stages(), s.Stage)
		must(next > at, "%s out of order", s.Stage)
		at = next
		must(s.Begin >= 0 && s.Begin <= length, "%s begins at %v of %v", s.Stage, s.Begin, length)
		must(s.End == 0 || s.End >= s.Begin && s.End <= length, "%s from %v to %v of %v", s.Stage, s.Begin, s.End, length)
	}
	there := c.At != nil && (c.To == nil || c.At.Addr() == c.To.Addr())
	whole := there && len(c.At.Links) >= c.Expected
	stalled := c.Probe != nil && c.Probe.Stall != ""
	due := slices.ContainsFunc(plan.Inject, func(i runlog.Injection) bool { return c.Number%i.Every == 0 })
	must(c.Origin == runlog.Natural || c.Origin == runlog.Injected && due && len(c.Injected) > 0, "origin %s", c.Origin)
	must(len(c.Incidents) == 0 || c.Outcome != runlog.OK, "ok with incidents")
	must(!stalled || c.Outcome != runlog.OK && c.Outcome != runlog.Incident, "%s with a stall", c.Outcome)
	switch c.Outcome {
	case runlog.OK:
		must(whole, "ok and not there")
		must(c.From == nil || c.To != nil || c.At.Addr() != c.From.Addr(), "ok, and still where it was")
	case runlog.Incident:
		must(whole && len(c.Incidents) > 0, "incident without one")
	case runlog.Stalled:
		must(whole && stalled, "stalled without a stall")
	case runlog.MissingLinks:
		must(there && !whole, "missing links that are there")
	case runlog.WrongAP:
		must(c.At != nil && (c.To == nil || !there), "wrong access point, which is the right one")
	case runlog.Rejected, runlog.Timeout, runlog.Lost, runlog.Skipped:
		must(c.Detail != "" || c.Outcome == runlog.Lost, "%s without a word", c.Outcome)
	default:
		must(false, "outcome %q", c.Outcome)
	}
	return wrong
}

// chaoticRun is one run in chaos, and its cycles in order. In a calm one things go
// wrong only where the run asks for something, so that nothing happens at once.
func chaoticRun(t *testing.T, seed uint64, calm bool, most time.Duration) (cycles []runlog.Cycle) {
	synctest.Test(t, func(t *testing.T) {
		w := newChaos(t, seed)
		p := chaoticPlan(seed)
		k := &checked{t: t, plan: &p}
		w.settle(w.aps[0], w.aps[0].Links)
		disturb := map[runlog.Kind]Disturbance{}
		for _, kind := range runlog.Kinds() {
			if !slices.Contains(Kinds(w, nil), kind.Kind) {
				disturb[kind.Kind] = w.disturb
			}
		}
		fault := Injection{When: runlog.StageAssoc, Do: func(context.Context, *Target) (string, error) { return "put", nil }}
		config := Config{
			Plan: p, Interface: "wlan0", Boot: "b", Station: w, Kernel: w, Events: w.kernel, Notices: w.notices, Clock: w, Record: k, Probe: w,
			Disturb: disturb, Inject: map[runlog.Injector]Injection{runlog.StaleBSS: fault}, Patience: time.Minute,
		}
		ctx, cancel := context.WithTimeout(t.Context(), most)
		defer cancel()
		if w.calm = calm; !calm {
			go w.nature()
		}
		r, err := Run(ctx, config)
		close(w.ended)
		time.Sleep(time.Hour) // for what the world is still at
		// A driver that does not come back ends a run.
		if err != nil && !errors.Is(err, errChaos) {
			t.Errorf("seed %d: %v", seed, err)
		}
		sum := 0
		for _, n := range r.Outcomes {
			sum += n
		}
		if r.Cycles != len(k.cycles) || sum != r.Cycles || len(k.began) != len(k.cycles) {
			t.Errorf("seed %d: %d cycles, %d outcomes, %d kept, %d begun", seed, r.Cycles, sum, len(k.cycles), len(k.began))
		}
		if err == nil && r.Why != "interrupted" && r.Cycles != p.Cycles {
			t.Errorf("seed %d: %+v", seed, r)
		}
		if w.done != w.undone {
			t.Errorf("seed %d: %d disturbances, and %d are undone", seed, w.done, w.undone)
		}
		for s, f := range w.before {
			if f != nil {
				t.Errorf("seed %d: a fault is left before %s", seed, s)
			}
		}
		cycles = k.cycles
	})
	return cycles
}

func chaoticPlan(seed uint64) runlog.Plan {
	random := rand.New(rand.NewPCG(seed, 2))
	p := plan(20)
	p.Kinds = nil
	for _, k := range runlog.Kinds() {
		p.Kinds = append(p.Kinds, runlog.Weighted{Kind: k.Kind, Weight: 1 + random.IntN(3)})
	}
	p.Seed = seed
	p.Order = []runlog.Order{runlog.PingPong, runlog.RoundRobin, runlog.Random}[random.IntN(3)]
	p.Link = []runlog.LinkChoice{runlog.BestLink, runlog.EachLink, "1"}[random.IntN(3)]
	p.Dwell.Min = time.Duration(random.IntN(3)) * time.Second
	p.Dwell.Max = p.Dwell.Min + time.Duration(random.IntN(2))*time.Second
	p.Timeout = runlog.Duration(100*time.Millisecond + time.Duration(random.IntN(15))*time.Second)
	if random.IntN(2) == 0 {
		p.Inject = []runlog.Injection{{Fault: runlog.StaleBSS, Every: 1 + random.IntN(3)}}
	}
	if random.IntN(3) == 0 {
		p.CyclesPerLoad = 7
	}
	return p
}

// Whatever happens, every cycle is kept and can be, and the run ends.
func TestChaos(t *testing.T) {
	for seed := range uint64(40) {
		chaoticRun(t, seed, false, 24*time.Hour)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// The same seed gives the same run in a world that does the same.
func TestSeed(t *testing.T) {
	for seed := range uint64(8) {
		first := chaoticRun(t, seed, true, 24*time.Hour)
		if diff := cmp.Diff(first, chaoticRun(t, seed, true, 24*time.Hour)); diff != "" {
			t.Errorf("seed %d gives two runs (-first +second):\n%s", seed, diff)
		}
	}
}

// A run can be interrupted at any time.
func TestChaosInterrupted(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for seed := range uint64(40) {
		chaoticRun(t, seed, false, time.Duration(random.Int64N(int64(3*time.Minute))))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzChaos(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed, uint32(seed*40_000))
	}
	f.Fuzz(func(t *testing.T, seed uint64, ms uint32) {
		chaoticRun(t, seed, false, time.Duration(ms)*time.Millisecond)
	})
}
