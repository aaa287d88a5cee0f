package protect

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// The Management MIC element (IEEE 802.11-2020, 9.4.2.54): ID, length, Key ID
// of two octets, IPN of six, MIC of 8 or 16.
const (
	mmeID       = 76
	mmeFixedLen = 8 // Key ID and IPN
	shortMIC    = 8
	longMIC     = 16
)

// bipAADLen is that of Frame Control and the three addresses (IEEE 802.11-2020,
// 12.5.4.3).
const bipAADLen = 20

// timestampLen is the length of a beacon's Timestamp, which the radio fills in
// and BIP takes for zeros.
const timestampLen = 8

// IntegrityKey protects group addressed management frames by BIP: an IGTK
// those of a connection, a BIGTK beacons. It holds the packet number (IPN) of
// the next frame, the highest one seen, and scratch space: one IntegrityKey
// serves one goroutine at a time. On a multi-link association each link has its
// own.
type IntegrityKey struct {
	cmac     *keys.CMAC  // of BIP-CMAC, or
	gmac     cipher.AEAD // of BIP-GMAC
	id       uint16
	micLen   int
	sent     uint64
	received uint64

	aad     [bipAADLen]byte
	zeros   [longMIC]byte
	nonce   [12]byte
	mic     [longMIC]byte
	message []byte // what GMAC covers has to lie in one piece
}

// NewIntegrityKey expands an IGTK, key ID 4 or 5, or a BIGTK, 6 or 7, whose
// first frame has IPN 1.
func NewIntegrityKey(c keys.Cipher, id uint16, key []byte) (*IntegrityKey, error) {
	if !c.Integrity() || len(key) != c.KeyLen() {
		return nil, fmt.Errorf("make integrity key of %d octets for %s: %w", len(key), c.Name(), keys.ErrUnsupported)
	}
	if id < 4 || id > 7 {
		return nil, fmt.Errorf("make integrity key: ID %d is not between 4 and 7", id)
	}
	k := &IntegrityKey{id: id, micLen: longMIC}
	var err error
	switch c {
	case keys.BIPCMAC128:
		k.micLen = shortMIC
		k.cmac, err = keys.NewCMAC(key)
	case keys.BIPCMAC256:
		k.cmac, err = keys.NewCMAC(key)
	default:
		var block cipher.Block
		if block, err = aes.NewCipher(key); err == nil {
			k.gmac, err = cipher.NewGCM(block)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make integrity key: %w", err)
	}
	return k, nil
}

// ID returns the key ID, 4 to 7.
func (k *IntegrityKey) ID() uint16 { return k.id }

// Overhead returns the length of the MME that Protect appends.
func (k *IntegrityKey) Overhead() int { return 2 + mmeFixedLen + k.micLen }

// Sent returns the IPN of the last frame protected, 0 before the first: what
// the IGTK and BIGTK KDEs carry.
func (k *IntegrityKey) Sent() uint64 { return k.sent }

// SetSent makes ipn, up to MaxPN, that of the last frame protected. Going back
// makes receivers refuse what follows and, with GMAC, gives the key away: it is
// for faults and tests.
func (k *IntegrityKey) SetSent(ipn uint64) { k.sent = min(ipn, MaxPN) }

// Received returns the highest IPN verified.
func (k *IntegrityKey) Received() uint64 { return k.received }

// SetReceived makes ipn, which the KDE carried, the highest one seen.
func (k *IntegrityKey) SetReceived(ipn uint64) { k.received = ipn }

// Protect appends frame, a whole group addressed management frame without FCS,
// and the MME with the next IPN to dst, which may be frame[:0]. The MIC does not
// cover the Timestamp of a beacon. With room in dst nothing is allocated (with
// GMAC: once the key has seen a frame as long).
func (k *IntegrityKey) Protect(dst, frame []byte) ([]byte, error) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return nil, fmt.Errorf("protect management frame: %w", err)
	}
	if err := integrityOnly(&h, body); err != nil {
		return nil, fmt.Errorf("protect management frame: %w", err)
	}
	if k.sent >= MaxPN {
		return nil, fmt.Errorf("protect management frame: %w", ErrExhausted)
	}
	k.sent++
	bodyLen := len(body) + k.Overhead()
	dst = append(dst, frame...)
	dst = append(dst, mmeID, byte(mmeFixedLen+k.micLen))
	dst = binary.LittleEndian.AppendUint16(dst, k.id)
	dst = append(dst, byte(k.sent), byte(k.sent>>8), byte(k.sent>>16), byte(k.sent>>24), byte(k.sent>>32), byte(k.sent>>40))
	dst = append(dst, k.zeros[:k.micLen]...)
	k.compute(&h, dst[len(dst)-bodyLen:], k.sent)
	copy(dst[len(dst)-k.micLen:], k.mic[:])
	return dst, nil
}

