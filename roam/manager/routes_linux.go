package manager

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// routes asks rtnetlink (rtnetlink(7)).
type routes struct{}

// routeHeader is the length of struct rtmsg.
const routeHeader = unix.SizeofRtMsg

// Device implements [Routes].
func (routes) Device(ctx context.Context, to netip.Addr) (string, error) {
	if zone := to.Zone(); zone != "" {
		if index, err := strconv.Atoi(zone); err == nil {
			return interfaceName(index), nil
		}
		return zone, nil
	}
	to = to.Unmap()
	header := make([]byte, routeHeader)
	header[0], header[1] = unix.AF_INET, byte(to.BitLen())
	if to.Is6() {
		header[0] = unix.AF_INET6
	}
	e := netlink.NewAttributeEncoder()
	e.Bytes(unix.RTA_DST, to.AsSlice())
	attributes, err := e.Encode()
	if err != nil {
		return "", err
	}
	answers, err := askRoutes(ctx, netlink.Request, append(header, attributes...))
	if errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("ask for the route to an address: %w", err)
	}
	for _, m := range answers {
		if devices, _ := routeDevices(m.Data); len(devices) > 0 {
			return devices[0], nil
		}
	}
	return "", nil
}

// Defaults implements [Routes]. Routes of all tables count: those of a VPN are
// often in one of its own.
func (routes) Defaults(ctx context.Context) ([]string, error) {
	answers, err := askRoutes(ctx, netlink.Request|netlink.Dump, make([]byte, routeHeader))
	if err != nil {
		return nil, fmt.Errorf("ask for the default routes: %w", err)
	}
	var out []string
	for _, m := range answers {
		// struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type.
		if len(m.Data) < routeHeader || m.Data[1] != 0 || m.Data[4] == unix.RT_TABLE_LOCAL || m.Data[7] != unix.RTN_UNICAST {
			continue
		}
		devices, err := routeDevices(m.Data)
		if err != nil {
			return out, err
		}
		for _, d := range devices {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// Addrs implements [Routes].
func (routes) Addrs(_ context.Context, iface string) ([]netip.Addr, error) {
	i, err := net.InterfaceByName(iface)
	if err != nil {
		return nil, err
	}
	addrs, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Addr())
		}
	}
	return out, nil
}

func askRoutes(ctx context.Context, flags netlink.HeaderFlags, data []byte) ([]netlink.Message, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nil)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	return conn.Execute(netlink.Message{Header: netlink.Header{Type: unix.RTM_GETROUTE, Flags: flags}, Data: data})
}

// routeDevices are the interfaces of a route, which has several where it is of
// several paths.
func routeDevices(b []byte) ([]string, error) {
	if len(b) < routeHeader {
		return nil, errors.New("a route is cut short")
	}
	d, err := netlink.NewAttributeDecoder(b[routeHeader:])
	if err != nil {
		return nil, err
	}
	var indices []int
	for d.Next() {
		switch d.Type() {
		case unix.RTA_OIF:
			indices = append(indices, int(d.Uint32()))
		case unix.RTA_MULTIPATH:
			indices = append(indices, hops(d.Bytes())...)
		}
	}
	var out []string
	for _, index := range indices {
		if name := interfaceName(index); name != "" {
			out = append(out, name)
		}
	}
	return out, d.Err()
}

// interfaceName is "" of one that has just gone.
func interfaceName(index int) string {
	i, err := net.InterfaceByIndex(index)
	if err != nil {
		return ""
	}
	return i.Name
}

// hops are the interfaces of the paths of a route (struct rtnexthop: length,
// flags, hops, index).
func hops(b []byte) []int {
	var out []int
	for len(b) >= unix.SizeofRtNexthop {
		length := int(binary.NativeEndian.Uint16(b))
		if length < unix.SizeofRtNexthop || length > len(b) {
			break
		}
		out = append(out, int(int32(binary.NativeEndian.Uint32(b[4:]))))
		b = b[min((length+3)&^3, len(b)):]
	}
	return out
}
