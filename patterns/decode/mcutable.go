package decode

// mcuInfo is what is known of one command.
type mcuInfo struct {
	name  string
	doing string
	phase string
}

// The phases that a command can tell by itself. They are words of the
// incident's phase.
const (
	phaseScan    = "scan"
	phaseSuspend = "suspend"
	phaseBoot    = "boot"
)

var mcuTables = [...]*[256]mcuInfo{Plain: &plainCommands, Ext: &extCommands, CE: &ceCommands, Uni: &uniCommands}

// Source of the four tables: the MCU_*_CMD_ enumerations of mt76_connac_mcu.h
// (Linux 6.12, 6.18 and openwrt/mt76 of June 2026), and for what the driver
// does then, the functions that send them in mt7925/mcu.c, mt7921/mcu.c and
// mt76_connac_mcu.c.

var uniCommands = [256]mcuInfo{
	0x01: {"DEV_INFO_UPDATE", "adds or removes an interface, with its own address", ""},
	0x02: {"BSS_INFO_UPDATE", "tells the chip about a BSS or one of its links: channel, rates, power save, beacon watch, security", ""},
	0x03: {"STA_REC_UPDATE", "writes or removes the record of a peer: its state, keys, rates and aggregation", ""},
	0x04: {"EDCA_UPDATE", "sets the access parameters of the transmit queues", ""},
	0x05: {"SUSPEND", "prepares suspend or undoes it: suspend mode, wake-up patterns and conditions", phaseSuspend},
	0x06: {"OFFLOAD", "hands address resolution and group rekeying to the chip, mostly for suspend", ""},
	0x07: {"HIF_CTRL", "stops or restarts the traffic between host and chip around suspend and resume", phaseSuspend},
	0x08: {"BAND_CONFIG", "sets up a radio: on or off, RTS threshold, receive filter", ""},
	0x09: {"REPT_MUAR", "sets up repeater addresses", ""},
	0x0b: {"WSYS_CONFIG", "switches the firmware's log to the host on or off", ""},
	0x0d: {"REG_ACCESS", "reads or writes a register through the firmware", ""},
	0x0e: {"CHIP_CONFIG", "sends a setting as text, or asks for the chip's capabilities, as at start", ""},
	0x0f: {"POWER_CTRL", "restarts the firmware or switches the chip's power", ""},
	0x12: {"RX_HDR_TRANS", "sets up header translation of received frames", ""},
	0x13: {"SER", "triggers or sets up the chip's own error recovery", ""},
	0x14: {"TWT", "adds or removes an agreement on wake times", ""},
	0x15: {"SET_DOMAIN_INFO", "tells the chip which channels the regulatory domain allows", ""},
	0x16: {"SCAN_REQ", "starts or stops a scan, also a scheduled one", phaseScan},
	0x19: {"RDD_CTRL", "starts or stops radar detection", ""},
	0x22: {"GET_MIB_INFO", "reads the chip's counters", ""},
	0x23: {"GET_STAT_INFO", "reads statistics of stations", ""},
	0x24: {"SNIFFER", "sets up monitor mode", ""},
	0x25: {"SR", "sets up spatial reuse", ""},
	0x27: {"ROC", "asks for time on a channel, as before authentication, or gives it back", ""},
	0x28: {"SET_DBDC_PARMS", "switches the use of both bands at once", ""},
	0x2b: {"TXPOWER", "reads or sets transmit power", ""},
	0x2c: {"SET_POWER_LIMIT", "writes power limits per rate and country, as after a change of regulatory domain", ""},
	0x2d: {"EFUSE_CTRL", "reads or writes calibration data, as at start", ""},
	0x2f: {"RA", "sets up rate adaptation", ""},
	0x31: {"MURU", "sets up multi-user transmission", ""},
	0x32: {"TESTMODE_RX_STAT", "reads receive figures in test mode", ""},
	0x33: {"BF", "sets up beamforming", ""},
	0x34: {"CHANNEL_SWITCH", "changes the channel of a radio", ""},
	0x35: {"THERMAL", "reads the temperature or sets thermal protection", ""},
	0x37: {"VOW", "sets airtime fairness", ""},
	0x40: {"FIXED_RATE_TABLE", "writes the table of fixed rates", ""},
	0x41: {"RSSI_MONITOR", "sets the signal thresholds that the chip watches", ""},
	0x46: {"TESTMODE_CTRL", "enters, leaves or drives test mode", ""},
	0x57: {"RRO", "sets up or frees hardware reordering of received frames", ""},
	0x58: {"OFFCH_SCAN_CTRL", "starts or stops scanning with a spare receiver", ""},
	0x6d: {"PER_STA_INFO", "reads figures of one station", ""},
	0x6e: {"ALL_STA_INFO", "reads figures of all stations", ""},
	0x6f: {"ASSERT_DUMP", "asks for the dump of a crashed firmware", ""},
	0x74: {"EXT_EEPROM_CTRL", "reads or writes calibration data outside the chip", ""},
	0x80: {"RADIO_STATUS", "reads the state of the radio kill switch, or sets its pin up", ""},
	0x82: {"MLD", "changes or stops a link of a multi-link device on an access point", ""},
	0x88: {"SDO", "sets or reads a parameter of the helper processor", ""},
}

