// Package incident turns classified records into incidents: one failure as a
// user would count it, with its root, its trigger, the layer to blame, when it
// happened, how it ended and what it cost.
//
// It knows no operating system and no files: records and what they say go in,
// one by one in the order of their clock, events and incidents come out. Time
// is what the records tell. Memory is bounded whatever comes in.
package incident

import (
	"slices"
	"strconv"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/patterns/decode"
)

// Sink takes what a [Builder] finds. Events come in the order of the records;
// each comes once it is settled to which incident it belongs. Incidents come
// when they are finished, or when the input ends.
type Sink interface {
	Event(*Event) error
	Incident(*Incident) error
}

// Watcher is a [Sink] that wants to know of incidents while they are open. It
// gets a finished incident at once, and again, with a higher Rev, when late news
// change it.
type Watcher interface {
	Sink
	// Opened is told of an incident by its first event that is bad enough.
	Opened(id string, e *Event)
	// Grew is told of every further event of an open incident.
	Grew(id string, e *Event)
}

// Builder is the state of one host's incidents. It is not safe for use by
// several goroutines.
type Builder struct {
	sink  Sink
	watch Watcher // the sink, when it is one
	cards cards
	// queue holds events in order until it is settled what becomes of them.
	queue []*Event
	// limbo holds events of the bus, not yet known to be about a Wi-Fi device.
	limbo []*Event
	splat *splat
	stray *strayFrame // the last wireless frame of a splat whose headline is missing
	// cooling holds finished incidents that late news may still change.
	cooling   []*building
	callback  *Event // a failed suspend or resume that may be told again
	suspended *Event // the last suspend or resume
	wireless  *Event // the last event of any Wi-Fi device
	active    *card  // the card that was last spoken of
	now       moment
	record    *journal.Record // the present one
	came      int             // events so far
	err       error
}

// Bounds on what is kept while nothing is settled.
const (
	longestQueue = 4096
	longestLimbo = 256
	mostWarns    = 512
	mostCooling  = 8
	coolFor      = 5 * time.Minute
)

// NewBuilder returns a builder that hands what it finds to sink.
func NewBuilder(sink Sink) *Builder {
	watch, _ := sink.(Watcher)
	return &Builder{sink: sink, watch: watch}
}

// Record takes the next record and what it says, nil when no pattern matches
// it. It returns the first error of the sink.
func (b *Builder) Record(r *journal.Record, m *patterns.Match) error {
	b.now, b.record = momentOf(r), r
	if b.callback != nil && !b.now.within(sameAction, b.callback.moment()) {
		b.settleCallback()
	}
	b.expire()
	if b.splat != nil {
		if b.splat.takes(r, m) {
			if over(r.Message) {
				b.endSplat()
				return b.err
			}
			if m == nil || m.Class == "" || m.Pattern.Splat {
				return b.err // a headline within a splat is a part of it
			}
		} else {
			b.endSplat()
		}
	}
	if m != nil {
		b.matched(r, m)
	}
	b.release()
	return b.err
}

// Close ends the input: what is open is finished as it stands.
func (b *Builder) Close() error {
	b.Boundary()
	for _, c := range b.cards.all {
		if t := &c.track; t.stopped != nil {
			// The input ended before the queue could be called stuck.
			b.drop(t.stopped)
			t.stopped = nil
		}
	}
	b.flushCooling(true)
	for _, e := range b.queue {
		e.decided = true
	}
	b.release()
	return b.err
}

