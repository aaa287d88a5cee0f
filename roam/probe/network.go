package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// network is what the probe needs of the machine, for one interface.
type network interface {
	// index is the interface's number, which another one has that was made anew.
	index() (int, error)
	// gateway is whom to ask who has no address of his own.
	gateway() (netip.Addr, error)
	// received is how many data packets came to the network stack.
	received() (uint64, error)
	// open makes a socket for echo requests over the interface.
	open(six bool) (wire, error)
	// dial connects over the interface.
	dial(ctx context.Context, network, address string) (net.Conn, error)
	close() error
}

// wire is a socket for echo messages. Only receive waits.
type wire interface {
	// id is what our messages have in their header; 0: the kernel's choice.
	id() uint16
	send(to netip.Addr, message []byte) error
	// receive returns an ICMP message, who sent it, and how long ago it came in.
	receive(b []byte) (message []byte, from netip.Addr, ago time.Duration, err error)
	close() error
}

var (
	// ErrNoAddress: the interface has no default gateway, in most cases because it
	// has no address yet.
	ErrNoAddress = errors.New("no default gateway")
	// ErrNeverAnswered: whom we ask has never answered.
	ErrNeverAnswered = errors.New("never answered")
)

// allRouters is every router of a link (RFC 4291, 2.7.1).
var allRouters = netip.AddrFrom16([16]byte{0: 0xff, 1: 2, 15: 2})

// target says whom a plan wants to be asked; invalid: the gateway.
func target(plan, iface string) (netip.Addr, error) {
	if plan == gatewayName {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(plan)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("ping %q: not an address; name one, or \"gateway\"", plan)
	}
	if a.IsUnspecified() || a.IsMulticast() {
		return netip.Addr{}, fmt.Errorf("ping %q: nobody's address; name one, or \"gateway\"", plan)
	}
	if a.Zone() == "" {
		a = zoned(a.Unmap(), iface)
	}
	return a, nil
}

// gatewayName stands for the interface's default gateway in a plan.
const gatewayName = "gateway"

// dialOver connects over a network; the host "gateway" is its gateway as it is then.
func dialOver(n network) func(ctx context.Context, kind, address string) (net.Conn, error) {
	return func(ctx context.Context, kind, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && host == gatewayName {
			gateway, err := n.gateway()
			if err != nil {
				return nil, err
			}
			address = net.JoinHostPort(gateway.String(), port)
		}
		return n.dial(ctx, kind, address)
	}
}
