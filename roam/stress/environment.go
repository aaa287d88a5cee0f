package stress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// Environment is what a run of the scene is made in: the machine, and the access
// points. The version is the program's.
func (s *Scene) Environment(ctx context.Context, system *System, version string) (runlog.Environment, error) {
	card, err := system.Machine.Card(s.Interface)
	if err != nil {
		return nil, fmt.Errorf("find the card of %s: %w", s.Interface, err)
	}
	env := system.Machine.Environment(ctx, card, system.Sources)
	env.Set(runlog.KeyVia, s.Via)
	env.Set(runlog.KeyInterface, s.Interface)
	env.Set(runlog.KeyProgram, version)
	env.Set(runlog.KeySSID, s.SSID().String())
	env.Set(runlog.KeyAPs, addresses(s.Targets))
	results, err := system.Client.ScanResults(ctx, s.iface.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return env, nil // what else is known is worth something
	}
	security, vendors := network(results, s.SSID())
	env.Set(runlog.KeySecurity, security)
	env.Set(runlog.KeyAPVendor, vendors)
	return env, nil
}

// addresses are those of access points, in their order: neither a signal nor a link
// that happens not to be heard makes another list.
func addresses(aps []runlog.AP) string {
	var list []string
	for i := range aps {
		list = append(list, aps[i].Addr().String())
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// everybodys are the vendors whose elements nearly every access point sends:
// Microsoft (WMM, WPS) and the Wi-Fi Alliance.
func everybodys() []string { return []string{"00:50:f2", "50:6f:9a"} }

// network says what the access points of a network ask for (AKM suites, protected
// management frames), and whose vendor elements they send.
func network(results []nl80211.BSS, ssid runlog.SSID) (security, vendors string) {
	var suites, ouis []string
	add := func(list *[]string, s string) {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for i := range results {
		if !slices.Equal(results[i].SSID(), ssid) {
			continue
		}
		elements, _ := results[i].Elements() // what is before the damage counts
		for _, e := range elements {
			switch {
			case e.ID == dot11.ElementRSN:
				if r, err := dot11.ParseRSNE(e.Body); err == nil {
					for _, akm := range r.AKMs {
						add(&suites, akm.String())
					}
					if r.Capabilities&dot11.RSNMFPRequired != 0 {
						add(&suites, "MFP required")
					}
				}
			case e.ID == dot11.ElementVendor && len(e.Body) >= 3:
				if oui := fmt.Sprintf("%02x:%02x:%02x", e.Body[0], e.Body[1], e.Body[2]); !slices.Contains(everybodys(), oui) {
					add(&ouis, oui)
				}
			}
		}
	}
	slices.Sort(ouis)
	return strings.Join(suites, ", "), strings.Join(ouis, ", ")
}