// matched handles a record that a pattern knows.
func (b *Builder) matched(r *journal.Record, m *patterns.Match) {
	subject := b.subjectOf(m)
	switch m.Pattern.Role {
	case patterns.RoleIdentity:
		b.identity(subject, m)
		return
	case patterns.RoleFrame:
		b.strayFrame(m)
		return
	}
	c := b.cardOf(subject)
	if c != nil {
		b.active = c
	}
	switch m.Pattern.Role {
	case patterns.RoleNoise:
		b.step(r, m, c)
	case patterns.RoleFirmware:
		if c != nil {
			c.track.version(m.Fields)
		}
	case patterns.RoleStop, patterns.RoleWake:
		b.queueStop(r, m, b.orActive(c))
	case patterns.RoleAPSta:
		b.apSta(r, m, b.orActive(c))
	case patterns.RoleState:
		b.state(r, m, b.orActive(c))
	case patterns.RoleBelow:
		if c != nil {
			b.claimPort(c)
		}
	case patterns.RoleHeard:
		b.orActive(c).track.heard()
	case patterns.RoleDump:
		b.dump(r, m, b.orActive(c), subject)
	}
	if m.Class == "" {
		return
	}
	if m.Pattern.Splat {
		e := newEvent(r, m, m.Class, m.Severity)
		e.subject = subject
		b.hold(e)
		b.splat = newSplat(e)
		return
	}
	// A handshake that failed is why the AP left: it comes first.
	for _, also := range m.Also {
		info, _ := also.Info()
		b.event(newEvent(r, m, also, info.Severity), c, subject)
	}
	b.event(newEvent(r, m, m.Class, m.Severity), c, subject)
}

// subjectOf joins the subject in front of the message with the names in it.
func (b *Builder) subjectOf(m *patterns.Match) patterns.Subject {
	s := m.Subject
	if v := m.Fields.Get("iface"); v != "" && s.Iface == "" {
		s.Iface = v
	}
	if v := m.Fields.Get("driver"); v != "" && s.Driver == "" {
		s.Driver = v
	}
	if v := m.Fields.Get("bus"); v != "" && v != s.Bus && (s.Bus == "" || !patterns.IsWirelessDriver(s.Driver)) {
		s.Bus = v
		if !patterns.IsWirelessDriver(s.Driver) {
			s.Driver = m.Fields.Get("driver")
		}
	}
	return s
}

// cardOf returns the card a subject names, nil when it names none.
func (b *Builder) cardOf(s patterns.Subject) *card {
	before := len(b.cards.all)
	c := b.cards.find(s)
	if c != nil && c.chip == "" {
		c.chip = decode.ChipOfDriver(c.driver)
	}
	if c != nil && (len(b.cards.all) > before || len(b.limbo) > 0) {
		b.claimLimbo(c)
	}
	return c
}

// orActive returns the card that a record without subject must mean: the one
// with a failure open, the only one, the last spoken of, or a nameless one.
func (b *Builder) orActive(c *card) *card {
	if c != nil {
		return c
	}
	for _, o := range b.cards.all {
		if o.track.open != nil {
			return o
		}
	}
	if b.active != nil {
		return b.active
	}
	if o := b.cards.only(); o != nil {
		return o
	}
	c = &card{}
	b.cards.all = append(b.cards.all, c)
	b.active = c
	return c
}

func (b *Builder) identity(s patterns.Subject, m *patterns.Match) {
	c := b.cardOf(s)
	if c == nil {
		return
	}
	if chip := m.Fields.Get("chip"); chip != "" {
		c.chip = chip
	}
	if name := m.Fields.Get("iface"); name != "" {
		// The name is the device's own now, whoever was taken to have it.
		for _, o := range b.cards.all {
			if o != c {
				o.ifaces = slices.DeleteFunc(o.ifaces, func(n string) bool { return n == name })
			}
		}
		c.addIface(name)
	}
	if m.Pattern.Stage != "" {
		c.track.stage = furthest(c.track.stage, m.Pattern.Stage)
	}
}

func (t *track) version(f patterns.Fields) {
	name, version := f.Get("name"), f.Get("version")
	if build := f.Get("build"); build != "" {
		version = build
	}
	if version == "" {
		return
	}
	if t.firmware == nil {
		t.firmware = make(map[string]string)
	}
	if _, known := t.firmware[name]; known || len(t.firmware) < 8 {
		t.firmware[name] = version
	}
}

