package dot11

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// FrameControl is the first field of every frame (IEEE 802.11-2020, 9.2.4.1),
// in host order.
type FrameControl uint16

// Type and subtype of the frames that matter here, as the low byte of Frame
// Control holds them.
const (
	AssocRequest    FrameControl = 0x0000
	AssocResponse   FrameControl = 0x0010
	ReassocRequest  FrameControl = 0x0020
	ReassocResponse FrameControl = 0x0030
	ProbeRequest    FrameControl = 0x0040
	ProbeResponse   FrameControl = 0x0050
	Beacon          FrameControl = 0x0080
	ATIM            FrameControl = 0x0090
	Disassoc        FrameControl = 0x00a0
	Auth            FrameControl = 0x00b0
	Deauth          FrameControl = 0x00c0
	Action          FrameControl = 0x00d0
	ActionNoAck     FrameControl = 0x00e0
	BlockAckRequest FrameControl = 0x0084
	BlockAck        FrameControl = 0x0094
	PSPoll          FrameControl = 0x00a4
	Data            FrameControl = 0x0008
	NullData        FrameControl = 0x0048
	QoSData         FrameControl = 0x0088
	QoSNullData     FrameControl = 0x00c8
)

// Flags of Frame Control.
const (
	ToDS       FrameControl = 0x0100
	FromDS     FrameControl = 0x0200
	MoreFrag   FrameControl = 0x0400
	Retry      FrameControl = 0x0800
	PowerMgmt  FrameControl = 0x1000
	MoreData   FrameControl = 0x2000
	Protected  FrameControl = 0x4000
	HTControl  FrameControl = 0x8000 // +HTC: an HT Control field follows QoS Control
	typeMask   FrameControl = 0x000c
	kindMask   FrameControl = 0x00fc
	management FrameControl = 0x0000
	control    FrameControl = 0x0004
	data       FrameControl = 0x0008
	qosBit     FrameControl = 0x0080
	noBodyBit  FrameControl = 0x0040
)

// Kind returns type and subtype alone, to be compared with Beacon, Auth and so
// on.
func (fc FrameControl) Kind() FrameControl { return fc & kindMask }

// Management reports whether it is a management frame.
func (fc FrameControl) Management() bool { return fc&typeMask == management }

// Control reports whether it is a control frame.
func (fc FrameControl) Control() bool { return fc&typeMask == control }

// Data reports whether it is a data frame, with or without a body.
func (fc FrameControl) Data() bool { return fc&typeMask == data }

// QoS reports whether it is a data frame with a QoS Control field.
func (fc FrameControl) QoS() bool { return fc.Data() && fc&qosBit != 0 }

// Null reports whether it is a data frame that carries no data.
func (fc FrameControl) Null() bool { return fc.Data() && fc&noBodyBit != 0 }

// Header is the MAC header of a management or data frame (IEEE 802.11-2020,
// 9.3.2.1 and 9.3.3.1).
type Header struct {
	FC       FrameControl
	Duration uint16 // microseconds, or what the duration/ID field else says
	Addr1    Addr   // receiver
	Addr2    Addr   // transmitter
	Addr3    Addr   // BSSID, source or destination
	Seq      uint16 // Sequence Control: number << 4 | fragment
	Addr4    Addr   // only with ToDS and FromDS
	QoS      uint16 // only where FC.QoS()
	HT       uint32 // HT Control, only with the HTControl flag on QoS data and management frames
}

// ErrShort is wrapped by every error about a frame, element or field that ends
// before its length says.
var ErrShort = errors.New("it ends too early")

// Len returns how many octets h takes on the air.
func (h *Header) Len() int {
	n := 24
	if h.FC.Data() && h.FC&ToDS != 0 && h.FC&FromDS != 0 {
		n += len(h.Addr4)
	}
	if h.FC.QoS() {
		n += 2
	}
	if h.hasHT() {
		n += 4
	}
	return n
}

// On a data frame without QoS the bit is +HTC's old meaning, Order, and no
// field follows.
func (h *Header) hasHT() bool {
	return h.FC&HTControl != 0 && (h.FC.QoS() || h.FC.Management())
}

// ParseHeader reads the header of a management or data frame and returns what
// follows it, which shares frame's memory.
func ParseHeader(frame []byte) (Header, []byte, error) {
	if len(frame) < 2 {
		return Header{}, nil, fmt.Errorf("parse frame header: %w", ErrShort)
	}
	h := Header{FC: FrameControl(binary.LittleEndian.Uint16(frame))}
	if !h.FC.Management() && !h.FC.Data() {
		return Header{}, nil, fmt.Errorf("parse frame header: frame control %#04x is neither management nor data", uint16(h.FC))
	}
	n := h.Len()
	if len(frame) < n {
		return Header{}, nil, fmt.Errorf("parse frame header: %d octets of %d: %w", len(frame), n, ErrShort)
	}
	h.Duration = binary.LittleEndian.Uint16(frame[2:])
	copy(h.Addr1[:], frame[4:])
	copy(h.Addr2[:], frame[10:])
	copy(h.Addr3[:], frame[16:])
	h.Seq = binary.LittleEndian.Uint16(frame[22:])
	at := 24
	if h.FC.Data() && h.FC&ToDS != 0 && h.FC&FromDS != 0 {
		copy(h.Addr4[:], frame[at:])
		at += len(h.Addr4)
	}
	if h.FC.QoS() {
		h.QoS = binary.LittleEndian.Uint16(frame[at:])
		at += 2
	}
	if h.hasHT() {
		h.HT = binary.LittleEndian.Uint32(frame[at:])
		at += 4
	}
	return h, frame[at:], nil
}

// Append adds the header as it is sent to b.
func (h *Header) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, uint16(h.FC))
	b = binary.LittleEndian.AppendUint16(b, h.Duration)
	b = append(b, h.Addr1[:]...)
	b = append(b, h.Addr2[:]...)
	b = append(b, h.Addr3[:]...)
	b = binary.LittleEndian.AppendUint16(b, h.Seq)
	if h.FC.Data() && h.FC&ToDS != 0 && h.FC&FromDS != 0 {
		b = append(b, h.Addr4[:]...)
	}
	if h.FC.QoS() {
		b = binary.LittleEndian.AppendUint16(b, h.QoS)
	}
	if h.hasHT() {
		b = binary.LittleEndian.AppendUint32(b, h.HT)
	}
	return b
}
