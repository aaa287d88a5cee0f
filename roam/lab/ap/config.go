package ap

import (
	"io"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
	"roamfault/roam/rsn/sae"
)

// TU is the time unit of IEEE 802.11: 1024 microseconds.
const TU = 1024 * time.Microsecond

// Security is how a network is protected.
type Security string

// The kinds of network an access point can be.
const (
	Open Security = "open"
	// PSK is WPA2-Personal, without protected management frames.
	PSK Security = "psk"
	// SAE is WPA3-Personal, with protected management frames required.
	SAE Security = "sae"
)

// Link is one link of an access point.
type Link struct {
	// ID is the link's number, 0 to 14.
	ID uint8 `json:"id"`
	// BSSID is the link's own address.
	BSSID dot11.Addr `json:"bssid"`
	// Channel is where the link is, a 20 MHz channel.
	Channel dot11.Channel `json:"channel"`
	// Signal is how strong stations hear the link, in dBm.
	Signal int `json:"signal"`
}

// Config says what an access point is.
type Config struct {
	// Name is how people call it.
	Name string
	// SSID has 1 to 32 octets.
	SSID string
	// MLD is the address of the AP MLD. Zero: the access point is none, has one
	// link and says nothing of EHT.
	MLD dot11.Addr
	// Links are one to three links with different ids, BSSIDs and channels.
	Links []Link
	// Security is how the network is protected.
	Security Security
	// Password has 8 to 63 characters for PSK, at least one for SAE.
	Password string
	// Groups are the finite cyclic groups that SAE takes, of 19, 20 and 21;
	// none: 19.
	Groups []sae.Group
	// ExtKey offers SAE with the hash of the group (AKM 24) beside AKM 8.
	ExtKey bool
	// Ciphers are the pairwise ciphers in the order of preference; none: CCMP-128.
	Ciphers []keys.Cipher
	// BeaconProtection adds a BIGTK, with which beacons are protected.
	BeaconProtection bool
	// Crowd is the number of unfinished SAE exchanges from which on a station
	// has to return an anti-clogging token first; 0: 5.
	Crowd int
	// Rand is where keys and nonces come from; nil: the system's generator.
	Rand io.Reader
}