// Verify checks the MME at the end of frame and returns frame without it, in
// the same memory, and the IPN. A frame counts as received only where err is
// nil; the errors wrap ErrUnprotected, ErrKeyID, ErrReplay, ErrTag, ErrKind or
// dot11.ErrShort.
func (k *IntegrityKey) Verify(frame []byte) (plain []byte, ipn uint64, err error) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return nil, 0, fmt.Errorf("verify management frame: %w", err)
	}
	if err := integrityOnly(&h, body); err != nil {
		return nil, 0, fmt.Errorf("verify management frame: %w", err)
	}
	mme, ok := endMME(&h, body, k.micLen)
	if !ok {
		return nil, 0, fmt.Errorf("verify management frame: %w", ErrUnprotected)
	}
	id, ipn := parseMME(mme)
	if id != k.id {
		return nil, 0, fmt.Errorf("verify management frame: key ID %d, not %d: %w", id, k.id, ErrKeyID)
	}
	if ipn <= k.received {
		return nil, 0, fmt.Errorf("verify management frame: IPN %d after %d: %w", ipn, k.received, ErrReplay)
	}
	k.compute(&h, body, ipn)
	if subtle.ConstantTimeCompare(k.mic[:k.micLen], mme[len(mme)-k.micLen:]) != 1 {
		return nil, 0, fmt.Errorf("verify management frame: %w", ErrTag)
	}
	k.received = ipn
	return frame[:len(frame)-len(mme)], ipn, nil
}

// KeyIDOfMME reads the key ID, 4 to 7 where a sender is right, of the MME at
// the end of a management frame, to choose the key. It returns false where
// there is none.
func KeyIDOfMME(frame []byte) (id uint16, ok bool) {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil || !h.FC.Management() {
		return 0, false
	}
	for _, micLen := range [...]int{shortMIC, longMIC} {
		if mme, ok := endMME(&h, body, micLen); ok {
			id, _ := parseMME(mme)
			return id, true
		}
	}
	return 0, false
}

// integrityOnly reports whether BIP covers frames with header h.
func integrityOnly(h *dot11.Header, body []byte) error {
	if !h.FC.Management() || !h.Addr1.Group() || h.FC&dot11.Protected != 0 {
		return fmt.Errorf("frame control %#04x to %s: %w", uint16(h.FC), h.Addr1, ErrKind)
	}
	if h.FC.Kind() == dot11.Beacon && len(body) < timestampLen {
		return dot11.ErrShort
	}
	return nil
}

// endMME returns the MME with a MIC of micLen octets that ends body. It does
// not begin in a beacon's Timestamp.
func endMME(h *dot11.Header, body []byte, micLen int) ([]byte, bool) {
	if h.FC.Kind() == dot11.Beacon {
		body = body[min(timestampLen, len(body)):]
	}
	n := 2 + mmeFixedLen + micLen
	if len(body) < n {
		return nil, false
	}
	mme := body[len(body)-n:]
	return mme, mme[0] == mmeID && int(mme[1]) == n-2
}

func parseMME(mme []byte) (id uint16, ipn uint64) {
	return binary.LittleEndian.Uint16(mme[2:]), pnOf(mme[4], mme[5], mme[6], mme[7], mme[8], mme[9])
}

// compute puts the MIC over a frame into k.mic. body ends with the MME, whose
// MIC counts as zeros.
func (k *IntegrityKey) compute(h *dot11.Header, body []byte, ipn uint64) {
	aad := binary.LittleEndian.AppendUint16(k.aad[:0], uint16(h.FC&^neverAuth))
	aad = append(aad, h.Addr1[:]...)
	aad = append(aad, h.Addr2[:]...)
	aad = append(aad, h.Addr3[:]...)
	stamp := 0
	if h.FC.Kind() == dot11.Beacon {
		stamp = timestampLen
	}
	covered := body[stamp : len(body)-k.micLen]
	if k.cmac != nil {
		k.mic = k.cmac.MAC(aad, k.zeros[:stamp], covered, k.zeros[:k.micLen])
		return
	}
	k.message = append(k.message[:0], aad...)
	k.message = append(k.message, k.zeros[:stamp]...)
	k.message = append(k.message, covered...)
	k.message = append(k.message, k.zeros[:k.micLen]...)
	nonce := append(k.nonce[:0], h.Addr2[:]...)
	nonce = append(nonce, byte(ipn>>40), byte(ipn>>32), byte(ipn>>24), byte(ipn>>16), byte(ipn>>8), byte(ipn))
	k.gmac.Seal(k.mic[:0], nonce, nil, k.message)
}
