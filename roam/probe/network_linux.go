package probe

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// device is an interface of this machine.
type device struct {
	name string
	// control is a socket that interfaces are asked about on.
	control int
}

func newNetwork(name string) (network, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	return &device{name, fd}, nil
}

func (d *device) close() error { return unix.Close(d.control) }

func (d *device) index() (int, error) {
	r, err := unix.NewIfreq(d.name)
	if err != nil {
		return 0, fmt.Errorf("find interface %q: %w", d.name, err)
	}
	if err := unix.IoctlIfreq(d.control, unix.SIOCGIFINDEX, r); err != nil {
		return 0, fmt.Errorf("find interface %q: %w", d.name, err)
	}
	return int(r.Uint32()), nil
}

// Tables of the network namespace that the calling thread is in.
const (
	routes4   = "/proc/thread-self/net/route"
	routes6   = "/proc/thread-self/net/ipv6_route"
	addresses = "/proc/thread-self/net/if_inet6"
	devices   = "/proc/thread-self/net/dev"
)

// gateway is the default gateway of IPv4, else that of IPv6, else all routers of
// the link.
func (d *device) gateway() (netip.Addr, error) {
	table, err := os.ReadFile(routes4)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find the gateway of %s: %w", d.name, err)
	}
	if a, ok := gateway4(string(table), d.name, binary.NativeEndian); ok {
		return a, nil
	}
	// Without IPv6 there is no such file.
	if table, err = os.ReadFile(routes6); err == nil {
		if a, ok := gateway6(string(table), d.name); ok {
			return a, nil
		}
	}
	if table, err = os.ReadFile(addresses); err == nil && hasLinkLocal(string(table), d.name) {
		return allRouters.WithZone(d.name), nil
	}
	return netip.Addr{}, fmt.Errorf("%s: %w: wait for its address, or give it one", d.name, ErrNoAddress)
}

func (d *device) received() (uint64, error) {
	table, err := os.ReadFile(devices)
	if err != nil {
		return 0, fmt.Errorf("read the counts of %s: %w", d.name, err)
	}
	n, ok := received(string(table), d.name)
	if !ok {
		return 0, fmt.Errorf("read the counts of %s: %w", d.name, unix.ENODEV)
	}
	return n, nil
}

func (d *device) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{
		// Its own keep-alives would be traffic beside the load.
		KeepAlive: -1,
		Control: func(_, _ string, c syscall.RawConn) error {
			var bound error
			if err := c.Control(func(fd uintptr) { bound = unix.BindToDevice(int(fd), d.name) }); err != nil {
				return err
			}
			return bound
		},
	}
	return dialer.DialContext(ctx, network, address)
}

// acknowledged is how many bytes of a TCP connection the other side has
// acknowledged (tcp_info, tcpi_bytes_acked, which counts the SYN).
func acknowledged(c net.Conn) (uint64, bool) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, false
	}
	var info *unix.TCPInfo
	var asked error
	if err := raw.Control(func(fd uintptr) { info, asked = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) }); err != nil || asked != nil {
		return 0, false
	}
	return max(info.Bytes_acked, 1) - 1, true
}

// asked reports whether a request counts although it could not be sent: the
// neighbour did not answer ARP, or the driver takes no more.
func asked(err error) bool {
	errno, ok := errnoOf(err)
	return ok && (errno == unix.EHOSTUNREACH || errno == unix.ENOBUFS || errno == unix.EAGAIN)
}

// broken reports whether a socket is of no more use.
func broken(err error) bool {
	errno, ok := errnoOf(err)
	return ok && (errno == unix.ENODEV || errno == unix.ENXIO || errno == unix.EBADF || errno == unix.EINVAL)
}

// icmpSocket is a socket of one family, bound to an interface. The kernel gives
// ping sockets to those that net.ipv4.ping_group_range names, and raw ones to those
// with CAP_NET_RAW.
type icmpSocket struct {
	file  *os.File
	conn  syscall.RawConn
	six   bool
	raw   bool
	ident uint16
	index int
	oob   []byte
}

