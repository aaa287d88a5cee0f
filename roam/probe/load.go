package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"roamfault/roam/runlog"
)

// LoadCounts are of a load since its begin.
type LoadCounts struct {
	// Sent and Echoed are bytes.
	Sent, Echoed uint64
	// Corrupt are datagrams or stretches of a TCP connection that came back
	// changed; Duplicate are datagrams that came a second time.
	Corrupt, Duplicate int
	// Dialed is how many times it was connected.
	Dialed int
}

// MaxRate is the highest rate of a load, in bit/s.
const MaxRate = 10e9

// Sizes of what is sent. Datagrams fit the smallest MTU of IPv6.
const (
	datagramLen = 1200
	segmentLen  = 1400
	poolLen     = 1 << 16
)

// load sends bytes to an echo service, and looks at what comes back.
type load struct {
	network, address string
	rate             float64 // bytes a second
	now              func() time.Duration
	dial             func(ctx context.Context, network, address string) (net.Conn, error)
	// asked and answered are told of requests and answers.
	asked, answered func(source, time.Duration)
	// pool is what the payloads are cut from.
	pool [poolLen + datagramLen]byte
	kick chan struct{}
	// held keeps it from sending.
	held atomic.Bool

	mu       sync.Mutex
	up, down meter
	counts   LoadCounts
	err      error
}

func newLoad(plan runlog.ProbePlan, now func() time.Duration, dial func(context.Context, string, string) (net.Conn, error)) (*load, error) {
	u, err := url.Parse(plan.Load)
	if err != nil || u.Scheme != "udp" && u.Scheme != "tcp" || u.Hostname() == "" || u.Port() == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("load %q: not udp://HOST:PORT or tcp://HOST:PORT", plan.Load)
	}
	rate := plan.Rate
	if rate == 0 {
		rate = DefaultRate
	}
	if math.IsNaN(rate) || rate < 1 || rate > MaxRate {
		return nil, fmt.Errorf("load with a rate of %g bit/s: name one from 1 to %g", rate, float64(MaxRate))
	}
	l := &load{
		network: u.Scheme, address: u.Host, rate: rate / 8, now: now, dial: dial, kick: make(chan struct{}, 1),
		asked: func(source, time.Duration) {}, answered: func(source, time.Duration) {},
	}
	_, _ = rand.Read(l.pool[:]) // it never fails
	return l, nil
}

// run keeps a connection at work until the context ends.
func (l *load) run(ctx context.Context) {
	var wait backoff
	work := l.streams
	if l.network == "udp" {
		work = l.datagrams
	}
	for ctx.Err() == nil {
		if l.held.Load() {
			select {
			case <-ctx.Done():
			case <-l.kick:
			}
			continue
		}
		echoed := l.counted().Echoed
		err := l.connect(ctx, work)
		l.mu.Lock()
		l.err = err
		l.mu.Unlock()
		if l.counted().Echoed != echoed {
			wait.reset()
		}
		timer := time.NewTimer(wait.wait())
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-l.kick:
			wait.reset()
		}
		timer.Stop()
	}
}

// wake lets it not wait any longer: the network is there.
func (l *load) wake() {
	select {
	case l.kick <- struct{}{}:
	default: // it is awake already
	}
}

// dialFor is how long it may take to connect.
const dialFor = 10 * time.Second

// silentFor is how long a connection may be without any echo before it is made
// anew.
const silentFor = 10 * time.Second

var errNoEcho = errors.New("no echo")

// connect makes a connection and works on it until that fails.
func (l *load) connect(ctx context.Context, work func(context.Context, net.Conn, *time.Timer) error) error {
	dialing, cancel := context.WithTimeout(ctx, dialFor)
	conn, err := l.dial(dialing, l.network, l.address)
	cancel()
	if err != nil {
		return fmt.Errorf("connect to %s://%s: %w", l.network, l.address, err)
	}
	l.mu.Lock()
	l.counts.Dialed++
	l.mu.Unlock()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	closing := context.AfterFunc(ctx, func() { _ = conn.Close() }) // who works on it is told
	defer closing()
	watchdog := time.AfterFunc(silentFor, func() { end(errNoEcho) })
	defer watchdog.Stop()
	err = work(ctx, conn, watchdog)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	_ = conn.Close() // it may be closed
	return fmt.Errorf("load to %s://%s: %w", l.network, l.address, err)
}

