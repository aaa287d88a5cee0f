package rsn

import "errors"

// What the errors about frames wrap. A frame that cannot be read because it is
// cut off gives dot11.ErrShort.
var (
	// ErrMalformed: lengths or fields contradict each other.
	ErrMalformed = errors.New("malformed")
	// ErrKind: the frame is no EAPOL-Key frame, or no message this side takes.
	ErrKind = errors.New("no such message is taken")
	// ErrState: the message does not belong into the state of the handshake.
	ErrState = errors.New("unexpected in this state")
	// ErrReplay: the replay counter is not one that is waited for.
	ErrReplay = errors.New("its replay counter does not fit")
	// ErrMIC: the key MIC does not verify. In message 2 this mostly says that
	// the two sides have different PMKs.
	ErrMIC = errors.New("its key MIC does not verify")
	// ErrNonce: the nonce is zero, or message 3 has another one than message 1.
	ErrNonce = errors.New("its nonce does not fit")
	// ErrPMKID: message 1 names another PMK.
	ErrPMKID = errors.New("it names another PMK")
	// ErrMissing: key data lack what the handshake needs.
	ErrMissing = errors.New("it is missing")
	// ErrDiffers: an element or address in the key data is not what beacons or
	// the association said.
	ErrDiffers = errors.New("it differs from what was said before")
	// ErrChannel: the operating channel in the key data is missing or another.
	ErrChannel = errors.New("the operating channel does not fit")
	// ErrKey: a group key has a length, number or packet number it cannot have.
	ErrKey = errors.New("no such key can be")
)
