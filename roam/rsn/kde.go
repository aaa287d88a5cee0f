package rsn

import (
	"encoding/binary"
	"fmt"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Use is what a group key protects.
type Use uint8

// The group keys.
const (
	GTK   Use = iota // group addressed data
	IGTK             // group addressed management frames
	BIGTK            // beacons

	uses
)

// groupForms says for each use how its KDEs look and which keys fit.
var groupForms = [uses]struct {
	name         string
	one, mlo     Selector
	minID, maxID uint8 // numbers the key can have
}{
	GTK:   {"GTK", SelectGTK, SelectMLOGTK, 1, 3},
	IGTK:  {"IGTK", SelectIGTK, SelectMLOIGTK, 4, 5},
	BIGTK: {"BIGTK", SelectBIGTK, SelectMLOBIGTK, 6, 7},
}

// String names the key: GTK, IGTK or BIGTK.
func (u Use) String() string {
	if u < uses {
		return groupForms[u].name
	}
	return fmt.Sprintf("use %d", uint8(u))
}

const (
	maxPN  = 1<<48 - 1
	pnLen  = 6
	txBit  = 0x04 // in the first octet of a GTK KDE
	idBits = 0x03
	noLink = 0x0f // link ID that is not used
)

// GroupKDE is a group key in key data, in one of the six forms there are (IEEE
// 802.11-2020, 12.7.2; IEEE 802.11be, 12.7.2 for those of multi-link).
type GroupKDE struct {
	Use  Use
	MLO  bool   // with Link, and of a GTK with PN
	Link uint8  // 0 to 15, only with MLO
	ID   uint16 // of the key; of a GTK 0 to 3
	Tx   bool   // of a GTK: the supplicant may send with it
	PN   uint64 // of the last frame sent, 48 bits; not in a GTK KDE without MLO, where Key RSC has it
	Key  []byte
}

// KDE encodes the key. Use must be one of the three.
func (g GroupKDE) KDE() KDE {
	form := &groupForms[g.Use%uses]
	s := form.one
	if g.MLO {
		s = form.mlo
	}
	data := make([]byte, 0, 2+pnLen+1+len(g.Key))
	if g.Use == GTK {
		first := byte(g.ID) & idBits
		if g.Tx {
			first |= txBit
		}
		if !g.MLO {
			return NewKDE(s, append(append(data, first, 0), g.Key...)...)
		}
		data = appendPN(append(data, first|g.Link<<4), g.PN)
		return NewKDE(s, append(data, g.Key...)...)
	}
	data = appendPN(binary.LittleEndian.AppendUint16(data, g.ID), g.PN)
	if g.MLO {
		data = append(data, g.Link<<4)
	}
	return NewKDE(s, append(data, g.Key...)...)
}

// ParseGroupKDE reads any of the six KDEs that hold a group key. Key shares k's
// memory; whether it fits the cipher is not known here.
func ParseGroupKDE(k KDE) (GroupKDE, error) {
	s, _ := k.Selector()
	g, ok := groupSelector(s)
	if !ok {
		return GroupKDE{}, fmt.Errorf("parse group key: element %d: %w", k.ID, ErrKind)
	}
	data := k.Data()
	fixed := g.fixedLen()
	if len(data) <= fixed {
		return GroupKDE{}, fmt.Errorf("parse %v of %d octets: %w", s, len(data), dot11.ErrShort)
	}
	g.Key = data[fixed:]
	if g.Use == GTK {
		g.ID, g.Tx = uint16(data[0]&idBits), data[0]&txBit != 0
		if g.MLO {
			g.Link, g.PN = data[0]>>4, pnOf(data[1:])
		}
		return g, nil
	}
	g.ID, g.PN = binary.LittleEndian.Uint16(data), pnOf(data[2:])
	if g.MLO {
		g.Link = data[2+pnLen] >> 4
	}
	return g, nil
}

func groupSelector(s Selector) (GroupKDE, bool) {
	for use := range groupForms {
		switch s {
		case groupForms[use].one:
			return GroupKDE{Use: Use(use)}, true
		case groupForms[use].mlo:
			return GroupKDE{Use: Use(use), MLO: true}, true
		}
	}
	return GroupKDE{}, false
}

// fixedLen is how many octets stand before the key.
func (g *GroupKDE) fixedLen() int {
	switch {
	case g.Use == GTK && g.MLO:
		return 1 + pnLen
	case g.Use == GTK:
		return 2
	case g.MLO:
		return 2 + pnLen + 1
	}
	return 2 + pnLen
}

func appendPN(b []byte, pn uint64) []byte {
	return append(b, byte(pn), byte(pn>>8), byte(pn>>16), byte(pn>>24), byte(pn>>32), byte(pn>>40))
}

func pnOf(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
}

// MLOLink is an MLO link KDE: a link's address and, from the authenticator, the
// elements of its beacons.
type MLOLink struct {
	Link  uint8      // 0 to 15
	Addr  dot11.Addr // of the sender on that link
	RSNE  []byte     // whole element; nil: none
	RSNXE []byte     // whole element; nil: none
}

const (
	mloLinkRSNE  = 0x10
	mloLinkRSNXE = 0x20
)

// KDE encodes the link.
func (l MLOLink) KDE() KDE {
	first := l.Link & 0x0f
	if l.RSNE != nil {
		first |= mloLinkRSNE
	}
	if l.RSNXE != nil {
		first |= mloLinkRSNXE
	}
	data := make([]byte, 0, 1+len(l.Addr)+len(l.RSNE)+len(l.RSNXE))
	data = append(append(data, first), l.Addr[:]...)
	return NewKDE(SelectMLOLink, append(append(data, l.RSNE...), l.RSNXE...)...)
}

// ParseMLOLink reads an MLO link KDE. The elements share k's memory.
func ParseMLOLink(k KDE) (MLOLink, error) {
	if !k.Is(SelectMLOLink) {
		return MLOLink{}, fmt.Errorf("parse MLO link KDE: %w", ErrKind)
	}
	data := k.Data()
	if len(data) < 1+len(dot11.Addr{}) {
		return MLOLink{}, fmt.Errorf("parse MLO link KDE of %d octets: %w", len(data), dot11.ErrShort)
	}
	l := MLOLink{Link: data[0] & 0x0f, Addr: dot11.Addr(data[1:])}
	rest := data[1+len(l.Addr):]
	for _, e := range []struct {
		bit  byte
		id   uint8
		into *[]byte
	}{
		{mloLinkRSNE, dot11.ElementRSN, &l.RSNE},
		{mloLinkRSNXE, dot11.ElementRSNX, &l.RSNXE},
	} {
		if data[0]&e.bit == 0 {
			continue
		}
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			return MLOLink{}, fmt.Errorf("parse MLO link KDE: element %d: %w", e.id, dot11.ErrShort)
		}
		if rest[0] != e.id {
			return MLOLink{}, fmt.Errorf("parse MLO link KDE: element %d where %d belongs: %w", rest[0], e.id, ErrMalformed)
		}
		end := 2 + int(rest[1])
		*e.into, rest = rest[:end:end], rest[end:]
	}
	if len(rest) > 0 {
		return MLOLink{}, fmt.Errorf("parse MLO link KDE: %d octets too many: %w", len(rest), ErrMalformed)
	}
	return l, nil
}

