package nl80211

import (
	"context"

	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// KeyType says whose key it is (kernel, enum nl80211_key_type).
type KeyType uint32

// Types of keys.
const (
	KeyGroup    KeyType = 0
	KeyPairwise KeyType = 1
)

// Attributes of a key (kernel, enums nl80211_key_attributes and
// nl80211_key_default_types).
const (
	keyData             = 1
	keyIdx              = 2
	keyCipher           = 3
	keySeq              = 4
	keyDefault          = 5
	keyDefaultMgmt      = 6
	keyType             = 7
	keyDefaultTypes     = 8
	keyDefaultBeacon    = 10
	keyDefaultUnicast   = 1
	keyDefaultMulticast = 2
)

// Key is a key to be set or removed.
type Key struct {
	Interface int
	Type      KeyType
	// Link is needed with a group key of a multi-link connection, and else refused:
	// a pairwise key is the same on all links.
	Link dot11.Optional[uint8]
	// Addr is the peer of a pairwise key: the access point, of an AP MLD its MLD
	// address. With a group key of a station it stays zero.
	Addr dot11.Addr
	// Index is 0 to 3 for data, 4 and 5 for management frames (IGTK), 6 and 7 for
	// beacons (BIGTK).
	Index uint8

	// Cipher, Data and Seq are of NewKey alone. Seq is the packet number to begin to
	// receive with, lowest octet first, and may be empty.
	Cipher dot11.Suite
	Data   []byte
	Seq    []byte
}

// NewKey sets a key.
func (c *Client) NewKey(ctx context.Context, k Key) error {
	return c.order(ctx, CommandNewKey, k.Interface, func(e *netlink.AttributeEncoder) {
		k.encode(e, func(n *netlink.AttributeEncoder) {
			n.Bytes(keyData, k.Data)
			n.Uint32(keyCipher, uint32(k.Cipher))
			octets(n, keySeq, k.Seq)
			n.Uint32(keyType, uint32(k.Type))
		})
	})
}

// DelKey removes a key. The error is ENOENT or ENOLINK where there is none.
func (c *Client) DelKey(ctx context.Context, k Key) error {
	return c.order(ctx, CommandDelKey, k.Interface, func(e *netlink.AttributeEncoder) {
		k.encode(e, func(n *netlink.AttributeEncoder) {
			n.Uint32(keyType, uint32(k.Type))
		})
	})
}

func (k *Key) encode(e *netlink.AttributeEncoder, more func(*netlink.AttributeEncoder)) {
	if !k.Addr.IsZero() {
		e.Bytes(attrMAC, k.Addr[:])
	}
	e.Nested(attrKey, func(n *netlink.AttributeEncoder) error {
		n.Uint8(keyIdx, k.Index)
		more(n)
		return nil
	})
	linkID(e, k.Link)
}

// DefaultKey says what a key is the default of.
type DefaultKey uint8

// What a key can be the default of.
const (
	DefaultUnicast   DefaultKey = iota + 1 // data to one station
	DefaultMulticast                       // data to a group
	DefaultMgmt                            // management frames to a group
	DefaultBeacon                          // beacons
)

// SetDefaultKey makes the key of that index the one to send with. Link is needed
// on a multi-link connection.
func (c *Client) SetDefaultKey(ctx context.Context, ifindex int, link dot11.Optional[uint8], index uint8, of DefaultKey) error {
	return c.order(ctx, CommandSetKey, ifindex, func(e *netlink.AttributeEncoder) {
		e.Nested(attrKey, func(n *netlink.AttributeEncoder) error {
			n.Uint8(keyIdx, index)
			of.encode(n)
			return nil
		})
		linkID(e, link)
	})
}

func (d DefaultKey) encode(e *netlink.AttributeEncoder) {
	types := uint16(keyDefaultMulticast)
	switch d {
	case DefaultMgmt:
		e.Flag(keyDefaultMgmt, true)
	case DefaultBeacon:
		e.Flag(keyDefaultBeacon, true)
	default:
		e.Flag(keyDefault, true)
		if d == DefaultUnicast {
			types = keyDefaultUnicast
		}
	}
	e.Nested(keyDefaultTypes, func(n *netlink.AttributeEncoder) error {
		n.Flag(types, true)
		return nil
	})
}
