package site

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

// Supplicant says what goes into a configuration of wpa_supplicant besides the
// networks of a lab.
type Supplicant struct {
	// Control is the directory for its control sockets; empty: none.
	Control string
	// Country is the regulatory domain it asks for; empty: none.
	Country string
	// AllChannels lets it look for networks on every channel, which takes some
	// 15 seconds in a guest, not only on those of the plan.
	AllChannels bool
	// Global are further lines for the whole, Network for each network.
	Global, Network []string
}

// Config is the text of a configuration for a stock wpa_supplicant that joins
// the networks of a plan, each once.
func (s Supplicant) Config(p lab.Plan) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if s.Control != "" {
		line("ctrl_interface=%s", s.Control)
	}
	if s.Country != "" {
		line("country=%s", s.Country)
	}
	// Both ways to derive the password element: multi-link takes the newer one.
	line("sae_pwe=2")
	for _, l := range s.Global {
		line("%s", l)
	}
	seen := map[string]bool{}
	for _, config := range p.APs {
		if seen[config.SSID] {
			continue
		}
		seen[config.SSID] = true
		line("network={")
		line("\tssid=%s", quoted(config.SSID))
		for _, l := range append(security(config), s.Network...) {
			line("\t%s", l)
		}
		if !s.AllChannels {
			line("\tscan_freq=%s", frequencies(p, config.SSID))
		}
		line("}")
	}
	return b.String()
}

// frequencies are those of a network's links, in MHz.
func frequencies(p lab.Plan, ssid string) string {
	var all []int
	for _, config := range p.APs {
		for _, l := range config.Links {
			if config.SSID == ssid && !slices.Contains(all, l.Channel.Freq) {
				all = append(all, l.Channel.Freq)
			}
		}
	}
	slices.Sort(all)
	return strings.Trim(fmt.Sprint(all), "[]")
}

// security is the lines of a network about its protection.
func security(c ap.Config) []string {
	switch c.Security {
	case ap.PSK:
		return []string{"key_mgmt=WPA-PSK", "psk=" + quoted(c.Password)}
	case ap.SAE:
		lines := []string{"key_mgmt=SAE", "sae_password=" + quoted(c.Password), "ieee80211w=2"}
		if c.ExtKey {
			lines[0] += " SAE-EXT-KEY"
		}
		if c.BeaconProtection {
			lines = append(lines, "beacon_prot=1")
		}
		return lines
	}
	return []string{"key_mgmt=NONE"}
}

// quoted is a string for wpa_supplicant: in quotes where it is plain text, else
// in the printf-like form, which takes anything.
func quoted(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return `P"` + escaped(s) + `"`
		}
	}
	return `"` + s + `"`
}

func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(`\x` + hex.EncodeToString([]byte{s[i]}))
	}
	return b.String()
}
