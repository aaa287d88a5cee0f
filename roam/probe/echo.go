package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Echo is an echo service over UDP and TCP (RFC 862) on one port, the far side of
// a load.
//
// It answers whom it does not know, so it is bounded: so many connections, and
// none for longer than its idle time without a byte. Datagrams from ports below
// 1024 get no answer: behind them may be another echo service, and the two would
// talk for ever.
type Echo struct {
	// MaxConns is how many TCP connections there are at once; 0: 32. More are
	// closed at once.
	MaxConns int
	// Idle is how long one may be silent, and how long it may leave an echo
	// unread; 0: a minute.
	Idle time.Duration

	udp *net.UDPConn
	tcp *net.TCPListener
}

// Listen opens the port at an address such as ":7007" or "[::1]:0".
func (e *Echo) Listen(ctx context.Context, address string) error {
	var listen net.ListenConfig
	tcp, err := listen.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("echo service: %w", err)
	}
	e.tcp = tcp.(*net.TCPListener) // "tcp" gives nothing else
	host, _, err := net.SplitHostPort(address)
	if err == nil {
		var udp net.PacketConn
		if udp, err = listen.ListenPacket(ctx, "udp", net.JoinHostPort(host, fmt.Sprint(e.Addr().Port()))); err == nil {
			e.udp = udp.(*net.UDPConn) // "udp" gives nothing else
			return nil
		}
	}
	_ = e.tcp.Close() // it was never used
	return fmt.Errorf("echo service: %w", err)
}

// Addr is where it listens, after Listen.
func (e *Echo) Addr() netip.AddrPort {
	return e.tcp.Addr().(*net.TCPAddr).AddrPort() // a TCPListener has no other address
}

// Serve answers until the context ends, after Listen. It returns nil then, and
// leaves nothing behind.
func (e *Echo) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	defer all.Wait()
	closing := context.AfterFunc(ctx, func() {
		_, _ = e.udp.Close(), e.tcp.Close() // who waits for them is told
	})
	defer closing()
	all.Go(func() {
		if err := e.datagrams(); !errors.Is(err, net.ErrClosed) {
			cancel(fmt.Errorf("echo service: %w", err))
		}
	})
	if err := e.accept(ctx, &all); !errors.Is(err, net.ErrClosed) {
		cancel(fmt.Errorf("echo service: %w", err))
	}
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// firstFree is the first port that not only system services have.
const firstFree = 1024

func (e *Echo) datagrams() error {
	b := make([]byte, 1<<16)
	for {
		n, from, err := e.udp.ReadFromUDPAddrPort(b)
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil, from.Port() < firstFree:
			continue
		}
		// What is lost here is lost on the air, too: the other side copes.
		_, _ = e.udp.WriteToUDPAddrPort(b[:n], from)
	}
}

func (e *Echo) accept(ctx context.Context, all *sync.WaitGroup) error {
	most := e.MaxConns
	if most <= 0 {
		most = 32
	}
	places := make(chan struct{}, most)
	for {
		conn, err := e.tcp.Accept()
		if errors.Is(err, net.ErrClosed) {
			return err
		}
		if err != nil { // out of file descriptors, or it was gone at once
			select {
			case <-ctx.Done():
			case <-time.After(backoffFirst):
			}
			continue
		}
		select {
		case places <- struct{}{}:
			all.Go(func() {
				e.stream(ctx, conn)
				<-places
			})
		default:
			_ = conn.Close() // it was never used
		}
	}
}

// stream echoes a connection until it ends.
func (e *Echo) stream(ctx context.Context, conn net.Conn) {
	idle := e.Idle
	if idle <= 0 {
		idle = time.Minute
	}
	ending := context.AfterFunc(ctx, func() { _ = conn.Close() }) // who works on it is told
	defer ending()
	watchdog := time.AfterFunc(idle, func() { _ = conn.Close() }) // as above
	defer watchdog.Stop()
	b := make([]byte, 32<<10)
	for {
		n, err := conn.Read(b)
		if n > 0 {
			watchdog.Reset(idle)
			if _, err := conn.Write(b[:n]); err != nil {
				break
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				_ = conn.(*net.TCPConn).CloseWrite() // it ends either way
			}
			break
		}
	}
	_ = conn.Close() // it may be closed
}
