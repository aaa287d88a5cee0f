package keys

import (
	"bytes"
	"crypto"
	"fmt"

	"roamfault/nl80211/dot11"
)

// Nonce is what each side of the 4-way handshake adds to the PTK.
type Nonce [32]byte

// PTKInput is everything the PTK depends on (IEEE 802.11-2020, 12.7.1.3).
type PTKInput struct {
	AKM    AKM
	Cipher Cipher
	PMK    []byte
	AA     dot11.Addr // authenticator: BSSID, or the AP MLD's address with MLO
	SPA    dot11.Addr // supplicant: station, or the non-AP MLD's address with MLO
	ANonce Nonce
	SNonce Nonce
}

// PTK is the pairwise transient key in its parts, which share one array of
// memory. There is no KDK: nothing here ranges.
type PTK struct {
	KCK []byte // confirms EAPOL-Key frames
	KEK []byte // encrypts their key data
	TK  []byte // protects the frames of the link
}

const ptkLabel = "Pairwise key expansion"

// DerivePTK computes the PTK and splits it. The order of the two addresses and
// of the two nonces does not matter: the smaller goes first.
func DerivePTK(in PTKInput) (PTK, error) {
	a, err := in.AKM.Algorithms(len(in.PMK))
	if err != nil {
		return PTK{}, fmt.Errorf("derive PTK: %w", err)
	}
	if !in.Cipher.Encrypts() {
		return PTK{}, fmt.Errorf("derive PTK: cipher %s: %w", in.Cipher, ErrUnsupported)
	}
	addr1, addr2 := in.AA[:], in.SPA[:]
	if bytes.Compare(addr1, addr2) > 0 {
		addr1, addr2 = addr2, addr1
	}
	nonce1, nonce2 := in.ANonce[:], in.SNonce[:]
	if bytes.Compare(nonce1, nonce2) > 0 {
		nonce1, nonce2 = nonce2, nonce1
	}
	kck, kek := a.KCKLen, a.KCKLen+a.KEKLen
	n := kek + in.Cipher.KeyLen()
	var b []byte
	if a.Hash == crypto.SHA1 {
		b, err = PRF(in.PMK, ptkLabel, n, addr1, addr2, nonce1, nonce2)
	} else {
		b, err = KDF(a.Hash, in.PMK, ptkLabel, 8*n, addr1, addr2, nonce1, nonce2)
	}
	if err != nil {
		return PTK{}, fmt.Errorf("derive PTK: %w", err)
	}
	return PTK{KCK: b[:kck:kck], KEK: b[kck:kek:kek], TK: b[kek:n:n]}, nil
}
