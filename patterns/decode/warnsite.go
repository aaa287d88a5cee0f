package decode

import (
	"path"
	"strconv"
	"strings"
)

// Site is a place in the kernel's source that a warning or an oops names.
type Site struct {
	// File is the path as printed: "drivers/net/wireless/mediatek/mt76/mt7925/mcu.c".
	// Empty in a line that names the function alone ("RIP: 0010:...").
	File string
	// Line is the line's number, 0 when none is printed.
	Line int
	// Func is the function without offset: "mt7925_mcu_set_mlo_roc".
	Func string
	// Module is what stands in brackets behind it: "mt7925_common".
	Module string
}

// ParseSite reads the place from a warning's headline in the form of kernels
// to 6.18 ("WARNING: CPU: 3 PID: 812 at FILE:LINE FUNC+0x2a1/0x4f0 [MODULE]"),
// in the form since ("WARNING: FILE:LINE at FUNC+0x2a1/0x4f0, CPU#3: ..."),
// and from the line of an oops that names the instruction ("RIP: 0010:FUNC+...",
// "pc : FUNC+...", "PC is at FUNC+..."). Compiler suffixes as ".isra.0" are left out.
func ParseSite(line string) (Site, bool) {
	line = bounded(line)
	for _, mark := range [...]string{"RIP: 0010:", "RIP: 0033:", "pc : ", "PC is at "} {
		if rest, ok := after(line, mark); ok {
			var s Site
			s.Func, s.Module = symbol(rest)
			return s, s.Func != ""
		}
	}
	rest, ok := after(line, "WARNING: ")
	if !ok {
		return Site{}, false
	}
	if strings.HasPrefix(rest, "CPU: ") {
		if rest, ok = after(rest, " at "); !ok {
			return Site{}, false
		}
	}
	place, rest, _ := strings.Cut(rest, " ")
	file, number, ok := cutLast(place, ':')
	if !ok {
		return Site{}, false
	}
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || plainWord(file) == "" || !strings.HasSuffix(file, ".c") && !strings.HasSuffix(file, ".h") {
		return Site{}, false
	}
	s := Site{File: file, Line: int(n)}
	s.Func, s.Module = symbol(strings.TrimPrefix(rest, "at "))
	return s, true
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// symbol reads "func+0x1/0x2 [module]".
func symbol(s string) (name, module string) {
	s = strings.TrimLeft(s, " ")
	end := strings.IndexAny(s, "+ ,")
	if end < 0 {
		end = len(s)
	}
	name, _, _ = strings.Cut(s[:end], ".")
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return "", ""
		}
	}
	if m, ok := after(s[end:], "["); ok {
		if m, _, ok = strings.Cut(m, "]"); ok {
			module = plainWord(m)
		}
	}
	return name, module
}

// WarnCondition is what a known warning of mt76 found.
type WarnCondition struct {
	// Func is the function that warns.
	Func string
	// Condition is what it found, in plain words.
	Condition string
	// Meaning says what that means.
	Meaning string

	file  string
	lines [3]int // in Linux 6.12.15, 6.18.19 and openwrt/mt76 of June 2026; 0 where there is none
}

// Conditions returns what a warning at the place found. The function decides:
// distributions' patches shift lines. Where a function has several warnings, a
// line that fits one of the known sources exactly picks that one, and any
// other gives all of them in source order. Without a function the file and an
// exact line decide. All of them are told once until the module is loaded
// anew: that one does not come again means nothing.
func (s Site) Conditions() []WarnCondition {
	var all []WarnCondition
	for _, c := range warnConditions {
		byFunc := s.Func != "" && c.Func == s.Func
		exact := s.Line != 0 && c.hasLine(s.Line) && c.inFile(s.File)
		switch {
		case exact && (byFunc || s.Func == ""):
			return []WarnCondition{c}
		case byFunc:
			all = append(all, c)
		}
	}
	return all
}

func (c WarnCondition) hasLine(n int) bool {
	for _, l := range c.lines {
		if l == n {
			return true
		}
	}
	return false
}

func (c WarnCondition) inFile(file string) bool {
	return path.Base(file) == path.Base(c.file) && strings.Contains(file, "mt76")
}

