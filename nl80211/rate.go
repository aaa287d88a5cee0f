package nl80211

// Modulation is the generation of a rate.
type Modulation uint8

// Modulations.
const (
	ModulationLegacy Modulation = iota // DSSS, CCK or OFDM without MCS
	ModulationHT
	ModulationVHT
	ModulationHE
	ModulationEHT
	ModulationUHR
)

var modulations = [...]string{"legacy", "HT", "VHT", "HE", "EHT", "UHR"}

// String names the modulation.
func (m Modulation) String() string {
	if int(m) < len(modulations) {
		return modulations[m]
	}
	return "unknown"
}

// Attributes of a rate (kernel, enum nl80211_rate_info).
const (
	rateBitrate    = 1
	rateMCS        = 2
	rate40MHz      = 3
	rateShortGI    = 4
	rateBitrate32  = 5
	rateVHTMCS     = 6
	rateVHTNSS     = 7
	rate80MHz      = 8
	rate80P80MHz   = 9
	rate160MHz     = 10
	rate10MHz      = 11
	rate5MHz       = 12
	rateHEMCS      = 13
	rateHENSS      = 14
	rateHEGI       = 15
	rateHEDCM      = 16
	rateHERUAlloc  = 17
	rate320MHz     = 18
	rateEHTMCS     = 19
	rateEHTNSS     = 20
	rateEHTGI      = 21
	rateEHTRUAlloc = 22
	rateUHRMCS     = 30
)

// Rate is how frames to or from a station are modulated.
type Rate struct {
	Bitrate    int // in 100 kbit/s; 0 where the kernel cannot tell
	Modulation Modulation
	MCS        uint8 // with HT the number that counts streams, too
	Streams    uint8 // spatial streams; 0 where MCS has them, or there is none
	Width      int   // in MHz
	ShortGI    bool  // HT and VHT
	GI         uint8 // HE and EHT: 0 0.8 us, 1 1.6 us, 2 3.2 us
	DCM        bool
	RU         bool // only a resource unit of the channel; Alloc says which
	Alloc      uint8
}

// rateWidths are the attributes that say a width; without one it is 20 MHz.
var rateWidths = [...]int{
	rate40MHz: 40, rate80MHz: 80, rate80P80MHz: 160, rate160MHz: 160, rate10MHz: 10, rate5MHz: 5, rate320MHz: 320,
}

func decodeRate(d *decoder) Rate {
	r := Rate{Width: 20}
	for n := d.nested(); n.next(); {
		if int(n.kind) < len(rateWidths) && rateWidths[n.kind] != 0 {
			r.Width = rateWidths[n.kind]
			continue
		}
		switch n.kind {
		case rateBitrate:
			if v := int(n.u16()); r.Bitrate == 0 {
				r.Bitrate = v
			}
		case rateBitrate32:
			r.Bitrate = int(n.u32())
		case rateMCS:
			r.Modulation, r.MCS = ModulationHT, n.u8()
		case rateVHTMCS:
			r.Modulation, r.MCS = ModulationVHT, n.u8()
		case rateHEMCS:
			r.Modulation, r.MCS = ModulationHE, n.u8()
		case rateEHTMCS:
			r.Modulation, r.MCS = ModulationEHT, n.u8()
		case rateUHRMCS:
			r.Modulation, r.MCS = ModulationUHR, n.u8()
		case rateVHTNSS, rateHENSS, rateEHTNSS:
			r.Streams = n.u8()
		case rateShortGI:
			r.ShortGI = true
		case rateHEGI, rateEHTGI:
			r.GI = n.u8()
		case rateHEDCM:
			r.DCM = n.u8() != 0
		case rateHERUAlloc, rateEHTRUAlloc:
			r.RU, r.Alloc = true, n.u8()
		}
	}
	return r
}
