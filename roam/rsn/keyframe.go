package rsn

import (
	"encoding/binary"
	"fmt"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// KeyInfo is the Key Information field of an EAPOL-Key frame (IEEE 802.11-2020,
// figure 12-34). Its lowest three bits are the Key Descriptor Version.
type KeyInfo uint16

// Bits of Key Information.
const (
	InfoPairwise  KeyInfo = 0x0008 // the PTK is concerned, not a group key
	InfoInstall   KeyInfo = 0x0040 // the supplicant is to install the PTK
	InfoAck       KeyInfo = 0x0080 // an answer is wanted
	InfoMIC       KeyInfo = 0x0100 // Key MIC is computed
	InfoSecure    KeyInfo = 0x0200 // the initial exchange is complete
	InfoError     KeyInfo = 0x0400 // a MIC failure of TKIP is reported
	InfoRequest   KeyInfo = 0x0800 // the supplicant asks for a handshake
	InfoEncrypted KeyInfo = 0x1000 // key data are encrypted
	InfoSMK       KeyInfo = 0x2000 // of the obsolete SMK handshake

	infoVersion KeyInfo = 0x0007
)

// Version returns the Key Descriptor Version, 0 to 7; 0 means that the AKM suite
// says which algorithms protect the frame.
func (i KeyInfo) Version() uint16 { return uint16(i & infoVersion) }

// DescriptorRSN is the Descriptor Type of the frames of an RSN (IEEE
// 802.11-2020, 12.7.2).
const DescriptorRSN = 2

// Lengths of what stands before Key MIC, and of Key Data Length.
const (
	keyFixedLen   = 1 + 2 + 2 + 8 + 32 + 16 + 8 + 8
	keyDataLenLen = 2
)

// KeyFrame is an EAPOL-Key frame, the EAPOL header included (IEEE 802.11-2020,
// 12.7.2).
type KeyFrame struct {
	Version    uint8 // of the EAPOL protocol
	Descriptor uint8 // DescriptorRSN; 254 in WPA before RSN
	Info       KeyInfo
	KeyLen     uint16 // octets of the temporal key, in messages 1 and 3
	Replay     uint64 // Key Replay Counter
	Nonce      keys.Nonce
	IV         [16]byte
	RSC        uint64 // packet number of the GTK, lowest octet first on the air
	Reserved   [8]byte
	MIC        []byte // 16, 24 or 32 octets, by the AKM suite
	Data       []byte // Key Data as they are on the air, encrypted where Info says so
}

// ParseKeyFrame reads an EAPOL-Key frame whose Key MIC field has micLen octets,
// which only the AKM suite says. What follows the frame is ignored. MIC and Data
// share b's memory.
func ParseKeyFrame(b []byte, micLen int) (KeyFrame, error) {
	e, _, err := ParseEAPOL(b)
	if err != nil {
		return KeyFrame{}, err
	}
	if e.Type != EAPOLKey {
		return KeyFrame{}, fmt.Errorf("parse EAPOL-Key frame: it is %v: %w", e.Type, ErrKind)
	}
	k := e.Body
	dataAt := keyFixedLen + micLen + keyDataLenLen
	if micLen < 0 || len(k) < dataAt {
		return KeyFrame{}, fmt.Errorf("parse EAPOL-Key frame: %d octets of %d: %w", len(k), dataAt, dot11.ErrShort)
	}
	if n := int(binary.BigEndian.Uint16(k[dataAt-keyDataLenLen:])); n != len(k)-dataAt {
		return KeyFrame{}, fmt.Errorf("parse EAPOL-Key frame: key data of %d octets where %d are: %w", n, len(k)-dataAt, ErrMalformed)
	}
	f := KeyFrame{
		Version:    e.Version,
		Descriptor: k[0],
		Info:       KeyInfo(binary.BigEndian.Uint16(k[1:])),
		KeyLen:     binary.BigEndian.Uint16(k[3:]),
		Replay:     binary.BigEndian.Uint64(k[5:]),
		Nonce:      keys.Nonce(k[13:]),
		IV:         [16]byte(k[45:]),
		RSC:        binary.LittleEndian.Uint64(k[61:]),
		Reserved:   [8]byte(k[69:]),
		MIC:        k[keyFixedLen : keyFixedLen+micLen : keyFixedLen+micLen],
		Data:       k[dataAt:],
	}
	return f, nil
}

// Append adds the frame as it is sent to b.
func (f *KeyFrame) Append(b []byte) ([]byte, error) { return f.append(b, f.MIC) }

func (f *KeyFrame) append(b, mic []byte) ([]byte, error) {
	n := keyFixedLen + len(mic) + keyDataLenLen + len(f.Data)
	if n > 0xffff {
		return nil, fmt.Errorf("append EAPOL-Key frame: a body of %d octets: %w", n, ErrMalformed)
	}
	b = append(b, f.Version, byte(EAPOLKey))
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, f.Descriptor)
	b = binary.BigEndian.AppendUint16(b, uint16(f.Info))
	b = binary.BigEndian.AppendUint16(b, f.KeyLen)
	b = binary.BigEndian.AppendUint64(b, f.Replay)
	b = append(b, f.Nonce[:]...)
	b = append(b, f.IV[:]...)
	b = binary.LittleEndian.AppendUint64(b, f.RSC)
	b = append(b, f.Reserved[:]...)
	b = append(b, mic...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(f.Data)))
	return append(b, f.Data...), nil
}

// withoutMIC is the frame as the MIC is computed over it.
func (f *KeyFrame) withoutMIC() ([]byte, error) {
	var zero [64]byte
	if len(f.MIC) > len(zero) {
		return nil, fmt.Errorf("append EAPOL-Key frame: a MIC of %d octets: %w", len(f.MIC), ErrMalformed)
	}
	size := eapolHeaderLen + keyFixedLen + len(f.MIC) + keyDataLenLen + len(f.Data)
	return f.append(make([]byte, 0, size), zero[:len(f.MIC)])
}

// Verify reports whether Key MIC is that of the frame under kck.
func (f *KeyFrame) Verify(akm keys.AKM, kck []byte) (bool, error) {
	b, err := f.withoutMIC()
	if err != nil {
		return false, err
	}
	return keys.CheckMIC(akm, kck, b, f.MIC)
}
