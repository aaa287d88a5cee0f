package nl80211

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"

	"roamfault/nl80211/dot11"
)

// requestKind says what ends the kernel's answer to a request.
type requestKind uint8

const (
	wantAck   requestKind = iota // an acknowledgement
	wantReply                    // one message
	wantDump                     // any number of messages and an end
)

func (k requestKind) flags() netlink.HeaderFlags {
	switch k {
	case wantReply:
		return netlink.Request
	case wantDump:
		return netlink.Request | netlink.Dump
	default:
		return netlink.Request | netlink.Acknowledge
	}
}

// maxAnswers bounds the messages that answer one request.
const maxAnswers = 1 << 16

// maxTornDumps is how often a dump is asked for of which messages were lost.
const maxTornDumps = 8

// reply is one message of an answer.
type reply struct {
	command     Command
	attributes  []byte
	interrupted bool // of a dump: what is dumped changed meanwhile
}

// answer is all that the kernel answers to a request.
type answer struct {
	replies []reply
	cookie  uint64 // from the acknowledgement, 0 where it has none
}

// answerTime is how long an answer is waited for that may be lost, and the rest of
// a dump. The kernel answers while a request is sent, and goes on with a dump
// while it is read: what is not there at once does not come.
const answerTime = time.Second

// errTorn ends a dump of which messages may be lost.
var errTorn = errors.New("the dump was torn")

// exchange is a request whose answer is awaited.
type exchange struct {
	kind     requestKind
	sequence uint32
	answer   answer
	err      error
	ended    bool
	whole    bool // of a dump: its end was read, too
	gap      bool // the kernel dropped messages; the answer may be among them
}

func (e *exchange) end(err error) {
	if !e.ended {
		e.err, e.ended = err, true
	}
}

func (e *exchange) dumps() bool { return e != nil && e.kind == wantDump }

// take adds a message that came for this request.
func (e *exchange) take(message netlink.Message, body genetlink.Message) {
	switch {
	case e.ended:
	case message.Header.Type == netlink.Error:
		e.answer.cookie = ackCookie(message)
		e.end(nil)
	case len(e.answer.replies) >= maxAnswers:
		e.end(fmt.Errorf("more than %d messages in one answer", maxAnswers))
	default:
		e.answer.replies = append(e.answer.replies, reply{
			command:     Command(body.Header.Command),
			attributes:  body.Data,
			interrupted: message.Header.Flags&netlink.DumpInterrupted != 0,
		})
		if e.kind == wantReply {
			e.end(nil)
		}
	}
}

// Numbers within an acknowledgement (kernel, include/uapi/linux/netlink.h).
const (
	ackErrno      = 4  // octets of the error number
	netlinkHeader = 16 // struct nlmsghdr
	genlHeader    = 4  // struct genlmsghdr
	ackAttrCookie = 3  // NLMSGERR_ATTR_COOKIE
)

// ackCookie returns the cookie that an acknowledgement has; a successful one
// holds the header of the request alone.
func ackCookie(m netlink.Message) uint64 {
	if m.Header.Flags&netlink.AcknowledgeTLVs == 0 || len(m.Data) < ackErrno+netlinkHeader {
		return 0
	}
	skip := ackErrno + netlinkHeader
	if m.Header.Flags&netlink.Capped == 0 {
		skip = ackErrno + align(int(binary.NativeEndian.Uint32(m.Data[ackErrno:])))
	}
	if skip < ackErrno+netlinkHeader || skip > len(m.Data) {
		return 0
	}
	var cookie uint64
	err := decode(m.Data[skip:], func(d *decoder) {
		if d.kind == ackAttrCookie {
			cookie = d.u64()
		}
	})
	if err != nil {
		return 0
	}
	return cookie
}

// port is one socket, from which answers and events come mixed. One at a time
// uses it: a request from its sending to its answer, and who waits for events as
// long as nobody has a request. What comes meanwhile for others is queued.
//
// That events are not read while a request is carried out makes their stamps no
// worse: cfg80211 holds the device's mutex for it, without which there are hardly
// any.
type port struct {
	conn   *genetlink.Conn
	family uint16
	clock  Clock

	inUse   chan struct{} // full: somebody uses the socket
	arrived chan struct{} // full: the queue was added to

	// stale is the number of a dump whose end nobody waits for any more. It belongs
	// to who uses the socket.
	stale dot11.Optional[uint32]

	mu        sync.Mutex
	wanted    int  // requests that wait for the socket
	receiving bool // who uses the socket waits for events
	queue     queue
	closed    bool
}

