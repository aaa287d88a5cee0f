package ap_test

import (
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// BenchmarkBeacon makes the beacons of one beacon interval, of three links.
func BenchmarkBeacon(b *testing.B) {
	channels := []dot11.Channel{channel(b, dot11.Band2GHz, 6), channel(b, dot11.Band5GHz, 36), channel(b, dot11.Band6GHz, 37)}
	for name, change := range map[string]func(*ap.Config){"plain": func(*ap.Config) {}, "protected": beaconKey} {
		b.Run(name, func(b *testing.B) {
			a := newAP(b, configOf(b, 1, channels, change))
			b.ReportAllocs()
			for i := range b.N {
				a.Advance(time.Duration(i) * 100 * ap.TU)
				if n := len(a.Air()); n != 3 {
					b.Fatalf("%d beacons", n)
				}
			}
		})
	}
}

// BenchmarkConnect is a whole association from authentication to the last
// message of the handshake, with both sides of it.
func BenchmarkConnect(b *testing.B) {
	for _, bb := range []struct {
		name     string
		security ap.Security
		change   func(*ap.Config)
		keep     bool // comes back with its PMK
	}{
		{"open", ap.Open, openNetwork, false},
		{"sae", ap.SAE, func(*ap.Config) {}, false},
		{"pmksa", ap.SAE, func(*ap.Config) {}, true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			e, a := alone(b, configOf(b, 1, twoLinks(b), bb.change))
			s := e.join(1, 2, bb.security)
			e.blind = true
			s.mustConnect(a.Addr())
			b.ReportAllocs()
			for b.Loop() {
				s.leave()
				if !bb.keep {
					clear(s.cache)
				}
				s.begin(a.Addr())
				e.settle()
				if s.phase != connected {
					b.Fatalf("phase %d", s.phase)
				}
			}
		})
	}
}

// BenchmarkData moves frames of 1400 octets under CCMP over one of two links.
func BenchmarkData(b *testing.B) {
	setup := func(b *testing.B) (*ether, *ap.AP, *station) {
		e, a := alone(b, configOf(b, 1, twoLinks(b)))
		s := e.join(1, 2, ap.SAE)
		s.mustConnect(a.Addr())
		b.ReportAllocs()
		b.SetBytes(1400)
		return e, a, s
	}
	payload := make([]byte, 1400)
	b.Run("up", func(b *testing.B) {
		e, a, s := setup(b)
		l := s.over[1]
		for b.Loop() {
			b.StopTimer()
			f := ap.Frame{Freq: l.freq, Data: s.seal(l, s.dataFrame(l, host, testEtherType, payload))}
			b.StartTimer()
			a.Receive(e.now, f)
			if len(a.Up()) != 1 {
				b.Fatal("nothing went up")
			}
		}
	})
	b.Run("down", func(b *testing.B) {
		e, a, s := setup(b)
		m := dot11.MSDU{Dst: s.mld, Src: host, EtherType: testEtherType, Payload: payload}
		for b.Loop() {
			a.Down(e.now, m)
			if len(a.Air()) != 1 {
				b.Fatal("nothing was sent")
			}
		}
	})
	b.Run("group", func(b *testing.B) {
		e, a, _ := setup(b)
		m := dot11.MSDU{Dst: dot11.BroadcastAddr(), Src: host, EtherType: testEtherType, Payload: payload}
		for b.Loop() {
			a.Down(e.now, m)
			if len(a.Air()) != 2 {
				b.Fatal("nothing was sent")
			}
		}
	})
}

// BenchmarkStranger is what a Commit of a stranger costs when a crowd is there
// already, and with all tables full.
func BenchmarkStranger(b *testing.B) {
	a := newAP(b, configOf(b, 1, twoLinks(b)))
	f := newFlood(b, a)
	for range 20 * ap.MaxOnAir {
		a.Receive(0, f.next())
		a.Air()
	}
	a.Events()
	link := a.Links()[0]
	b.ReportAllocs()
	for b.Loop() {
		a.Receive(0, f.commits.next(link))
		a.Air()
		a.Events()
	}
}
