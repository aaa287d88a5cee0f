// Package direct is a roam.Station that needs no supplicant: it authenticates,
// associates, makes the handshake and sets the keys over nl80211 alone, in the
// order in which wpa_supplicant does. Every step in which a fault can hide is its
// caller's to choose: [Config.Between] runs between two steps, [Config.Alter]
// changes messages of the handshake, and a [Kernel] around another one changes
// what is asked of the kernel.
//
// It does open networks, WPA2 and WPA3 with a password, with one link or all
// links of an AP MLD, and comes back to an access point with a cached PMK. It
// knows neither 802.1X, nor TKIP, nor fast transition.
//
// A device qualifies where mac80211 drives it: firmware that associates by itself
// cannot be told the steps one by one.
package direct