// step keeps the steps of a recovery that is under way.
func (b *Builder) step(r *journal.Record, m *patterns.Match, c *card) {
	if m.Pattern.Stage != "" || m.Pattern.StageFailed != "" {
		t := &b.orActive(c).track
		if m.Pattern.Stage != "" {
			t.stage = furthest(t.stage, m.Pattern.Stage)
		}
		if t.stageFailed == "" {
			t.stageFailed = m.Pattern.StageFailed
		}
	}
	tier, ok := m.Fields.Int("tier")
	if !ok {
		return
	}
	o := b.orActive(c)
	if open := o.track.open; open != nil && len(open.steps) < 64 {
		open.steps = append(open.steps, Step{Tier: int(tier), Text: m.Body, at: b.now})
	}
}

// state follows a manager's or supplicant's own states.
func (b *Builder) state(r *journal.Record, m *patterns.Match, c *card) {
	t := &c.track
	old, state := m.Fields.Get("old"), m.Fields.Get("new")
	if wasUp(old) && t.link == linkUnknown {
		t.link, t.connected = linkUp, true
	}
	if wasUp(state) {
		t.link, t.connected, t.trying = linkUp, true, false
	}
	if t.open != nil && isTrying(state) {
		t.open.retries()
	}
}

func wasUp(state string) bool {
	return slices.Contains([]string{"completed", "COMPLETED", "connected", "activated", "ready"}, state)
}

func isTrying(state string) bool {
	return slices.Contains([]string{"scanning", "SCANNING", "authenticating", "AUTHENTICATING", "associating", "ASSOCIATING", "connecting", "roaming"}, state)
}

// heard takes back that the AP was not heard.
func (t *track) heard() {
	t.warns = slices.DeleteFunc(t.warns, func(w *Event) bool {
		heard := w.Class == patterns.BeaconLoss
		w.decided = w.decided || heard
		return heard
	})
}

// event handles one event of a record.
func (b *Builder) event(e *Event, c *card, s patterns.Subject) {
	e.subject = s
	if c == nil && e.anyDevice {
		b.seekOwner(e)
		return
	}
	switch e.Class {
	case patterns.SuspendEntry, patterns.SuspendExit:
		b.suspended = e
		b.settled(e)
		return
	case patterns.BluetoothReset, patterns.RegdomChange, patterns.RecordsLost, patterns.CycleMark:
		if o := b.cards.only(); o != nil && e.Class == patterns.BluetoothReset && o.track.open != nil {
			o.track.open.collateral(e)
		}
		b.settled(e)
		return
	}
	e.card = b.orActive(c)
	b.owned(e)
}

// owned handles an event whose card is known.
func (b *Builder) owned(e *Event) {
	t := &e.card.track
	if e.Device = e.card.String(); e.Device == "" {
		e.Device = e.subject.String()
	}
	b.wireless = e
	b.settleStop(e.card, e.moment())
	b.settleROC(e.card, e.moment())
	if e.Class == patterns.FirmwareBoot {
		t.version(e.Fields)
		if pairs(t.bootPair, e) {
			t.bootPair = e
			if t.open != nil {
				t.open.extend(e)
			}
			return // one event for the pair
		}
		t.bootPair = e
		if b.firmwareReload(e) {
			e.Class, e.Severity, e.Pattern = patterns.FirmwareReload, patterns.Error, DerivedPattern
			e.meaning = "Firmware came up again on a device that was up, without probe, resume, command timeout or reset before it: it crashed silently."
			b.bad(e)
			t.last[patterns.FirmwareBoot] = e
			return
		}
	}
	if chip := e.Fields.Get("chip"); chip != "" && e.Class == patterns.Probe {
		if revision, ok := decode.ParseASICRevision(chip); ok && revision.Chip() != "" {
			e.card.chip = revision.Chip()
		}
	}
	if roc := b.silentROC(e); roc != nil {
		b.bad(roc)
	}
	if e.Class == patterns.PMFailed && b.twoRecords(e) {
		return
	}
	if e.Class == patterns.PCIeError && !e.subject.IsPort() {
		b.claimPort(e.card)
	}
	if e.bad() {
		b.bad(e)
		return
	}
	b.settled(e)
	if t.open != nil {
		t.open.progress(e)
	}
	t.follow(e)
	if e.Class == patterns.Associated || e.Class == patterns.Connected {
		b.settleWarns(e.card, false)
	}
}

