package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
)

// unasked is the result where nl80211 does not answer.
func unasked(err error) []Result {
	switch {
	case errors.Is(err, nl80211.ErrNoFamily):
		return one(Unknown, "the kernel has no nl80211, as no Wi-Fi driver is loaded", "see driver")
	case err == nil:
		return one(Unknown, "nl80211 was not asked", "run roamfault doctor on Linux")
	}
	return one(Unknown, "nl80211 does not answer: "+err.Error(), "run roamfault doctor as root, outside of containers")
}

// checkMultiLink asks the driver what it does; what the chip could do is in its
// capabilities by band.
func (m *machine) checkMultiLink(ctx context.Context) []Result {
	looked := m.looked()
	if len(looked) == 0 {
		return noCard()
	}
	if m.Wireless == nil {
		return unasked(m.WirelessErr)
	}
	all, err := m.Wireless.Wiphys(ctx)
	if err != nil {
		return unasked(err)
	}
	var out []Result
	for i := range all {
		w := &all[i]
		if slices.ContainsFunc(looked, func(c card) bool { return slices.Contains(c.radios, w.Name) }) {
			out = append(out, multiLink(w))
		}
	}
	if len(out) == 0 {
		return one(Unknown, "there is no radio to ask", "see driver")
	}
	return out
}

func multiLink(w *nl80211.Wiphy) Result {
	r := Result{Subject: w.Name}
	switch links := w.MaxLinks(nl80211.TypeStation); {
	case w.MLO && links > 0:
		r.State, r.Detail = OK, fmt.Sprintf("connections with several links, %d in use at a time", links)
	case w.MLO:
		r.State, r.Detail = OK, "connections with several links; the driver does not say how many are in use at a time"
	case eht(w):
		r.State, r.Detail = Warning, "the card is of Wi-Fi 7, but its driver makes no connections with several links"
		r.Advice = "a newer kernel or firmware; failures of multi-link can be had in the lab: roamfault lab"
	default:
		r.State, r.Detail = Warning, "card or driver is older than Wi-Fi 7 and has one link"
		r.Advice = "failures of multi-link can be had in the lab: roamfault lab"
	}
	if w.Band(dot11.Band6GHz) != nil {
		r.Detail += "; has 6 GHz"
	}
	return r
}

// eht reports whether the device is of Wi-Fi 7 as a station.
func eht(w *nl80211.Wiphy) bool {
	for i := range w.Bands {
		if t := w.Bands[i].Type(nl80211.TypeStation); t != nil && t.EHT() {
			return true
		}
	}
	return false
}

// checkNetworks looks at what the kernel has heard; it scans nothing itself.
func (m *machine) checkNetworks(ctx context.Context) []Result {
	looked := m.looked()
	if len(looked) == 0 {
		return noCard()
	}
	if m.Wireless == nil {
		return unasked(m.WirelessErr)
	}
	interfaces, err := m.Wireless.Interfaces(ctx)
	if err != nil {
		return unasked(err)
	}
	var ours []string
	for _, c := range looked {
		ours = append(ours, m.interfaces(&c)...)
	}
	var out []Result
	for _, i := range interfaces {
		if i.Type != nl80211.TypeStation || i.Name == "" || !slices.Contains(ours, i.Name) {
			continue
		}
		heard, err := m.Wireless.ScanResults(ctx, i.Index)
		if err != nil && !errors.Is(err, nl80211.ErrChanging) {
			out = append(out, Result{Subject: i.Name, State: Unknown, Detail: "what it has heard cannot be read: " + err.Error(), Advice: "run roamfault doctor as root"})
			continue
		}
		r := reach(heard)
		r.Subject = i.Name
		out = append(out, r)
	}
	if len(out) == 0 {
		return one(Unknown, "there is no station interface to ask", "see radio")
	}
	return out
}

// reach says what scan results mean for roaming: it takes two access points of
// one network.
func reach(heard []nl80211.BSS) Result {
	if len(heard) == 0 {
		return Result{State: Unknown, Detail: "nothing was heard of late", Advice: "scan: iw dev wlan0 scan as root, or turn the interface on"}
	}
	at := slices.IndexFunc(heard, func(b nl80211.BSS) bool { return b.Associated() })
	if at < 0 {
		names := make(map[string]bool)
		for i := range heard {
			names[string(heard[i].SSID())] = true
		}
		return Result{
			State: Warning, Detail: fmt.Sprintf("not connected; in reach: %d access point(s) of %d network(s)", len(heard), len(names)),
			Advice: "connect to the network that is to be looked at",
		}
	}
	// The SSID of the beacon that an access point hides is empty.
	ssid := string(heard[at].SSID())
	points := make(map[dot11.Addr]bool)
	mlds, links := 0, 0
	for i := range heard {
		b := &heard[i]
		if b.Associated() {
			links++
		}
		if string(b.SSID()) != ssid {
			continue
		}
		addr := b.BSSID
		mld, err := b.MLD()
		isMLD := err == nil && mld.Addr != (dot11.Addr{})
		if isMLD {
			addr = mld.Addr
		}
		if isMLD && !points[addr] {
			mlds++
		}
		points[addr] = true
	}
	r := Result{State: OK, Detail: fmt.Sprintf("connected to %q over %d link(s); in reach of it: %d access point(s), %d with multi-link", ssid, links, len(points), mlds)}
	if len(points) < 2 {
		r.State, r.Advice = Warning, "roaming takes two access points of the network in reach; walk, or use the lab: roamfault lab"
	}
	return r
}
