package nl80211

import "strconv"

// Numbers of attributes (kernel, include/uapi/linux/nl80211.h, enum
// nl80211_attrs). golang.org/x/sys/unix has those up to 6.12, and on Linux only;
// a test holds these to them. attrExtMLDCapaAndOps and attrWiphyRadioIndex came later.
const (
	attrWiphy                        uint16 = 1
	attrWiphyName                    uint16 = 2
	attrIfindex                      uint16 = 3
	attrIfname                       uint16 = 4
	attrIftype                       uint16 = 5
	attrMAC                          uint16 = 6
	attrKeyIdx                       uint16 = 8
	attrKeySeq                       uint16 = 10
	attrStaInfo                      uint16 = 21
	attrWiphyBands                   uint16 = 22
	attrSupportedIftypes             uint16 = 32
	attrRegAlpha2                    uint16 = 33
	attrRegRules                     uint16 = 34
	attrWiphyFreq                    uint16 = 38
	attrIE                           uint16 = 42
	attrMaxNumScanSSIDs              uint16 = 43
	attrScanFrequencies              uint16 = 44
	attrScanSSIDs                    uint16 = 45
	attrGeneration                   uint16 = 46
	attrBSS                          uint16 = 47
	attrRegInitiator                 uint16 = 48
	attrRegType                      uint16 = 49
	attrSupportedCommands            uint16 = 50
	attrFrame                        uint16 = 51
	attrSSID                         uint16 = 52
	attrAuthType                     uint16 = 53
	attrReasonCode                   uint16 = 54
	attrKeyType                      uint16 = 55
	attrMaxScanIELen                 uint16 = 56
	attrCipherSuites                 uint16 = 57
	attrTimedOut                     uint16 = 65
	attrUseMFP                       uint16 = 66
	attrStaFlags2                    uint16 = 67
	attrControlPort                  uint16 = 68
	attrDisconnectedByAP             uint16 = 71
	attrStatusCode                   uint16 = 72
	attrCipherSuitesPairwise         uint16 = 73
	attrCipherSuiteGroup             uint16 = 74
	attrWPAVersions                  uint16 = 75
	attrAKMSuites                    uint16 = 76
	attrReqIE                        uint16 = 77
	attrRespIE                       uint16 = 78
	attrPrevBSSID                    uint16 = 79
	attrKey                          uint16 = 80
	attrFourAddr                     uint16 = 83
	attrSurveyInfo                   uint16 = 84
	attrDuration                     uint16 = 87
	attrCookie                       uint16 = 88
	attrFrameMatch                   uint16 = 91
	attrAck                          uint16 = 92
	attrPSState                      uint16 = 93
	attrCQM                          uint16 = 94
	attrLocalStateChange             uint16 = 95
	attrTxPowerLevel                 uint16 = 98
	attrFrameType                    uint16 = 101
	attrControlPortEthertype         uint16 = 102
	attrControlPortNoEncrypt         uint16 = 103
	attrOffchannelTxOK               uint16 = 108
	attrMaxRemainOnChannel           uint16 = 111
	attrInterfaceCombinations        uint16 = 120
	attrSoftwareIftypes              uint16 = 121
	attrStaWME                       uint16 = 129
	attrTxNoCCKRate                  uint16 = 135
	attrDontWaitForAck               uint16 = 142
	attrFeatureFlags                 uint16 = 143
	attrDFSRegion                    uint16 = 146
	attrDisableHT                    uint16 = 147
	attrRxSignalDBM                  uint16 = 151
	attrWdev                         uint16 = 153
	attrAuthData                     uint16 = 156
	attrScanFlags                    uint16 = 158
	attrChannelWidth                 uint16 = 159
	attrCenterFreq1                  uint16 = 160
	attrCenterFreq2                  uint16 = 161
	attrExtCapa                      uint16 = 169
	attrExtCapaMask                  uint16 = 170
	attrSplitWiphyDump               uint16 = 174
	attrDisableVHT                   uint16 = 175
	attrChSwitchCount                uint16 = 183
	attrChSwitchBlockTx              uint16 = 184
	attrRxmgmtFlags                  uint16 = 188
	attrVendorID                     uint16 = 195
	attrVendorSubcmd                 uint16 = 196
	attrVendorData                   uint16 = 197
	attrSocketOwner                  uint16 = 204
	attrUseRRM                       uint16 = 208
	attrSelfManagedReg               uint16 = 216
	attrExtFeatures                  uint16 = 217
	attrSurveyRadioStats             uint16 = 218
	attrNetNSFD                      uint16 = 219
	attrIftypeExtCapa                uint16 = 230
	attrScanStartTimeTSF             uint16 = 233
	attrScanStartTimeTSFBSSID        uint16 = 234
	attrMeasurementDuration          uint16 = 235
	attrMeasurementDurationMandatory uint16 = 236
	attrBSSID                        uint16 = 245
	attrTimeoutReason                uint16 = 248
	attrPMK                          uint16 = 254
	attrControlPortOverNL80211       uint16 = 264
	attrTimeout                      uint16 = 272
	attrControlPortNoPreauth         uint16 = 286
	attrReceiveMulticast             uint16 = 289
	attrWiphyFreqOffset              uint16 = 290
	attrScanFreqKHz                  uint16 = 292
	attrReconnectRequested           uint16 = 299
	attrDisableHE                    uint16 = 301
	attrDisableEHT                   uint16 = 311
	attrMLOLinks                     uint16 = 312
	attrMLOLinkID                    uint16 = 313
	attrMLDAddr                      uint16 = 314
	attrMLOSupport                   uint16 = 315
	attrMaxNumAKMSuites              uint16 = 316
	attrEMLCapability                uint16 = 317
	attrMLDCapaAndOps                uint16 = 318
	attrTxHWTimestamp                uint16 = 319
	attrRxHWTimestamp                uint16 = 320
	attrPunctBitmap                  uint16 = 322
	attrMLOLinkDisabled              uint16 = 326
	attrBSSDumpIncludeUseData        uint16 = 327
	attrWiphyRadios                  uint16 = 331
	attrExtMLDCapaAndOps             uint16 = 337
	attrWiphyRadioIndex              uint16 = 338
)

