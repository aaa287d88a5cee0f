package nl80211

import "strconv"

// Command is the number of a request, an answer or an event (kernel,
// include/uapi/linux/nl80211.h, enum nl80211_commands).
type Command uint8

// Commands that this package sends or decodes.
const (
	CommandGetWiphy                 Command = 1
	CommandNewWiphy                 Command = 3
	CommandDelWiphy                 Command = 4
	CommandGetInterface             Command = 5
	CommandSetInterface             Command = 6
	CommandNewInterface             Command = 7
	CommandDelInterface             Command = 8
	CommandSetKey                   Command = 10
	CommandNewKey                   Command = 11
	CommandDelKey                   Command = 12
	CommandGetStation               Command = 17
	CommandSetStation               Command = 18
	CommandNewStation               Command = 19
	CommandDelStation               Command = 20
	CommandReqSetReg                Command = 27
	CommandGetReg                   Command = 31
	CommandGetScan                  Command = 32
	CommandTriggerScan              Command = 33
	CommandNewScanResults           Command = 34
	CommandScanAborted              Command = 35
	CommandRegChange                Command = 36
	CommandAuthenticate             Command = 37
	CommandAssociate                Command = 38
	CommandDeauthenticate           Command = 39
	CommandDisassociate             Command = 40
	CommandMichaelMICFailure        Command = 41
	CommandRegBeaconHint            Command = 42
	CommandConnect                  Command = 46
	CommandRoam                     Command = 47
	CommandDisconnect               Command = 48
	CommandSetWiphyNetNS            Command = 49
	CommandGetSurvey                Command = 50
	CommandNewSurveyResults         Command = 51
	CommandRemainOnChannel          Command = 55
	CommandCancelRemainOnChannel    Command = 56
	CommandRegisterFrame            Command = 58
	CommandFrame                    Command = 59
	CommandFrameTxStatus            Command = 60
	CommandSetPowerSave             Command = 61
	CommandGetPowerSave             Command = 62
	CommandNotifyCQM                Command = 64
	CommandFrameWaitCancel          Command = 67
	CommandUnprotDeauthenticate     Command = 70
	CommandUnprotDisassociate       Command = 71
	CommandChSwitchNotify           Command = 88
	CommandVendor                   Command = 103
	CommandChSwitchStartedNotify    Command = 110
	CommandWiphyRegChange           Command = 113
	CommandAbortScan                Command = 114
	CommandPortAuthorized           Command = 125
	CommandControlPortFrame         Command = 129
	CommandUnprotBeacon             Command = 138
	CommandControlPortFrameTxStatus Command = 139
	CommandAssocComeback            Command = 147
	CommandLinksRemoved             Command = 154
	CommandAssocMLOReconf           Command = 156
)

