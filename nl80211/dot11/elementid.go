package dot11

// Numbers of elements (IEEE 802.11-2020, table 9-92; IEEE 802.11be-2024).
const (
	ElementSSID                   uint8 = 0
	ElementRates                  uint8 = 1
	ElementDSSSParameter          uint8 = 3
	ElementTIM                    uint8 = 5
	ElementCountry                uint8 = 7
	ElementBSSLoad                uint8 = 11
	ElementChallenge              uint8 = 16
	ElementPowerConstraint        uint8 = 32
	ElementPowerCapability        uint8 = 33
	ElementTPCReport              uint8 = 35
	ElementSupportedChannels      uint8 = 36
	ElementChannelSwitch          uint8 = 37
	ElementQuiet                  uint8 = 40
	ElementERP                    uint8 = 42
	ElementHTCapabilities         uint8 = 45
	ElementQoSCapability          uint8 = 46
	ElementRSN                    uint8 = 48
	ElementExtendedRates          uint8 = 50
	ElementAPChannelReport        uint8 = 51
	ElementNeighborReport         uint8 = 52
	ElementMobilityDomain         uint8 = 54
	ElementFastTransition         uint8 = 55
	ElementTimeoutInterval        uint8 = 56
	ElementOperatingClasses       uint8 = 59
	ElementExtChannelSwitch       uint8 = 60
	ElementHTOperation            uint8 = 61
	ElementSecondaryChannelOffset uint8 = 62
	ElementRMCapabilities         uint8 = 70
	ElementMultipleBSSID          uint8 = 71
	ElementCoexistence2040        uint8 = 72
	ElementOverlappingBSSScan     uint8 = 74
	ElementMME                    uint8 = 76
	ElementNontransmittedBSSID    uint8 = 83
	ElementSSIDList               uint8 = 84
	ElementMultipleBSSIDIndex     uint8 = 85
	ElementQoSTrafficCapability   uint8 = 89
	ElementBSSMaxIdlePeriod       uint8 = 90
	ElementLinkIdentifier         uint8 = 101
	ElementInterworking           uint8 = 107
	ElementQoSMap                 uint8 = 110
	ElementRoamingConsortium      uint8 = 111
	ElementExtendedCapabilities   uint8 = 127
	ElementVHTCapabilities        uint8 = 191
	ElementVHTOperation           uint8 = 192
	ElementExtendedBSSLoad        uint8 = 193
	ElementWideBandwidthSwitch    uint8 = 194
	ElementTransmitPowerEnvelope  uint8 = 195
	ElementChannelSwitchWrapper   uint8 = 196
	ElementAID                    uint8 = 197
	ElementOperatingModeNotify    uint8 = 199
	ElementReducedNeighborReport  uint8 = 201
	ElementTWT                    uint8 = 216
	ElementVendor                 uint8 = 221
	ElementFILSIndication         uint8 = 240
	ElementFragment               uint8 = 242
	ElementRSNX                   uint8 = 244
	ElementExtension              uint8 = 255
)

// Numbers within ElementExtension (IEEE 802.11-2020, table 9-92; IEEE
// 802.11be-2024).
const (
	ExtAssocDelayInfo             uint8 = 1
	ExtFILSSession                uint8 = 4
	ExtKeyDelivery                uint8 = 7
	ExtWrappedData                uint8 = 8
	ExtExtendedRequest            uint8 = 10
	ExtEstimatedService           uint8 = 11
	ExtFutureChannelGuidance      uint8 = 14
	ExtOWEParameter               uint8 = 32
	ExtPasswordIdentifier         uint8 = 33
	ExtHECapabilities             uint8 = 35
	ExtHEOperation                uint8 = 36
	ExtUORAParameter              uint8 = 37
	ExtMUEDCAParameter            uint8 = 38
	ExtSpatialReuse               uint8 = 39
	ExtNDPFeedback                uint8 = 41
	ExtColorChange                uint8 = 42
	ExtMaxChannelSwitchTime       uint8 = 52
	ExtOCI                        uint8 = 54
	ExtMultipleBSSIDConfiguration uint8 = 55
	ExtNonInheritance             uint8 = 56
	ExtKnownBSSID                 uint8 = 57
	ExtShortSSIDList              uint8 = 58
	ExtHE6GHzCapabilities         uint8 = 59
	ExtMSCSDescriptor             uint8 = 88
	ExtRejectedGroups             uint8 = 92
	ExtAntiCloggingToken          uint8 = 93
	ExtEHTOperation               uint8 = 106
	ExtMultiLink                  uint8 = 107
	ExtEHTCapabilities            uint8 = 108
	ExtTIDToLinkMapping           uint8 = 109
	ExtMultiLinkTraffic           uint8 = 110
	ExtQoSCharacteristics         uint8 = 113
	ExtAKMSuiteSelector           uint8 = 114
	ExtBandwidthIndication        uint8 = 135
)
