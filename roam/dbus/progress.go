package dbus

import (
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// phases are the states of wpa_supplicant's State property (dbus.doxygen;
// wpa_supplicant.c, wpa_supplicant_state_txt).
var phases = map[string]roam.Phase{
	"disconnected":       roam.PhaseDisconnected,
	"inactive":           roam.PhaseDisconnected,
	"interface_disabled": roam.PhaseDisabled,
	"scanning":           roam.PhaseScanning,
	"authenticating":     roam.PhaseAuthenticating,
	"associating":        roam.PhaseAssociating,
	"associated":         roam.PhaseHandshake,
	"4way_handshake":     roam.PhaseHandshake,
	"group_handshake":    roam.PhaseHandshake,
	"completed":          roam.PhaseConnected,
}

// place is a BSS that the station is at or goes to; a zero address: not known.
type place struct {
	addr   dot11.Addr
	ssid   runlog.SSID
	freq   int
	secure bool
}

func (b *bss) place() place {
	return place{addr: b.addr, ssid: b.ssid, freq: b.freq, secure: b.secure}
}

// change is what was told of an interface at once.
type change struct {
	state   string                // empty: nothing
	current dot11.Optional[place] // CurrentBSS; zero: none, or not known
	// AuthStatusCode, AssocStatusCode, DisconnectReason.
	auth, assoc, reason dot11.Optional[int32]
}

// told is an event before it has a time.
type told struct {
	what   roam.What
	at     place
	status dot11.StatusCode
	assoc  bool // the status is association's, not authentication's
	reason dot11.ReasonCode
	local  bool
	// The state before, and the one now; empty where the event is not one of the
	// state alone.
	from, to string
}

// progress follows a station from what it tells of itself. It does no work of
// its own.
type progress struct {
	state     string
	at        place // CurrentBSS as last told
	connected bool
	home      place // of the connection
	wanted    place // where it was asked to go, and has not tried yet
	try       try
	out       []told
}

// try is the way to an access point.
type try struct {
	on         bool
	at         place
	refused    bool
	associated bool
	handshake  bool
	secured    bool
}

// take returns the events that a change comes to, in their order: what was
// gathered in it came in the order of the steps of a connection.
func (p *progress) take(c change) []told {
	p.out = nil
	moved := false
	if c.current.Present {
		p.at = c.current.Value
		moved = !p.at.addr.IsZero() && p.at.addr != p.home.addr
	}
	if c.auth.Present {
		p.answered(c, c.auth.Value, false)
	}
	if c.assoc.Present {
		p.answered(c, c.assoc.Value, true)
	}
	if c.reason.Present {
		p.left(c.reason.Value)
	}
	before := p.state
	if c.state != "" {
		p.state = c.state
		p.move(c, before, moved)
	}
	if c.state == "" && resting(p.state) {
		p.try = try{} // what was told late of a try that has ended begins none
	}
	if len(p.out) == 0 && p.state != before {
		p.say(told{what: roam.Said, from: before, to: p.state})
	}
	return p.out
}

// resting reports whether a station is on its way to nowhere in a state.
func resting(state string) bool {
	switch phases[state] {
	case roam.PhaseDisconnected, roam.PhaseScanning, roam.PhaseDisabled:
		return true
	}
	return false
}

func (p *progress) say(t told) { p.out = append(p.out, t) }

// begin begins a try. Where the station does not say at which BSS, it is where it
// was asked to go.
func (p *progress) begin(c change, from, to string) {
	at := p.wanted
	if !c.current.Value.addr.IsZero() {
		at = c.current.Value
	}
	p.try, p.wanted = try{on: true, at: at}, place{}
	p.say(told{what: roam.Trying, at: at, from: from, to: to})
}

// negotiates reports whether a status of authentication is a step of SAE and no
// refusal (IEEE 802.11-2020, 12.4.7.3 and 12.4.8).
func negotiates(s dot11.StatusCode) bool {
	return s == dot11.StatusSAEHashToElement || s == dot11.StatusSAEPublicKey || s == dot11.StatusAntiCloggingToken
}

// answered takes the status of the access point's frame. There is one with every
// Authentication frame, and with Association Responses that refuse (events.c).
func (p *progress) answered(c change, value int32, assoc bool) {
	status := dot11.StatusCode(uint16(value))
	refusal := value > 0 && int32(status) == value && (assoc || !negotiates(status))
	if !p.try.on || p.try.associated {
		if !refusal && c.state == "" && resting(p.state) {
			return // it is late: its try has ended
		}
		p.begin(c, p.state, "authenticating")
	}
	if !refusal {
		return
	}
	p.try.refused = true
	p.say(told{what: roam.Refused, at: p.try.at, status: status, assoc: assoc})
}

// left takes the reason of a disconnection, which is negative where the station
// left by itself (events.c, wpa_supplicant_event_disassoc_finish).
func (p *progress) left(value int32) {
	t := told{what: roam.Disconnected, at: p.try.at, local: value < 0}
	if value < 0 {
		value = -value
	}
	if reason := dot11.ReasonCode(uint16(value)); int32(reason) == value {
		t.reason = reason
	}
	if p.connected {
		t.at = p.home
	}
	p.connected = false
	p.say(t)
}

// move takes a new state.
func (p *progress) move(c change, before string, moved bool) {
	switch phases[p.state] {
	case roam.PhaseAuthenticating, roam.PhaseAssociating:
		elsewhere := !c.current.Value.addr.IsZero() && !p.try.at.addr.IsZero() && c.current.Value.addr != p.try.at.addr
		if !p.try.on || p.try.associated || elsewhere {
			p.begin(c, before, p.state)
		}
	case roam.PhaseHandshake, roam.PhaseConnected:
		p.arrive(c, before, moved)
	case roam.PhaseDisconnected, roam.PhaseScanning, roam.PhaseDisabled:
		if p.connected {
			p.say(told{what: roam.Disconnected, at: p.home})
			p.connected = false
		}
		if p.try.on && !p.try.refused {
			p.say(told{what: roam.GaveUp, at: p.try.at, from: before, to: p.state})
		}
		p.try = try{}
	}
}

// arrive takes a state behind association. Without a try before it, it is one of
// new keys, unless the BSS is another.
func (p *progress) arrive(c change, before string, moved bool) {
	if !p.try.on {
		if p.connected && !moved {
			return
		}
		p.begin(c, before, p.state)
	}
	if !p.try.associated {
		p.try.associated = true
		if p.at.addr.IsZero() {
			p.at = p.try.at
		}
		p.try.at, p.home = p.at, p.at
		p.connected = false
		p.say(told{what: roam.Associated, at: p.home})
	}
	switch p.state {
	case "4way_handshake":
		p.try.handshake = true
	case "group_handshake", "completed":
		if secure := p.try.handshake || p.home.secure || p.state == "group_handshake"; secure && !p.try.secured {
			p.try.secured = true
			p.say(told{what: roam.Secured, at: p.home})
		}
	}
	if p.state == "completed" {
		p.say(told{what: roam.Connected, at: p.home})
		p.connected, p.try = true, try{}
	}
}
