package ap_test

import (
	"strings"
	"testing"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

func TestWrongConfig(t *testing.T) {
	tests := []struct {
		name   string
		change func(*ap.Config)
		want   string
	}{
		{"no SSID", func(c *ap.Config) { c.SSID = "" }, "SSID"},
		{"long SSID", func(c *ap.Config) { c.SSID = strings.Repeat("x", 33) }, "SSID"},
		{"group MLD", func(c *ap.Config) { c.MLD = dot11.BroadcastAddr() }, "group address"},
		{"no links", func(c *ap.Config) { c.Links = nil }, "0 links"},
		{"two links without MLD", noMLD, "2 links"},
		{"link id", func(c *ap.Config) { c.Links[1].ID = 15 }, "link id 15"},
		{"group BSSID", func(c *ap.Config) { c.Links[0].BSSID = dot11.BroadcastAddr() }, "no BSSID"},
		{"no channel", func(c *ap.Config) { c.Links[0].Channel = dot11.Channel{} }, "no channel"},
		{"signal", func(c *ap.Config) { c.Links[0].Signal = 0 }, "0 dBm"},
		{"one channel twice", func(c *ap.Config) { c.Links[1].Channel = c.Links[0].Channel }, "share"},
		{"one BSSID twice", func(c *ap.Config) { c.Links[1].BSSID = c.Links[0].BSSID }, "share"},
		{"one id twice", func(c *ap.Config) { c.Links[1].ID = 0 }, "share"},
		{"cipher", func(c *ap.Config) { c.Ciphers = []keys.Cipher{keys.BIPCMAC128} }, "pairwise cipher"},
		{"group", func(c *ap.Config) { c.Groups = []sae.Group{5} }, "group 5"},
		{"crowd", func(c *ap.Config) { c.Crowd = -1 }, "crowd"},
		{"open with a password", func(c *ap.Config) { c.Security = ap.Open }, "no password"},
		{"psk on an MLD", func(c *ap.Config) { c.Security = ap.PSK }, "multi-link"},
		{"short password of WPA2", func(c *ap.Config) { pskNetwork(c); c.Links, c.Password = c.Links[:1], "short" }, "8 to 63"},
		{"SAE without a password", func(c *ap.Config) { c.Password = "" }, "password"},
		{"unknown security", func(c *ap.Config) { c.Security = "wep" }, "wep"},
		{"beacon protection without SAE", func(c *ap.Config) { openNetwork(c); c.BeaconProtection = true }, "beacon protection"},
		{"no randomness", func(c *ap.Config) { c.Rand = strings.NewReader("") }, "draw"},
		{"little randomness", func(c *ap.Config) { c.Rand = strings.NewReader(strings.Repeat("x", 70)) }, "draw"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ap.New(configOf(t, 1, twoLinks(t), tt.change))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "ap1") {
				t.Errorf("error %v, want one with %q and the access point's name", err, tt.want)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	a := newAP(t, configOf(t, 1, oneLink(t), func(c *ap.Config) { c.Rand = nil }))
	c := a.Config()
	if len(c.Ciphers) != 1 || c.Ciphers[0] != keys.CCMP128 || len(c.Groups) != 1 || c.Groups[0] != sae.GroupP256 || c.Crowd != 5 {
		t.Errorf("defaults %+v", c)
	}
	if !a.MultiLink() || a.Addr() != apMLD(1) || a.MLD() != apMLD(1) {
		t.Errorf("address %v", a.Addr())
	}
	plain := newAP(t, configOf(t, 1, oneLink(t), noMLD))
	if plain.MultiLink() || plain.Addr() != apLink(1, 0) || !plain.MLD().IsZero() {
		t.Errorf("address %v", plain.Addr())
	}
}
