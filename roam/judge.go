package roam

import (
	"fmt"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// worse is the graver of two outcomes.
func worse(a, b runlog.Outcome) runlog.Outcome {
	all := runlog.Outcomes()
	return all[max(slices.Index(all, a), slices.Index(all, b))]
}

// ConnectedTo is what the kernel says that the interface is connected to; nil for
// none.
func ConnectedTo(c *nl80211.Connection) *runlog.AP {
	if c == nil {
		return nil
	}
	ap := runlog.AP{SSID: slices.Clone(c.SSID)}
	if c.MLO {
		ap.MLD = c.AP
	}
	for _, l := range c.Links {
		ap.Links = append(ap.Links, runlog.Link{ID: l.ID, BSSID: l.BSSID, Freq: l.Channel.Freq, Signal: l.Signal})
	}
	return &ap
}

// authorized reports whether data may pass.
func authorized(c *nl80211.Connection) bool {
	return c != nil && (!c.Station.Flags.Present || c.Station.Flags.Value&nl80211.StationAuthorized != 0)
}

// judge says how an attempt ended, from where the interface is.
func judge(a *attempt, c *nl80211.Connection, due int) (runlog.Outcome, string) {
	at := ConnectedTo(c)
	stays := at != nil && a.from != nil && at.Addr() == a.from.Addr()
	switch {
	case at != nil && !authorized(c) && !a.refused:
		return runlog.Timeout, "associated with " + at.Addr().String() + ", and data cannot pass"
	case stays && !a.moving && !a.refused && (a.target == nil || at.Addr() != a.target.AP.Addr()):
		return runlog.Timeout, "nothing came of it: still connected to " + at.Addr().String()
	case stays && a.target == nil:
		return runlog.WrongAP, "back at " + at.Addr().String()
	case at == nil && a.refused:
		return runlog.Rejected, a.detail
	case at == nil && a.detail != "":
		return runlog.Timeout, a.detail
	case at == nil:
		return runlog.Timeout, "no connection in the time there was"
	case a.target != nil && at.Addr() != a.target.AP.Addr():
		where := "connected to " + at.Addr().String()
		if a.refused && !negotiation(a.status) {
			return runlog.Rejected, a.detail + "; " + where
		}
		if a.detail != "" {
			where += ": " + a.detail
		}
		return runlog.WrongAP, where
	case len(at.Links) < due:
		return runlog.MissingLinks, fmt.Sprintf("%d of %d links", len(at.Links), due)
	case !authorized(c):
		return runlog.Rejected, a.detail
	case a.refused && !negotiation(a.status):
		return runlog.Rejected, a.detail + "; accepted at another try"
	}
	return runlog.OK, ""
}

// DueLinks says how many links a radio is to set up of those offered: a device
// with one radio, which works on one link at a time, has a second one only on
// another band (mt7925), others have all. most is how many it works on at a time, 0
// where the driver does not tell; bands are those it has; a network without keys
// gets one link by a supplicant (wpa_supplicant 2.11).
func DueLinks(w *nl80211.Wiphy, secured bool) func([]runlog.Link) int {
	return func(offered []runlog.Link) int {
		if !w.MLO || !secured {
			return min(len(offered), 1)
		}
		bands := map[dot11.Band]int{}
		for _, l := range offered {
			if b := bandOf(l.Freq); w.Band(b) != nil {
				bands[b]++
			}
		}
		if w.MaxLinks(nl80211.TypeStation) == 1 {
			return len(bands)
		}
		n := 0
		for _, count := range bands {
			n += count
		}
		return n
	}
}
