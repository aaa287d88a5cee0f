package dot11

import (
	"encoding/hex"
	"fmt"
)

// Addr is a 48-bit MAC address: of a station, a link (BSSID) or an MLD.
type Addr [6]byte

// BroadcastAddr returns the address of everyone on a link.
func BroadcastAddr() Addr { return Addr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff} }

// ParseAddr reads six octets in hexadecimal, divided by colons or hyphens.
func ParseAddr(s string) (Addr, error) {
	var a Addr
	if len(s) != len("xx:xx:xx:xx:xx:xx") {
		return Addr{}, fmt.Errorf("parse address %q: six octets divided by colons are wanted", s)
	}
	for i := range a {
		if i > 0 && s[3*i-1] != ':' && s[3*i-1] != '-' {
			return Addr{}, fmt.Errorf("parse address %q: six octets divided by colons are wanted", s)
		}
		if _, err := hex.Decode(a[i:i+1], []byte(s[3*i:3*i+2])); err != nil {
			return Addr{}, fmt.Errorf("parse address %q: %w", s, err)
		}
	}
	return a, nil
}

// String gives the address as the kernel prints it: lower case, colons.
func (a Addr) String() string {
	const digits = "0123456789abcdef"
	var b [17]byte
	for i, octet := range a {
		if i > 0 {
			b[3*i-1] = ':'
		}
		b[3*i], b[3*i+1] = digits[octet>>4], digits[octet&15]
	}
	return string(b[:])
}

// Group reports whether a names a group (multicast or broadcast) and not one
// station: the lowest bit of the first octet (IEEE 802.11-2020, 9.2.4.3.2).
func (a Addr) Group() bool { return a[0]&1 != 0 }

// IsZero reports whether a is 00:00:00:00:00:00, which no station has.
func (a Addr) IsZero() bool { return a == Addr{} }

// MarshalText gives the address as String does.
func (a Addr) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAddr reads.
func (a *Addr) UnmarshalText(text []byte) error {
	parsed, err := ParseAddr(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