var extCommands = [256]mcuInfo{
	0x01: {"EFUSE_ACCESS", "reads calibration data, as at start", ""},
	0x02: {"RF_REG_ACCESS", "reads or writes a register of the radio", ""},
	0x04: {"RF_TEST", "drives the radio in test mode", ""},
	0x05: {"ID_RADIO_ON_OFF_CTRL", "switches a radio on or off", ""},
	0x07: {"PM_STATE_CTRL", "changes the power state of the firmware", ""},
	0x08: {"CHANNEL_SWITCH", "changes the channel of a radio", ""},
	0x11: {"SET_TX_POWER_CTRL", "sets transmit power", ""},
	0x13: {"FW_LOG_2_HOST", "switches the firmware's log to the host on or off", ""},
	0x1e: {"TXBF_ACTION", "sets up beamforming", ""},
	0x21: {"EFUSE_BUFFER_MODE", "gives the chip its calibration data, as at start", ""},
	0x23: {"THERMAL_PROT", "sets thermal protection", ""},
	0x25: {"STA_REC_UPDATE", "writes or removes the record of a peer: its state, keys, rates and aggregation", ""},
	0x26: {"BSS_INFO_UPDATE", "tells the chip about a BSS: channel, rates, power save, security", ""},
	0x27: {"EDCA_UPDATE", "sets the access parameters of the transmit queues", ""},
	0x2a: {"DEV_INFO_UPDATE", "adds or removes an interface, with its own address", ""},
	0x2c: {"THERMAL_CTRL", "reads the temperature", ""},
	0x32: {"WTBL_UPDATE", "writes the hardware's table of peers", ""},
	0x36: {"SET_DRR_CTRL", "sets airtime fairness", ""},
	0x38: {"SET_FEATURE_CTRL", "switches a part of airtime fairness", ""},
	0x3a: {"SET_RDD_CTRL", "starts or stops radar detection", ""},
	0x3d: {"ATE_CTRL", "drives test mode", ""},
	0x3e: {"PROTECT_CTRL", "sets protection of frames by RTS", ""},
	0x45: {"DBDC_CTRL", "switches the use of both bands at once", ""},
	0x46: {"MAC_INIT_CTRL", "switches a radio's MAC on or off, as at interface start and stop", ""},
	0x47: {"RX_HDR_TRANS", "sets up header translation of received frames", ""},
	0x48: {"MUAR_UPDATE", "sets up repeater addresses", ""},
	0x49: {"BCN_OFFLOAD", "hands a beacon to the chip", ""},
	0x4a: {"RX_AIRTIME_CTRL", "sets up the account of airtime", ""},
	0x4b: {"AT_PROC_MODULE", "sets up airtime fairness for an interface", ""},
	0x4e: {"SET_RX_PATH", "sets the receive chains for a channel", ""},
	0x4f: {"EFUSE_FREE_BLOCK", "asks how much calibration memory is free", ""},
	0x58: {"TX_POWER_FEATURE_CTRL", "reads or sets transmit power features and tables", ""},
	0x59: {"RXDCOC_CAL", "runs the receive offset calibration", ""},
	0x5a: {"GET_MIB_INFO", "reads the chip's counters", ""},
	0x60: {"TXDPD_CAL", "runs the transmit distortion calibration", ""},
	0x67: {"CAL_CACHE", "saves or restores calibration results", ""},
	0x68: {"RED_ENABLE", "switches early drop of queued frames", ""},
	0x75: {"CP_SUPPORT", "switches a mode of the helper processor", ""},
	0x7c: {"SET_RADAR_TH", "sets radar thresholds", ""},
	0x7d: {"SET_RDD_PATTERN", "sets a radar test pattern", ""},
	0x80: {"MWDS_SUPPORT", "sets up four-address peers", ""},
	0x81: {"SET_SER_TRIGGER", "triggers or sets up the chip's own error recovery", ""},
	0x82: {"SCS_CTRL", "sets smart carrier sense", ""},
	0x87: {"RATE_CTRL", "sets a fixed rate", ""},
	0x94: {"TWT_AGRT_UPDATE", "adds or removes an agreement on wake times", ""},
	0x95: {"FW_DBG_CTRL", "sets which parts of the firmware write its log", ""},
	0x9a: {"OFFCH_SCAN_CTRL", "starts or stops scanning with a spare receiver", ""},
	0x9d: {"SET_RDD_TH", "sets radar thresholds", ""},
	0x9f: {"MURU_CTRL", "sets up multi-user transmission", ""},
	0xa8: {"SET_SPR", "sets up spatial reuse", ""},
	0xab: {"GROUP_PRE_CAL_INFO", "gives the chip stored calibration", ""},
	0xac: {"DPD_PRE_CAL_INFO", "gives the chip stored transmit calibration", ""},
	0xad: {"PHY_STAT_INFO", "reads rates and figures of a station", ""},
	0xbd: {"WF_RF_PIN_CTRL", "reads the state of the radio kill switch, or sets its pin up", ""},
}

