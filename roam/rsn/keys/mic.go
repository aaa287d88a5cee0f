package keys

import (
	"crypto"
	"crypto/hmac"
	"crypto/subtle"
	"fmt"
)

// macAlgorithm is how the Key MIC of an EAPOL-Key frame is computed.
type macAlgorithm uint8

const (
	hmacSHA1 macAlgorithm = iota
	hmacSHA256
	hmacSHA384
	hmacSHA512
	aesCMAC // has no entry in macHashes
)

var macHashes = [...]crypto.Hash{
	hmacSHA1:   crypto.SHA1,
	hmacSHA256: crypto.SHA256,
	hmacSHA384: crypto.SHA384,
	hmacSHA512: crypto.SHA512,
}

// MIC computes the Key MIC over an EAPOL frame, from its protocol version on,
// whose Key MIC field is zero (IEEE 802.11-2020, 12.7.2 and table 12-10):
// HMAC-SHA-1 for AKMPSK, AES-CMAC for AKMPSKSHA256 and AKMSAE, HMAC with the
// hash that the KCK's length belongs to for AKMSAEExtKey. An HMAC is cut to the
// length of the Key MIC field.
func MIC(akm AKM, kck, frame []byte) ([]byte, error) {
	a, err := akm.algorithmsByKCK(len(kck))
	if err != nil {
		return nil, fmt.Errorf("compute key MIC: %w", err)
	}
	if a.mic == aesCMAC {
		c, err := NewCMAC(kck)
		if err != nil {
			return nil, fmt.Errorf("compute key MIC: %w", err)
		}
		tag := c.MAC(frame)
		return tag[:a.MICLen], nil
	}
	mac := hmac.New(macHashes[a.mic].New, kck)
	mac.Write(frame)
	return mac.Sum(nil)[:a.MICLen], nil
}

// CheckMIC reports whether mic is the Key MIC of frame, whose Key MIC field is
// zero. It takes the same time wherever the two differ.
func CheckMIC(akm AKM, kck, frame, mic []byte) (bool, error) {
	want, err := MIC(akm, kck, frame)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(want, mic) == 1, nil
}
