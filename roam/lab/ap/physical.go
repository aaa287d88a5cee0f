package ap

import (
	"slices"

	"roamfault/nl80211/dot11"
)

// rates are the elements with the rates of a band.
func rates(b dot11.Band) dot11.Elements { return dot11.RateElements(dot11.DefaultRates(b)...) }

// physical are the elements about the radio of a link: HT to EHT capabilities
// and operation.
func (a *AP) physical(l *link) dot11.Elements {
	hx := func(id, ext uint8, b ...byte) dot11.Element { return dot11.Element{ID: id, Ext: ext, Body: b} }
	ht := make([]byte, 26)
	copy(ht, []byte{0x0c, 0, 0x1b, 0xff, 0xff})
	ht[15] = 1
	htop := make([]byte, 22)
	htop[0] = l.channel.Number
	out := dot11.Elements{
		hx(45, 0, ht...), hx(61, 0, htop...),
		hx(191, 0, 0, 0, 0, 0, 0xaa, 0xaa, 0, 0, 0xaa, 0xaa, 0, 0), hx(192, 0, 0, 0, 0, 0xfc, 0xff),
		hx(255, 35, 0x01, 0x78, 0xc8, 0x1a, 0x40, 0x00, 0x1c, 0xbf, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0xfa, 0xff, 0xfa, 0xff, 0xfa, 0xff, 0xfa, 0xff, 0xfa, 0xff, 0xfa, 0xff),
		hx(255, 36, 0xf0, 0x3f, 0, 10+l.id, 0xfc, 0xff),
	}
	if a.MultiLink() {
		out = append(out, hx(255, 108, 0x07, 0x00, 0x9c, 0x1f, 0x3f, 0xfe, 0xff, 0xff, 0x7f, 0x07, 0, 0x88, 0x88, 0x88, 0x88, 0x88, 0x88, 0, 0), hx(255, 106, 0x40, 0x11, 0, 0, 0))
	}
	wmm := dot11.DefaultWMM()
	return append(out, wmm.Element())
}

// withoutHE leaves out what an access point of 802.11ac does not have.
func withoutHE(elements dot11.Elements) dot11.Elements {
	return slices.DeleteFunc(elements, func(e dot11.Element) bool {
		return e.ID == dot11.ElementExtension && slices.Contains([]uint8{
			dot11.ExtHECapabilities, dot11.ExtHEOperation, dot11.ExtEHTCapabilities, dot11.ExtEHTOperation, dot11.ExtHE6GHzCapabilities,
		}, e.Ext)
	})
}
