package hwsim

import "roamfault/nl80211/dot11"

// injection is a frame that a radio shall hear.
type injection struct {
	radio  dot11.Addr
	freq   int
	signal int
	rate   int
	data   []byte
}

// appendInjection appends HWSIM_CMD_FRAME for the function
// hwsim_cloned_frame_received_nl.
func appendInjection(b []byte, family uint16, in *injection) []byte {
	start := len(b)
	b = beginMessage(b, family, commandFrame, 0, seqInject)
	b = appendAttr(b, attrReceiver, in.radio[:])
	b = appendAttr(b, attrFrame, in.data)
	b = appendAttr32(b, attrRxRate, uint32(in.rate))
	b = appendAttr32(b, attrSignal, uint32(int32(in.signal)))
	b = appendAttr32(b, attrFreq, uint32(in.freq))
	endMessage(b, start)
	return b
}
