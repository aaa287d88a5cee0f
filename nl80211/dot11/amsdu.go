package dot11

import (
	"encoding/binary"
	"fmt"
)

// amsduHeader is what stands before each MSDU of an A-MSDU: both addresses and
// the length, which is in network order (IEEE 802.11-2020, 9.3.2.2.2).
const amsduHeader = 6 + 6 + 2

// ParseAMSDU reads the MSDUs of an A-MSDU (a QoS data frame's body with the
// A-MSDU bit). Payloads share the memory of b. After an error the MSDUs before it
// are returned with it.
func ParseAMSDU(b []byte) ([]MSDU, error) {
	var msdus []MSDU
	for len(b) > 0 {
		c := cursor{rest: b}
		m := MSDU{Dst: c.addr(), Src: c.addr()}
		size := 0
		if length := c.take(2); length != nil {
			size = int(binary.BigEndian.Uint16(length))
		}
		body := c.take(size)
		if err := c.err("A-MSDU"); err != nil {
			return msdus, err
		}
		var err error
		if m.EtherType, m.Payload, err = ParseLLC(body); err != nil {
			return msdus, fmt.Errorf("parse A-MSDU: %w", err)
		}
		msdus = append(msdus, m)
		// The last subframe has no padding.
		b = b[min(len(b), (amsduHeader+size+3)&^3):]
	}
	return msdus, nil
}

// AppendAMSDU adds an A-MSDU to b.
func AppendAMSDU(b []byte, msdus []MSDU) []byte {
	for i := range msdus {
		m := &msdus[i]
		start := len(b)
		b = append(append(b, m.Dst[:]...), m.Src[:]...)
		b = AppendLLC(append(b, 0, 0), m.EtherType)
		b = append(b, m.Payload...)
		binary.BigEndian.PutUint16(b[start+amsduHeader-2:], uint16(len(b)-start-amsduHeader))
		for i < len(msdus)-1 && (len(b)-start)%4 != 0 {
			b = append(b, 0)
		}
	}
	return b
}
