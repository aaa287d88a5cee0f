package ap_test

import (
	"roamfault/nl80211/dot11"
	"roamfault/roam/lab/ap"
)

var standingFaultTests = map[string]func(*bench){
	"capabilities-changed": func(b *bench) {
		b.make(ap.Rule{Fault: "capabilities-changed", Link: only(1)})
		newer := []uint8{
			dot11.ExtHECapabilities, dot11.ExtHEOperation, dot11.ExtEHTCapabilities, dot11.ExtEHTOperation, dot11.ExtMultiLink,
		}
		has := func(elements dot11.Elements) int {
			n := 0
			for _, ext := range newer {
				if _, ok := elements.FindExt(ext); ok {
					n++
				}
			}
			return n
		}
		for round, want := range []int{0, len(newer)} {
			b.e.forget()
			b.e.nextBeacons()
			_, changed := beaconsOf(b.T, b.e, b.a.Links()[1].BSSID)
			if got := has(changed[0].Elements); got != want {
				b.Errorf("round %d: %d of the newer elements, want %d", round, got, want)
			}
			_, other := beaconsOf(b.T, b.e, b.a.Links()[0].BSSID)
			if got := has(other[0].Elements); got != len(newer) {
				b.Errorf("round %d: the other link has %d of the newer elements", round, got)
			}
			if _, ok := changed[0].Elements.Find(dot11.ElementHTCapabilities); !ok {
				b.Error("HT is gone, too")
			}
			b.a.Clear("")
		}
	},
	"withhold": func(b *bench) {
		b.connect()
		b.s.doze(0, 1)
		b.make(ap.Rule{Fault: "withhold"})
		down(b.e, b.a, b.s.mld, "kept")
		b.e.nextBeacons()
		if tim := lastTIM(b.T, b.s, 0); !tim.Has(b.s.aid) {
			b.Error("beacons do not announce the frame")
		}
		b.s.poll(0)
		b.s.wake(0, 1)
		wantTexts(b.T, b.s)
		b.a.Clear("withhold")
		b.s.doze(0, 1)
		b.s.wake(1)
		wantTexts(b.T, b.s, "kept")
	},
}