// twoRecords makes one event of the two records of a failed suspend or resume:
// that of the callback is held back until it is clear whether the power
// management core says it again with the device's name. It reports whether the
// event is dealt with.
func (b *Builder) twoRecords(e *Event) bool {
	if held := b.callback; held != nil && held.card == e.card {
		b.callback = nil
		b.drop(held)
	}
	if e.Fields.Get("func") == "" {
		return false
	}
	b.callback = e
	b.hold(e)
	return true
}

// settleCallback decides about a callback's record that nobody repeated.
func (b *Builder) settleCallback() {
	if e := b.callback; e != nil {
		b.callback = nil
		b.bad(e)
	}
}

// claimPort gives the card the errors that the port above it told just before.
func (b *Builder) claimPort(c *card) {
	kept := b.limbo[:0]
	for _, l := range b.limbo {
		if l.Class != patterns.PCIeError || !l.subject.IsPort() || !b.now.within(holds, l.moment()) {
			kept = append(kept, l)
			continue
		}
		c.port = l.subject.Bus
		l.card, l.Device = c, c.String()
		b.bad(l)
	}
	b.limbo = kept
}

// seekOwner finds the card that an event of the bus is about, or keeps the
// event until one turns up.
func (b *Builder) seekOwner(e *Event) {
	bus := e.subject.Bus
	if bus != "" {
		c := b.cards.byBus("", bus)
		if c == nil {
			c = b.cards.byPort(bus)
		}
		if c != nil {
			e.card = c
			b.owned(e)
			return
		}
	}
	if c := b.abovePort(e); c != nil {
		e.card = c
		b.owned(e)
		return
	}
	if e.Severity == patterns.Info || bus == "" && !e.subject.IsPort() {
		return
	}
	if len(b.limbo) >= longestLimbo {
		b.drop(b.limbo[0])
		b.limbo = b.limbo[1:]
	}
	b.limbo = append(b.limbo, e)
	b.hold(e)
}

// abovePort takes a hot-plug port's word for the only PCI card when that is in
// trouble already.
func (b *Builder) abovePort(e *Event) *card {
	if e.Class != patterns.DeviceGone || !e.subject.IsPort() {
		return nil
	}
	for _, c := range b.cards.all {
		if c.track.open != nil && c.known() {
			return c
		}
	}
	return nil
}

// claimLimbo gives a card that has become known the bus's events about it.
func (b *Builder) claimLimbo(c *card) {
	kept := b.limbo[:0]
	for _, e := range b.limbo {
		mine := c.bus != "" && (e.subject.Bus == c.bus || withoutDomain(e.subject.Bus) == withoutDomain(c.bus))
		if !mine {
			kept = append(kept, e)
			continue
		}
		e.card = c
		e.Device = c.String()
		b.bad(e)
	}
	b.limbo = kept
}

// endSplat decides whether the splat read so far is about Wi-Fi.
func (b *Builder) endSplat() {
	s := b.splat
	if s == nil {
		return
	}
	b.splat = nil
	e := s.head
	near := false
	if b.wireless != nil {
		gap, ok := e.moment().minus(b.wireless.moment())
		near = ok && gap >= 0 && gap <= 10*time.Second
	}
	switch {
	case s.wireless:
	case e.Class == patterns.KernelPanic && b.stray.before(e):
		s.fn, s.module = b.stray.fn, b.stray.module
	case e.Class == patterns.KernelPanic && (near || b.openFatal()):
	case e.Class == patterns.HungTask && slices.Contains(wirelessPrograms, e.Fields.Get("name")):
	case !s.began && near:
	case patterns.IsWirelessDriver(e.subject.Driver) || e.subject.Iface != "" || e.subject.Phy != "":
	default:
		b.drop(e)
		return
	}
	if s.fn != "" {
		e.Fields = e.Fields.With("func", s.fn)
	}
	if s.fn == "" && s.queue != "" {
		e.Fields = e.Fields.With("func", s.queue)
	}
	if s.module != "" {
		e.Fields = e.Fields.With("module", s.module)
	}
	if s.reset {
		e.phase = "reset"
	}
	e.card = b.orActive(b.cards.find(e.subject))
	if e.card.chip == "" {
		for _, name := range []string{s.module, s.fn} {
			if chip := decode.ChipOfDriver(name); chip != "" && chip != "mac80211" {
				e.card.chip = chip
				break
			}
		}
	}
	e.Device = e.card.String()
	if e.Device == "" {
		e.Device = e.card.chip
	}
	if e.Class == patterns.HungTask || e.Class == patterns.Lockup {
		b.late(e)
		return
	}
	b.bad(e)
}

