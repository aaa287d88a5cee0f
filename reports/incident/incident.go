package incident

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"roamfault/patterns"
	"roamfault/patterns/decode"
)

// Outcome is how an incident ended.
type Outcome string

// The outcomes.
const (
	Recovered Outcome = "recovered"  // associated again, and it held
	ResetOnly Outcome = "reset-only" // firmware is back, no association seen
	Failed    Outcome = "failed"     // the last word is a giving up
	FatalEnd  Outcome = "fatal"      // oops, panic, lockup
	Open      Outcome = "open"       // something is under way, or silence
)

// Incident is one failure as a user would count it.
type Incident struct {
	// ID is a hash of boot, device and first record: the same log gives the
	// same id.
	ID string
	// Rev counts how often late news changed the incident after it was
	// finished.
	Rev         int
	Fingerprint string // the failure's name, see [Fingerprint]
	Parent      string // coarse: chip, phase and first dead command only
	Trigger     *Event // where it began
	Root        *Event // what names the failure
	Worst       *Event // its gravest event
	Layer       Layer
	Confidence  Confidence
	Evidence    []*Event
	Phase       string
	Outcome     Outcome
	Device      string
	Chip        string
	Host        string
	Boot        string
	Firmware    map[string]string
	From, To    string // the roam it belongs to, addresses as printed
	First, Last *Event // in time
	FirstLine   int
	LastLine    int
	// Outage is how long the connection was gone, Recovery how long the
	// device was. Meaningful when the flag beside it is set.
	Outage, Recovery       time.Duration
	HasOutage, HasRecovery bool
	// Lasted is the time from the first event to the last, as a lower bound
	// of an outage that has no end in the log.
	Lasted     time.Duration
	HasLasted  bool
	Tier       int // recovery tier of drivers that have them, 0 for none
	Steps      []Step
	Dead       []string // commands that were not answered, in order
	SeqGaps    int      // commands between them that were answered
	CutShort   int      // timeouts that returned at once because a reset was under way
	Facts      int
	Total      int      // events, of which Events keeps the first and the last
	Events     []*Event // warn and worse, in order
	Lines      []*Event // what a report quotes: events and the progress around them
	Collateral []*Event
	Reached    string // bring-up ladder: last stage reached
	NotReached string // and first not reached
	Title      string
	Summary    string
	Advice     []string
}

// Step is one step of a recovery.
type Step struct {
	Tier int
	Text string
	// After is how long after the incident's first event it came.
	After time.Duration
	at    moment
}

// building is an incident that is still being told.
type building struct {
	id    string
	rev   int
	card  *card
	ctx   phaseContext
	first *Event
	// events are the bad ones; beyond the bounds the middle is dropped.
	events  []*Event
	total   int
	facts   int
	byClass map[patterns.Class]int
	lines   []*Event
	steps   []Step
	others  []*Event // collateral

	lastBad moment
	lastEnd *Event // the last event that counts for where it ends
	assoc   *Event // an association after the failure, so far held
	back    *Event // firmware came back
	lost    *Event // where the connection went

	result *Incident // once finished

	fatal       bool
	chipFailed  bool // the device was given up
	linkFailed  bool // a try to connect was given up
	seenReassoc bool
	probed      bool // the driver found the device right after the failure
	roam        *Event
	later       *Event // a local leave inside: the link was up
}

// Bounds on what one incident keeps.
const (
	headEvents = 192
	tailEvents = 64
	mostLines  = 400
)

// begin starts an incident with its first event.
func (b *Builder) begin(first *Event, ctx phaseContext) *building {
	c := first.card
	in := &building{id: first.identity(), card: c, ctx: ctx, first: first, byClass: make(map[patterns.Class]int)}
	for _, e := range c.track.lines {
		if e != first && !e.bad() && !e.after(first) && first.moment().within(contextBefore, e.moment()) {
			in.line(e)
		}
	}
	if ctx.roam != nil {
		in.roam = ctx.roam
	}
	return in
}

