package rsn

import (
	"fmt"

	"roamfault/roam/rsn/keys"
)

// Kind is which message of a handshake an EAPOL-Key frame is.
type Kind uint8

// The messages (IEEE 802.11-2020, 12.7.6 and 12.7.7).
const (
	Message1      Kind = 1 + iota // 4-way: authenticator's nonce
	Message2                      // 4-way: supplicant's nonce and elements
	Message3                      // 4-way: authenticator's elements and group keys
	Message4                      // 4-way: confirmation
	GroupMessage1                 // group key handshake: new group keys
	GroupMessage2                 // group key handshake: confirmation
	Request                       // the supplicant asks for one of the handshakes
)

var kinds = [...]string{
	Message1:      "message 1",
	Message2:      "message 2",
	Message3:      "message 3",
	Message4:      "message 4",
	GroupMessage1: "group message 1",
	GroupMessage2: "group message 2",
	Request:       "request",
}

// String names the message: "message 3", "group message 1", "request".
func (k Kind) String() string {
	if int(k) < len(kinds) && kinds[k] != "" {
		return kinds[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// kindBits are the bits of Key Information that tell the messages apart; the
// first entry that fits is taken.
var kindBits = [...]struct {
	mask, want KeyInfo
	zeroNonce  bool // only with a nonce of zeros
	kind       Kind
}{
	{mask: InfoSMK, want: InfoSMK}, // none of them
	{mask: InfoRequest | InfoAck | InfoMIC, want: InfoRequest | InfoMIC, kind: Request},
	{mask: InfoRequest, want: InfoRequest},
	{mask: InfoPairwise | InfoAck | InfoMIC, want: InfoPairwise | InfoAck, kind: Message1},
	{mask: InfoPairwise | InfoAck | InfoMIC, want: InfoPairwise | InfoAck | InfoMIC, kind: Message3},
	// Messages 2 and 4 of a handshake that renews the PTK have the same bits;
	// only message 2 has a nonce then.
	{mask: InfoPairwise | InfoAck | InfoMIC | InfoSecure, want: InfoPairwise | InfoMIC | InfoSecure, zeroNonce: true, kind: Message4},
	{mask: InfoPairwise | InfoAck | InfoMIC, want: InfoPairwise | InfoMIC, kind: Message2},
	{mask: InfoPairwise | InfoAck | InfoMIC, want: InfoAck | InfoMIC, kind: GroupMessage1},
	{mask: InfoPairwise | InfoAck | InfoMIC, want: InfoMIC, kind: GroupMessage2},
}

// Kind tells which message the frame is, from Key Information and, where that
// is not enough, the nonce.
func (f *KeyFrame) Kind() (Kind, error) {
	for _, b := range kindBits {
		if f.Info&b.mask != b.want || b.zeroNonce && f.Nonce != (keys.Nonce{}) {
			continue
		}
		if b.kind == 0 {
			break
		}
		return b.kind, nil
	}
	return 0, fmt.Errorf("EAPOL-Key frame with key information %#04x: %w", uint16(f.Info), ErrKind)
}
