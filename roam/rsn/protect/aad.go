package protect

import (
	"encoding/binary"

	"roamfault/nl80211/dot11"
)

// Bits of QoS Control and Frame Control that the AAD keeps or masks.
const (
	qosTID      = 0x000f
	qosAMSDU    = 0x0080
	seqFragment = 0x000f
	dataSubtype = dot11.FrameControl(0x0070) // bits 4 to 6; bit 7, QoS, stays
	neverAuth   = dot11.Retry | dot11.PowerMgmt | dot11.MoreData
	nonceMgmt   = 1 << 4
	maxAADLen   = 30
)

// appendAAD adds the additional authenticated data of CCMP and GCMP (IEEE
// 802.11-2020, 12.5.3.3.3) for header h: everything of it that does not change
// when a frame is sent again. spp keeps the A-MSDU Present bit.
func appendAAD(b []byte, h *dot11.Header, spp bool) []byte {
	fc := h.FC&^neverAuth | dot11.Protected
	if h.FC.Data() {
		fc &^= dataSubtype
	}
	if h.FC.QoS() {
		fc &^= dot11.HTControl
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(fc))
	b = append(b, h.Addr1[:]...)
	b = append(b, h.Addr2[:]...)
	b = append(b, h.Addr3[:]...)
	b = binary.LittleEndian.AppendUint16(b, h.Seq&seqFragment)
	if h.FC.Data() && h.FC&dot11.ToDS != 0 && h.FC&dot11.FromDS != 0 {
		b = append(b, h.Addr4[:]...)
	}
	if h.FC.QoS() {
		keep := uint16(qosTID)
		if spp {
			keep |= qosAMSDU
		}
		b = binary.LittleEndian.AppendUint16(b, h.QoS&keep)
	}
	return b
}

// appendNonce adds the nonce of CCMP (IEEE 802.11-2020, 12.5.3.3.4): flags,
// Address 2, packet number. That of GCMP (12.5.5.3.4) is the same without the
// flags.
func appendNonce(b []byte, h *dot11.Header, pn uint64) []byte {
	flags := byte(0)
	switch {
	case h.FC.Management():
		flags = nonceMgmt
	case h.FC.QoS():
		flags = byte(h.QoS & qosTID)
	}
	b = append(b, flags)
	b = append(b, h.Addr2[:]...)
	return append(b, byte(pn>>40), byte(pn>>32), byte(pn>>24), byte(pn>>16), byte(pn>>8), byte(pn))
}
