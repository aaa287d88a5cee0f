package rsn

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Timing says how often and after what time an authenticator sends a message
// again that is not answered.
type Timing struct {
	First time.Duration // after the first transmission
	Next  time.Duration // after each further one
	Tries int           // transmissions in all, 1 at least
}

// DefaultTiming is that of hostapd 2.11 (wpa_auth.c, eapol_key_timeout_first,
// eapol_key_timeout_subseq and wpa_pairwise_update_count): 100 ms, then 1 s,
// four transmissions.
func DefaultTiming() Timing {
	return Timing{First: 100 * time.Millisecond, Next: time.Second, Tries: 4}
}

// AuthenticatorConfig is what an [Authenticator] is made of.
type AuthenticatorConfig struct {
	Association

	// GroupKeys returns the group keys of the links as they are at that moment;
	// it is asked whenever message 3 or group message 1 is made. Links that the
	// association does not have are left out.
	GroupKeys func() []LinkKeys
	Timing    Timing         // zero: DefaultTiming
	Rand      io.Reader      // of nonces; nil: crypto/rand
	Alter     func(*Message) // sees every message before it is sealed; nil: none
}

// authState is what an authenticator waits for.
type authState uint8

const (
	authIdle authState = iota
	authMessage2
	authMessage4
	authSettled
	authGroupMessage2
	authFailed
)

// awaited says what is repeated in a state when no answer comes, and why the
// association ends when none comes at all.
var awaited = [...]struct {
	repeat Kind
	reason dot11.ReasonCode
}{
	authMessage2:      {Message1, dot11.ReasonFourWayTimeout},
	authMessage4:      {Message3, dot11.ReasonFourWayTimeout},
	authGroupMessage2: {GroupMessage1, dot11.ReasonGroupKeyTimeout},
	authFailed:        {},
}

// counters are the replay counters under which a message was sent and may be
// answered.
type counters struct{ first, last uint64 }

func (c counters) has(n uint64) bool { return c.first != 0 && n >= c.first && n <= c.last }

// Authenticator is the access point's side of the handshakes (IEEE 802.11-2020,
// 12.7.9) with one station.
type Authenticator struct {
	config   AuthenticatorConfig
	sender   sender
	state    authState
	replay   uint64 // of the last message sent
	message1 counters
	awaited  counters // of the message that an answer is waited for
	tries    int
	deadline time.Duration

	anonce, snonce keys.Nonce
	negotiating    *keys.PTK // from message 2 on
	established    *keys.PTK // from message 4 on
	rekey          bool      // a group key handshake is to follow the 4-way handshake
	requested      uint64    // replay counter of the last request
	wasRequested   bool
}

// NewAuthenticator returns an authenticator that has sent nothing yet.
func NewAuthenticator(c AuthenticatorConfig) (*Authenticator, error) {
	algorithms, err := c.check()
	if err != nil {
		return nil, fmt.Errorf("make authenticator: %w", err)
	}
	if c.GroupKeys == nil {
		return nil, errors.New("make authenticator: nobody gives the group keys")
	}
	if c.Timing == (Timing{}) {
		c.Timing = DefaultTiming()
	}
	if c.Timing.Tries < 1 || c.Timing.First <= 0 || c.Timing.Next <= 0 {
		return nil, fmt.Errorf("make authenticator: timing of %d tries, %v and %v cannot be", c.Timing.Tries, c.Timing.First, c.Timing.Next)
	}
	return &Authenticator{
		config: c,
		sender: sender{akm: c.AKM, algorithms: algorithms, alter: c.Alter},
	}, nil
}

// Start begins a 4-way handshake, the first one or one that renews the PTK, and
// gives message 1. A handshake under way is given up.
func (a *Authenticator) Start(now time.Duration) (Step, error) {
	var nonce keys.Nonce
	if _, err := io.ReadFull(randomOr(a.config.Rand), nonce[:]); err != nil {
		return Step{}, fmt.Errorf("draw a nonce: %w", err)
	}
	a.anonce, a.snonce = nonce, keys.Nonce{}
	a.negotiating, a.rekey = nil, false
	return a.enter(authMessage2, now)
}

// Rekey begins a group key handshake and gives group message 1. While a 4-way
// handshake is under way it gives nothing: message 3 carries the keys, or the
// group key handshake follows message 4.
func (a *Authenticator) Rekey(now time.Duration) (Step, error) {
	switch a.state {
	case authSettled, authGroupMessage2:
		return a.enter(authGroupMessage2, now)
	case authMessage2:
		return Step{}, nil
	case authMessage4:
		a.rekey = true
		return Step{}, nil
	}
	return Step{}, fmt.Errorf("begin group key handshake before the 4-way handshake: %w", ErrState)
}

