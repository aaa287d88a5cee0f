package sae

import (
	"bytes"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"roamfault/nl80211/dot11"
	"roamfault/roam/rsn/keys"
)

// Session is one side of an exchange with one peer (IEEE 802.11-2020, 12.4.8). A
// station starts it with Start and an access point with the first Commit it
// hands in. Frames come in as the bodies behind the status code, timers as
// Timeout; each answers with a Step. An access point keeps the session after an
// exchange: it recognises frames that are repeated and takes a new Commit for a
// new exchange.
//
// An access point that does not want to hold state for strangers looks at Open of
// its sessions, and at Repeats and Tokens, before it calls HandleCommit.
//
// A Session is used by one goroutine at a time.
type Session struct {
	cfg   Config
	state State

	// initiator is whether Start began the exchange. Such a session lets nobody
	// else begin one.
	initiator  bool
	groupIndex int
	rejected   []Group

	password *Password
	domain   *domain
	akm      keys.AKM
	element  element

	secret []byte // rand
	own    *Commit
	peer   *Commit
	derived

	sync        int
	demands     int
	sendConfirm uint16
	received    uint16 // the standard's Rc

	keys Keys
	done bool
}

// element is the PWE with what it was made from. It outlives an exchange, for
// those that follow with the same peer mostly need the same.
type element struct {
	password *Password
	group    Group
	method   Method
	point    []byte
}

// lastConfirm is what stands for the count of Confirms once one side has
// accepted (12.4.8.6.5).
const lastConfirm = 0xffff

// NewSession makes a session in state Nothing.
func NewSession(cfg Config) (*Session, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("SAE session: %w", err)
	}
	return &Session{cfg: cfg}, nil
}

// State says where the session stands.
func (s *Session) State() State { return s.state }

// Open reports whether an exchange is under way: the sessions that count for the
// threshold of anti-clogging.
func (s *Session) Open() bool { return s.state == Committed || s.state == Confirmed }

// Keys returns the keys of the last exchange that was accepted, and whether there
// was one. They stay while a later exchange is under way, for anybody can start
// one, and after it failed.
func (s *Session) Keys() (Keys, bool) {
	k := s.keys
	k.PMK = bytes.Clone(k.PMK)
	return k, s.done
}

// Repeats reports whether c holds the scalar and element that the peer sent
// before in this exchange, so that answering costs next to nothing.
func (s *Session) Repeats(c *Commit) bool {
	return s.state != Nothing && s.peer != nil && s.peer.same(c)
}

// Start begins an exchange in state Nothing, with the first of everything that
// is offered. It continues with our Commit to send, or fails. After Failed it may
// be called again; after Accepted the next exchange needs a new session.
func (s *Session) Start() Step {
	if s.state != Nothing {
		return ignore(fmt.Errorf("start in state %s: %w", s.state, ErrState))
	}
	s.initiator, s.groupIndex, s.rejected, s.demands = true, 0, nil, 0
	return s.offer()
}

// offer draws and sends the Commit of who starts.
func (s *Session) offer() Step {
	s.password, s.akm = s.cfg.Passwords[0], s.cfg.AKMs[0]
	s.peer, s.sync, s.sendConfirm, s.received = nil, 0, 0, 0
	method := s.cfg.Methods[0]
	if s.akm == keys.AKMSAEExtKey && method == Looping {
		return s.fail(fmt.Errorf("%s needs hash-to-element: %w", s.akm, ErrAKM))
	}
	if err := s.draw(s.cfg.Groups[s.groupIndex], method); err != nil {
		return s.fail(err)
	}
	if method == HashToElement {
		s.own.Rejected = slices.Clone(s.rejected)
	}
	s.state = Committed
	return s.send(s.sendCommit)
}

