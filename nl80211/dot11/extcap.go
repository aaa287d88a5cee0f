package dot11

// ExtendedCapabilities are the octets of an Extended Capabilities element (IEEE
// 802.11-2020, 9.4.2.26), number ElementExtendedCapabilities.
type ExtendedCapabilities []byte

// ExtendedCapability is a bit of ExtendedCapabilities.
type ExtendedCapability uint8

// Bits of ExtendedCapabilities.
const (
	ExtCapCoexistence2040    ExtendedCapability = 0
	ExtCapExtChannelSwitch   ExtendedCapability = 2
	ExtCapProxyARP           ExtendedCapability = 12
	ExtCapWNMSleep           ExtendedCapability = 17
	ExtCapTIMBroadcast       ExtendedCapability = 18
	ExtCapBSSTransition      ExtendedCapability = 19
	ExtCapMultipleBSSID      ExtendedCapability = 22
	ExtCapTimingMeasurement  ExtendedCapability = 23
	ExtCapSSIDList           ExtendedCapability = 25
	ExtCapDMS                ExtendedCapability = 26
	ExtCapTDLSPeerPSM        ExtendedCapability = 29
	ExtCapTDLSChannelSwitch  ExtendedCapability = 30
	ExtCapInterworking       ExtendedCapability = 31
	ExtCapQoSMap             ExtendedCapability = 32
	ExtCapTDLS               ExtendedCapability = 37
	ExtCapTDLSProhibited     ExtendedCapability = 38
	ExtCapWNMNotification    ExtendedCapability = 46
	ExtCapUTF8SSID           ExtendedCapability = 48
	ExtCapSCS                ExtendedCapability = 54
	ExtCapTDLSWiderBandwidth ExtendedCapability = 61
	ExtCapOperatingMode      ExtendedCapability = 62
	ExtCapMaxAMSDULow        ExtendedCapability = 63 // low bit of the number of MSDUs in an A-MSDU: any, 32, 16, 8
	ExtCapMaxAMSDUHigh       ExtendedCapability = 64
	ExtCapFTMResponder       ExtendedCapability = 70
	ExtCapFTMInitiator       ExtendedCapability = 71
	ExtCapFILS               ExtendedCapability = 72
	ExtCapExtSpectrum        ExtendedCapability = 73
	ExtCapTWTRequester       ExtendedCapability = 77
	ExtCapTWTResponder       ExtendedCapability = 78
	ExtCapOBSSNarrowRU       ExtendedCapability = 79
	ExtCapSAEPasswordID      ExtendedCapability = 81
	ExtCapSAEPasswordIDOnly  ExtendedCapability = 82
	ExtCapBeaconProtection   ExtendedCapability = 84
	ExtCapMSCS               ExtendedCapability = 85
)

// NewExtendedCapabilities returns an element with those bits.
func NewExtendedCapabilities(bits ...ExtendedCapability) ExtendedCapabilities {
	x := ExtendedCapabilities{}
	for _, n := range bits {
		x = withBit(x, int(n))
	}
	return x
}

// Has reports whether a bit is set.
func (x ExtendedCapabilities) Has(n ExtendedCapability) bool { return hasBit(x, int(n)) }

// Element returns the element to be sent.
func (x ExtendedCapabilities) Element() Element {
	return Element{ID: ElementExtendedCapabilities, Body: x}
}
