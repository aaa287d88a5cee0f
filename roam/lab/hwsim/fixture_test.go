package hwsim

import (
	"encoding/binary"

	"roamfault/nl80211/dot11"
)

const testFamily = 0x21

func testRadio() dot11.Addr { return dot11.Addr{0x42, 0, 0, 0, 3, 0} }

// probeRequest is a short frame to everyone.
func probeRequest() []byte {
	b := []byte{0x40, 0, 0, 0}
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	b = append(b, 0x02, 0, 0, 0, 3, 0)
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	return append(b, 0x10, 0, 0, 0, 1, 2, 2, 4)
}

// sentFrame is the message by which the driver hands over a frame.
func sentFrame(data []byte, cookie uint64) []byte {
	radio := testRadio()
	b := beginMessage(nil, testFamily, commandFrame, 0, 0)
	b = appendAttr(b, attrTransmitter, radio[:])
	b = appendAttr(b, attrFrame, data)
	b = appendAttr32(b, attrFlags, uint32(WantStatus))
	b = appendAttr32(b, attrFreq, 5180)
	b = appendAttr(b, attrTxInfo, []byte{0, 4, 2, 3, 0xff, 0, 0xff, 0})
	b = appendAttr(b, attrTxInfoFlags, []byte{0, 0, 0, 2, 1, 0, 0xff, 0, 0, 0xff, 0, 0})
	b = appendAttr(b, 20, nil) // the driver's padding before 64 bits
	b = appendAttr64(b, attrCookie, cookie)
	endMessage(b, 0)
	return b
}

// listens is the message by which the driver tells an address.
func listens(command uint8, addr dot11.Addr) []byte {
	radio := testRadio()
	b := beginMessage(nil, testFamily, command, 0, 0)
	b = appendAttr(b, attrTransmitter, radio[:])
	b = appendAttr(b, attrReceiver, addr[:])
	endMessage(b, 0)
	return b
}

// kernelAnswer is NLMSG_ERROR, 0 for success.
func kernelAnswer(seq uint32, errno int) []byte {
	b := make([]byte, netlinkHeaderLen+4+netlinkHeaderLen)
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	binary.NativeEndian.PutUint16(b[4:], typeError)
	binary.NativeEndian.PutUint32(b[8:], seq)
	binary.NativeEndian.PutUint32(b[netlinkHeaderLen:], uint32(-errno))
	return b
}
