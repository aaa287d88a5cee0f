package dot11

import (
	"encoding/binary"
	"fmt"
)

// PSPollFrame is a PS-Poll frame: a dozing station asks for a frame that waits
// for it (IEEE 802.11-2020, 9.3.1.5).
type PSPollFrame struct {
	FC    FrameControl // PSPoll and flags
	AID   uint16
	BSSID Addr
	From  Addr
}

// ParsePSPoll reads a whole PS-Poll frame.
func ParsePSPoll(frame []byte) (PSPollFrame, error) {
	c := cursor{rest: frame}
	p := PSPollFrame{FC: FrameControl(c.u16()), AID: c.u16() &^ aidBits, BSSID: c.addr(), From: c.addr()}
	if err := c.err("PS-Poll"); err != nil {
		return PSPollFrame{}, err
	}
	if p.FC.Kind() != PSPoll {
		return PSPollFrame{}, fmt.Errorf("parse PS-Poll: frame control %#04x is another frame", uint16(p.FC))
	}
	return p, nil
}

// Append adds the frame as it is sent to b.
func (p *PSPollFrame) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(p.FC))
	b = binary.LittleEndian.AppendUint16(b, p.AID|aidBits)
	return append(append(b, p.BSSID[:]...), p.From[:]...)
}
