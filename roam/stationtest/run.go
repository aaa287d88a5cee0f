package stationtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/roam"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

// patience is how long anything is waited for.
const patience = 30 * time.Second

// Open makes a station of a radio of the lab. It may begin what the station
// needs, which ends with the test.
type Open func(t *testing.T, l *labtest.Lab, s *labtest.Station) roam.Station

// Options are what a station needs, and what it cannot do.
type Options struct {
	// Needs is the lab: two access points of one network at least, and Supplicant
	// where the station asks one.
	Needs labtest.Needs
	// Untold are the events that the station never tells.
	Untold []roam.What
	// NoStatus says that it does not tell the status of a refusal, and NoReason
	// that it does not tell the reason of a disconnection.
	NoStatus, NoReason bool
	// Keeps says that a connection lives on after Close.
	Keeps bool
	// Snapshot, where set, is called before Open and after Close, and has to return
	// the same: what the station may have changed.
	Snapshot func(t *testing.T, l *labtest.Lab, s *labtest.Station) string
}

// run is one run of the test: a lab, a radio and its station.
type run struct {
	lab        *labtest.Lab
	radio      *labtest.Station
	station    roam.Station
	events     *eventLog
	kernel     *nl80211.Client
	index      int // of the network interface
	home, away ap.Config
	options    Options
}

// Run tests a station in one lab, step after step, up to the first that fails: each
// begins where the one before it has ended.
func Run(t *testing.T, open Open, options Options) {
	l := labtest.Start(t, options.Needs)
	r := &run{lab: l, radio: l.Stations[0], home: l.Plan.APs[0], away: l.Plan.APs[1], options: options}
	var err error
	if r.kernel, err = nl80211.Dial(nl80211.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.kernel.Close(); err != nil {
			t.Error(err)
		}
	})
	device, err := r.kernel.InterfaceByName(t.Context(), r.radio.Name)
	if err != nil {
		t.Fatal(err)
	}
	r.index = device.Index
	before := r.snapshot(t)
	r.station = open(t, l, r.radio)
	r.events = follow(r.station.Events())
	closed := false
	t.Cleanup(func() {
		if !closed {
			_ = r.station.Close() // the test has failed before
		}
	})
	for _, step := range []struct {
		name string
		test func(*run, *testing.T)
	}{
		{"disconnected", (*run).disconnected},
		{"candidates", (*run).candidates},
		{"connect", (*run).connect},
		{"roam", (*run).roam},
		{"roam to the same", (*run).same},
		{"unknown target", (*run).unknown},
		{"context", (*run).context},
		{"refused", (*run).refused},
		{"disconnected by the access point", (*run).thrownOut},
		{"avoid", (*run).avoid},
		{"disconnect", (*run).disconnect},
		{"order", (*run).order},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.test(r, t) }) {
			return
		}
	}
	closed = true
	t.Run("close", func(t *testing.T) { r.closed(t, before) })
}

func (r *run) snapshot(t *testing.T) string {
	t.Helper()
	if r.options.Snapshot == nil {
		return ""
	}
	return r.options.Snapshot(t, r.lab, r.radio)
}

// told reports whether the station tells such events.
func (r *run) told(what roam.What) bool { return !slices.Contains(r.options.Untold, what) }

// ask is the context of one request.
func ask(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
