package roam

import (
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// attempt is what is known of one try to come to an access point: it is fed with
// what the kernel and the station tell, and asked what came of it. Times are
// CLOCK_MONOTONIC.
type attempt struct {
	target *Target    // nil: anywhere
	from   *runlog.AP // where it was before; nil: nowhere
	began  time.Duration
	stages map[runlog.Stage]span

	left      time.Duration // when the old connection ended; 0: it did not
	moving    bool          // something was told that only this try can have brought
	secured   bool
	connected bool // as the station says
	failed    bool // the station says that this try is over
	status    dot11.StatusCode
	reason    dot11.ReasonCode
	refused   bool
	detail    string
}

// span is when a stage was.
type span struct{ begin, end time.Duration }

func newAttempt(target *Target, from *runlog.AP, began time.Duration) *attempt {
	return &attempt{target: target, from: from, began: began, stages: map[runlog.Stage]span{}}
}

// open begins a stage, where it has not begun.
func (a *attempt) open(s runlog.Stage, at time.Duration) {
	if _, ok := a.stages[s]; !ok {
		a.stages[s] = span{begin: at}
	}
}

// end ends a stage, and begins it at the end of the one before where nobody told
// its begin. A stage that comes again, as authentication with a cached key that
// was refused does, ends later.
func (a *attempt) end(s runlog.Stage, at time.Duration) {
	was, ok := a.stages[s]
	if !ok {
		was.begin = a.lastEnd(at)
	}
	was.end = max(at, was.begin)
	a.stages[s] = was
}

// lastEnd is when the latest stage before a moment ended, or else the attempt's
// begin: a request may be answered later than what it asks for has begun.
func (a *attempt) lastEnd(before time.Duration) time.Duration {
	last := a.began
	for _, s := range a.stages {
		if s.end <= before {
			last = max(last, s.end)
		}
	}
	return last
}

// times are the stages for a cycle that began at that moment.
func (a *attempt) times(begin time.Duration) []runlog.StageTime {
	var out []runlog.StageTime
	for _, s := range runlog.Stages() {
		was, ok := a.stages[s]
		if !ok {
			continue
		}
		t := runlog.StageTime{Stage: s, Begin: was.begin - begin}
		if was.end != 0 {
			t.End = was.end - begin
		}
		out = append(out, t)
	}
	return out
}

// ours reports whether an address is one of the target's.
func (a *attempt) ours(addr dot11.Addr) bool {
	return a.target == nil || addr.IsZero() || has(&a.target.AP, addr)
}

// has reports whether an address is one of an access point's.
func has(ap *runlog.AP, addr dot11.Addr) bool {
	_, ok := ap.Link(addr)
	return ok || addr == ap.Addr()
}

// The last transaction of an authentication, which completes it (IEEE 802.11-2020,
// 12.3.3 and 12.4): of shared keys there is none any more.
const lastTransaction = 2

// kernel takes what nl80211 tells.
func (a *attempt) kernel(e *nl80211.Event) {
	at := e.Stamp.Monotonic
	if at < a.began {
		return
	}
	switch b := e.Body.(type) {
	case nl80211.Authenticated:
		if !a.ours(b.Header.Addr2) {
			return
		}
		a.moving = true
		a.open(runlog.StageAuth, a.lastEnd(at))
		if b.Auth.Status == dot11.StatusSuccess && b.Auth.Transaction == lastTransaction {
			a.end(runlog.StageAuth, at)
		}
	case nl80211.Associated:
		if a.ours(b.Header.Addr2) && b.Response.Status == dot11.StatusSuccess {
			a.moving = true
			a.end(runlog.StageAssoc, at)
			a.open(runlog.StageHandshake, at)
		}
	case nl80211.Connected:
		a.moving = a.moving || b.Status == dot11.StatusSuccess && a.ours(b.AP)
	case nl80211.Roamed:
		a.moving = true
	case nl80211.Deauthenticated:
		a.leave(&b.Leave, at)
	case nl80211.Disassociated:
		a.leave(&b.Leave, at)
	case nl80211.AuthTimeout:
		a.silent(b.Addr, "nobody answers authentication")
	case nl80211.AssocTimeout:
		a.silent(b.Addr, "nobody answers association")
	}
}

// leave takes the end of a connection or of a try.
func (a *attempt) leave(l *nl80211.Leave, at time.Duration) {
	if l.Local && a.left == 0 && !a.secured {
		a.left, a.moving = at, true
	}
	if !l.Local && a.ours(l.Peer()) && !a.connected {
		a.reason, a.detail = l.Reason, "the access point deauthenticates: "+l.Reason.String()
	}
}

func (a *attempt) silent(addr dot11.Addr, words string) {
	if a.ours(addr) && a.detail == "" {
		a.detail = words
	}
}

// station takes what the station tells.
func (a *attempt) station(e *Event) {
	at := e.At.Monotonic
	if at < a.began {
		return
	}
	switch e.What {
	case Trying:
		if a.ours(e.AP) {
			a.moving = true
			a.open(runlog.StageAuth, at)
		}
	case Secured:
		if a.ours(e.AP) && !a.secured && (a.moving || !a.stale(e.AP)) {
			a.secured = true
			a.end(runlog.StageHandshake, at)
		}
	case Connected:
		a.connected = a.connected || a.moving || !a.stale(e.AP)
	case Refused:
		if a.ours(e.AP) {
			a.refused, a.status, a.failed = true, e.Status, true
			a.detail = said(e, "refused")
		}
	case GaveUp:
		if a.ours(e.AP) {
			a.failed = true
			if a.detail == "" {
				a.detail = said(e, "the station gives up")
			}
		}
	case Disconnected:
		if !e.Local {
			a.reason = e.Reason
		}
		a.connected, a.moving = false, true
	}
}

// stale reports whether the word of a connection there can be of the one before,
// told late: the kernel knows of a connection before a station speaks of it.
func (a *attempt) stale(addr dot11.Addr) bool {
	return a.from != nil && (addr.IsZero() || has(a.from, addr))
}

// said is an event's own words, or others where it has none.
func said(e *Event, otherwise string) string {
	if e.Record != nil && e.Record.Message != "" {
		return e.Record.Message
	}
	return otherwise
}

// negotiation are refusals by which the two sides find out what both can (IEEE
// 802.11-2020, 12.4.7.4 and 12.7.8): success behind them is success.
func negotiation(s dot11.StatusCode) bool {
	return s == dot11.StatusInvalidPMKID || s == dot11.StatusAntiCloggingToken || s == dot11.StatusUnsupportedGroup || s == dot11.StatusSuggestedBSSTransition
}
