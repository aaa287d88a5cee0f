package labtest

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/hwsim"
	"roamfault/roam/lab/site"
)

// The environment a test finds in a guest.
const (
	// inGuest is set to "guest" there.
	inGuest = "ROAMFAULT_LAB"
	// keepDir is the directory for what is kept of tests that fail.
	keepDir = "LAB_OUT"
	// keepWhat is "all" where something is to be kept of all tests.
	keepWhat = "LAB_KEEP"
)

// Needs is what a test wants of its lab. The zero value is two access points and
// the radio of one station.
type Needs struct {
	// Plan is what the lab is made of; without access points: lab.DefaultPlan.
	Plan lab.Plan
	// Stations is how many there are, in place of the plan's number; 0: that.
	Stations int
	// Supplicant runs a stock wpa_supplicant for each station.
	Supplicant bool
	// Debug lets it print all it has to say.
	Debug bool
	// Global and Network are further lines of its configuration, for the whole
	// and for every network.
	Global, Network []string
	// AllChannels lets it scan all channels and not only those of the plan.
	AllChannels bool
	// NoCapture leaves out the record of the frames on the air, which is kept
	// of a test that fails.
	NoCapture bool
	// Patience is how long a Wait waits before the test fails; 0: 30 seconds.
	Patience time.Duration
}

// country is whose rules radios follow: those of the world, or on 6 GHz, where
// the world has none, those of the US. Not theirs always: at every disconnection
// the kernel goes back to the world's rules and then to the country's, and where
// 7.2 does so between authentication and association, it warns
// (ieee80211_prep_connection) and takes no association any more.
func country(p lab.Plan) string {
	for _, a := range p.APs {
		for _, l := range a.Links {
			if l.Channel.Band == dot11.Band6GHz {
				return "US"
			}
		}
	}
	return "00"
}

// Lab is a lab at work.
type Lab struct {
	// Plan is what it is made of.
	Plan lab.Plan
	// Stations are those with a radio.
	Stations []*Station
	// Kernel is the kernel's log since the lab's beginning.
	Kernel *Trail[Line]
	// Supplicants is what all of them have printed.
	Supplicants *Trail[Line]
	// Events is what has happened at the access points.
	Events *Trail[Event]

	tb     testing.TB
	needs  Needs
	site   *site.Site
	kernel *kernelLog
	air    *airFile
	dir    string
	broken chan error // why Run has ended
}

// NeedGuest skips the test where this is no guest.
func NeedGuest(tb testing.TB) {
	tb.Helper()
	if os.Getenv(inGuest) != "guest" {
		tb.Skip("needs a guest of the lab: make test-lab")
	}
}

// Start begins a lab, which ends with the test. It skips the test where this is
// no guest.
func Start(tb testing.TB, needs Needs) *Lab {
	tb.Helper()
	NeedGuest(tb)
	if needs.Patience == 0 {
		needs.Patience = 30 * time.Second
	}
	l := &Lab{Supplicants: newTrail[Line](), Events: newTrail[Event](), tb: tb, needs: needs, broken: make(chan error, 1)}
	if err := l.start(); err != nil {
		tb.Fatalf("start the lab: %v", err)
	}
	return l
}

// start sets everything up; what is set up is taken away at the test's end, the
// last first.
func (l *Lab) start() (err error) {
	tb := l.tb
	l.Plan = l.needs.Plan
	if len(l.Plan.APs) == 0 {
		if l.Plan, err = lab.DefaultPlan(); err != nil {
			return err
		}
	}
	if l.needs.Stations > 0 {
		l.Plan.Stations = l.needs.Stations
	}
	if l.dir, err = os.MkdirTemp("", "labtest-"); err != nil {
		return err
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(l.dir); err != nil {
			tb.Error(err)
		}
	})
	if l.kernel, err = followKernel(tb.Name()); err != nil {
		return err
	}
	l.Kernel = l.kernel.trail
	tb.Cleanup(l.keep)
	tb.Cleanup(func() {
		if err := l.kernel.close(); err != nil {
			tb.Error(err)
		}
	})
	if err := l.open(tb.Context()); err != nil {
		return err
	}
	for _, s := range l.site.Stations() {
		station := newStation(l, s)
		l.Stations = append(l.Stations, station)
		if l.needs.Supplicant {
			if err := station.start(); err != nil {
				return err
			}
		}
	}
	return nil
}

