package lab

import (
	"errors"
	"fmt"
	"net/netip"

	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

// Plan says what a lab is made of.
type Plan struct {
	// APs are the access points.
	APs []ap.Config
	// Stations is how many radios are made for stations; the first is the
	// interface wlan0 where there was none before.
	Stations int
	// Gateway is the Ethernet address of the host behind the access points.
	Gateway dot11.Addr
	// Prefix is the IPv4 network behind the access points. The gateway is its
	// first host.
	Prefix netip.Prefix
}

// Defaults of a lab, as they stand in its documentation.
const (
	// DefaultSSID is the name of the network.
	DefaultSSID = "roamfault-lab"
	// DefaultPassword is its password.
	DefaultPassword = "roamfault"
)

// DefaultBands are those of the links of the default plan. Two on one band are
// what one radio of a Wi-Fi 7 laptop can often not use at a time; a simulated
// one can.
func DefaultBands() []dot11.Band { return []dot11.Band{dot11.Band5GHz, dot11.Band5GHz} }

// channels are those that access points of the lab use, by band: each access
// point the next two. On 6 GHz they are preferred scanning channels.
func channels(b dot11.Band) []uint8 {
	return map[dot11.Band][]uint8{
		dot11.Band2GHz: {1, 6, 11},
		dot11.Band5GHz: {36, 149, 44, 157, 40, 153},
		dot11.Band6GHz: {5, 21, 37, 53, 69, 85},
	}[b]
}

// DefaultPlan is two AP MLDs, ap1 and ap2, of one network with WPA3, each with a
// link on every one of those bands, and one radio for a station. It fails where a
// band has not channels enough.
func DefaultPlan(bands ...dot11.Band) (Plan, error) {
	if len(bands) == 0 {
		bands = DefaultBands()
	}
	plan := Plan{
		Stations: 1,
		Gateway:  dot11.Addr{0x02, 0x00, 0x00, 0xff, 0x00, 0x01},
		Prefix:   netip.MustParsePrefix("192.0.2.0/24"),
	}
	used := map[dot11.Band]int{}
	for n := byte(1); n <= 2; n++ {
		config := ap.Config{
			Name: fmt.Sprintf("ap%d", n), SSID: DefaultSSID, MLD: dot11.Addr{0x02, 0x00, 0x00, n, 0x00, 0x00},
			Security: ap.SAE, Password: DefaultPassword,
		}
		for id, band := range bands {
			if used[band] >= len(channels(band)) {
				return Plan{}, fmt.Errorf("%v has not channels enough for so many links", band)
			}
			channel, err := dot11.ChannelOf(band, channels(band)[used[band]])
			if err != nil {
				return Plan{}, err
			}
			used[band]++
			config.Links = append(config.Links, ap.Link{
				ID: uint8(id), BSSID: dot11.Addr{0x02, 0x00, 0x00, n, 0x01, byte(id)}, Channel: channel, Signal: -40,
			})
		}
		plan.APs = append(plan.APs, config)
	}
	return plan, nil
}

// check says what of the plan cannot be. What concerns one access point alone,
// its package checks.
func (p *Plan) check() error {
	if len(p.APs) == 0 {
		return errors.New("a lab needs an access point")
	}
	if p.Stations < 0 || p.Stations > maxStations {
		return fmt.Errorf("%d stations: 0 to %d are possible", p.Stations, maxStations)
	}
	names := map[string]bool{}
	addrs := map[dot11.Addr]string{p.Gateway: "the gateway"}
	taken := func(addr dot11.Addr, who string) error {
		if other, twice := addrs[addr]; twice {
			return fmt.Errorf("%s and %s have the same address %v", other, who, addr)
		}
		addrs[addr] = who
		return nil
	}
	for _, c := range p.APs {
		if names[c.Name] {
			return fmt.Errorf("two access points are called %q", c.Name)
		}
		names[c.Name] = true
		if !c.MLD.IsZero() {
			if err := taken(c.MLD, c.Name); err != nil {
				return err
			}
		}
		for _, l := range c.Links {
			// The address of an MLD may be that of one of its links (IEEE
			// 802.11be-2024, 35.3.2), here it never is: logs would not tell them apart.
			if err := taken(l.BSSID, fmt.Sprintf("%s link %d", c.Name, l.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxStations bounds the radios: mac80211_hwsim makes up to 100 by itself.
const maxStations = 100
