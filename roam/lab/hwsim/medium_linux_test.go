package hwsim

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"roamfault/nl80211/dot11"
)

// kernelEnd is the driver's end of a medium's socket.
type kernelEnd struct {
	t  testing.TB
	fd int
}

// pair gives a medium whose socket ends in the test, and whose control is fn.
func pair(t testing.TB, fn genltest.Func) (*Medium, kernelEnd) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSocket(fds[0])
	if err != nil {
		t.Fatal(err)
	}
	if fn == nil {
		fn = func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, nil }
	}
	c := &control{conn: genltest.Dial(fn), family: testFamily}
	m := newMedium(c, s, nil)
	t.Cleanup(func() {
		if err := m.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			t.Error(err)
		}
		_ = unix.Close(fds[1])
	})
	return m, kernelEnd{t: t, fd: fds[1]}
}

func (k kernelEnd) say(messages ...[]byte) {
	k.t.Helper()
	for _, b := range messages {
		if _, err := unix.Write(k.fd, b); err != nil {
			k.t.Fatal(err)
		}
	}
}

// hear returns the next batch, nil if there is none.
func (k kernelEnd) hear() []byte {
	k.t.Helper()
	b := make([]byte, 1<<17)
	n, err := unix.Read(k.fd, b)
	if errors.Is(err, unix.EAGAIN) {
		return nil
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return b[:n]
}

func soon() time.Time { return time.Now().Add(10 * time.Second) }

func TestReceive(t *testing.T) {
	m, k := pair(t, nil)
	addr := dot11.Addr{0x02, 0, 0, 0, 3, 0}
	k.say(listens(commandAddAddress, addr), kernelAnswer(seqInject, 22), sentFrame(probeRequest(), 1), sentFrame(probeRequest(), 2))
	events, err := m.Receive(soon())
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	for _, e := range events {
		got = append(got, e.Kind, e.Frame.Cookie)
	}
	want := []any{AddressAdded, uint64(0), FrameSent, uint64(1), FrameSent, uint64(2)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(probeRequest(), events[1].Frame.Data); diff != "" {
		t.Errorf("frame (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Stats{Frames: 2, Unheard: 1}, m.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// More than one system call takes comes in order.
func TestReceiveMany(t *testing.T) {
	m, k := pair(t, nil)
	const frames = 3*datagrams + 1
	for i := range uint64(frames) {
		k.say(sentFrame(probeRequest(), i))
	}
	var cookies uint64
	for cookies < frames {
		events, err := m.Receive(soon())
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			t.Fatalf("%d frames of %d came", cookies, frames)
		}
		for _, e := range events {
			if e.Frame.Cookie != cookies {
				t.Fatalf("frame %d came as number %d", e.Frame.Cookie, cookies)
			}
			cookies++
		}
	}
}

func TestReceiveCutOff(t *testing.T) {
	m, k := pair(t, nil)
	k.say(sentFrame(make([]byte, datagramLen), 1), sentFrame(probeRequest(), 2))
	events, err := m.Receive(soon())
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || events[0].Frame.Cookie != 2 {
		t.Errorf("events %+v, want the second frame alone", events)
	}
	if got := m.Stats().Malformed; got != 1 {
		t.Errorf("%d malformed, want 1", got)
	}
}

// Answers alone are nobody's event: Receive goes on to wait.
func TestReceiveDeadline(t *testing.T) {
	m, k := pair(t, nil)
	k.say(kernelAnswer(seqInject, 22), kernelAnswer(seqStatus, 22))
	events, err := m.Receive(time.Now().Add(20 * time.Millisecond))
	if err != nil || len(events) != 0 {
		t.Errorf("events %+v, error %v at the deadline", events, err)
	}
	if diff := cmp.Diff(Stats{Unheard: 1, Late: 1}, m.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
	k.say(sentFrame(probeRequest(), 5))
	events, err = m.Receive(time.Now().Add(-time.Hour))
	if err != nil || len(events) != 1 {
		t.Errorf("events %+v, error %v: who is late must hear what is there", events, err)
	}
	if events, err = m.Receive(time.Now().Add(-time.Hour)); err != nil || len(events) != 0 {
		t.Errorf("events %+v, error %v when late and nothing is there", events, err)
	}
	k.say(sentFrame(probeRequest(), 6))
	if events, err = m.Receive(time.Time{}); err != nil || len(events) != 1 {
		t.Errorf("events %+v, error %v without deadline", events, err)
	}
}

func TestWake(t *testing.T) {
	m, k := pair(t, nil)
	for _, when := range []string{"before", "meanwhile"} {
		if when == "before" {
			m.Wake()
		} else {
			time.AfterFunc(20*time.Millisecond, m.Wake)
		}
		events, err := m.Receive(time.Time{})
		if err != nil || len(events) != 0 {
			t.Errorf("woken %s: events %+v, error %v", when, events, err)
		}
	}
	time.AfterFunc(20*time.Millisecond, func() { k.say(sentFrame(probeRequest(), 1)) })
	if events, err := m.Receive(soon()); err != nil || len(events) != 1 {
		t.Errorf("after it was woken: events %+v, error %v", events, err)
	}
}

func TestClose(t *testing.T) {
	m, _ := pair(t, nil)
	closed := make(chan error, 1)
	time.AfterFunc(20*time.Millisecond, func() { closed <- m.Close() })
	if _, err := m.Receive(time.Time{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("receive from a closed medium: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := m.Inject(testRadio(), 5180, -40, 0, probeRequest()); err != nil {
		t.Error(err)
	}
	if err := m.Flush(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("send to a closed medium: %v", err)
	}
	m.Wake()
}

// What is gathered goes in one batch, and before Receive waits.
func TestBatch(t *testing.T) {
	m, k := pair(t, nil)
	frame := &Frame{Radio: testRadio(), Cookie: 3}
	if err := m.Acknowledge(frame, true, -40); err != nil {
		t.Fatal(err)
	}
	if err := m.Inject(testRadio(), 5180, -40, 0, probeRequest()); err != nil {
		t.Fatal(err)
	}
	if b := k.hear(); b != nil {
		t.Errorf("%d octets are sent at once", len(b))
	}
	if _, err := m.Receive(time.Now()); err != nil {
		t.Fatal(err)
	}
	want := appendStatus(nil, testFamily, frame, true, -40)
	want = appendInjection(want, testFamily, &injection{radio: testRadio(), freq: 5180, signal: -40, data: probeRequest()})
	if diff := cmp.Diff(want, k.hear()); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Stats{Statuses: 1, Injected: 1, Batches: 1}, m.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestBatchIsBounded(t *testing.T) {
	m, k := pair(t, nil)
	long := make([]byte, MaxFrame)
	for range 40 {
		if err := m.Inject(testRadio(), 5180, -40, 0, long); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Flush(); err != nil {
		t.Fatal(err)
	}
	var messages int
	for b := k.hear(); b != nil; b = k.hear() {
		if len(b) > batchLen+maxMessage {
			t.Errorf("a batch of %d octets", len(b))
		}
		for len(b) > 0 {
			_, rest, ok := nextMessage(b)
			if !ok {
				t.Fatal("a batch with half a message")
			}
			b, messages = rest, messages+1
		}
	}
	if messages != 40 {
		t.Errorf("%d messages, want 40", messages)
	}
}

func TestInjectLength(t *testing.T) {
	m, k := pair(t, nil)
	for _, n := range []int{0, minFrame - 1, MaxFrame + 1} {
		if err := m.Inject(testRadio(), 5180, -40, 0, make([]byte, n)); err == nil {
			t.Errorf("a frame of %d octets is taken", n)
		}
	}
	if err := m.Flush(); err != nil || k.hear() != nil {
		t.Errorf("something is sent, error %v", err)
	}
}

// All but Receive may be called at the same time.
func TestConcurrent(t *testing.T) {
	m, k := pair(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var hearing sync.WaitGroup
	hearing.Go(func() {
		b := make([]byte, 1<<17)
		for ctx.Err() == nil {
			_, _ = unix.Read(k.fd, b)
		}
	})
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for i := range 200 {
				if err := m.Inject(testRadio(), 5180, -40, 0, probeRequest()); err != nil {
					t.Error(err)
				}
				if i%10 == 0 {
					m.Wake()
				}
			}
		})
	}
	for range 20 {
		if _, err := m.Receive(time.Now().Add(time.Millisecond)); err != nil {
			t.Error(err)
		}
	}
	senders.Wait()
	if err := m.Flush(); err != nil {
		t.Error(err)
	}
	cancel()
	hearing.Wait()
	if got := m.Stats().Injected; got != 800 {
		t.Errorf("%d injected, want 800", got)
	}
}

func TestModuleRemoved(t *testing.T) {
	m, k := pair(t, nil)
	k.say(kernelAnswer(seqStatus, 2))
	if _, err := m.Receive(soon()); !errors.Is(err, ErrNoModule) {
		t.Errorf("error %v, want %v", err, ErrNoModule)
	}
}

func TestRegister(t *testing.T) {
	radios := func(g genetlink.Message, _ netlink.Message) ([]genetlink.Message, error) {
		if g.Header.Command != commandGetRadio {
			t.Errorf("command %d", g.Header.Command)
		}
		return []genetlink.Message{{Data: radioAttrs(t, 0, "lab0", 4)}, {Data: radioAttrs(t, 1, "lab1", 1)}}, nil
	}
	tests := []struct {
		name  string
		errno unix.Errno
		want  error
		says  string
	}{
		{name: "taken", errno: unix.EBUSY, want: ErrTaken},
		{name: "not root", errno: unix.EPERM, want: ErrPermission},
		{name: "several channels", errno: unix.EOPNOTSUPP, want: ErrChannels, says: "here they are lab0 "},
		{name: "module removed", errno: unix.ENOENT, want: ErrNoModule},
		{name: "no memory", errno: unix.ENOMEM, want: unix.ENOMEM},
		{name: "registered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, k := pair(t, radios)
			k.say(sentFrame(probeRequest(), 1), kernelAnswer(seqRegister, int(tt.errno)))
			err := m.register(t.Context())
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if tt.errno != 0 && !errors.Is(err, tt.errno) {
				t.Errorf("error %v does not tell of %v", err, tt.errno)
			}
			if tt.says != "" && !bytes.Contains([]byte(err.Error()), []byte(tt.says)) {
				t.Errorf("error %q does not say %q", err, tt.says)
			}
			sent, _, ok := nextMessage(k.hear())
			if !ok || sent.kind != testFamily || sent.body[0] != commandRegister {
				t.Errorf("sent %+v", sent)
			}
		})
	}
	t.Run("no answer", func(t *testing.T) {
		m, _ := pair(t, radios)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := m.register(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		m, _ := pair(t, radios)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if err := m.register(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

func TestOpenWithoutModule(t *testing.T) {
	if there, err := loaded(); err != nil || there {
		t.Skipf("the driver is there: %v, %v", there, err)
	}
	if _, err := Open(t.Context(), Options{}); !errors.Is(err, ErrNoModule) {
		t.Errorf("error %v, want %v", err, ErrNoModule)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func BenchmarkReceive(b *testing.B) {
	m, k := pair(b, nil)
	frame := sentFrame(make([]byte, 300), 1)
	answers := make([]byte, 1<<17)
	b.ReportAllocs()
	var events int
	for b.Loop() {
		for range 16 {
			k.say(frame)
		}
		got, err := m.Receive(time.Time{})
		if err != nil {
			b.Fatal(err)
		}
		events += len(got)
		for i := range got {
			if err := m.Acknowledge(&got[i].Frame, true, -40); err != nil {
				b.Fatal(err)
			}
		}
		if err := m.Flush(); err != nil {
			b.Fatal(err)
		}
		if _, err := unix.Read(k.fd, answers); err != nil {
			b.Fatal(err)
		}
	}
	if events == 0 {
		b.Fatal("no events")
	}
}

func BenchmarkInject(b *testing.B) {
	fd, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	s, err := newSocket(fd)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.close() })
	m := newMedium(&control{family: testFamily}, s, nil)
	beacon := make([]byte, 450)
	b.ReportAllocs()
	b.SetBytes(int64(len(beacon)))
	for b.Loop() {
		if err := m.Inject(testRadio(), 5180, -40, 0, beacon); err != nil {
			b.Fatal(err)
		}
	}
}
