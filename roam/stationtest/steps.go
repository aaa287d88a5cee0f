package stationtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/lab/ap"
)

// stays is how long the station is watched for what is not to come.
const stays = time.Second

// disconnected begins: whatever was there before, it is away then.
func (r *run) disconnected(t *testing.T) {
	if err := r.station.Disconnect(ask(t)); err != nil {
		t.Fatal(err)
	}
	r.isAway(t)
}

// find scans until the station knows every link of those access points: a scan
// may fall between two beacons.
func (r *run) find(t *testing.T, configs ...ap.Config) []roam.Candidate {
	t.Helper()
	return until(t, "aware of all links", func() []roam.Candidate { return r.known(t) }, func(known []roam.Candidate) bool {
		missing := roam.ScanRequest{SSID: []byte(configs[0].SSID)}
		for _, c := range configs {
			for _, l := range c.Links {
				if !slices.ContainsFunc(known, func(k roam.Candidate) bool { return k.BSSID == l.BSSID }) {
					missing.Freqs = append(missing.Freqs, l.Channel.Freq)
				}
			}
		}
		if len(missing.Freqs) == 0 {
			return true
		}
		if err := r.station.Scan(ask(t), missing); err != nil && !errors.Is(err, roam.ErrBusy) {
			t.Fatal(err)
		}
		return false
	})
}

