package rsn

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// SAQueryTiming says how long a peer may take to answer.
type SAQueryTiming struct {
	Retry   time.Duration // between two requests
	Timeout time.Duration // from the first request to giving up
}

// tu is the time unit of IEEE 802.11.
const tu = 1024 * time.Microsecond

// DefaultSAQueryTiming is that of the standard's MIB (IEEE 802.11-2020, C.3,
// dot11AssociationSAQueryRetryTimeout and -MaximumTimeout) and of hostapd: 201
// TU and 1000 TU.
func DefaultSAQueryTiming() SAQueryTiming {
	return SAQueryTiming{Retry: 201 * tu, Timeout: 1000 * tu}
}

// maxQueries bounds the requests of one procedure.
const maxQueries = 64

// SAQueryConfig is what an [SAQuery] is made of.
type SAQueryConfig struct {
	Timing SAQueryTiming // zero: DefaultSAQueryTiming; at most 64 requests fit into it
	Rand   io.Reader     // of transaction identifiers; nil: crypto/rand
}

// SAQuery asks a peer over the keys whether they are still its keys (IEEE
// 802.11-2020, 11.13), from either side: an access point before it lets somebody
// associate in the name of a station that is associated, a station before it
// believes an unprotected deauthentication.
//
// The other side of the procedure has no state: a protected request is answered
// with its transaction identifier, one that came in clear is not.
type SAQuery struct {
	config   SAQueryConfig
	asked    []uint16 // transaction identifiers, the first one's first
	since    time.Duration
	deadline time.Duration
}

// SAQueryStep is what is to be done in a procedure.
type SAQueryStep struct {
	Send        bool   // a request with Transaction goes to the peer
	Transaction uint16 // the two octets on the air, the lower first
	TimedOut    bool   // the peer has not answered: its keys are gone
}

// NewSAQuery returns a procedure that has not begun.
func NewSAQuery(c SAQueryConfig) (*SAQuery, error) {
	if c.Timing == (SAQueryTiming{}) {
		c.Timing = DefaultSAQueryTiming()
	}
	if t := c.Timing; t.Retry <= 0 || t.Timeout <= 0 || t.Timeout/t.Retry >= maxQueries {
		return nil, fmt.Errorf("make SA Query: a request every %v for %v cannot be", t.Retry, t.Timeout)
	}
	return &SAQuery{config: c}, nil
}

// Active reports whether an answer is waited for.
func (q *SAQuery) Active() bool { return len(q.asked) > 0 }

// Begin asks for the first time. A procedure under way goes on as it is, and
// nothing is to be sent.
func (q *SAQuery) Begin(now time.Duration) (SAQueryStep, error) {
	if q.Active() {
		return SAQueryStep{}, nil
	}
	q.since = now
	return q.ask(now)
}

// Deadline returns when [SAQuery.Advance] is due, and false where no answer is
// waited for.
func (q *SAQuery) Deadline() (time.Duration, bool) { return q.deadline, q.Active() }

// Advance asks again or gives up.
func (q *SAQuery) Advance(now time.Duration) (SAQueryStep, error) {
	switch {
	case !q.Active() || now < q.deadline:
		return SAQueryStep{}, nil
	case now-q.since >= q.config.Timing.Timeout || len(q.asked) >= maxQueries:
		q.Stop()
		return SAQueryStep{TimedOut: true}, nil
	}
	return q.ask(now)
}

// Answered takes a protected response. It ends the procedure and reports true
// where it answers any of the requests.
func (q *SAQuery) Answered(transaction uint16) bool {
	for _, id := range q.asked {
		if id == transaction {
			q.Stop()
			return true
		}
	}
	return false
}

// Stop gives the procedure up without a result.
func (q *SAQuery) Stop() { q.asked = q.asked[:0] }

func (q *SAQuery) ask(now time.Duration) (SAQueryStep, error) {
	var b [2]byte
	if _, err := io.ReadFull(randomOr(q.config.Rand), b[:]); err != nil {
		return SAQueryStep{}, fmt.Errorf("draw an SA Query transaction: %w", err)
	}
	id := binary.LittleEndian.Uint16(b[:])
	q.asked = append(q.asked, id)
	q.deadline = min(now+q.config.Timing.Retry, q.since+q.config.Timing.Timeout)
	return SAQueryStep{Send: true, Transaction: id}, nil
}
