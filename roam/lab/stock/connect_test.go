package stock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
)

// plan is the default plan with its access points changed.
func plan(t testing.TB, change func(*ap.Config), bands ...dot11.Band) lab.Plan {
	t.Helper()
	p, err := lab.DefaultPlan(bands...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.APs {
		change(&p.APs[i])
	}
	return p
}

// single makes an access point one that is no MLD, with its first link only.
func single(c *ap.Config) { c.MLD, c.Links = dot11.Addr{}, c.Links[:1] }

func TestConnect(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bands  []dot11.Band
		change func(*ap.Config)
		links  int
		want   map[string]string // of the supplicant's STATUS
	}{
		{"SAE, one link", []dot11.Band{dot11.Band5GHz}, func(*ap.Config) {}, 1, map[string]string{"key_mgmt": "SAE", "sae_h2e": "1", "pmf": "2"}},
		{"SAE, two links", []dot11.Band{dot11.Band2GHz, dot11.Band5GHz}, func(*ap.Config) {}, 2, map[string]string{"key_mgmt": "SAE", "wifi_generation": "7"}},
		{"SAE, three links, beacon protection", []dot11.Band{dot11.Band2GHz, dot11.Band5GHz, dot11.Band6GHz},
			func(c *ap.Config) { c.BeaconProtection = true }, 3, map[string]string{"key_mgmt": "SAE"}},
		{"SAE, no MLD", nil, single, 1, map[string]string{"key_mgmt": "SAE", "wifi_generation": "6"}},
		{"WPA2", nil, func(c *ap.Config) { single(c); c.Security = ap.PSK }, 1, map[string]string{"key_mgmt": "WPA2-PSK"}},
		// wpa_supplicant 2.11 asks for several links only where there are keys.
		{"open", nil, func(c *ap.Config) { c.Security, c.Password = ap.Open, "" }, 1, map[string]string{"key_mgmt": "NONE"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := labtest.Start(t, labtest.Needs{Plan: plan(t, tt.change, tt.bands...), Supplicant: true})
			s := l.Stations[0]
			// A scan may have missed a link of the access point that it began with; of
			// one that it roams to it knows them all.
			config := l.Plan.APs[0]
			if at := s.WaitConnected(); at == config.MLD || at == config.Links[0].BSSID {
				config = l.Plan.APs[1]
			}
			s.Roam(config)
			s.WaitAt(config)
			status := s.Status()
			for name, want := range tt.want {
				if status[name] != want {
					t.Errorf("%s is %q, not %q", name, status[name], want)
				}
			}
			stations := stationsOf(l, config.Name)
			if len(stations) != 1 || len(stations[0].Links) != tt.links {
				t.Errorf("%s has the stations %+v; one with %d links is wanted", config.Name, stations, tt.links)
			}
			if answered := s.Ping(5); answered < 4 {
				t.Errorf("%d of 5 pings were answered", answered)
			}
		})
	}
}

func stationsOf(l *labtest.Lab, accessPoint string) []ap.Station {
	for _, a := range l.Status().APs {
		if a.Name == accessPoint {
			return a.Stations
		}
	}
	return nil
}

// TestBothLinksCarryData sends so much that the kernel, which takes turns, has
// used every link.
func TestBothLinksCarryData(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	s := l.Stations[0]
	s.WaitConnected()
	if answered := s.Ping(20); answered < 19 {
		t.Errorf("%d of 20 pings were answered", answered)
	}
	var used []string
	l.Do(func(_ time.Duration, n *lab.Network) {
		for _, a := range n.APs() {
			for _, link := range a.Links() {
				if a.Received(link.ID) > 0 {
					used = append(used, fmt.Sprintf("%s link %d", a.Config().Name, link.ID))
				}
			}
		}
	})
	if len(used) != 2 || !strings.HasPrefix(used[1], used[0][:3]) {
		t.Errorf("data came over %v; both links of one access point are wanted", used)
	}
}

func TestTwoStations(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Stations: 2, Supplicant: true})
	for _, s := range l.Stations {
		s.WaitConnected()
	}
	for _, s := range l.Stations {
		if answered := s.Ping(5); answered < 4 {
			t.Errorf("%s: %d of 5 pings were answered", s.Name, answered)
		}
	}
}
