package probe

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roamfault/roam/runlog"
)

// echoService is one on this machine, until the test ends.
func echoService(t testing.TB, e *Echo) netip.AddrPort {
	t.Helper()
	if err := e.Listen(t.Context(), "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return e.Addr()
}

func dialLocal(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// testLoad is a load to an address, not running.
func testLoad(t testing.TB, url string, rate float64, dial func(context.Context, string, string) (net.Conn, error)) *load {
	t.Helper()
	begin := time.Now()
	l, err := newLoad(runlog.ProbePlan{Load: url, Rate: rate}, func() time.Duration { return time.Hour + time.Since(begin) }, dial)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// running runs it until the test ends.
func running(t testing.TB, l *load) *load {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return l
}

// until waits for something to become true.
func until(t testing.TB, what string, yes func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatalf("not %s after 20 s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestLoad(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			address := echoService(t, &Echo{})
			l := testLoad(t, network+"://"+address.String(), 4e6, dialLocal)
			var answers atomic.Int64
			l.answered = func(source, time.Duration) { answers.Add(1) }
			begin := l.now()
			running(t, l)
			until(t, "echoed", func() bool { return l.counted().Echoed > 300e3 })
			up, down := l.rates(begin, l.now())
			c := l.counted()
			if up <= 0 || down <= 0 || up > 8e6 || down > 8e6 {
				t.Errorf("up %g, down %g", up, down)
			}
			if c.Corrupt != 0 || c.Duplicate != 0 || c.Dialed != 1 || c.Sent < c.Echoed || answers.Load() == 0 || l.trouble() != nil {
				t.Errorf("%+v, %d answers, trouble %v", c, answers.Load(), l.trouble())
			}
			l.held.Store(true)
			time.Sleep(2 * paceMost) // one may be under way
			sent := l.counted().Sent
			time.Sleep(4 * paceMost)
			if got := l.counted().Sent; got != sent {
				t.Errorf("held back it sent %d bytes", got-sent)
			}
		})
	}
}

// tampering is a connection that comes back changed.
type tampering struct {
	net.Conn
	after int // bytes
}

func (c *tampering) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.after -= n; n > 0 && c.after < 0 {
		b[n-1] ^= 1
	}
	return n, err
}

func TestCorruption(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			address := echoService(t, &Echo{})
			l := testLoad(t, network+"://"+address.String(), 4e6, func(ctx context.Context, network, address string) (net.Conn, error) {
				c, err := dialLocal(ctx, network, address)
				if err != nil {
					return nil, err
				}
				return &tampering{c, 100e3}, nil
			})
			running(t, l)
			until(t, "corrupted", func() bool { return l.counted().Corrupt > 0 })
			// What was read together with the damage does not count.
			if l.counted().Echoed < 60e3 {
				t.Errorf("%+v", l.counted())
			}
			if network == "tcp" {
				until(t, "connected anew", func() bool { return l.counted().Dialed > 1 })
			}
		})
	}
}

// A connection that is lost is made anew.
func TestReconnect(t *testing.T) {
	address := echoService(t, &Echo{})
	var last atomic.Pointer[net.TCPConn]
	l := testLoad(t, "tcp://"+address.String(), 4e6, func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialLocal(ctx, network, address)
		if err != nil {
			return nil, err
		}
		last.Store(c.(*net.TCPConn))
		return c, nil
	})
	running(t, l)
	for i := 1; i <= 3; i++ {
		echoed := l.counted().Echoed
		until(t, "echoed", func() bool { return l.counted().Dialed == i && l.counted().Echoed > echoed })
		if err := last.Load().SetLinger(0); err != nil {
			t.Fatal(err)
		}
		_ = last.Load().Close() // it is reset by it
		until(t, "lost", func() bool { return l.trouble() != nil || l.counted().Dialed > i })
	}
	if c := l.counted(); c.Corrupt != 0 {
		t.Errorf("%+v", c)
	}
}

// A connection that is lost while the load is held back is made anew behind that.
func TestHeldBack(t *testing.T) {
	address := echoService(t, &Echo{})
	var last atomic.Pointer[net.TCPConn]
	l := testLoad(t, "tcp://"+address.String(), 4e6, func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialLocal(ctx, network, address)
		if err != nil {
			return nil, err
		}
		last.Store(c.(*net.TCPConn))
		return c, nil
	})
	running(t, l)
	until(t, "echoed", func() bool { return l.counted().Echoed > 0 })
	l.held.Store(true)
	_ = last.Load().Close() // the test is about this
	until(t, "lost", func() bool { return l.trouble() != nil })
	time.Sleep(2 * backoffFirst)
	if got := l.counted().Dialed; got != 1 {
		t.Errorf("connected %d times", got)
	}
	l.held.Store(false)
	l.wake()
	until(t, "connected anew", func() bool { return l.counted().Dialed == 2 })
}