var warnConditions = [...]WarnCondition{
	{"mt7925_set_mlo_roc", "time on a channel is asked for while an earlier request is still open",
		"a roam began before the last one had given its channel back", "mt7925/main.c", [3]int{527, 539, 579}},
	{"mt7925_mcu_set_mlo_roc", "a link of the multi-link connection has no configuration",
		"a link was torn down while time on its channel was asked for", "mt7925/mcu.c", [3]int{1201, 1341, 1398}},
	{"mt7925_mcu_set_mlo_roc", "a link has no channel",
		"a link was torn down, or not yet set up, while time on its channel was asked for", "mt7925/mcu.c", [3]int{1205, 1345, 1402}},
	{"mt7925_mcu_set_mlo_roc", "a link has no driver state or no channel",
		"the driver's own table of links does not agree with mac80211's", "mt7925/mcu.c", [3]int{1222, 1362, 1420}},
	{"mt7925_mcu_roc_handle_grant", "the chip's answer to a request for channel time is of another kind",
		"firmware and driver do not fit together, or the answer is damaged", "mt7925/mcu.c", [3]int{329, 326, 326}},
	{"mt7925_mac_tx_free", "the report of sent frames has an old version",
		"firmware and driver do not fit together, or the report is damaged", "mt7925/mac.c", [3]int{1113, 1108, 1121}},
	{"mt7925_mac_tx_free", "the report of sent frames runs past its end",
		"the report is damaged", "mt7925/mac.c", [3]int{1121, 1116, 1129}},
	{"mt7925_mcu_bss_basic_tlv", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt7925/mcu.c", [3]int{2426, 2548, 2620}},
	{"mt7925_mac_select_links", "a link of the multi-link connection has no configuration",
		"a link was torn down while the driver chose its links", "mt7925/main.c", [3]int{1002, 0, 0}},
	{"mt76_select_links", "a link of the multi-link connection has no configuration",
		"a link was torn down while the driver chose its links", "mt76/mac80211.c", [3]int{0, 2095, 2121}},
	{"mt7925_mac_link_sta_add", "the driver has no state for the peer's link",
		"mac80211 adds a peer on a link that the driver does not hold", "mt7925/main.c", [3]int{0, 0, 905}},
	{"mt7925_mac_link_sta_add", "the driver has no state for the peer's first link",
		"mac80211 adds a peer on a link before its first one", "mt7925/main.c", [3]int{0, 0, 985}},
	{"mt7925_mcu_sta_hdr_trans_tlv", "the driver has no state for the peer's link",
		"a peer's link was torn down while its record was written", "mt7925/mcu.c", [3]int{0, 0, 1153}},
	{"mt7925_mcu_add_bss_info", "the driver has no state for the peer's link",
		"a link was torn down while its BSS was told to the chip", "mt7925/mcu.c", [3]int{0, 0, 2957}},
	{"mt7921_mac_tx_free", "the report of sent frames runs past its end",
		"the report is damaged", "mt7921/mac.c", [3]int{0, 0, 504}},
	{"mt7921_mcu_uni_roc_event", "the chip's answer to a request for channel time is of another kind",
		"firmware and driver do not fit together, or the answer is damaged", "mt7921/mcu.c", [3]int{0, 0, 150}},
	{"mt7921_get_txpwr_info", "the chip's table of transmit power has another size than it says",
		"firmware and driver do not fit together", "mt7921/mcu.c", [3]int{0, 0, 1121}},
	{"mt76_connac_mcu_bss_omac_tlv", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt76_connac_mcu.c", [3]int{0, 0, 357}},
	{"mt76_connac_mcu_sta_basic_tlv", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt76_connac_mcu.c", [3]int{0, 0, 426}},
	{"mt76_connac_mcu_uni_add_dev", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt76_connac_mcu.c", [3]int{0, 0, 1221}},
	{"mt76_connac_mcu_uni_add_bss", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt76_connac_mcu.c", [3]int{0, 0, 1629}},
	{"mt76_connac_mcu_bss_basic_tlv", "the interface is of a kind that the driver does not know",
		"a mode that this driver cannot do was set up", "mt76_connac_mcu.c", [3]int{0, 0, 2872}},
}

// KnownIssue is a public report of a failure with the same function on top of
// the stack. The same function can fail for another reason.
type KnownIssue struct {
	// Func is the function on top of the stack.
	Func string
	// Report is where it is reported: "openwrt/mt76#977".
	Report string
	// Meaning says in plain words what happens there.
	Meaning string
}

// IssueOf returns the public report of a failure in that function.
func IssueOf(function string) (KnownIssue, bool) {
	for _, k := range knownIssues {
		if k.Func == function {
			return k, true
		}
	}
	return KnownIssue{}, false
}

var knownIssues = [...]KnownIssue{
	{"mt7925_sta_set_decap_offload", "openwrt/mt76#977", "as an access point, a client is set up before the driver holds its interface: a missing pointer is followed"},
	{"mt7925_mac_sta_add", "openwrt/mt76#909", "as an access point, adding a client follows a missing pointer"},
	{"mt792x_rx_get_wcid", "openwrt/mt76#593", "on USB, a received frame belongs to a peer that is gone"},
	{"mt7925_set_link_key", "openwrt/mt76#1037", "a key is set or removed on a link that is already torn down: its driver state is missing"},
	{"mt7925_mcu_add_key", "openwrt/mt76#1037", "a key is set or removed on a link that is already torn down: its driver state is missing"},
	{"mt7925_vif_connect_iter", "openwrt/mt76#1027", "walking over the links of an interface meets one that is already torn down"},
	{"mt7925_mcu_set_mlo_roc", "openwrt/mt76#1038", "time on a channel is asked for on a link that is already torn down"},
	{"mt7996_mcu_rx_event", "openwrt/mt76#1109", "an empty part in a message of the firmware is read without end: the CPU stalls"},
}
