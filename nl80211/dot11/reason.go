package dot11

import "fmt"

// ReasonCode is the reason that a Deauthentication, Disassociation, DELTS,
// DELBA, DLS Teardown or Mesh Peering Close frame carries (IEEE Std 802.11,
// clause 9.4.1.7). Values without an entry in the table are reserved.
type ReasonCode uint16

// The reason codes that stations and access points meet while they roam.
const (
	ReasonUnspecified           ReasonCode = 1
	ReasonPrevAuthNotValid      ReasonCode = 2
	ReasonDeauthLeaving         ReasonCode = 3
	ReasonInactivity            ReasonCode = 4
	ReasonAPBusy                ReasonCode = 5
	ReasonClass2FromNonauth     ReasonCode = 6
	ReasonClass3FromNonassoc    ReasonCode = 7
	ReasonDisassocLeaving       ReasonCode = 8
	ReasonAssocWithoutAuth      ReasonCode = 9
	ReasonBSSTransition         ReasonCode = 12
	ReasonInvalidElement        ReasonCode = 13
	ReasonMICFailure            ReasonCode = 14
	ReasonFourWayTimeout        ReasonCode = 15
	ReasonGroupKeyTimeout       ReasonCode = 16
	ReasonElementDiffers        ReasonCode = 17
	ReasonInvalidGroupCipher    ReasonCode = 18
	ReasonInvalidPairwiseCipher ReasonCode = 19
	ReasonInvalidAKMP           ReasonCode = 20
	Reason8021XFailed           ReasonCode = 23
	ReasonLowAck                ReasonCode = 34
	ReasonInvalidPMKID          ReasonCode = 49
	ReasonInvalidMDE            ReasonCode = 50
	ReasonInvalidFTE            ReasonCode = 51
	ReasonPoorRSSI              ReasonCode = 71
)

// DriverReason is what a negative reason means: IEEE 802.11 has none, some
// drivers and supplicants print a number of their own in its place.
const DriverReason = "a number of the driver's own, outside the standard's table; often a negative errno"

// ReasonOf returns n as a reason code, and false when n cannot be one: a
// negative n is what [DriverReason] says.
func ReasonOf(n int) (ReasonCode, bool) {
	if n < 0 || n > 0xffff {
		return 0, false
	}
	return ReasonCode(n), true
}

// ParseReason reads a reason code: a number ("6", "0x6"), a name in the
// kernel's, the standard's or hostap's spelling with or without the prefix
// WLAN_REASON_, or both as mac80211 prints them ("6=CLASS2_FRAME_FROM_NONAUTH_STA").
// Case does not matter. It returns false for an unknown name, a negative
// number and one above 65535.
func ParseReason(s string) (ReasonCode, bool) {
	n, ok := parseCode(s, "WLAN_REASON_", reasons[:], reasonAliases[:])
	return ReasonCode(n), ok
}

// Known reports whether the standard assigns a meaning to r.
func (r ReasonCode) Known() bool { return lookup(reasons[:], uint16(r)).name != "" }

// Name returns the name as mac80211 prints it, else the standard's, and
// "RESERVED" for a value that no table assigns.
func (r ReasonCode) Name() string {
	if c := lookup(reasons[:], uint16(r)); c.name != "" {
		return c.name
	}
	return reserved
}

// Meaning says in plain words what the sender of the frame states. It is never empty.
func (r ReasonCode) Meaning() string {
	if c := lookup(reasons[:], uint16(r)); c.name != "" {
		return c.meaning
	}
	return "a reason that the standard does not assign"
}

// Hint says what the reason usually comes from when a station roams. It is
// empty for reasons that need no more words than [ReasonCode.Meaning] has.
func (r ReasonCode) Hint() string { return lookup(reasons[:], uint16(r)).hint }

// String returns the form that mac80211 prints: "6=CLASS2_FRAME_FROM_NONAUTH_STA".
func (r ReasonCode) String() string { return fmt.Sprintf("%d=%s", uint16(r), r.Name()) }

// Reasons returns every assigned reason code in ascending order.
func Reasons() []ReasonCode {
	var all []ReasonCode
	for n, c := range reasons {
		if c.name != "" {
			all = append(all, ReasonCode(n))
		}
	}
	return all
}

