package journal

// Which lines begin a record of their own is told by their first words: an
// interface, a driver with its device, a daemon's module, the parts of a
// kernel splat. A wrapped tail begins otherwise.

// isSubject tells whether a tag is what a kernel or supplicant message is
// about rather than the program that wrote it: "wlan0:", "iwlwifi:".
func isSubject(s []byte) bool {
	i := 0
	for i < len(s) && s[i] != ':' {
		i++
	}
	w := s[:i]
	return isInterface(w) || isModule(w)
}

// isInterface tells names of network interfaces and radios: letters, a digit
// within, of a known family.
func isInterface(w []byte) bool {
	if len(w) < 3 || len(w) > 20 || !isLetter(w[0]) {
		return false
	}
	digit := false
	for _, c := range w {
		switch {
		case isDigit(c):
			digit = true
		case isLetter(c), c == '-', c == '_', c == '.', c == '@':
		default:
			return false
		}
	}
	if !digit {
		return false
	}
	switch w[0] | 0x20 {
	case 'w':
		return hasPrefix(w, "wl") || hasPrefix(w, "wifi") || hasPrefix(w, "wwan") || hasPrefix(w, "wds")
	case 'p':
		return hasPrefix(w, "phy") || hasPrefix(w, "p2p")
	case 'e':
		return hasPrefix(w, "eth") || hasPrefix(w, "en")
	case 'a':
		return hasPrefix(w, "ap") || hasPrefix(w, "ath")
	case 'b':
		return hasPrefix(w, "br") || hasPrefix(w, "bond")
	case 'm':
		return hasPrefix(w, "mon") || hasPrefix(w, "mtk") || hasPrefix(w, "mld") || hasPrefix(w, "mesh") ||
			hasPrefix(w, "mlan") || hasPrefix(w, "mhi")
	case 'r':
		return hasPrefix(w, "ra") || hasPrefix(w, "rai") || hasPrefix(w, "radio")
	case 's':
		return hasPrefix(w, "sta")
	case 'l':
		return hasPrefix(w, "lan")
	case 'h':
		return hasPrefix(w, "hwsim") || hasPrefix(w, "hci")
	case 'u':
		return hasPrefix(w, "uap")
	case 'i':
		return hasPrefix(w, "iwlwifi") || hasPrefix(w, "iwm") || hasPrefix(w, "iwn")
	case 'v':
		return hasPrefix(w, "vwlan")
	}
	return false
}

// isModule tells the words with a colon that kernel and supplicant messages
// begin with.
func isModule(w []byte) bool {
	switch string(w) {
	case "nl80211", "cfg80211", "mac80211", "ieee80211", "mac80211_hwsim", "brcmfmac", "brcmsmac", "iwlwifi", "iwlmvm",
		"ath", "ath9k", "ath10k", "ath11k", "ath12k", "mt76", "mwifiex", "mwifiex_pcie", "rtlwifi", "wlan", "wl", "rfkill",
		"Bluetooth", "btusb", "PM", "ACPI", "AMD-Vi", "DMAR", "IPv6", "audit", "usbcore", "nvme", "pcieport", "xhci_hcd",
		"BUG", "INFO", "WARNING", "Oops", "RIP", "RSP", "RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP", "R08", "R09", "R10", "R11",
		"R12", "R13", "R14", "R15", "FS", "CS", "CR2", "CR0", "PKRU", "CPU", "Code", "Tainted", "Workqueue", "Hardware name",
		"SME", "WPA", "RSN", "EAPOL", "EAP", "SAE", "OWE", "FT", "MLD", "WPS", "P2P", "TDLS", "CTRL_IFACE", "bgscan simple",
		"State", "RTM_NEWLINK", "WEXT", "Call Trace", "Call trace", "Modules linked in", "#PF", "Internal error", "Kernel panic":
		return true
	}
	return false
}

// beginsRecord tells whether a line without prefix begins a record of its
// own, so that it continues no other.
func beginsRecord(s []byte) bool {
	s = s[skipSpaces(s, 0):]
	if len(s) == 0 {
		return false
	}
	switch c := s[0]; {
	case c == '.' && hasPrefix(s, "..."), c == 0xE2 && (hasPrefix(s, "…") || hasPrefix(s, "░░ ")), c == '-' && hasPrefix(s, "---"), c == '*' && hasPrefix(s, "***"),
		c == '#' && hasPrefix(s, "#PF:"), c == '=' && hasPrefix(s, "==="):
		return true
	case c == '?':
		return at(s, 1) == ' ' && isTraceEntry(s[2:])
	case c == '<':
		return hasPrefix(s, "<TASK>") || hasPrefix(s, "</TASK>") || hasPrefix(s, "<IRQ>") || hasPrefix(s, "</IRQ>") || hasPrefix(s, "<NMI>") || hasPrefix(s, "</NMI>")
	case c == '[':
		return isTagPair(s)
	case !isLetter(c) && c != '_' && c < 0x80:
		return false
	}
	// The first word up to its colon, which may hold blanks.
	i := 0
	for i < len(s) && i < 32 && s[i] != ':' {
		i++
	}
	if at(s, i) == ':' {
		if c := at(s, i+1); c == ' ' || c == 0 || c == '\t' {
			if isSubject(s[:i+1]) || isNumbered(s[:i]) {
				return true
			}
			if w := trimRight(s[:i]); len(w) < 5 && isRegister(w) {
				return true
			}
		}
	}
	return isDriverDevice(s) || isTraceEntry(s) || isEvent(s)
}

