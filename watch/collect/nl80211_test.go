package collect

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// radio answers as nl80211 would; an interface without stations in it fails.
type radio struct {
	interfaces []nl80211.Interface
	err        error
	stations   map[int][]nl80211.Station
	asked      []int
}

var errGone = errors.New("no such device")

func (r *radio) Interfaces(context.Context) ([]nl80211.Interface, error) { return r.interfaces, r.err }

func (r *radio) Stations(_ context.Context, ifindex int) ([]nl80211.Station, error) {
	r.asked = append(r.asked, ifindex)
	list, ok := r.stations[ifindex]
	if !ok {
		return nil, errGone
	}
	return list, nil
}

func addr(last byte) dot11.Addr { return dot11.Addr{2, 0, 0, 0, 1, last} }

func TestLinks(t *testing.T) {
	station := nl80211.Station{Addr: addr(9), Connected: dot11.Some(77 * time.Second)}
	station.Inactive, station.Signal, station.SignalAvg = dot11.Some(3200*time.Millisecond), dot11.Some(-61), dot11.Some(-60)
	station.TxRetries, station.TxFailed, station.BeaconLoss = dot11.Some[uint32](5), dot11.Some[uint32](4), dot11.Some[uint32](1)
	station.Tx, station.Rx = dot11.Some(nl80211.Rate{Bitrate: 28824}), dot11.Some(nl80211.Rate{Bitrate: 60})
	r := &radio{
		interfaces: []nl80211.Interface{
			{Index: 7, Name: "wlan0", Type: nl80211.TypeStation, Addr: addr(0), SSID: []byte("net\x1b[2J\xff"), Links: []nl80211.InterfaceLink{
				{ID: 2, Addr: addr(2), Channel: nl80211.ChannelDef{Freq: 6135, Width: nl80211.Width320}},
				{ID: 0, Addr: addr(0), Channel: nl80211.ChannelDef{Freq: 5180, Width: nl80211.Width160}},
				{ID: 1, Addr: addr(1)}, // all that older kernels tell
			}},
			{Type: nl80211.TypeP2PDevice, Addr: addr(5)}, // it has no name
			{Index: 8, Name: "wlan1", Type: 99, Channel: nl80211.ChannelDef{Freq: 2412, Width: 99}},
			{Index: 9, Name: "wlan2", Type: nl80211.TypeAP, Addr: addr(4), Channel: nl80211.ChannelDef{Freq: 2412}},
		},
		stations: map[int][]nl80211.Station{7: {station}, 8: nil, 9: make([]nl80211.Station, 100)},
	}
	got, err := links(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := []Link{
		{
			Interface: "wlan0", Type: "station", Address: "02:00:00:00:01:00", SSID: `net\x1b[2J\xff`,
			MLO: []MLOLink{
				{ID: 0, Address: "02:00:00:00:01:00", MHz: 5180, Width: 160}, {ID: 1, Address: "02:00:00:00:01:01"},
				{ID: 2, Address: "02:00:00:00:01:02", MHz: 6135, Width: 320},
			},
			Stations: []Station{{Address: "02:00:00:00:01:09", Signal: -61, SignalAverage: -60, InactiveMS: 3200, ConnectedS: 77, TxRetries: 5, TxFailed: 4, BeaconLoss: 1, TxRate: 28824, RxRate: 60}},
		},
		{Interface: "wlan1", Type: "99", MHz: 2412},
		{Interface: "wlan2", Type: "AP", Address: "02:00:00:00:01:04", MHz: 2412, Width: 20, Stations: make([]Station, mostStations)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What came counts where the rest did not come, and the kernel is not asked
// again then.
func TestLinksInPart(t *testing.T) {
	r := &radio{
		interfaces: []nl80211.Interface{{Index: 1, Name: "wlan0"}, {Index: 2, Name: "wlan1"}, {Index: 3, Name: "wlan2"}},
		stations:   map[int][]nl80211.Station{1: {{Addr: addr(1)}}, 3: {{Addr: addr(3)}}},
	}
	got, err := links(t.Context(), r)
	if !errors.Is(err, errGone) || !strings.Contains(err.Error(), "wlan1") {
		t.Errorf("error %v", err)
	}
	want := []Link{{Interface: "wlan0", Type: "unspecified", Stations: []Station{{Address: "02:00:00:00:01:01"}}}, {Interface: "wlan1", Type: "unspecified"}, {Interface: "wlan2", Type: "unspecified"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 2}, r.asked); diff != "" {
		t.Errorf("asked for the stations of (-want +got):\n%s", diff)
	}
	if got, err := links(t.Context(), &radio{err: errGone}); got != nil || !errors.Is(err, errGone) {
		t.Errorf("%v, error %v", got, err)
	}
}

func TestLinksAreBounded(t *testing.T) {
	r := &radio{interfaces: make([]nl80211.Interface, 100)}
	for n := range r.interfaces {
		r.interfaces[n] = nl80211.Interface{Name: strings.Repeat("w", 2*longest), Links: make([]nl80211.InterfaceLink, 100)}
	}
	got, _ := links(t.Context(), r) // that there are no stations is no matter
	if len(got) != mostInterfaces || len(got[0].MLO) != mostMLO || len(got[0].Interface) != longest {
		t.Errorf("%d interfaces, of %d links, with names of %d", len(got), len(got[0].MLO), len(got[0].Interface))
	}
}
