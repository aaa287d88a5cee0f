package manager

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// target is an access point, on one link, that the plan would go to.
type target struct {
	bssid, ap  dot11.Addr // ap is the MLD address, or bssid
	ssid       runlog.SSID
	freq       int
	enterprise bool
}

// targets are those of a plan among scan results: all of the present network,
// where it names none.
func targets(heard []nl80211.BSS, want *runlog.Targets, band func(int) (dot11.Band, bool)) []target {
	ssid := want.SSID
	if at := slices.IndexFunc(heard, func(b nl80211.BSS) bool { return b.Associated() }); ssid == nil && at >= 0 {
		ssid = runlog.SSID(heard[at].SSID())
	}
	named := len(want.MLD) > 0 || len(want.BSSID) > 0
	var out []target
	for i := range heard {
		b := &heard[i]
		t := target{bssid: b.BSSID, ap: b.BSSID, ssid: slices.Clone(runlog.SSID(b.SSID())), freq: b.Freq, enterprise: isEnterprise(b)}
		// The same rule that a run goes by; damage behind the element is no matter.
		if mld, err := b.MLD(); !nl80211.IsNoMLD(err) && !mld.Addr.IsZero() && mld.Link.Present {
			t.ap = mld.Addr
		}
		fits := ssid != nil && bytes.Equal(t.ssid, ssid)
		if named {
			fits = (slices.Contains(want.MLD, t.ap) || slices.Contains(want.BSSID, t.bssid)) && (want.SSID == nil || fits)
		}
		if on, ok := band(t.freq); len(want.Bands) > 0 && (!ok || !slices.Contains(want.Bands, on)) {
			fits = false
		}
		if fits {
			out = append(out, t)
		}
	}
	return out
}

// enterpriseAKMs are those of IEEE 802.1X (IEEE 802.11-2020, table 9-151): who
// fails often there is locked out.
var enterpriseAKMs = [...]dot11.Suite{
	dot11.AKM8021X, dot11.AKMFT8021X, dot11.AKM8021XSHA256, dot11.AKM8021XSuiteB, dot11.AKM8021XCNSA, dot11.AKMFT8021XSHA384,
	0x000fac0e, 0x000fac0f, 0x000fac10, 0x000fac11, // FILS, with and without FT
	0x000fac16, 0x000fac17, // with SHA-384, with FT and without
}

func isEnterprise(b *nl80211.BSS) bool {
	elements, _ := b.Elements() // what is before damage is there
	body, ok := elements.Find(dot11.ElementRSN)
	if !ok {
		return false
	}
	rsn, err := dot11.ParseRSNE(body)
	return err == nil && slices.ContainsFunc(rsn.AKMs, func(a dot11.Suite) bool { return slices.Contains(enterpriseAKMs[:], a) })
}

func (g *guarded) enterprise(context.Context) (GuardState, string) {
	for _, t := range g.targets {
		if t.enterprise {
			return Refused, fmt.Sprintf("network %s is one of 802.1X, whose server may lock the account out after many logins", t.ssid)
		}
	}
	if len(g.targets) == 0 {
		return Warned, "no access point of the plan is heard, so that it is not known whether they are of 802.1X"
	}
	return Fine, "no access point of the plan is of 802.1X"
}

func (g *guarded) own(context.Context) (GuardState, string) {
	if g.simulated() {
		return Fine, "the radio is simulated: nobody else is on its air"
	}
	if len(g.targets) == 0 {
		return Warned, "no access point of the plan is heard; each has to be confirmed as your own when it is"
	}
	var foreign []string
	for _, t := range g.targets {
		if !g.mine.has(t.ap, t.ssid) {
			foreign = append(foreign, fmt.Sprintf("%s of network %s", t.ap, t.ssid))
		}
	}
	if len(foreign) > 0 {
		return Refused, "not confirmed as your own: " + some(foreign)
	}
	return Fine, "the access points are confirmed as your own"
}
