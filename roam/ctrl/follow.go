package ctrl

import (
	"context"
	"errors"
	"time"

	"roamfault/roam"
)

// identifier is by whose lines the daemon's are read, and ownIdentifier by whose
// what we say of it.
const (
	identifier    = "wpa_supplicant"
	ownIdentifier = "roamfault"
)

// warning is the severity of what we say.
const warning = 4

// follower makes events of what the daemon tells, as long as the station lives.
type follower struct {
	station *Station
	reader  *reader
	attempt attempt
	gone    bool
	silent  bool
}

func (f *follower) run(ctx context.Context, m *Monitor) {
	for m != nil {
		f.listen(ctx, m)
		if err := m.Close(); err != nil && ctx.Err() == nil {
			f.say("our monitor: " + err.Error())
		}
		if ctx.Err() != nil {
			return
		}
		f.leave()
		m = f.comeBack(ctx)
	}
}

// listen tells what comes until there is no daemon any more, or ctx ends.
func (f *follower) listen(ctx context.Context, m *Monitor) {
	for {
		message, err := m.Receive(ctx)
		switch {
		case err == nil:
			f.tell(message)
		case errors.Is(err, roam.ErrSilent):
			f.silent = true
			f.say(err.Error())
		default:
			return
		}
	}
}

// tell tells one message, first those who wait for it.
func (f *follower) tell(m Message) {
	if f.silent {
		f.silent = false
		f.say("wpa_supplicant answers again")
	}
	f.station.wake(m)
	e := f.attempt.judge(m.Text, f.reader.read(m.Text))
	e.At = f.station.options.Clock()
	e.Record = f.station.record(e.At, priority(m.Level), identifier, m.Text)
	f.gone = f.gone || e.What == roam.Gone
	if e.What == roam.Trying {
		f.station.unpin(e.AP)
	}
	f.station.out.Put(e)
}

// say tells a line of our own.
func (f *follower) say(text string) {
	e := roam.Event{At: f.station.options.Clock(), What: roam.Said}
	e.Record = f.station.record(e.At, warning, ownIdentifier, text)
	f.station.out.Put(e)
}

// leave tells that the daemon is gone, where it has not said so itself.
func (f *follower) leave() {
	f.attempt, f.silent = attempt{}, false
	f.station.abandon()
	if !f.gone {
		f.station.out.Put(roam.Event{At: f.station.options.Clock(), What: roam.Gone})
	}
	f.gone = false
}

// Between two looks for a daemon that is gone.
const (
	soon = 50 * time.Millisecond
	late = time.Second
)

// comeBack waits for a daemon and listens to it; nil: ctx has ended.
func (f *follower) comeBack(ctx context.Context) *Monitor {
	for pause := soon; ; pause = min(2*pause, late) {
		if m, err := f.station.client.Attach(ctx); err == nil {
			f.station.out.Put(roam.Event{At: f.station.options.Clock(), What: roam.Back})
			return m
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// waiter waits for a message. The channel is closed when the daemon is gone.
type waiter struct {
	wants func(Message) bool
	got   chan Message
}

// expect begins to wait, before the request is made that the message answers.
func (s *Station) expect(wants func(Message) bool) *waiter {
	w := &waiter{wants: wants, got: make(chan Message, maxExpected)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiters[w] = struct{}{}
	return w
}

// maxExpected is how many messages wait for who expects them.
const maxExpected = 64

func (s *Station) forget(w *waiter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiters, w)
}

// wake gives a message to those who want it.
func (s *Station) wake(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.waiters {
		if !w.wants(m) {
			continue
		}
		select {
		case w.got <- m:
		default: // it has more than it can use
		}
	}
}

// abandon tells those who wait that the daemon is gone.
func (s *Station) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.waiters {
		close(w.got)
		delete(s.waiters, w)
	}
}