func (d *device) open(six bool) (wire, error) {
	index, err := d.index()
	if err != nil {
		return nil, err
	}
	family, protocol := unix.AF_INET, unix.IPPROTO_ICMP
	if six {
		family, protocol = unix.AF_INET6, unix.IPPROTO_ICMPV6
	}
	const kind = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
	raw := false
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|kind, protocol)
	if err != nil {
		raw = true
		if fd, err = unix.Socket(family, unix.SOCK_RAW|kind, protocol); err != nil {
			return nil, fmt.Errorf("open a socket for echo requests: %w: run it as root, or let your group in net.ipv4.ping_group_range", err)
		}
	}
	s := &icmpSocket{six: six, raw: raw, index: index, oob: make([]byte, 128)}
	if err := s.set(fd, d.name); err != nil {
		_ = unix.Close(fd) // it was never used
		return nil, err
	}
	s.file = os.NewFile(uintptr(fd), "icmp")
	if s.conn, err = s.file.SyscallConn(); err != nil {
		_ = s.file.Close() // it was never used
		return nil, fmt.Errorf("open a socket for echo requests: %w", err)
	}
	return s, nil
}

// icmpFilter is ICMP_FILTER (linux/icmp.h), an option of SOL_RAW.
const icmpFilter = 1

func (s *icmpSocket) set(fd int, name string) error {
	if err := unix.BindToDevice(fd, name); err != nil {
		return fmt.Errorf("bind a socket to %s: %w", name, err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return fmt.Errorf("ask for times of arrival: %w", err)
	}
	if !s.raw {
		return nil
	}
	s.ident = randomID()
	if !s.six {
		if err := unix.SetsockoptInt(fd, unix.SOL_RAW, icmpFilter, ^(1 << typeReply4)); err != nil {
			return fmt.Errorf("filter echo answers: %w", err)
		}
		return nil
	}
	var filter unix.ICMPv6Filter // what has its bit set is kept out
	for i := range filter.Data {
		filter.Data[i] = ^uint32(0)
	}
	filter.Data[typeReply6/32] &^= 1 << (typeReply6 % 32)
	if err := unix.SetsockoptICMPv6Filter(fd, unix.IPPROTO_ICMPV6, unix.ICMPV6_FILTER, &filter); err != nil {
		return fmt.Errorf("filter echo answers: %w", err)
	}
	return nil
}

func (s *icmpSocket) id() uint16 { return s.ident }

func (s *icmpSocket) send(to netip.Addr, message []byte) error {
	var address unix.Sockaddr
	if s.six {
		a := &unix.SockaddrInet6{Addr: to.As16()}
		if to.Zone() != "" {
			a.ZoneId = uint32(s.index)
		}
		address = a
	} else {
		address = &unix.SockaddrInet4{Addr: to.As4()}
	}
	var sent error
	if err := s.conn.Control(func(fd uintptr) { sent = unix.Sendto(int(fd), message, unix.MSG_DONTWAIT, address) }); err != nil {
		return fmt.Errorf("ask %v for an echo: %w", to, err)
	}
	if sent != nil {
		return fmt.Errorf("ask %v for an echo: %w", to, sent)
	}
	return nil
}

func (s *icmpSocket) receive(b []byte) (message []byte, from netip.Addr, ago time.Duration, err error) {
	var n, oobn int
	var address unix.Sockaddr
	var got error
	waited := s.conn.Read(func(fd uintptr) bool {
		n, oobn, _, address, got = unix.Recvmsg(int(fd), b, s.oob, unix.MSG_DONTWAIT)
		return got != unix.EAGAIN && got != unix.EINTR
	})
	if waited != nil {
		return nil, netip.Addr{}, 0, waited
	}
	if got != nil {
		return nil, netip.Addr{}, 0, fmt.Errorf("receive an echo: %w", got)
	}
	switch a := address.(type) {
	case *unix.SockaddrInet4:
		from = netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		from = netip.AddrFrom16(a.Addr)
	}
	message = b[:n]
	if s.raw && !s.six {
		if message, _ = cutIPv4(message); message == nil {
			message = b[:0]
		}
	}
	return message, from, age(s.oob[:oobn]), nil
}

// age is how long ago the kernel received a message, by its SO_TIMESTAMPNS; 0 where
// there is none or the wall clock was set meanwhile.
func age(oob []byte) time.Duration {
	for len(oob) >= unix.SizeofCmsghdr {
		header, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16 {
			var now unix.Timespec
			if err := unix.ClockGettime(unix.CLOCK_REALTIME, &now); err != nil {
				return 0
			}
			came := int64(binary.NativeEndian.Uint64(data))*int64(time.Second) + int64(binary.NativeEndian.Uint64(data[8:]))
			if ago := time.Duration(now.Nano() - came); ago > 0 && ago < time.Second {
				return ago
			}
			return 0
		}
		oob = rest
	}
	return 0
}

func (s *icmpSocket) close() error { return s.file.Close() }
