package machine

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"roamfault/nl80211/dot11"
)

// debug is where debugfs is.
const debug = "sys/kernel/debug"

// Card is a Wi-Fi card, named in a way that outlives its driver: interfaces and
// radios get other names and numbers each time a driver is bound.
type Card struct {
	// Device is its place below /sys: "devices/pci0000:00/0000:00:02.3/0000:05:00.0".
	Device string
	// Addr is the permanent address of its radio; zero where that is not known.
	Addr dot11.Addr
	// Name was the name of its interface.
	Name string
}

// Place is where a card is to be found at present.
type Place struct {
	Interface string
	Index     int    // of the interface
	Phy       string // the radio: "phy0"
}

// Card finds the card of an interface.
func (m *Machine) Card(iface string) (Card, error) {
	failed := func(err error) (Card, error) { return Card{}, fmt.Errorf("find the card of %s: %w", iface, err) }
	if !interfaceName.MatchString(iface) {
		return failed(fmt.Errorf("%q is no name of an interface", iface))
	}
	dir := path.Join("sys/class/net", iface)
	device, err := m.target(path.Join(dir, "device"))
	if err != nil {
		return failed(err)
	}
	phy, err := m.text(path.Join(dir, "phy80211/name"))
	if err != nil {
		return failed(err)
	}
	c := Card{Device: strings.TrimPrefix(device, "sys/"), Name: iface, Addr: m.addrOf(phy)}
	return c, c.check()
}

func (m *Machine) addrOf(phy string) dot11.Addr {
	text, err := m.text(path.Join("sys/class/ieee80211", path.Base(phy), "macaddress"))
	if err != nil {
		return dot11.Addr{}
	}
	var a dot11.Addr
	if a.UnmarshalText([]byte(text)) != nil {
		return dot11.Addr{}
	}
	return a
}

// interfaceName is what dev_valid_name allows (net/core/dev.c) and nobody trips
// over; devicePath is a directory of sysfs.
var (
	interfaceName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,14}$`)
	devicePath    = regexp.MustCompile(`^devices(/[A-Za-z0-9_:@,+-][A-Za-z0-9_:.@,+-]*)+$`)
)

// check refuses what could lead elsewhere: cards come out of files, too.
func (c *Card) check() error {
	if !devicePath.MatchString(c.Device) {
		return fmt.Errorf("%q is no device below /sys", c.Device)
	}
	if c.Name != "" && !interfaceName.MatchString(c.Name) {
		return fmt.Errorf("%q is no name of an interface", c.Name)
	}
	return nil
}

// args are the card as an undo log has it.
func (c *Card) args() map[string]string {
	args := map[string]string{"device": c.Device}
	if c.Name != "" {
		args["interface"] = c.Name
	}
	if !c.Addr.IsZero() {
		args["address"] = c.Addr.String()
	}
	return args
}

func cardOf(args map[string]string) (Card, error) {
	c := Card{Device: args["device"], Name: args["interface"]}
	if text, ok := args["address"]; ok {
		if err := c.Addr.UnmarshalText([]byte(text)); err != nil {
			return c, err
		}
	}
	return c, c.check()
}

// Find tells where a card is now: the interface on its device, or else, for a USB
// card may come back at another place, on the radio with its address. Of several
// it is the one of its former name, or else the oldest. Without any the error
// wraps ErrGone.
func (m *Machine) Find(c Card) (Place, error) {
	var here, elsewhere []Place
	for _, name := range m.names("sys/class/net") {
		dir := path.Join("sys/class/net", name)
		phy, err := m.text(path.Join(dir, "phy80211/name"))
		if err != nil {
			continue
		}
		index, err := strconv.Atoi(m.or(path.Join(dir, "ifindex"), ""))
		if err != nil {
			continue
		}
		p := Place{Interface: name, Index: index, Phy: path.Base(phy)}
		if device, err := m.target(path.Join(dir, "device")); err == nil && device == "sys/"+c.Device {
			here = append(here, p)
		} else if !c.Addr.IsZero() && m.addrOf(phy) == c.Addr {
			elsewhere = append(elsewhere, p)
		}
	}
	if len(here) == 0 {
		here = elsewhere
	}
	if len(here) == 0 {
		return Place{}, fmt.Errorf("%s: %w", cmp.Or(c.Name, c.Device), ErrGone)
	}
	return slices.MinFunc(here, func(a, b Place) int {
		former := func(p Place) int { return map[bool]int{true: 0, false: 1}[p.Interface == c.Name] }
		return cmp.Or(cmp.Compare(former(a), former(b)), cmp.Compare(a.Index, b.Index))
	}), nil
}

// or is what a file says, or else something other.
func (m *Machine) or(name, other string) string {
	if text, err := m.text(name); err == nil && text != "" {
		return text
	}
	return other
}

// base is the last element of what a link leads to, "" for none.
func (m *Machine) base(name string) string {
	to, err := m.target(name)
	if err != nil {
		return ""
	}
	return path.Base(to)
}
