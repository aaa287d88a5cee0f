package dot11

import "fmt"

// StatusCode is the result that an Authentication, (Re)Association Response
// or other response frame carries (IEEE Std 802.11, clause 9.4.1.9). Values
// without an entry in the table are reserved.
type StatusCode uint16

// The status codes that stations and access points meet while they roam.
const (
	StatusSuccess                  StatusCode = 0
	StatusUnspecified              StatusCode = 1
	StatusCapabilitiesMismatch     StatusCode = 10
	StatusNoAssociationExists      StatusCode = 11
	StatusDeniedOther              StatusCode = 12
	StatusUnsupportedAuthAlgorithm StatusCode = 13
	StatusTransactionSequence      StatusCode = 14
	StatusChallengeFailure         StatusCode = 15
	StatusSequenceTimeout          StatusCode = 16
	StatusNoMoreStations           StatusCode = 17
	StatusBasicRates               StatusCode = 18
	StatusRefusedTemporarily       StatusCode = 30
	StatusRobustManagementPolicy   StatusCode = 31
	StatusPoorChannelConditions    StatusCode = 34
	StatusRequestDeclined          StatusCode = 37
	StatusInvalidParameters        StatusCode = 38
	StatusInvalidElement           StatusCode = 40
	StatusInvalidGroupCipher       StatusCode = 41
	StatusInvalidPairwiseCipher    StatusCode = 42
	StatusInvalidAKMP              StatusCode = 43
	StatusInvalidRSNECapabilities  StatusCode = 45
	StatusInvalidPMKID             StatusCode = 53
	StatusInvalidMDE               StatusCode = 54
	StatusInvalidFTE               StatusCode = 55
	StatusInvalidRSNE              StatusCode = 72
	StatusAntiCloggingToken        StatusCode = 76
	StatusUnsupportedGroup         StatusCode = 77
	StatusSuggestedBSSTransition   StatusCode = 82
	StatusUnknownPasswordID        StatusCode = 123
	StatusSAEHashToElement         StatusCode = 126
	StatusSAEPublicKey             StatusCode = 127
	StatusMLDAlreadyAssociated     StatusCode = 130
	StatusDeniedTIDToLinkMapping   StatusCode = 133
	StatusPreferredTIDToLink       StatusCode = 134
	StatusDeniedEHTNotSupported    StatusCode = 135
	StatusTxLinkNotAccepted        StatusCode = 139
)

// StatusOf returns n as a status code, and false when n cannot be one.
func StatusOf(n int) (StatusCode, bool) {
	if n < 0 || n > 0xffff {
		return 0, false
	}
	return StatusCode(n), true
}

// ParseStatus reads a status code: a number ("37", "0x25"), a name in the
// standard's, the kernel's or hostap's spelling with or without the prefix
// WLAN_STATUS_, or both ("37=REQUEST_DECLINED"). Case does not matter. It
// returns false for an unknown name, a negative number and one above 65535.
func ParseStatus(s string) (StatusCode, bool) {
	n, ok := parseCode(s, "WLAN_STATUS_", statuses[:], statusAliases[:])
	return StatusCode(n), ok
}

// Known reports whether the standard assigns a meaning to s.
func (s StatusCode) Known() bool { return lookup(statuses[:], uint16(s)).name != "" }

// Success reports whether s says that the request was granted, if need be
// with other parameters than asked for.
func (s StatusCode) Success() bool {
	return s == StatusSuccess || s == 85 || s == 121 || s == 153
}

// Name returns the standard's name, and "RESERVED" for a value that no table
// assigns. Unlike reasons, no program prints names of status codes by itself.
func (s StatusCode) Name() string {
	if c := lookup(statuses[:], uint16(s)); c.name != "" {
		return c.name
	}
	return reserved
}

// Meaning says in plain words what the answering side states. It is never empty.
func (s StatusCode) Meaning() string {
	if c := lookup(statuses[:], uint16(s)); c.name != "" {
		return c.meaning
	}
	return "a status that the standard does not assign"
}