func newPort(conn *genetlink.Conn, family uint16, clock Clock) *port {
	return &port{
		conn:    conn,
		family:  family,
		clock:   clock,
		inUse:   make(chan struct{}, 1),
		arrived: make(chan struct{}, 1),
	}
}

func (p *port) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	return p.conn.Close()
}

// request sends one request and waits for its answer. The kernel carries it out
// while it is sent: ctx ends the waiting for others' requests and for the answer,
// not the work itself. The message as it was sent comes with every error of the
// kernel.
func (p *port) request(ctx context.Context, command Command, kind requestKind, attributes []byte) (answer, netlink.Message, error) {
	if err := p.acquire(ctx); err != nil {
		return answer{}, netlink.Message{}, err
	}
	defer func() { <-p.inUse }()
	for try := 1; ; try++ {
		result, sent, err := p.try(ctx, command, kind, attributes)
		if !errors.Is(err, errTorn) || try == maxTornDumps {
			return result, sent, err
		}
	}
}

// acquire waits for the socket, and interrupts who waits for events on it.
func (p *port) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p.mu.Lock()
	p.wanted++
	if p.receiving {
		_ = p.conn.SetReadDeadline(time.Unix(1, 0))
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.wanted--
		p.mu.Unlock()
	}()
	select {
	case p.inUse <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *port) try(ctx context.Context, command Command, kind requestKind, attributes []byte) (answer, netlink.Message, error) {
	if kind == wantDump {
		if err := p.drain(ctx); err != nil {
			return answer{}, netlink.Message{}, err
		}
	}
	sent, err := p.conn.Send(genetlink.Message{
		Header: genetlink.Header{Command: uint8(command)},
		Data:   attributes,
	}, p.family, kind.flags())
	if err != nil {
		return answer{}, netlink.Message{}, p.socketError("send", err)
	}
	e := &exchange{kind: kind, sequence: sent.Header.Sequence}
	err = p.await(ctx, e)
	if kind == wantDump && !e.whole {
		p.stale = dot11.Some(e.sequence)
	}
	if err != nil {
		return answer{}, sent, err
	}
	return e.answer, sent, e.err
}

// await reads until e has ended.
func (p *port) await(ctx context.Context, e *exchange) error {
	limited := ctx
	for !e.ended {
		if limited == ctx && e.gap {
			short, cancel := context.WithTimeout(ctx, answerTime)
			defer cancel()
			limited = short
		}
		if limited.Err() != nil {
			if err := ctx.Err(); err != nil {
				return err
			}
			return fmt.Errorf("the answer may be lost: %w", ErrOverrun)
		}
		if err := p.read(limited, e); err != nil {
			return err
		}
	}
	return nil
}

