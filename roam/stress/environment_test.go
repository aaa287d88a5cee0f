package stress

import (
	"testing"

	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// What a network asks for, and whose elements it sends, is told of all of its
// access points together; others do not count.
func TestNetwork(t *testing.T) {
	rsne := dot11.RSNE{Version: dot11.RSNVersion, Group: dot11.Suite(0x000fac04), Pairwise: []dot11.Suite{0x000fac04}, AKMs: []dot11.Suite{0x000fac08}, Capabilities: dot11.RSNMFPRequired}
	vendor := func(a, b, c byte) dot11.Element {
		return dot11.Element{ID: dot11.ElementVendor, Body: []byte{a, b, c, 1}}
	}
	heard := func(ssid string, e ...dot11.Element) nl80211.BSS {
		return nl80211.BSS{Raw: append(dot11.Elements{dot11.SSIDElement([]byte(ssid))}, e...).Append(nil)}
	}
	security, vendors := network([]nl80211.BSS{
		heard("net", rsne.Element(), vendor(0, 0x50, 0xf2), vendor(2, 3, 4)),
		heard("net", rsne.Element(), vendor(1, 2, 3), vendor(2, 3, 4)),
		heard("other", vendor(9, 9, 9)),
	}, runlog.SSID("net"))
	if want := dot11.Suite(0x000fac08).String() + ", MFP required"; security != want {
		t.Errorf("security %q, want %q", security, want)
	}
	if vendors != "01:02:03, 02:03:04" {
		t.Errorf("vendors %q", vendors)
	}
}

func TestAddresses(t *testing.T) {
	a, b := runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 0, 1}}, runlog.AP{MLD: dot11.Addr{2, 0, 0, 0, 0, 2}}
	if x, y := addresses([]runlog.AP{a, b}), addresses([]runlog.AP{b, a}); x != y || x != "02:00:00:00:00:01, 02:00:00:00:00:02" {
		t.Errorf("%q and %q", x, y)
	}
}