// Hint says what the status usually comes from when a station roams. It is
// empty for codes that need no more words than [StatusCode.Meaning] has.
func (s StatusCode) Hint() string { return lookup(statuses[:], uint16(s)).hint }

// String returns number and name: "37=REQUEST_DECLINED".
func (s StatusCode) String() string { return fmt.Sprintf("%d=%s", uint16(s), s.Name()) }

// Statuses returns every assigned status code in ascending order.
func Statuses() []StatusCode {
	var all []StatusCode
	for n, c := range statuses {
		if c.name != "" {
			all = append(all, StatusCode(n))
		}
	}
	return all
}

// statuses holds the standard's names. Values: IEEE Std 802.11-2020 clause
// 9.4.1.9, IEEE Std 802.11be-2024 for 130 to 141, and hostap
// src/common/ieee802_11_defs.h, from which alone 152 to 159 come: those are
// of drafts. Numbers that no source assigns are left out.
var statuses = [...]code{
	0:  {"SUCCESS", "granted", ""},
	1:  {"REFUSED_REASON_UNSPECIFIED", "refused without a reason given", "wpa_supplicant also prints it when no answer came at all; look for a timeout beside it"},
	2:  {"TDLS_REJECTED_ALTERNATIVE_PROVIDED", "the wake-up schedule of a direct link is refused, another one is offered", ""},
	3:  {"TDLS_REJECTED", "the wake-up schedule of a direct link is refused", ""},
	5:  {"SECURITY_DISABLED", "security is switched off", ""},
	6:  {"UNACCEPTABLE_LIFETIME", "the lifetime asked for is not acceptable", ""},
	7:  {"NOT_IN_SAME_BSS", "the two stations are not in the same BSS", ""},
	10: {"REFUSED_CAPABILITIES_MISMATCH", "the AP cannot serve all capabilities asked for", "capabilities of station and AP do not fit, or the frame was built for another band or link"},
	11: {"DENIED_NO_ASSOCIATION_EXISTS", "reassociation is refused since no earlier association can be confirmed", "the APs do not talk to each other, or the old AP dropped the station; a plain association should follow"},
	12: {"DENIED_OTHER_REASON", "refused for a reason that the standard does not cover", "access lists, steering, or a limit of the AP"},
	13: {"UNSUPPORTED_AUTH_ALGORITHM", "the authentication method is not supported", "the AP does not offer SAE, fast transition or open authentication as the station tried it"},
	14: {"TRANSACTION_SEQUENCE_ERROR", "an authentication frame came out of order", "two tries overlap: the station began again before the AP had given up the first"},
	15: {"CHALLENGE_FAILURE", "the challenge was not met", "with SAE: a wrong password"},
	16: {"REJECTED_SEQUENCE_TIMEOUT", "the next frame of the exchange did not come in time", "frames get lost, or the station was busy on another channel"},
	17: {"DENIED_NO_MORE_STAS", "the AP cannot take another station", "a full AP, or one that steers stations away; another AP should be tried"},
	18: {"REFUSED_BASIC_RATES_NOT_SUPPORTED", "the station lacks a rate that the AP demands", ""},
	19: {"DENIED_NO_SHORT_PREAMBLE_SUPPORT", "the station lacks the short preamble", ""},
	20: {"DENIED_NO_PBCC", "the station lacks PBCC modulation", ""},
	21: {"DENIED_NO_AGILITY", "the station lacks channel agility", ""},
	22: {"REJECTED_SPECTRUM_MANAGEMENT_REQUIRED", "the AP demands spectrum management", ""},
	23: {"REJECTED_BAD_POWER_CAPABILITY", "the power capability is not acceptable", "regulatory domains of station and AP may differ"},
	24: {"REJECTED_BAD_SUPPORTED_CHANNELS", "the supported channels are not acceptable", "regulatory domains of station and AP may differ"},
	25: {"DENIED_NO_SHORT_SLOT_TIME_SUPPORT", "the station lacks the short slot time", ""},
	26: {"DENIED_NO_DSSS_OFDM", "the station lacks DSSS-OFDM", ""},
	27: {"DENIED_NO_HT_SUPPORT", "the AP takes only stations with 802.11n", ""},
	28: {"R0KH_UNREACHABLE", "the AP that holds the root key cannot be reached", "fast transition (802.11r): the APs cannot reach each other over the wire"},
	29: {"DENIED_PCO_TIME_NOT_SUPPORTED", "the station lacks the phased coexistence timing", ""},
	30: {"REFUSED_TEMPORARILY", "refused for now: try again after the time given",
		"the AP still holds an association of this station and checks it with SA Query; ordinary after a reset or a lost connection, and over once the comeback time has passed"},
	31: {"ROBUST_MANAGEMENT_POLICY_VIOLATION", "frame protection (802.11w) settings do not fit", "one side requires protected management frames and the other has none"},
	32: {"UNSPECIFIED_QOS_FAILURE", "a quality-of-service failure without further words", ""},
	33: {"DENIED_INSUFFICIENT_BANDWIDTH", "the AP has not enough bandwidth for another station", ""},
	34: {"DENIED_POOR_CHANNEL_CONDITIONS", "the channel is too bad", "the AP refuses a station with a weak signal; another AP should be tried"},
	35: {"DENIED_QOS_NOT_SUPPORTED", "the AP takes only stations with quality of service", ""},
	37: {"REQUEST_DECLINED", "the request is declined", "the AP does not want this station here now: steering, access lists, or a multi-link request that it does not take"},
	38: {"INVALID_PARAMETERS", "the request has an invalid parameter", ""},
	39: {"REJECTED_WITH_SUGGESTED_CHANGES", "refused as asked; the answer offers other parameters", ""},
	40: {"STATUS_INVALID_ELEMENT", "an element breaks the standard", "station and AP disagree over an element; with multi-link often the multi-link element"},
	41: {"STATUS_INVALID_GROUP_CIPHER", "the group cipher is not valid", "security settings of station and AP differ"},
	42: {"STATUS_INVALID_PAIRWISE_CIPHER", "the pairwise cipher is not valid", "security settings of station and AP differ"},
	43: {"STATUS_INVALID_AKMP", "the key management method is not valid", "security settings of station and AP differ"},
	44: {"UNSUPPORTED_RSNE_VERSION", "the version of the security element is not supported", ""},
	45: {"INVALID_RSNE_CAPABILITIES", "the capabilities in the security element are not valid", "frame protection (802.11w) is required on one side and missing on the other"},
	46: {"STATUS_CIPHER_OUT_OF_POLICY", "the cipher suite is against the security policy", "security settings of station and AP differ"},
	47: {"REJECTED_FOR_DELAY_PERIOD", "refused, may be granted after a delay", ""},
	48: {"DLS_NOT_ALLOWED", "the AP allows no direct links", ""},
	49: {"NOT_PRESENT", "the other station is not here", ""},
	50: {"NOT_QOS_STA", "the other station has no quality of service", ""},
	51: {"DENIED_LISTEN_INTERVAL_TOO_LARGE", "the station wants to sleep longer than the AP can keep frames", ""},
	52: {"STATUS_INVALID_FT_ACTION_FRAME_COUNT", "the count of fast-transition action frames is not valid", "fast transition (802.11r) failed; a full authentication should follow"},
	53: {"STATUS_INVALID_PMKID", "the named pairwise key is not known",
		"the AP's key cache has no such entry: negotiation, not a fault, when a full authentication succeeds within seconds"},
	54: {"STATUS_INVALID_MDE", "the mobility domain element is not valid", "the two APs do not belong to the same mobility domain (802.11r)"},
	55: {"STATUS_INVALID_FTE", "the fast-transition element is not valid", "fast-transition keys of the two APs do not fit together (802.11r)"},
	56: {"REQUESTED_TCLAS_NOT_SUPPORTED", "the traffic classification asked for is not supported", ""},
	57: {"INSUFFICIENT_TCLAS_PROCESSING_RESOURCES", "the AP has not enough room to classify traffic", ""},
	58: {"TRY_ANOTHER_BSS", "the station should try another AP", "the AP steers stations away"},
	59: {"GAS_ADVERTISEMENT_PROTOCOL_NOT_SUPPORTED", "the network query protocol is not supported", ""},
	60: {"NO_OUTSTANDING_GAS_REQUEST", "no network query is under way", ""},
	61: {"GAS_RESPONSE_NOT_RECEIVED_FROM_SERVER", "the server did not answer the network query", ""},
	62: {"GAS_QUERY_TIMEOUT", "the station did not fetch the answer to its network query in time", ""},
	63: {"GAS_QUERY_RESPONSE_TOO_LARGE", "the answer to the network query is too large", ""},
	64: {"REJECTED_HOME_WITH_SUGGESTED_CHANGES", "the home network refuses as asked and suggests changes", ""},
	65: {"SERVER_UNREACHABLE", "the server behind the network query cannot be reached", ""},
	67: {"REJECTED_FOR_SSP_PERMISSIONS", "the service provider's permissions do not allow it", ""},
	68: {"REFUSED_UNAUTHENTICATED_ACCESS_NOT_SUPPORTED", "the AP grants no access without authentication", ""},
	72: {"INVALID_RSNE", "the security element is not valid", "security settings of station and AP differ, or an element was damaged on its way between the layers"},
	73: {"U_APSD_COEXISTENCE_NOT_SUPPORTED", "coexistence of the power-save mode is not supported", ""},
	74: {"U_APSD_COEX_MODE_NOT_SUPPORTED", "the coexistence mode of the power-save mode is not supported", ""},
	75: {"BAD_INTERVAL_WITH_U_APSD_COEX", "the interval does not fit the coexistence of the power-save mode", ""},
	76: {"ANTI_CLOGGING_TOKEN_REQUIRED", "SAE: the station must repeat its commit with the token given", "an AP under many authentications protects itself; part of the exchange, not a fault"},
	77: {"UNSUPPORTED_FINITE_CYCLIC_GROUP", "SAE: the AP does not take the group offered", "negotiation, not a fault, when the next group succeeds within seconds"},
	78: {"CANNOT_FIND_ALTERNATIVE_TBTT", "no other beacon time can be found", ""},
	79: {"TRANSMISSION_FAILURE", "the frame could not be sent", ""},
	80: {"REQ_TCLAS_NOT_SUPPORTED", "the traffic classification asked for is not supported", ""},
	81: {"TCLAS_RESOURCES_EXHAUSTED", "the AP has no room left to classify traffic", ""},
	82: {"REJECTED_WITH_SUGGESTED_BSS_TRANSITION", "refused, with a list of APs that the station should try", "the AP steers the station to another one: negotiation, not a fault, when that succeeds within seconds"},
	83: {"REJECT_WITH_SCHEDULE", "refused with a schedule", ""},
	84: {"REJECT_NO_WAKEUP_SPECIFIED", "refused since no wake-up time was given", ""},
	85: {"SUCCESS_POWER_SAVE_MODE", "granted in the power-save mode named", ""},
	86: {"PENDING_ADMITTING_FST_SESSION", "a fast session transfer is being admitted", ""},
	87: {"PERFORMING_FST_NOW", "a fast session transfer is under way", ""},
	88: {"PENDING_GAP_IN_BA_WINDOW", "the aggregation window has a gap", ""},
	89: {"REJECT_U_PID_SETTING", "the protocol identifier setting is refused", ""},
	92: {"REFUSED_EXTERNAL_REASON", "refused for a reason outside 802.11", ""},
	93: {"REFUSED_AP_OUT_OF_MEMORY", "the AP is out of memory", "the AP needs attention; another AP should be tried"},
	94: {"REJECTED_EMERGENCY_SERVICES_NOT_SUPPORTED", "emergency services are not supported", ""},
	95: {"QUERY_RESPONSE_OUTSTANDING", "the answer to the query is still to come", ""},
	96: {"REJECT_DSE_BAND", "refused because of the band's enablement rules", ""},
	97: {"TCLAS_PROCESSING_TERMINATED", "the AP ended the traffic classification", ""},
	98: {"TS_SCHEDULE_CONFLICT", "the stream's schedule collides with another", ""},
	99: {"DENIED_WITH_SUGGESTED_BAND_AND_CHANNEL", "refused; another band and channel is suggested", "the AP steers the station to another band"},

	100: {"MCCAOP_RESERVATION_CONFLICT", "the mesh reservation collides with another", ""},
	101: {"MAF_LIMIT_EXCEEDED", "the share of reserved mesh time would be too large", ""},
	102: {"MCCA_TRACK_LIMIT_EXCEEDED", "more mesh reservations than can be tracked", ""},
	103: {"DENIED_DUE_TO_SPECTRUM_MANAGEMENT", "spectrum management does not allow it", ""},
	104: {"DENIED_VHT_NOT_SUPPORTED", "the AP takes only stations with 802.11ac", ""},
	105: {"ENABLEMENT_DENIED", "operation in this band is not enabled", ""},
	106: {"RESTRICTION_FROM_AUTHORIZED_GDB", "the location database restricts it", ""},
	107: {"AUTHORIZATION_DEENABLED", "the authorisation for this band was withdrawn", ""},
	108: {"ENERGY_LIMITED_OPERATION_NOT_SUPPORTED", "energy-limited operation is not supported", "older Linux kernels called 108 FILS_AUTHENTICATION_FAILURE, which is 112"},
	109: {"REJECTED_NDP_BLOCK_ACK_SUGGESTED", "refused; block acknowledgement without data frames is suggested", "older Linux kernels called 109 UNKNOWN_AUTHENTICATION_SERVER, which is 113"},
	110: {"REJECTED_MAX_AWAY_DURATION_UNACCEPTABLE", "the longest time away is not acceptable", ""},
	112: {"FILS_AUTHENTICATION_FAILURE", "fast initial link setup could not authenticate", "credentials, or a session that the server no longer knows"},
	113: {"UNKNOWN_AUTHENTICATION_SERVER", "the authentication server named is not known", ""},
	116: {"DENIED_NOTIFICATION_PERIOD_ALLOCATION", "the notification period is refused", ""},
	117: {"DENIED_CHANNEL_SPLITTING", "channel splitting is refused", ""},
	118: {"DENIED_ALLOCATION", "the allocation is refused", ""},
	119: {"CMMG_FEATURES_NOT_SUPPORTED", "the millimetre-wave features are not supported", ""},
	120: {"GAS_FRAGMENT_NOT_AVAILABLE", "a fragment of the network query's answer is not available", ""},
	121: {"SUCCESS_CAG_VERSIONS_MATCH", "granted: what the station has is up to date", ""},
	122: {"GLK_NOT_AUTHORIZED", "a general link is not allowed for this station", ""},
	123: {"UNKNOWN_PASSWORD_IDENTIFIER", "SAE: the AP knows no password with this identifier", "the password identifier of the profile is wrong or missing"},
	124: {"DENIED_HE_NOT_SUPPORTED", "the AP takes only stations with 802.11ax", ""},
	125: {"DENIED_LOCAL_MAC_ADDRESS_POLICY_VIOLATION", "the AP does not take a locally made address", "switch address randomisation off for this network"},
	126: {"SAE_HASH_TO_ELEMENT", "SAE with hash-to-element", "in a commit this marks the newer method and is no refusal"},
	127: {"SAE_PK", "SAE with the AP's public key", "in a commit this marks the method and is no refusal"},
	128: {"TCLAS_PROCESSING_TERMINATED_INSUFFICIENT_QOS", "the AP ended the traffic classification for lack of capacity", ""},
	129: {"TCLAS_PROCESSING_TERMINATED_POLICY_CONFLICT", "the AP ended the traffic classification since policies collide", ""},
	130: {"DENIED_STA_AFFILIATED_WITH_MLD_WITH_EXISTING_MLD_ASSOCIATION", "the station belongs to a multi-link device that is associated already",
		"the AP still holds the multi-link association that the station believes ended; it comes right once the AP has forgotten it"},
	131: {"EPCS_DENIED_UNAUTHORIZED", "emergency priority access is refused: not authorised", ""},
	132: {"EPCS_DENIED", "emergency priority access is refused", ""},
	133: {"DENIED_TID_TO_LINK_MAPPING", "the spread of traffic over the links is not acceptable", "multi-link: the AP does not take the mapping asked for; the default mapping should be tried"},
	134: {"PREFERRED_TID_TO_LINK_MAPPING_SUGGESTED", "the AP suggests another spread of traffic over the links", "multi-link negotiation, not a fault by itself"},
	135: {"DENIED_EHT_NOT_SUPPORTED", "the AP takes only stations with 802.11be", ""},
	136: {"INVALID_PUBLIC_KEY", "the public key is not valid", ""},
	137: {"PASN_BASE_AKMP_FAILED", "the authentication below a pre-association one failed", ""},
	138: {"OCI_MISMATCH", "the channel named under protection is not the one in use", "the AP changed its channel during the exchange, or somebody relays frames"},
	139: {"DENIED_TX_LINK_NOT_ACCEPTED", "the link on which the request was sent is not accepted",
		"multi-link: the AP wants the association over another of its links"},
	140: {"EPCS_DENIED_VERIFICATION_FAILURE", "emergency priority access is refused: the right to it could not be verified", ""},
	141: {"DENIED_OPERATION_PARAMETER_UPDATE", "the new operation parameters are refused", ""},
	143: {"GAS_QUERY_REQUEST_TOO_LARGE", "the network query is too large", ""},

	152: {"802_1_X_AUTH_FAILED", "802.1X inside authentication frames failed (draft)", "credentials, certificate or the authentication server"},
	153: {"802_1_X_AUTH_SUCCESS", "802.1X inside authentication frames succeeded (draft)", ""},
	154: {"REJECTED_ST_PREP_MAX_PREP_EXCEEDED", "seamless roaming: the target prepares as many stations as it can (draft)", "the station should use an ordinary roam"},
	155: {"REJECTED_ST_EXEC_EXCEEDED_PREP_TIMEOUT", "seamless roaming: the preparation of the target has run out (draft)", "the station should use an ordinary roam"},
	157: {"DENIED_UHR_NOT_SUPPORTED", "the AP takes only stations with 802.11bn (draft)", ""},
	158: {"REJECTED_ST_EXEC_TARGET_NOT_PREPARED", "seamless roaming: the target was not prepared (draft)", "the station should use an ordinary roam"},
	159: {"REJECTED_INVALID_SECURITY_PROFILE", "the security profile is not valid (draft)", "security settings of station and AP differ"},
}

