package hwsim

// appendStatus appends HWSIM_CMD_TX_INFO_FRAME, which says what became of a
// frame, for the function hwsim_tx_info_frame_received_nl. It reads four rates
// without looking how many there are.
func appendStatus(b []byte, family uint16, f *Frame, acked bool, signal int) []byte {
	flags := f.Flags
	if acked && flags&NoAck == 0 {
		flags |= statusAcked
	}
	start := len(b)
	b = beginMessage(b, family, commandTxInfo, 0, seqStatus)
	b = appendAttr(b, attrTransmitter, f.Radio[:])
	b = appendAttr32(b, attrFlags, uint32(flags))
	b = appendAttr32(b, attrSignal, uint32(int32(signal)))
	b = appendAttrHeader(b, attrTxInfo, 2*maxRates)
	for i, r := range f.Rates {
		// What is acknowledged was so at the first try; what is not has been
		// tried as often as the radio wanted.
		switch {
		case flags&statusAcked == 0:
		case i == 0:
			r.Tries = 1
		default:
			r.Index, r.Tries = -1, 0
		}
		b = append(b, byte(r.Index), r.Tries)
	}
	b = appendAttr64(b, attrCookie, f.Cookie)
	endMessage(b, start)
	return b
}