func (b *Builder) openFatal() bool {
	for _, c := range b.cards.all {
		if c.track.open != nil && c.track.open.fatal {
			return true
		}
	}
	return false
}

// late dates a stall by the time for which the task was blocked, and gives it
// to the incident of that time.
func (b *Builder) late(e *Event) {
	if s, ok := e.Fields.Int("seconds"); ok && s > 0 && s < 3600 {
		e.effect = e.effect.earlier(time.Duration(s) * time.Second)
	}
	if e.card.track.open == nil {
		for i := len(b.cooling) - 1; i >= 0; i-- {
			old := b.cooling[i]
			if old.card == e.card && e.effect.within(silence, old.lastBad) {
				b.hold(e)
				old.join(e)
				old.rev++
				old.result = old.conclude()
				b.tell(old)
				return
			}
		}
	}
	b.bad(e)
}

// hold puts an event into the queue before it is settled what becomes of it.
func (b *Builder) hold(e *Event) {
	if len(b.queue) > 0 && slices.Contains(b.queue[max(0, len(b.queue)-64):], e) {
		return
	}
	if len(b.queue) >= longestQueue {
		b.queue[0].decided = true
		b.release()
	}
	b.came++
	e.order = b.came
	b.queue = append(b.queue, e)
}

func (b *Builder) drop(e *Event) {
	e.dropped, e.decided = true, true
	b.release()
}

// settled puts an event into the queue that no incident will hold.
func (b *Builder) settled(e *Event) {
	if e.Device == "" && e.card != nil {
		e.Device = e.card.String()
	}
	e.decided = true
	b.hold(e)
}

// release hands on the events at the head of the queue that are settled.
func (b *Builder) release() {
	n := 0
	for n < len(b.queue) && b.queue[n].decided {
		if e := b.queue[n]; !e.dropped && b.err == nil {
			b.err = b.sink.Event(e)
		}
		n++
	}
	if n > 0 {
		b.queue = append(b.queue[:0], b.queue[n:]...)
	}
}

// bad handles an event of severity warn or worse.
func (b *Builder) bad(e *Event) {
	t := &e.card.track
	b.hold(e)
	if e.Device == "" {
		e.Device = e.card.String()
	}
	e.effect = b.effective(e)
	ctx := b.context(e)
	switch {
	case t.open != nil:
		t.open.join(e)
		if b.watch != nil {
			b.watch.Grew(t.open.id, e)
		}
	case b.explained(e):
		e.decided = true
	case e.Severity >= patterns.Error && !negotiates(e):
		b.open(e, ctx)
	default:
		b.warn(e, ctx)
	}
	t.follow(e)
}

// effective dates a command timeout of mt76 by when the command was sent,
// unless a reset under way made it return at once.
func (b *Builder) effective(e *Event) moment {
	if e.Class != patterns.MCUTimeout {
		return e.effect
	}
	if _, ok := decode.ParseMCUCommand(e.Fields.Get("cmd")); !ok || e.Fields.Get("seq") == "" {
		return e.effect
	}
	if before := e.card.track.last[patterns.MCUTimeout]; before != nil {
		if gap, ok := e.moment().minus(before.moment()); ok && gap < mcuWait-500*time.Millisecond {
			return e.effect
		}
	}
	return e.effect.earlier(mcuWait)
}

