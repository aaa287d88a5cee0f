package sae

import (
	"errors"
	"fmt"

	"roamfault/nl80211/dot11"
)

// Errors that say why a frame was ignored or refused. They arrive wrapped.
var (
	// ErrMalformed: the body is cut off or holds what it must not hold.
	ErrMalformed = errors.New("malformed")
	// ErrScalar: the scalar is not between 2 and the order less 1.
	ErrScalar = errors.New("scalar out of range")
	// ErrElement: the element is no point of the curve.
	ErrElement = errors.New("element not in the group")
	// ErrReflection: the peer sent back our own Commit.
	ErrReflection = errors.New("own commit reflected")
	// ErrDowngrade: the peer says we rejected a group that we offer, so somebody
	// answered in our name.
	ErrDowngrade = errors.New("a group we offer is listed as rejected")
	// ErrIdentifier: no password has the identifier, or the peer's is another.
	ErrIdentifier = errors.New("unknown password identifier")
	// ErrMethod: the status code is of a method we do not offer or did not choose.
	ErrMethod = errors.New("method not offered")
	// ErrAKM: the AKM suite is not offered, or is not the one we chose.
	ErrAKM = errors.New("AKM suite not offered")
	// ErrConfirm: the Confirm does not verify; mostly, the passwords differ.
	ErrConfirm = errors.New("confirm does not verify")
	// ErrReplay: the frame repeats one that was handled.
	ErrReplay = errors.New("repeated frame")
	// ErrState: the frame does not belong into the session's state.
	ErrState = errors.New("unexpected in this state")
	// ErrSync: more frames were sent again than Config.MaxSync allows.
	ErrSync = errors.New("too many retransmissions")
	// ErrRandom: the source of randomness failed or is not random.
	ErrRandom = errors.New("no randomness")
)

var errInfinity = errors.New("point at infinity")

// RefusedError is the end of a session that the peer refused.
type RefusedError struct {
	Transaction uint16           // 1: it refused our Commit, 2: our Confirm
	Status      dot11.StatusCode // why
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("peer refused transaction %d with status %d", e.Transaction, uint16(e.Status))
}
