package incident

import (
	"slices"
	"strconv"
	"strings"

	"roamfault/patterns"
	"roamfault/patterns/decode"
)

// card is one Wi-Fi device under all the names that records give it: driver
// and bus address, interfaces, phys. What belongs together is learned from the
// records.
type card struct {
	driver string
	bus    string
	ifaces []string
	phys   []string
	chip   string
	port   string // the PCI Express port above it, once its errors told
	track  track
}

// known reports whether more than an interface is known of the card.
func (c *card) known() bool { return c.driver != "" }

// String names the card as an event's or incident's device.
func (c *card) String() string {
	parts := []string{}
	if c.driver != "" {
		parts = append(parts, c.driver)
	}
	if c.bus != "" {
		parts = append(parts, c.bus)
	}
	if len(parts) == 0 {
		parts = append(parts, c.phys...)
	}
	if len(c.ifaces) > 0 {
		parts = append(parts, c.ifaces[len(c.ifaces)-1])
	}
	return strings.Join(parts, " ")
}

// family returns the chip family for fingerprints, "wifi" when unknown.
func (c *card) family() string {
	if c.chip != "" {
		return c.chip
	}
	if f := decode.ChipOfDriver(c.driver); f != "" {
		return f
	}
	return unknownFamily
}

// unknownFamily stands for a chip that no record has named.
const unknownFamily = "wifi"

// most bounds the cards that one log may name: damaged or hostile text could
// invent any number.
const mostCards = 64

// cards is the table of devices learned so far.
type cards struct {
	all []*card
}

// only returns the card when there is just one.
func (cs *cards) only() *card {
	if len(cs.all) == 1 {
		return cs.all[0]
	}
	return nil
}

// find returns the card that a subject speaks of, making one for a new Wi-Fi
// device, and nil when the subject names none.
func (cs *cards) find(s patterns.Subject) *card {
	wireless := patterns.IsWirelessDriver(s.Driver) || s.Driver == "wlan"
	var c *card
	switch {
	case wireless && s.Bus != "":
		c = cs.byBus(s.Driver, s.Bus)
	case s.Iface != "":
		c = cs.byIface(s.Iface)
	case s.Phy != "":
		c = cs.byPhy(s.Phy)
	}
	if c == nil && wireless {
		c = cs.byDriver(s.Driver)
	}
	if c == nil && (wireless || s.Iface != "" || s.Phy != "") {
		c = cs.adopt(s, wireless)
	}
	if c != nil {
		c.learn(s, wireless)
	}
	return c
}

// adopt gives an unknown subject the card that can be no other, or a new one.
func (cs *cards) adopt(s patterns.Subject, wireless bool) *card {
	var known, nameless []*card
	for _, c := range cs.all {
		if c.known() {
			known = append(known, c)
		} else {
			nameless = append(nameless, c)
		}
	}
	switch {
	case wireless && len(known) == 0 && len(nameless) == 1:
		return nameless[0] // the interface seen before is that of this device
	case wireless && s.Bus == "" && len(known) == 1 && known[0].driver == s.Driver:
		return known[0]
	case !wireless && len(known) == 1 && len(nameless) == 0:
		return known[0]
	}
	if len(cs.all) >= mostCards {
		return cs.all[mostCards-1]
	}
	c := &card{}
	cs.all = append(cs.all, c)
	return c
}

func (c *card) learn(s patterns.Subject, wireless bool) {
	if wireless && (c.driver == "" || c.bus == "" && s.Bus != "") {
		c.driver = s.Driver
	}
	if wireless && s.Bus != "" && c.bus == "" {
		c.bus = s.Bus
	}
	if s.Iface != "" {
		c.addIface(s.Iface)
	}
	if s.Phy != "" && len(c.phys) < 8 && !slices.Contains(c.phys, s.Phy) {
		c.phys = append(c.phys, s.Phy)
	}
}

func (c *card) addIface(name string) {
	if len(c.ifaces) < 16 && !slices.Contains(c.ifaces, name) {
		c.ifaces = append(c.ifaces, name)
	}
}

// byBus finds a device by its address. The domain is left out where nothing
// else differs: photographs of screens and retyped logs damage it first.
func (cs *cards) byBus(driver, bus string) *card {
	for _, c := range cs.all {
		if c.bus != "" && (c.bus == bus || c.port == bus || withoutDomain(c.bus) == withoutDomain(bus) && (driver == "" || c.driver == driver)) {
			return c
		}
	}
	if driver == "" {
		return nil
	}
	for _, c := range cs.all {
		if c.bus != "" {
			continue
		}
		if c.driver == driver || !c.known() && c.namedFor(bus) || sameFamily(c.driver, driver) {
			return c
		}
	}
	return nil
}

// sameFamily reports whether two driver names stand for one family of chips:
// "ath5k" and "ath5k_pci".
func sameFamily(a, b string) bool {
	f := decode.ChipOfDriver(a)
	return f != "" && f == decode.ChipOfDriver(b)
}

// byPort finds the device behind a USB port: "2-1" has "2-1:1.0".
func (cs *cards) byPort(port string) *card {
	for _, c := range cs.all {
		if c.bus == port || strings.HasPrefix(c.bus, port+":") {
			return c
		}
	}
	return nil
}

func (cs *cards) byIface(name string) *card {
	for _, c := range cs.all {
		if slices.Contains(c.ifaces, name) {
			return c
		}
	}
	for _, c := range cs.all {
		if bus, slot, ok := predictable(name); ok && pciIs(c.bus, bus, slot) {
			return c
		}
	}
	return nil
}

func (cs *cards) byPhy(name string) *card {
	for _, c := range cs.all {
		if slices.Contains(c.phys, name) {
			return c
		}
	}
	return nil
}

func (cs *cards) byDriver(driver string) *card {
	var found *card
	for _, c := range cs.all {
		if c.driver == driver {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}

// namedFor reports whether one of the card's interfaces bears the predictable
// name of that PCI address.
func (c *card) namedFor(bus string) bool {
	for _, name := range c.ifaces {
		if b, s, ok := predictable(name); ok && pciIs(bus, b, s) {
			return true
		}
	}
	return false
}

// predictable reads bus and slot from a name like wlp192s0 (systemd's
// net-naming scheme: decimal PCI bus and slot).
func predictable(name string) (bus, slot int, ok bool) {
	rest, found := strings.CutPrefix(name, "wlp")
	if !found {
		return 0, 0, false
	}
	b, s, found := strings.Cut(rest, "s")
	if !found {
		return 0, 0, false
	}
	s, _, _ = strings.Cut(s, "f")
	bus, err1 := strconv.Atoi(b)
	slot, err2 := strconv.Atoi(s)
	return bus, slot, err1 == nil && err2 == nil
}

// pciIs reports whether the PCI address (dddd:bb:ss.f) has that bus and slot.
func pciIs(address string, bus, slot int) bool {
	parts := strings.FieldsFunc(address, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) != 4 {
		return false
	}
	b, err1 := strconv.ParseInt(parts[1], 16, 32)
	s, err2 := strconv.ParseInt(parts[2], 16, 32)
	return err1 == nil && err2 == nil && int(b) == bus && int(s) == slot
}

func withoutDomain(bus string) string {
	if _, rest, ok := strings.Cut(bus, ":"); ok && strings.Count(bus, ":") == 2 {
		return rest
	}
	return bus
}