// pace calls send with how many units may be sent, until it fails.
func (l *load) pace(ctx context.Context, unit int, send func(units int) error) error {
	p := pacer{rate: l.rate, unit: unit, last: l.now()}
	ticker := time.NewTicker(p.every())
	defer ticker.Stop()
	for {
		if n := p.take(l.now()); n > 0 && !l.held.Load() {
			if err := send(n); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// duplex sends and receives until one of them fails.
func duplex(ctx context.Context, conn net.Conn, send func(context.Context) error, receive func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() {
		err := send(ctx)
		_ = conn.Close() // who receives is told
		sent <- err
	}()
	err := receive()
	cancel()
	if first := <-sent; errors.Is(err, net.ErrClosed) {
		return first
	}
	return err
}

// A datagram has a number and the time of its sending in front.
const loadHeader = 16

// filling is what a datagram of that number is filled with.
func (l *load) filling(number uint64) []byte {
	from := number * 257 % poolLen
	return l.pool[from : from+datagramLen-loadHeader]
}

func (l *load) putDatagram(b []byte, number uint64, at time.Duration) {
	binary.BigEndian.PutUint64(b, number)
	binary.BigEndian.PutUint64(b[8:], uint64(at))
	copy(b[loadHeader:], l.filling(number))
}

func (l *load) datagrams(ctx context.Context, conn net.Conn, watchdog *time.Timer) error {
	begin := l.now()
	return duplex(ctx, conn,
		func(ctx context.Context) error {
			b := make([]byte, datagramLen)
			number := uint64(0)
			return l.pace(ctx, datagramLen, func(n int) error {
				at := l.now()
				for ; n > 0; n-- {
					l.putDatagram(b, number, at)
					number++
					if _, err := conn.Write(b); err != nil {
						if asked(err) {
							break
						}
						if unreached(err) {
							return nil
						}
						return err
					}
					l.sent(datagramLen)
				}
				l.asked(byLoad, at)
				return nil
			})
		},
		func() error {
			b := make([]byte, datagramLen+1)
			var seen window
			for {
				n, err := conn.Read(b)
				switch {
				case err != nil && unreached(err):
					continue
				case err != nil:
					return err
				}
				if l.takeDatagram(b[:n], begin, &seen) {
					watchdog.Reset(silentFor)
				}
			}
		})
}

// takeDatagram looks at an echo, and reports whether it is a good one.
func (l *load) takeDatagram(b []byte, begin time.Duration, seen *window) bool {
	now := l.now()
	l.mu.Lock()
	good := false
	var sent time.Duration
	if len(b) == datagramLen {
		number := binary.BigEndian.Uint64(b)
		sent = time.Duration(binary.BigEndian.Uint64(b[8:]))
		good = sent >= begin && sent <= now && bytes.Equal(b[loadHeader:], l.filling(number))
		if good && !seen.add(number) {
			l.counts.Duplicate++
			l.mu.Unlock()
			return false
		}
	}
	if !good {
		l.counts.Corrupt++
		l.mu.Unlock()
		return false
	}
	l.counts.Echoed += datagramLen
	l.err = nil
	l.up.add(sent, datagramLen)
	l.down.add(now, datagramLen)
	l.mu.Unlock()
	l.answered(byLoad, now)
	return true
}

func (l *load) streams(ctx context.Context, conn net.Conn, watchdog *time.Timer) error {
	return duplex(ctx, conn,
		func(ctx context.Context) error {
			at, acked := 0, uint64(0)
			return l.pace(ctx, segmentLen, func(n int) error {
				for ; n > 0; n-- {
					size, err := conn.Write(l.pool[at : at+min(segmentLen, poolLen-at)])
					at = (at + size) % poolLen
					l.sent(size)
					if err != nil {
						return err
					}
				}
				if sum, ok := acknowledged(conn); ok && sum > acked {
					l.acknowledge(int(sum - acked))
					acked = sum
				}
				return nil
			})
		},
		func() error {
			_, exact := acknowledged(conn)
			b := make([]byte, 32<<10)
			at := 0
			for {
				n, err := conn.Read(b)
				if n > 0 {
					var ok bool
					if at, ok = l.takeStream(b[:n], at, exact); !ok {
						return errCorrupt
					}
					watchdog.Reset(silentFor)
				}
				if err != nil {
					return err
				}
			}
		})
}

var errCorrupt = errors.New("what came back is not what was sent")

// takeStream compares what came with the pool from a place on, and returns the
// place behind it.
func (l *load) takeStream(b []byte, at int, exact bool) (next int, ok bool) {
	now := l.now()
	for rest := b; len(rest) > 0; {
		part := rest[:min(len(rest), poolLen-at)]
		if !bytes.Equal(part, l.pool[at:at+len(part)]) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.counts.Corrupt++
			return at, false
		}
		at = (at + len(part)) % poolLen
		rest = rest[len(part):]
	}
	l.mu.Lock()
	l.counts.Echoed += uint64(len(b))
	l.err = nil
	l.down.add(now, len(b))
	if !exact {
		l.up.add(now, len(b))
	}
	l.mu.Unlock()
	l.answered(byStream, now)
	return at, true
}

func (l *load) sent(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Sent += uint64(n)
}

// acknowledge counts what the other side has got of a TCP connection.
func (l *load) acknowledge(n int) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up.add(now, n)
}

func (l *load) counted() LoadCounts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

func (l *load) trouble() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *load) rates(from, to time.Duration) (up, down float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.up.rate(from, to), l.down.rate(from, to)
}

// window knows which of the last numbers were seen.
type window struct {
	next uint64 // behind the highest that was seen
	bits [16]uint64
}

const windowLen = 16 * 64

// add reports whether a number is new; one too old to tell is not.
func (w *window) add(n uint64) bool {
	switch {
	case n >= w.next:
		if n-w.next >= windowLen {
			w.bits = [16]uint64{}
		} else {
			for i := w.next; i < n; i++ {
				w.bits[i/64%16] &^= 1 << (i % 64)
			}
		}
		w.next = n + 1
	case w.next-n > windowLen || w.bits[n/64%16]&(1<<(n%64)) != 0:
		return false
	}
	w.bits[n/64%16] |= 1 << (n % 64)
	return true
}