// reasons holds the names that ieee80211_get_reason_code_string in
// net/mac80211 prints, and the standard's for those it does not know.
// Values: IEEE Std 802.11-2020 clause 9.4.1.7, Linux include/linux/ieee80211.h,
// hostap src/common/ieee802_11_defs.h. 40 to 44 and 70 are reserved.
var reasons = [...]code{
	1: {"UNSPECIFIED", "the sender gives no reason", "says nothing about who is at fault; look at what came just before"},
	2: {"PREV_AUTH_NOT_VALID", "the earlier authentication no longer holds",
		"the AP dropped its keys or its session for the station: a restart of the AP, an expired key, a failed handshake, or a wrong password"},
	3: {"DEAUTH_LEAVING", "the sender leaves, or has left, the network",
		"from the station: an ordinary leave or the old AP left behind by a roam; from the AP: it shuts down or restarts"},
	4: {"DISASSOC_DUE_TO_INACTIVITY", "nothing was heard from the station for too long",
		"the AP no longer hears the station: out of range, asleep too long, or transmission is stuck"},
	5: {"DISASSOC_AP_BUSY", "the AP cannot serve all stations that it has", "load balancing or a full AP; another AP should be tried"},
	6: {"CLASS2_FRAME_FROM_NONAUTH_STA", "a frame came that only an authenticated station may send",
		"the AP no longer knows the station: it restarted, or the station went on with a connection that the AP had ended"},
	7: {"CLASS3_FRAME_FROM_NONASSOC_STA", "a frame came that only an associated station may send",
		"the AP no longer knows the station: it restarted, the station already roamed away, or the station's driver reset without telling the AP"},
	8: {"DISASSOC_STA_HAS_LEFT", "the sender leaves, or has left, this BSS",
		"an ordinary leave, or the old AP heard that the station associated elsewhere"},
	9: {"STA_REQ_ASSOC_WITHOUT_AUTH", "association was asked for without authentication",
		"the AP forgot the authentication, mostly because it took too long between the two"},
	10: {"DISASSOC_BAD_POWER", "the power capability is not acceptable", "regulatory domains of station and AP may differ"},
	11: {"DISASSOC_BAD_SUPP_CHAN", "the supported channels are not acceptable", "regulatory domains of station and AP may differ"},
	12: {"BSS_TRANSITION_DISASSOC", "the AP ends the connection after it asked the station to move",
		"the station did not follow a BSS transition request in time"},
	13: {"INVALID_IE", "an element has content that breaks the standard",
		"station and AP disagree over an element; with multi-link often the multi-link or key data"},
	14: {"MIC_FAILURE", "a message integrity check failed", "TKIP countermeasures, or keys that differ on the two sides"},
	15: {"4WAY_HANDSHAKE_TIMEOUT", "the 4-way handshake did not end in time",
		"a wrong password, or handshake frames got lost: also what is seen when a chip stops sending after a roam"},
	16: {"GROUP_KEY_HANDSHAKE_TIMEOUT", "the group key handshake did not end in time",
		"the station was asleep, or no longer receives or answers: often a stalled chip rather than a wrong key"},
	17: {"IE_DIFFERENT", "an element in the handshake differs from the one announced before",
		"the AP changed its security settings between scan and handshake, or per-link security elements do not match"},
	18: {"INVALID_GROUP_CIPHER", "the group cipher is not valid", "security settings of station and AP differ"},
	19: {"INVALID_PAIRWISE_CIPHER", "the pairwise cipher is not valid", "security settings of station and AP differ"},
	20: {"INVALID_AKMP", "the key management method is not valid", "security settings of station and AP differ"},
	21: {"UNSUPP_RSN_VERSION", "the version of the security element is not supported", ""},
	22: {"INVALID_RSN_IE_CAP", "the capabilities in the security element are not valid",
		"frame protection (802.11w) is required on one side and missing on the other"},
	23: {"IEEE8021X_FAILED", "802.1X authentication failed", "credentials, certificate or the authentication server"},
	24: {"CIPHER_SUITE_REJECTED", "the cipher suite is against the security policy", "security settings of station and AP differ"},
	25: {"TDLS_PEER_UNREACHABLE", "the peer of a direct link cannot be reached over it", ""},
	26: {"TDLS_UNSPECIFIED_REASON", "a direct link is torn down without a reason given", ""},
	27: {"SSP_REQUESTED_DISASSOC", "the network's service provider asked for the end of the session", ""},
	28: {"NO_SSP_ROAMING_AGREEMENT", "the service providers have no roaming agreement", ""},
	29: {"BAD_CIPHER_OR_AKM", "the service provider does not accept the cipher or key management", ""},
	30: {"NOT_AUTHORIZED_THIS_LOCATION", "the service is not allowed at this place", ""},
	31: {"SERVICE_CHANGE_PRECLUDES_TS", "a change of service rules the traffic stream out", ""},
	32: {"DISASSOC_UNSPECIFIED_QOS", "a quality-of-service failure without further words", ""},
	33: {"DISASSOC_QAP_NO_BANDWIDTH", "the AP has not enough bandwidth", ""},
	34: {"DISASSOC_LOW_ACK", "too many frames to the station stay without acknowledgement",
		"the AP sends and hears nothing back: a weak signal, a station asleep or on another channel, or a stalled chip"},
	35: {"DISASSOC_QAP_EXCEED_TXOP", "the station sent longer than its turn allowed", ""},
	36: {"QSTA_LEAVE_QBSS", "the station leaves the BSS or resets", "the station's own driver may be restarting"},
	37: {"QSTA_NOT_USE", "a stream, aggregation or direct link is no longer wanted", ""},
	38: {"QSTA_REQUIRE_SETUP", "a stream, aggregation or direct link is not known and must be set up first", ""},
	39: {"QSTA_TIMEOUT", "a stream, aggregation or direct link timed out", ""},
	45: {"QSTA_CIPHER_NOT_SUPP", "the peer does not support the cipher asked for", ""},
	46: {"PEER_INITIATED", "the limit of authorised access is reached, or the peer ended the link", ""},
	47: {"AP_INITIATED", "demands of an external service, or the AP ended the link", ""},
	48: {"INVALID_FT_ACTION_FRAME_COUNT", "the count of fast-transition action frames is not valid", "fast transition (802.11r) failed; a full authentication should follow"},
	49: {"INVALID_PMKID", "the named pairwise key is not known", "the AP's key cache has no such entry; a full authentication should follow"},
	50: {"INVALID_MDE", "the mobility domain element is not valid", "the two APs do not belong to the same mobility domain (802.11r)"},
	51: {"INVALID_FTE", "the fast-transition element is not valid", "fast-transition keys of the two APs do not fit together (802.11r)"},
	52: {"MESH_PEER_CANCELED", "the mesh peering was cancelled", ""},
	53: {"MESH_MAX_PEERS", "the mesh station has as many peers as it can have", ""},
	54: {"MESH_CONFIG", "the mesh configuration or policy does not allow the peering", ""},
	55: {"MESH_CLOSE", "the mesh peer asked to close the peering", ""},
	56: {"MESH_MAX_RETRIES", "the mesh peer did not answer after all retries", ""},
	57: {"MESH_CONFIRM_TIMEOUT", "the mesh peer's confirmation did not come in time", ""},
	58: {"MESH_INVALID_GTK", "the mesh group key could not be unwrapped or does not fit", ""},
	59: {"MESH_INCONSISTENT_PARAM", "the mesh peering frames contradict each other", ""},
	60: {"MESH_INVALID_SECURITY", "no common cipher for the mesh peering", ""},
	61: {"MESH_PATH_ERROR", "no proxy is known for the destination outside the mesh", ""},
	62: {"MESH_PATH_NOFORWARD", "no path to the mesh destination is known", ""},
	63: {"MESH_PATH_DEST_UNREACHABLE", "the next hop in the mesh is gone", ""},
	64: {"MAC_EXISTS_IN_MBSS", "the address already exists in the mesh", ""},
	65: {"MESH_CHAN_REGULATORY", "the mesh changes its channel because regulation demands it", ""},
	66: {"MESH_CHAN", "the mesh changes its channel without a reason given", ""},
	67: {"TRANSMISSION_LINK_ESTABLISHMENT_FAILED", "a link could not be set up on the alternative channel", ""},
	68: {"ALTERNATIVE_CHANNEL_OCCUPIED", "the alternative channel is occupied", ""},
	69: {"TIME_SYNC_LOST", "the common time was lost", ""},
	71: {"POOR_RSSI_CONDITIONS", "the signal is too weak", "the AP pushes a station with a weak signal to roam"},
}

