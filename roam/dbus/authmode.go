package dbus

import "strings"

// isEnterprise reports whether a CurrentAuthMode is one of 802.1X: "EAP-" and its
// method, or the name of a suite (common/defs.h, wpa_key_mgmt_txt).
func isEnterprise(mode string) bool {
	for _, word := range []string{"EAP", "802.1X", "FILS"} {
		if strings.Contains(mode, word) {
			return true
		}
	}
	return false
}
