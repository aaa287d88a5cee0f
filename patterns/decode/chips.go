package decode

import (
	"fmt"
	"strings"
)

// Bus is how a chip is attached.
type Bus uint8

// The buses.
const (
	PCI Bus = iota
	USB
	SDIO
)

var busNames = [...]string{PCI: "PCI", USB: "USB", SDIO: "SDIO"}

// String returns the bus's name.
func (b Bus) String() string {
	if int(b) < len(busNames) {
		return busNames[b]
	}
	return fmt.Sprintf("bus(%d)", uint8(b))
}

// Chip is a wireless chip as its id on the bus tells it.
type Chip struct {
	Bus             Bus
	Vendor, Product uint16
	// Name is the chip: "mt7925".
	Name string
	// Marketing is the product and its class as sold.
	Marketing string
	// Driver is the kernel's driver: "mt7925e".
	Driver string
	// Firmware is the file with the firmware that runs, below the firmware
	// directory; empty where the driver takes several.
	Firmware string
	// Note is what else there is to know, as the kernel that first knew the id.
	Note string
}

// ID returns the id as lspci and lsusb print it: "14c3:7925".
func (c Chip) ID() string { return fmt.Sprintf("%04x:%04x", c.Vendor, c.Product) }

// Family returns what [ChipOfDriver] says of the chip's driver, and the
// chip's own name where its driver serves several.
func (c Chip) Family() string {
	if c.Name != "" {
		return c.Name
	}
	return ChipOfDriver(c.Driver)
}

// ParseDeviceID reads an id as lspci and lsusb print it: "14c3:7925".
func ParseDeviceID(s string) (vendor, product uint16, ok bool) {
	if len(s) != 9 || s[4] != ':' {
		return 0, 0, false
	}
	v, okV := parseHex32(s[:4])
	p, okP := parseHex32(s[5:])
	return uint16(v), uint16(p), okV && okP
}

// LookupChip returns every chip of that id. One id may stand for a chip on
// several buses.
func LookupChip(vendor, product uint16) []Chip {
	var found []Chip
	for _, c := range chips {
		if c.Vendor == vendor && c.Product == product {
			found = append(found, c)
		}
	}
	return found
}

// ChipsNamed returns every id of the chip of that name, whatever its case.
func ChipsNamed(name string) []Chip {
	var found []Chip
	for _, c := range chips {
		if strings.EqualFold(c.Name, name) {
			found = append(found, c)
		}
	}
	return found
}

// VendorName returns the maker that a PCI vendor id belongs to, of those that
// make wireless chips, and "" for others.
func VendorName(vendor uint16) string {
	for _, v := range vendors {
		if v.id == vendor {
			return v.name
		}
	}
	return ""
}

// MT7927ChipID is what the chip id register of an MT7927 holds; a driver that
// does not know the chip reads its revision as 0.
const MT7927ChipID = 0x00511163

// ASICRevision is the word behind "ASIC revision: " at probe: the chip in the
// high half, its revision in the low one.
type ASICRevision uint32

// ParseASICRevision reads the word as printed: four to eight hexadecimal digits.
func ParseASICRevision(s string) (ASICRevision, bool) {
	if len(s) < 4 || len(s) > 8 {
		return 0, false
	}
	v, ok := parseHex32(s)
	return ASICRevision(v), ok
}

// Chip returns the chip's name, and "" when the word names none.
func (r ASICRevision) Chip() string {
	if r == MT7927ChipID {
		return "mt7927"
	}
	for _, a := range asics {
		if a.id == uint16(r>>16) {
			return a.chip
		}
	}
	return ""
}

// Dead reports whether the word is no revision but what a register reads when
// the chip has no power, left the bus or does not let itself be read.
func (r ASICRevision) Dead() bool {
	return r>>16 == 0xffff || r>>16 == 0xfeed || r>>16 == 0xdead
}

// Meaning says in plain words what the word tells. It is never empty.
func (r ASICRevision) Meaning() string {
	switch {
	case r == 0:
		return "the chip does not answer as the driver expects: with driver mt7925e the sign of an MT7927 on a kernel that does not know it, else a chip without power"
	case r == MT7927ChipID:
		return "the chip id register of an MT7927"
	case r>>16 == 0xffff:
		return "the register reads all ones: the chip has no power or left the bus"
	case r.Dead():
		return "the register reads a poison value: the chip is there but does not let itself be read"
	}
	if chip := r.Chip(); chip != "" {
		return fmt.Sprintf("chip %s, revision 0x%02x", chip, uint16(r))
	}
	return "a chip that these tables do not know"
}

// String returns the word as the driver prints it.
func (r ASICRevision) String() string { return fmt.Sprintf("%04x", uint32(r)) }

// ChipOfDriver returns the family of chips that a driver's name stands for:
// "mt7925e" is mt7925, "rtw89_8852be" is rtw89, "iwlwifi0" (FreeBSD) is
// iwlwifi. It takes driver and module names and the prefix before a colon. It
// is empty for a name that is no wireless driver's.
func ChipOfDriver(driver string) string {
	if len(driver) == 0 || len(driver) > 64 {
		return ""
	}
	name := strings.ToLower(strings.TrimSpace(driver))
	if i := strings.IndexAny(name, " :"); i >= 0 {
		name = name[:i]
	}
	name = strings.ReplaceAll(name, "-", "_")
	if family := familyOf(name); family != "" {
		return family
	}
	// A FreeBSD instance has its unit number at the end.
	for end := len(name) - 1; end > 0 && end >= len(name)-3 && name[end] >= '0' && name[end] <= '9'; end-- {
		if family := familyOf(name[:end]); family != "" {
			return family
		}
	}
	return ""
}

func familyOf(name string) string {
	for _, d := range drivers {
		if d.name == name {
			return d.family
		}
	}
	for _, p := range driverPrefixes {
		if strings.HasPrefix(name, p.name) && len(name) > len(p.name) {
			return p.family
		}
	}
	return ""
}
