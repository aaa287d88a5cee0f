package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// fakeNet is an interface whose gateway answers as a test wants it to.
type fakeNet struct {
	mu      sync.Mutex
	number  int
	at      netip.Addr
	sendErr error
	// answer makes the answers to a request, and after is when they come.
	answer func(request []byte, to netip.Addr) []fakeAnswer
	after  time.Duration
	wires  []*fakeWire
	sent   int
	data   uint64 // packets received; 0: nobody counts them
}

type fakeAnswer struct {
	message []byte
	from    netip.Addr
}

var (
	gateway1 = netip.MustParseAddr("192.0.2.1")
	gateway2 = netip.MustParseAddr("192.0.2.2")
)

func echoing(request []byte, to netip.Addr) []fakeAnswer { return []fakeAnswer{{reply(request), to}} }

func silent([]byte, netip.Addr) []fakeAnswer { return nil }

func newFakeNet() *fakeNet { return &fakeNet{number: 3, at: gateway1, answer: echoing, after: 3 * ms} }

// set changes something of it.
func (n *fakeNet) set(f func(n *fakeNet)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f(n)
}

func (n *fakeNet) index() (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.number == 0 {
		return 0, syscall.ENODEV
	}
	return n.number, nil
}

func (n *fakeNet) gateway() (netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.at.IsValid() {
		return netip.Addr{}, ErrNoAddress
	}
	return n.at, nil
}

func (n *fakeNet) received() (uint64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.data == 0 {
		return 0, syscall.ENODEV
	}
	return n.data, nil
}

func (*fakeNet) dial(context.Context, string, string) (net.Conn, error) {
	return nil, syscall.ENETUNREACH
}

func (*fakeNet) close() error { return nil }

func (n *fakeNet) open(bool) (wire, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := &fakeWire{net: n, number: n.number, come: make(chan fakeAnswer, 1000), failing: make(chan error), ended: make(chan struct{})}
	n.wires = append(n.wires, w)
	return w, nil
}

type fakeWire struct {
	net     *fakeNet
	number  int
	come    chan fakeAnswer
	failing chan error
	ended   chan struct{}
}

func (*fakeWire) id() uint16 { return testEcho.id }

func (w *fakeWire) send(to netip.Addr, message []byte) error {
	w.net.mu.Lock()
	defer w.net.mu.Unlock()
	switch {
	case w.net.sendErr != nil:
		return fmt.Errorf("send: %w", w.net.sendErr)
	case w.number != w.net.number:
		return fmt.Errorf("send: %w", syscall.ENODEV)
	}
	w.net.sent++
	for _, a := range w.net.answer(bytes.Clone(message), to) {
		time.AfterFunc(w.net.after, func() { w.come <- a })
	}
	return nil
}

func (w *fakeWire) receive([]byte) ([]byte, netip.Addr, time.Duration, error) {
	select {
	case a := <-w.come:
		return a.message, a.from, 0, nil
	case err := <-w.failing:
		return nil, netip.Addr{}, 0, err
	case <-w.ended:
		return nil, netip.Addr{}, 0, net.ErrClosed
	}
}

func (w *fakeWire) close() error {
	close(w.ended)
	return nil
}

// bubble runs a probe on a fake interface in a time of its own.
type bubble struct {
	*Probe
	net     *fakeNet
	records []string
	clock   func() runlog.Moment
}

func inBubble(t *testing.T, plan runlog.ProbePlan, f func(t *testing.T, b *bubble)) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		b := &bubble{net: newFakeNet()}
		b.clock = func() runlog.Moment {
			return runlog.Moment{Wall: time.Now(), Monotonic: time.Hour + time.Since(begin), Boot: 2*time.Hour + time.Since(begin)}
		}
		var err error
		b.Probe, err = start(t.Context(), Config{
			Interface: "wlan0", Plan: plan, Clock: b.clock, Boot: "b1",
			Emit: func(r journal.Record) {
				b.records = append(b.records, r.Message)
				b.Window(b.clock(), b.clock()) // it may be asked for
			},
		}, b.net)
		if err != nil {
			t.Fatal(err)
		}
		f(t, b)
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// pass lets time pass, and everything happen that is due.
func (b *bubble) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