// statusAliases are the spellings of the kernel (include/linux/ieee80211.h)
// and of hostap where the table has the standard's. The kernel's
// FCG_NOT_SUPP is left out: it stands for 77 and is defined as 78.
var statusAliases = [...]alias{
	{"UNSPECIFIED_FAILURE", 1},
	{"TDLS_WAKEUP_ALTERNATE", 2},
	{"TDLS_WAKEUP_REJECT", 3},
	{"CAPS_UNSUPPORTED", 10},
	{"REASSOC_NO_ASSOC", 11},
	{"ASSOC_DENIED_UNSPEC", 12},
	{"NOT_SUPPORTED_AUTH_ALG", 13},
	{"UNKNOWN_AUTH_TRANSACTION", 14},
	{"CHALLENGE_FAIL", 15},
	{"AUTH_TIMEOUT", 16},
	{"AP_UNABLE_TO_HANDLE_NEW_STA", 17},
	{"ASSOC_DENIED_RATES", 18},
	{"ASSOC_DENIED_NOSHORT", 19},
	{"ASSOC_DENIED_NOSHORTPREAMBLE", 19},
	{"ASSOC_DENIED_NOPBCC", 20},
	{"ASSOC_DENIED_NOAGILITY", 21},
	{"SPEC_MGMT_REQUIRED", 22},
	{"ASSOC_DENIED_NOSPECTRUM", 22},
	{"PWR_CAPABILITY_NOT_VALID", 23},
	{"ASSOC_REJECTED_BAD_POWER", 23},
	{"SUPPORTED_CHANNEL_NOT_VALID", 24},
	{"ASSOC_REJECTED_BAD_SUPP_CHAN", 24},
	{"ASSOC_DENIED_NO_SHORT_SLOT_TIME", 25},
	{"ASSOC_DENIED_NOSHORTTIME", 25},
	{"ASSOC_DENIED_NODSSSOFDM", 26},
	{"ASSOC_DENIED_NO_HT", 27},
	{"ASSOC_DENIED_NO_PCO", 29},
	{"ASSOC_REJECTED_TEMPORARILY", 30},
	{"ROBUST_MGMT_FRAME_POLICY_VIOLATION", 31},
	{"UNSPECIFIED_QOS", 32},
	{"ASSOC_DENIED_NOBANDWIDTH", 33},
	{"ASSOC_DENIED_LOWACK", 34},
	{"ASSOC_DENIED_UNSUPP_QOS", 35},
	{"INVALID_QOS_PARAM", 38},
	{"CHANGE_TSPEC", 39},
	{"INVALID_ELEMENT", 40},
	{"INVALID_IE", 40},
	{"INVALID_GROUP_CIPHER", 41},
	{"INVALID_PAIRWISE_CIPHER", 42},
	{"INVALID_AKMP", 43},
	{"UNSUPP_RSN_VERSION", 44},
	{"INVALID_RSN_IE_CAP", 45},
	{"CIPHER_OUT_OF_POLICY", 46},
	{"CIPHER_SUITE_REJECTED", 46},
	{"TS_NOT_CREATED", 47},
	{"WAIT_TS_DELAY", 47},
	{"DIRECT_LINK_NOT_ALLOWED", 48},
	{"NO_DIRECT_LINK", 48},
	{"DEST_STA_NOT_PRESENT", 49},
	{"STA_NOT_PRESENT", 49},
	{"DEST_STA_NOT_QOS_STA", 50},
	{"STA_NOT_QSTA", 50},
	{"ASSOC_DENIED_LISTEN_INT_TOO_LARGE", 51},
	{"INVALID_FT_ACTION_FRAME_COUNT", 52},
	{"INVALID_PMKID", 53},
	{"INVALID_MDE", 54},
	{"INVALID_FTE", 55},
	{"GAS_ADV_PROTO_NOT_SUPPORTED", 59},
	{"NO_OUTSTANDING_GAS_REQ", 60},
	{"GAS_RESP_NOT_RECEIVED", 61},
	{"STA_TIMED_OUT_WAITING_FOR_GAS_RESP", 62},
	{"GAS_RESP_LARGER_THAN_LIMIT", 63},
	{"REQ_REFUSED_HOME", 64},
	{"ADV_SRV_UNREACHABLE", 65},
	{"REQ_REFUSED_SSPN", 67},
	{"REQ_REFUSED_UNAUTH_ACCESS", 68},
	{"U_APSD_COEX_NOT_SUPPORTED", 73},
	{"ANTI_CLOGGING_TOKEN_REQ", 76},
	{"ANTI_CLOG_REQUIRED", 76},
	{"FINITE_CYCLIC_GROUP_NOT_SUPPORTED", 77},
	{"CANNOT_FIND_ALT_TBTT", 78},
	{"STA_NO_TBTT", 78},
	{"SUGGESTED_BSS_TRANSITION", 82},
	{"REJECTED_EMERGENCY_SERVICE_NOT_SUPPORTED", 94},
	{"ASSOC_DENIED_NO_VHT", 104},
	{"DENIED_STA_AFF_WITH_MLD_WITH_EXISTING_ASSOC", 130},
	{"PREF_TID_TO_LINK_MAPPING_SUGGESTED", 134},
	{"8021X_AUTH_SUCCESS", 153},
}
