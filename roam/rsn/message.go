package rsn

import (
	"bytes"
	"fmt"
	"slices"

	"roamfault/roam/rsn/keys"
)

// Message is an EAPOL-Key frame that is about to be sent, with its key data in
// clear. A hook may change all of it before [Message.Seal]: leave out or replace
// KDEs, alter a nonce or a replay counter, exchange the keys so that MIC or key
// wrap are wrong. The slices are the message's own.
type Message struct {
	Kind Kind
	Try  int // 1 for the first transmission, counted up by each further one

	Frame KeyFrame // its MIC gives the length only, its Data are made from what follows
	Data  []KDE
	AKM   keys.AKM
	KCK   []byte // signs the frame; nil: Key MIC stays as it is
	KEK   []byte // wraps the key data; nil: they are sent in clear
}

// Seal pads, wraps and signs, and returns the EAPOL frame. Key Information is
// taken as it stands in Frame.
func (m *Message) Seal() ([]byte, error) {
	data, err := AppendKeyData(nil, m.Data)
	if err != nil {
		return nil, fmt.Errorf("seal %v: %w", m.Kind, err)
	}
	if m.KEK != nil {
		if data, err = keys.Wrap(m.KEK, PadKeyData(data)); err != nil {
			return nil, fmt.Errorf("seal %v: %w", m.Kind, err)
		}
	}
	f := m.Frame
	f.Data = data
	if m.KCK != nil {
		b, err := f.withoutMIC()
		if err != nil {
			return nil, fmt.Errorf("seal %v: %w", m.Kind, err)
		}
		mic, err := keys.MIC(m.AKM, m.KCK, b)
		if err != nil {
			return nil, fmt.Errorf("seal %v: %w", m.Kind, err)
		}
		if len(mic) != len(f.MIC) {
			return nil, fmt.Errorf("seal %v: a MIC of %d octets in a field of %d: %w", m.Kind, len(mic), len(f.MIC), ErrMalformed)
		}
		copy(b[eapolHeaderLen+keyFixedLen:], mic)
		return b, nil
	}
	b, err := f.Append(nil)
	if err != nil {
		return nil, fmt.Errorf("seal %v: %w", m.Kind, err)
	}
	return b, nil
}

// sender makes messages of what all of one side's have in common.
type sender struct {
	akm        keys.AKM
	algorithms keys.Algorithms
	alter      func(*Message)
}

// message begins a message whose key data are in clear and that is not signed.
func (s *sender) message(kind Kind, try int, info KeyInfo, replay uint64) *Message {
	return &Message{
		Kind: kind,
		Try:  try,
		AKM:  s.akm,
		Frame: KeyFrame{
			Version:    eapolVersion,
			Descriptor: DescriptorRSN,
			Info:       info | KeyInfo(s.algorithms.Version),
			Replay:     replay,
			MIC:        make([]byte, s.algorithms.MICLen),
		},
	}
}

// send gives the hook its turn and seals. The hook gets copies: what it writes
// into must not be a key that is used again.
func (s *sender) send(m *Message) ([]byte, error) {
	if s.alter != nil {
		m.KCK, m.KEK = bytes.Clone(m.KCK), bytes.Clone(m.KEK)
		m.Data = slices.Clone(m.Data)
		for i := range m.Data {
			m.Data[i].Body = bytes.Clone(m.Data[i].Body)
		}
		s.alter(m)
	}
	return m.Seal()
}

// open checks what every EAPOL-Key frame of the association has to have, reads
// it and tells which message it is. Replay counter and MIC are not looked at.
func (s *sender) open(frame []byte) (KeyFrame, Kind, error) {
	f, err := ParseKeyFrame(frame, s.algorithms.MICLen)
	if err != nil {
		return KeyFrame{}, 0, err
	}
	if f.Descriptor != DescriptorRSN || f.Info.Version() != s.algorithms.Version {
		return KeyFrame{}, 0, fmt.Errorf("EAPOL-Key frame with descriptor %d, version %d: %w", f.Descriptor, f.Info.Version(), ErrKind)
	}
	kind, err := f.Kind()
	if err != nil {
		return KeyFrame{}, 0, err
	}
	return f, kind, nil
}

// verify checks the MIC.
func (s *sender) verify(f *KeyFrame, kck []byte) error {
	ok, err := f.Verify(s.akm, kck)
	if err != nil {
		return err
	}
	if !ok {
		return ErrMIC
	}
	return nil
}

// clearContents reads key data that are not to be encrypted.
func clearContents(f *KeyFrame) (Contents, error) {
	if f.Info&InfoEncrypted != 0 {
		return Contents{}, fmt.Errorf("encrypted key data: %w", ErrMalformed)
	}
	items, err := ParseKeyData(f.Data)
	if err != nil {
		return Contents{}, err
	}
	return ReadContents(items)
}

// wrappedContents reads key data that have to be encrypted.
func wrappedContents(f *KeyFrame, kek []byte) (Contents, error) {
	if f.Info&InfoEncrypted == 0 {
		return Contents{}, fmt.Errorf("key data in clear: %w", ErrMalformed)
	}
	plain, err := keys.Unwrap(kek, f.Data)
	if err != nil {
		return Contents{}, err
	}
	items, err := ParseKeyData(plain)
	if err != nil {
		return Contents{}, err
	}
	return ReadContents(items)
}
