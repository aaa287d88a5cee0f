package probe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"roamfault/journal"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Where a plan says nothing.
const (
	DefaultInterval = 200 * time.Millisecond
	DefaultRate     = 1e6 // bit/s
)

// minInterval is the shortest that is taken; a probe is to be no load.
const minInterval = 5 * time.Millisecond

// Config says what to send, and where.
type Config struct {
	// Interface is the one that everything goes over.
	Interface string
	Plan      runlog.ProbePlan
	// Clock reads the clocks.
	Clock func() runlog.Moment
	// Bound is how long nothing is answered before it is a stall; 0: DefaultBound.
	Bound time.Duration
	// Boot is the boot's id, for the records.
	Boot string
	// Emit gets a record when a stall begins and another when it ends, in order. It
	// may ask for a Window, but must not wait for the probe. Nil: nobody.
	Emit func(journal.Record)
}

// Probe is at work from Start to Close. Its methods may be called by several
// goroutines.
type Probe struct {
	config Config
	net    network
	ping   *pinger // nil: none planned
	load   *load   // nil: none planned
	cancel context.CancelFunc
	done   sync.WaitGroup

	closing  sync.Once
	emitting sync.Mutex // held before mu

	mu      sync.Mutex
	history history
	watch   watcher
	mark    mark
	paused  bool // by Left
	trouble error
	queue   []journal.Record
}

// mark is when a connection's port was last opened.
type mark struct {
	set   bool
	at    time.Duration
	first time.Duration // answer; 0: not yet
	told  chan time.Duration
}

// Start begins to probe. An interface, an address or a gateway that is not there is
// waited for, and so is one that goes; that it lacks the right to open sockets is an
// error, and a plan that it cannot understand.
func Start(ctx context.Context, c Config) (*Probe, error) {
	net, err := newNetwork(c.Interface)
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", c.Interface, err)
	}
	p, err := start(ctx, c, net)
	if err != nil {
		_ = net.close() // it has not been used
		return nil, fmt.Errorf("probe %s: %w", c.Interface, err)
	}
	return p, nil
}

func start(ctx context.Context, c Config, n network) (*Probe, error) {
	if c.Bound <= 0 {
		c.Bound = DefaultBound
	}
	p := &Probe{config: c, net: n, history: history{bound: c.Bound}, watch: watcher{bound: c.Bound}}
	if c.Plan.Ping != "" {
		to, err := target(c.Plan.Ping, c.Interface)
		if err != nil {
			return nil, err
		}
		p.ping = newPinger(p, to)
	}
	if c.Plan.Load != "" {
		var err error
		if p.load, err = newLoad(c.Plan, p.now, dialOver(n)); err != nil {
			return nil, err
		}
		p.load.asked, p.load.answered = p.asked, p.answered
	}
	if p.ping != nil {
		p.ping.refresh(p.now())
		if err := p.Trouble(); errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.done.Go(func() { p.beat(ctx) })
	if p.load != nil {
		p.done.Go(func() { p.load.run(ctx) })
	}
	return p, nil
}

// Close ends the probe, and a stall that goes on. Windows can be asked for
// afterwards.
func (p *Probe) Close() error {
	p.cancel()
	p.done.Wait()
	p.Left(p.config.Clock())
	var err error
	p.closing.Do(func() { err = p.net.close() })
	if err != nil {
		return fmt.Errorf("end the probe of %s: %w", p.config.Interface, err)
	}
	return nil
}

func (p *Probe) now() time.Duration { return p.config.Clock().Monotonic }

// beat wakes the pinger and the watcher when it is time.
func (p *Probe) beat(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var kick chan struct{}
	if p.ping != nil {
		kick = p.ping.kick
		defer p.ping.stop()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-kick:
			p.ping.sendAt = 0
		}
		next := p.now() + p.config.Bound/4
		if p.ping != nil {
			next = p.ping.step(p.now())
		}
		p.change(func() {
			if s, ok := p.watch.judge(p.now()); ok {
				p.report(s)
			}
			if due, ok := p.watch.due(); ok {
				next = min(next, due)
			}
		})
		timer.Reset(max(next-p.now(), 0))
	}
}

// change lets f work on the state, and emits what came of it.
func (p *Probe) change(f func()) {
	p.mu.Lock()
	f()
	quiet := len(p.queue) == 0
	p.mu.Unlock()
	if quiet {
		return
	}
	p.emitting.Lock()
	defer p.emitting.Unlock()
	p.mu.Lock()
	queue := p.queue
	p.queue = nil
	p.mu.Unlock()
	for _, r := range queue {
		p.config.Emit(r)
	}
}

// asked and answered tell the watcher of requests.
func (p *Probe) asked(by source, at time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watch.request(by, at)
}

func (p *Probe) answered(by source, at time.Duration) {
	p.change(func() { p.heard(by, at) })
}

