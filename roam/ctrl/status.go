package ctrl

import (
	"strings"

	"roamfault/nl80211/dot11"
	"roamfault/roam"
	"roamfault/roam/runlog"
)

// Status is the answer to STATUS (wpa_supplicant/ctrl_iface.c,
// wpa_supplicant_ctrl_iface_status).
type Status struct {
	// WPAState is the daemon's word, such as COMPLETED.
	WPAState string
	BSSID    dot11.Addr // zero: not associated; of an AP MLD often its MLD address
	MLD      dot11.Addr // of the AP MLD; zero: no multi-link
	Own      dot11.Addr
	SSID     runlog.SSID
	Freq     int    // MHz; 0: not associated
	ID       int    // of the configured network; -1: none
	KeyMgmt  string // such as SAE
	// Generation is that of the connection: 4 to 7; 0: not known.
	Generation int
}

// ParseStatus reads an answer to STATUS. What cannot be read stays zero.
func ParseStatus(answer string) Status {
	s := Status{ID: -1}
	for name, value := range fields(answer) {
		switch name {
		case "wpa_state":
			s.WPAState = value
		case "bssid":
			s.BSSID = address(value)
		case "ap_mld_addr":
			s.MLD = address(value)
		case "address":
			s.Own = address(value)
		case "ssid":
			s.SSID = network(value)
		case "freq":
			s.Freq = number(value)
		case "id":
			s.ID = number(value)
		case "key_mgmt":
			s.KeyMgmt = value
		case "wifi_generation":
			s.Generation = number(value)
		}
	}
	return s
}

// phases are the daemon's words for its state (wpa_supplicant.c,
// wpa_supplicant_state_txt).
func phases() map[string]roam.Phase {
	return map[string]roam.Phase{
		"DISCONNECTED":       roam.PhaseDisconnected,
		"INACTIVE":           roam.PhaseDisconnected,
		"INTERFACE_DISABLED": roam.PhaseDisabled,
		"SCANNING":           roam.PhaseScanning,
		"AUTHENTICATING":     roam.PhaseAuthenticating,
		"ASSOCIATING":        roam.PhaseAssociating,
		"ASSOCIATED":         roam.PhaseHandshake,
		"4WAY_HANDSHAKE":     roam.PhaseHandshake,
		"GROUP_HANDSHAKE":    roam.PhaseHandshake,
		"COMPLETED":          roam.PhaseConnected,
	}
}

// State is it in the words of roam. A state that is not known is the empty Phase.
func (s *Status) State() roam.State {
	state := roam.State{Phase: phases()[s.WPAState], BSSID: s.BSSID, MLD: s.MLD, SSID: s.SSID}
	if state.BSSID.IsZero() {
		state.MLD = dot11.Addr{}
	}
	// The names of 802.1X key management (src/common/defs.h and wpa_common.c,
	// wpa_key_mgmt_txt); FILS is 802.1X, too.
	for _, sign := range []string{"EAP", "802.1X", "FILS"} {
		state.Enterprise = state.Enterprise || strings.Contains(s.KeyMgmt, sign)
	}
	return state
}
