package rsn

import (
	"encoding/binary"
	"fmt"

	"roamfault/nl80211/dot11"
)

// Selector is the OUI and the data type of a KDE, the OUI in the upper three
// octets (IEEE 802.11-2020, table 12-9; IEEE 802.11be for those of multi-link).
type Selector uint32

// KDEs of the standard, OUI 00-0F-AC.
const (
	SelectGTK      Selector = 0x000fac01
	SelectAddr     Selector = 0x000fac03
	SelectPMKID    Selector = 0x000fac04
	SelectLifetime Selector = 0x000fac07
	SelectIGTK     Selector = 0x000fac09
	SelectOCI      Selector = 0x000fac0d
	SelectBIGTK    Selector = 0x000fac0e
	SelectMLOGTK   Selector = 0x000fac10
	SelectMLOIGTK  Selector = 0x000fac11
	SelectMLOBIGTK Selector = 0x000fac12
	SelectMLOLink  Selector = 0x000fac13
)

// selectorNames is indexed by data type.
var selectorNames = [...]string{
	0x01: "GTK KDE",
	0x03: "MAC address KDE",
	0x04: "PMKID KDE",
	0x07: "lifetime KDE",
	0x09: "IGTK KDE",
	0x0d: "OCI KDE",
	0x0e: "BIGTK KDE",
	0x10: "MLO GTK KDE",
	0x11: "MLO IGTK KDE",
	0x12: "MLO BIGTK KDE",
	0x13: "MLO link KDE",
}

const selectorOUI = 0x000fac

// String names the KDE, or gives OUI and type as the standard writes them.
func (s Selector) String() string {
	if n := int(s & 0xff); s>>8 == selectorOUI && n < len(selectorNames) && selectorNames[n] != "" {
		return selectorNames[n]
	}
	return fmt.Sprintf("KDE %02X-%02X-%02X:%d", uint32(s>>24), uint32(s>>16&0xff), uint32(s>>8&0xff), uint32(s&0xff))
}

const selectorLen = 4

// KDE is one item of key data: a KDE, or an element such as RSNE.
type KDE struct {
	ID   uint8  // 0xdd of a KDE, else the element's ID
	Body []byte // what follows the length: selector and data of a KDE; up to 255 octets
}

// NewKDE puts a selector before the data.
func NewKDE(s Selector, data ...byte) KDE {
	return KDE{ID: dot11.ElementVendor, Body: append(binary.BigEndian.AppendUint32(make([]byte, 0, selectorLen+len(data)), uint32(s)), data...)}
}

// Selector returns what a KDE is, and false for an element and for what is too
// short to have a selector.
func (k KDE) Selector() (Selector, bool) {
	if k.ID != dot11.ElementVendor || len(k.Body) < selectorLen {
		return 0, false
	}
	return Selector(binary.BigEndian.Uint32(k.Body)), true
}

// Is reports whether k is the KDE of that selector.
func (k KDE) Is(s Selector) bool {
	have, ok := k.Selector()
	return ok && have == s
}

// Data returns what follows the selector of a KDE, or the body of an element.
func (k KDE) Data() []byte {
	if _, ok := k.Selector(); ok {
		return k.Body[selectorLen:]
	}
	return k.Body
}

// maxKDEs bounds what key data are read into: a multi-link handshake has four
// items for each of 15 links and a few more.
const maxKDEs = 128

// ParseKeyData reads decrypted key data up to their padding, 0xdd and zeros
// (IEEE 802.11-2020, 12.7.2). The bodies share b's memory.
func ParseKeyData(b []byte) ([]KDE, error) {
	var items []KDE
	for len(b) > 0 {
		if b[0] == dot11.ElementVendor && (len(b) == 1 || b[1] == 0) {
			for _, octet := range b[1:] {
				if octet != 0 {
					return nil, fmt.Errorf("parse key data: padding holds %#02x: %w", octet, ErrMalformed)
				}
			}
			return items, nil
		}
		if len(items) == maxKDEs {
			return nil, fmt.Errorf("parse key data: more than %d items: %w", maxKDEs, ErrMalformed)
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return nil, fmt.Errorf("parse key data: item %d: %w", len(items)+1, dot11.ErrShort)
		}
		end := 2 + int(b[1])
		items = append(items, KDE{ID: b[0], Body: b[2:end:end]})
		b = b[end:]
	}
	return items, nil
}

// AppendKeyData adds the items as they are sent in clear to b.
func AppendKeyData(b []byte, items []KDE) ([]byte, error) {
	for _, k := range items {
		if len(k.Body) > 0xff {
			return nil, fmt.Errorf("append key data: an item of %d octets: %w", len(k.Body), ErrMalformed)
		}
		b = append(b, k.ID, byte(len(k.Body)))
		b = append(b, k.Body...)
	}
	return b, nil
}

// PadKeyData fills key data up for AES key wrap: to 16 octets at least and a
// multiple of 8, by 0xdd and zeros (IEEE 802.11-2020, 12.7.2).
func PadKeyData(b []byte) []byte {
	n := max(16, (len(b)+7)&^7)
	if n == len(b) {
		return b
	}
	b = append(b, dot11.ElementVendor)
	for len(b) < n {
		b = append(b, 0)
	}
	return b
}
