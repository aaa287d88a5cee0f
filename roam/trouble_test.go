package roam

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/roam/runlog"
)

// stale tells of the connection before when the next try has begun, and then does
// as it was asked.
func stale(w *world, to Target) {
	time.Sleep(time.Millisecond)
	w.mu.Lock()
	here := w.at.Addr()
	w.mu.Unlock()
	w.say(Event{What: Secured, AP: here})
	w.say(Event{What: Connected, AP: here})
	time.Sleep(2 * time.Second)
	w.succeed(to)
}

// echoes tells the end of the old connection when the new one is there.
func echoes(w *world, to Target) {
	w.mu.Lock()
	was := w.at.Links[0].BSSID
	w.mu.Unlock()
	before := w.stamp()
	w.succeed(to)
	time.Sleep(100 * time.Millisecond)
	w.kernel <- nl80211.Event{Stamp: before, Interface: 3, Body: nl80211.Disconnected{Reason: 3, ByAP: true}}
	w.say(Event{What: Disconnected, AP: was, Reason: 8})
}

func TestTruth(t *testing.T) {
	for _, tt := range []struct {
		name   string
		kind   runlog.Kind
		next   func(*world, Target)
		want   runlog.Outcome
		detail string
	}{
		{"the handshake does not end", runlog.Roam, halfway, runlog.Timeout, "associated with 02:00:00:00:02:ff, and data cannot pass"},
		{"nothing happens", runlog.Roam, nothing, runlog.Timeout, "nothing came of it: still connected to 02:00:00:00:01:ff"},
		{"a word of the connection before", runlog.Roam, stale, runlog.OK, ""},
		{"a word of it where it is gone to again", runlog.Reconnect, stale, runlog.OK, ""},
		{"the end of the connection before", runlog.Roam, echoes, runlog.OK, ""},
		{"the kernel alone tells, of the same", runlog.Reconnect, mute, runlog.OK, ""},
		{"the kernel alone tells, after a disconnection", runlog.DisconnectConnect, mute, runlog.OK, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.next = []func(*world, Target){tt.next}
				c, k := config(w, plan(1, tt.kind))
				if _, err := Run(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				first := k.cycles[0]
				if first.Outcome != tt.want || first.Detail != tt.detail {
					t.Errorf("%s, %q; %+v", first.Outcome, first.Detail, first)
				}
				if tt.want == runlog.OK && first.Took > 5*time.Second {
					t.Errorf("took %v", first.Took)
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// stubborn is a world that chooses by itself: it stays where it is, or comes back.
type stubborn struct {
	*world
	leaves bool
}

func (s stubborn) Avoid(_ context.Context, ap runlog.AP) error {
	if s.leaves {
		go s.succeed(Target{AP: ap, BSSID: ap.Links[0].BSSID})
	}
	return nil
}
func (s stubborn) Allow(context.Context) error { return nil }

func TestChoiceToStay(t *testing.T) {
	for leaves, want := range map[bool]runlog.Outcome{false: runlog.Timeout, true: runlog.WrongAP} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			c, k := config(w, plan(1, runlog.Choice))
			c.Station = stubborn{w, leaves}
			if _, err := Run(t.Context(), c); err != nil || k.cycles[0].Outcome != want {
				t.Errorf("leaves %t: %v, %+v", leaves, err, k.cycles)
			}
		})
	}
}

// shut is a station whose events end in the middle of something.
type shut struct{ *world }

func (s shut) Scan(context.Context, ScanRequest) error {
	time.Sleep(10 * time.Millisecond)
	if s.scans++; s.scans == 1 {
		close(s.events)
	}
	time.Sleep(time.Second)
	return nil
}

// A channel that is closed is waited at no more, and ends the run.
func TestClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(3))
		c.Station = shut{w}
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "tells nothing any more") || strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%v, %+v", err, k.cycles)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.next = []func(*world, Target){func(w *world, _ Target) { close(w.kernel) }}
		c, k := config(w, plan(3))
		if _, err := Run(t.Context(), c); err == nil || !slices.Equal(k.outcomes(), []runlog.Outcome{runlog.Skipped}) {
			t.Errorf("%v, %+v", err, k.cycles)
		}
	})
}

