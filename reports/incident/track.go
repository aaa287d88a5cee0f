package incident

import (
	"slices"
	"time"

	"roamfault/patterns"
)

// track is what is known of one card at the present record: what state it is
// in, what is under way, and the failure that is open on it.
type track struct {
	open *building
	// warns are symptoms that have not become an incident, oldest first.
	warns []*Event

	link linkState
	// The last event of each kind, nil before the first.
	last map[patterns.Class]*Event
	// associatedAt is the association that the link rests on, connected
	// tells that its keys were seen to be set.
	associatedAt *Event
	connected    bool
	// tellsConnected says that somebody in this log tells when the keys are
	// set, so that his silence means something.
	tellsConnected bool
	// roaming tells that the try under way leaves another AP.
	roaming bool
	// trying tells that authentication or association is under way.
	trying bool
	// firmware lists the versions seen, by name.
	firmware map[string]string
	// stage is the furthest bring-up stage since the last probe, failed the
	// first that was said to fail.
	stage, stageFailed string
	// bootPair is the firmware-boot event that neighbouring version lines
	// belong to.
	bootPair *Event
	// came tells that the driver has come up since its probe: somebody used
	// the interface.
	came bool
	// ran tells that the device was up before: firmware booted or a link
	// came up.
	ran bool
	// stopped is the transmit queue's last stop without a wake.
	stopped *Event
	// roc is a silent wait for a channel on a card not yet known by its driver.
	roc   *Event
	churn map[string]*clientChurn
	// lines are the recent events, bad or not, for the context of an
	// incident.
	lines []*Event
}

type linkState uint8

const (
	linkUnknown linkState = iota
	linkDown
	linkUp
)

// keptLines bounds the context kept before an incident.
const keptLines = 24

func (t *track) lastOf(classes ...patterns.Class) *Event {
	var found *Event
	for _, c := range classes {
		if e := t.last[c]; e != nil && (found == nil || e.after(found)) {
			found = e
		}
	}
	return found
}

// after reports whether e came later than o, by clock or else by place.
func (e *Event) after(o *Event) bool {
	if d, ok := e.moment().minus(o.moment()); ok && d != 0 {
		return d > 0
	}
	return e.Origin.File != o.Origin.File || e.Origin.Line > o.Origin.Line
}

// recent reports whether one of the classes was seen no longer than d before m.
func (t *track) recent(m moment, d time.Duration, classes ...patterns.Class) bool {
	e := t.lastOf(classes...)
	if e == nil {
		return false
	}
	return m.within(d, e.moment())
}

// follow moves the state by one event.
func (t *track) follow(e *Event) {
	if t.last == nil {
		t.last = make(map[patterns.Class]*Event)
	}
	t.last[e.Class] = e
	switch e.Class {
	case patterns.Probe:
		t.link, t.trying, t.roaming, t.associatedAt, t.connected = linkDown, false, false, nil, false
		t.stage, t.stageFailed, t.came = "", "", false
	case patterns.RoamStart:
		t.roaming, t.trying, t.link = true, true, linkDown
	case patterns.AuthStart, patterns.AssocStart:
		if t.link == linkUp && !t.trying && e.Identifier == "wpa_supplicant" {
			t.roaming = true // the supplicant says where it goes before the kernel says what it leaves
		}
		t.trying, t.came = true, true
	case patterns.AssocResponse:
		t.trying = true
		if e.Fields.Get("type") == "Reassoc" {
			t.roaming = true
		}
	case patterns.Associated, patterns.Connected:
		if t.link != linkUp || t.associatedAt == nil {
			t.associatedAt = e
		}
		t.connected = t.connected && t.link == linkUp || e.Class == patterns.Connected
		t.tellsConnected = t.tellsConnected || e.Class == patterns.Connected
		t.link, t.trying, t.roaming, t.ran = linkUp, false, false, true
	case patterns.DisconnectedLocal, patterns.DeauthByAP, patterns.DriverDisconnect, patterns.BeaconLoss, patterns.APConfigChange:
		if !t.trying {
			t.roaming = false
		}
		t.link, t.associatedAt, t.connected = linkDown, nil, false
	case patterns.AuthTimeout, patterns.AuthRejected, patterns.AssocTimeout, patterns.AssocRejected:
		t.link, t.trying = linkDown, false
	case patterns.FirmwareBoot, patterns.ResetDone:
		t.ran = true
	}
	if e.stage != "" {
		t.stage = furthest(t.stage, e.stage)
	}
	if e.failed != "" && t.stageFailed == "" {
		t.stageFailed = e.failed
	}
	if len(t.lines) >= keptLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, e)
}

// furthest returns the later of two bring-up stages.
func furthest(a, b string) string {
	stages := patterns.Stages()
	if slices.Index(stages, b) > slices.Index(stages, a) {
		return b
	}
	return a
}