// drain reads what is left of a dump that nobody waits for; the kernel refuses
// another one before.
func (p *port) drain(ctx context.Context) error {
	if !p.stale.Present {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for p.stale.Present && limited.Err() == nil {
		if err := p.read(limited, nil); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.stale = dot11.Optional[uint32]{}
	return nil
}

// receive returns what came without being asked for.
func (p *port) receive(ctx context.Context) (arrival, error) {
	for {
		if a, ok := p.pop(); ok {
			return a, nil
		}
		if err := ctx.Err(); err != nil {
			return arrival{}, err
		}
		select {
		case <-ctx.Done():
			return arrival{}, ctx.Err()
		case <-p.arrived:
			continue
		case p.inUse <- struct{}{}:
		}
		err := p.listen(ctx)
		<-p.inUse
		if err != nil {
			return arrival{}, err
		}
	}
}

func (p *port) pop() (arrival, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue.pop()
}

// listen reads once, unless there is an event already or a request wants the
// socket.
func (p *port) listen(ctx context.Context) error {
	p.mu.Lock()
	if p.queue.len() > 0 || p.wanted > 0 {
		p.mu.Unlock()
		return nil
	}
	p.receiving = true
	_ = p.conn.SetReadDeadline(time.Time{})
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.receiving = false
		p.mu.Unlock()
	}()
	return p.readOnce(ctx, nil)
}

// read reads for a request.
func (p *port) read(ctx context.Context, e *exchange) error {
	_ = p.conn.SetReadDeadline(time.Time{})
	return p.readOnce(ctx, e)
}

// readOnce reads one datagram, or one dump, and gives it to e (nil: nobody) or to
// the queue. It returns nil when a deadline ends it.
func (p *port) readOnce(ctx context.Context, e *exchange) error {
	release := p.interruptible(ctx)
	bodies, messages, err := p.conn.Receive()
	stamp := p.clock()
	release()
	switch {
	case err != nil:
		return p.takeError(stamp, e, err)
	case len(messages) == 0:
		p.takeEnd(e)
	default:
		p.takeMessages(stamp, e, bodies, messages)
	}
	return nil
}

// interruptible makes the end of ctx end a read, until release is called.
// Sockets for tests have no deadlines; reads from them end by themselves.
func (p *port) interruptible(ctx context.Context) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(fired)
		_ = p.conn.SetReadDeadline(time.Unix(1, 0))
	})
	return func() {
		if !stop() {
			<-fired // or it would interrupt the next reader
		}
	}
}

// takeMessages gives messages to whom they are for. A read that has some of a dump
// has its end, too.
func (p *port) takeMessages(stamp Stamp, e *exchange, bodies []genetlink.Message, messages []netlink.Message) {
	ours, stale := false, false
	for i := range messages {
		switch number := messages[i].Header.Sequence; {
		case number == 0:
			p.push(arrival{stamp: stamp, message: bodies[i]})
		case e != nil && number == e.sequence:
			e.take(messages[i], bodies[i])
			ours = true
		case p.stale == dot11.Some(number):
			stale = true
		}
	}
	if stale {
		p.stale = dot11.Optional[uint32]{}
	}
	if ours && e.dumps() {
		e.whole = true
		e.end(nil)
	}
}

// takeEnd is a dump's end without messages.
func (p *port) takeEnd(e *exchange) {
	switch {
	case p.stale.Present:
		p.stale = dot11.Optional[uint32]{}
	case e.dumps():
		e.whole = true
		e.end(nil)
	}
}

// takeError gives an error to whom it is for, and returns those that are of the
// socket. What a read had before an error is lost with it, if it was within a
// dump: events too, and that is told.
func (p *port) takeError(stamp Stamp, e *exchange, err error) error {
	var op *netlink.OpError
	within := e.dumps() || p.stale.Present
	gap := arrival{stamp: stamp, gap: true}
	switch {
	case errors.As(err, &op) && op.Sequence != 0:
		p.takeRefusal(gap, e, op)
	case errors.Is(err, os.ErrDeadlineExceeded):
		if within {
			p.push(gap)
		}
	case errors.Is(err, syscall.ENOBUFS):
		p.push(gap)
		if e.dumps() {
			e.end(errTorn)
		} else if e != nil {
			e.gap = true
		}
	default:
		return p.socketError("receive", err)
	}
	return nil
}

func (p *port) takeRefusal(gap arrival, e *exchange, op *netlink.OpError) {
	switch {
	case e != nil && op.Sequence == e.sequence:
		if p.stale.Present {
			p.push(gap)
		}
		e.whole = true
		e.end(op)
	case p.stale == dot11.Some(op.Sequence):
		p.stale = dot11.Optional[uint32]{}
	case e.dumps(): // of an earlier request, in the midst of this one's answer
		p.push(gap)
		e.end(errTorn)
	}
}

func (p *port) push(a arrival) {
	p.mu.Lock()
	p.queue.push(a)
	p.mu.Unlock()
	select {
	case p.arrived <- struct{}{}:
	default:
	}
}

func (p *port) socketError(what string, err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return fmt.Errorf("%s: %w", what, net.ErrClosed)
	}
	return fmt.Errorf("%s: %w", what, err)
}