// A flood of events holds no run up.
func TestFlood(t *testing.T) {
	w := newWorld()
	w.took = 0
	p := plan(1)
	p.Dwell = runlog.Range{}
	c, _ := config(w, p)
	c.Heard = func(Event) { w.say(Event{What: Said}) } // there is always another
	w.say(Event{What: Said})
	if _, err := Run(t.Context(), c); err != nil {
		t.Error(err)
	}
}

// grudging is a station that takes no request.
type grudging struct{ *world }

func (grudging) Roam(context.Context, Target) error { return errors.New("FAIL") }

// What is refused at once is not asked for again at once.
func TestRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(10))
		c.Station = grudging{w}
		began := time.Now()
		if _, err := Run(t.Context(), c); err != nil || len(k.cycles) != 10 || k.cycles[9].Outcome != runlog.Rejected {
			t.Errorf("%v, %+v", err, k.cycles)
		}
		if took := time.Since(began); took < 9*time.Second {
			t.Errorf("ten refusals in %v", took)
		}
	})
}

// What has no connection to begin with is left out, and one is waited for.
func TestNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(2, runlog.Suspend))
		c.Disturb = map[runlog.Kind]Disturbance{runlog.Suspend: func(context.Context, *Target) (func(context.Context) error, error) { return nil, nil }}
		w.settleNowhere()
		if _, err := Run(t.Context(), c); err != nil || !slices.Equal(k.outcomes(), []runlog.Outcome{runlog.Skipped, runlog.OK}) {
			t.Errorf("%v, %+v", err, k.cycles)
		}
	})
}

// What is changed is undone although the run is interrupted in the middle of it.
func TestInterruptedDisturbance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(1, runlog.InterfaceDown))
		ctx, cancel := context.WithCancel(t.Context())
		undone := errors.New("not undone")
		c.Disturb = map[runlog.Kind]Disturbance{runlog.InterfaceDown: func(context.Context, *Target) (func(context.Context) error, error) {
			cancel()
			return func(ctx context.Context) error {
				undone = ctx.Err()
				return undone
			}, nil
		}}
		r, err := Run(ctx, c)
		if err != nil || r.Why != "interrupted" || undone != nil || w.at.Addr() != w.aps[0].Addr() {
			t.Errorf("%+v, error %v, undone %v, at %v", r, err, undone, w.at)
		}
		if first := k.cycles[0]; first.Outcome != runlog.Skipped || first.Detail != "interrupted" {
			t.Errorf("%s, %q", first.Outcome, first.Detail)
		}
	})
}

// An interface that vanishes while the chip settles is waited for.
func TestGoneWhileSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(3))
		notices := make(chan Notice, 1)
		c.Notices = notices
		vanished := false
		c.Show = func(s Snapshot) {
			switch {
			case s.Doing == "stay" && s.Cycle == 1 && s.Last == nil:
				notices <- Notice{Firmware: true, At: w.Now().Monotonic}
			case s.Doing == "let the chip settle" && !vanished:
				vanished = true
				go func() {
					w.mu.Lock()
					w.gone = true
					w.mu.Unlock()
					time.Sleep(20 * time.Second)
					w.mu.Lock()
					w.gone = false
					w.mu.Unlock()
				}()
			}
		}
		r, err := Run(t.Context(), c)
		if err != nil || r.Cycles != 3 || r.Outcomes[runlog.OK] != 3 {
			t.Errorf("%+v, error %v", r, err)
		}
		for i, want := range []bool{false, true, false} {
			if k.cycles[i].AfterReset != want {
				t.Errorf("cycle %d: after a reset %t", i+1, k.cycles[i].AfterReset)
			}
		}
	})
}

