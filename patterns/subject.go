package patterns

import (
	"slices"
	"strings"
)

// Subject is who a message speaks of, as its own beginning says: a driver and
// the bus address of its device, a network interface, a phy. Unknown parts are
// empty.
type Subject struct {
	Driver string // "mt7925e", "iwlwifi", "ath", "usb", "pcieport"
	Bus    string // "0000:c0:00.0", "2-1:1.3", "a800000.wifi", "mhi0"
	Iface  string // "wlan0", "wlp192s0", "phy1-ap0"
	Phy    string // "phy0"
	Link   string // link id as printed, for "[link 1]"
}

// IsZero reports whether nothing is known.
func (s Subject) IsZero() bool { return s == Subject{} }

// IsPort reports whether the message is one of the PCIe port above a card,
// which knows the slot and not what is in it (drivers/pci/pcie/portdrv.c).
func (s Subject) IsPort() bool { return s.Driver == "pcieport" }

// String joins what is known the way the kernel prints it.
func (s Subject) String() string {
	parts := make([]string, 0, 4)
	for _, p := range []string{s.Driver, s.Bus, s.Phy, s.Iface} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

// SplitSubject takes the subject off the front of a kernel or daemon message
// and returns it with the rest. The shapes are those of the kernel's dev_printk
// ("driver address: "), netdev_printk ("driver address ifname: "),
// wiphy_printk ("ieee80211 phy0: "), mac80211's sdata_info and link_info
// ("wlan0: [link 1] "), MediaTek's vendor drivers ("[wlan][123]func:(MOD CLASS) ")
// and FreeBSD's device_printf ("iwlwifi0: ").
func SplitSubject(msg string) (Subject, string) {
	var s Subject
	body := trimListing(msg)
	if strings.HasPrefix(body, "IFNAME=") {
		if sp := strings.IndexByte(body, ' '); sp > 0 {
			s.Iface = body[len("IFNAME="):sp]
			return s, strings.TrimLeft(body[sp:], " ")
		}
	}
	if vendor, rest, ok := splitVendor(body); ok {
		return vendor, rest
	}
	body = s.takeAll(body)
	if s.IsZero() {
		if rest, ok := fromDriver(body); ok {
			body = s.takeAll(rest)
		}
	}
	if strings.HasPrefix(body, "[link ") && s.Iface != "" {
		if end := strings.IndexByte(body, ']'); end > 0 && end < 12 {
			s.Link = body[len("[link "):end]
			body = strings.TrimLeft(body[end+1:], " ")
		}
	}
	return s, body
}

// takeAll reads the heads at the front of body and returns the rest.
func (s *Subject) takeAll(body string) string {
	for range 3 { // "pcieport 0000:00:02.3: ", "wlan0: ", and a phy between at the most
		head, rest, ok := cutHead(body)
		if !ok {
			break
		}
		if !s.take(head) {
			break
		}
		body = rest
	}
	return body
}

// trimListing takes off what lists and quoting put in front of a message, and
// the identifier when no time stood before it.
func trimListing(msg string) string {
	body := strings.TrimLeft(msg, " \t")
	for _, mark := range []string{"- ", "* ", "• ", "`", "| "} {
		if rest, ok := strings.CutPrefix(body, mark); ok {
			body = strings.TrimLeft(rest, " \t`")
			break
		}
	}
	digits := 0
	for digits < len(body) && digits < 3 && isDigit(body[digits]) {
		digits++
	}
	if rest, ok := strings.CutPrefix(body[digits:], ". "); ok && digits > 0 {
		body = strings.TrimLeft(rest, " `")
	}
	return strings.TrimPrefix(body, "kernel: ")
}

// fromDriver leaves out what stands before a Wi-Fi driver's name and its
// device's address: loggers of consoles and vendors put stamps of their own
// there, which no reader knows.
func fromDriver(body string) (string, bool) {
	const longest = 120
	colon := strings.LastIndex(body[:min(len(body), longest+longestHead+2)], ": ")
	for i := 1; i < colon && i < longest; i++ {
		if !endsStamp(body[i-1]) || !IsWirelessDriver(body[i:]) {
			continue
		}
		head, _, ok := cutHead(body[i:])
		if !ok {
			continue
		}
		driver, address, ok := strings.Cut(head, " ")
		if ok && isDriverShape(driver) && (strings.ContainsAny(address, ":-.") && isBusAddress(address) || isPhy(address)) {
			return body[i:], true
		}
	}
	return "", false
}

// endsStamp reports whether a stamp may end with c.
func endsStamp(c byte) bool {
	switch c {
	case ' ', ']', ')', '>', '|', '`', '\'':
		return true
	}
	return false
}

// longestHead bounds one part of a subject.
const longestHead = 80

// cutHead splits at the first ": " that can end a subject.
func cutHead(body string) (head, rest string, ok bool) {
	for i := 0; i < len(body) && i < longestHead; i++ {
		if body[i] != ':' {
			continue
		}
		if i+1 == len(body) {
			return "", "", false
		}
		if body[i+1] == ' ' {
			return body[:i], strings.TrimLeft(body[i+1:], " "), i > 0
		}
	}
	return "", "", false
}

// take reads one head into s, and reports whether it was one.
func (s *Subject) take(head string) bool {
	words := strings.Fields(head)
	switch len(words) {
	case 1:
		w := words[0]
		switch {
		case isPhy(w):
			if s.Phy != "" {
				return false
			}
			s.Phy = w
		case IsInterface(w):
			if s.Iface != "" {
				return false
			}
			s.Iface = w
		case isDriverWord(w):
			if s.Driver != "" {
				return false
			}
			s.Driver = w
		default:
			return false
		}
		return true
	case 2, 3:
		if s.Driver != "" || !isDriverShape(words[0]) || isMAC(words[1]) {
			return false
		}
		switch {
		case words[0] == "ieee80211" && isPhy(words[1]):
			s.Phy = words[1]
		case isPhy(words[1]): // "ath5k phy0: "
			s.Driver, s.Phy = words[0], words[1]
		case isBusAddress(words[1]):
			s.Driver, s.Bus = words[0], words[1]
		default:
			return false
		}
		if len(words) == 3 {
			switch {
			case IsInterface(words[2]):
				s.Iface = words[2]
			case strings.HasPrefix(words[2], "("): // "wlan0 (unregistering)"
			default:
				return false
			}
		}
		return true
	}
	return false
}

// splitVendor reads the head of MediaTek's vendor drivers.
func splitVendor(body string) (Subject, string, bool) {
	rest := body
	if r, ok := strings.CutPrefix(rest, "[wlan]"); ok {
		rest = r
		if strings.HasPrefix(rest, "[") {
			if end := strings.IndexByte(rest, ']'); end > 0 && end < 12 {
				rest = rest[end+1:]
			}
		}
		rest = strings.TrimLeft(rest, " ")
	}
	open := strings.IndexByte(rest, '(')
	if open <= 0 || open > 64 {
		if len(rest) != len(body) {
			return Subject{Driver: "wlan"}, rest, true
		}
		return Subject{}, "", false
	}
	fn := strings.TrimRight(rest[:open], " ")
	fn, colon := strings.CutSuffix(fn, ":")
	end := strings.IndexByte(rest[open:], ')')
	if colon && isIdent(fn) && end > 0 && isModuleClass(rest[open+1:open+end]) {
		return Subject{Driver: "wlan"}, fn + ": " + strings.TrimLeft(rest[open+end+1:], " "), true
	}
	if len(rest) != len(body) {
		return Subject{Driver: "wlan"}, rest, true
	}
	return Subject{}, "", false
}

// isModuleClass tells "(TX INFO)" of the vendor's DBGLOG from other brackets.
func isModuleClass(s string) bool {
	mod, class, ok := strings.Cut(s, " ")
	if !ok || mod == "" {
		return false
	}
	for i := range len(mod) {
		if c := mod[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	switch class {
	case "ERROR", "WARN", "STATE", "EVENT", "TRACE", "INFO", "LOUD", "TEMP":
		return true
	}
	return false
}

func isIdent(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// IsInterface reports whether w has the shape of a Wi-Fi interface name.
func IsInterface(w string) bool {
	if len(w) < 3 || len(w) > 15 {
		return false
	}
	for _, prefix := range interfacePrefixes {
		rest, ok := strings.CutPrefix(w, prefix.text)
		if !ok || rest == "" {
			continue
		}
		if prefix.any && isIdent(strings.NewReplacer("-", "", ".", "").Replace(rest)) {
			return true
		}
		digits := 0
		for digits < len(rest) && isDigit(rest[digits]) {
			digits++
		}
		if digits == 0 || digits > 3 {
			continue // "wl1271" is a chip
		}
		if tail := rest[digits:]; tail == "" || slices.ContainsFunc(prefix.tails, func(t string) bool { return strings.HasPrefix(tail, t) }) {
			return true
		}
	}
	if phy, role, ok := strings.Cut(w, "-"); ok && isPhy(phy) && isIdent(role) { // "phy1-ap0"
		return true
	}
	return false
}

// interfacePrefixes are the beginnings of Wi-Fi interface names as the kernel,
// udev's predictable naming and vendor drivers give them. A number follows, and
// behind it one of the tails or nothing.
var interfacePrefixes = []struct {
	text  string
	any   bool // anything may follow
	tails []string
}{
	{"wlan", false, []string{"-", ".", "mon", "_"}},
	{"wlp", false, []string{"s", "f"}}, {"wlP", false, []string{"p", "s"}}, {"wlo", false, nil}, {"wls", false, []string{"f", "u"}}, {"wlx", true, nil},
	{"wl", false, []string{"-", "."}}, {"wifi", false, nil}, {"mlan", false, nil}, {"uap", false, nil}, {"p2p", false, nil}, {"p2p-", true, nil},
	{"mtkap", false, nil}, {"mtkp", true, nil}, {"ath", false, []string{"-", "."}}, {"ap", false, nil}, {"ra", false, nil}, {"rai", false, nil}, {"rax", false, nil},
	{"apcli", false, nil}, {"mon.", true, nil}, {"wds", false, nil}, {"mesh", false, nil},
}

// isMAC reports whether w has the shape of a MAC address, masked or not.
func isMAC(w string) bool { return len(w) == 17 && strings.Count(w, ":") == 5 }

func isPhy(w string) bool {
	rest, ok := strings.CutPrefix(w, "phy")
	return ok && rest != "" && allDigits(rest)
}

// isBusAddress reports whether w is an address as a bus prints it: PCI
// ("0000:c0:00.0", also damaged ones), USB ("2-1:1.3"), platform
// ("a800000.wifi"), SDIO ("mmc1:0001:1"), MHI and the like ("mhi0").
func isBusAddress(w string) bool {
	digits := 0
	for i := range len(w) {
		switch c := w[i]; {
		case isDigit(c):
			digits++
		case c == ':' || c == '-' || c == '.' || c == '_' || c == '@':
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		default:
			return false
		}
	}
	return digits > 0
}

// isDriverShape reports whether w can be a driver's name in front of a bus
// address.
func isDriverShape(w string) bool {
	if len(w) < 2 || len(w) > 24 || w[0] < 'a' || w[0] > 'z' { // "IEEE 802.1X: " and "BSS 02:..: " are none
		return false
	}
	for i := range len(w) {
		c := w[i]
		if c != '_' && c != '-' && c != '/' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && !isDigit(c) {
			return false
		}
	}
	return true
}

// isDriverWord reports whether w alone, followed by a colon, names a driver.
// Only known families do: any daemon's word looks the same.
func isDriverWord(w string) bool {
	return IsWirelessDriver(w) || w == "wlan" || w == "Bluetooth"
}

// wirelessDrivers are the beginnings of the names of Wi-Fi drivers, as they
// stand in front of their messages.
var wirelessDrivers = []string{
	"mt76", "mt79", "mt66", "mt7", "iwlwifi", "iwlagn", "iwl3945", "iwl4965", "iwlmvm", "ipw2", "ath10k", "ath11k", "ath12k", "ath9k", "ath5k",
	"ath6kl", "carl9170", "rtw88", "rtw89", "rtw_8", "rtw_9", "rtl8", "rtlwifi", "r8188eu", "r8712u", "brcmfmac", "brcmsmac", "b43",
	"mwifiex", "mwlwifi", "rt2x00", "rt2800", "rt61pci", "rt73usb", "cc33xx", "wlcore", "wl12xx", "wl18xx", "rsi_91x", "wilc1000", "qtnfmac",
	"zd1211rw", "libertas", "p54", "wcn36xx", "wil6210", "cw1200", "xradio", "esp8089", "aic8800", "ssv6", "uwe5622", "sprdwl",
}

// IsWirelessDriver reports whether name is that of a Wi-Fi driver, with or
// without the unit number that FreeBSD appends.
func IsWirelessDriver(name string) bool {
	if name == "ath" || name == "wl" {
		return true
	}
	if name == "" {
		return false
	}
	for _, p := range wirelessDrivers {
		// Most names are none: the first byte dismisses them without a call.
		if p[0] == name[0] && strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
