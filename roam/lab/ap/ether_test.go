package ap_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// Names and addresses of the tests.
const (
	ssid     = "ether"
	password = "correct horse"
)

// seeded is a source of randomness that is the same in every run.
func seeded(n byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{n}) }

func channel(t testing.TB, band dot11.Band, number uint8) dot11.Channel {
	t.Helper()
	c, err := dot11.ChannelOf(band, number)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apMLD and apLink are the addresses of access point n.
func apMLD(n byte) dot11.Addr        { return dot11.Addr{0x02, 0, 0, n, 0, 0} }
func apLink(n, link byte) dot11.Addr { return dot11.Addr{0x02, 0, 0, n, 0x01, link} }

// configOf is access point n with links on those channels: an AP MLD with SAE
// unless it is changed.
func configOf(t testing.TB, n byte, channels []dot11.Channel, change ...func(*ap.Config)) ap.Config {
	t.Helper()
	c := ap.Config{
		Name: fmt.Sprintf("ap%d", n), SSID: ssid, MLD: apMLD(n), Security: ap.SAE, Password: password, Rand: seeded(n),
	}
	for i, ch := range channels {
		c.Links = append(c.Links, ap.Link{ID: uint8(i), BSSID: apLink(n, byte(i)), Channel: ch, Signal: -40})
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

// Changes of a configuration.

func openNetwork(c *ap.Config) { c.Security, c.Password = ap.Open, "" }
func pskNetwork(c *ap.Config)  { c.Security, c.MLD = ap.PSK, dot11.Addr{} }
func noMLD(c *ap.Config)       { c.MLD = dot11.Addr{} }
func extKey(c *ap.Config)      { c.ExtKey = true }
func beaconKey(c *ap.Config)   { c.BeaconProtection = true }
func groups(g ...sae.Group) func(*ap.Config) {
	return func(c *ap.Config) { c.Groups = g }
}
func ciphers(suites ...keys.Cipher) func(*ap.Config) {
	return func(c *ap.Config) { c.Ciphers = suites }
}

// twoLinks are channels for two links, on 5 GHz.
func twoLinks(t testing.TB) []dot11.Channel {
	return []dot11.Channel{channel(t, dot11.Band5GHz, 36), channel(t, dot11.Band5GHz, 149)}
}

// oneLink is one channel.
func oneLink(t testing.TB) []dot11.Channel { return twoLinks(t)[:1] }

func newAP(t testing.TB, c ap.Config) *ap.AP {
	t.Helper()
	a, err := ap.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// machine is what the air needs of access points: of one, or of a network.
type machine interface {
	Receive(now time.Duration, f ap.Frame) (acknowledged bool)
	Advance(now time.Duration)
	Next() time.Duration
	Air() []ap.Frame
	Events() []ap.Event
}

// transmission is a frame that was on the air.
type transmission struct {
	at          time.Duration
	fromStation bool
	acked       bool // an access point has acknowledged it
	ap.Frame
}

func (x *transmission) header(t testing.TB) (dot11.Header, []byte) {
	t.Helper()
	h, body, err := dot11.ParseHeader(x.Data)
	if err != nil {
		t.Fatal(err)
	}
	return h, body
}

// kind is type and subtype, without flags.
func (x *transmission) kind() dot11.FrameControl { return dot11.FrameControl(x.Data[0]) }

// ether is the air between access points and stations, with a clock of its own.
type ether struct {
	t        testing.TB
	now      time.Duration
	machines []machine
	stations []*station
	seen     []transmission
	events   []ap.Event
	// lose says which frames get lost on their way; nil: none.
	lose func(transmission) bool
	// blind keeps no record of frames and events, for long runs.
	blind bool
}

func newEther(t testing.TB, machines ...machine) *ether { return &ether{t: t, machines: machines} }

// alone is the air of one access point.
func alone(t testing.TB, c ap.Config) (*ether, *ap.AP) {
	t.Helper()
	a := newAP(t, c)
	return newEther(t, a), a
}

// run lets time pass.
func (e *ether) run(d time.Duration) {
	e.t.Helper()
	end := e.now + d
	for {
		e.settle()
		next := end
		for _, m := range e.machines {
			next = min(next, m.Next())
		}
		for _, s := range e.stations {
			if due, waiting := s.due(); waiting {
				next = min(next, due)
			}
		}
		e.now = max(e.now, next)
		for _, m := range e.machines {
			m.Advance(e.now)
		}
		for _, s := range e.stations {
			s.advance()
		}
		if e.now >= end {
			e.settle()
			return
		}
	}
}

// until lets time pass until something is so, for at most d, and reports
// whether it came to be.
func (e *ether) until(d time.Duration, so func() bool) bool {
	e.t.Helper()
	const step = 5 * time.Millisecond
	for end := e.now + d; e.now < end && !so(); {
		e.run(step)
	}
	return so()
}

// settle carries frames to and fro until nobody has more to say at this moment.
func (e *ether) settle() {
	e.t.Helper()
	for rounds := 0; ; rounds++ {
		if rounds > 10000 {
			e.t.Fatal("the air does not come to rest")
		}
		quiet := true
		for _, m := range e.machines {
			for _, f := range m.Air() {
				quiet = false
				e.toStations(f)
			}
			e.note(m.Events())
		}
		for _, s := range e.stations {
			out := s.out
			s.out = nil
			for _, f := range out {
				quiet = false
				e.toMachines(f)
			}
		}
		if quiet {
			return
		}
	}
}

func (e *ether) note(events []ap.Event) {
	if !e.blind {
		e.events = append(e.events, events...)
	}
}

func (e *ether) record(x transmission) {
	if !e.blind {
		e.seen = append(e.seen, x)
	}
}

func (e *ether) toStations(f ap.Frame) {
	x := transmission{at: e.now, Frame: f}
	e.record(x)
	if e.lose != nil && e.lose(x) {
		return
	}
	for _, s := range e.stations {
		// Stations may write into what they receive.
		s.receive(ap.Frame{Freq: f.Freq, Signal: f.Signal, Data: slices.Clone(f.Data)})
	}
}

func (e *ether) toMachines(f ap.Frame) {
	x := transmission{at: e.now, fromStation: true, Frame: f}
	if e.lose == nil || !e.lose(x) {
		for _, m := range e.machines {
			data := slices.Clone(f.Data)
			if m.Receive(e.now, ap.Frame{Freq: f.Freq, Signal: f.Signal, Data: data}) {
				x.acked = true
			}
			// The memory of a frame is used again for the next.
			for i := range data {
				data[i] = 0xa5
			}
		}
	}
	e.record(x)
}

// sent returns the frames of a kind that were on the air from one side.
func (e *ether) sent(fromStation bool, kind dot11.FrameControl) []transmission {
	var found []transmission
	for _, x := range e.seen {
		if x.fromStation == fromStation && x.kind() == kind {
			found = append(found, x)
		}
	}
	return found
}

// forget drops the record of what was.
func (e *ether) forget() { e.seen, e.events = nil, nil }

// count is how many events of that name there were of a station, or of any
// where the address is zero.
func (e *ether) count(what string, station dot11.Addr) int {
	n := 0
	for _, ev := range e.events {
		if ev.What == what && (station.IsZero() || ev.Station == station) {
			n++
		}
	}
	return n
}

// wantEvents checks how often something has happened.
func (e *ether) wantEvents(what string, station dot11.Addr, n int) {
	e.t.Helper()
	if got := e.count(what, station); got != n {
		e.t.Errorf("%q happened %d times to %v, want %d: %+v", what, got, station, n, e.events)
	}
}

// make puts a rule to work on an access point.
func (e *ether) make(a *ap.AP, r ap.Rule) {
	e.t.Helper()
	if err := a.Make(e.now, r); err != nil {
		e.t.Fatal(err)
	}
}