var gatewayPlan = runlog.ProbePlan{Ping: "gateway"}

func TestPing(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		begin := b.clock()
		b.Connected(begin, testAP)
		b.pass(10*time.Second + 100*ms)
		want := runlog.Probe{Sent: 51, Answered: 51, Longest: 200 * ms, RTT50: 3 * ms, RTT99: 3 * ms}
		if got := b.Window(begin, b.clock()); got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if err := b.Trouble(); err != nil {
			t.Error(err)
		}
	})
}

// A port that was opened is probed often until something passes.
func TestMark(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.Connected(b.clock(), testAP)
		b.pass(1050 * ms)
		b.Left(b.clock())
		b.net.set(func(n *fakeNet) { n.answer = silent })
		sent := b.Counts().Sent
		b.pass(time.Second)
		if got := b.Counts().Sent; got != sent {
			t.Errorf("%d requests were sent in a roam", got-sent)
		}
		marked := b.clock()
		told := b.Mark(marked)
		b.Connected(marked, testAP)
		if _, ok := b.FirstAnswer(); ok {
			t.Error("answered before anything was asked")
		}
		b.pass(310 * ms)
		if got := b.Counts().Sent; got != sent+16 {
			t.Errorf("%d requests in 310 ms", got-sent)
		}
		b.net.set(func(n *fakeNet) { n.answer = echoing })
		b.pass(time.Second)
		if first := <-told - marked.Monotonic; first != 323*ms {
			t.Errorf("first answer after %v", first)
		}
		if got := b.Counts().Sent - sent; got < 20 || got > 23 {
			t.Errorf("%d requests in 1.3 s", got)
		}
		if at, ok := b.FirstAnswer(); !ok || at != marked.Monotonic+323*ms {
			t.Errorf("first answer at %v, %t", at, ok)
		}
	})
}

// Nobody who answers is not asked for ever at that pace, and one who answered
// before the Mark was heard of is known.
func TestMarkLong(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.pass(time.Second)
		earlier := b.clock()
		b.pass(time.Second)
		if first := <-b.Mark(earlier); first > earlier.Monotonic+210*ms {
			t.Errorf("first answer %v after the mark", first-earlier.Monotonic)
		}
		b.net.set(func(n *fakeNet) { n.answer = silent })
		b.pass(time.Second)
		old := b.Mark(b.clock())
		b.pass(10 * time.Second)
		sent := b.Counts().Sent
		b.pass(10 * time.Second)
		if got := b.Counts().Sent - sent; got < 49 || got > 51 {
			t.Errorf("%d requests in 10 s", got)
		}
		told := b.Mark(b.clock())
		b.net.set(func(n *fakeNet) { n.answer = echoing })
		b.pass(time.Second)
		if len(old) != 0 || len(told) != 1 {
			t.Errorf("told %d times to the old one, %d times to the new one", len(old), len(told))
		}
	})
}

func TestNoGateway(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.net.set(func(n *fakeNet) { n.at = netip.Addr{} })
		b.Connected(b.clock(), testAP)
		b.pass(20 * time.Second)
		if err := b.Trouble(); !errors.Is(err, ErrNoAddress) {
			t.Errorf("trouble %v", err)
		}
		unsent := b.Counts().Unsent
		if unsent < 70 || len(b.records) != 0 {
			t.Errorf("%d unsent, records %q", unsent, b.records)
		}
		b.net.set(func(n *fakeNet) { n.at = gateway2 })
		b.pass(2 * time.Second)
		if c := b.Counts(); c.Unsent > unsent+6 || b.Trouble() != nil || b.Window(runlog.Moment{}, b.clock()).Stall != "" {
			t.Errorf("%+v, trouble %v", c, b.Trouble())
		}
	})
}

