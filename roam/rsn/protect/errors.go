package protect

import "errors"

// What the errors of opening and verifying wrap.
var (
	// ErrUnprotected: the frame has no Protected flag, or no MME at its end.
	ErrUnprotected = errors.New("it is not protected")
	// ErrKeyID: another key than this one protects the frame.
	ErrKeyID = errors.New("it names another key")
	// ErrReplay: the packet number was seen before or is too old.
	ErrReplay = errors.New("its packet number is not new")
	// ErrTag: this key did not protect the frame, or it was changed since.
	ErrTag = errors.New("the integrity check failed")
)

// ErrExhausted is wrapped when a key has sealed 2^48-1 frames and would have to
// use a packet number twice.
var ErrExhausted = errors.New("the packet numbers are used up")

// ErrKind is wrapped by the errors about frames that this protection is not
// for: a data frame without data, a group addressed management frame where CCMP
// or GCMP is asked for.
var ErrKind = errors.New("such frames are not protected this way")
