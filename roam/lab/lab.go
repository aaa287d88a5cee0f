package lab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/hwsim"
)

// Medium carries frames between the access points and the radios of stations.
// Package hwsim has one.
type Medium interface {
	// Receive waits for what radios do, until a moment of the wall clock.
	Receive(deadline time.Time) ([]hwsim.Event, error)
	// Acknowledge says whether a frame was, and how strong the acknowledgement is
	// heard, in dBm.
	Acknowledge(f *hwsim.Frame, acked bool, signal int) error
	// Inject lets a radio receive a frame: on a frequency in MHz, with a strength
	// in dBm and a rate as an index of its band's table.
	Inject(radio dot11.Addr, freq, signal, rate int, data []byte) error
	// Wake ends a Receive early.
	Wake()
}

// Tap sees every frame on the air, such as a capture does. It must not keep
// the frame's data.
type Tap interface {
	Frame(at time.Duration, f ap.Frame, fromStation bool)
}

// Lab is a network at work on a medium.
type Lab struct {
	network *Network
	medium  Medium
	clock   func() time.Time
	start   time.Time
	radios  []dot11.Addr
	radioOf map[dot11.Addr]dot11.Addr // by an address that the radio listens to
	learned map[dot11.Addr]dot11.Addr // by an address that a station sends from
	tap     Tap
	watch   func(ap.Event)

	mu      sync.Mutex
	pending []func(now time.Duration, n *Network)
	closed  bool
}

// Options are what a lab may have beside its network and medium.
type Options struct {
	// Clock gives the time; nil: time.Now.
	Clock func() time.Time
	// Tap sees the frames; nil: nobody does.
	Tap Tap
	// Watch is told what happens at the access points, from the goroutine of Run;
	// nil: nobody is.
	Watch func(ap.Event)
}

// New puts a network on a medium. Nothing happens before Run.
func New(n *Network, m Medium, o Options) *Lab {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Lab{
		network: n, medium: m, clock: o.Clock, start: o.Clock(), tap: o.Tap, watch: o.Watch,
		radioOf: map[dot11.Addr]dot11.Addr{}, learned: map[dot11.Addr]dot11.Addr{},
	}
}

// ErrClosed says that the lab does not run any more.
var ErrClosed = errors.New("the lab has ended")

// maxPending bounds what Do lets wait.
const maxPending = 256

// Do lets f work on the network while the lab runs, and waits for it. When ctx
// ends before f has begun, f is not called.
func (l *Lab) Do(ctx context.Context, f func(now time.Duration, n *Network)) error {
	done := make(chan error, 1)
	var taken atomic.Bool // by f or by the end of ctx
	l.mu.Lock()
	switch {
	case l.closed:
		l.mu.Unlock()
		return ErrClosed
	case len(l.pending) >= maxPending:
		l.mu.Unlock()
		return errors.New("the lab is too busy: too many requests wait")
	}
	l.pending = append(l.pending, func(now time.Duration, n *Network) {
		if n == nil {
			done <- ErrClosed
			return
		}
		if taken.Swap(true) {
			return
		}
		f(now, n)
		done <- nil
	})
	l.mu.Unlock()
	l.medium.Wake()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		if taken.Swap(true) {
			return <-done
		}
		return ctx.Err()
	}
}

// Run lets the access points work until ctx ends, which is no error.
func (l *Lab) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, l.medium.Wake)
	defer stop()
	defer l.close()
	for ctx.Err() == nil {
		l.work()
		now := l.now()
		l.network.Advance(now)
		if err := l.send(now); err != nil {
			return err
		}
		events, err := l.medium.Receive(l.start.Add(l.network.Next()))
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("run the lab: %w", err)
		}
		for i := range events {
			if err := l.handle(&events[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Lab) now() time.Duration { return l.clock().Sub(l.start) }

// work does what Do has asked for.
func (l *Lab) work() {
	l.mu.Lock()
	pending := l.pending
	l.pending = nil
	l.mu.Unlock()
	for _, f := range pending {
		f(l.now(), l.network)
	}
}

func (l *Lab) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, f := range l.pending {
		f(0, nil)
	}
	l.pending = nil
}

// handle takes what a radio has done.
func (l *Lab) handle(e *hwsim.Event) error {
	switch e.Kind {
	case hwsim.AddressAdded:
		l.know(e.Radio)
		learn(l.radioOf, e.Addr, e.Radio)
	case hwsim.AddressRemoved:
		if l.radioOf[e.Addr] == e.Radio {
			delete(l.radioOf, e.Addr)
		}
	case hwsim.FrameSent:
		return l.sent(&e.Frame)
	case hwsim.Overrun:
		l.tell(ap.Event{Time: l.now(), What: "overrun", Detail: "frames of stations were lost on their way to the access points"})
	}
	return nil
}

// sent takes a frame of a station.
func (l *Lab) sent(f *hwsim.Frame) error {
	l.know(f.Radio)
	now := l.now()
	heard := ap.Frame{Freq: f.Freq, Signal: stationSignal, Data: f.Data}
	if len(f.Data) >= 16 {
		learn(l.learned, dot11.Addr(f.Data[10:16]), f.Radio)
	}
	if l.tap != nil {
		l.tap.Frame(now, heard, true)
	}
	acked := l.network.Receive(now, heard)
	if err := l.medium.Acknowledge(f, acked, stationSignal); err != nil {
		return fmt.Errorf("run the lab: %w", err)
	}
	return l.send(now)
}

// stationSignal is how strong the access points hear stations, and these the
// acknowledgements, in dBm.
const stationSignal = -40

// know takes in a radio that broadcasts go to.
func (l *Lab) know(radio dot11.Addr) {
	for _, known := range l.radios {
		if known == radio {
			return
		}
	}
	if len(l.radios) < maxRadios {
		l.radios = append(l.radios, radio)
	}
}

// maxRadios and maxLearned bound the tables: radios come from the kernel, but
// addresses are whatever stations write into their frames.
const (
	maxRadios  = 2 * maxStations
	maxLearned = 1 << 16
)

func learn(table map[dot11.Addr]dot11.Addr, addr, radio dot11.Addr) {
	if addr.Group() {
		return
	}
	if _, known := table[addr]; !known && len(table) >= maxLearned {
		clear(table)
	}
	table[addr] = radio
}

// radio is the radio that listens to an address: as the kernel says, and only
// where it says nothing, as frames from that address do. Those can be forged.
func (l *Lab) radio(addr dot11.Addr) (dot11.Addr, bool) {
	if radio, ok := l.radioOf[addr]; ok {
		return radio, true
	}
	radio, ok := l.learned[addr]
	return radio, ok
}

// send puts what the access points say on the air: to the radio it is for, or
// to all.
func (l *Lab) send(now time.Duration) error {
	for _, f := range l.network.Air() {
		if l.tap != nil {
			l.tap.Frame(now, f, false)
		}
		to := dot11.Addr(f.Data[4:10])
		if radio, known := l.radio(to); known {
			if err := l.medium.Inject(radio, f.Freq, f.Signal, 0, f.Data); err != nil {
				return fmt.Errorf("run the lab: %w", err)
			}
			continue
		}
		if !to.Group() {
			continue
		}
		for _, radio := range l.radios {
			if err := l.medium.Inject(radio, f.Freq, f.Signal, 0, f.Data); err != nil {
				return fmt.Errorf("run the lab: %w", err)
			}
		}
	}
	for _, e := range l.network.Events() {
		l.tell(e)
	}
	return nil
}

func (l *Lab) tell(e ap.Event) {
	if l.watch != nil {
		l.watch(e)
	}
}
