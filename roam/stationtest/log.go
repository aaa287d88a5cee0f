package stationtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roamfault/roam"
)

// eventLog keeps what a station tells.
type eventLog struct {
	mu     sync.Mutex
	events []roam.Event
	more   chan struct{} // closed and made anew when there is more
	closed bool
}

// follow keeps the events of a channel until it is closed.
func follow(events <-chan roam.Event) *eventLog {
	l := &eventLog{more: make(chan struct{})}
	go func() {
		for e := range events {
			l.change(func() { l.events = append(l.events, e) })
		}
		l.change(func() { l.closed = true })
	}()
	return l
}

func (l *eventLog) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	close(l.more)
	l.more = make(chan struct{})
}

// mark is where the log ends now.
func (l *eventLog) mark() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

// since returns what came after a mark, whether more can come, and how to wait
// for it.
func (l *eventLog) since(from int) (events []roam.Event, closed bool, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events[from:]), l.closed, l.more
}

// wait returns the first event after the mark that is wanted, and the place
// behind it.
func (l *eventLog) wait(t *testing.T, from int, about string, wanted func(roam.Event) bool) (roam.Event, int) {
	t.Helper()
	late := time.After(patience)
	for {
		events, closed, more := l.since(from)
		if i := slices.IndexFunc(events, wanted); i >= 0 {
			return events[i], from + i + 1
		}
		if closed {
			t.Fatalf("the events have ended without %s: %s", about, describe(events))
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("no %s within %v: %s", about, patience, describe(events))
		}
	}
}

// waitClosed waits until no more events can come.
func (l *eventLog) waitClosed(t *testing.T) {
	t.Helper()
	late := time.After(patience)
	for {
		_, closed, more := l.since(0)
		if closed {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("the events are open %v after Close", patience)
		}
	}
}

// describe is events in a line each.
func describe(events []roam.Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "\n  %v %s ap %v", e.At.Monotonic, e.What, e.AP)
		if e.Record != nil {
			fmt.Fprintf(&b, " %q", e.Record.Message)
		}
	}
	if len(events) == 0 {
		return "nothing was told"
	}
	return b.String()
}
