package stock

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

// BenchmarkFirstAssociation gives the time from the start of the guest's kernel
// to the first association. It has to be the first thing that its guest does.
func BenchmarkFirstAssociation(b *testing.B) {
	if n := uptime(b); n > freshGuest {
		b.Skipf("the guest is up for %.0f s: this one needs a guest of its own", n)
	}
	l := labtest.Start(b, labtest.Needs{Supplicant: true, NoCapture: true})
	l.Stations[0].WaitConnected()
	connected := uptime(b)
	for b.Loop() {
		l.Stations[0].Status()
	}
	b.ReportMetric(connected, "s-from-boot")
}

// freshGuest is how many seconds old a guest can be that has done nothing yet.
const freshGuest = 20

func uptime(b *testing.B) float64 {
	b.Helper()
	text, err := os.ReadFile("/proc/uptime")
	if err != nil {
		b.Fatal(err)
	}
	var seconds float64
	if _, err := fmt.Sscan(string(text), &seconds); err != nil {
		b.Fatal(err)
	}
	return seconds
}

// BenchmarkRoam lets the supplicant go to and fro: from the request to its word
// that it is connected.
func BenchmarkRoam(b *testing.B) {
	for _, kind := range []struct {
		name   string
		change func(*ap.Config)
	}{
		{"open", func(c *ap.Config) { single(c); c.Security, c.Password = ap.Open, "" }},
		{"two links with PMKSA", func(*ap.Config) {}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			l := labtest.Start(b, labtest.Needs{Plan: plan(b, kind.change), Supplicant: true, NoCapture: true})
			s := l.Stations[0]
			s.WaitConnected()
			for _, c := range l.Plan.APs {
				s.Roam(c)
				s.WaitAt(c)
			}
			next := 0
			for b.Loop() {
				from := s.Events.Mark()
				s.Command("ROAM " + l.Plan.APs[next].Links[0].BSSID.String())
				if _, _, err := s.Events.Wait(b.Context(), from, func(e labtest.Line) bool {
					return strings.Contains(e.Text, "CTRL-EVENT-CONNECTED")
				}); err != nil {
					b.Fatal(err)
				}
				next = 1 - next
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "roams/s")
		})
	}
}

// manyStations are on the two access points of BenchmarkManyStations.
const manyStations = 50

// BenchmarkManyStations gives what the access points, with beacons on six BSSs,
// take of one processor while all stations are connected.
func BenchmarkManyStations(b *testing.B) {
	bands := []dot11.Band{dot11.Band2GHz, dot11.Band5GHz, dot11.Band6GHz}
	p := plan(b, func(*ap.Config) {}, bands...)
	l := labtest.Start(b, labtest.Needs{Plan: p, Stations: manyStations, Supplicant: true, NoCapture: true, Patience: 5 * time.Minute})
	for _, s := range l.Stations {
		s.WaitConnected()
	}
	before, begin := processorTime(b), time.Now()
	for b.Loop() {
		time.Sleep(beaconsFor)
	}
	b.ReportMetric(100*(processorTime(b)-before).Seconds()/time.Since(begin).Seconds(), "%core")
}

// beaconsFor is how long the stations stay, each time.
const beaconsFor = 5 * time.Second

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
