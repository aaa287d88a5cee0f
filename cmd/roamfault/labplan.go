package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab"
	"roamfault/roam/lab/ap"
)

// planFlags say what a lab is made of.
type planFlags struct {
	aps, links, stations     int
	noMLD                    bool
	bands                    string
	security, ssid, password string
	beaconProtection, extKey bool
	country                  string
}

// planFlagNames are their names, to be handed on to another roamfault.
var planFlagNames = []string{
	"aps", "links", "stations", "no-mld", "bands", "security", "ssid", "password", "beacon-protection", "ext-key", "country",
}

func (f *planFlags) add(cmd *cobra.Command, country string) {
	flags := cmd.Flags()
	flags.IntVar(&f.aps, "aps", 2, "make `N` access points, 1 to 4")
	flags.IntVar(&f.links, "links", 2, "give each `N` links, 1 to 3")
	flags.IntVar(&f.stations, "stations", 1, "make radios for `N` stations")
	flags.BoolVar(&f.noMLD, "no-mld", false, "make access points of the time before multi-link, with one link")
	flags.StringVar(&f.bands, "bands", "5", "put the links in turn on these bands: `2.4,5,6`")
	flags.StringVar(&f.security, "security", string(ap.SAE), "protect the network with `open|psk|sae`")
	flags.StringVar(&f.ssid, "ssid", lab.DefaultSSID, "call the network `NAME`")
	flags.StringVar(&f.password, "password", lab.DefaultPassword, "take `TEXT` for its password")
	flags.BoolVar(&f.beaconProtection, "beacon-protection", false, "protect the beacons (BIGTK)")
	flags.BoolVar(&f.extKey, "ext-key", false, "offer SAE with the hash of its group (AKM 24), too")
	flags.StringVar(&f.country, "country", country, "set the machine's regulatory domain to that of `CC`; empty leaves it alone")
	for flag, values := range map[string][]string{
		"security": {"open", "psk", "sae"}, "bands": {"5", "2.4,5", "5,6", "2.4,5,6"},
	} {
		if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			panic(err) // the flag was made above
		}
	}
}

// again returns the flags that were given, as they are typed.
func (*planFlags) again(cmd *cobra.Command) []string {
	var args []string
	for _, name := range planFlagNames {
		if flag := cmd.Flags().Lookup(name); flag.Changed {
			args = append(args, "--"+name+"="+flag.Value.String())
		}
	}
	return args
}

// labBands are the bands by what people call them. Each has rows of channels
// which need no radar detection: the first link that a band has gets one of the
// first row, the second of the second, and so on; access points take turns.
var labBands = map[string]struct {
	band     dot11.Band
	channels [3][4]uint8
}{
	"2.4": {dot11.Band2GHz, [3][4]uint8{{1, 6, 11, 1}, {6, 11, 1, 6}, {11, 1, 6, 11}}},
	"5":   {dot11.Band5GHz, [3][4]uint8{{36, 44, 40, 48}, {149, 157, 153, 161}, {165, 165, 165, 165}}},
	"6":   {dot11.Band6GHz, [3][4]uint8{{5, 21, 37, 53}, {69, 85, 101, 117}, {133, 149, 165, 181}}},
}

// plan makes a plan of the flags. What an access point alone cannot be, its
// package says.
func (f *planFlags) plan() (lab.Plan, error) {
	p, err := lab.DefaultPlan()
	if err != nil {
		return p, err
	}
	if f.aps < 1 || f.aps > 4 {
		return p, fmt.Errorf("--aps %d: 1 to 4 are possible", f.aps)
	}
	if f.links < 1 || f.links > 3 {
		return p, fmt.Errorf("--links %d: 1 to 3 are possible", f.links)
	}
	if f.stations < 1 || f.stations > 100 {
		return p, fmt.Errorf("--stations %d: 1 to 100 are possible", f.stations)
	}
	if f.country != "" {
		if err := nl80211.CheckCountry(f.country); err != nil {
			return p, fmt.Errorf("--country: %w", err)
		}
	}
	if f.noMLD {
		f.links = 1
	}
	p.Stations, p.APs = f.stations, nil
	for n := range f.aps {
		config, err := f.accessPoint(n)
		if err != nil {
			return p, err
		}
		p.APs = append(p.APs, config)
	}
	if _, err := lab.NewNetwork(p); err != nil {
		return p, err
	}
	return p, nil
}

// accessPoint makes the access point with that index.
func (f *planFlags) accessPoint(n int) (ap.Config, error) {
	security := ap.Security(f.security)
	config := ap.Config{
		Name: fmt.Sprintf("ap%d", n+1), SSID: f.ssid, Security: security,
		BeaconProtection: f.beaconProtection, ExtKey: f.extKey,
	}
	if security != ap.Open {
		config.Password = f.password
	}
	if !f.noMLD {
		config.MLD = dot11.Addr{0x02, 0x00, 0x00, byte(n + 1), 0x00, 0x00}
	}
	names := strings.Split(f.bands, ",")
	used := map[string]int{}
	for id := range f.links {
		name := strings.TrimSpace(names[id%len(names)])
		band, ok := labBands[name]
		if !ok {
			return config, fmt.Errorf("--bands %q: %q is none of 2.4, 5, 6", f.bands, name)
		}
		channel, err := dot11.ChannelOf(band.band, band.channels[used[name]][n])
		if err != nil {
			return config, err
		}
		used[name]++
		config.Links = append(config.Links, ap.Link{
			ID: uint8(id), BSSID: dot11.Addr{0x02, 0x00, 0x00, byte(n + 1), 0x01, byte(id)}, Channel: channel, Signal: -40,
		})
	}
	return config, nil
}
