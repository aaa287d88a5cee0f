package ap

import (
	"crypto/rand"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"time"

	"roamfault/nl80211/dot11"
)

// Frame is one frame on the air.
type Frame struct {
	// Freq is the center frequency of the 20 MHz channel, in MHz.
	Freq int
	// Signal is how strong it is heard, in dBm.
	Signal int
	// Data is the frame from Frame Control to the last octet before the FCS.
	Data []byte
}

// AP is an access point. Its methods must not be called at the same time.
type AP struct {
	config   Config
	links    []*link
	mld      dot11.Addr
	random   io.Reader
	dice     *mathrand.Rand
	now      time.Duration
	timers   timers
	stations stations
	secrets  secrets
	rules    []*activeRule
	silentTo time.Duration // nothing is heard or sent before
	heard    duplicates
	groupSeq uint16 // number of the last frame to a group, on an AP MLD
	delayed  int    // frames that a rule keeps back

	air    []Frame
	up     []dot11.MSDU
	events []Event
}

// New returns an access point that begins to beacon at the first whole beacon
// interval.
func New(config Config) (*AP, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	a := &AP{config: config, mld: config.MLD, random: config.Rand, stations: newStations(), heard: newDuplicates()}
	if a.random == nil {
		a.random = rand.Reader
	}
	var seed [32]byte
	if _, err := io.ReadFull(a.random, seed[:]); err != nil {
		return nil, fmt.Errorf("access point %q: draw a seed: %w", config.Name, err)
	}
	a.dice = mathrand.New(mathrand.NewChaCha8(seed))
	if a.secrets, err = newSecrets(&config); err != nil {
		return nil, fmt.Errorf("access point %q: %w", config.Name, err)
	}
	for _, c := range config.Links {
		l, err := a.newLink(c)
		if err != nil {
			return nil, fmt.Errorf("access point %q, link %d: %w", config.Name, c.ID, err)
		}
		a.links = append(a.links, l)
		a.timers.at(0, func(now time.Duration) { a.beacon(l, now) })
	}
	return a, nil
}

// Config returns what the access point was made as.
func (a *AP) Config() Config { return a.config }

// MultiLink reports whether the access point is an AP MLD.
func (a *AP) MultiLink() bool { return !a.config.MLD.IsZero() }

// Addr is the address that stations know the access point by: the MLD address,
// or the BSSID where it is no MLD.
func (a *AP) Addr() dot11.Addr {
	if a.MultiLink() {
		return a.mld
	}
	return a.links[0].bssid
}

// MLD is the MLD address as it is now, zero where the access point is no MLD.
func (a *AP) MLD() dot11.Addr { return a.mld }

// Links returns the links on the air as they are now.
func (a *AP) Links() []Link {
	out := []Link{}
	for _, l := range a.links {
		if !l.gone {
			out = append(out, Link{ID: l.id, BSSID: l.bssid, Channel: l.channel, Signal: l.signal})
		}
	}
	return out
}

// Received returns how many MSDUs stations have sent over a link.
func (a *AP) Received(link uint8) int {
	for _, l := range a.links {
		if l.id == link {
			return l.received
		}
	}
	return 0
}

// Next returns when Advance is due.
func (a *AP) Next() time.Duration {
	if next, ok := a.timers.next(); ok {
		return next
	}
	return math.MaxInt64
}

// Advance does what is due until now.
func (a *AP) Advance(now time.Duration) {
	if now > a.now {
		a.now = now
	}
	a.timers.run(a.now)
}

// Receive takes a frame from the air and reports whether it is acknowledged.
// What is not for the access point, or damaged, is not. Nothing of the frame is
// kept.
func (a *AP) Receive(now time.Duration, f Frame) (acknowledged bool) {
	a.Advance(now)
	return a.hear(f)
}

// Air returns the frames that are to be sent since it was called last, in their
// order.
func (a *AP) Air() []Frame {
	air := a.air
	a.air = nil
	return air
}

// Up returns what stations have sent into the distribution system since it was
// called last.
func (a *AP) Up() []dot11.MSDU {
	up := a.up
	a.up = nil
	return up
}

// Events returns what has happened since it was called last.
func (a *AP) Events() []Event {
	events := a.events
	a.events = nil
	return events
}

// link is one link at work.
type link struct {
	id      uint8
	bssid   dot11.Addr
	channel dot11.Channel
	signal  int
	seq     uint16    // number of the last frame sent
	keys    groupKeys // as they are handed out
	inUse   groupKeys // as they are sent with

	beacons  uint64     // how many were sent
	changes  uint8      // BSS Parameters Change Count
	change   *departure // a channel switch or removal that is announced
	gone     bool       // removed
	group    []groupData
	ramp     int // which change of the signal is at work
	received int // MSDUs that came over this link
}

func (a *AP) newLink(c Link) (*link, error) {
	l := &link{id: c.ID, bssid: c.BSSID, channel: c.Channel, signal: c.Signal}
	if a.config.Security == Open {
		return l, nil
	}
	l.keys.raw.Link = c.ID
	if err := l.keys.draw(a); err != nil {
		return nil, err
	}
	l.inUse = l.keys
	return l, nil
}

// linkByID returns the link of that number, nil where there is none on the air.
func (a *AP) linkByID(id uint8) *link {
	for _, l := range a.links {
		if l.id == id && !l.gone {
			return l
		}
	}
	return nil
}

// linkAt returns the link that hears frames for addr on freq.
func (a *AP) linkAt(addr dot11.Addr, freq int) *link {
	for _, l := range a.links {
		if l.bssid == addr && l.channel.Freq == freq && !l.gone {
			return l
		}
	}
	return nil
}

// tsf is the timing synchronization function at now, in microseconds.
func tsf(now time.Duration) uint64 { return uint64(now / time.Microsecond) }