// Deadline returns when [Authenticator.Advance] is due, and false where nothing
// is waited for.
func (a *Authenticator) Deadline() (time.Duration, bool) {
	return a.deadline, awaited[a.state].repeat != 0
}

// Advance sends again what was not answered until now, or gives up.
func (a *Authenticator) Advance(now time.Duration) (Step, error) {
	due, waiting := a.Deadline()
	if !waiting || now < due {
		return Step{}, nil
	}
	kind, reason := awaited[a.state].repeat, awaited[a.state].reason
	if a.tries >= a.config.Timing.Tries {
		return a.fail(reason), nil
	}
	return a.transmit(kind, now)
}

// Established reports whether a 4-way handshake was completed, and gives its PTK.
func (a *Authenticator) Established() (keys.PTK, bool) {
	if a.established == nil {
		return keys.PTK{}, false
	}
	return *a.established, true
}

// Repeat makes a message anew that was sent before, with the next replay
// counter, and changes nothing else: to send message 3 to a station that has
// answered it already. It gives an error where the message could not yet be
// made.
func (a *Authenticator) Repeat(kind Kind) ([]byte, error) {
	m, err := a.build(kind)
	if err != nil {
		return nil, err
	}
	// Its answer is as good as that to the first.
	if awaited[a.state].repeat == kind {
		a.await(kind)
	}
	return a.sender.send(m)
}

// Receive takes an EAPOL frame from the station. An error says why it was
// ignored or, with [Failed], why the handshake has failed.
func (a *Authenticator) Receive(now time.Duration, frame []byte) (Step, error) {
	f, kind, err := a.sender.open(frame)
	if err != nil {
		return Step{}, err
	}
	var step Step
	switch kind {
	case Message2:
		step, err = a.receive2(now, &f)
	case Message4:
		step, err = a.receive4(now, &f)
	case GroupMessage2:
		step, err = a.receiveGroup2(&f)
	case Request:
		step, err = a.receiveRequest(now, &f)
	default:
		err = ErrKind
	}
	if err != nil {
		return step, fmt.Errorf("%v: %w", kind, err)
	}
	return step, nil
}

func (a *Authenticator) receive2(now time.Duration, f *KeyFrame) (Step, error) {
	if a.state != authMessage2 && a.state != authMessage4 {
		return Step{}, ErrState
	}
	if !a.message1.has(f.Replay) {
		return Step{}, ErrReplay
	}
	// A station that draws a new nonce for each message 1 may have its first
	// message 2 here, and go on with its second: then that one counts.
	if a.state == authMessage4 && f.Nonce == a.snonce {
		return Step{}, ErrState
	}
	if f.Nonce == (keys.Nonce{}) {
		return Step{}, ErrNonce
	}
	ptk, err := a.config.ptk(a.anonce, f.Nonce)
	if err != nil {
		return Step{}, err
	}
	if err := a.sender.verify(f, ptk.KCK); err != nil {
		return Step{}, err
	}
	c, err := clearContents(f)
	if err != nil {
		return Step{}, err
	}
	if err := a.config.checkOCI(&c); err != nil {
		return Step{}, err
	}
	if err := a.config.checkMessage2(&c); err != nil {
		return a.fail(dot11.ReasonElementDiffers), err
	}
	a.snonce, a.negotiating = f.Nonce, &ptk
	return a.enter(authMessage4, now)
}

func (a *Authenticator) receive4(now time.Duration, f *KeyFrame) (Step, error) {
	if a.state != authMessage4 {
		return Step{}, ErrState
	}
	if !a.awaited.has(f.Replay) {
		return Step{}, ErrReplay
	}
	if err := a.sender.verify(f, a.negotiating.KCK); err != nil {
		return Step{}, err
	}
	c, err := clearContents(f)
	if err != nil {
		return Step{}, err
	}
	if a.config.MultiLink && c.Addr != nil && *c.Addr != a.config.Station {
		return Step{}, fmt.Errorf("MLD address %v: %w", *c.Addr, ErrDiffers)
	}
	a.established, a.negotiating = a.negotiating, nil
	a.settle()
	step := Step{
		Result:   Established,
		Pairwise: &PairwiseKey{Cipher: a.config.Cipher, TK: a.established.TK},
	}
	if a.rekey {
		a.rekey = false
		next, err := a.enter(authGroupMessage2, now)
		step.Send = next.Send
		return step, err
	}
	return step, nil
}