// identity hashes what makes the event the one it is: boot, device, time and
// text as its record has them. What was learned elsewhere does not enter, so
// that a reader that begins later comes to the same.
func (e *Event) identity() string {
	key := []string{e.Boot, e.subject.String(), e.Time.String(), e.Message, e.Cursor}
	if e.Time.IsZero() {
		key = append(key, strconv.Itoa(e.Origin.Line))
	}
	sum := sha256.Sum256([]byte(strings.Join(key, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// contextBefore is how far back the lines before an incident are quoted.
const contextBefore = 30 * time.Second

func (in *building) line(e *Event) {
	if len(in.lines) < mostLines {
		in.lines = append(in.lines, e)
	}
}

// join takes a bad event into the incident.
func (in *building) join(e *Event) {
	e.Incident, e.decided = in.id, true
	in.total++
	in.byClass[e.Class]++
	e.sameFact = in.restates(e)
	if e.sameFact == nil {
		in.facts++
	}
	in.keep(e)
	for _, q := range e.before {
		in.line(q)
	}
	in.line(e)
	for _, q := range e.behind {
		in.line(q)
	}
	if !e.Time.IsZero() || in.first.Time.IsZero() {
		in.lastBad, in.lastEnd = e.moment(), e // a record without time cannot tell that it came last
	}
	in.follow(e)
}

// keep appends an event within the bounds: the first and the last stay, and
// those in between go.
func (in *building) keep(e *Event) {
	if len(in.events) >= headEvents+tailEvents {
		in.events = slices.Delete(in.events, headEvents, headEvents+1)
	}
	in.events = append(in.events, e)
}

// restates returns an earlier event that tells the same fact: another teller
// within a second, with nothing in it that differs.
func (in *building) restates(e *Event) *Event {
	for i := len(in.events) - 1; i >= 0 && i >= len(in.events)-16; i-- {
		o := in.events[i]
		if o.Class != e.Class || o.sameFact != nil {
			continue
		}
		gap, ok := e.moment().minus(o.moment())
		if ok && (gap > sameAction || gap < -sameAction) {
			continue
		}
		if o.Identifier == e.Identifier && o.Pattern == e.Pattern && (o.Message != e.Message || !ok) {
			continue // the same teller says it twice: it happened twice
		}
		if agree(o.Fields, e.Fields) {
			return o
		}
	}
	return nil
}

// agree reports whether no field that both have differs.
func agree(a, b patterns.Fields) bool {
	for _, f := range a {
		if v := b.Get(f.Name); v != "" && !strings.EqualFold(v, f.Value) && f.Name != "try" {
			return false
		}
	}
	return true
}

// follow moves what is known of the incident's end by one bad event.
func (in *building) follow(e *Event) {
	info, _ := e.Class.Info()
	// Something new and grave: the association seen just before does not hold.
	if in.assoc != nil && (losesLink(e.Class) || e.Severity >= patterns.Error) {
		in.assoc = nil
	}
	if losesLink(e.Class) && in.lost == nil {
		in.lost = e
	}
	switch e.Class {
	case patterns.KernelOops, patterns.KernelPanic, patterns.HungTask, patterns.Lockup:
		in.fatal = true
	case patterns.ResetFailed, patterns.DeviceGone, patterns.ProbeFailed, patterns.PMFailed:
		in.chipFailed = true
		in.back = nil
	case patterns.ResetStart:
		if !in.byReset() {
			in.chipFailed = false
		}
		in.back = nil
	case patterns.AuthTimeout, patterns.AssocTimeout:
		in.linkFailed = true
	case patterns.FirmwareReload:
		in.back = e
	default:
		if info.Group == patterns.GroupChip && e.Severity >= patterns.Error {
			in.back = nil
		}
		if e.Severity >= patterns.Error {
			in.linkFailed = false
		}
		if e.final {
			in.linkFailed = true
		}
	}
}

// byReset reports whether the device was given up for good by its reset or by
// the bus: a later reset attempt alone does not change that.
func (in *building) byReset() bool {
	return in.byClass[patterns.ResetFailed] > 0 || in.byClass[patterns.DeviceGone] > 0
}

// retries says that the supplicant tries again: nothing has been given up.
func (in *building) retries() { in.linkFailed = false }

// extend makes an event that tells the end one record longer.
func (in *building) extend(e *Event) { in.line(e); in.lastEnd = e }

func (in *building) collateral(e *Event) {
	if len(in.others) < 16 {
		in.others = append(in.others, e)
	}
}

// progress takes an event that is not bad.
func (in *building) progress(e *Event) {
	in.line(e)
	switch e.Class {
	case patterns.Probe:
		in.probed = in.probed || e.moment().within(holds, in.first.moment())
	case patterns.Associated, patterns.Connected:
		if in.assoc == nil {
			in.assoc = e
		}
		in.linkFailed = false
	case patterns.FirmwareBoot, patterns.ResetDone:
		in.back, in.lastEnd = e, e
		in.chipFailed = false
	case patterns.RoamStart:
		if in.roam == nil {
			in.roam = e
		}
		in.assoc = nil
		in.retries()
	case patterns.AuthStart, patterns.AssocStart, patterns.Authenticated:
		in.retries()
	case patterns.AssocResponse:
		in.seenReassoc = in.seenReassoc || e.Fields.Get("type") == "Reassoc"
	case patterns.DisconnectedLocal:
		if !leavesDeliberately(e) {
			in.assoc = nil
		}
		if strings.HasPrefix(e.body, "deauthenticating") || strings.HasPrefix(e.body, "disassociating") {
			in.later = e
		}
		if in.lost == nil {
			in.lost = e
		}
	}
}

// noise reports whether a class alone says nothing and never triggers.
func noise(c patterns.Class) bool { return c == patterns.MLOGroupKeyLinkID }

// rank orders classes by how well they name a failure: chip, bus, firmware and
// kernel before association and requests, symptoms last.
func rank(e *Event) int {
	switch e.Class {
	case patterns.MLOGroupKeyLinkID:
		return 0
	case patterns.KeyRemoveFailed, patterns.DriverOpFailed, patterns.DriverDisconnect, patterns.ConnectionFailed, patterns.ScanFailed:
		return 1
	case patterns.ResetStart, patterns.MCURetry:
		return 3
	}
	info, _ := e.Class.Info()
	switch info.Group {
	case patterns.GroupChip, patterns.GroupKernel:
		return 4
	}
	return 2
}

// root returns the event that names the failure.
func (in *building) root() *Event {
	var best *Event
	for _, e := range in.events {
		switch {
		case best == nil, rank(e) > rank(best):
			best = e
		case rank(e) == rank(best) && in.before(e, best):
			best = e
		}
	}
	return best
}

// before reports whether e happened before o, by the time of what they tell,
// and by the order in which they came where that does not decide.
func (in *building) before(e, o *Event) bool {
	gap, ok := e.effect.minus(o.effect)
	if !ok || gap == 0 {
		return e.order < o.order
	}
	return gap < 0
}

// trigger returns the first bad event in time that is no noise.
func (in *building) trigger() *Event {
	var best *Event
	for _, e := range in.events {
		if best == nil || noise(best.Class) && !noise(e.Class) || noise(best.Class) == noise(e.Class) && in.before(e, best) {
			best = e
		}
	}
	return best
}

func (in *building) worst() *Event {
	var best *Event
	for _, e := range in.events {
		if best == nil || e.Severity > best.Severity {
			best = e
		}
	}
	return best
}

func (in *building) outcome() Outcome {
	switch {
	case in.fatal:
		return FatalEnd
	case in.assoc != nil:
		return Recovered
	case in.chipFailed:
		return Failed
	case in.back != nil:
		return ResetOnly
	case in.linkFailed:
		return Failed
	}
	return Open
}

// conclude writes the incident as it stands.
func (in *building) conclude() *Incident {
	root, trigger := in.root(), in.trigger()
	i := &Incident{
		ID: in.id, Rev: in.rev, Root: root, Trigger: trigger, Worst: in.worst(), Outcome: in.outcome(),
		Device: in.card.String(), Chip: in.card.family(), Host: in.first.Host, Boot: in.first.Boot,
		Firmware: maps.Clone(in.card.track.firmware), First: in.first, Facts: in.facts, Total: in.total,
		Events: slices.Clone(in.events), Lines: slices.Clone(in.lines), Collateral: in.others,
	}
	if i.Device == "" {
		i.Device = in.card.chip
	}
	i.Last = in.lastEnd
	if i.Outcome == Recovered {
		i.Last = in.assoc
		i.Lines = slices.DeleteFunc(slices.Clone(in.lines), func(e *Event) bool { return e != in.assoc && e.after(in.assoc) && !e.bad() && !within5(e, in.assoc) })
	}
	i.FirstLine, i.LastLine = in.span(i)
	i.Phase = in.phase(root, trigger)
	i.Layer, i.Confidence = in.layer(root, i)
	i.Evidence = in.evidence(i)
	in.roamOf(i)
	in.commands(i)
	in.cost(i)
	in.ladder(i)
	for _, s := range in.steps {
		s.After, _ = s.at.minus(in.first.moment())
		i.Steps = append(i.Steps, s)
		i.Tier = max(i.Tier, s.Tier)
	}
	for _, e := range in.events {
		if tier, ok := e.Fields.Int("tier"); ok {
			i.Tier = max(i.Tier, int(tier))
		}
	}
	i.Fingerprint, i.Parent = in.fingerprint(i)
	i.Title, i.Summary, i.Advice = words(i, in)
	return i
}

func within5(e, o *Event) bool {
	gap, ok := e.moment().minus(o.moment())
	return ok && gap <= holds
}

// span returns the first and last physical line, in the file of the first
// event when there are several files.
func (in *building) span(i *Incident) (first, last int) {
	file := in.first.Origin.File
	for _, e := range append(slices.Clone(in.events), i.First, i.Last) {
		if e.Origin.File != file {
			continue
		}
		if first == 0 || e.Origin.Line < first {
			first = e.Origin.Line
		}
		last = max(last, e.Origin.Line+max(e.Origin.Lines, 1)-1)
	}
	return first, last
}

// roamOf finds the APs between which it happened.
func (in *building) roamOf(i *Incident) {
	if in.roam == nil || i.Phase != "roam" {
		return
	}
	i.From, i.To = in.roam.Fields.Get("from"), in.roam.Fields.Get("to")
}

// commands reads the series of unanswered commands.
func (in *building) commands(i *Incident) {
	var before *Event
	var seqBefore int64
	for _, e := range in.events {
		if e.Class != patterns.MCUTimeout || e.sameFact != nil {
			continue
		}
		if cmd := e.Fields.Get("cmd"); cmd != "" && len(i.Dead) < 64 {
			i.Dead = append(i.Dead, commandName(cmd))
		}
		seq, ok := e.Fields.Int("seq")
		if before != nil {
			if gap, timed := e.moment().minus(before.moment()); timed && gap >= 0 && gap < time.Second && ok {
				i.CutShort++
			}
			if ok && seqBefore > 0 && seq > 0 && seq <= 15 && seqBefore <= 15 {
				i.SeqGaps += int((seq - seqBefore - 1 + 15) % 15)
			}
		}
		before, seqBefore = e, seq
	}
}

// commandName returns the name of a command for people, as printed when it is
// unknown.
func commandName(cmd string) string {
	if c, ok := decode.ParseMCUCommand(cmd); ok {
		if name := c.Name(); name != "" {
			return name
		}
	}
	return cmd
}

// cost measures how long the connection and the device were gone. Nothing is
// measured across a suspend on clocks that stop in it.
func (in *building) cost(i *Incident) {
	if i.Phase == "suspend" {
		return
	}
	gone := in.lost
	if in.roam != nil && (gone == nil || gone.after(in.roam)) {
		gone = in.roam
	}
	if gone == nil {
		gone = in.first
	}
	if i.Outcome == Recovered {
		i.Outage, i.HasOutage = positive(in.assoc.moment().minus(gone.moment()))
	}
	i.Lasted, i.HasLasted = positive(i.Last.moment().minus(in.first.moment()))
	if in.back != nil {
		for _, e := range in.events {
			if info, _ := e.Class.Info(); info.Group == patterns.GroupChip {
				i.Recovery, i.HasRecovery = positive(in.back.moment().minus(e.effect))
				break
			}
		}
	}
}

func positive(d time.Duration, ok bool) (time.Duration, bool) { return d, ok && d >= 0 }

// ladder tells how far a device came that never came up.
func (in *building) ladder(i *Incident) {
	t := &in.card.track
	if i.Phase != "boot" || i.Outcome == Recovered || i.Outcome == ResetOnly || t.stage == "" && t.stageFailed == "" {
		return
	}
	i.Reached, i.NotReached = t.stage, t.stageFailed
	stages := patterns.Stages()
	if i.NotReached == "" {
		if at := slices.Index(stages, t.stage); at >= 0 && at+1 < len(stages) {
			i.NotReached = stages[at+1]
		}
	}
}

// evidence picks the lines on which the verdict rests.
func (in *building) evidence(i *Incident) []*Event {
	var out []*Event
	add := func(e *Event) {
		if e != nil && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	add(in.roam)
	add(i.Trigger)
	add(i.Root)
	add(i.Worst)
	add(in.back)
	if i.Outcome == Recovered {
		add(in.assoc)
	}
	slices.SortStableFunc(out, func(a, b *Event) int {
		switch {
		case a.after(b):
			return 1
		case b.after(a):
			return -1
		}
		return 0
	})
	return out
}

// Place writes where an event stands.
func (e *Event) Place() string {
	if e.Origin.File == "" {
		return fmt.Sprintf("line %d", e.Origin.Line)
	}
	return fmt.Sprintf("%s:%d", e.Origin.File, e.Origin.Line)
}

// Meaning is what the pattern says the record means, for people.
func (e *Event) Meaning() string { return e.meaning }

// Clock writes the event's time for people, "" when it has none.
func (e *Event) Clock() string { return e.Time.String() }
