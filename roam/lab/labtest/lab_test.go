package labtest_test

import (
	"bytes"
	"strings"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
	"roamfault/roam/lab/labtest"
	"roamfault/roam/rsn/sae"
)

// A stock supplicant joins with two links, roams, and always reaches the host
// behind the access points.
func TestRoam(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	station := l.Stations[0]
	first := station.WaitConnected()
	if got := len(l.Status().APs[0].Stations) + len(l.Status().APs[1].Stations); got != 1 {
		t.Errorf("%d stations are associated, want 1", got)
	}
	if got := station.Ping(5); got != 5 {
		t.Errorf("%d of 5 pings were answered", got)
	}
	from, to := l.Plan.APs[0], l.Plan.APs[1]
	if first != from.MLD {
		from, to = to, from
	}
	for range 2 {
		kernel, events := l.Kernel.Mark(), l.Events.Mark()
		station.Roam(to)
		station.WaitAt(to)
		l.WaitKernel(kernel, "disconnect from AP "+from.MLD.String()+" for new auth to "+to.MLD.String())
		_, kernel = l.WaitKernel(kernel, "[link 0] local address", "AP link address "+to.Links[0].BSSID.String())
		_, kernel = l.WaitKernel(kernel, "[link 1] local address", "AP link address "+to.Links[1].BSSID.String())
		l.WaitKernel(kernel, station.Name+": associated")
		if e, _ := l.WaitEvent(events, to.Name, ap.Connected); e.Station != station.Addr {
			t.Errorf("connected: %v, want %v", e.Station, station.Addr)
		}
		if got := station.Ping(5); got != 5 {
			t.Errorf("%d of 5 pings were answered after the roam to %s", got, to.Name)
		}
		from, to = to, from
	}
	for _, line := range []string{"lab kernel: " + station.Name + ": associated\n", "lab wpa_supplicant: " + station.Name + ": CTRL-EVENT-CONNECTED"} {
		if !bytes.Contains(l.Log(), []byte(line)) {
			t.Errorf("the log has no %q", line)
		}
	}
	if stats := l.Stats(); stats.Overruns+stats.Refused+stats.Malformed > 0 {
		t.Errorf("the medium: %+v", stats)
	}
}

// Every kind of network is joined.
func TestNetworks(t *testing.T) {
	plain := func(change func(*ap.Config)) lab.Plan {
		p, err := lab.DefaultPlan()
		if err != nil {
			t.Fatal(err)
		}
		p.APs = p.APs[:1]
		change(&p.APs[0])
		return p
	}
	old := func(c *ap.Config) { c.MLD, c.Links = dot11.Addr{}, c.Links[:1] }
	tests := []struct {
		name   string
		plan   lab.Plan
		status map[string]string
	}{
		{"open", plain(func(c *ap.Config) { old(c); c.Security, c.Password = ap.Open, "" }), map[string]string{"key_mgmt": "NONE"}},
		{"psk", plain(func(c *ap.Config) { old(c); c.Security = ap.PSK }), map[string]string{"key_mgmt": "WPA2-PSK", "pairwise_cipher": "CCMP"}},
		{"sae", plain(old), map[string]string{"key_mgmt": "SAE", "pmf": "2", "sae_h2e": "1"}},
		{"one link", plain(func(c *ap.Config) { c.Links = c.Links[:1] }), map[string]string{"key_mgmt": "SAE", "wifi_generation": "7"}},
		{"ext-key", plain(func(c *ap.Config) { c.ExtKey, c.Groups = true, []sae.Group{20} }), map[string]string{"key_mgmt": "SAE-EXT-KEY", "sae_group": "20"}},
		{"beacon protection", plain(func(c *ap.Config) { c.BeaconProtection = true }), map[string]string{"key_mgmt": "SAE", "pmf": "2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			needs := labtest.Needs{Plan: tt.plan, Supplicant: true}
			if groups := tt.plan.APs[0].Groups; len(groups) > 0 {
				needs.Global = []string{"sae_groups=20"}
			}
			l := labtest.Start(t, needs)
			station := l.Stations[0]
			station.WaitConnected()
			got := station.Status()
			for name, want := range tt.status {
				if got[name] != want {
					t.Errorf("%s=%s, want %s", name, got[name], want)
				}
			}
			if got := station.Ping(3); got != 3 {
				t.Errorf("%d of 3 pings were answered", got)
			}
		})
	}
}

// A fault shows in the logs of kernel and supplicant, and is over when it is
// cleared.
func TestFault(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true})
	station := l.Stations[0]
	station.WaitConnected()
	kernel, log := l.Kernel.Mark(), station.Log.Mark()
	l.Fault("", ap.Rule{Fault: "loss", Frame: "auth"})
	l.Fault("", ap.Rule{Fault: "deauth", Reason: 6})
	l.WaitKernel(kernel, "deauthenticated from", "Reason: 6=CLASS2_FRAME_FROM_NONAUTH_STA")
	station.WaitLog(log, "CTRL-EVENT-DISCONNECTED", "reason=6")
	l.WaitKernel(kernel, "authentication with", "timed out")
	if got := l.Clear(); got != len(l.Plan.APs) {
		t.Errorf("%d rules were cleared, want %d", got, len(l.Plan.APs))
	}
	station.Request("REASSOCIATE")
	station.WaitConnected()
	if got := station.Ping(3); got != 3 {
		t.Errorf("%d of 3 pings were answered", got)
	}
}

// Several stations are at work at once, each with its own supplicant.
func TestStations(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{Supplicant: true, Stations: 3})
	seen := map[string]bool{}
	for _, station := range l.Stations {
		station.WaitConnected()
		if got := station.Ping(3); got != 3 {
			t.Errorf("%s: %d of 3 pings were answered", station.Name, got)
		}
		seen[station.Name+station.Addr.String()] = true
	}
	var at int
	for _, a := range l.Status().APs {
		at += len(a.Stations)
	}
	if len(seen) != 3 || at != 3 {
		t.Errorf("%d different stations, %d associated, want 3", len(seen), at)
	}
}

// Without a supplicant, a station is an interface that is down.
func TestRadioAlone(t *testing.T) {
	l := labtest.Start(t, labtest.Needs{})
	if got := l.Stations[0].Name; !strings.HasPrefix(got, "wlan") {
		t.Errorf("the interface is called %q", got)
	}
	if got := len(l.Supplicants.Since(0)); got != 0 {
		t.Errorf("%d lines of supplicants", got)
	}
}