// draw makes our Commit.
func (s *Session) draw(g Group, m Method) error {
	d, err := g.domain()
	if err != nil {
		return err
	}
	s.domain = d
	if s.element.point == nil || s.element.password != s.password || s.element.group != g || s.element.method != m {
		point, err := s.password.element(m, d, s.cfg.Own, s.cfg.Peer, s.cfg.Rand)
		if err != nil {
			return fmt.Errorf("derive password element: %w", err)
		}
		s.element = element{s.password, g, m, point}
	}
	drawn, err := d.draw(s.element.point, s.cfg.Rand)
	if err != nil {
		return err
	}
	clear(s.secret)
	s.secret = drawn.rand
	s.own = &Commit{
		Method: m, Group: g, Scalar: drawn.scalar, Element: drawn.element, Identifier: s.password.identifier,
	}
	if s.akm == keys.AKMSAEExtKey {
		s.own.AKM = s.akm
	}
	return nil
}

// HandleCommit takes the body of a frame with transaction 1.
func (s *Session) HandleCommit(status dot11.StatusCode, body []byte) Step {
	if m, ok := MethodOf(status); ok {
		return s.handleCommit(m, body)
	}
	awaiting := s.initiator && s.state == Committed
	switch {
	case awaiting && status == dot11.StatusAntiCloggingToken:
		return s.handleDemand(body)
	case awaiting && status == dot11.StatusUnsupportedGroup:
		return s.handleRejectedGroup(body)
	case awaiting:
		return s.fail(&RefusedError{TransactionCommit, status})
	case status == dot11.StatusSAEPublicKey && !s.initiator:
		return refuse(TransactionCommit, dot11.StatusUnspecified, nil, fmt.Errorf("SAE-PK: %w", ErrMethod))
	}
	return ignore(fmt.Errorf("commit with status %d in state %s: %w", uint16(status), s.state, ErrState))
}

func (s *Session) handleCommit(m Method, body []byte) Step {
	c, err := ParseCommit(m, body)
	if s.initiator {
		if err != nil {
			return ignore(err)
		}
		return s.handleAnswer(c)
	}
	switch {
	case errors.Is(err, ErrGroup):
		return refuseGroup(c.Group, err)
	case err != nil:
		return refuse(TransactionCommit, dot11.StatusUnspecified, nil, err)
	case s.state == Nothing:
		return s.respond(c)
	case s.own.same(c):
		return ignore(ErrReflection)
	case !s.peer.same(c):
		return s.respond(c)
	case s.state == Done:
		return ignore(fmt.Errorf("commit: %w", ErrReplay))
	}
	return s.again(c)
}

// again answers the peer's Commit that came before.
func (s *Session) again(c *Commit) Step {
	if !s.count() {
		return s.fail(ErrSync)
	}
	frames := []func() (Message, error){s.sendCommit}
	if s.state == Confirmed {
		frames = append(frames, s.confirmMessage)
	}
	step := s.send(frames...)
	step.Rest = c.Rest
	return step
}

// handleAnswer takes the peer's Commit where we started.
func (s *Session) handleAnswer(c *Commit) Step {
	if s.own == nil || s.state == Nothing || s.state == Done {
		return ignore(fmt.Errorf("commit in state %s: %w", s.state, ErrState))
	}
	if s.own.same(c) {
		return ignore(ErrReflection)
	}
	if s.state == Confirmed {
		if !s.peer.same(c) {
			return ignore(fmt.Errorf("another commit in state %s: %w", s.state, ErrState))
		}
		if !s.count() {
			return s.fail(ErrSync)
		}
		frames := []func() (Message, error){s.confirmMessage}
		if s.cfg.Immediate {
			frames = []func() (Message, error){s.sendCommit, s.confirmMessage}
		}
		step := s.send(frames...)
		step.Rest = c.Rest
		return step
	}
	if err := s.matches(c); err != nil {
		return ignore(err)
	}
	if err := s.process(c); err != nil {
		return ignore(err)
	}
	s.state, s.sync = Confirmed, 0
	step := s.send(s.confirmMessage)
	step.Rest = c.Rest
	return step
}

// matches checks that an answer is of the exchange we started.
func (s *Session) matches(c *Commit) error {
	switch {
	case c.Method != s.own.Method:
		return fmt.Errorf("answer by %s: %w", c.Method, ErrMethod)
	case c.Group != s.own.Group:
		return fmt.Errorf("answer in group %s: %w", c.Group, ErrGroup)
	case suite(c) != s.akm:
		return fmt.Errorf("answer for %s: %w", suite(c), ErrAKM)
	case c.Identifier != s.own.Identifier:
		return fmt.Errorf("answer for the identifier %q: %w", c.Identifier, ErrIdentifier)
	}
	return s.checkRejected(c)
}