// The first gateway is given up for the second one, whose silence means nothing.
func TestGatewayChanges(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.Connected(b.clock(), testAP)
		b.pass(time.Second)
		b.net.set(func(n *fakeNet) {
			n.at = gateway2
			n.answer = func(request []byte, to netip.Addr) []fakeAnswer {
				if to == gateway1 {
					return echoing(request, to)
				}
				return nil
			}
		})
		b.pass(20 * time.Second)
		if err := b.Trouble(); !errors.Is(err, ErrNeverAnswered) || !strings.Contains(err.Error(), gateway2.String()) {
			t.Errorf("trouble %v", err)
		}
		if len(b.records) != 0 {
			t.Errorf("records %q", b.records)
		}
	})
}

func TestInterfaceComesBack(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.pass(time.Second)
		b.net.set(func(n *fakeNet) { n.number = 0 })
		b.pass(10 * time.Second)
		if err := b.Trouble(); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("trouble %v", err)
		}
		answered := b.Counts().Answered
		b.net.set(func(n *fakeNet) { n.number = 7 })
		b.pass(3 * time.Second)
		if c := b.Counts(); c.Answered < answered+9 || b.Trouble() != nil || len(b.net.wires) != 2 {
			t.Errorf("%+v, trouble %v, %d sockets", c, b.Trouble(), len(b.net.wires))
		}
	})
}

// A socket that does nothing but fail is made anew.
func TestBrokenSocket(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.pass(time.Second)
		for range maxFailures {
			b.net.wires[0].failing <- syscall.ENETDOWN
		}
		b.pass(5 * time.Second)
		if len(b.net.wires) != 2 || b.Counts().Answered < 20 {
			t.Errorf("%d sockets, %+v", len(b.net.wires), b.Counts())
		}
	})
}

// What is not answered, and what cannot be sent.
func TestSendErrors(t *testing.T) {
	for _, tt := range []struct {
		err    error
		counts bool // as asked
	}{
		{syscall.EHOSTUNREACH, true}, {syscall.ENOBUFS, true}, {syscall.ENETUNREACH, false}, {syscall.ENETDOWN, false}, {syscall.ENODEV, false},
		{syscall.EPERM, false},
	} {
		t.Run(tt.err.Error(), func(t *testing.T) {
			inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
				b.Connected(b.clock(), testAP)
				b.pass(1050 * ms)
				b.net.set(func(n *fakeNet) { n.sendErr = tt.err })
				b.pass(5 * time.Second)
				if got := b.Window(runlog.Moment{}, b.clock()).Stall; (got == Both) != tt.counts {
					t.Errorf("stall %q", got)
				}
				if c := b.Counts(); (c.Unsent > 20) == tt.counts {
					t.Errorf("%+v", c)
				}
				b.net.set(func(n *fakeNet) { n.sendErr = nil })
				b.pass(3 * time.Second)
				if err := b.Trouble(); err != nil || len(b.records) != 0 != tt.counts {
					t.Errorf("trouble %v, records %q", err, b.records)
				}
			})
		})
	}
}

func TestForgeries(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.net.set(func(n *fakeNet) {
			n.answer = func(request []byte, to netip.Addr) []fakeAnswer {
				changed := func(at int) []byte {
					forged := bytes.Clone(request)
					forged[at] ^= 0x10
					forged[2], forged[3] = 0, 0
					return reply(forged)
				}
				return []fakeAnswer{
					{changed(headerLen), to},                 // the cookie
					{changed(headerLen + cookieLen + 1), to}, // the number
					{changed(packetLen - 1), to},             // the time
					{reply(request), gateway2},               // the sender
					{changed(4), to},                         // another program's
					{request, to},                            // our own
					{[]byte("garbage"), to},                  // nobody's
					{reply(request), to},                     // the answer
					{reply(request), to},                     // once more
				}
			}
		})
		b.pass(1050 * ms)
		c := b.Counts()
		if want := (Counts{Sent: c.Sent, Answered: c.Sent, Duplicate: c.Sent, Forged: 4 * c.Sent}); c != want || c.Sent < 5 {
			t.Errorf("got  %+v\nwant %+v", c, want)
		}
	})
}

