package guest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"roamfault/roam/lab/guest/wire"
)

// session is the host's side of what is said with one guest.
type session struct {
	conn   *wire.Conn
	kernel *KernelLog
	hello  chan wire.Hello
	ready  chan wire.Ready
	ended  chan struct{} // closed when the stream has ended

	mu    sync.Mutex
	calls map[uint32]*call
	next  uint32
	heard time.Time // when something came last
	over  bool
	bye   bool
	err   error // why it ended
}

// A call is work a channel is open for.
type call struct {
	channel uint32
	inboxes map[wire.Stream]*wire.Inbox
	windows map[wire.Stream]*wire.Window
	started chan wire.Started
	result  chan wire.Result
}

func newSession(w io.Writer) *session {
	return &session{
		conn:   wire.NewConn(w),
		kernel: newKernelLog(),
		hello:  make(chan wire.Hello, 1),
		ready:  make(chan wire.Ready, 1),
		ended:  make(chan struct{}),
		calls:  make(map[uint32]*call),
	}
}

// answers are the guest's frames and what they do.
var answers = map[wire.Kind]func(*session, wire.Frame) error{
	wire.KindHello:   func(s *session, f wire.Frame) error { return once(f, s.hello) },
	wire.KindReady:   func(s *session, f wire.Frame) error { return once(f, s.ready) },
	wire.KindPong:    func(*session, wire.Frame) error { return nil },
	wire.KindStarted: (*session).onStarted,
	wire.KindData:    (*session).onData,
	wire.KindEnd:     (*session).onEnd,
	wire.KindCredit:  (*session).onCredit,
	wire.KindResult:  (*session).onResult,
	wire.KindKernel:  (*session).onKernel,
	wire.KindBye:     (*session).onBye,
}

// read takes the guest's frames until the stream ends; then everything that
// waits for the guest goes on with an error.
func (s *session) read(r io.Reader, now func() time.Time) {
	frames := wire.NewReader(bufio.NewReaderSize(r, 64<<10))
	err := func() error {
		for {
			f, err := frames.Read()
			if err != nil {
				return err
			}
			s.mu.Lock()
			s.heard = now()
			s.mu.Unlock()
			answer, ok := answers[f.Kind]
			if !ok {
				return fmt.Errorf("the guest sent a frame of kind %d: %w", f.Kind, wire.ErrBadFrame)
			}
			if err := answer(s, f); err != nil {
				return fmt.Errorf("the guest said what it may not: %w", err)
			}
		}
	}()
	s.mu.Lock()
	s.over, s.err = true, err
	for _, c := range s.calls {
		c.close()
	}
	s.mu.Unlock()
	s.kernel.end()
	close(s.ended)
}

func (c *call) close() {
	for _, in := range c.inboxes {
		in.End()
	}
	for _, w := range c.windows {
		w.Close()
	}
}

// once gives a message to whoever waits for it; a second is one too many.
func once[T any](f wire.Frame, to chan T) error {
	var m T
	if err := wire.Decode(f, &m); err != nil {
		return err
	}
	select {
	case to <- m:
		return nil
	default:
		return fmt.Errorf("twice a message of kind %d: %w", f.Kind, wire.ErrBadFrame)
	}
}

func (s *session) call(channel uint32) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[channel]
}

func (s *session) onStarted(f wire.Frame) error {
	if c := s.call(f.Channel); c != nil {
		return once(f, c.started)
	}
	return nil
}

func (s *session) onData(f wire.Frame) error {
	chunk, err := wire.ParseChunk(f.Payload)
	if err != nil {
		return err
	}
	if c := s.call(f.Channel); c != nil && c.inboxes[chunk.Stream] != nil {
		return c.inboxes[chunk.Stream].Push(chunk)
	}
	return nil
}

func (s *session) onEnd(f wire.Frame) error {
	st, err := wire.ParseEnd(f.Payload)
	if err != nil {
		return err
	}
	if c := s.call(f.Channel); c != nil && c.inboxes[st] != nil {
		c.inboxes[st].End()
	}
	return nil
}

func (s *session) onCredit(f wire.Frame) error {
	st, n, err := wire.ParseCredit(f.Payload)
	if err != nil {
		return err
	}
	if c := s.call(f.Channel); c != nil && c.windows[st] != nil {
		c.windows[st].Give(n)
	}
	return nil
}

func (s *session) onResult(f wire.Frame) error {
	s.mu.Lock()
	c := s.calls[f.Channel]
	delete(s.calls, f.Channel)
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	c.close()
	return once(f, c.result)
}

func (s *session) onKernel(f wire.Frame) error {
	s.kernel.add(parseKernelRecords(f.Payload))
	return nil
}

func (s *session) onBye(wire.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bye = true
	return nil
}

// errEnded is what open returns once the stream has ended; the guest knows why.
var errEnded = errors.New("the guest has ended")

// open makes a channel and asks for something on it.
func (s *session) open(kind wire.Kind, message any, in, out []wire.Stream) (*call, error) {
	c := &call{
		inboxes: make(map[wire.Stream]*wire.Inbox),
		windows: make(map[wire.Stream]*wire.Window),
		started: make(chan wire.Started, 1),
		result:  make(chan wire.Result, 1),
	}
	for _, st := range in {
		c.inboxes[st] = wire.NewInbox()
	}
	for _, st := range out {
		c.windows[st] = wire.NewWindow()
	}
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return nil, errEnded
	}
	s.next++
	c.channel = s.next
	s.calls[c.channel] = c
	s.mu.Unlock()
	if err := s.conn.SendMessage(kind, c.channel, message); err != nil {
		s.forget(c)
		return nil, err
	}
	return c, nil
}

// forget closes a call nobody waits for any more.
func (s *session) forget(c *call) {
	s.mu.Lock()
	delete(s.calls, c.channel)
	s.mu.Unlock()
	c.close()
}

// abandon tells the guest that the call is not wanted, and forgets it.
func (s *session) abandon(c *call) {
	_ = s.conn.SendMessage(wire.KindSignal, c.channel, wire.Signal{Number: 9}) // an error ends all calls
	s.forget(c)
}

// silence is how long nothing came.
func (s *session) silence(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.heard)
}

// wait returns how the call ended.
func (s *session) wait(c *call) (wire.Result, error) {
	select {
	case res := <-c.result:
		return res, nil
	case <-s.ended:
	}
	// The last thing the guest said may have been the result.
	select {
	case res := <-c.result:
		return res, nil
	default:
		return wire.Result{}, errEnded
	}
}
