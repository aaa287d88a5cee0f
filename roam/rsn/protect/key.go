package protect

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"

	"roamfault/roam/rsn/keys"
)

// Config is what a [Key] is made of.
type Config struct {
	Cipher keys.Cipher // CCMP or GCMP, 128 or 256
	ID     uint8       // key ID, 0 to 3; a GTK has 1 or 2
	TK     []byte      // TK or GTK, as long as the cipher wants
	SPP    bool        // both sides agreed on signaling and payload protected A-MSDUs
	Window int         // width of the replay windows, 0 to MaxWindow; 0 and 1 take rising packet numbers only
}

// One replay counter for every TID, where frames without QoS count as TID 0,
// and one for management frames (IEEE 802.11-2020, 12.5.3.4.4).
const (
	managementCounter = 16
	counters          = 17
)

// Key seals and opens frames by CCMP or GCMP. It holds the packet number of the
// next frame, the replay counters of each TID and scratch space: one Key serves
// one goroutine at a time. On a multi-link association one Key serves all links
// for individually addressed frames.
type Key struct {
	aead     cipher.AEAD
	id       uint8
	spp      bool
	width    int
	sent     uint64
	received [counters]window

	aad   [maxAADLen]byte
	nonce [ccmNonceLen]byte
}

// NewKey expands a key whose first frame has packet number 1.
func NewKey(c Config) (*Key, error) {
	if !c.Cipher.Encrypts() || len(c.TK) != c.Cipher.KeyLen() {
		return nil, fmt.Errorf("make key of %d octets for %s: %w", len(c.TK), c.Cipher.Name(), keys.ErrUnsupported)
	}
	if c.ID > 3 {
		return nil, fmt.Errorf("make key: ID %d is not between 0 and 3", c.ID)
	}
	if c.Window < 0 || c.Window > MaxWindow {
		return nil, fmt.Errorf("make key: a replay window of %d is not between 0 and %d", c.Window, MaxWindow)
	}
	block, err := aes.NewCipher(c.TK)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	k := &Key{id: c.ID, spp: c.SPP, width: c.Window}
	switch c.Cipher {
	case keys.CCMP128:
		k.aead = &ccm{block: block, tagLen: 8}
	case keys.CCMP256:
		k.aead = &ccm{block: block, tagLen: 16}
	default:
		if k.aead, err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("make key: %w", err)
		}
	}
	return k, nil
}

// ID returns the key ID, 0 to 3.
func (k *Key) ID() uint8 { return k.id }

// Overhead returns how many octets sealing adds to a frame.
func (k *Key) Overhead() int { return pnHeaderLen + k.aead.Overhead() }

// Sent returns the packet number of the last frame sealed, 0 before the first:
// what message 3 and the group handshake carry as Key RSC of a GTK.
func (k *Key) Sent() uint64 { return k.sent }

// SetSent makes pn, up to MaxPN, the packet number of the last frame sealed.
// Going back makes receivers refuse what follows and, worse, uses nonces twice:
// it is for faults and tests.
func (k *Key) SetSent(pn uint64) { k.sent = min(pn, MaxPN) }

// SetReceived makes pn, the Key RSC of a GTK, the highest packet number seen:
// frames of any TID up to it are replays.
func (k *Key) SetReceived(pn uint64) {
	for i := range k.received {
		k.received[i].start(pn)
	}
}

// Received returns the highest packet number opened of a TID, 0 to 15, or of
// management frames, [ManagementTID].
func (k *Key) Received(tid int) uint64 {
	if tid < 0 || tid >= counters {
		return 0
	}
	return k.received[tid].highest
}

// ManagementTID stands for management frames where a TID is asked for.
const ManagementTID = managementCounter
