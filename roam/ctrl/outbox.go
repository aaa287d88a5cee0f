package ctrl

import (
	"sync"

	"roamfault/roam"
)

// Events that wait for a slow receiver: of lines that say nothing else there are
// not more than maxLines, and of all together not more than maxWaiting, which no
// daemon tells while a receiver is alive.
const (
	maxLines   = 1024
	maxWaiting = 1 << 16
)

// outbox gives events to a receiver that may be slow, in order, and makes nobody
// wait who puts one in: a daemon whose monitor does not read forgets it.
type outbox struct {
	events chan roam.Event
	more   chan struct{}
	done   chan struct{}
	ended  chan struct{}

	mu      sync.Mutex
	waiting []roam.Event
}

func newOutbox() *outbox {
	o := &outbox{events: make(chan roam.Event), more: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
	go o.run()
	return o
}

func (o *outbox) put(e roam.Event) {
	most := maxWaiting
	if e.What == roam.Said {
		most = maxLines
	}
	o.mu.Lock()
	if len(o.waiting) < most {
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

// close drops what still waits, and closes the channel.
func (o *outbox) close() {
	close(o.done)
	<-o.ended
}
