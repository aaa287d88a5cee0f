package nl80211

import (
	"encoding/binary"
	"iter"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

const (
	testPort     = 42
	controlType  = 0x10 // GENL_ID_CTRL
	controlReply = 1    // CTRL_CMD_NEWFAMILY
)

// datagram is what one read of the fake kernel's socket gives.
type datagram struct {
	messages []netlink.Message
	err      error
}

// kernel is a socket with the order of things of a real one: answers and events
// come mixed, reads wait, deadlines and overruns end them. It is what genltest is
// not made for.
type kernel struct {
	answer func(*kernel, netlink.Message) // called for each request; may send

	mu       sync.Mutex
	wake     *sync.Cond
	inbox    []datagram
	expired  bool
	closed   bool
	waiting  int // reads that wait
	requests int
	refuse   error // of Send
	groups   []uint32
}

// asked is how many requests there were.
func (k *kernel) asked() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.requests
}

// boot is a Client of a fake kernel.
func boot(t testing.TB, answer func(*kernel, netlink.Message)) (*Client, *kernel) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the fake kernel is made for Linux")
	}
	k := &kernel{answer: answer}
	k.wake = sync.NewCond(&k.mu)
	c, err := New(genetlink.NewConn(netlink.NewConn(k, testPort)), Config{Clock: testStamp})
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}

func (k *kernel) push(d datagram) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inbox = append(k.inbox, d)
	k.wake.Broadcast()
}

// body is a generic netlink message.
func body(command Command, parts ...[]byte) []byte {
	return append([]byte{byte(command), 1, 0, 0}, join(parts...)...)
}

// event sends what nobody asked for.
func (k *kernel) event(command Command, parts ...[]byte) {
	k.push(datagram{messages: []netlink.Message{{Header: netlink.Header{Type: testFamily}, Data: body(command, parts...)}}})
}

// reply sends one message to a request.
func (k *kernel) reply(to netlink.Message, flags netlink.HeaderFlags, command Command, parts ...[]byte) {
	k.push(datagram{messages: []netlink.Message{part(to, flags, command, parts...)}})
}

func part(to netlink.Message, flags netlink.HeaderFlags, command Command, parts ...[]byte) netlink.Message {
	return netlink.Message{
		Header: netlink.Header{Type: testFamily, Flags: flags, Sequence: to.Header.Sequence, PID: testPort},
		Data:   body(command, parts...),
	}
}

// done ends a dump.
func done(to netlink.Message) netlink.Message {
	return netlink.Message{
		Header: netlink.Header{Type: netlink.Done, Flags: netlink.Multi, Sequence: to.Header.Sequence, PID: testPort},
		Data:   make([]byte, 4),
	}
}

// acknowledge ends a request: with an error it holds all of the request, else
// its header alone, as the kernel does it (netlink/af_netlink.c, netlink_ack).
func (k *kernel) acknowledge(to netlink.Message, errno syscall.Errno, tlvs ...[]byte) {
	k.push(datagram{messages: []netlink.Message{ack(to, errno, tlvs...)}})
}

func ack(to netlink.Message, errno syscall.Errno, tlvs ...[]byte) netlink.Message {
	data := binary.NativeEndian.AppendUint32(nil, uint32(-int32(errno)))
	data = binary.NativeEndian.AppendUint32(data, to.Header.Length)
	data = binary.NativeEndian.AppendUint16(data, uint16(to.Header.Type))
	data = binary.NativeEndian.AppendUint16(data, uint16(to.Header.Flags))
	data = binary.NativeEndian.AppendUint32(data, to.Header.Sequence)
	data = binary.NativeEndian.AppendUint32(data, to.Header.PID)
	var flags netlink.HeaderFlags
	if errno != 0 {
		data = append(data, to.Data...)
	} else {
		flags |= netlink.Capped
	}
	if len(tlvs) > 0 {
		flags |= netlink.AcknowledgeTLVs
		data = append(data, join(tlvs...)...)
	}
	return netlink.Message{
		Header: netlink.Header{Type: netlink.Error, Flags: flags, Sequence: to.Header.Sequence, PID: testPort},
		Data:   data,
	}
}

// reading waits until somebody reads and finds nothing.
func (k *kernel) reading(t *testing.T) {
	t.Helper()
	for range 5000 {
		k.mu.Lock()
		idle := k.waiting > 0 && len(k.inbox) == 0
		k.mu.Unlock()
		if idle {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("nobody reads")
}

func (k *kernel) Send(m netlink.Message) error {
	if m.Header.Type == controlType {
		k.push(datagram{messages: []netlink.Message{{
			Header: netlink.Header{Type: controlType, Sequence: m.Header.Sequence, PID: testPort},
			Data: body(controlReply, num16(1, testFamily), str(2, "nl80211"), num32(3, 1),
				list(7, list(1, num32(2, 5), str(1, "config")), list(2, num32(2, 8), str(1, "mlme")))),
		}}})
		return nil
	}
	k.mu.Lock()
	k.requests++
	refuse := k.refuse
	k.mu.Unlock()
	if refuse != nil {
		return refuse
	}
	k.answer(k, m)
	return nil
}

func (k *kernel) SendMessages(list []netlink.Message) error {
	for _, m := range list {
		if err := k.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (k *kernel) take() datagram {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.waiting++
	defer func() { k.waiting-- }()
	for {
		switch {
		case k.closed:
			return datagram{err: os.ErrClosed}
		case k.expired:
			return datagram{err: os.ErrDeadlineExceeded}
		case len(k.inbox) > 0:
			d := k.inbox[0]
			k.inbox = k.inbox[1:]
			return d
		}
		k.wake.Wait()
	}
}

func (k *kernel) Receive() ([]netlink.Message, error) {
	d := k.take()
	return d.messages, d.err
}

func (k *kernel) ReceiveIter() iter.Seq2[netlink.Message, error] {
	return func(yield func(netlink.Message, error) bool) {
		d := k.take()
		if d.err != nil {
			yield(netlink.Message{}, d.err)
			return
		}
		for _, m := range d.messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// SetReadDeadline knows deadlines that are over and none.
func (k *kernel) SetReadDeadline(t time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expired = !t.IsZero()
	k.wake.Broadcast()
	return nil
}

func (k *kernel) SetDeadline(t time.Time) error    { return k.SetReadDeadline(t) }
func (k *kernel) SetWriteDeadline(time.Time) error { return nil }

func (k *kernel) JoinGroup(group uint32) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.groups = append(k.groups, group)
	return nil
}

func (k *kernel) LeaveGroup(uint32) error { return nil }

func (k *kernel) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.wake.Broadcast()
	return nil
}
