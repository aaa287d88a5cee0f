package incident

import (
	"strconv"
	"strings"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
)

// What several records tell together: events that no single record says.

// rocLow and rocHigh bound the wait that mt7925 shows between starting
// authentication and sending the first frame when the chip never grants the
// channel: it gives up after 4 s (mt7925/main.c mt7925_set_roc waits 4*HZ).
const (
	rocLow  = 3800 * time.Millisecond
	rocHigh = 4600 * time.Millisecond
)

// silentROC makes a roc-timeout of the gap before the first authentication
// frame, which is all that stock mt7925 shows of it.
func (b *Builder) silentROC(e *Event) *Event {
	if e.Class != patterns.AuthStart || e.Fields.Get("try") != "1" || e.card == nil {
		return nil
	}
	family := e.card.family()
	if family != rocFamily && family != unknownFamily {
		return nil
	}
	start := e.card.track.last[patterns.AuthStart]
	if start == nil || start.Fields.Get("try") != "" || start.Fields.Get("addr") != e.Fields.Get("addr") || !e.moment().fine() {
		return nil
	}
	gap, ok := e.moment().minus(start.moment())
	if !ok || gap < rocLow || gap > rocHigh {
		return nil
	}
	d := *e
	d.Class, d.Severity, d.Pattern = patterns.ROCTimeout, patterns.Error, DerivedPattern
	d.meaning = "About 4 s passed between the start of authentication and its first frame: the chip was asked for time on the channel and never granted it."
	d.Fields = patterns.Fields{{Name: "addr", Value: e.Fields.Get("addr")}, {Name: "ms", Value: milliseconds(gap)}}
	if family == unknownFamily {
		// Only the interface has spoken yet: whose it is may still turn up.
		b.settleROC(e.card, e.moment())
		e.card.track.roc = &d
		b.hold(&d)
		return nil
	}
	return &d
}

// rocFamily is the family of chips whose driver waits for the grant in silence.
const rocFamily = "mt7925"

// settleROC decides about a silent wait once it is known whose it was.
func (b *Builder) settleROC(c *card, now moment) {
	roc := c.track.roc
	if roc == nil {
		return
	}
	if roc.decided {
		c.track.roc = nil // the queue was full and has let it go
		return
	}
	switch family := c.family(); {
	case family == rocFamily:
		c.track.roc = nil
		b.bad(roc)
	case family != unknownFamily || !now.within(silence, roc.moment()):
		c.track.roc = nil
		b.drop(roc)
	}
}

// firmwareReload tells whether a firmware-boot event has no known reason: the
// chip crashed silently. A reason is a probe, a resume, a command timeout or a
// reset in the minute before.
func (b *Builder) firmwareReload(e *Event) bool {
	t := &e.card.track
	before := t.last[patterns.FirmwareBoot]
	if e.Class != patterns.FirmwareBoot || before == nil || t.open != nil || !t.ran {
		return false
	}
	gap, ok := e.moment().minus(before.moment())
	if !ok || gap < silence || before.Boot != e.Boot {
		return false
	}
	return !t.recent(e.moment(), silence, patterns.Probe, patterns.SuspendExit, patterns.SuspendEntry, patterns.MCUTimeout, patterns.ResetStart,
		patterns.DriverOwnFailed, patterns.PMFailed, patterns.ProbeFailed, patterns.FirmwareLoadFailed, patterns.FirmwareCrash, patterns.DeviceGone) &&
		!(b.suspended != nil && e.moment().within(silence, b.suspended.moment()))
}

// queueStop follows a transmit queue: a stop without a wake within ten
// seconds is tx-stuck, told of the stop. The event is held back until that is
// known.
func (b *Builder) queueStop(r *journal.Record, m *patterns.Match, c *card) {
	t := &c.track
	switch m.Pattern.Role {
	case patterns.RoleWake:
		if t.stopped != nil {
			b.drop(t.stopped)
			t.stopped = nil
		}
	case patterns.RoleStop:
		if t.stopped != nil {
			return // stopped already
		}
		e := newEvent(r, m, patterns.TxStuck, patterns.Error)
		e.Pattern, e.card = DerivedPattern, c
		t.stopped = e
		b.hold(e)
	}
}

