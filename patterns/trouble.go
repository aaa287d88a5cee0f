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
	return soundsBad(message) && speaksOfWiFi(identifier, message)
}

// troubleStart is how many bytes of a trouble word are looked up first: the
// shortest word has no more.
const troubleStart = 3

// troubleStarts has a bit set for the beginning of each trouble word, by a hash.
var troubleStarts = startsOf(troubleWords)

func startsOf(words []string) (bits [64]uint64) {
	for _, w := range words {
		h := startHash(uint32(w[0]), uint32(w[1]), uint32(w[2]))
		bits[h>>6] |= 1 << (h & 63)
	}
	return bits
}

// startHash makes 12 bits of three bytes, whatever their case.
func startHash(a, b, c uint32) uint32 {
	return ((a | b<<8 | c<<16) | 0x202020) * 0x9e3779b1 >> 20
}

// soundsBad reports whether a message has a trouble word, whatever its case. It
// is asked of most messages of a journal, so it looks closer only where a word may begin.
func soundsBad(message string) bool {
	for i := 0; i+troubleStart <= len(message); i++ {
		h := startHash(uint32(message[i]), uint32(message[i+1]), uint32(message[i+2]))
		if troubleStarts[h>>6]>>(h&63)&1 == 0 {
			continue
		}
		rest := message[i:]
		for _, w := range troubleWords {
			if len(w) <= len(rest) && strings.EqualFold(rest[:len(w)], w) {
				return true
			}
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