func TestRecords(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.Connected(b.clock(), testAP)
		b.pass(1050 * ms)
		b.net.set(func(n *fakeNet) { n.answer = silent })
		b.pass(5 * time.Second)
		b.net.set(func(n *fakeNet) { n.answer = echoing })
		b.pass(time.Second)
		b.net.set(func(n *fakeNet) { n.answer = silent })
		b.pass(4 * time.Second)
		b.Left(b.clock())
		want := []string{
			"wlan0: data stall: nothing was answered for 2.0 s (both directions) while connected to 02:00:00:00:01:00",
			"wlan0: data pass again after 5.0 s (both directions) while connected to 02:00:00:00:01:00",
			"wlan0: data stall: nothing was answered for 2.0 s (both directions) while connected to 02:00:00:00:01:00",
			"wlan0: data stall was left after 3.9 s (both directions) while connected to 02:00:00:00:01:00",
		}
		if strings.Join(b.records, "\n") != strings.Join(want, "\n") {
			t.Errorf("records:\n%s", strings.Join(b.records, "\n"))
		}
	})
}

// Other data come, and nothing of ours gets through.
func TestFeed(t *testing.T) {
	inBubble(t, gatewayPlan, func(t *testing.T, b *bubble) {
		b.Connected(b.clock(), testAP)
		b.pass(1050 * ms)
		b.net.set(func(n *fakeNet) { n.answer = silent })
		begin := b.clock()
		for i := range uint64(6) {
			b.net.set(func(n *fakeNet) { n.data = 100 + 20*i })
			b.Feed(b.clock(), Figures{Connection: Counters{RxPackets: 10 * i, TxPackets: 10 * i}})
			b.pass(500 * ms)
		}
		if got := b.Window(begin, b.clock()).Stall; got != Up {
			t.Errorf("stall %q", got)
		}
		if len(b.records) != 1 || !strings.Contains(b.records[0], " s (up) while ") {
			t.Errorf("records %q", b.records)
		}
		// One link of two is lost, while the other one brings the answers.
		b.net.set(func(n *fakeNet) { n.answer = echoing })
		b.pass(time.Second)
		begin = b.clock()
		for i := range uint64(6) {
			b.Feed(b.clock(), Figures{Links: []LinkCounters{
				{0, Counters{RxPackets: 10 * i, TxPackets: 10 * i}}, {3, Counters{RxPackets: 10 * i, TxPackets: 10 * i, TxFailed: 10 * i}},
			}})
			b.pass(time.Second)
		}
		if got := b.Window(begin, b.clock()); got.Stall != "link 3" || got.Answered != got.Sent {
			t.Errorf("%+v", got)
		}
	})
}