// attributeNames are the names of the attributes above without their common
// beginning, NL80211_ATTR_.
var attributeNames = [...]string{
	attrWiphy:                        "WIPHY",
	attrWiphyName:                    "WIPHY_NAME",
	attrIfindex:                      "IFINDEX",
	attrIfname:                       "IFNAME",
	attrIftype:                       "IFTYPE",
	attrMAC:                          "MAC",
	attrKeyIdx:                       "KEY_IDX",
	attrKeySeq:                       "KEY_SEQ",
	attrStaInfo:                      "STA_INFO",
	attrWiphyBands:                   "WIPHY_BANDS",
	attrSupportedIftypes:             "SUPPORTED_IFTYPES",
	attrRegAlpha2:                    "REG_ALPHA2",
	attrRegRules:                     "REG_RULES",
	attrWiphyFreq:                    "WIPHY_FREQ",
	attrIE:                           "IE",
	attrMaxNumScanSSIDs:              "MAX_NUM_SCAN_SSIDS",
	attrScanFrequencies:              "SCAN_FREQUENCIES",
	attrScanSSIDs:                    "SCAN_SSIDS",
	attrGeneration:                   "GENERATION",
	attrBSS:                          "BSS",
	attrRegInitiator:                 "REG_INITIATOR",
	attrRegType:                      "REG_TYPE",
	attrSupportedCommands:            "SUPPORTED_COMMANDS",
	attrFrame:                        "FRAME",
	attrSSID:                         "SSID",
	attrAuthType:                     "AUTH_TYPE",
	attrReasonCode:                   "REASON_CODE",
	attrKeyType:                      "KEY_TYPE",
	attrMaxScanIELen:                 "MAX_SCAN_IE_LEN",
	attrCipherSuites:                 "CIPHER_SUITES",
	attrTimedOut:                     "TIMED_OUT",
	attrUseMFP:                       "USE_MFP",
	attrStaFlags2:                    "STA_FLAGS2",
	attrControlPort:                  "CONTROL_PORT",
	attrDisconnectedByAP:             "DISCONNECTED_BY_AP",
	attrStatusCode:                   "STATUS_CODE",
	attrCipherSuitesPairwise:         "CIPHER_SUITES_PAIRWISE",
	attrCipherSuiteGroup:             "CIPHER_SUITE_GROUP",
	attrWPAVersions:                  "WPA_VERSIONS",
	attrAKMSuites:                    "AKM_SUITES",
	attrReqIE:                        "REQ_IE",
	attrRespIE:                       "RESP_IE",
	attrPrevBSSID:                    "PREV_BSSID",
	attrKey:                          "KEY",
	attrFourAddr:                     "4ADDR",
	attrSurveyInfo:                   "SURVEY_INFO",
	attrDuration:                     "DURATION",
	attrCookie:                       "COOKIE",
	attrFrameMatch:                   "FRAME_MATCH",
	attrAck:                          "ACK",
	attrPSState:                      "PS_STATE",
	attrCQM:                          "CQM",
	attrLocalStateChange:             "LOCAL_STATE_CHANGE",
	attrTxPowerLevel:                 "WIPHY_TX_POWER_LEVEL",
	attrFrameType:                    "FRAME_TYPE",
	attrControlPortEthertype:         "CONTROL_PORT_ETHERTYPE",
	attrControlPortNoEncrypt:         "CONTROL_PORT_NO_ENCRYPT",
	attrOffchannelTxOK:               "OFFCHANNEL_TX_OK",
	attrMaxRemainOnChannel:           "MAX_REMAIN_ON_CHANNEL_DURATION",
	attrInterfaceCombinations:        "INTERFACE_COMBINATIONS",
	attrSoftwareIftypes:              "SOFTWARE_IFTYPES",
	attrStaWME:                       "STA_WME",
	attrTxNoCCKRate:                  "TX_NO_CCK_RATE",
	attrDontWaitForAck:               "DONT_WAIT_FOR_ACK",
	attrFeatureFlags:                 "FEATURE_FLAGS",
	attrDFSRegion:                    "DFS_REGION",
	attrDisableHT:                    "DISABLE_HT",
	attrRxSignalDBM:                  "RX_SIGNAL_DBM",
	attrWdev:                         "WDEV",
	attrAuthData:                     "AUTH_DATA",
	attrScanFlags:                    "SCAN_FLAGS",
	attrChannelWidth:                 "CHANNEL_WIDTH",
	attrCenterFreq1:                  "CENTER_FREQ1",
	attrCenterFreq2:                  "CENTER_FREQ2",
	attrExtCapa:                      "EXT_CAPA",
	attrExtCapaMask:                  "EXT_CAPA_MASK",
	attrSplitWiphyDump:               "SPLIT_WIPHY_DUMP",
	attrDisableVHT:                   "DISABLE_VHT",
	attrChSwitchCount:                "CH_SWITCH_COUNT",
	attrChSwitchBlockTx:              "CH_SWITCH_BLOCK_TX",
	attrRxmgmtFlags:                  "RXMGMT_FLAGS",
	attrVendorID:                     "VENDOR_ID",
	attrVendorSubcmd:                 "VENDOR_SUBCMD",
	attrVendorData:                   "VENDOR_DATA",
	attrSocketOwner:                  "SOCKET_OWNER",
	attrUseRRM:                       "USE_RRM",
	attrSelfManagedReg:               "WIPHY_SELF_MANAGED_REG",
	attrExtFeatures:                  "EXT_FEATURES",
	attrSurveyRadioStats:             "SURVEY_RADIO_STATS",
	attrNetNSFD:                      "NETNS_FD",
	attrIftypeExtCapa:                "IFTYPE_EXT_CAPA",
	attrScanStartTimeTSF:             "SCAN_START_TIME_TSF",
	attrScanStartTimeTSFBSSID:        "SCAN_START_TIME_TSF_BSSID",
	attrMeasurementDuration:          "MEASUREMENT_DURATION",
	attrMeasurementDurationMandatory: "MEASUREMENT_DURATION_MANDATORY",
	attrBSSID:                        "BSSID",
	attrTimeoutReason:                "TIMEOUT_REASON",
	attrPMK:                          "PMK",
	attrControlPortOverNL80211:       "CONTROL_PORT_OVER_NL80211",
	attrTimeout:                      "TIMEOUT",
	attrControlPortNoPreauth:         "CONTROL_PORT_NO_PREAUTH",
	attrReceiveMulticast:             "RECEIVE_MULTICAST",
	attrWiphyFreqOffset:              "WIPHY_FREQ_OFFSET",
	attrScanFreqKHz:                  "SCAN_FREQ_KHZ",
	attrReconnectRequested:           "RECONNECT_REQUESTED",
	attrDisableHE:                    "DISABLE_HE",
	attrDisableEHT:                   "DISABLE_EHT",
	attrMLOLinks:                     "MLO_LINKS",
	attrMLOLinkID:                    "MLO_LINK_ID",
	attrMLDAddr:                      "MLD_ADDR",
	attrMLOSupport:                   "MLO_SUPPORT",
	attrMaxNumAKMSuites:              "MAX_NUM_AKM_SUITES",
	attrEMLCapability:                "EML_CAPABILITY",
	attrMLDCapaAndOps:                "MLD_CAPA_AND_OPS",
	attrTxHWTimestamp:                "TX_HW_TIMESTAMP",
	attrRxHWTimestamp:                "RX_HW_TIMESTAMP",
	attrPunctBitmap:                  "PUNCT_BITMAP",
	attrMLOLinkDisabled:              "MLO_LINK_DISABLED",
	attrBSSDumpIncludeUseData:        "BSS_DUMP_INCLUDE_USE_DATA",
	attrWiphyRadios:                  "WIPHY_RADIOS",
	attrExtMLDCapaAndOps:             "EXT_MLD_CAPA_AND_OPS",
	attrWiphyRadioIndex:              "WIPHY_RADIO_INDEX",
}

// AttributeName returns the kernel's name of an attribute, such as
// NL80211_ATTR_MLO_LINKS; of one that this package does not use, its number.
func AttributeName(number uint16) string {
	if int(number) < len(attributeNames) && attributeNames[number] != "" {
		return "NL80211_ATTR_" + attributeNames[number]
	}
	return "attribute " + strconv.Itoa(int(number))
}
