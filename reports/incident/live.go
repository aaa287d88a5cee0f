package incident

import (
	"encoding/json"
	"fmt"

	"roamfault/journal"
	"roamfault/patterns"
)

// Tick tells the builder that time has come to t without a record: a minute of
// silence ends an incident, too.
func (b *Builder) Tick(t journal.Time, boot string) error {
	b.now = moment{time: t, boot: boot}
	if b.record == nil {
		b.record = &journal.Record{Time: t, Boot: boot}
	}
	if b.callback != nil && !b.now.within(sameAction, b.callback.moment()) {
		b.settleCallback()
	}
	b.expire()
	b.release()
	return b.err
}

// Idle reports whether nothing is open, pending or still open to late news: a
// reader that begins behind the present record, with [Builder.State], finds
// what this one will find.
func (b *Builder) Idle() bool {
	if b.splat != nil || b.callback != nil || len(b.queue) > 0 || len(b.limbo) > 0 || len(b.cooling) > 0 {
		return false
	}
	for _, c := range b.cards.all {
		t := &c.track
		if t.open != nil || len(t.warns) > 0 || t.stopped != nil || t.roc != nil {
			return false
		}
		if last := t.lastOf(recentClasses...); last != nil && b.now.within(silence, last.moment()) {
			return false // what is to come may look back at it
		}
		for _, ch := range t.churn {
			if b.now.within(silence, ch.at) {
				return false
			}
		}
	}
	if b.stray != nil && b.now.within(splatGap, b.stray.at) {
		return false
	}
	for _, e := range []*Event{b.suspended, b.wireless} {
		if e != nil && b.now.within(silence, e.moment()) {
			return false
		}
	}
	return true
}

// recentClasses are the classes that later events look back at for up to a
// minute.
var recentClasses = []patterns.Class{
	patterns.Probe, patterns.RoamStart, patterns.AuthStart, patterns.AssocStart, patterns.Associated, patterns.Connected, patterns.DisconnectedLocal,
	patterns.FirmwareBoot, patterns.ResetStart, patterns.ResetDone, patterns.MCUTimeout, patterns.DriverOwnFailed, patterns.PMFailed, patterns.ProbeFailed,
	patterns.FirmwareLoadFailed, patterns.FirmwareCrash, patterns.DeviceGone,
}

// cardState is what is remembered of a card from one run of a program to the
// next.
type cardState struct {
	Driver    string            `json:"driver,omitempty"`
	Bus       string            `json:"bus,omitempty"`
	Ifaces    []string          `json:"ifaces,omitempty"`
	Phys      []string          `json:"phys,omitempty"`
	Chip      string            `json:"chip,omitempty"`
	Port      string            `json:"port,omitempty"`
	Firmware  map[string]string `json:"firmware,omitempty"`
	Link      linkState         `json:"link,omitempty"`
	Trying    bool              `json:"trying,omitempty"`
	Roaming   bool              `json:"roaming,omitempty"`
	Failed    string            `json:"stage_failed,omitempty"`
	Active    bool              `json:"active,omitempty"` // the one last spoken of
	Connected bool              `json:"connected,omitempty"`
	Tells     bool              `json:"tells_connected,omitempty"`
	Ran       bool              `json:"ran,omitempty"`
	Came      bool              `json:"came,omitempty"`
	Stage     string            `json:"stage,omitempty"`
	Booted    *point            `json:"booted,omitempty"`     // when firmware last came up
	Assoc     *point            `json:"associated,omitempty"` // when the link came up
}

// point is a moment as it is written down.
type point struct {
	Time journal.Time `json:"time"`
	Boot string       `json:"boot,omitempty"`
}

func pointOf(e *Event) *point {
	if e == nil {
		return nil
	}
	return &point{e.Time, e.Boot}
}

// event makes an event of the class at the point.
func (p *point) event(class patterns.Class, c *card) *Event {
	if p == nil {
		return nil
	}
	return &Event{Class: class, Time: p.Time, Boot: p.Boot, card: c}
}

// State returns what the builder has learned of the devices, for
// [Builder.Restore]. It is complete when the builder is idle.
func (b *Builder) State() (json.RawMessage, error) {
	states := make([]cardState, 0, len(b.cards.all))
	for _, c := range b.cards.all {
		t := &c.track
		s := cardState{
			Driver: c.driver, Bus: c.bus, Ifaces: c.ifaces, Phys: c.phys, Chip: c.chip, Port: c.port, Firmware: t.firmware,
			Link: t.link, Connected: t.connected, Tells: t.tellsConnected, Ran: t.ran, Came: t.came, Stage: t.stage,
			Trying: t.trying, Roaming: t.roaming, Failed: t.stageFailed, Active: c == b.active,
		}
		s.Booted, s.Assoc = pointOf(t.last[patterns.FirmwareBoot]), pointOf(t.associatedAt)
		states = append(states, s)
	}
	return json.Marshal(states)
}

// Restore takes up what another builder had learned. It is called before the
// first record.
func (b *Builder) Restore(state json.RawMessage) error {
	var states []cardState
	if err := json.Unmarshal(state, &states); err != nil {
		return fmt.Errorf("restore the devices learned before: %w", err)
	}
	for _, s := range states[:min(len(states), mostCards)] {
		c := &card{driver: s.Driver, bus: s.Bus, ifaces: s.Ifaces, phys: s.Phys, chip: s.Chip, port: s.Port}
		c.track = track{
			firmware: s.Firmware, link: min(s.Link, linkUp), connected: s.Connected, tellsConnected: s.Tells, ran: s.Ran, came: s.Came, stage: s.Stage,
			trying: s.Trying, roaming: s.Roaming, stageFailed: s.Failed,
			last: make(map[patterns.Class]*Event),
		}
		if e := s.Booted.event(patterns.FirmwareBoot, c); e != nil {
			c.track.last[patterns.FirmwareBoot] = e
		}
		c.track.associatedAt = s.Assoc.event(patterns.Associated, c)
		b.cards.all = append(b.cards.all, c)
		if s.Active {
			b.active = c
		}
	}
	return nil
}
