package hwsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"roamfault/nl80211/dot11"
)

// Options say how a medium is opened.
type Options struct {
	// Namespace is the network namespace the medium is for. Nil: that of the
	// thread that calls Open.
	Namespace *Namespace
	// ReceiveBuffer is how many octets of frames the kernel keeps for us, as it
	// counts them (a frame takes about 1 KiB more than its length). 0: 8 MiB.
	ReceiveBuffer int
	// Rand is where netlink port numbers come from. Nil: the system's generator.
	Rand io.Reader
}

// batchLen is how many octets Inject and Acknowledge gather before they are
// sent without Flush. It bounds for how long the kernel is busy with one batch.
const batchLen = 32 << 10

// Medium is the wireless medium of a network namespace.
//
// Receive may be called by one goroutine at a time; all other methods by any.
// Events point into buffers that the next Receive uses again.
type Medium struct {
	namespace *Namespace
	control   *control
	socket    *socket
	decoder   decoder
	events    []Event

	mu  sync.Mutex
	out []byte // what is gathered
}

// Open registers as the medium. Its errors wrap those of this package where a
// user can do something. The context bounds the time that takes, not the
// medium's life.
func Open(ctx context.Context, options Options) (*Medium, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open the wireless medium: %w", err)
	}
	m, err := open(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("open the wireless medium: %w", err)
	}
	return m, nil
}

func newMedium(control *control, socket *socket, namespace *Namespace) *Medium {
	return &Medium{
		namespace: namespace,
		control:   control,
		socket:    socket,
		decoder:   decoder{family: control.family},
		events:    make([]Event, 0, datagrams),
		out:       make([]byte, 0, batchLen+maxMessage),
	}
}

// maxMessage is longer than every message Inject and Acknowledge make.
const maxMessage = MaxFrame + 128

// register sends HWSIM_CMD_REGISTER and waits for the answer. Frames do not come
// before.
func (m *Medium) register(ctx context.Context) error {
	request := beginMessage(nil, m.control.family, commandRegister, flagAck, seqRegister)
	endMessage(request, 0)
	if err := m.socket.send(request); err != nil {
		return fmt.Errorf("register: %w", err)
	}
	deadline, _ := ctx.Deadline()
	stop := context.AfterFunc(ctx, m.socket.wake)
	defer stop()
	for {
		n, _, err := m.socket.receive(deadline)
		if err != nil {
			return fmt.Errorf("wait for the answer to register: %w", err)
		}
		for i := range n {
			b, _ := m.socket.datagram(i)
			answer, _, ok := nextMessage(b)
			if !ok || answer.kind != typeError || answer.seq != seqRegister {
				continue
			}
			errno, ok := answerErrno(answer.body)
			if !ok {
				return errors.New("register: the answer is too short")
			}
			return m.registered(errno)
		}
		if n == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("wait for the answer to register: %w", err)
			}
			return fmt.Errorf("wait for the answer to register: %w", context.DeadlineExceeded)
		}
	}
}

// Receive sends what is gathered, waits until radios do something, at most
// until the deadline, and returns that. A zero deadline is none. It returns no
// events and no error at the deadline and after Wake; after Close its error wraps
// fs.ErrClosed. Every event FrameSent is to be answered with Acknowledge.
func (m *Medium) Receive(deadline time.Time) ([]Event, error) {
	if err := m.Flush(); err != nil {
		return nil, err
	}
	m.events = m.events[:0]
	for len(m.events) == 0 {
		n, overrun, err := m.socket.receive(deadline)
		if err != nil {
			return nil, fmt.Errorf("receive from the wireless medium: %w", err)
		}
		if overrun {
			m.decoder.counts.overruns.Add(1)
			m.events = append(m.events, Event{Kind: Overrun})
		}
		if n == 0 && !overrun {
			break
		}
		for i := range n {
			b, whole := m.socket.datagram(i)
			if !whole {
				m.decoder.counts.malformed.Add(1)
				continue
			}
			m.events = m.decoder.datagram(m.events, b)
		}
		if m.decoder.gone {
			return nil, fmt.Errorf("receive from the wireless medium: %w", ErrNoModule)
		}
	}
	return m.events, nil
}

// Wake lets a Receive that waits return, or the next one if none does.
func (m *Medium) Wake() { m.socket.wake() }

// Acknowledge tells the radio that sent f what became of it: acked, and with
// what signal in dBm the acknowledgement was heard. It is sent with Flush, with
// Receive or when much is gathered.
func (m *Medium) Acknowledge(f *Frame, acked bool, signal int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out = appendStatus(m.out, m.decoder.family, f, acked, signal)
	m.decoder.counts.statuses.Add(1)
	return m.flushFull()
}

// Inject lets a radio hear a frame on the channel at freq MHz, with a signal in
// dBm. The rate counts in those of the band, see RateIndex. Data is copied; it is
// the frame without FCS, of at most MaxFrame octets. It is sent like Acknowledge.
//
// A radio that does not listen on that channel hears nothing; that is no error
// and counted in Stats.
func (m *Medium) Inject(radio dot11.Addr, freq, signal, rate int, data []byte) error {
	if len(data) < minFrame || len(data) > MaxFrame {
		return fmt.Errorf("inject a frame of %d octets: %d to %d are possible", len(data), minFrame, MaxFrame)
	}
	in := injection{radio: radio, freq: freq, signal: signal, rate: rate, data: data}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out = appendInjection(m.out, m.decoder.family, &in)
	m.decoder.counts.injected.Add(1)
	return m.flushFull()
}

// Flush sends what Acknowledge and Inject have gathered. It does not wait for
// answers.
func (m *Medium) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.flush()
}

func (m *Medium) flushFull() error {
	if len(m.out) < batchLen {
		return nil
	}
	return m.flush()
}

func (m *Medium) flush() error {
	if len(m.out) == 0 {
		return nil
	}
	err := m.socket.send(m.out)
	m.out = m.out[:0]
	m.decoder.counts.batches.Add(1)
	if err != nil {
		return fmt.Errorf("send to the wireless medium: %w", err)
	}
	return nil
}

// NewRadio makes a radio in the medium's namespace.
func (m *Medium) NewRadio(config RadioConfig) (Radio, error) {
	radio, err := m.control.newRadio(config)
	if err != nil {
		return Radio{}, fmt.Errorf("make radio %q: %w", config.Name, err)
	}
	return radio, nil
}

// DelRadio removes a radio of the medium's namespace.
func (m *Medium) DelRadio(radio Radio) error {
	if err := m.control.delRadio(radio.ID); err != nil {
		return fmt.Errorf("remove radio %q: %w", radio.Name, err)
	}
	return nil
}

// Stats returns what was counted so far.
func (m *Medium) Stats() Stats { return m.decoder.counts.stats() }

// Close removes the radios that were made, unless they are to be kept, and gives
// the medium back: radios that are left hear each other again. What is gathered
// is not sent.
func (m *Medium) Close() error {
	if err := both(m.control.close(), m.socket.close()); err != nil {
		return fmt.Errorf("close the wireless medium: %w", err)
	}
	return nil
}
