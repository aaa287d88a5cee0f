package resume

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"time"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// air is a kernel and a station with two access points, where every request
// succeeds at once.
type air struct {
	kernel chan nl80211.Event
	events chan roam.Event
	aps    []runlog.AP

	mu sync.Mutex
	at *runlog.AP
}

func newAir() *air {
	a := &air{kernel: make(chan nl80211.Event, 16), events: make(chan roam.Event, 16)}
	for n := byte(1); n <= 2; n++ {
		a.aps = append(a.aps, runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, n, 0xff}, SSID: runlog.SSID("net"), Links: []runlog.Link{
			{ID: dot11.Some(uint8(0)), BSSID: dot11.Addr{2, 0, 0, 0, n, 0}, Freq: 5180, Signal: dot11.Some(-40 - int(n))},
		}})
	}
	a.at = &a.aps[0]
	return a
}

// Now is the present, some minutes after a boot.
func (a *air) Now() runlog.Moment {
	now := time.Now()
	since := now.Sub(now.Truncate(time.Hour)) + time.Hour
	return runlog.Moment{Wall: now.UTC(), Monotonic: since, Boot: since}
}

func (a *air) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (a *air) InterfaceByName(context.Context, string) (nl80211.Interface, error) {
	return nl80211.Interface{Index: 3, Name: "wlan0", Type: nl80211.TypeStation}, nil
}

func (a *air) Connection(context.Context, int) (nl80211.Connection, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == nil {
		return nl80211.Connection{}, fmt.Errorf("interface 3: %w", nl80211.ErrNotConnected)
	}
	c := nl80211.Connection{AP: a.at.MLD, MLO: true, SSID: a.at.SSID}
	c.Station.Flags = dot11.Some(nl80211.StationAuthorized)
	for _, l := range a.at.Links {
		c.Links = append(c.Links, nl80211.ConnectionLink{ID: l.ID, BSSID: l.BSSID, Channel: nl80211.ChannelDef{Freq: l.Freq}, Signal: l.Signal})
	}
	return c, nil
}

func (a *air) ScanResults(context.Context, int) ([]nl80211.BSS, error) {
	var out []nl80211.BSS
	for _, ap := range a.aps {
		ml := dot11.MultiLink{Type: dot11.MultiLinkBasic, MLDAddr: ap.MLD, LinkID: ap.Links[0].ID}
		elements := dot11.Elements{dot11.SSIDElement(ap.SSID), ml.Element()}
		out = append(out, nl80211.BSS{BSSID: ap.Links[0].BSSID, Freq: ap.Links[0].Freq, Raw: elements.Append(nil), Signal: dot11.Some(-4000)})
	}
	return out, nil
}

func (a *air) TriggerScan(context.Context, nl80211.ScanRequest) error { return nil }

func (a *air) RemainOnChannel(context.Context, int, int, time.Duration) (uint64, error) {
	return 0, syscall.EOPNOTSUPP
}

func (a *air) Surveys(context.Context, int) ([]nl80211.Survey, error) {
	return nil, syscall.EOPNOTSUPP
}

func (a *air) Via() string { return "ctrl" }

func (a *air) State(context.Context) (roam.State, error) {
	return roam.State{Phase: roam.PhaseConnected}, nil
}

func (a *air) Candidates(context.Context) ([]roam.Candidate, error) {
	var out []roam.Candidate
	for _, ap := range a.aps {
		out = append(out, roam.Candidate{BSSID: ap.Links[0].BSSID, MLD: ap.MLD, Freq: ap.Links[0].Freq})
	}
	return out, nil
}

func (a *air) Scan(context.Context, roam.ScanRequest) error { return nil }

func (a *air) Connect(ctx context.Context, to roam.Target) error { return a.Roam(ctx, to) }

func (a *air) Roam(_ context.Context, to roam.Target) error {
	a.mu.Lock()
	a.at = &to.AP
	a.mu.Unlock()
	now := a.Now()
	for _, what := range []roam.What{roam.Associated, roam.Secured, roam.Connected} {
		a.events <- roam.Event{At: nl80211.Stamp{Monotonic: now.Monotonic, Boot: now.Boot}, What: what, AP: to.BSSID}
	}
	return nil
}

func (a *air) Disconnect(context.Context) error { return nil }

func (a *air) Events() <-chan roam.Event { return a.events }

func (a *air) Close() error { return nil }
