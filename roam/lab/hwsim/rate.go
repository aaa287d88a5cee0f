package hwsim

// Rate is one of the rates a frame is tried with.
type Rate struct {
	// Index counts in the rates of the band, or is the HT or VHT MCS, as Flags
	// say. Below 0: there is no further rate.
	Index int8
	// Tries is how often this rate is tried before the next one.
	Tries uint8
	// Flags are those of mac80211_hwsim.h, enum hwsim_tx_rate_flags.
	Flags RateFlags
}

// RateFlags say how a frame is sent with a rate.
type RateFlags uint16

// The flags of a rate.
const (
	RateRTSCTS        RateFlags = 1 << 0
	RateCTSToSelf     RateFlags = 1 << 1
	RateShortPreamble RateFlags = 1 << 2
	RateMCS           RateFlags = 1 << 3
	RateGreenField    RateFlags = 1 << 4
	Rate40MHz         RateFlags = 1 << 5
	RateDuplicate     RateFlags = 1 << 6
	RateShortGI       RateFlags = 1 << 7
	RateVHTMCS        RateFlags = 1 << 8
	Rate80MHz         RateFlags = 1 << 9
	Rate160MHz        RateFlags = 1 << 10
)

// ofdmFrom is where the rates of the 5 and 6 GHz bands begin among those of the
// 2.4 GHz band: the first four are DSSS.
const ofdmFrom = 4

// legacyRate gives a rate of mac80211_hwsim.c, hwsim_rates, in kbit/s.
func legacyRate(i int) int {
	return [...]int{1000, 2000, 5500, 11000, 6000, 9000, 12000, 18000, 24000, 36000, 48000, 54000}[i]
}

// legacyRates is how many of them there are.
const legacyRates = 12

// Bitrate returns the rate in kbit/s on a channel at freq MHz. It reports false
// for HT and VHT rates, and where there is none.
func (r Rate) Bitrate(freq int) (kbps int, ok bool) {
	if r.Index < 0 || r.Flags&(RateMCS|RateVHTMCS) != 0 {
		return 0, false
	}
	i := int(r.Index)
	if freq > 3000 {
		i += ofdmFrom
	}
	if i >= legacyRates {
		return 0, false
	}
	return legacyRate(i), true
}

// RateIndex returns the number by which Inject knows a rate in kbit/s on a
// channel at freq MHz, the lowest rate's where there is none such.
func RateIndex(freq, kbps int) int {
	first := 0
	if freq > 3000 {
		first = ofdmFrom
	}
	for i := first; i < legacyRates; i++ {
		if legacyRate(i) == kbps {
			return i - first
		}
	}
	return 0
}
