package nl80211

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// realPort is a port to the running kernel's controller of generic netlink, which
// every Linux has.
func realPort(t *testing.T) *port {
	t.Helper()
	conn, err := genetlink.Dial(nil)
	if err != nil {
		t.Skipf("no generic netlink here: %v", err)
	}
	if err := conn.SetOption(netlink.ExtendedAcknowledge, true); err != nil {
		t.Fatal(err)
	}
	p := newPort(conn, unix.GENL_ID_CTRL, SystemClock)
	t.Cleanup(func() { _ = p.close() })
	return p
}

// Requests, dumps and refusals of a real kernel, while somebody waits for events
// and gives up again and again.
func TestRealKernel(t *testing.T) {
	p := realPort(t)
	stop := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Microsecond)
			_, err := p.receive(ctx)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) {
				ended <- err
				return
			}
		}
	}()
	family := join(str(unix.CTRL_ATTR_FAMILY_NAME, "nlctrl"))
	for range 200 {
		one, _, err := p.request(limited(t), unix.CTRL_CMD_GETFAMILY, wantReply, family)
		if err != nil || len(one.replies) != 1 {
			t.Fatalf("%d replies, error %v", len(one.replies), err)
		}
		all, _, err := p.request(limited(t), unix.CTRL_CMD_GETFAMILY, wantDump, nil)
		if err != nil || len(all.replies) == 0 {
			t.Fatalf("%d families, error %v", len(all.replies), err)
		}
		_, sent, err := p.request(limited(t), unix.CTRL_CMD_GETFAMILY, wantAck, str(unix.CTRL_ATTR_FAMILY_NAME, "no-such-family"))
		if !errors.Is(refusal(err, 0, 0, sent), syscall.ENOENT) {
			t.Fatalf("error %v, want ENOENT", err)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Errorf("receiving ended with %v", err)
	}
	if p.stale.Present {
		t.Error("a dump is waited for that nobody asked for")
	}
}

// The kernel names the place of what it refuses.
func TestRealExtendedAck(t *testing.T) {
	p := realPort(t)
	long := make([]byte, 100)
	for i := range long {
		long[i] = 'x'
	}
	_, sent, err := p.request(limited(t), unix.CTRL_CMD_GETFAMILY, wantAck, join(num16(unix.CTRL_ATTR_FAMILY_ID, 5), attribute(unix.CTRL_ATTR_FAMILY_NAME, long)))
	var refused *Error
	if !errors.As(refusal(err, 3, 0, sent), &refused) {
		t.Fatalf("error %v is no refusal", err)
	}
	if refused.Message == "" || refused.Offset != 20+8 || len(refused.Attributes) != 1 || refused.Attributes[0] != unix.CTRL_ATTR_FAMILY_NAME {
		t.Errorf("refusal %+v", refused)
	}
}

func TestRealCancel(t *testing.T) {
	p := realPort(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		time.Sleep(5 * time.Millisecond)
		cancel()
	}()
	if _, err := p.receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Clocks run, and boot time is not behind the monotonic one.
func TestSystemClock(t *testing.T) {
	first := SystemClock()
	second := SystemClock()
	if first.Monotonic <= 0 || second.Monotonic < first.Monotonic || second.Boot < second.Monotonic-time.Second {
		t.Errorf("%v, then %v", first, second)
	}
}

// A machine without wireless says so.
func TestDial(t *testing.T) {
	c, err := Dial(Config{})
	if err != nil {
		if !errors.Is(err, ErrNoFamily) {
			t.Skipf("no generic netlink here: %v", err)
		}
		return
	}
	if _, err := c.Interfaces(limited(t)); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
