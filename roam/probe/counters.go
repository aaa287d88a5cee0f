package probe

import (
	"time"

	"roamfault/nl80211"
)

// Counters are what was counted since a connection's begin, of all of it or of one
// link. What is not counted stays zero.
type Counters struct {
	// RxData are data packets that came to the network stack. The probe asks the
	// interface for them by itself; of a link they are not known.
	RxData uint64
	// RxPackets are frames received, beacons among them.
	RxPackets uint64
	// TxPackets are frames sent, TxFailed those of them that nobody acknowledged,
	// and TxRetries are what was sent again.
	TxPackets, TxFailed, TxRetries uint64
	Beacons                        uint64
}

// CountersOf takes them from nl80211's figures.
func CountersOf(f *nl80211.Figures) Counters {
	return Counters{
		RxPackets: uint64(f.RxPackets.Value), TxPackets: uint64(f.TxPackets.Value), TxFailed: uint64(f.TxFailed.Value),
		TxRetries: uint64(f.TxRetries.Value), Beacons: f.BeaconsReceived.Value,
	}
}

// LinkCounters are those of a link.
type LinkCounters struct {
	Link uint8
	Counters
}

// Figures are what is known of a connection at one time.
type Figures struct {
	Connection Counters
	// Links has the links that are in use; empty where the kernel counts none.
	Links []LinkCounters
}

// FiguresOf takes them from what nl80211 tells of a station interface's access
// point.
func FiguresOf(s *nl80211.Station) Figures {
	f := Figures{Connection: CountersOf(&s.Figures)}
	for i := range s.Links {
		if l := &s.Links[i]; l.TxPackets.Present {
			f.Links = append(f.Links, LinkCounters{Link: l.ID, Counters: CountersOf(&l.Figures)})
		}
	}
	return f
}

// since returns what was counted from an earlier sample on; ok is false where a
// count went back, because the driver began anew.
func (c Counters) since(earlier Counters) (d Counters, ok bool) {
	if c.RxData < earlier.RxData || c.RxPackets < earlier.RxPackets || c.TxPackets < earlier.TxPackets ||
		c.TxFailed < earlier.TxFailed || c.TxRetries < earlier.TxRetries || c.Beacons < earlier.Beacons {
		return Counters{}, false
	}
	return Counters{
		RxData: c.RxData - earlier.RxData, RxPackets: c.RxPackets - earlier.RxPackets, TxPackets: c.TxPackets - earlier.TxPackets,
		TxFailed: c.TxFailed - earlier.TxFailed, TxRetries: c.TxRetries - earlier.TxRetries, Beacons: c.Beacons - earlier.Beacons,
	}, true
}

// samples are the last few of a connection.
type samples struct {
	at    [8]time.Duration
	of    [8]Counters
	count int
}

func (s *samples) add(at time.Duration, c Counters) {
	i := s.count % len(s.at)
	s.at[i], s.of[i] = at, c
	s.count++
}

// fewPackets may come without saying anything: an answer that was under way.
const fewPackets = 2

// direction judges a silence by the first and the last sample in it. Without the
// figures of acknowledgements, no failure means nothing.
func (s *samples) direction(from time.Duration, acks bool) string {
	first, last := -1, -1
	for n := max(0, s.count-len(s.at)); n < s.count; n++ {
		i := n % len(s.at)
		if s.at[i] < from {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	if first == last {
		return Both
	}
	d, ok := s.of[last].since(s.of[first])
	switch {
	case !ok:
		return Both
	case d.RxData > fewPackets:
		return Up
	case acks && d.TxPackets > 0 && d.TxFailed <= d.TxPackets/2:
		return Down
	}
	return Both
}

// linkVerdict is what figures say of a link.
type linkVerdict uint8

const (
	linkUnknown linkVerdict = iota // too little to say
	linkWell
	linkBad
)

// linkWatch is the watch over one link.
type linkWatch struct {
	known  bool
	well   Counters // when it was last well
	wellAt time.Duration
	heard  bool // beacons were received on it; a driver may keep them to itself
	open   *Stall
}

// fewFrames is how many a link has to be given before it can be bad.
const fewFrames = 5

func (l *linkWatch) take(at time.Duration, c Counters) linkVerdict {
	d, ok := c.since(l.well)
	if !l.known || !ok {
		l.known, l.well, l.wellAt, l.heard = true, c, at, c.Beacons > 0
		return linkWell
	}
	unacknowledged := d.TxPackets > 0 && d.TxFailed*10 >= d.TxPackets*9
	deaf := d.TxPackets > 0 && d.RxPackets == 0
	switch {
	case d.TxPackets >= fewFrames && (unacknowledged || deaf && l.heard):
		return linkBad
	case !unacknowledged && !deaf:
		l.well, l.wellAt, l.heard = c, at, l.heard || d.Beacons > 0
		return linkWell
	}
	return linkUnknown
}