// suite is the AKM suite a Commit is for.
func suite(c *Commit) keys.AKM {
	if c.AKM == 0 {
		return keys.AKMSAE
	}
	return c.AKM
}

// checkRejected finds groups in the peer's list that we would not have refused.
func (s *Session) checkRejected(c *Commit) error {
	for _, g := range c.Rejected {
		if slices.Contains(s.cfg.Groups, g) {
			return fmt.Errorf("group %s: %w", g, ErrDowngrade)
		}
	}
	return nil
}

// respond answers a Commit that begins an exchange. Up to the answer the session
// stays as it was, so that nobody ends an exchange with a frame that is refused.
func (s *Session) respond(c *Commit) Step {
	if !slices.Contains(s.cfg.Groups, c.Group) {
		return refuseGroup(c.Group, fmt.Errorf("group %s: %w", c.Group, ErrGroup))
	}
	password, status, err := s.admit(c)
	if err != nil {
		return refuse(TransactionCommit, status, nil, err)
	}
	s.password, s.akm = password, suite(c)
	s.sync, s.sendConfirm, s.received = 0, 0, 0
	s.wipe()
	if err := s.draw(c.Group, c.Method); err != nil {
		return s.fail(err)
	}
	if err := s.process(c); err != nil {
		step := s.fail(err)
		step.Send = []Message{{Transaction: TransactionCommit, Status: dot11.StatusUnspecified}}
		return step
	}
	s.state = Committed
	frames := []func() (Message, error){s.sendCommit}
	if s.cfg.Immediate {
		s.state = Confirmed
		frames = append(frames, s.confirmMessage)
	}
	step := s.send(frames...)
	step.Rest = c.Rest
	return step
}

// admit says whether we take part in what a Commit begins and with which
// password, or with which status it is refused.
func (s *Session) admit(c *Commit) (*Password, dot11.StatusCode, error) {
	switch akm := suite(c); {
	case !slices.Contains(s.cfg.Methods, c.Method):
		return nil, dot11.StatusUnspecified, fmt.Errorf("commit by %s: %w", c.Method, ErrMethod)
	case !slices.Contains(s.cfg.AKMs, akm):
		return nil, dot11.StatusUnspecified, fmt.Errorf("commit for %s: %w", akm, ErrAKM)
	case akm == keys.AKMSAEExtKey && c.Method == Looping:
		return nil, dot11.StatusUnspecified, fmt.Errorf("%s without hash-to-element: %w", akm, ErrAKM)
	}
	password, ok := s.cfg.password(c.Identifier)
	switch {
	case !ok && c.Identifier == "":
		return nil, dot11.StatusUnspecified, fmt.Errorf("commit without identifier: %w", ErrIdentifier)
	case !ok:
		return nil, dot11.StatusUnknownPasswordID, fmt.Errorf("identifier %q: %w", c.Identifier, ErrIdentifier)
	}
	if err := s.checkRejected(c); err != nil {
		return nil, dot11.StatusUnspecified, err
	}
	d, err := c.Group.domain()
	if err != nil {
		return nil, dot11.StatusUnsupportedGroup, err
	}
	if err := d.validate(c); err != nil {
		return nil, dot11.StatusUnspecified, err
	}
	return password, 0, nil
}

// validate checks the peer's scalar and element (12.4.5.4).
func (d *domain) validate(c *Commit) error {
	if _, err := d.scalar(c.Scalar); err != nil {
		return err
	}
	if err := d.curve.check(toPoint(c.Element)); err != nil {
		return fmt.Errorf("group %s: %w: %w", d.group, ErrElement, err)
	}
	return nil
}

func toPoint(element []byte) []byte {
	return append([]byte{uncompressed}, element...)
}

