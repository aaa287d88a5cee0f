package lab

import (
	"slices"
	"sync"
	"time"

	"roamfault/roam/lab/ap"
)

// Taps is a Tap for several, which come and go while the lab runs. The zero
// value has none.
type Taps struct {
	mu   sync.Mutex
	taps []*Tap
}

// Add lets a tap see the frames from now on, until remove is called; it sees
// none after that has returned.
func (t *Taps) Add(tap Tap) (remove func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := &tap
	t.taps = append(t.taps, own)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.taps = slices.DeleteFunc(t.taps, func(other *Tap) bool { return other == own })
	}
}

// Frame shows a frame to every tap.
func (t *Taps) Frame(at time.Duration, f ap.Frame, fromStation bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tap := range t.taps {
		(*tap).Frame(at, f, fromStation)
	}
}
