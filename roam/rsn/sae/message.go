package sae

import "roamfault/nl80211/dot11"

// Transactions of Authentication frames of SAE (IEEE 802.11-2020, 12.4.7.4 and 12.4.7.5).
const (
	TransactionCommit  uint16 = 1
	TransactionConfirm uint16 = 2
)

// Message is an Authentication frame of SAE to send. Elements of the caller, such
// as Multi-Link, go behind Body.
type Message struct {
	Transaction uint16
	Status      dot11.StatusCode
	Body        []byte
}

// Outcome is what a frame or a timer did to a session.
type Outcome uint8

const (
	// Continue: the exchange goes on. Where Send holds something, the timer for
	// sending again starts anew.
	Continue Outcome = iota
	// Ignored: nothing has changed, and nothing is to be sent.
	Ignored
	// Refused: the peer's frame was not accepted and Send says so to the peer. The
	// session is as it was.
	Refused
	// Accepted: the peer has proven to know the password. Send may hold the last
	// Confirm. Session.Keys has the keys.
	Accepted
	// Failed: the session is over and in state Nothing. Send may hold a refusal.
	Failed
)

// String gives the name in lower case.
func (o Outcome) String() string {
	return nameOf([]string{"continue", "ignored", "refused", "accepted", "failed"}, int(o))
}

// Step is the result of handing something to a session.
type Step struct {
	Outcome Outcome
	// Send holds the frames to send, in their order.
	Send []Message
	// Rest holds the elements of the frame that are not SAE's. It is filled where
	// the frame was understood, and protected by nothing before Accepted.
	Rest []byte
	// Err says why with Ignored, Refused and Failed; it is nil else.
	Err error
}

// State is where a session stands (IEEE 802.11-2020, 12.4.8.2.2).
type State uint8

const (
	// Nothing: no Commit was sent.
	Nothing State = iota
	// Committed: our Commit is sent, no Confirm.
	Committed
	// Confirmed: our Commit and Confirm are sent, the peer's Confirm is missing.
	Confirmed
	// Done: the peer's Confirm was right. The standard calls it Accepted.
	Done
)

// String gives the name in lower case.
func (s State) String() string {
	return nameOf([]string{"nothing", "committed", "confirmed", "accepted"}, int(s))
}

func nameOf(names []string, n int) string {
	if n < len(names) {
		return names[n]
	}
	return "unknown"
}