// negotiates reports whether a refusal may be negotiation: finite cyclic
// group, PMKID and the like (IEEE 802.11 status 53, 76, 77, 82, 126).
func negotiates(e *Event) bool {
	if e.Class != patterns.AuthRejected && e.Class != patterns.AssocRejected && e.Class != patterns.ConnectionFailed {
		return false
	}
	status, ok := e.Fields.Int("status")
	return ok && slices.Contains([]int64{53, 76, 77, 82, 126}, status)
}

// explained reports whether a symptom follows from what the station itself
// just did.
func (b *Builder) explained(e *Event) bool {
	if e.Class != patterns.KeyRemoveFailed {
		return false
	}
	leave := e.card.track.last[patterns.DisconnectedLocal]
	return leave != nil && leavesDeliberately(leave) && e.moment().within(2*time.Second, leave.moment()) && e.card.track.link == linkDown
}

// leavesDeliberately reports whether a local disconnection is plain leaving
// (reason 3 or 8) rather than the answer to something wrong.
func leavesDeliberately(e *Event) bool {
	reason, ok := e.Fields.Int("reason")
	return !ok || reason == 3 || reason == 8
}

// losesLink reports whether an event says that the connection is gone.
func losesLink(c patterns.Class) bool {
	switch c {
	case patterns.DeauthByAP, patterns.BeaconLoss, patterns.DriverDisconnect, patterns.APConfigChange:
		return true
	}
	return false
}

// warn keeps a symptom, and opens an incident when it comes back.
func (b *Builder) warn(e *Event, ctx phaseContext) {
	t := &e.card.track
	e.ctx = ctx
	if len(t.warns) >= mostWarns {
		t.warns[0].decided = true
		t.warns = t.warns[1:]
	}
	again := e.Count > 1
	for _, w := range t.warns {
		if gap, ok := e.moment().minus(w.moment()); w.Class == e.Class && ok && gap > sameAction && gap <= silence {
			again = true
		}
	}
	t.warns = append(t.warns, e)
	if again && e.Class != patterns.MLOGroupKeyLinkID && !negotiates(e) {
		b.openWarns(e.card, len(t.warns))
	}
}

// settleWarns decides about symptoms that a minute has passed over, or all of
// them at the end of the input.
func (b *Builder) settleWarns(c *card, end bool) {
	t := &c.track
	for i := 0; i < len(t.warns); {
		w := t.warns[i]
		gap, ok := b.now.minus(w.moment())
		old := ok && gap > silence
		if !old && !end {
			i++
			continue
		}
		back := t.associatedAt != nil && t.link == linkUp && t.associatedAt.after(w)
		lost := losesLink(w.Class) || negotiates(w) || old && t.link == linkDown && w.Class != patterns.MLOGroupKeyLinkID
		if lost && !back {
			b.openWarns(c, len(t.warns))
			if old {
				b.finish(c)
			}
			return
		}
		w.decided = true
		t.warns = slices.Delete(t.warns, i, i+1)
	}
}

// openWarns opens an incident of the first n symptoms.
func (b *Builder) openWarns(c *card, n int) {
	t := &c.track
	warns := slices.Clone(t.warns[:n])
	t.warns = slices.Delete(t.warns, 0, n)
	t.open = b.begin(warns[0], warns[0].ctx)
	for _, w := range warns {
		t.open.join(w)
	}
	b.opened(t.open)
	for _, e := range t.lines { // what came between and after the symptoms
		switch {
		case e.bad() || !e.after(warns[0]):
		case e.after(warns[len(warns)-1]):
			t.open.progress(e)
		default:
			t.open.line(e)
		}
	}
}

