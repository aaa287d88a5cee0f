package manager

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

var errNotAsked = errors.New("it was not asked")

func (g *guarded) station(context.Context) (GuardState, string) {
	switch {
	case g.foundErr != nil:
		return Refused, g.foundErr.Error()
	case g.found.Type != nl80211.TypeStation:
		return Refused, fmt.Sprintf("%s is of type %s and makes no connections; make it a station (iw dev %s set type managed, while it is down)", g.iface, g.found.Type, g.iface)
	}
	return Fine, "a station interface of " + g.wiphy.Name
}

// capNetAdmin is the bit of CAP_NET_ADMIN (kernel,
// include/uapi/linux/capability.h).
const capNetAdmin = 12

func (g *guarded) rights(context.Context) (GuardState, string) {
	for line := range strings.Lines(g.files.text(procFile(g.PID, "status"))) {
		text, ok := strings.CutPrefix(line, "CapEff:")
		if !ok {
			continue
		}
		mask, err := strconv.ParseUint(strings.TrimSpace(text), 16, 64)
		switch {
		case err != nil:
			return Refused, "the capabilities of this process cannot be read"
		case mask>>capNetAdmin&1 == 0:
			return Refused, "CAP_NET_ADMIN is missing, without which nothing can be changed; run it as root (sudo)"
		}
		return Fine, "CAP_NET_ADMIN is there"
	}
	return Refused, "the capabilities of this process cannot be read; mount /proc"
}

// rfkill looks at the switches of the device, and says of others (kernel,
// Documentation/ABI/stable/sysfs-class-rfkill).
func (g *guarded) rfkill(context.Context) (GuardState, string) {
	radio := g.radio()
	others := ""
	for _, name := range g.files.names("sys/class/rfkill") {
		dir := path.Join("sys/class/rfkill", name)
		value := func(file string) string { return g.files.text(path.Join(dir, file)) }
		if value("type") != "wlan" {
			continue
		}
		hard, soft := value("hard") == "1", value("soft") == "1"
		if owner := value("name"); owner != radio {
			if hard || soft {
				others = "; " + owner + ", another switch for Wi-Fi, is off"
			}
			continue
		}
		switch {
		case hard:
			return Refused, radio + " is turned off by a switch; turn it on: a key or switch of the machine, or its firmware setup"
		case soft:
			return Refused, radio + " is turned off by software; rfkill unblock wlan, or end airplane mode"
		}
	}
	if others != "" {
		return Warned, "the device itself is on" + others
	}
	return Fine, "no switch turns it off"
}

// radio is the name of the interface's device.
func (g *guarded) radio() string {
	return cmp.Or(g.wiphy.Name, g.files.text(path.Join("sys/class/net", g.iface, "phy80211/name")))
}

// simulated reports whether it is a radio of mac80211_hwsim: there are no
// neighbours on its air.
func (g *guarded) simulated() bool {
	dir := path.Join("sys/class/net", g.iface, "device/driver")
	return g.files.targetName(dir) == "mac80211_hwsim" || g.files.targetName(path.Join(dir, "module")) == "mac80211_hwsim"
}

// band returns the band of a frequency, as the device has them.
func (g *guarded) band(freq int) (dot11.Band, bool) {
	for i := range g.wiphy.Bands {
		b := &g.wiphy.Bands[i]
		if slices.ContainsFunc(b.Channels, func(c nl80211.Channel) bool { return c.Freq == freq }) {
			return b.Band, b.Band != 0
		}
	}
	return 0, false
}

// channels looks at the channels of the plan's bands and access points.
func (g *guarded) channels(ctx context.Context) (GuardState, string) {
	if g.wiphyErr != nil {
		return Refused, "the channels of the device are not known: " + g.wiphyErr.Error()
	}
	var refused, warned []string
	for _, band := range g.plan.Targets.Bands {
		if !usable(g.wiphy.Band(band)) {
			refused = append(refused, fmt.Sprintf("no channel of %s may be used (regulatory domain %s)", band, g.country(ctx)))
		}
	}
	country := g.country(ctx)
	six := slices.Contains(g.plan.Targets.Bands, dot11.Band6GHz)
	for _, t := range g.targets {
		band, _ := g.band(t.freq)
		six = six || band == dot11.Band6GHz
		c := g.channel(t.freq)
		switch {
		case c == nil:
			warned = append(warned, fmt.Sprintf("the device has no channel of %d MHz, on which %s is", t.freq, t.bssid))
		case !c.Usable():
			refused = append(refused, fmt.Sprintf("the channel of %s, %d MHz, may not be used (regulatory domain %s)", t.bssid, t.freq, country))
		case c.Flags&nl80211.ChannelNoIR != 0:
			warned = append(warned, fmt.Sprintf("on %d MHz nothing may be sent before somebody is heard, so that scans take longer", t.freq))
		}
	}
	if six && country == "00" {
		refused = append(refused, "6 GHz with the world's regulatory domain (00): set the country (iw reg set CC), and let the access points tell it")
	}
	switch {
	case len(refused) > 0:
		return Refused, some(refused)
	case len(warned) > 0:
		return Warned, some(warned)
	}
	return Fine, "regulatory domain " + country
}

func usable(b *nl80211.Band) bool {
	return b != nil && slices.ContainsFunc(b.Channels, func(c nl80211.Channel) bool { return c.Usable() })
}

func (g *guarded) channel(freq int) *nl80211.Channel {
	for i := range g.wiphy.Bands {
		for j := range g.wiphy.Bands[i].Channels {
			if c := &g.wiphy.Bands[i].Channels[j]; c.Freq == freq {
				return c
			}
		}
	}
	return nil
}

// country is the regulatory domain of the device: its own, or that of all.
func (g *guarded) country(ctx context.Context) string {
	all, err := g.Wireless.Regulatory(ctx)
	if err != nil {
		return "unknown"
	}
	country := "unknown"
	for _, r := range all {
		switch {
		case r.Wiphy.Present && r.Wiphy.Value == g.wiphy.Index:
			return r.Country
		case !r.Wiphy.Present:
			country = r.Country
		}
	}
	return country
}

// chipReset warns of what the injector does.
func (g *guarded) chipReset(context.Context) (GuardState, string) {
	if !slices.ContainsFunc(g.plan.Inject, func(i runlog.Injection) bool { return i.Fault == runlog.ChipReset }) {
		return Fine, "the chip is not reset by the plan"
	}
	const only = "of what can be written to the driver's chip_reset, the value 1 alone resets the chip"
	release := g.files.text("proc/sys/kernel/osrelease")
	if release == "6.12" || strings.HasPrefix(release, "6.12.") || strings.HasPrefix(release, "6.12-") {
		return Warned, only + "; this kernel, " + release + ", is one that a reset makes oops while there is a multi-link connection: save your work"
	}
	return Warned, only + "; it makes kernels of 6.12 oops while there is a multi-link connection (this one is " + cmp.Or(release, "unknown") + ")"
}

// mostSome is how many of a list are told.
const mostSome = 4

// some tells the first of a list, each once, and how many there are besides.
func some(list []string) string {
	var unique []string
	for _, s := range list {
		if !slices.Contains(unique, s) {
			unique = append(unique, s)
		}
	}
	text := strings.Join(unique[:min(len(unique), mostSome)], "; ")
	if more := len(unique) - mostSome; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// Simulated reports whether an interface is of a radio of mac80211_hwsim, which
// has nobody else on its air.
func Simulated(s System, iface string) bool {
	return (&guarded{machine: newMachine(s), iface: iface}).simulated()
}
