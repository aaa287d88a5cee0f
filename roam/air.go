package roam

import (
	"context"
	"encoding/binary"
	"slices"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// air is what is known of the air where we are; nil where we are nowhere.
func (e *engine) air(ctx context.Context) *runlog.Air {
	if e.present == nil {
		return nil
	}
	first := e.present.Links[0]
	results, err := e.Kernel.ScanResults(ctx, e.ifindex)
	if err != nil {
		return nil
	}
	at := slices.IndexFunc(results, func(b nl80211.BSS) bool { return b.BSSID == first.BSSID })
	if at < 0 {
		return nil
	}
	b := &results[at]
	out := &runlog.Air{TSF: b.TSF}
	if b.Signal.Present {
		out.Signal = b.Signal.Value / 100
	}
	elements, _ := b.Elements() // what is before the damage counts
	// BSS Load: stations, channel utilization, admission capacity (IEEE 802.11-2020,
	// 9.4.2.27).
	if load, ok := elements.Find(dot11.ElementBSSLoad); ok && len(load) >= 3 {
		out.StationsAP, out.Utilization = int(binary.LittleEndian.Uint16(load)), int(load[2])
	}
	out.Busy = e.busy(ctx)
	return out
}

// busy is the share of time in percent that the channel in use was busy; 0 where
// the driver does not measure it.
func (e *engine) busy(ctx context.Context) int {
	surveys, err := e.Kernel.Surveys(ctx, e.ifindex)
	if err != nil {
		return 0
	}
	for _, s := range surveys {
		if s.InUse && s.Time.Present && s.Busy.Present && s.Time.Value > 0 {
			return int(min(100*s.Busy.Value/s.Time.Value, 100))
		}
	}
	return 0
}
