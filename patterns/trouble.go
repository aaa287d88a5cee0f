package patterns

import "strings"

// troubleLiterals find the records that speak of Wi-Fi in general, so that
// trouble which no pattern knows is shown. They are few and rare in logs
// without Wi-Fi trouble, because every hit costs a parse.
var troubleLiterals = []string{
	"mt7925e ", "mt7925u ", "mt7921e ", "mt7921u ", "mt7921s ", "mt7902e ", "mt7927e ", "mt7996e ", "mt7915e ", "mt76x2e ", "mt7615e ",
	"ieee80211 phy", "nl80211: ", "CTRL-EVENT-", "iwlwifi ", "ath10k_", "ath11k_", "ath12k_", "rtw89_88", "rtw_882", "brcmfmac", "mac80211", "cfg80211",
	"Linux version ", "-- Boot ", "-- Reboot", // where a boot begins
}

// troubleWords make a record look like trouble.
var troubleWords = []string{
	"fail", "error", "timeout", "timed out", "time out", "reject", "denied", "stuck", "hang", "hung", "crash", "dead", "lost", "invalid",
	"unable", "cannot", "can't", "mismatch", "assert", "fault", "abort", "unexpected", "not respond", "no response", "bug", "warning",
}

// LooksLikeTrouble reports whether a message that no pattern matches speaks of
// Wi-Fi and sounds bad: its subject is a wireless driver, interface or phy, or
// it comes from a supplicant.
func LooksLikeTrouble(identifier, message string) bool {
	if !speaksOfWiFi(identifier, message) {
		return false
	}
	lower := strings.ToLower(message)
	for _, w := range troubleWords {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

func speaksOfWiFi(identifier, message string) bool {
	switch identifier {
	case "wpa_supplicant", "hostapd", "iwd":
		return true
	case "", "kernel":
	default:
		return false
	}
	s, _ := SplitSubject(message)
	if s.Iface != "" || s.Phy != "" || IsWirelessDriver(s.Driver) {
		return true
	}
	return strings.Contains(message, "80211")
}
