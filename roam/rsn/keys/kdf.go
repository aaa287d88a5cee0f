package keys

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha1"
	_ "crypto/sha256" // crypto.SHA256.New needs it linked
	_ "crypto/sha512" // crypto.SHA384.New and crypto.SHA512.New need it linked
	"encoding/binary"
	"fmt"
)

// maxKDFBits is the largest length the two octets that enter KDF can say.
const maxKDFBits = 0xffff

// KDF is KDF-Hash-Length (IEEE 802.11-2020, 12.7.1.6.2) with SHA-256, SHA-384
// or SHA-512. It returns bits/8 octets, rounded up; where bits is no multiple of
// 8 the low bits of the last octet are zero, so that the value stands left in
// them. bits ranges from 1 to 65535. context is the concatenation of its parts.
func KDF(h crypto.Hash, key []byte, label string, bits int, context ...[]byte) ([]byte, error) {
	switch h {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512:
	default:
		return nil, fmt.Errorf("derive %q with hash %v: %w", label, h, ErrUnsupported)
	}
	if bits < 1 || bits > maxKDFBits {
		return nil, fmt.Errorf("derive %q: %d bits are not between 1 and %d", label, bits, maxKDFBits)
	}
	n := (bits + 7) / 8
	out := make([]byte, 0, n+h.Size())
	mac := hmac.New(h.New, key)
	var counter, length [2]byte
	binary.LittleEndian.PutUint16(length[:], uint16(bits))
	for i := uint16(1); len(out) < n; i++ {
		binary.LittleEndian.PutUint16(counter[:], i)
		mac.Reset()
		mac.Write(counter[:])
		mac.Write([]byte(label))
		for _, part := range context {
			mac.Write(part)
		}
		mac.Write(length[:])
		out = mac.Sum(out)
	}
	out = out[:n:n]
	if spare := 8*n - bits; spare != 0 {
		out[n-1] &= 0xff << spare
	}
	return out, nil
}

// maxPRFLen is how far the one octet that counts PRF's blocks reaches.
const maxPRFLen = 256 * sha1.Size

// PRF is PRF-n of HMAC-SHA-1 (IEEE 802.11-2020, 12.7.1.2) for n octets, 1 to
// 5120. data is the concatenation of its parts.
func PRF(key []byte, label string, n int, data ...[]byte) ([]byte, error) {
	if n < 1 || n > maxPRFLen {
		return nil, fmt.Errorf("derive %q: %d octets are not between 1 and %d", label, n, maxPRFLen)
	}
	out := make([]byte, 0, n+sha1.Size)
	mac := hmac.New(sha1.New, key)
	for i := 0; len(out) < n; i++ {
		mac.Reset()
		mac.Write([]byte(label))
		mac.Write([]byte{0})
		for _, part := range data {
			mac.Write(part)
		}
		mac.Write([]byte{byte(i)})
		out = mac.Sum(out)
	}
	return out[:n:n], nil
}
