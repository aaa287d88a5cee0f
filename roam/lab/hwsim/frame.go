package hwsim

import (
	"encoding/binary"

	"roamfault/nl80211/dot11"
)

// Frame is a frame that a radio sends.
type Frame struct {
	// Radio is the radio that sends it.
	Radio dot11.Addr
	// Freq is the center frequency of its channel, in MHz.
	Freq int
	// Flags say what the sender wants to know.
	Flags FrameFlags
	// Rates are those the frame is tried with, in order.
	Rates [maxRates]Rate
	// Cookie is by what the radio knows the frame again; Acknowledge gives it
	// back.
	Cookie uint64
	// Data is the frame from Frame Control to the last octet before the FCS.
	Data []byte
}

// FrameFlags are those of mac80211_hwsim.h, enum hwsim_tx_control_flags.
type FrameFlags uint32

// The flags of a frame.
const (
	// WantStatus: someone waits for what became of the frame.
	WantStatus FrameFlags = 1 << 0
	// NoAck: no acknowledgement is waited for, as of frames to a group.
	NoAck FrameFlags = 1 << 1

	statusAcked FrameFlags = 1 << 2
)

// Bitrate returns the rate the frame is first tried with, in kbit/s; see
// Rate.Bitrate.
func (f *Frame) Bitrate() (kbps int, ok bool) { return f.Rates[0].Bitrate(f.Freq) }

// decodeFrame reads the attributes of HWSIM_CMD_FRAME as the function
// mac80211_hwsim_tx_frame_nl writes them. Data stays a part of b.
func decodeFrame(f *Frame, b []byte) bool {
	*f = Frame{Rates: [maxRates]Rate{{Index: -1}, {Index: -1}, {Index: -1}, {Index: -1}}}
	var seen uint32
	for len(b) > 0 {
		kind, value, rest, ok := nextAttr(b)
		if !ok {
			return false
		}
		b = rest
		switch kind {
		case attrTransmitter:
			ok = len(value) == len(f.Radio)
			copy(f.Radio[:], value)
		case attrFrame:
			ok = len(value) > 0
			f.Data = value
		case attrFlags:
			var n uint32
			n, ok = number(value)
			f.Flags = FrameFlags(n)
		case attrFreq:
			var n uint32
			n, ok = number(value)
			ok = ok && n <= maxFreq
			f.Freq = int(n)
		case attrCookie:
			if ok = len(value) == 8; ok {
				f.Cookie = binary.NativeEndian.Uint64(value)
			}
		case attrTxInfo:
			for i := range min(len(value)/2, maxRates) {
				f.Rates[i].Index, f.Rates[i].Tries = int8(value[2*i]), value[2*i+1]
			}
		case attrTxInfoFlags:
			for i := range min(len(value)/3, maxRates) {
				f.Rates[i].Flags = RateFlags(binary.NativeEndian.Uint16(value[3*i+1:]))
			}
		}
		if !ok {
			return false
		}
		if kind < 32 {
			seen |= 1 << kind
		}
	}
	const needed = 1<<attrTransmitter | 1<<attrFrame | 1<<attrFlags | 1<<attrFreq | 1<<attrCookie
	return seen&needed == needed
}

// maxFreq is beyond every channel of 802.11, in MHz.
const maxFreq = 1 << 17

func number(value []byte) (uint32, bool) {
	if len(value) != 4 {
		return 0, false
	}
	return binary.NativeEndian.Uint32(value), true
}
