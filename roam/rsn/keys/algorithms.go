package keys

import (
	"crypto"
	"errors"
	"fmt"
)

// ErrUnsupported is wrapped by the errors about suites, hashes and key lengths
// this package has no algorithm for.
var ErrUnsupported = errors.New("not supported")

// Algorithms says what an AKM suite uses between the PMK and a protected
// EAPOL-Key frame (IEEE 802.11-2020, table 12-10; for 00-0F-AC:24, which
// 802.11-2024 adds, by the length of the group's prime).
type Algorithms struct {
	Hash    crypto.Hash // of the key derivation; SHA-1 means PRF, the others KDF
	KCKLen  int         // octets of the key confirmation key
	KEKLen  int         // octets of the key encryption key
	MICLen  int         // octets of the Key MIC field
	Version uint16      // Key Descriptor Version of Key Information, 0 to 3

	mic macAlgorithm
}

// algorithms holds every suite and length of PMK there is an algorithm for.
var algorithms = [...]struct {
	akm    AKM
	pmkLen int
	Algorithms
}{
	{AKMPSK, 32, Algorithms{crypto.SHA1, 16, 16, 16, 2, hmacSHA1}},
	{AKMPSKSHA256, 32, Algorithms{crypto.SHA256, 16, 16, 16, 3, aesCMAC}},
	{AKMSAE, 32, Algorithms{crypto.SHA256, 16, 16, 16, 0, aesCMAC}},
	{AKMSAEExtKey, 32, Algorithms{crypto.SHA256, 16, 16, 16, 0, hmacSHA256}},
	{AKMSAEExtKey, 48, Algorithms{crypto.SHA384, 24, 32, 24, 0, hmacSHA384}},
	{AKMSAEExtKey, 64, Algorithms{crypto.SHA512, 32, 32, 32, 0, hmacSHA512}},
}

// Algorithms returns what the suite uses with a PMK of pmkLen octets. A suite
// of 256-bit PMKs takes 32 only; for 00-0F-AC:24 the PMK's length says which
// hash the group asked for: 32 SHA-256, 48 SHA-384, 64 SHA-512.
func (a AKM) Algorithms(pmkLen int) (Algorithms, error) {
	for i := range algorithms {
		if entry := &algorithms[i]; entry.akm == a && entry.pmkLen == pmkLen {
			return entry.Algorithms, nil
		}
	}
	return Algorithms{}, fmt.Errorf("AKM %s with a PMK of %d octets: %w", a, pmkLen, ErrUnsupported)
}

// algorithmsByKCK finds them from the KCK alone: within one suite no two share
// its length.
func (a AKM) algorithmsByKCK(kckLen int) (Algorithms, error) {
	for i := range algorithms {
		if entry := &algorithms[i]; entry.akm == a && entry.KCKLen == kckLen {
			return entry.Algorithms, nil
		}
	}
	return Algorithms{}, fmt.Errorf("AKM %s with a KCK of %d octets: %w", a, kckLen, ErrUnsupported)
}