// commandNames are the names of commands without their common beginning,
// NL80211_CMD_, up to INCUMBENT_SIGNAL_DETECT.
var commandNames = [...]string{
	1:   "GET_WIPHY",
	2:   "SET_WIPHY",
	3:   "NEW_WIPHY",
	4:   "DEL_WIPHY",
	5:   "GET_INTERFACE",
	6:   "SET_INTERFACE",
	7:   "NEW_INTERFACE",
	8:   "DEL_INTERFACE",
	9:   "GET_KEY",
	10:  "SET_KEY",
	11:  "NEW_KEY",
	12:  "DEL_KEY",
	13:  "GET_BEACON",
	14:  "SET_BEACON",
	15:  "START_AP",
	16:  "STOP_AP",
	17:  "GET_STATION",
	18:  "SET_STATION",
	19:  "NEW_STATION",
	20:  "DEL_STATION",
	21:  "GET_MPATH",
	22:  "SET_MPATH",
	23:  "NEW_MPATH",
	24:  "DEL_MPATH",
	25:  "SET_BSS",
	26:  "SET_REG",
	27:  "REQ_SET_REG",
	28:  "GET_MESH_CONFIG",
	29:  "SET_MESH_CONFIG",
	30:  "SET_MGMT_EXTRA_IE",
	31:  "GET_REG",
	32:  "GET_SCAN",
	33:  "TRIGGER_SCAN",
	34:  "NEW_SCAN_RESULTS",
	35:  "SCAN_ABORTED",
	36:  "REG_CHANGE",
	37:  "AUTHENTICATE",
	38:  "ASSOCIATE",
	39:  "DEAUTHENTICATE",
	40:  "DISASSOCIATE",
	41:  "MICHAEL_MIC_FAILURE",
	42:  "REG_BEACON_HINT",
	43:  "JOIN_IBSS",
	44:  "LEAVE_IBSS",
	45:  "TESTMODE",
	46:  "CONNECT",
	47:  "ROAM",
	48:  "DISCONNECT",
	49:  "SET_WIPHY_NETNS",
	50:  "GET_SURVEY",
	51:  "NEW_SURVEY_RESULTS",
	52:  "SET_PMKSA",
	53:  "DEL_PMKSA",
	54:  "FLUSH_PMKSA",
	55:  "REMAIN_ON_CHANNEL",
	56:  "CANCEL_REMAIN_ON_CHANNEL",
	57:  "SET_TX_BITRATE_MASK",
	58:  "REGISTER_FRAME",
	59:  "FRAME",
	60:  "FRAME_TX_STATUS",
	61:  "SET_POWER_SAVE",
	62:  "GET_POWER_SAVE",
	63:  "SET_CQM",
	64:  "NOTIFY_CQM",
	65:  "SET_CHANNEL",
	66:  "SET_WDS_PEER",
	67:  "FRAME_WAIT_CANCEL",
	68:  "JOIN_MESH",
	69:  "LEAVE_MESH",
	70:  "UNPROT_DEAUTHENTICATE",
	71:  "UNPROT_DISASSOCIATE",
	72:  "NEW_PEER_CANDIDATE",
	73:  "GET_WOWLAN",
	74:  "SET_WOWLAN",
	75:  "START_SCHED_SCAN",
	76:  "STOP_SCHED_SCAN",
	77:  "SCHED_SCAN_RESULTS",
	78:  "SCHED_SCAN_STOPPED",
	79:  "SET_REKEY_OFFLOAD",
	80:  "PMKSA_CANDIDATE",
	81:  "TDLS_OPER",
	82:  "TDLS_MGMT",
	83:  "UNEXPECTED_FRAME",
	84:  "PROBE_CLIENT",
	85:  "REGISTER_BEACONS",
	86:  "UNEXPECTED_4ADDR_FRAME",
	87:  "SET_NOACK_MAP",
	88:  "CH_SWITCH_NOTIFY",
	89:  "START_P2P_DEVICE",
	90:  "STOP_P2P_DEVICE",
	91:  "CONN_FAILED",
	92:  "SET_MCAST_RATE",
	93:  "SET_MAC_ACL",
	94:  "RADAR_DETECT",
	95:  "GET_PROTOCOL_FEATURES",
	96:  "UPDATE_FT_IES",
	97:  "FT_EVENT",
	98:  "CRIT_PROTOCOL_START",
	99:  "CRIT_PROTOCOL_STOP",
	100: "GET_COALESCE",
	101: "SET_COALESCE",
	102: "CHANNEL_SWITCH",
	103: "VENDOR",
	104: "SET_QOS_MAP",
	105: "ADD_TX_TS",
	106: "DEL_TX_TS",
	107: "GET_MPP",
	108: "JOIN_OCB",
	109: "LEAVE_OCB",
	110: "CH_SWITCH_STARTED_NOTIFY",
	111: "TDLS_CHANNEL_SWITCH",
	112: "TDLS_CANCEL_CHANNEL_SWITCH",
	113: "WIPHY_REG_CHANGE",
	114: "ABORT_SCAN",
	115: "START_NAN",
	116: "STOP_NAN",
	117: "ADD_NAN_FUNCTION",
	118: "DEL_NAN_FUNCTION",
	119: "CHANGE_NAN_CONFIG",
	120: "NAN_MATCH",
	121: "SET_MULTICAST_TO_UNICAST",
	122: "UPDATE_CONNECT_PARAMS",
	123: "SET_PMK",
	124: "DEL_PMK",
	125: "PORT_AUTHORIZED",
	126: "RELOAD_REGDB",
	127: "EXTERNAL_AUTH",
	128: "STA_OPMODE_CHANGED",
	129: "CONTROL_PORT_FRAME",
	130: "GET_FTM_RESPONDER_STATS",
	131: "PEER_MEASUREMENT_START",
	132: "PEER_MEASUREMENT_RESULT",
	133: "PEER_MEASUREMENT_COMPLETE",
	134: "NOTIFY_RADAR",
	135: "UPDATE_OWE_INFO",
	136: "PROBE_MESH_LINK",
	137: "SET_TID_CONFIG",
	138: "UNPROT_BEACON",
	139: "CONTROL_PORT_FRAME_TX_STATUS",
	140: "SET_SAR_SPECS",
	141: "OBSS_COLOR_COLLISION",
	142: "COLOR_CHANGE_REQUEST",
	143: "COLOR_CHANGE_STARTED",
	144: "COLOR_CHANGE_ABORTED",
	145: "COLOR_CHANGE_COMPLETED",
	146: "SET_FILS_AAD",
	147: "ASSOC_COMEBACK",
	148: "ADD_LINK",
	149: "REMOVE_LINK",
	150: "ADD_LINK_STA",
	151: "MODIFY_LINK_STA",
	152: "REMOVE_LINK_STA",
	153: "SET_HW_TIMESTAMP",
	154: "LINKS_REMOVED",
	155: "SET_TID_TO_LINK_MAPPING",
	156: "ASSOC_MLO_RECONF",
	157: "EPCS_CFG",
	158: "NAN_NEXT_DW_NOTIFICATION",
	159: "NAN_CLUSTER_JOINED",
	160: "INCUMBENT_SIGNAL_DETECT",
}

// String returns the kernel's name of the command, such as
// NL80211_CMD_ASSOCIATE; of one that is not known, its number.
func (c Command) String() string {
	if int(c) < len(commandNames) && commandNames[c] != "" {
		return "NL80211_CMD_" + commandNames[c]
	}
	return "command " + strconv.Itoa(int(c))
}
