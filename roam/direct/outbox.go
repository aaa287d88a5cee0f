package direct

import (
	"sync"

	"roamfault/roam"
)

// maxWaiting is how many events wait for a slow receiver until lines are left
// out.
const maxWaiting = 1024

// outbox gives events to whom it may be slow, in order, without making the sender
// wait.
type outbox struct {
	events chan roam.Event

	mu      sync.Mutex
	waiting []roam.Event
	closed  bool
	more    chan struct{}
	done    chan struct{}
	ended   chan struct{}
}

func newOutbox() *outbox {
	o := &outbox{events: make(chan roam.Event), more: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
	go o.run()
	return o
}

// put adds an event.
func (o *outbox) put(e roam.Event) {
	o.mu.Lock()
	if !o.closed && (e.What != roam.Said || len(o.waiting) < maxWaiting) {
		o.waiting = append(o.waiting, e)
	}
	o.mu.Unlock()
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *outbox) take() []roam.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	taken := o.waiting
	o.waiting = nil
	return taken
}

func (o *outbox) run() {
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

// close drops what still waits and closes the channel.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	close(o.done)
	<-o.ended
}
