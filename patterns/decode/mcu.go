package decode

import (
	"fmt"
	"strconv"
	"strings"
)

// MCUCommand is the command word that mt76 drivers print when the chip's
// processor does not answer: "Message 00020002 (seq 12) timeout". The low
// byte is the command, the bits above choose its namespace and its receiver.
//
// Source: the __MCU_CMD_FIELD_ masks of mt76_connac_mcu.h. Drivers of before
// 2022 used other bits for the namespace (MCU_FW_PREFIX to MCU_QUERY_PREFIX,
// bits 31 to 28); both layouts are read.
type MCUCommand uint32

// The layout since da5128a5 (December 2021, Linux 5.17).
const (
	mcuQuery = 1 << 16
	mcuUni   = 1 << 17
	mcuCE    = 1 << 18
	mcuWA    = 1 << 19
	mcuWM    = 1 << 20

	mcuExtID   = 0xed // EXT_CID: the extended id follows
	mcuWAParam = 0xc4 // WA_PARAM: the parameter follows
)

// The layout before.
const (
	mcuOldFW    = 1 << 31
	mcuOldUni   = 1 << 30
	mcuOldCE    = 1 << 29
	mcuOldQuery = 1 << 28
	mcuOldWA    = 1 << 17 // mt7915 only
)

// Namespace is the numbering that a command's id belongs to.
type Namespace uint8

// The namespaces.
const (
	Plain Namespace = iota // firmware download and register access
	Ext                    // extended commands of mt7615 and mt7915
	CE                     // offload commands of mt7663 and mt7921
	Uni                    // unified commands: mt7925, mt7996, and partly mt7921
)

var namespaceNames = [...]string{Plain: "plain", Ext: "ext", CE: "ce", Uni: "uni"}

// String returns the namespace as the driver's macros name it.
func (n Namespace) String() string {
	if int(n) < len(namespaceNames) {
		return namespaceNames[n]
	}
	return fmt.Sprintf("namespace(%d)", uint8(n))
}

// Destination is the processor of the chip that a command is for.
type Destination uint8

// The destinations. Without a bit that names one the command goes to the WM,
// the processor that runs the Wi-Fi firmware; the WA is its helper on access
// point chips.
const (
	ToWM Destination = iota
	ToWA
	ToWMAndWA
)

var destinationNames = [...]string{ToWM: "WM", ToWA: "WA", ToWMAndWA: "WM and WA"}

// String returns the processor's name.
func (d Destination) String() string {
	if int(d) < len(destinationNames) {
		return destinationNames[d]
	}
	return fmt.Sprintf("destination(%d)", uint8(d))
}

