package keys

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"fmt"
)

// Rounds and length of the mapping from passphrase to PSK (IEEE 802.11-2020,
// J.4.1).
const (
	pskRounds = 4096
	pskLen    = 32
)

// PSK maps a passphrase of 8 to 63 printable ASCII characters and an SSID of 1
// to 32 octets to the 256-bit pre-shared key (IEEE 802.11-2020, J.4).
func PSK(passphrase string, ssid []byte) ([]byte, error) {
	if len(passphrase) < 8 || len(passphrase) > 63 {
		return nil, fmt.Errorf("derive PSK: a passphrase of %d characters is not between 8 and 63", len(passphrase))
	}
	for i := range len(passphrase) {
		if c := passphrase[i]; c < ' ' || c > '~' {
			return nil, fmt.Errorf("derive PSK: character %d of the passphrase is not printable ASCII", i+1)
		}
	}
	if len(ssid) < 1 || len(ssid) > 32 {
		return nil, fmt.Errorf("derive PSK: an SSID of %d octets is not between 1 and 32", len(ssid))
	}
	psk, err := pbkdf2.Key(sha1.New, passphrase, ssid, pskRounds, pskLen)
	if err != nil {
		return nil, fmt.Errorf("derive PSK: %w", err)
	}
	return psk, nil
}
