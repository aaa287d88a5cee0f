package hwsim

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// datagrams is how many messages one system call takes.
	datagrams = 32
	// datagramLen is more than the kernel puts into one: NLMSG_GOODSIZE is less
	// than 8 KiB, and answers come without what they answer.
	datagramLen = 8 << 10
	// sendBuffer is more than one batch.
	sendBuffer = 1 << 20
)

// socket carries the frames. It is made by hand because three thousand messages
// a second are to be sent with few system calls and no garbage.
type socket struct {
	file   *os.File
	raw    syscall.RawConn
	closed atomic.Bool

	mu       sync.Mutex // of the deadline
	woken    bool
	deadline time.Time

	// The rest belongs to the one that receives.
	buffer  []byte
	vectors [datagrams]unix.Iovec
	headers [datagrams]mmsghdr
	reading func(fd uintptr) bool
	trying  func(fd uintptr)
	n       int
	errno   syscall.Errno

	// These to the one that sends.
	writing    func(fd uintptr) bool
	out        []byte
	writeErrno error
}

// mmsghdr is the kernel's struct of that name.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
}

// dialSocket opens a generic netlink socket that talks to the kernel alone:
// being connected to it, it takes nothing from other programs
// (netlink_getsockbyportid).
func dialSocket(random io.Reader, receiveBuffer int) (*socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_GENERIC)
	if err != nil {
		return nil, fmt.Errorf("open a generic netlink socket: %w", err)
	}
	if err := setUp(fd, random, receiveBuffer); err != nil {
		return nil, both(fmt.Errorf("set up a generic netlink socket: %w", err), unix.Close(fd))
	}
	return newSocket(fd)
}

func setUp(fd int, random io.Reader, receiveBuffer int) error {
	port, err := drawPort(random)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: port}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if err := unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	// An answer that has all of the refused frame in it would fill the buffer.
	if err := unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1); err != nil {
		return fmt.Errorf("ask for short answers: %w", err)
	}
	for _, b := range []struct{ force, plain, octets int }{
		{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, receiveBuffer},
		{unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, sendBuffer},
	} {
		// Only root of the whole machine may exceed net.core.rmem_max.
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, b.force, b.octets) == nil {
			continue
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, b.plain, b.octets); err != nil {
			return fmt.Errorf("set the size of a buffer: %w", err)
		}
	}
	return nil
}

// newSocket takes over fd, a socket of messages that does not block.
func newSocket(fd int) (*socket, error) {
	file := os.NewFile(uintptr(fd), "netlink")
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, both(fmt.Errorf("set up a generic netlink socket: %w", err), file.Close())
	}
	s := &socket{file: file, raw: raw, buffer: make([]byte, datagrams*datagramLen)}
	for i := range datagrams {
		s.vectors[i].Base = &s.buffer[i*datagramLen]
		s.vectors[i].SetLen(datagramLen)
		s.headers[i].header.Iov = &s.vectors[i]
		s.headers[i].header.SetIovlen(1)
	}
	s.reading, s.writing = s.read, s.write
	s.trying = func(fd uintptr) { s.read(fd) }
	return s, nil
}

// receive waits for datagrams and reads as many as there are, at most
// datagrams. It returns 0 at the deadline or when woken. Overrun says that the
// kernel has dropped some.
func (s *socket) receive(deadline time.Time) (n int, overrun bool, err error) {
	if err := s.setDeadline(deadline); err != nil {
		return 0, false, s.closing(err)
	}
	err = s.raw.Read(s.reading)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		s.mu.Lock()
		s.woken = false
		s.mu.Unlock()
		// Past the deadline nothing is read at all. Who is always late must hear
		// what is there nevertheless.
		err = s.raw.Control(s.trying)
	}
	switch {
	case err != nil:
		return 0, false, s.closing(err)
	case s.errno == unix.EAGAIN:
		return 0, false, nil
	case s.errno == unix.ENOBUFS:
		return 0, true, nil
	case s.errno != 0:
		return 0, false, os.NewSyscallError("recvmmsg", s.errno)
	}
	return s.n, false, nil
}

// past is a deadline that is over.
func past() time.Time { return time.Unix(1, 0) }

func (s *socket) setDeadline(deadline time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken {
		deadline = past()
	}
	if deadline.Equal(s.deadline) {
		return nil
	}
	s.deadline = deadline
	return s.file.SetReadDeadline(deadline)
}

// wake ends a receive, now or the next.
func (s *socket) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken = true
	s.deadline = past()
	// A file that is closed ends receive anyway.
	_ = s.file.SetReadDeadline(s.deadline)
}

func (s *socket) read(fd uintptr) bool {
	for {
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&s.headers[0])), datagrams, unix.MSG_DONTWAIT, 0, 0)
		if errno == unix.EINTR {
			continue
		}
		s.n, s.errno = int(n), errno
		if errno != 0 {
			s.n = 0
		}
		return errno != unix.EAGAIN
	}
}

// datagram returns one of those received. Whole is false where it was cut off.
func (s *socket) datagram(i int) (b []byte, whole bool) {
	h := &s.headers[i]
	start := i * datagramLen
	return s.buffer[start : start+min(int(h.length), datagramLen)], h.header.Flags&unix.MSG_TRUNC == 0
}

// send gives the kernel messages, one after the other in b. It works on all of
// them before it returns; answers are to be received.
func (s *socket) send(b []byte) error {
	s.out = b
	err := s.raw.Write(s.writing)
	s.out = nil
	if err != nil {
		return s.closing(err)
	}
	return s.writeErrno
}

func (s *socket) write(fd uintptr) bool {
	for {
		_, err := unix.Write(int(fd), s.out)
		switch err {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		s.writeErrno = os.NewSyscallError("write", err)
		return true
	}
}

func (s *socket) close() error {
	s.closed.Store(true)
	return s.file.Close()
}

// closing gives the error of a closed file its usual name, which the raw
// connection of a file does not.
func (s *socket) closing(err error) error {
	if s.closed.Load() {
		return fs.ErrClosed
	}
	return err
}
