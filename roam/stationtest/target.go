package stationtest

import (
	"roamfault/roam"
	"roamfault/roam/lab/ap"
	"roamfault/roam/runlog"

	"roamfault/nl80211/dot11"
)

// AP is an access point of the lab as a station knows it.
func AP(c ap.Config) runlog.AP {
	known := runlog.AP{MLD: c.MLD, SSID: runlog.SSID(c.SSID)}
	for _, l := range c.Links {
		link := runlog.Link{BSSID: l.BSSID, Freq: l.Channel.Freq}
		if !c.MLD.IsZero() {
			link.ID = dot11.Some(l.ID)
		}
		known.Links = append(known.Links, link)
	}
	return known
}

// Target is an access point of the lab over its nth link, from 0.
func Target(c ap.Config, n int) roam.Target {
	return roam.Target{AP: AP(c), BSSID: c.Links[n].BSSID}
}
