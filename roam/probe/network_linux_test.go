package probe

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"roamfault/roam/runlog"
)

// startOn probes over a real interface, where sockets may be had.
func startOn(t testing.TB, iface string, plan runlog.ProbePlan) *Probe {
	t.Helper()
	p, err := Start(t.Context(), Config{Interface: iface, Plan: plan, Clock: systemClock(t)})
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EAFNOSUPPORT) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestLoopback(t *testing.T) {
	for _, to := range []string{"127.0.0.1", "::1"} {
		t.Run(to, func(t *testing.T) {
			if l, err := net.Listen("tcp", net.JoinHostPort(to, "0")); err != nil {
				t.Skip(err)
			} else if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			p := startOn(t, "lo", runlog.ProbePlan{Ping: to, Interval: runlog.Duration(20 * time.Millisecond)})
			begin := p.config.Clock()
			p.Mark(begin)
			p.Connected(begin, testAP)
			until(t, "answered", func() bool { return p.Counts().Answered >= 10 })
			w := p.Window(begin, p.config.Clock())
			if w.Answered < 5 || w.RTT50 <= 0 || w.RTT50 > time.Second || w.Stall != "" {
				t.Errorf("%+v", w)
			}
			if c := p.Counts(); c.Forged+c.Duplicate+c.Stale != 0 {
				t.Errorf("%+v", c)
			}
		})
	}
}

// Two probes at once do not take each other's answers for forged.
func TestTwoProbes(t *testing.T) {
	plan := runlog.ProbePlan{Ping: "127.0.0.1", Interval: runlog.Duration(20 * time.Millisecond)}
	one, two := startOn(t, "lo", plan), startOn(t, "lo", plan)
	for _, p := range []*Probe{one, two} {
		until(t, "answered", func() bool { return p.Counts().Answered >= 5 })
	}
	if a, b := one.Counts(), two.Counts(); a.Forged+b.Forged+a.Duplicate+b.Duplicate != 0 {
		t.Errorf("%+v, %+v", a, b)
	}
}

func TestLoopbackLoad(t *testing.T) {
	address := echoService(t, &Echo{})
	for _, network := range []string{"udp", "tcp"} {
		p := startOn(t, "lo", runlog.ProbePlan{Load: network + "://" + address.String(), Rate: 2e6})
		begin := p.config.Clock()
		until(t, "echoed", func() bool { return p.LoadCounts().Echoed > 100e3 || errors.Is(p.Trouble(), fs.ErrPermission) })
		if err := p.Trouble(); errors.Is(err, fs.ErrPermission) {
			t.Skip(err)
		}
		w := p.Window(begin, p.config.Clock())
		if w.Up <= 0 || w.Down <= 0 || w.Sent != 0 {
			t.Errorf("%s: %+v", network, w)
		}
	}
}

func TestNoInterface(t *testing.T) {
	p := startOn(t, "nosuch0", runlog.ProbePlan{Ping: "gateway", Load: "udp://127.0.0.1:9"})
	if err := p.Trouble(); !errors.Is(err, unix.ENODEV) || strings.Contains(err.Error(), "\n") {
		t.Errorf("trouble %v", err)
	}
	if _, err := Start(t.Context(), Config{Interface: "an interface's name that is too long", Clock: systemClock(t)}); err != nil {
		t.Logf("a name too long: %v", err)
	}
}

// The loopback interface has no gateway, and counts what it receives.
func TestDevice(t *testing.T) {
	d, err := newNetwork("lo")
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if a, err := d.gateway(); !errors.Is(err, ErrNoAddress) {
		t.Errorf("gateway %v, error %v", a, err)
	}
	before, err := d.received()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.dial(t.Context(), "udp", echoService(t, &Echo{}).String())
	if err != nil {
		t.Skip(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	until(t, "counted", func() bool {
		after, err := d.received()
		return err == nil && after > before
	})
	if i, err := d.index(); err != nil || i <= 0 {
		t.Errorf("index %d, error %v", i, err)
	}
}

// Two echo services must not talk to each other.
func TestEchoOfService(t *testing.T) {
	address := echoService(t, &Echo{})
	service, err := net.ListenPacket("udp", "127.0.0.1:1023")
	if err != nil {
		t.Skip(err)
	}
	defer service.Close()
	if _, err := service.WriteTo([]byte("abc"), net.UDPAddrFromAddrPort(address)); err != nil {
		t.Fatal(err)
	}
	// What is answered comes behind what is not.
	other, err := dialLocal(t.Context(), "udp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if n, err := other.Read(make([]byte, 9)); n != 3 || err != nil {
		t.Errorf("%d bytes, error %v", n, err)
	}
	if err := service.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, _, err := service.ReadFrom(make([]byte, 9)); err == nil {
		t.Errorf("%d bytes for a service", n)
	}
}

func TestAge(t *testing.T) {
	for _, oob := range [][]byte{nil, {1}, make([]byte, 8), make([]byte, 16), make([]byte, 40)} {
		if got := age(oob); got != 0 {
			t.Errorf("%x: %v", oob, got)
		}
	}
}

func FuzzAge(f *testing.F) {
	f.Add([]byte{32, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 35, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, oob []byte) {
		if got := age(oob); got < 0 || got >= time.Second {
			t.Errorf("%v", got)
		}
	})
}

func BenchmarkEcho(b *testing.B) {
	d, err := newNetwork("lo")
	if err != nil {
		b.Fatal(err)
	}
	defer d.close()
	w, err := d.open(false)
	if err != nil {
		b.Skip(err)
	}
	defer w.close()
	e := testEcho
	e.id = w.id()
	var m [packetLen]byte
	buffer := make([]byte, receiveLen)
	to := netip.MustParseAddr("127.0.0.1")
	b.ReportAllocs()
	for b.Loop() {
		e.number++
		e.put(&m)
		if err := w.send(to, m[:]); err != nil {
			b.Fatal(err)
		}
		for {
			got, _, _, err := w.receive(buffer)
			if err != nil {
				b.Fatal(err)
			}
			if r, ok := parseReply(got, false); ok && r.number == e.number {
				break
			}
		}
	}
}

// BenchmarkLoad gives what a load of 1 Mbit/s each way takes of one processor,
// that of the echo service included.
func BenchmarkLoad(b *testing.B) {
	for _, network := range []string{"udp", "tcp"} {
		b.Run(network, func(b *testing.B) {
			address := echoService(b, &Echo{})
			p := startOn(b, "lo", runlog.ProbePlan{Ping: "127.0.0.1", Load: network + "://" + address.String(), Rate: 1e6})
			until(b, "echoed", func() bool { return p.LoadCounts().Echoed > 0 })
			begin, before := p.config.Clock(), processorTime(b)
			for b.Loop() {
				time.Sleep(time.Second)
			}
			end := p.config.Clock()
			w := p.Window(begin, end)
			b.ReportMetric(100*(processorTime(b)-before).Seconds()/(end.Monotonic-begin.Monotonic).Seconds(), "%core")
			b.ReportMetric(w.Up, "up-bit/s")
			b.ReportMetric(w.Down, "down-bit/s")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