// process computes the keys from the peer's Commit.
func (s *Session) process(c *Commit) error {
	d := s.domain
	if err := d.validate(c); err != nil {
		return err
	}
	k, err := d.curve.shared(s.element.point, c.Scalar, toPoint(c.Element), s.secret)
	if err != nil {
		return fmt.Errorf("compute shared secret: %w: %w", ErrElement, err)
	}
	defer clear(k)
	out, err := d.derive(c.Method, s.akm, k, s.salt(c), s.own.Scalar, c.Scalar)
	if err != nil {
		return err
	}
	s.peer, s.derived = c, out
	return nil
}

// salt joins the lists of rejected groups, that of the greater address first
// (12.4.5.4).
func (s *Session) salt(c *Commit) []byte {
	first, second := s.own.Rejected, c.Rejected
	if slices.Compare(s.cfg.Own[:], s.cfg.Peer[:]) < 0 {
		first, second = second, first
	}
	var salt []byte
	for _, g := range slices.Concat(first, second) {
		salt = binary.LittleEndian.AppendUint16(salt, uint16(g))
	}
	return salt
}

// handleDemand sends our Commit again with the token that the peer demands
// (12.4.8.6.4). The standard lets a peer do that for ever; we do not.
func (s *Session) handleDemand(body []byte) Step {
	t, err := ParseTokenDemand(s.own.Method, body)
	switch {
	case err != nil:
		return ignore(err)
	case t.Group != s.own.Group:
		return ignore(fmt.Errorf("demand for a token in group %s: %w", t.Group, ErrGroup))
	case s.demands >= s.cfg.MaxSync:
		return s.fail(fmt.Errorf("demands for tokens: %w", ErrSync))
	}
	s.demands++
	s.sync = 0
	s.own.Token = t.Token
	step := s.send(s.sendCommit)
	step.Rest = t.Rest
	return step
}

// handleRejectedGroup goes on with the next group (12.4.8.6.4).
func (s *Session) handleRejectedGroup(body []byte) Step {
	if len(body) < 2 {
		return ignore(fmt.Errorf("rejected group in %d octets: %w", len(body), ErrMalformed))
	}
	if g := Group(binary.LittleEndian.Uint16(body)); g != s.own.Group {
		return ignore(fmt.Errorf("group %s rejected, which was not proposed: %w", g, ErrGroup))
	}
	if s.groupIndex+1 >= len(s.cfg.Groups) {
		return s.fail(&RefusedError{TransactionCommit, dot11.StatusUnsupportedGroup})
	}
	s.rejected = append(s.rejected, s.own.Group)
	s.groupIndex++
	return s.offer()
}

// HandleConfirm takes the body of a frame with transaction 2.
func (s *Session) HandleConfirm(status dot11.StatusCode, body []byte) Step {
	if status != dot11.StatusSuccess {
		if s.initiator && s.state == Confirmed {
			return s.fail(&RefusedError{TransactionConfirm, status})
		}
		return ignore(fmt.Errorf("confirm with status %d in state %s: %w", uint16(status), s.state, ErrState))
	}
	if s.state == Nothing {
		return ignore(fmt.Errorf("confirm in state %s: %w", s.state, ErrState))
	}
	if s.peer == nil {
		// The peer has our Commit and we lack its: ours again makes it repeat.
		return s.retransmit(s.sendCommit)
	}
	c, err := ParseConfirm(s.domain.hashOf(s.own.Method).Size(), body)
	if err != nil {
		return ignore(err)
	}
	if s.state == Done {
		return s.confirmAgain(c)
	}
	if !s.verifies(c) {
		return s.refuseConfirm()
	}
	return s.accept(c)
}

func (s *Session) verifies(c *Confirm) bool {
	want := s.domain.verifier(s.own.Method, s.kck, c.SendConfirm, s.peer, s.own)
	return hmac.Equal(want, c.Verifier)
}

// refuseConfirm says no to a Confirm that does not verify. The exchange stays, or
// anybody could end it; but not for ever.
func (s *Session) refuseConfirm() Step {
	answer := []Message{{Transaction: TransactionConfirm, Status: dot11.StatusChallengeFailure}}
	if s.initiator {
		answer = nil
	}
	if !s.count() {
		step := s.fail(ErrConfirm)
		step.Send = answer
		return step
	}
	if s.initiator {
		return ignore(ErrConfirm)
	}
	return Step{Outcome: Refused, Send: answer, Err: ErrConfirm}
}