// reasonAliases are the spellings of the standard and of hostap where the
// table has mac80211's.
var reasonAliases = [...]alias{
	{"UNSPECIFIED_REASON", 1},
	{"INVALID_AUTHENTICATION", 2},
	{"LEAVING_NETWORK_DEAUTH", 3},
	{"REASON_INACTIVITY", 4},
	{"NO_MORE_STAS", 5},
	{"INVALID_CLASS2_FRAME", 6},
	{"INVALID_CLASS3_FRAME", 7},
	{"LEAVING_NETWORK_DISASSOC", 8},
	{"NOT_AUTHENTICATED", 9},
	{"PWR_CAPABILITY_NOT_VALID", 10},
	{"UNACCEPTABLE_POWER_CAPABILITY", 10},
	{"SUPPORTED_CHANNEL_NOT_VALID", 11},
	{"UNACCEPTABLE_SUPPORTED_CHANNELS", 11},
	{"REASON_INVALID_ELEMENT", 13},
	{"MICHAEL_MIC_FAILURE", 14},
	{"GK_HANDSHAKE_TIMEOUT", 16},
	{"GROUP_KEY_UPDATE_TIMEOUT", 16},
	{"HANDSHAKE_ELEMENT_MISMATCH", 17},
	{"IE_IN_4WAY_DIFFERS", 17},
	{"GROUP_CIPHER_NOT_VALID", 18},
	{"REASON_INVALID_GROUP_CIPHER", 18},
	{"PAIRWISE_CIPHER_NOT_VALID", 19},
	{"REASON_INVALID_PAIRWISE_CIPHER", 19},
	{"AKMP_NOT_VALID", 20},
	{"REASON_INVALID_AKMP", 20},
	{"UNSUPPORTED_RSN_IE_VERSION", 21},
	{"UNSUPPORTED_RSNE_VERSION", 21},
	{"INVALID_RSN_IE_CAPAB", 22},
	{"INVALID_RSNE_CAPABILITIES", 22},
	{"IEEE_802_1X_AUTH_FAILED", 23},
	{"802_1_X_AUTH_FAILED", 23},
	{"REASON_CIPHER_OUT_OF_POLICY", 24},
	{"TDLS_TEARDOWN_UNREACHABLE", 25},
	{"TDLS_TEARDOWN_UNSPECIFIED", 26},
	{"UNSPECIFIED_QOS_REASON", 32},
	{"NOT_ENOUGH_BANDWIDTH", 33},
	{"MISSING_ACKS", 34},
	{"EXCEEDED_TXOP", 35},
	{"STA_LEAVING", 36},
	{"END_TS_BA_DLS", 37},
	{"UNKNOWN_TS_BA", 38},
	{"TIMEOUT", 39},
	{"PEERKEY_MISMATCH", 45},
	{"AUTHORIZED_ACCESS_LIMIT_REACHED", 46},
	{"EXTERNAL_SERVICE_REQUIREMENTS", 47},
	{"MESH_PEERING_CANCELLED", 52},
	{"MESH_CONFIG_POLICY_VIOLATION", 54},
	{"MESH_CLOSE_RCVD", 55},
	{"MESH_INCONSISTENT_PARAMS", 59},
	{"MESH_INVALID_SECURITY_CAP", 60},
	{"MESH_PATH_ERROR_NO_PROXY_INFO", 61},
	{"MESH_PATH_ERROR_NO_FORWARDING_INFO", 62},
	{"MESH_PATH_ERROR_DEST_UNREACHABLE", 63},
	{"MAC_ADDRESS_ALREADY_EXISTS_IN_MBSS", 64},
	{"MESH_CHANNEL_SWITCH_REGULATORY_REQ", 65},
	{"MESH_CHANNEL_SWITCH_UNSPECIFIED", 66},
}
