package rsn

import (
	"crypto/rand"
	"io"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Result is what a step of a handshake has come to.
type Result uint8

// The results.
const (
	Pending     Result = iota // nothing has ended
	Established               // the 4-way handshake is complete on this side
	Rekeyed                   // the group key handshake is complete on this side
	Failed                    // the handshake has failed, the association is to be ended
)

var results = [...]string{Pending: "pending", Established: "established", Rekeyed: "rekeyed", Failed: "failed"}

// String names the result: "pending", "established", "rekeyed" or "failed".
func (r Result) String() string {
	if int(r) < len(results) {
		return results[r]
	}
	return "unknown"
}

// Step is what a machine asks for. A supplicant's Send goes out under the keys
// that are installed so far, then the new ones are installed. An authenticator's
// Pairwise is installed first: with Established, Send is group message 1 under
// the new keys. The keys are shared with the machine and must not be changed.
type Step struct {
	Send     []byte // EAPOL frame for the peer; nil: nothing
	Result   Result
	Reason   dot11.ReasonCode // with Failed, what to deauthenticate with
	Pairwise *PairwiseKey     // to install; nil: none
	Group    []InstallKey     // to install
}

// PairwiseKey is a temporal key that protects the frames between the two sides,
// on all links.
type PairwiseKey struct {
	Cipher keys.Cipher
	TK     []byte
}

// GroupKey is a key for group addressed frames of a link.
type GroupKey struct {
	ID  uint8 // 1 to 3 of a GTK, 4 or 5 of an IGTK, 6 or 7 of a BIGTK
	PN  uint64
	Key []byte
}

// InstallKey is a group key that the supplicant is to receive with from now on.
// PN is the packet number to begin behind.
type InstallKey struct {
	Use    Use
	Link   uint8 // 0 without multi-link
	Cipher keys.Cipher
	Tx     bool // of a GTK: it is to be sent with, too
	GroupKey
}

// LinkKeys are the group keys of a link as they are now: PN is that of the last
// frame sent. A key the link does not have is nil.
type LinkKeys struct {
	Link             uint8 // 0 without multi-link
	GTK, IGTK, BIGTK *GroupKey
}

func (l *LinkKeys) key(u Use) *GroupKey {
	return [uses]*GroupKey{GTK: l.GTK, IGTK: l.IGTK, BIGTK: l.BIGTK}[u]
}

func randomOr(r io.Reader) io.Reader {
	if r == nil {
		return rand.Reader
	}
	return r
}