func (a *Authenticator) receiveGroup2(f *KeyFrame) (Step, error) {
	if a.state != authGroupMessage2 {
		return Step{}, ErrState
	}
	if !a.awaited.has(f.Replay) {
		return Step{}, ErrReplay
	}
	if err := a.sender.verify(f, a.established.KCK); err != nil {
		return Step{}, err
	}
	c, err := clearContents(f)
	if err != nil {
		return Step{}, err
	}
	if err := a.config.checkOCI(&c); err != nil {
		return Step{}, err
	}
	a.settle()
	return Step{Result: Rekeyed}, nil
}

// receiveRequest takes a station's wish for a handshake, which counts its replay
// counters by itself (IEEE 802.11-2020, 12.7.2).
func (a *Authenticator) receiveRequest(now time.Duration, f *KeyFrame) (Step, error) {
	if a.state != authSettled {
		return Step{}, ErrState
	}
	if a.wasRequested && f.Replay <= a.requested {
		return Step{}, ErrReplay
	}
	if err := a.sender.verify(f, a.established.KCK); err != nil {
		return Step{}, err
	}
	a.requested, a.wasRequested = f.Replay, true
	switch {
	case f.Info&InfoError != 0:
		// Only TKIP reports MIC failures, and it is not done here.
		return Step{}, ErrKind
	case f.Info&InfoPairwise != 0:
		return a.Start(now)
	}
	return a.Rekey(now)
}

// checkMessage2 compares what message 2 says with the association.
func (a *Association) checkMessage2(c *Contents) error {
	if !bytes.Equal(c.RSNE, a.StationRSNE) {
		return fmt.Errorf("RSNE %x: %w", c.RSNE, ErrDiffers)
	}
	if !bytes.Equal(c.RSNXE, a.StationRSNXE) {
		return fmt.Errorf("RSNXE %x: %w", c.RSNXE, ErrDiffers)
	}
	if !a.MultiLink {
		return nil
	}
	if c.Addr == nil {
		return fmt.Errorf("%v: %w", SelectAddr, ErrMissing)
	}
	if *c.Addr != a.Station {
		return fmt.Errorf("MLD address %v: %w", *c.Addr, ErrDiffers)
	}
	for i := range c.Links {
		said := &c.Links[i]
		if l := a.link(said.Link); l == nil || l.Station != said.Addr {
			return fmt.Errorf("link %d with address %v: %w", said.Link, said.Addr, ErrDiffers)
		}
	}
	for i := range a.Links {
		l := &a.Links[i]
		// That of the association exchange says its address by being used.
		if l.ID != a.AssocLink && !l.Refused && c.link(l.ID) == nil {
			return fmt.Errorf("%v of link %d: %w", SelectMLOLink, l.ID, ErrMissing)
		}
	}
	return nil
}

func (a *Authenticator) settle() {
	a.state, a.awaited, a.message1 = authSettled, counters{}, counters{}
}

func (a *Authenticator) fail(reason dot11.ReasonCode) Step {
	a.settle()
	a.state = authFailed
	return Step{Result: Failed, Reason: reason}
}

// enter begins to wait in a state whose message it sends.
func (a *Authenticator) enter(s authState, now time.Duration) (Step, error) {
	a.state, a.tries, a.awaited = s, 0, counters{}
	if s != authMessage4 {
		a.message1 = counters{}
	}
	return a.transmit(awaited[s].repeat, now)
}

func (a *Authenticator) transmit(kind Kind, now time.Duration) (Step, error) {
	wait := a.config.Timing.First
	if a.tries > 0 {
		wait = a.config.Timing.Next
	}
	a.tries++
	a.deadline = now + wait
	m, err := a.build(kind)
	if err != nil {
		return Step{}, err
	}
	a.await(kind)
	b, err := a.sender.send(m)
	if err != nil {
		return Step{}, err
	}
	return Step{Send: b}, nil
}

// await takes an answer to the message that has just been made.
func (a *Authenticator) await(kind Kind) {
	if a.awaited.first == 0 {
		a.awaited.first = a.replay
	}
	a.awaited.last = a.replay
	if kind == Message1 {
		a.message1 = a.awaited
	}
}
