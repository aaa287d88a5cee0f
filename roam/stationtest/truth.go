package stationtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/lab/ap"
)

// pause is between two looks at something.
const pause = 20 * time.Millisecond

// until looks until what it finds is good.
func until[T any](t *testing.T, about string, find func() T, good func(T) bool) T {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		found := find()
		if good(found) {
			return found
		}
		if time.Now().After(end) {
			t.Fatalf("not %s after %v: %+v", about, patience, found)
		}
	}
}

// view is what the kernel says of the connection.
type view struct {
	err        error
	connection nl80211.Connection
}

func (r *run) look(t *testing.T) view {
	t.Helper()
	c, err := r.kernel.Connection(t.Context(), r.index)
	if err != nil && !errors.Is(err, nl80211.ErrNotConnected) {
		t.Fatal(err)
	}
	return view{err, c}
}

func (v view) nowhere() bool { return v.err != nil }

// state is what the station says.
func (r *run) state(t *testing.T) roam.State {
	t.Helper()
	s, err := r.station.State(ask(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// isAt waits until kernel and station agree that the station is at that access
// point, with all of its links.
func (r *run) isAt(t *testing.T, c ap.Config) {
	t.Helper()
	want := AP(c)
	until(t, "at "+c.Name+" in the kernel", func() view { return r.look(t) }, func(v view) bool {
		now := v.connection
		return !v.nowhere() && now.AP == want.Addr() && now.MLO == !c.MLD.IsZero() && slices.Equal(links(now), bssids(c))
	})
	until(t, "at "+c.Name+" by its own word", func() roam.State { return r.state(t) }, func(s roam.State) bool {
		return s.Phase == roam.PhaseConnected && s.MLD == c.MLD && slices.Contains(bssids(c), s.BSSID) && string(s.SSID) == c.SSID && !s.Enterprise
	})
}

// isAway waits until kernel and station agree that there is no connection.
func (r *run) isAway(t *testing.T) {
	t.Helper()
	until(t, "disconnected in the kernel", func() view { return r.look(t) }, view.nowhere)
	until(t, "disconnected by its own word", func() roam.State { return r.state(t) }, func(s roam.State) bool {
		return s.Phase == roam.PhaseDisconnected && s.BSSID.IsZero() && s.MLD.IsZero()
	})
}

// links are the BSSIDs of a connection.
func links(c nl80211.Connection) []dot11.Addr {
	var all []dot11.Addr
	for _, l := range c.Links {
		all = append(all, l.BSSID)
	}
	return all
}

// bssids are those of an access point.
func bssids(c ap.Config) []dot11.Addr {
	var all []dot11.Addr
	for _, l := range c.Links {
		all = append(all, l.BSSID)
	}
	return all
}

// owns reports whether an event's address can be that of an access point.
func owns(c ap.Config, a dot11.Addr) bool { return a == c.MLD || slices.Contains(bssids(c), a) }
