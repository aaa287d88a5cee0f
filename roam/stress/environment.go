package stress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// environment is the machine's with what the run and the access points add.
func (d *drive) environment(ctx context.Context) runlog.Environment {
	env := d.system.Machine.Environment(ctx, d.card, d.system.Sources)
	env.Set(runlog.KeyVia, d.scene.Via)
	env.Set(runlog.KeyInterface, d.scene.Interface)
	env.Set(runlog.KeyProgram, d.o.Version)
	env.Set(runlog.KeySSID, d.scene.SSID().String())
	env.Set(runlog.KeyAPs, roam.Describe(d.scene.Targets))
	results, err := d.system.Client.ScanResults(ctx, d.scene.iface.Index)
	if err != nil && !errors.Is(err, nl80211.ErrChanging) {
		return env
	}
	security, vendors := network(results, d.scene.SSID())
	env.Set(runlog.KeySecurity, security)
	env.Set(runlog.KeyAPVendor, vendors)
	return env
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
