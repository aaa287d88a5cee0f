package roam

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Discover puts scan results together to access points: links of one AP MLD are
// one. The strongest comes first. A link that was not heard itself is not among
// them, whatever the others say of it.
func Discover(results []nl80211.BSS) []runlog.AP {
	var found []runlog.AP
	at := map[dot11.Addr]int{}
	for i := range results {
		b := &results[i]
		link := runlog.Link{BSSID: b.BSSID, Freq: b.Freq}
		if b.Signal.Present {
			link.Signal = dot11.Some(b.Signal.Value / 100)
		}
		ap := runlog.AP{SSID: slices.Clone(b.SSID())}
		// Damage in what follows the multi-link element leaves the address readable.
		if mld, err := b.MLD(); !nl80211.IsNoMLD(err) && !mld.Addr.IsZero() && mld.Link.Present {
			ap.MLD, link.ID = mld.Addr, mld.Link
		}
		ap.Links = []runlog.Link{link}
		known, ok := at[ap.Addr()]
		switch {
		case !ok:
			at[ap.Addr()] = len(found)
			found = append(found, ap)
			continue
		case !slices.ContainsFunc(found[known].Links, func(l runlog.Link) bool { return l.BSSID == link.BSSID }):
			found[known].Links = append(found[known].Links, link)
		}
		if hidden(found[known].SSID) {
			found[known].SSID = ap.SSID // one link may hide what another tells
		}
	}
	for i := range found {
		slices.SortFunc(found[i].Links, func(a, b runlog.Link) int { return cmp.Compare(a.ID.Value, b.ID.Value) })
	}
	slices.SortStableFunc(found, func(a, b runlog.AP) int {
		return cmp.Or(cmp.Compare(strength(&b), strength(&a)), compareAddr(a.Addr(), b.Addr()))
	})
	return found
}

// hidden reports whether a name is that of a network that hides it: none, or zeros.
func hidden(s runlog.SSID) bool {
	return !slices.ContainsFunc(s, func(c byte) bool { return c != 0 })
}

func compareAddr(a, b dot11.Addr) int { return bytes.Compare(a[:], b[:]) }

// unheard is the strength of a link of which the driver tells none, dBm.
const unheard = -200

func linkStrength(l runlog.Link) int {
	if !l.Signal.Present {
		return unheard
	}
	return l.Signal.Value
}

// strength is that of the strongest link.
func strength(ap *runlog.AP) int {
	best := unheard
	for _, l := range ap.Links {
		best = max(best, linkStrength(l))
	}
	return best
}

// Select keeps the access points, and their links, that a plan's targets allow.
// The network is that of current where the targets name none; a zero current
// allows any.
func Select(found []runlog.AP, want runlog.Targets, current runlog.SSID) []runlog.AP {
	ssid := want.SSID
	if len(ssid) == 0 {
		ssid = current
	}
	var out []runlog.AP
	for _, ap := range found {
		if len(ssid) > 0 && !slices.Equal(ap.SSID, ssid) || len(want.MLD) > 0 && !slices.Contains(want.MLD, ap.MLD) {
			continue
		}
		links := slices.DeleteFunc(slices.Clone(ap.Links), func(l runlog.Link) bool {
			return len(want.BSSID) > 0 && !slices.Contains(want.BSSID, l.BSSID) || len(want.Bands) > 0 && !slices.Contains(want.Bands, bandOf(l.Freq))
		})
		if len(links) > 0 {
			ap.Links = links
			out = append(out, ap)
		}
	}
	if want.SameBand {
		return sameBand(out)
	}
	return out
}

// sameBand leaves of each access point the links on the band that most have.
func sameBand(aps []runlog.AP) []runlog.AP {
	counts := map[dot11.Band]int{}
	for _, ap := range aps {
		seen := map[dot11.Band]bool{}
		for _, l := range ap.Links {
			if b := bandOf(l.Freq); !seen[b] {
				seen[b] = true
				counts[b]++
			}
		}
	}
	var best dot11.Band
	for _, b := range []dot11.Band{dot11.Band6GHz, dot11.Band5GHz, dot11.Band2GHz} {
		if counts[b] > counts[best] {
			best = b
		}
	}
	return Select(aps, runlog.Targets{Bands: []dot11.Band{best}}, nil)
}

// bandOf is the band of a frequency in MHz, 0 for none of Wi-Fi's.
func bandOf(freq int) dot11.Band {
	c, err := dot11.ChannelAt(freq)
	if err != nil {
		return 0
	}
	return c.Band
}

// Describe lists access points for people, in one line.
func Describe(aps []runlog.AP) string {
	if len(aps) == 0 {
		return "none"
	}
	words := make([]string, len(aps))
	for i := range aps {
		words[i] = fmt.Sprintf("%s %s", aps[i].SSID, &aps[i])
	}
	return strings.Join(words, "; ")
}