// ParseMCUCommand reads a command word as logs hold it: eight hexadecimal
// digits ("00020002"), with prefix 0x up to eight of them, or the decimal
// number of kernels before 5.13 ("70", "1073741826", "-16").
func ParseMCUCommand(s string) (MCUCommand, bool) {
	switch {
	case len(s) == 0 || len(s) > 11:
		return 0, false
	case len(s) == 8 && s[0] != '-' && s[1] != 'x' && s[1] != 'X':
		return parseHex32(s)
	case len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'):
		return parseHex32(s[2:])
	}
	if s[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < -1<<31 || n > 1<<32-1 {
		return 0, false
	}
	return MCUCommand(uint32(n)), true
}

func parseHex32(s string) (MCUCommand, bool) {
	if len(s) == 0 || len(s) > 8 {
		return 0, false
	}
	var v uint32
	for i := range len(s) {
		d, ok := hexDigit(s[i])
		if !ok {
			return 0, false
		}
		v = v<<4 | uint32(d)
	}
	return MCUCommand(v), true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// mcuParts is a command word taken apart.
type mcuParts struct {
	space   Namespace
	id      uint8 // within the namespace
	sub     uint8 // parameter of WA_PARAM, else 0
	query   bool
	to      Destination
	old     bool   // in the layout of before 2022
	unknown uint32 // bits that no layout defines
}

func (c MCUCommand) parts() mcuParts {
	v := uint32(c)
	switch {
	case v >= 0xffffff00:
		// mt7615 before 5.8 marked firmware commands by a negative number.
		return mcuParts{space: Plain, id: uint8(-int32(v)), old: true}
	case v&(mcuOldFW|mcuOldUni|mcuOldCE|mcuOldQuery) != 0:
		return oldMCUParts(v)
	}
	p := mcuParts{id: uint8(v), query: v&mcuQuery != 0}
	ext := uint8(v >> 8)
	switch {
	case v&(mcuUni|mcuCE) == mcuUni && (p.id == mcuExtID || p.id == mcuWAParam):
		// Neither id exists among the unified ones, and mt7915 had its WA
		// bit here before the drivers shared one layout.
		v = v&^mcuOldWA | mcuWA
		p.old = true
	case v&mcuUni != 0:
		p.space = Uni
	case v&mcuCE != 0:
		p.space = CE
	}
	switch v & (mcuWM | mcuWA) {
	case mcuWA:
		p.to = ToWA
	case mcuWM | mcuWA:
		p.to = ToWMAndWA
	}
	switch {
	case p.space == Plain && p.id == mcuExtID && ext != 0:
		p.space, p.id = Ext, ext
	case p.space == Plain && p.id == mcuWAParam:
		p.sub = ext
	default:
		p.unknown |= v & 0xff00
		if p.space == Plain && ext == 0 && v&(mcuWA|mcuWM) == 0 && plainCommands[p.id].name == "" && extCommands[p.id].name != "" {
			// mt7615 and mt7921 printed extended ids bare, without 0xed.
			p.space, p.old = Ext, true
		}
	}
	p.unknown |= v &^ (0xffff | mcuQuery | mcuUni | mcuCE | mcuWA | mcuWM)
	if v&mcuUni != 0 && v&mcuCE != 0 {
		p.unknown |= mcuCE
	}
	return p
}

// oldMCUParts reads the prefixes of mt7615, mt7663 and mt7921 before 5.17.
func oldMCUParts(v uint32) mcuParts {
	p := mcuParts{space: Ext, id: uint8(v), old: true, query: v&(mcuOldQuery|mcuQuery) != 0}
	used := uint32(0xff | mcuOldQuery | mcuQuery)
	switch {
	case v&mcuOldFW != 0:
		p.space = Plain
		used |= mcuOldFW
	case v&mcuOldUni != 0:
		p.space = Uni
		used |= mcuOldUni
	case v&mcuOldCE != 0:
		p.space = CE
		used |= mcuOldCE
	}
	p.unknown = v &^ used
	return p
}

func (p mcuParts) info() *mcuInfo {
	table := mcuTables[p.space]
	if p.space == CE && p.query && ceQueries[p.id].name != "" {
		table = &ceQueries
	}
	return &table[p.id]
}

// Namespace returns the numbering that the command's id belongs to.
func (c MCUCommand) Namespace() Namespace { return c.parts().space }

// ID returns the command's id within its namespace.
func (c MCUCommand) ID() uint8 { return c.parts().id }

// Sub returns the parameter of a WA_PARAM command, else 0.
func (c MCUCommand) Sub() uint8 { return c.parts().sub }

// Query reports whether the command asks instead of sets.
func (c MCUCommand) Query() bool { return c.parts().query }

// Destination returns the processor that the command is for.
func (c MCUCommand) Destination() Destination { return c.parts().to }

// Old reports whether the word is in the layout of drivers before Linux 5.17.
func (c MCUCommand) Old() bool { return c.parts().old }

// UnknownBits returns the bits of the word that no driver defines: when any
// is set, the word comes from a driver newer than these tables or is damaged.
func (c MCUCommand) UnknownBits() uint32 { return c.parts().unknown }

// Name returns the command's name as the driver has it behind MCU_UNI_CMD_,
// MCU_EXT_CMD_, MCU_CE_CMD_ or MCU_CMD_, and "" for an unknown id.
func (c MCUCommand) Name() string { return c.parts().info().name }

// Known reports whether namespace and id name a command that mt76 sends.
func (c MCUCommand) Known() bool { return c.Name() != "" }

// Doing says in plain words what the driver is doing when it sends the
// command. It is empty for an unknown id.
func (c MCUCommand) Doing() string { return c.parts().info().doing }

// Phase returns "scan", "suspend" or "boot" where the command alone tells
// what was under way, else "". The commands of "boot" load firmware: they are
// also sent during a reset, which only the records before can tell.
func (c MCUCommand) Phase() string { return c.parts().info().phase }

// Word returns the word as current drivers print it: eight hexadecimal digits.
func (c MCUCommand) Word() string { return fmt.Sprintf("%08x", uint32(c)) }

// String returns the command for people: "BSS_INFO_UPDATE (uni, set)". The
// parenthesis also tells a receiver other than the WM, an old layout and
// unknown bits.
func (c MCUCommand) String() string {
	p := c.parts()
	var b strings.Builder
	b.Grow(48)
	if name := p.info().name; name != "" {
		b.WriteString(name)
	} else {
		fmt.Fprintf(&b, "command 0x%02x", p.id)
	}
	if p.sub != 0 || (p.space == Plain && p.id == mcuWAParam) {
		fmt.Fprintf(&b, " 0x%02x", p.sub)
	}
	b.WriteString(" (")
	b.WriteString(p.space.String())
	if p.query {
		b.WriteString(", query")
	} else {
		b.WriteString(", set")
	}
	if p.to != ToWM {
		b.WriteString(", to ")
		b.WriteString(p.to.String())
	}
	if p.old {
		b.WriteString(", old numbering")
	}
	if p.unknown != 0 {
		fmt.Fprintf(&b, ", unknown bits 0x%08x", p.unknown)
	}
	b.WriteByte(')')
	return b.String()
}

// MCUCommands returns the words of every command in the tables, in their
// current layout and as a set (where the id is a query alone, as one), by
// namespace and id.
func MCUCommands() []MCUCommand {
	var all []MCUCommand
	for space, table := range mcuTables {
		for id := range table {
			if table[id].name == "" {
				continue
			}
			word := MCUCommand(id)
			switch Namespace(space) {
			case Ext:
				word = MCUCommand(id)<<8 | mcuExtID
			case CE:
				word |= mcuCE
			case Uni:
				word |= mcuUni
			}
			all = append(all, word)
		}
	}
	for id := range ceQueries {
		if ceQueries[id].name != "" {
			all = append(all, MCUCommand(id)|mcuCE|mcuQuery)
		}
	}
	return all
}
