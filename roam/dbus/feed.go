package dbus

import (
	"sync"

	"roamfault/roam"
)

// feedSize is how many events may wait for their reader before lines are left
// out.
const feedSize = 256

// feed hands events on to a reader that may be slow.
type feed struct {
	out     chan roam.Event
	mu      sync.Mutex
	waiting []roam.Event
	more    chan struct{}
	end     chan struct{}
	ended   sync.Once
}

func newFeed() *feed {
	f := &feed{out: make(chan roam.Event), more: make(chan struct{}, 1), end: make(chan struct{})}
	go f.run()
	return f
}

// add takes an event; a line for which there is no room is dropped.
func (f *feed) add(e roam.Event) {
	f.mu.Lock()
	if e.What != roam.Said || len(f.waiting) < feedSize {
		f.waiting = append(f.waiting, e)
	}
	f.mu.Unlock()
	select {
	case f.more <- struct{}{}:
	default:
	}
}

func (f *feed) run() {
	defer close(f.out)
	for {
		f.mu.Lock()
		waiting := f.waiting
		f.waiting = nil
		f.mu.Unlock()
		for _, e := range waiting {
			select {
			case f.out <- e:
			case <-f.end:
				return
			}
		}
		select {
		case <-f.more:
		case <-f.end:
			return
		}
	}
}

func (f *feed) close() { f.ended.Do(func() { close(f.end) }) }
