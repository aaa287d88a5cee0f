package protect

import "roamfault/nl80211/dot11"

// openCategories are the action categories whose frames are not robust, by
// number; all others are (IEEE 802.11-2020, table 9-51, and the categories that
// 802.11ax and 802.11be add, which the kernel's ieee80211_is_robust_mgmt_frame
// takes for robust).
var openCategories = [256]bool{
	4:   true, // public
	7:   true, // HT
	11:  true, // unprotected WNM
	15:  true, // self-protected
	20:  true, // unprotected DMG
	21:  true, // VHT
	22:  true, // unprotected S1G
	30:  true, // HE
	36:  true, // EHT
	127: true, // vendor-specific
}

// Robust reports whether management frame protection covers a management frame:
// deauthentication, disassociation, and action frames of a robust category. An
// action frame with the Protected flag is one, as its category cannot be read; a
// later fragment without it is not.
func Robust(frame []byte) bool {
	h, body, err := dot11.ParseHeader(frame)
	if err != nil {
		return false
	}
	switch h.FC.Kind() {
	case dot11.Deauth, dot11.Disassoc:
		return true
	case dot11.Action:
		if h.FC&dot11.Protected != 0 {
			return true
		}
		return h.Seq&seqFragment == 0 && len(body) > 0 && !openCategories[body[0]]
	}
	return false
}
