package collect

import (
	"testing"

	"roamfault/roam/lab/labtest"
)

// A connection of a real kernel is told whole: both links, and the access point.
func TestLinksOfKernel(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	station := l.Stations[0]
	ap := station.WaitConnected()
	list, err := readLinks(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, error %v", list, err)
	}
	link := list[0]
	if link.Interface != station.Name || link.Type != "station" || link.Address != station.Addr.String() || len(link.MLO) != 2 {
		t.Errorf("%+v", link)
	}
	for n, m := range link.MLO {
		if int(m.ID) != n || m.Address == "" || m.Address == link.Address {
			t.Errorf("link %d: %+v", n, m)
		}
	}
	// Right behind the connection there may be no signal yet.
	if len(link.Stations) != 1 || link.Stations[0].Address != ap.String() {
		t.Errorf("stations %+v, want %s", link.Stations, ap)
	}
}