// A disk that is full ends the driving, and the connection of the begin is there
// again.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(5))
		k.fail = 1
		_, err := Run(t.Context(), c)
		if !errors.Is(err, errFull) || w.at == nil || w.at.Addr() != w.aps[0].Addr() {
			t.Errorf("%v, at %v", err, w.at)
		}
	})
}

// An access point that comes back with other addresses is gone to again.
func TestNewAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(4))
		c.Enough = func(last *runlog.Cycle) string {
			if last.Number == 2 { // we are at the first
				w.aps[1] = worldAP(9, 5240, 6115)
			}
			return ""
		}
		if _, err := Run(t.Context(), c); err != nil || !slices.Equal(k.outcomes(), []runlog.Outcome{runlog.OK, runlog.OK, runlog.Skipped, runlog.OK}) {
			t.Errorf("%v, %+v", err, k.cycles)
		}
		if to := k.cycles[3].To.Addr(); to != w.aps[1].Addr() {
			t.Errorf("gone to %v", to)
		}
	})
}

// What happens in the time without a scan is not lost: a loss is the cycle's, an
// incident is none of it.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		c, k := config(w, plan(2, runlog.StaleRoam))
		notices := make(chan Notice, 1)
		c.Notices = notices
		c.Show = func(s Snapshot) {
			switch {
			case s.Doing != "wait without a scan":
			case s.Cycle == 1:
				notices <- Notice{Opened: &incident.Event{Class: patterns.MCUTimeout}, At: w.Now().Monotonic}
			case s.Cycle == 2:
				go func() {
					time.Sleep(10 * time.Second)
					w.settleNowhere()
					w.tell(nl80211.Disconnected{Reason: 7, ByAP: true})
					time.Sleep(3 * time.Second)
					w.succeed(Target{AP: w.aps[0], BSSID: w.aps[0].Links[0].BSSID})
				}()
			}
		}
		r, err := Run(t.Context(), c)
		if err != nil || r.Incidents != 1 || !slices.Equal(k.outcomes(), []runlog.Outcome{runlog.OK, runlog.Lost}) || k.cycles[1].Reason != 7 {
			t.Errorf("%+v, error %v, %+v", r, err, k.cycles)
		}
	})
}

// A link that hides the network's name does not hide the access point.
func TestHiddenLink(t *testing.T) {
	ap := worldAP(1, 5180, 5955)
	for _, name := range []runlog.SSID{nil, make(runlog.SSID, 5)} {
		hides := ap
		hides.SSID = name
		found := Discover([]nl80211.BSS{bss(hides, ap.Links[0]), bss(ap, ap.Links[1])})
		if got := Select(found, runlog.Targets{}, runlog.SSID(worldSSID)); len(got) != 1 || len(got[0].Links) != 2 {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// A stage begins where the one before has ended, also where the request was
// answered late.
func TestStagesBesideRequest(t *testing.T) {
	to := Target{AP: worldAP(2, 5180)}
	a := newAttempt(&to, nil, 10)
	a.open(runlog.StageRequest, 10)
	a.end(runlog.StageRequest, 100)
	frame := nl80211.Frame{Header: dot11.Header{Addr2: to.AP.Links[0].BSSID}}
	a.kernel(&nl80211.Event{Stamp: nl80211.Stamp{Monotonic: 20}, Body: nl80211.Authenticated{Frame: frame, Auth: dot11.AuthBody{Transaction: 2}}})
	a.kernel(&nl80211.Event{Stamp: nl80211.Stamp{Monotonic: 50}, Body: nl80211.Associated{Frame: frame}})
	if auth, assoc := a.stages[runlog.StageAuth], a.stages[runlog.StageAssoc]; auth != (span{10, 20}) || assoc != (span{20, 50}) {
		t.Errorf("authentication %v, association %v", auth, assoc)
	}
}