func TestFiguresOf(t *testing.T) {
	one := func(n uint32) nl80211.Figures {
		return nl80211.Figures{
			RxPackets: dot11.Some(n), TxPackets: dot11.Some(n + 1), TxFailed: dot11.Some(n + 2), TxRetries: dot11.Some(n + 3),
			BeaconsReceived: dot11.Some(uint64(n + 4)),
		}
	}
	got := FiguresOf(&nl80211.Station{Figures: one(10), Links: []nl80211.StationLink{{ID: 0, Figures: one(20)}, {ID: 1}, {ID: 2, Figures: one(30)}}})
	counters := func(n uint64) Counters {
		return Counters{RxPackets: n, TxPackets: n + 1, TxFailed: n + 2, TxRetries: n + 3, Beacons: n + 4}
	}
	want := Figures{Connection: counters(10), Links: []LinkCounters{{0, counters(20)}, {2, counters(30)}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A record says when it was, on both clocks, whenever it is written.
func TestRecord(t *testing.T) {
	now := runlog.Moment{Wall: time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC), Monotonic: 110 * time.Second}
	r := record(Stall{Kind: "link 1", Begin: 97900 * ms, Told: 100 * time.Second, AP: testAP}, "wlan0\n\x1b[1m", "b1", now)
	want := "wlan0: data stall: nothing was answered for 2.1 s (link 1) while connected to 02:00:00:00:01:00"
	if r.Message != want || r.Identifier != Identifier || r.Boot != "b1" || r.Priority != warning {
		t.Errorf("record %+v", r)
	}
	if !r.Time.Real() || !r.Time.Wall.Equal(now.Wall.Add(-10*time.Second)) || !r.Time.HasMono || r.Time.Mono != 100*time.Second {
		t.Errorf("time %+v", r.Time)
	}
}

// A stall that goes on when the probe ends is told as over.
func TestCloseInStall(t *testing.T) {
	var b *bubble
	inBubble(t, gatewayPlan, func(_ *testing.T, it *bubble) {
		b = it
		b.Connected(b.clock(), testAP)
		b.pass(time.Second)
		b.net.set(func(n *fakeNet) { n.answer = silent })
		b.pass(4 * time.Second)
	})
	if len(b.records) != 2 || !strings.Contains(b.records[1], "was left") {
		t.Errorf("records %q", b.records)
	}
	if stalls := b.Stalls(); len(stalls) != 1 || !stalls[0].Left || stalls[0].End == 0 {
		t.Errorf("stalls %+v", stalls)
	}
}

// All routers of a link answer each for itself.
func TestAllRouters(t *testing.T) {
	router := netip.MustParseAddr("fe80::1%wlan0")
	for _, tt := range []struct {
		from, to netip.Addr
		want     bool
	}{
		{router, allRouters.WithZone("wlan0"), true}, {netip.MustParseAddr("2001:db8::1"), allRouters, false},
		{router.WithZone(""), router, true}, {gateway1, gateway1, true}, {gateway1, gateway2, false}, {netip.Addr{}, gateway1, false},
	} {
		if got := answers(tt.from, tt.to); got != tt.want {
			t.Errorf("%v for %v: %t", tt.from, tt.to, got)
		}
	}
}

// A probe of nothing says nothing, and does nothing.
func TestNothingPlanned(t *testing.T) {
	inBubble(t, runlog.ProbePlan{}, func(t *testing.T, b *bubble) {
		b.Connected(b.clock(), testAP)
		b.Mark(b.clock())
		b.pass(time.Minute)
		if got := b.Window(runlog.Moment{}, b.clock()); got != (runlog.Probe{}) || b.Trouble() != nil || len(b.net.wires) != 0 {
			t.Errorf("%+v, trouble %v", got, b.Trouble())
		}
	})
}

func TestBadPlans(t *testing.T) {
	for _, plan := range []runlog.ProbePlan{
		{Ping: "somebody"}, {Load: "udp://192.0.2.1"}, {Load: "sctp://192.0.2.1:7"}, {Load: "192.0.2.1:7"}, {Load: "udp://192.0.2.1:7/x"},
		{Load: "udp://192.0.2.1:7", Rate: -1}, {Load: "udp://192.0.2.1:7", Rate: 1e12}, {Load: "tcp://:7"},
	} {
		n := newFakeNet()
		if _, err := start(t.Context(), Config{Interface: "wlan0", Plan: plan, Clock: func() runlog.Moment { return runlog.Moment{} }}, n); err == nil {
			t.Errorf("%+v was taken", plan)
		} else if strings.ContainsAny(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	}
}

// A load goes to the gateway of the moment where it is named so, and else where it
// is sent.
func TestLoadToGateway(t *testing.T) {
	n := &dialed{fakeNet: &fakeNet{at: netip.MustParseAddr("fe80::1")}}
	dial := dialOver(n)
	for address, want := range map[string]string{"gateway:7": "[fe80::1]:7", "192.0.2.1:7": "192.0.2.1:7"} {
		if _, err := dial(t.Context(), "udp", address); err != nil || n.to != want {
			t.Errorf("%s: to %q, error %v, want %s", address, n.to, err, want)
		}
	}
}

// dialed remembers where to.
type dialed struct {
	*fakeNet
	to string
}

func (d *dialed) dial(_ context.Context, _, address string) (net.Conn, error) {
	d.to = address
	return nil, nil
}