// OCI is the operating channel (IEEE 802.11-2020, 9.4.2.237).
type OCI struct {
	Class    uint8 // global operating class (table E-4)
	Channel  uint8 // primary channel
	Segment1 uint8 // center of the second frequency segment, 0 where there is none
}

// KDE encodes the channel.
func (o OCI) KDE() KDE { return NewKDE(SelectOCI, o.Class, o.Channel, o.Segment1) }

// PMKIDKDE encodes the PMKID that message 1 names.
func PMKIDKDE(id keys.PMKID) KDE { return NewKDE(SelectPMKID, id[:]...) }

// AddrKDE encodes a MAC address, that of the sending MLD in a multi-link
// handshake.
func AddrKDE(a dot11.Addr) KDE { return NewKDE(SelectAddr, a[:]...) }

// LifetimeKDE encodes a key's lifetime, which is rounded down to seconds and
// bounded by what 32 bits hold.
func LifetimeKDE(d time.Duration) KDE {
	s := min(max(d/time.Second, 0), 1<<32-1)
	return NewKDE(SelectLifetime, binary.BigEndian.AppendUint32(nil, uint32(s))...)
}

// ElementKDE makes a whole element (ID, length, body) an item of key data.
func ElementKDE(element []byte) (KDE, error) {
	if len(element) < 2 || len(element) != 2+int(element[1]) {
		return KDE{}, fmt.Errorf("element of %d octets in key data: %w", len(element), ErrMalformed)
	}
	return KDE{ID: element[0], Body: element[2:]}, nil
}