// open begins an incident with an error, and with the symptoms before it.
func (b *Builder) open(e *Event, ctx phaseContext) {
	t := &e.card.track
	for i, w := range t.warns {
		if e.moment().within(silence, w.moment()) {
			b.decide(t.warns[:i])
			warns := slices.Clone(t.warns[i:])
			t.warns = t.warns[:0]
			t.open = b.begin(warns[0], warns[0].ctx)
			for _, w := range warns {
				t.open.join(w)
			}
			t.open.join(e)
			b.opened(t.open)
			return
		}
	}
	b.decide(t.warns)
	t.warns = t.warns[:0]
	t.open = b.begin(e, ctx)
	t.open.join(e)
	b.opened(t.open)
	b.portTrouble(e)
}

// opened tells a watcher of a new incident and its first events.
func (b *Builder) opened(in *building) {
	if b.watch == nil {
		return
	}
	b.watch.Opened(in.id, in.events[0])
	for _, e := range in.events[1:] {
		b.watch.Grew(in.id, e)
	}
}

func (b *Builder) decide(events []*Event) {
	for _, w := range events {
		w.decided = true
	}
}

// portTrouble takes a hot-plug port's events of the last seconds into the
// incident of the only PCI card.
func (b *Builder) portTrouble(e *Event) {
	kept := b.limbo[:0]
	for _, l := range b.limbo {
		if l.Class == patterns.DeviceGone && l.subject.IsPort() && e.card.known() && e.moment().within(10*time.Second, l.moment()) {
			l.card, l.Device = e.card, e.card.String()
			e.card.track.open.join(l)
			continue
		}
		kept = append(kept, l)
	}
	b.limbo = kept
}

// expire ends what time has ended.
func (b *Builder) expire() {
	for _, c := range b.cards.all {
		t := &c.track
		b.settleStop(c, b.now)
		b.settleROC(c, b.now)
		if open := t.open; open != nil {
			held := false
			if open.assoc != nil {
				gap, ok := b.now.minus(open.assoc.moment())
				held = ok && gap > holds
			}
			gap, ok := b.now.minus(open.lastBad)
			if held || ok && gap > silence {
				b.finish(c)
			}
		}
		if len(t.warns) > 0 {
			b.settleWarns(c, false)
		}
	}
	for len(b.limbo) > 0 {
		if gap, ok := b.now.minus(b.limbo[0].moment()); !ok || gap <= silence {
			break
		}
		b.drop(b.limbo[0])
		b.limbo = b.limbo[1:]
	}
	if len(b.cooling) > 0 {
		b.flushCooling(false)
	}
}

// finish ends the incident that is open on a card.
func (b *Builder) finish(c *card) {
	open := c.track.open
	c.track.open = nil
	open.result = open.conclude() // what comes later must not change it
	b.tell(open)
	b.cooling = append(b.cooling, open)
	b.flushCooling(false)
}

// flushCooling hands on finished incidents, in the order in which they began,
// once late news can no longer change them.
func (b *Builder) flushCooling(all bool) {
	for len(b.cooling) > 0 {
		old := b.cooling[0]
		gap, ok := b.now.minus(old.lastBad)
		if !all && len(b.cooling) <= mostCooling && (!ok || gap <= coolFor) {
			return
		}
		b.cooling = b.cooling[1:]
		if b.watch == nil && b.err == nil {
			b.err = b.sink.Incident(old.result)
		}
	}
}

// tell hands a finished incident to a watcher at once.
func (b *Builder) tell(in *building) {
	if b.watch != nil && b.err == nil {
		b.err = b.watch.Incident(in.result)
	}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(d.Milliseconds(), 10)
}

// Boundary says that the records to come cannot be compared in time with those
// before: what is open is finished as it stands.
func (b *Builder) Boundary() {
	b.endSplat()
	b.settleCallback()
	b.stray = nil
	for _, c := range b.cards.all {
		b.settleWarns(c, true)
		if c.track.open != nil {
			b.finish(c)
		}
		if c.track.roc != nil {
			b.drop(c.track.roc)
			c.track.roc = nil
		}
	}
	for _, e := range b.limbo {
		b.drop(e)
	}
	b.limbo = nil
}
