package keys

import (
	"crypto"
	"crypto/hmac"
	"fmt"

	"roamfault/nl80211/dot11"
)

// PMKID names a PMK security association in RSN elements and message 1.
type PMKID [16]byte

// DerivePMKID computes the PMKID of a PSK suite (IEEE 802.11-2020, 12.7.1.3):
// AKMPSK with HMAC-SHA-1, AKMPSKSHA256 with HMAC-SHA-256. That of the SAE suites
// comes out of SAE itself and not from the PMK.
func DerivePMKID(akm AKM, pmk []byte, aa, spa dot11.Addr) (PMKID, error) {
	var h crypto.Hash
	switch akm {
	case AKMPSK:
		h = crypto.SHA1
	case AKMPSKSHA256:
		h = crypto.SHA256
	default:
		return PMKID{}, fmt.Errorf("derive PMKID for AKM %s from the PMK: %w", akm, ErrUnsupported)
	}
	mac := hmac.New(h.New, pmk)
	mac.Write([]byte("PMK Name"))
	mac.Write(aa[:])
	mac.Write(spa[:])
	return PMKID(mac.Sum(nil)[:len(PMKID{})]), nil
}
