package probe

import (
	"crypto/rand"
	"errors"
	"net/netip"
	"sync/atomic"
	"time"
)

const (
	// fastInterval is between requests right after a port was opened, and fastFor
	// how long at most.
	fastInterval = 20 * time.Millisecond
	fastFor      = 5 * time.Second
	// How often interface and gateway are looked at anew: in peace, in trouble, and
	// right after a port was opened.
	lookEvery     = 5 * time.Second
	lookInTrouble = time.Second
	lookFast      = 100 * time.Millisecond
	// muteAfter is how many requests somebody may leave unanswered from the first.
	muteAfter = 25
)

// pinger sends echo requests and takes the answers.
type pinger struct {
	probe    *Probe
	interval time.Duration
	fixed    netip.Addr // whom the plan names; invalid: the gateway
	cookie   [cookieLen]byte
	kick     chan struct{}

	// Of the goroutine that sends alone.
	wire   *listening
	index  int // the interface's, when the socket was made
	lookAt time.Duration
	sendAt time.Duration
	packet [packetLen]byte

	// Under the probe's lock.
	to    netip.Addr // whom we ask; invalid: nobody yet
	since int        // requests sent before it was this one
}

// listening is a socket with somebody who receives.
type listening struct {
	wire
	six    bool
	closed atomic.Bool
	broken atomic.Bool
}

func newPinger(p *Probe, to netip.Addr) *pinger {
	interval := time.Duration(p.config.Plan.Interval)
	if interval <= 0 {
		interval = DefaultInterval
	}
	g := &pinger{probe: p, interval: max(interval, minInterval), fixed: to, kick: make(chan struct{}, 1)}
	_, _ = rand.Read(g.cookie[:]) // it never fails
	return g
}

// wake lets the next request go at once.
func (g *pinger) wake() {
	select {
	case g.kick <- struct{}{}:
	default: // it is awake already
	}
}

// mute reports whether somebody has never answered. The caller holds the lock.
func (g *pinger) mute(sent int, proven bool) bool {
	return g.to.IsValid() && !proven && sent-g.since >= muteAfter
}

// step does what is due, and returns when there is more to do.
func (g *pinger) step(now time.Duration) time.Duration {
	p := g.probe
	p.mu.Lock()
	hurry := p.mark.set && p.mark.first == 0 && now-p.mark.at < fastFor
	trouble := p.trouble != nil || p.watch.asked > 0 && now-p.watch.silent > lookInTrouble
	p.mu.Unlock()
	every, again := g.interval, lookEvery
	if trouble || g.wire == nil || g.wire.broken.Load() {
		again = lookInTrouble
	}
	if hurry {
		every, again = min(every, fastInterval), lookFast
	}
	if now-g.lookAt >= again {
		g.refresh(now)
	}
	if now >= g.sendAt {
		g.ask(now)
		g.sendAt = now + every
	}
	return g.sendAt
}

// refresh looks at interface and gateway, and makes the socket anew where it no
// longer fits.
func (g *pinger) refresh(now time.Duration) {
	g.lookAt = now
	p := g.probe
	err := g.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = err
}

func (g *pinger) look() error {
	p := g.probe
	index, err := p.net.index()
	if err != nil {
		g.stop()
		return err
	}
	to := g.fixed
	if !to.IsValid() {
		if to, err = p.net.gateway(); err != nil {
			g.aim(netip.Addr{})
			return err
		}
	}
	g.aim(to)
	six := to.Is6()
	if g.wire != nil && (g.wire.six != six || g.index != index || g.wire.broken.Load()) {
		g.stop()
	}
	g.index = index
	if g.wire != nil {
		return nil
	}
	w, err := p.net.open(six)
	if err != nil {
		return err
	}
	l := &listening{wire: w, six: six}
	g.wire = l
	p.done.Go(func() { g.listen(l) })
	return nil
}

// aim turns to somebody, or to nobody.
func (g *pinger) aim(to netip.Addr) {
	p := g.probe
	p.mu.Lock()
	defer p.mu.Unlock()
	if to == g.to {
		return
	}
	// Who comes back after an address was lost for a while is not unknown: to is
	// kept, and nothing is sent.
	if to.IsValid() {
		g.to, g.since = to, p.history.counts.Sent
		p.watch.target(byPing)
	}
}

// stop gives up the socket.
func (g *pinger) stop() {
	if g.wire == nil {
		return
	}
	g.wire.closed.Store(true)
	_ = g.wire.close() // nothing is lost by it
	g.wire = nil
}

// ask sends a request.
func (g *pinger) ask(now time.Duration) {
	p := g.probe
	p.mu.Lock()
	if p.paused {
		p.mu.Unlock()
		return
	}
	if g.wire == nil || !g.to.IsValid() || errors.Is(p.trouble, ErrNoAddress) {
		p.history.counts.Unsent++
		p.mu.Unlock()
		return
	}
	n := p.history.send(now)
	to := g.to
	p.mu.Unlock()
	e := echo{six: g.wire.six, id: g.wire.id(), cookie: g.cookie, number: n, sent: now}
	e.put(&g.packet)
	err := g.wire.send(to, g.packet[:])
	if err == nil || asked(err) {
		p.mu.Lock()
		p.trouble = nil
		p.watch.request(byPing, now)
		p.mu.Unlock()
		return
	}
	p.mu.Lock()
	p.history.unsend()
	p.trouble = err
	p.mu.Unlock()
	if broken(err) {
		g.stop()
	}
}

// Answers are longer than our own messages only where they are none of ours; a raw
// socket gives an IPv4 header of up to 60 bytes with them.
const receiveLen = packetLen + 60 + 1

// maxFailures is how often a socket may fail in a row.
const maxFailures = 10

// listen takes what comes over a socket until it is closed.
func (g *pinger) listen(w *listening) {
	b := make([]byte, receiveLen)
	for failures := 0; failures < maxFailures; {
		message, from, ago, err := w.receive(b)
		switch {
		case w.closed.Load():
			return
		case err != nil:
			// Errors of sending are told here, too, such as that the interface
			// is down; each is told once.
			failures++
		default:
			failures = 0
			g.take(w, message, from, ago)
		}
	}
	w.broken.Store(true)
}

// take looks at a message.
func (g *pinger) take(w *listening, message []byte, from netip.Addr, ago time.Duration) {
	e, ok := parseReply(message, w.six)
	if !ok || w.id() != 0 && e.id != w.id() {
		return // somebody else's
	}
	p := g.probe
	got := p.now() - ago
	p.change(func() {
		if e.cookie != g.cookie || !answers(from, g.to) {
			p.history.counts.Forged++
			return
		}
		if !p.history.answer(e.number, e.sent, got) {
			return
		}
		p.heard(byPing, got)
		if m := &p.mark; m.set && m.first == 0 && e.sent >= m.at {
			m.answer(max(got, e.sent+1))
		}
	})
}

// answers reports whether that one may answer for the other.
func answers(from, to netip.Addr) bool {
	if to.IsMulticast() {
		return from.IsLinkLocalUnicast()
	}
	return from.WithZone("") == to.WithZone("")
}
