package probe

import (
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
)

// DefaultBound is how long nothing is answered before it counts as a stall.
const DefaultBound = 2 * time.Second

const (
	// fewRequests is how many have to be unanswered: one that was lost is no stall.
	fewRequests = 3
	// maxStalls bounds what is kept; the oldest are forgotten first.
	maxStalls = 128
	// maxLinks is how many link IDs there are (IEEE 802.11be, 9.4.2.321.2.3: four
	// bits, of which 15 is reserved).
	maxLinks = 15
)

// Kinds of stalls that are no link's, as in runlog.Probe.Stall. Directions are the
// station's: up is to the access point.
const (
	Both = "both"
	Up   = "up"
	Down = "down"
)

// Stall is a time in which nothing passed. Times are CLOCK_MONOTONIC.
type Stall struct {
	Kind string // Both, Up, Down, or "link N"
	// Begin is when the first of the unanswered requests was sent, or the link was
	// last well.
	Begin time.Duration
	// Told is when it was found out.
	Told time.Duration
	// End is when something was answered, or the connection was left; 0: it goes on.
	End time.Duration
	// AP is who it was connected to, as Connected had it.
	AP dot11.Addr
	// Left says that it ended by leaving, without an answer.
	Left bool
}

// source is who asks. Each has to have been answered once before its silence
// means something.
type source uint8

const (
	byPing source = iota
	byLoad
	// byStream never asks: what TCP has sent waits for its own timers after an
	// outage.
	byStream
	sources
)

// watcher finds stalls. It has no clock: times come in, of one clock and nearly in
// order.
type watcher struct {
	bound     time.Duration
	connected bool
	ap        dot11.Addr
	proven    [sources]bool
	// silent is when the first request was sent that nobody has answered, and asked
	// how many there are.
	silent time.Duration
	asked  int
	open   *Stall

	samples samples
	// acks says that the driver tells which frames were not acknowledged: it has
	// counted some, once.
	acks   bool
	links  [maxLinks]linkWatch
	stalls []*Stall
}

// joined says that a connection stands from now on.
func (w *watcher) joined(at time.Duration, ap dot11.Addr) []Stall {
	ended := w.left(at)
	w.connected, w.ap = true, ap
	return ended
}

// left says that it does no longer. It returns the stalls that ended by it.
func (w *watcher) left(at time.Duration) []Stall {
	var ended []Stall
	end := func(s *Stall) {
		if s != nil {
			s.End, s.Left = max(at, s.Begin), true
			ended = append(ended, *s)
		}
	}
	end(w.open)
	for i := range w.links {
		end(w.links[i].open)
	}
	w.open, w.connected = nil, false
	w.silent, w.asked = 0, 0
	w.samples, w.links = samples{}, [maxLinks]linkWatch{}
	return ended
}

// target says that a source asks somebody else from now on.
func (w *watcher) target(by source) {
	w.proven[by] = false
	if w.open == nil {
		w.silent, w.asked = 0, 0
	}
}

// request says that something was asked.
func (w *watcher) request(by source, at time.Duration) {
	if !w.connected || !w.proven[by] {
		return
	}
	if w.asked == 0 {
		w.silent = at
	}
	w.asked++
}

// answer says that a genuine answer came; it returns the stall that it ended.
func (w *watcher) answer(by source, at time.Duration) (ended Stall, ok bool) {
	w.alive(by)
	if at < w.silent {
		return Stall{}, false // it was under way before the silence began
	}
	w.silent, w.asked = 0, 0
	if w.open == nil {
		return Stall{}, false
	}
	w.open.End = at
	ended = *w.open
	w.open = nil
	return ended, true
}

// alive says that a source is known to be answered.
func (w *watcher) alive(by source) { w.proven[by] = true }

// due is when to ask for a verdict; ok is false while there is nothing to judge.
func (w *watcher) due() (at time.Duration, ok bool) {
	return w.silent + w.bound, w.connected && w.open == nil && w.asked >= fewRequests
}

// judge returns a stall that begins to be one.
func (w *watcher) judge(now time.Duration) (begun Stall, ok bool) {
	if due, ok := w.due(); !ok || now < due {
		return Stall{}, false
	}
	w.open = w.keep(Stall{Kind: w.samples.direction(w.silent, w.acks), Begin: w.silent, Told: now, AP: w.ap})
	return *w.open, true
}

// keep adds a stall to those that are kept.
func (w *watcher) keep(s Stall) *Stall {
	if len(w.stalls) == maxStalls {
		w.stalls = append(w.stalls[:0], w.stalls[1:]...)
	}
	w.stalls = append(w.stalls, &s)
	return &s
}

// feed takes figures, and returns what changed for single links.
func (w *watcher) feed(at time.Duration, f *Figures) (begun, ended []Stall) {
	if !w.connected {
		return nil, nil
	}
	w.samples.add(at, f.Connection)
	w.acks = w.acks || f.Connection.TxFailed > 0 || f.Connection.TxRetries > 0
	if len(f.Links) < 2 {
		return nil, nil
	}
	for i := range f.Links {
		l := &f.Links[i]
		if l.Link >= maxLinks {
			continue
		}
		watch := &w.links[l.Link]
		switch watch.take(at, l.Counters) {
		case linkWell:
			if watch.open != nil {
				watch.open.End = at
				ended = append(ended, *watch.open)
				watch.open = nil
			}
		case linkBad:
			// Where nothing passes at all, no link is the one.
			if watch.open == nil && w.open == nil && at-watch.wellAt >= w.bound {
				watch.open = w.keep(Stall{Kind: fmt.Sprintf("link %d", l.Link), Begin: watch.wellAt, Told: at, AP: w.ap})
				begun = append(begun, *watch.open)
			}
		}
	}
	return begun, ended
}

// during returns the kind of the stall that took most of a stretch of time; one of
// the whole connection goes before that of a link.
func (w *watcher) during(from, to time.Duration) string {
	var kind string
	var most time.Duration
	var whole bool
	for _, s := range w.stalls {
		end := s.End
		if end == 0 {
			end = to
		}
		took := min(end, to) - max(s.Begin, from)
		isWhole := s.Kind == Both || s.Kind == Up || s.Kind == Down
		if took <= 0 || whole && !isWhole || whole == isWhole && took <= most {
			continue
		}
		kind, most, whole = s.Kind, took, isWhole
	}
	return kind
}