func (s *Session) accept(c *Confirm) Step {
	step := Step{Outcome: Accepted, Rest: c.Rest}
	if s.state == Committed {
		m, err := s.confirmMessage()
		if err != nil {
			return s.fail(err)
		}
		step.Send = []Message{m}
	}
	s.state, s.sync = Done, 0
	s.received, s.sendConfirm = c.SendConfirm, lastConfirm
	s.done = true
	s.keys = Keys{
		AKM: s.akm, Group: s.own.Group, Method: s.own.Method, Identifier: s.own.Identifier, PMK: s.pmk, PMKID: s.pmkid,
	}
	clear(s.secret)
	return step
}

// confirmAgain answers a peer that has not got our Confirm (12.4.8.6.6).
func (s *Session) confirmAgain(c *Confirm) Step {
	switch {
	case c.SendConfirm <= s.received || c.SendConfirm == lastConfirm:
		return ignore(fmt.Errorf("confirm: %w", ErrReplay))
	case !s.verifies(c):
		return ignore(ErrConfirm)
	case !s.count():
		return ignore(ErrSync)
	}
	s.received = c.SendConfirm
	step := s.send(s.confirmMessage)
	step.Rest = c.Rest
	return step
}

// Timeout is the timer for sending again, dot11RSNASAERetransPeriod, which starts
// with every Step that sends and goes on. An access point that leaves it to its
// stations to repeat need not run it.
func (s *Session) Timeout() Step {
	switch s.state {
	case Committed:
		return s.retransmit(s.sendCommit)
	case Confirmed:
		return s.retransmit(s.confirmMessage)
	}
	return ignore(fmt.Errorf("timer in state %s: %w", s.state, ErrState))
}

func (s *Session) retransmit(frame func() (Message, error)) Step {
	if !s.count() {
		return s.fail(ErrSync)
	}
	return s.send(frame)
}

// count counts something sent again and reports whether it still may be.
func (s *Session) count() bool {
	if s.sync >= s.cfg.MaxSync {
		return false
	}
	s.sync++
	return true
}

func (s *Session) sendCommit() (Message, error) {
	body, err := s.own.Append(nil)
	if err != nil {
		return Message{}, err
	}
	return Message{Transaction: TransactionCommit, Status: s.own.Method.Status(), Body: body}, nil
}

func (s *Session) confirmMessage() (Message, error) {
	if s.sendConfirm < lastConfirm {
		s.sendConfirm++
	}
	c := Confirm{
		SendConfirm: s.sendConfirm,
		Verifier:    s.domain.verifier(s.own.Method, s.kck, s.sendConfirm, s.own, s.peer),
	}
	return Message{Transaction: TransactionConfirm, Status: dot11.StatusSuccess, Body: c.Append(nil)}, nil
}

// send continues with frames to send.
func (s *Session) send(frames ...func() (Message, error)) Step {
	step := Step{Outcome: Continue, Send: make([]Message, 0, len(frames))}
	for _, frame := range frames {
		m, err := frame()
		if err != nil {
			return s.fail(err)
		}
		step.Send = append(step.Send, m)
	}
	return step
}

// fail ends the session.
func (s *Session) fail(err error) Step {
	s.wipe()
	clear(s.element.point)
	s.state, s.own, s.domain, s.element = Nothing, nil, nil, element{}
	return Step{Outcome: Failed, Err: err}
}

// wipe forgets the peer's part and what was computed from it. The PMK stays where
// Keys has it.
func (s *Session) wipe() {
	clear(s.secret)
	clear(s.kck)
	s.secret, s.peer, s.derived = nil, nil, derived{}
}

func ignore(err error) Step { return Step{Outcome: Ignored, Err: err} }

func refuse(transaction uint16, status dot11.StatusCode, body []byte, err error) Step {
	return Step{Outcome: Refused, Send: []Message{{transaction, status, body}}, Err: err}
}

// refuseGroup names the group that is refused (12.4.7.4).
func refuseGroup(g Group, err error) Step {
	body := binary.LittleEndian.AppendUint16(nil, uint16(g))
	return refuse(TransactionCommit, dot11.StatusUnsupportedGroup, body, err)
}