// Nobody there is trouble, and a Mark lets it try at once.
func TestNobodyThere(t *testing.T) {
	var dialed atomic.Int64
	refused := errors.New("refused\nby somebody")
	l := testLoad(t, "tcp://192.0.2.1:7", 1e6, func(context.Context, string, string) (net.Conn, error) {
		dialed.Add(1)
		return nil, refused
	})
	running(t, l)
	until(t, "in trouble", func() bool { return l.trouble() != nil })
	if err := l.trouble(); !errors.Is(err, refused) || !strings.Contains(err.Error(), "tcp://192.0.2.1:7") {
		t.Errorf("trouble %v", err)
	}
	for range 5 {
		before := dialed.Load()
		l.wake()
		until(t, "tried", func() bool { return dialed.Load() > before })
	}
}

func TestTakeDatagram(t *testing.T) {
	l := testLoad(t, "udp://192.0.2.1:7", 1e6, nil)
	begin := l.now()
	number, sent := uint64(5), begin
	good := func() []byte {
		b := make([]byte, loadHeader, datagramLen)
		b[7] = byte(number)
		for i := range 8 {
			b[8+i] = byte(uint64(sent) >> (56 - 8*i))
		}
		return append(b, l.filling(number)...)
	}
	var seen window
	if !l.takeDatagram(good(), begin, &seen) {
		t.Error("a good one is not taken")
	}
	if l.takeDatagram(good(), begin, &seen) || l.counted().Duplicate != 1 {
		t.Errorf("a second one: %+v", l.counted())
	}
	for i, change := range []func(b []byte) []byte{
		func(b []byte) []byte { b[7]++; return b },
		func(b []byte) []byte { b[8]++; return b },
		func([]byte) []byte { sent = begin - 1; return good() },
		func(b []byte) []byte { b[datagramLen-1]++; return b },
		func(b []byte) []byte { return b[:datagramLen-1] },
		func(b []byte) []byte { return append(b, 0) },
		func([]byte) []byte { return nil },
	} {
		number, sent = 6, begin
		if l.takeDatagram(change(good()), begin, &seen) || l.counted().Corrupt != i+1 {
			t.Errorf("change %d: %+v", i, l.counted())
		}
	}
	if got := l.counted(); got.Echoed != datagramLen {
		t.Errorf("%+v", got)
	}
}

func FuzzDatagram(f *testing.F) {
	f.Add(make([]byte, datagramLen))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0})
	l := testLoad(f, "udp://192.0.2.1:7", 1e6, nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		var seen window
		if l.takeDatagram(b, l.now(), &seen) {
			t.Errorf("%x is taken for an echo", b)
		}
	})
}

// TCP may cut the stream anywhere.
func TestTakeStream(t *testing.T) {
	l := testLoad(t, "tcp://192.0.2.1:7", 1e6, nil)
	stream := bytes.Repeat(l.pool[:poolLen], 3)
	at, ok := 0, true
	for size := 1; len(stream) > 0; size = size*3 + 1 {
		n := min(size, len(stream))
		if at, ok = l.takeStream(stream[:n], at, true); !ok {
			t.Fatalf("at %d", at)
		}
		stream = stream[n:]
	}
	if at != 0 || l.counted().Echoed != 3*poolLen {
		t.Errorf("at %d, %+v", at, l.counted())
	}
	if _, ok := l.takeStream(l.pool[1:9], 0, true); ok || l.counted().Corrupt != 1 {
		t.Errorf("%+v", l.counted())
	}
}

func TestEchoBounds(t *testing.T) {
	address := echoService(t, &Echo{MaxConns: 2, Idle: 300 * time.Millisecond}).String()
	talk := func(c net.Conn) error {
		if _, err := c.Write([]byte("abc")); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 3))
		return err
	}
	var conns []net.Conn
	for range 2 {
		c, err := dialLocal(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := talk(c); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	third, err := dialLocal(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if err := talk(third); err == nil {
		t.Error("a third connection is served")
	}
	// Who is silent has to make room.
	for _, c := range conns {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a silent connection is kept")
		}
	}
	until(t, "served", func() bool {
		c, err := dialLocal(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		defer c.Close()
		return talk(c) == nil
	})
}

func TestEchoAddressTaken(t *testing.T) {
	address := echoService(t, &Echo{}).String()
	var second Echo
	if err := second.Listen(t.Context(), address); err == nil {
		t.Error("it is listened to twice")
	}
}

// BenchmarkDatagram is one datagram to and fro.
func BenchmarkDatagram(b *testing.B) {
	address := echoService(b, &Echo{})
	conn, err := dialLocal(b.Context(), "udp", address.String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	l := testLoad(b, "udp://"+address.String(), 1e6, nil)
	message, got := make([]byte, datagramLen), make([]byte, datagramLen+1)
	var seen window
	number := uint64(0)
	begin := l.now()
	b.SetBytes(datagramLen)
	b.ReportAllocs()
	for b.Loop() {
		l.putDatagram(message, number, l.now())
		number++
		if _, err := conn.Write(message); err != nil {
			b.Fatal(err)
		}
		n, err := conn.Read(got)
		if err != nil || !l.takeDatagram(got[:n], begin, &seen) {
			b.Fatal(err)
		}
	}
}