func trimRight(s []byte) []byte {
	n := len(s)
	for n > 0 && isSpace(s[n-1]) {
		n--
	}
	return s[:n]
}

// isNumbered tells names of devices by their shape, "vcn18", "iwlwifi0".
func isNumbered(w []byte) bool {
	if len(w) < 3 || !isLower(w[0]) || !isDigit(w[len(w)-1]) {
		return false
	}
	for _, c := range w {
		if !isLower(c) && !isDigit(c) && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// isRegister tells the registers of an arm64 splat, "pc :", "x12:".
func isRegister(w []byte) bool {
	switch string(w) {
	case "pc", "lr", "sp", "pstate":
		return true
	}
	return len(w) >= 2 && w[0] == 'x' && isDigit(w[1])
}

// isTagPair tells the "[WMT-CORE][E]" of MediaTek's vendor drivers.
func isTagPair(s []byte) bool {
	i := 1
	for i < len(s) && (isUpper(s[i]) || isDigit(s[i]) || s[i] == '-' || s[i] == '_') {
		i++
	}
	if i == 1 || at(s, i) != ']' {
		return false
	}
	j := skipSpaces(s, i+1)
	return at(s, j) == '['
}

// isDriverDevice tells "mt7925e 0000:c0:00.0", "usb 2-1:" and the like.
func isDriverDevice(s []byte) bool {
	i := 0
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == '-') {
		i++
	}
	if i < 2 || i > 24 || at(s, i) != ' ' {
		return false
	}
	s = s[i+1:]
	n := skipWord(s, 0)
	return isBusAddress(s[:n])
}

// isBusAddress tells a PCI address, a USB path, a platform device or a radio, with its colon if any.
func isBusAddress(w []byte) bool {
	if len(w) >= 12 && w[4] == ':' && w[7] == ':' && w[10] == '.' {
		for i, c := range w[:12] {
			if i != 4 && i != 7 && i != 10 && !isHex(c) {
				return false
			}
		}
		return true
	}
	if len(w) > 1 && w[len(w)-1] == ':' {
		w = w[:len(w)-1]
	} else {
		return false
	}
	if isDigit(at(w, 0)) {
		// USB: 2-1.4:1.3
		dash := false
		for _, c := range w {
			if c == '-' {
				dash = true
			} else if !isDigit(c) && c != '.' && c != ':' {
				dash = false
				break
			}
		}
		if dash {
			return true
		}
	}
	// Platform devices: a800000.wifi, 1fab0000.usb; root hubs and ports.
	return hasSuffix(w, ".wifi") || hasSuffix(w, ".usb") || hasSuffix(w, ".pcie") || hasSuffix(w, ".mmc") ||
		hasPrefix(w, "usb") || hasPrefix(w, "phy") || hasPrefix(w, "mmc") || isInterface(w)
}

// isTraceEntry tells "func+0x1a/0x30 [module]".
func isTraceEntry(s []byte) bool {
	i := 0
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || s[i] == '_' || s[i] == '.') {
		i++
	}
	return i > 0 && i+3 < len(s) && s[i] == '+' && s[i+1] == '0' && s[i+2] == 'x' && isHex(s[i+3])
}

// isEvent tells the events and sentences that supplicants begin messages
// with.
func isEvent(s []byte) bool {
	switch s[0] {
	case 'C':
		return hasPrefix(s, "CTRL-EVENT-")
	case 'A':
		return hasPrefix(s, "AP-") && isUpper(at(s, 3)) || hasPrefix(s, "Associated with ") || hasPrefix(s, "Added BSSID ")
	case 'W':
		return hasPrefix(s, "WPS-") && isUpper(at(s, 4))
	case 'P':
		return hasPrefix(s, "P2P-") && isUpper(at(s, 4)) || hasPrefix(s, "PGD ")
	case 'D':
		return hasPrefix(s, "DFS-") || hasPrefix(s, "DPP-")
	case 'T':
		return hasPrefix(s, "Trying to associate ") || hasPrefix(s, "Trying to authenticate ")
	case 'I':
		return hasPrefix(s, "IFNAME=")
	}
	return false
}

// isCtrlEvent tells the messages that wpa_supplicant and hostapd send over
// their control interface, rather than the kernel at a console.
func isCtrlEvent(s []byte) bool {
	if len(s) == 0 {
		return false
	}
	if isEvent(s) {
		return true
	}
	switch s[0] {
	case 'S':
		return hasPrefix(s, "SME: ") || hasPrefix(s, "SAE: ") || hasPrefix(s, "STA-")
	case 'W':
		return hasPrefix(s, "WPA: ") || hasPrefix(s, "WPS-")
	case 'M':
		return hasPrefix(s, "MESH-") || hasPrefix(s, "MLD: ")
	case 'E':
		return hasPrefix(s, "EAP-") || hasPrefix(s, "ESS-")
	case 'R':
		return hasPrefix(s, "RSN: ") || hasPrefix(s, "RX-PROBE-") || hasPrefix(s, "RRM-")
	case 'F':
		return hasPrefix(s, "FT: ")
	case 'T':
		return hasPrefix(s, "TDLS-") || hasPrefix(s, "TWT-")
	case 'G', 'H', 'I', 'B', 'U', 'O', 'N':
		return hasPrefix(s, "GAS-") || hasPrefix(s, "HS20-") || hasPrefix(s, "INTERWORKING-") ||
			hasPrefix(s, "BSS-TM-") || hasPrefix(s, "UNPROT-") || hasPrefix(s, "OWE: ") || hasPrefix(s, "NAN-")
	}
	return false
}
