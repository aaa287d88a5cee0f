package dbus

import (
	"context"
	"sync"

	godbus "github.com/godbus/dbus/v5"
)

// inboxSize is how many signals may wait. A supplicant with 200 BSSs, which is
// as many as it keeps, sends some hundred at the end of a scan.
const inboxSize = 8192

// inbox takes the connection's signals in their order. What was sent before an
// answer is in it before the answer is seen.
type inbox struct {
	mu      sync.Mutex
	waiting []delivery
	lost    bool // signals were dropped
	ended   bool // the connection
	more    chan struct{}
}

// delivery is a signal, or a mark among signals that is closed when its turn
// has come.
type delivery struct {
	signal *godbus.Signal
	mark   chan struct{}
}

func newInbox() *inbox { return &inbox{more: make(chan struct{}, 1)} }

// DeliverSignal is called by the connection for one signal after the other.
func (b *inbox) DeliverSignal(_, _ string, signal *godbus.Signal) {
	b.add(delivery{signal: signal})
}

// Terminate is called by the connection at its end.
func (b *inbox) Terminate() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.wake()
}

func (b *inbox) add(d delivery) {
	b.mu.Lock()
	switch {
	case b.ended && d.mark != nil:
		close(d.mark) // nothing more comes, nobody may wait
	case len(b.waiting) >= inboxSize && d.mark == nil:
		b.lost = true
	default:
		b.waiting = append(b.waiting, d)
	}
	b.mu.Unlock()
	b.wake()
}

func (b *inbox) wake() {
	select {
	case b.more <- struct{}{}:
	default:
	}
}

// take returns all that waits, and whether signals were lost behind it and
// whether the connection has ended.
func (b *inbox) take() (waiting []delivery, lost, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting, lost = b.waiting, b.lost
	b.waiting, b.lost = nil, false
	return waiting, lost, b.ended
}

// settle waits until all signals are handled that have come so far.
func (b *inbox) settle(ctx context.Context) error {
	mark := make(chan struct{})
	b.add(delivery{mark: mark})
	select {
	case <-mark:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
