package hwsim

// The family and its numbers, from mac80211_hwsim.h: enum hwsim_commands, enum
// hwsim_attrs and enum hwsim_tx_control_flags.
const (
	familyName    = "MAC80211_HWSIM"
	familyVersion = 1

	commandRegister   = 1
	commandFrame      = 2
	commandTxInfo     = 3
	commandNewRadio   = 4
	commandDelRadio   = 5
	commandGetRadio   = 6
	commandAddAddress = 7
	commandDelAddress = 8

	attrReceiver       = 1
	attrTransmitter    = 2
	attrFrame          = 3
	attrFlags          = 4
	attrRxRate         = 5
	attrSignal         = 6
	attrTxInfo         = 7
	attrCookie         = 8
	attrChannels       = 9
	attrRadioID        = 10
	attrCountry        = 11
	attrStrict         = 13
	attrP2PDevice      = 14
	attrUseChanctx     = 15
	attrDestroyOnClose = 16
	attrRadioName      = 17
	attrNoInterface    = 18
	attrFreq           = 19
	attrTxInfoFlags    = 21
	attrAddr           = 22
	attrMLO            = 25
)

const (
	// maxRates is how many rates mac80211 tries for a frame, in order:
	// IEEE80211_TX_MAX_RATES.
	maxRates = 4

	// minFrame is the shortest frame of 802.11, Ack, without the FCS.
	minFrame = 10

	// MaxFrame is the longest frame that can be injected, in octets without the
	// FCS: IEEE80211_MAX_DATA_LEN, to which the driver's policy holds
	// HWSIM_ATTR_FRAME.
	MaxFrame = 2304
)
