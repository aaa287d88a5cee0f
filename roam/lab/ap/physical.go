package ap

import (
	"slices"

	"roamfault/nl80211/dot11"
)

// rates are the elements with the rates of a band.
func rates(b dot11.Band) dot11.Elements { return dot11.RateElements(dot11.DefaultRates(b)...) }

// generation is what the access point does of the physical layers: EHT belongs
// to an AP MLD, since there is no multi-link without.
func (a *AP) generation() dot11.Generation {
	if a.MultiLink() {
		return dot11.GenerationEHT
	}
	return dot11.GenerationHE
}

// physical are the elements about the radio of a link.
func (a *AP) physical(l *link) dot11.Elements {
	wmm := dot11.DefaultWMM()
	return append(dot11.CapabilityElements(l.channel, l.color(), a.generation()), wmm.Element())
}

// color is the BSS color, 1 to 63; neighbors should differ.
func (l *link) color() uint8 { return 1 + (l.bssid[3]*3+l.bssid[5])%63 }

// withoutHE leaves out what an access point of 802.11ac does not have.
func withoutHE(elements dot11.Elements) dot11.Elements {
	return slices.DeleteFunc(elements, func(e dot11.Element) bool {
		return e.ID == dot11.ElementExtension && slices.Contains([]uint8{
			dot11.ExtHECapabilities, dot11.ExtHEOperation, dot11.ExtHE6GHzCapabilities, dot11.ExtEHTCapabilities, dot11.ExtEHTOperation,
		}, e.Ext)
	})
}
