package doctor

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"roamfault/patterns/decode"
)

// hwsimModule is the kernel's module of simulated radios.
const hwsimModule = "mac80211_hwsim"

// mostCards bounds how many are looked at.
const mostCards = 32

// card is a device on a bus that is, or may be, a Wi-Fi card.
type card struct {
	device   string // place on its bus: "0000:c0:00.0", "1-2:1.0"
	id       string // "14c3:7925"; empty where the bus has none
	chips    []decode.Chip
	modalias string
	driver   string   // module that is bound to it, empty for none
	radios   []string // "phy0"
}

func (c *card) simulated() bool { return c.driver == hwsimModule }

// String names the card for people.
func (c *card) String() string {
	if len(c.chips) == 0 {
		return cmp.Or(c.id, "a device without an id")
	}
	return fmt.Sprintf("%s [%s]", cmp.Or(c.chips[0].Marketing, c.chips[0].Name), c.id)
}

// findCards goes by radios, and then by what else is on the buses: a card whose
// driver did not start has no radio.
func (m *machine) findCards() []card {
	var out []card
	const class = "sys/class/ieee80211"
	for _, radio := range m.list(class) {
		c := m.readCard(path.Join(class, radio, "device"))
		c.device = cmp.Or(m.target(path.Join(class, radio, "device")), radio)
		if at := slices.IndexFunc(out, func(o card) bool { return o.device == c.device }); at >= 0 {
			out[at].radios = append(out[at].radios, radio)
		} else if len(out) < mostCards {
			c.radios = []string{radio}
			out = append(out, c)
		}
	}
	for _, bus := range []struct {
		dir   string
		isOne func(dir string, c *card) bool
	}{
		// Network controllers of another kind than those listed before them
		// (PCI Code and ID Assignment, class 02h sub-class 80h), which all
		// Wi-Fi cards are.
		{"sys/bus/pci/devices", func(dir string, _ *card) bool {
			return strings.HasPrefix(m.text(path.Join(dir, "class")), "0x0280")
		}},
		// USB has no class for them.
		{"sys/bus/usb/devices", func(dir string, c *card) bool {
			return strings.Contains(path.Base(dir), ":") && slices.ContainsFunc(c.chips, func(chip decode.Chip) bool { return chip.Bus == decode.USB })
		}},
	} {
		for _, device := range m.list(bus.dir) {
			if len(out) >= mostCards {
				break
			}
			dir := path.Join(bus.dir, device)
			c := m.readCard(dir)
			c.device = device
			// A USB device has several interfaces, among them those of its
			// Bluetooth: one of them is the card.
			known := func(o card) bool { return whole(o.device) == whole(device) }
			if c.driver != "btusb" && bus.isOne(dir, &c) && !slices.ContainsFunc(out, known) {
				out = append(out, c)
			}
		}
	}
	return out
}

// whole returns the USB device of an interface ("1-2" of "1-2:1.3"), and what is
// on another bus as it is.
func whole(device string) string {
	if strings.Contains(device, "-") {
		device, _, _ = strings.Cut(device, ":")
	}
	return device
}

// readCard reads what the kernel says of a device in its uevent.
func (m *machine) readCard(dir string) card {
	uevent := m.fields(path.Join(dir, "uevent"), "=")
	c := card{modalias: uevent["MODALIAS"], id: strings.ToLower(uevent["PCI_ID"])}
	if product := strings.Split(uevent["PRODUCT"], "/"); len(product) == 3 {
		c.id = fmt.Sprintf("%04s:%04s", strings.ToLower(product[0]), strings.ToLower(product[1]))
	}
	c.driver = decode.ModuleName(cmp.Or(m.target(path.Join(dir, "driver/module")), m.target(path.Join(dir, "driver"))))
	if vendor, product, ok := decode.ParseDeviceID(c.id); ok {
		c.chips = decode.LookupChip(vendor, product)
	}
	return c
}

func (m *machine) checkCards(context.Context) []Result {
	cards := m.real()
	if len(cards) == 0 {
		detail := "no Wi-Fi card on PCI or USB, and no radio"
		if len(m.cards) > 0 {
			detail = fmt.Sprintf("simulated radios only (%s)", hwsimModule)
		}
		return one(Missing, detail, "plug one in, or turn it on in the firmware setup; logs of other machines can be analysed without, and the lab needs none")
	}
	var out []Result
	for _, c := range cards {
		r := Result{Subject: c.device, State: OK, Detail: c.String()}
		if len(c.chips) == 0 {
			r.Detail += ": a chip that roamfault has no facts about; messages of its driver are read all the same"
		} else if note := c.chips[0].Note; note != "" {
			r.Detail += "; " + note
		}
		out = append(out, r)
	}
	return out
}

func (m *machine) checkDrivers(context.Context) []Result {
	var out []Result
	for _, c := range m.real() {
		out = append(out, m.checkDriver(&c))
	}
	if len(out) == 0 {
		return noCard()
	}
	return out
}

func (m *machine) checkDriver(c *card) Result {
	r := Result{Subject: c.device}
	if c.driver != "" {
		r.State, r.Detail = OK, strings.TrimSpace(c.driver+" "+m.text(path.Join("sys/module", c.driver, "version")))
		if taint := m.text(path.Join("sys/module", c.driver, "taint")); strings.Contains(taint, "O") {
			r.Detail += ", not of the kernel's own tree"
		}
		if len(c.radios) == 0 {
			r.State = Missing
			r.Detail += ", which is bound to the card but has made no radio of it"
			r.Advice = "look at why: roamfault analyze; firmware that is not there, or a chip that does not answer, are usual"
		}
		return r
	}
	r.State, r.Detail = Missing, "none is bound"
	module, err := m.moduleFor(c.modalias)
	switch {
	case module != "" && m.has(path.Join("sys/module", module)):
		r.Detail += ", though " + module + " is loaded"
		r.Advice = "look at why it refuses the card: roamfault analyze"
	case module != "":
		r.Advice = fmt.Sprintf("modprobe %s as root; see that nothing in /etc/modprobe.d forbids it", module)
	case err != nil:
		r.Advice = "see kernel"
	case len(c.chips) > 0:
		r.Detail += ", and no module of this kernel knows the id"
		r.Advice = "a kernel that has " + c.chips[0].Driver + " for it"
		if note := c.chips[0].Note; note != "" {
			r.Advice += " (" + note + ")"
		}
	default:
		r.Detail += ", and no module of this kernel knows the id"
		r.Advice = "a newer kernel, or the driver of the card's maker"
	}
	return r
}
