// Package outbox holds the events of a station for who takes them.
package outbox

import (
	"sync"

	"roamfault/roam"
)

// What waits for a slow receiver at most: lines that say nothing else are left out
// beyond the first bound, and everything beyond the second, which nobody tells
// while a receiver is alive.
const (
	mostLines = 1024
	most      = 1 << 16
)

// Outbox gives events to a receiver that may be slow, in order, and makes nobody
// wait who puts one in.
type Outbox struct {
	events chan roam.Event
	more   chan struct{}
	done   chan struct{}
	ended  chan struct{}

	mu      sync.Mutex
	waiting []roam.Event
	closed  bool
}

// New returns an empty one, which is to be closed.
func New() *Outbox {
	o := &Outbox{events: make(chan roam.Event), more: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
	go o.run()
	return o
}

// Events are given in the order in which they were put in; the channel is closed by
// Close.
func (o *Outbox) Events() <-chan roam.Event { return o.events }

// Put adds an event.
func (o *Outbox) Put(e roam.Event) {
	room := most
	if e.What == roam.Said {
		room = mostLines
	}
	o.mu.Lock()
	if !o.closed && len(o.waiting) < room {
		o.waiting = append(o.waiting, e)
	}
	o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *Outbox) take() []roam.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.waiting
	o.waiting = nil
	return taken
}

func (o *Outbox) run() {
	defer close(o.ended)
	defer close(o.events)
	for {
		for _, e := range o.take() {
			select {
			case o.events <- e:
			case <-o.done:
				return
			}
		}
		select {
		case <-o.more:
		case <-o.done:
			return
		}
	}
}

// Close drops what still waits, and closes the channel. It may be called again.
func (o *Outbox) Close() {
	o.mu.Lock()
	was := o.closed
	o.closed, o.waiting = true, nil
	o.mu.Unlock()
	if !was {
		close(o.done)
	}
	<-o.ended
}