// settleStop decides about a stopped queue when time has gone on.
func (b *Builder) settleStop(c *card, now moment) {
	t := &c.track
	if t.stopped == nil {
		return
	}
	if gap, ok := now.minus(t.stopped.moment()); ok && gap >= stopWake {
		e := t.stopped
		t.stopped = nil
		e.behind = []*Event{quoteOf(b.record)}
		b.bad(e)
	}
}

// dump makes a firmware-crash of a crash dump that nothing announced: the
// excerpt begins behind the record that did.
func (b *Builder) dump(r *journal.Record, m *patterns.Match, c *card, s patterns.Subject) {
	t := &c.track
	if t.open != nil || t.recent(b.now, silence, patterns.FirmwareCrash) {
		return
	}
	e := newEvent(r, m, patterns.FirmwareCrash, patterns.Error)
	e.Pattern, e.card, e.subject = DerivedPattern, c, s
	e.meaning = "The dump of a firmware crash begins here; the record that told of the crash is missing from the log."
	b.owned(e)
}

// clientChurn counts how often one client of an AP of ours came and went.
type clientChurn struct {
	leaves int
	inside bool
	told   bool
	at     moment // of the last coming or going
	seen   []*Event
}

const (
	churnLeaves  = 3
	churnStay    = 10 * time.Second
	mostClients  = 256
	stateJoined  = "associated"
	stateLeft    = "disassociated"
	stateRemoved = "deauthenticated"
)

// keep holds the records of the last comings and goings.
func (ch *clientChurn) keep(r *journal.Record) {
	if len(ch.seen) >= 2*churnLeaves {
		ch.seen = append(ch.seen[:0], ch.seen[1:]...)
	}
	ch.seen = append(ch.seen, quoteOf(r))
}

// apSta follows the clients of an AP of ours.
func (b *Builder) apSta(r *journal.Record, m *patterns.Match, c *card) {
	t := &c.track
	if t.churn == nil {
		t.churn = make(map[string]*clientChurn)
	}
	addr := m.Fields.Get("addr")
	ch := t.churn[addr]
	if ch == nil {
		if len(t.churn) >= mostClients {
			clear(t.churn) // who came long ago is forgotten first
		}
		ch = &clientChurn{}
		t.churn[addr] = ch
	}
	at := momentOf(r)
	switch state := m.Fields.Get("state"); state {
	case stateJoined:
		if !at.within(silence, ch.at) {
			ch.leaves = 0 // what was a minute ago is another story
		}
		ch.inside, ch.at = true, at
		ch.keep(r)
	case stateLeft, stateRemoved:
		if !ch.inside {
			return
		}
		ch.inside = false
		ch.keep(r)
		stayed := !at.within(churnStay, ch.at)
		ch.at = at
		if stayed {
			ch.leaves = 0
			return
		}
		ch.leaves++
		if ch.leaves >= churnLeaves && !ch.told {
			ch.told = true
			e := newEvent(r, m, patterns.APClientChurn, patterns.Warn)
			e.Pattern, e.card = DerivedPattern, c
			e.meaning = "One client associates and leaves again within seconds, again and again: the AP's side accepts it, and something after the association drives it away."
			e.Fields = patterns.Fields{{Name: "addr", Value: addr}, {Name: "count", Value: strconv.Itoa(ch.leaves)}}
			e.Count = ch.leaves
			e.before = ch.seen[:len(ch.seen)-1]
			b.bad(e)
		}
	}
}

// pairs reports whether a firmware version record belongs to the boot told by
// the one before it: the chip's parts announce themselves one by one.
func pairs(before, e *Event) bool {
	if before == nil || before.Boot != e.Boot {
		return false
	}
	if strings.HasPrefix(e.body, firstOfBoot) {
		return false
	}
	return e.moment().within(3*time.Second, before.moment())
}

// firstOfBoot begins the record of the patch's version, which mt76 prints
// before those of the processors' firmware (mt76_connac2_load_patch).
const firstOfBoot = "HW/SW Version"