// open sets the lab up and runs it.
func (l *Lab) open(ctx context.Context) (err error) {
	options := site.Options{Plan: l.Plan, Here: true, Country: country(l.Plan), Watch: func(e ap.Event) {
		l.Events.add(Event{At: time.Now(), Event: e})
	}}
	if !l.needs.NoCapture {
		if l.air, err = openAir(filepath.Join(l.dir, "air.pcapng"), l.Plan); err != nil {
			return err
		}
		l.tb.Cleanup(func() {
			if err := l.air.close(); err != nil {
				l.tb.Error(err)
			}
		})
		options.Tap = l.air
	}
	if l.site, err = site.Open(ctx, options); err != nil {
		return err
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	go func() { l.broken <- l.site.Run(running) }()
	l.tb.Cleanup(func() {
		end()
		if err := <-l.broken; err != nil {
			l.tb.Errorf("the lab has ended by itself: %v", err)
		}
		if err := l.site.Close(); err != nil {
			l.tb.Errorf("end the lab: %v", err)
		}
	})
	return l.site.Lab().Do(ctx, func(time.Duration, *lab.Network) {})
}

// patience is how long the test waits for something.
func (l *Lab) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(l.tb.Context(), l.needs.Patience)
}

// lastLines is how much of the logs a failure shows.
const lastLines = 40

// fatal ends the test, showing the last of the logs.
func (l *Lab) fatal(format string, args ...any) {
	l.tb.Helper()
	lines := l.merged()
	var b strings.Builder
	for _, line := range lines[max(0, len(lines)-lastLines):] {
		b.WriteString("\n  " + line)
	}
	l.tb.Fatalf("%s; the last of the logs:%s", fmt.Sprintf(format, args...), b.String())
}

// Do lets f work on the network between two frames.
func (l *Lab) Do(f func(now time.Duration, n *lab.Network)) {
	l.tb.Helper()
	ctx, cancel := l.patience()
	defer cancel()
	if err := l.site.Lab().Do(ctx, f); err != nil {
		l.fatal("work on the network: %v", err)
	}
}

// Ask makes a request as on the control socket.
func (l *Lab) Ask(r lab.Request) lab.Answer {
	l.tb.Helper()
	ctx, cancel := l.patience()
	defer cancel()
	answer := l.site.Lab().Answer(ctx, r)
	if answer.Error != "" {
		l.fatal("ask the lab to %s: %s", r.Do, answer.Error)
	}
	return answer
}

// Fault lets an access point be wrong; an empty name is all of them.
func (l *Lab) Fault(accessPoint string, rule ap.Rule) {
	l.tb.Helper()
	l.Ask(lab.Request{Do: "fault", AP: accessPoint, Rule: &rule})
}

// Clear ends all faults and returns how many there were.
func (l *Lab) Clear() int {
	l.tb.Helper()
	return l.Ask(lab.Request{Do: "clear"}).Cleared
}

// Status says what the lab is doing.
func (l *Lab) Status() lab.Status {
	l.tb.Helper()
	return *l.Ask(lab.Request{Do: "status"}).Status
}

// Stats are the counts of the medium.
func (l *Lab) Stats() hwsim.Stats { return l.site.Stats() }

// Gateway is the address of the host behind the access points.
func (l *Lab) Gateway() netip.Addr { return l.Plan.Prefix.Masked().Addr().Next() }

// WaitKernel waits for a line of the kernel's log with all those texts, and
// returns it and the place behind it.
func (l *Lab) WaitKernel(from Mark, texts ...string) (Line, Mark) {
	l.tb.Helper()
	return wait(l, "the kernel", l.Kernel, from, contains(texts), texts)
}

// WaitEvent waits for an event at an access point: what, one of the constants of
// package ap, at which, or at any where that is empty.
func (l *Lab) WaitEvent(from Mark, accessPoint, what string) (Event, Mark) {
	l.tb.Helper()
	match := func(e Event) bool { return e.What == what && (accessPoint == "" || e.AP == accessPoint) }
	return wait(l, "access point "+accessPoint, l.Events, from, match, what)
}

// wait waits for a match in a trail as long as the test has patience.
func wait[T any](l *Lab, who string, t *Trail[T], from Mark, match func(T) bool, wanted any) (T, Mark) {
	l.tb.Helper()
	ctx, cancel := l.patience()
	defer cancel()
	item, at, err := t.Wait(ctx, from, match)
	if err != nil {
		l.fatal("%s does not say %q in %v", who, wanted, l.needs.Patience)
	}
	return item, at
}