var ceCommands = [256]mcuInfo{
	0x01: {"TEST_CTRL", "drives test mode", ""},
	0x03: {"START_HW_SCAN", "starts a scan", phaseScan},
	0x05: {"SET_PS_PROFILE", "sets power save", ""},
	0x0a: {"SET_RX_FILTER", "sets the receive filter", ""},
	0x0f: {"SET_CHAN_DOMAIN", "tells the chip which channels the regulatory domain allows", ""},
	0x16: {"SET_BSS_CONNECTED", "tells the chip that the connection is up, so that it can sleep between beacons", ""},
	0x17: {"SET_BSS_ABORT", "tells the chip that the connection is down", ""},
	0x1b: {"CANCEL_HW_SCAN", "stops a scan", phaseScan},
	0x1c: {"SET_ROC", "asks for time on a channel or gives it back", ""},
	0x1d: {"SET_EDCA_PARMS", "sets the access parameters of the transmit queues", ""},
	0x33: {"SET_P2P_OPPPS", "sets power save of a direct group", ""},
	0x5c: {"SET_CLC", "gives the chip a country's power rules", ""},
	0x5d: {"SET_RATE_TX_POWER", "sets transmit power per rate", ""},
	0x61: {"SCHED_SCAN_ENABLE", "switches a scheduled scan on or off", phaseScan},
	0x62: {"SCHED_SCAN_REQ", "sets up a scheduled scan", phaseScan},
	0x8a: {"GET_NIC_CAPAB", "asks for the chip's capabilities, as at start", phaseBoot},
	0xa1: {"RSSI_MONITOR", "sets the signal thresholds that the chip watches", ""},
	0xb0: {"SET_MU_EDCA_PARMS", "sets the access parameters for multi-user transmission", ""},
	0xc0: {"REG_WRITE", "writes a register through the firmware", ""},
	0xc5: {"FWLOG_2_HOST", "switches the firmware's log to the host on or off", ""},
	0xca: {"CHIP_CONFIG", "sends a setting as text", ""},
	0xcd: {"GET_WTBL", "reads the hardware's table of peers", ""},
	0xd0: {"GET_TXPWR", "reads transmit power", ""},
}

// ceQueries are the ids whose query has a name of its own.
var ceQueries = [256]mcuInfo{
	0xc0: {"REG_READ", "reads a register through the firmware", ""},
}

var plainCommands = [256]mcuInfo{
	0x01:       {"TARGET_ADDRESS_LEN_REQ", "announces the next part of the firmware: where it goes and how long it is", phaseBoot},
	0x02:       {"FW_START_REQ", "starts the firmware that was sent", phaseBoot},
	0x03:       {"INIT_ACCESS_REG", "reads or writes a register before the firmware runs", phaseBoot},
	0x04:       {"NIC_POWER_CTRL", "restarts the chip's processor or switches its power", phaseBoot},
	0x05:       {"PATCH_START_REQ", "announces a part of the patch: where it goes and how long it is", phaseBoot},
	0x07:       {"PATCH_FINISH_REQ", "ends the download of the patch", phaseBoot},
	0x10:       {"PATCH_SEM_CONTROL", "takes or releases the patch semaphore: the first step of every firmware download", phaseBoot},
	mcuWAParam: {"WA_PARAM", "sets or reads a parameter of the helper processor", ""},
	mcuExtID:   {"EXT_CID", "frames an extended command", ""},
	0xee:       {"FW_SCATTER", "sends a piece of firmware", phaseBoot},
	0xef:       {"RESTART_DL_REQ", "starts the firmware download over", phaseBoot},
}