// heard is answered for those who hold the state.
func (p *Probe) heard(by source, at time.Duration) {
	if ended, ok := p.watch.answer(by, at); ok {
		p.report(ended)
	}
}

// Connected says that a connection stands whose port is open, and to whom: an MLD
// address where there is one. Stalls are told from now on.
func (p *Probe) Connected(at runlog.Moment, ap dot11.Addr) {
	p.change(func() {
		p.pause(false)
		for _, s := range p.watch.joined(at.Monotonic, ap) {
			p.report(s)
		}
	})
}

// Left says that the connection has ended, or is left for another one: what is not
// answered from now on is no stall, and nothing is sent before the next Mark or
// Connected. To have traffic until the end of a connection, say it when the station
// authenticates anew, not when a roam is asked for.
func (p *Probe) Left(at runlog.Moment) {
	p.change(func() {
		p.pause(true)
		for _, s := range p.watch.left(at.Monotonic) {
			p.report(s)
		}
	})
}

// pause holds everything back, or no longer. The caller holds the lock.
func (p *Probe) pause(on bool) {
	p.paused = on
	if p.load != nil {
		p.load.held.Store(on)
		p.load.wake()
	}
}

// Mark says that a port was opened. Until the first request that is sent from then
// on is answered, for 5 s at most, they are sent every 20 ms. The channel gives when
// that answer came, by CLOCK_MONOTONIC; after another Mark it gives nothing any more.
func (p *Probe) Mark(at runlog.Moment) <-chan time.Duration {
	told := make(chan time.Duration, 1)
	p.mu.Lock()
	p.pause(false)
	p.mark = mark{set: true, at: at.Monotonic, told: told}
	if got, ok := p.history.firstAnswer(at.Monotonic); ok {
		p.mark.answer(got)
	}
	p.mu.Unlock()
	if p.ping != nil {
		p.ping.wake()
	}
	return told
}

func (m *mark) answer(got time.Duration) {
	m.first = got
	m.told <- got
}

// FirstAnswer is when the first answer since the last Mark came, by
// CLOCK_MONOTONIC.
func (p *Probe) FirstAnswer() (at time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mark.first, p.mark.first != 0
}

// Feed takes what the kernel has counted of the connection, about once a second.
func (p *Probe) Feed(at runlog.Moment, f Figures) {
	if n, err := p.net.received(); err == nil {
		f.Connection.RxData = n
	}
	p.change(func() {
		begun, ended := p.watch.feed(at.Monotonic, &f)
		for _, s := range append(begun, ended...) {
			p.report(s)
		}
	})
}

// Trouble says why nothing is sent or nothing can be told; nil: nothing is wrong. A
// stall is no trouble of the probe.
func (p *Probe) Trouble() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.trouble != nil:
		return p.trouble
	case p.ping != nil && p.ping.mute(p.history.counts.Sent, p.watch.proven[byPing]):
		return fmt.Errorf("ask %v for echoes: %w: name somebody who does", p.ping.to, ErrNeverAnswered)
	case p.load != nil:
		return p.load.trouble()
	}
	return nil
}

// Counts are the echo requests since Start.
func (p *Probe) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history.counts
}

// LoadCounts are those of the load since Start.
func (p *Probe) LoadCounts() LoadCounts {
	if p.load == nil {
		return LoadCounts{}
	}
	return p.load.counted()
}

// Stalls are the last 128 stalls.
func (p *Probe) Stalls() []Stall {
	p.mu.Lock()
	defer p.mu.Unlock()
	stalls := make([]Stall, len(p.watch.stalls))
	for i, s := range p.watch.stalls {
		stalls[i] = *s
	}
	return stalls
}

// Window is what came of the requests sent from one moment on and before another,
// and of the load in that time. Of the echo requests the last 65536 are known, and
// of the load the last 1.8 hours: a longer window tells of these. Requests that may
// still be answered do not count.
//
// Longest is the longest time without an answer within the window, a roam's outage
// included. Percentiles are exact.
func (p *Probe) Window(from, to runlog.Moment) runlog.Probe {
	now := p.now()
	p.mu.Lock()
	s := p.history.between(from.Monotonic, to.Monotonic, now)
	w := runlog.Probe{
		Sent: s.sent, Answered: s.answered, Longest: s.longest, RTT50: s.rtt50, RTT99: s.rtt99,
		Stall: p.watch.during(from.Monotonic, to.Monotonic),
	}
	p.mu.Unlock()
	if p.load != nil {
		w.Up, w.Down = p.load.rates(from.Monotonic, min(to.Monotonic, now))
	}
	return w
}

// randomID is an identifier that nobody can foresee, and not 0.
func randomID() uint16 {
	var b [2]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.BigEndian.Uint16(b[:]) | 1
}
