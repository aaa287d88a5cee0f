package capture

import "encoding/binary"

// TxFlags tell of a frame that was sent: radiotap's field "TX flags".
type TxFlags uint16

// The flags of a sent frame.
const (
	// TxFailed: nobody acknowledged it.
	TxFailed TxFlags = 0x0001
	// TxNoAck: no acknowledgement was waited for.
	TxNoAck TxFlags = 0x0008
)

// Radio is how a frame was on the air.
type Radio struct {
	// Freq is the center frequency of the channel in MHz. 0: not known.
	Freq int
	// Signal is how strong it was heard, in dBm. 0: not known.
	Signal int
	// Rate is in kbit/s, of the rates before 802.11n. 0: not known.
	Rate int
	// Tx is told of what is Outbound.
	Tx TxFlags
}

// Fields of radiotap, by the bits that say they are there, and the flags of its
// field "Channel".
const (
	hasFlags   = 1 << 1
	hasRate    = 1 << 2
	hasChannel = 1 << 3
	hasSignal  = 1 << 5
	hasTxFlags = 1 << 15

	channelCCK     = 0x0020
	channelOFDM    = 0x0040
	channel2GHz    = 0x0080
	channel5GHz    = 0x0100
	channelDynamic = 0x0400

	radiotapHeaderLen = 8
	// maxRadiotap is the header with all fields above.
	maxRadiotap = radiotapHeaderLen + 12
)

// append appends the header. Its fields stand at multiples of their size, counted
// from where it begins.
func (r *Radio) append(b []byte, sent bool) []byte {
	start := len(b)
	present := uint32(hasFlags)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = append(b, 0) // flags: no FCS behind the frame
	if rate := r.Rate / 500; rate > 0 && rate <= 0xff {
		present |= hasRate
		b = append(b, byte(rate))
	}
	if r.Freq > 0 && r.Freq <= 0xffff {
		present |= hasChannel
		b = alignTwo(b, start)
		b = binary.LittleEndian.AppendUint16(b, uint16(r.Freq))
		b = binary.LittleEndian.AppendUint16(b, r.channelFlags())
	}
	if r.Signal != 0 {
		present |= hasSignal
		b = append(b, byte(int8(max(-128, min(r.Signal, 127)))))
	}
	if sent {
		present |= hasTxFlags
		b = alignTwo(b, start)
		b = binary.LittleEndian.AppendUint16(b, uint16(r.Tx))
	}
	binary.LittleEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	binary.LittleEndian.PutUint32(b[start+4:], present)
	return b
}

// channelFlags are those that the kernel gives, too (mac80211,
// ieee80211_add_rx_radiotap_header): there is none for 6 GHz.
func (r *Radio) channelFlags() uint16 {
	if r.Freq >= 3000 {
		return channel5GHz | channelOFDM
	}
	switch r.Rate {
	case 0:
		return channel2GHz | channelDynamic
	case 1000, 2000, 5500, 11000:
		return channel2GHz | channelCCK
	}
	return channel2GHz | channelOFDM
}

func alignTwo(b []byte, start int) []byte {
	if (len(b)-start)&1 != 0 {
		b = append(b, 0)
	}
	return b
}