func (r *run) known(t *testing.T) []roam.Candidate {
	t.Helper()
	known, err := r.station.Candidates(ask(t))
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// candidates says all that there is to know of a BSS.
func (r *run) candidates(t *testing.T) {
	known := r.find(t, r.home, r.away)
	for _, c := range []ap.Config{r.home, r.away} {
		for _, l := range c.Links {
			i := slices.IndexFunc(known, func(k roam.Candidate) bool { return k.BSSID == l.BSSID })
			if i < 0 {
				t.Fatalf("%s link %d is not among %+v", c.Name, l.ID, known)
			}
			k := known[i]
			if k.MLD != c.MLD || k.Link != dot11.Some(l.ID) || string(k.SSID) != c.SSID || k.Freq != l.Channel.Freq {
				t.Errorf("%s link %d is known as %+v", c.Name, l.ID, k)
			}
			if k.Signal >= 0 || k.Signal < -100 || k.Age < 0 || k.Age > patience {
				t.Errorf("%s link %d has a signal of %d dBm and an age of %v", c.Name, l.ID, k.Signal, k.Age)
			}
		}
	}
}

// goes makes a request and watches the station on its way to an access point.
func (r *run) goes(t *testing.T, c ap.Config, request func() error) {
	t.Helper()
	from := r.events.mark()
	if err := request(); err != nil {
		t.Fatal(err)
	}
	for _, what := range []roam.What{roam.Trying, roam.Associated, roam.Secured, roam.Connected} {
		if !r.told(what) {
			continue
		}
		_, from = r.events.wait(t, from, fmt.Sprintf("event %q of %s", what, c.Name), func(e roam.Event) bool {
			return e.What == what && (e.AP.IsZero() || owns(c, e.AP))
		})
	}
	r.isAt(t, c)
}

// reach is at an access point, wherever it was before.
func (r *run) reach(t *testing.T, c ap.Config) {
	t.Helper()
	if err := r.station.Disconnect(ask(t)); err != nil {
		t.Fatal(err)
	}
	r.isAway(t)
	r.find(t, c)
	r.goes(t, c, func() error { return r.station.Connect(ask(t), Target(c, 0)) })
}

func (r *run) connect(t *testing.T) { r.reach(t, r.home) }

// roam goes over either link, there and back.
func (r *run) roam(t *testing.T) {
	r.find(t, r.away, r.home)
	r.goes(t, r.away, func() error { return r.station.Roam(ask(t), Target(r.away, 1)) })
	r.find(t, r.home)
	r.goes(t, r.home, func() error { return r.station.Roam(ask(t), Target(r.home, 0)) })
}

// same associates anew where it is.
func (r *run) same(t *testing.T) {
	r.find(t, r.home)
	from := r.lab.Events.Mark()
	r.goes(t, r.home, func() error { return r.station.Roam(ask(t), Target(r.home, 0)) })
	r.lab.WaitEvent(from, r.home.Name, ap.Connected)
}

// unknown is refused, and costs nothing.
func (r *run) unknown(t *testing.T) {
	away := AP(r.away)
	nobody := dot11.Addr{0x02, 0xff, 0xff, 0xff, 0xff, 0x01}
	away.Links[0].BSSID = nobody
	if err := r.station.Roam(ask(t), roam.Target{AP: away, BSSID: nobody}); !errors.Is(err, roam.ErrUnknownTarget) {
		t.Errorf("error %v, want %v", err, roam.ErrUnknownTarget)
	}
	r.isAt(t, r.home)
}

// context ends requests, and the next one is not disturbed by it.
func (r *run) context(t *testing.T) {
	over, end := context.WithCancel(t.Context())
	end()
	target := Target(r.away, 0)
	for name, request := range map[string]func(context.Context) error{
		"State":      func(ctx context.Context) error { _, err := r.station.State(ctx); return err },
		"Candidates": func(ctx context.Context) error { _, err := r.station.Candidates(ctx); return err },
		"Scan":       func(ctx context.Context) error { return r.station.Scan(ctx, roam.ScanRequest{}) },
		"Connect":    func(ctx context.Context) error { return r.station.Connect(ctx, target) },
		"Roam":       func(ctx context.Context) error { return r.station.Roam(ctx, target) },
		"Disconnect": r.station.Disconnect,
	} {
		if err := request(over); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want %v", name, err, context.Canceled)
		}
	}
	// All channels of a radio take seconds.
	short, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := r.station.Scan(short, roam.ScanRequest{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Scan: error %v, want %v", err, context.DeadlineExceeded)
	}
	r.isAt(t, r.home)
}

// refused tells what the access point has said, at either of its frames.
func (r *run) refused(t *testing.T) {
	for frame, status := range map[string]dot11.StatusCode{"auth": 37, "assoc": 17} {
		r.reach(t, r.home)
		r.find(t, r.away)
		r.lab.Fault(r.away.Name, ap.Rule{Fault: "status", Frame: frame, Status: status})
		from := r.events.mark()
		if err := r.station.Roam(ask(t), Target(r.away, 0)); err != nil {
			t.Fatal(err)
		}
		e, _ := r.events.wait(t, from, "refusal", func(e roam.Event) bool {
			return e.What == roam.Refused && (e.AP.IsZero() || owns(r.away, e.AP))
		})
		if e.Status != status && !r.options.NoStatus {
			t.Errorf("refused at %s with %v, want %v", frame, e.Status, status)
		}
		r.lab.Clear()
	}
}

// thrownOut tells the reason that the access point gave.
func (r *run) thrownOut(t *testing.T) {
	r.reach(t, r.home)
	from := r.events.mark()
	r.lab.Fault(r.home.Name, ap.Rule{Fault: "deauth", Reason: dot11.ReasonInactivity})
	e, _ := r.events.wait(t, from, "disconnection", func(e roam.Event) bool { return e.What == roam.Disconnected })
	if !r.options.NoReason && (e.Reason != dot11.ReasonInactivity || e.Local) {
		t.Errorf("disconnected with %v, by ourselves %v; want %v of the access point", e.Reason, e.Local, dot11.ReasonInactivity)
	}
	if !e.AP.IsZero() && !owns(r.home, e.AP) {
		t.Errorf("disconnected from %v, not from %s", e.AP, r.home.Name)
	}
	r.lab.Clear()
}

// avoid lets the station choose, where it can.
func (r *run) avoid(t *testing.T) {
	chooser, ok := r.station.(roam.Chooser)
	if !ok {
		t.Skip("the station does not choose")
	}
	r.reach(t, r.home)
	r.find(t, r.away)
	r.goes(t, r.away, func() error { return chooser.Avoid(ask(t), AP(r.home)) })
	if err := chooser.Allow(ask(t)); err != nil {
		t.Fatal(err)
	}
	r.find(t, r.home)
	r.goes(t, r.home, func() error { return r.station.Roam(ask(t), Target(r.home, 0)) })
}

// disconnect is away, and stays so.
func (r *run) disconnect(t *testing.T) {
	r.reach(t, r.home)
	from := r.events.mark()
	if err := r.station.Disconnect(ask(t)); err != nil {
		t.Fatal(err)
	}
	e, _ := r.events.wait(t, from, "disconnection", func(e roam.Event) bool { return e.What == roam.Disconnected })
	if !e.Local {
		t.Errorf("told as the access point's doing: %+v", e)
	}
	r.isAway(t)
	time.Sleep(stays)
	r.isAway(t)
	r.reach(t, r.home)
}

// order holds of all events that were told.
func (r *run) order(t *testing.T) {
	events, _, _ := r.events.since(0)
	for i, e := range events {
		if e.At.Monotonic <= 0 || e.At.Boot < e.At.Monotonic {
			t.Errorf("event %d is of %+v", i, e.At)
		}
		if i > 0 && e.At.Monotonic < events[i-1].At.Monotonic {
			t.Errorf("event %d is of %v, before the one before it", i, e.At.Monotonic)
		}
		if !r.told(e.What) {
			t.Errorf("event %d is %q, which the station is said not to tell", i, e.What)
		}
		if e.Record == nil {
			continue
		}
		if e.Record.Message == "" || e.Record.Identifier == "" || !e.Record.Time.HasMono || e.Record.Boot == "" {
			t.Errorf("event %d has the record %+v", i, *e.Record)
		}
	}
}

// closed gives the station up.
func (r *run) closed(t *testing.T, before string) {
	if err := r.station.Close(); err != nil {
		t.Error(err)
	}
	r.events.waitClosed(t)
	if _, err := r.station.State(ask(t)); err == nil {
		t.Error("a closed station tells its state")
	}
	if after := r.snapshot(t); after != before {
		t.Errorf("left behind:\n%s\nbefore it was:\n%s", after, before)
	}
	if !r.options.Keeps {
		until(t, "disconnected", func() view { return r.look(t) }, view.nowhere)
	} else if r.look(t).nowhere() {
		t.Error("the connection is gone")
	}
}
