package probe

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// Flags of a route (linux/route.h).
const (
	routeUp      = 0x1
	routeGateway = 0x2
	routeReject  = 0x200
)

// gateway4 finds the default gateway of an interface in /proc/net/route
// (net/ipv4/fib_trie.c, fib_route_seq_show); the one with the lowest metric. The
// addresses there are in the byte order of the machine.
func gateway4(table, iface string, order binary.ByteOrder) (netip.Addr, bool) {
	var best netip.Addr
	lowest := ^uint64(0)
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 8 || f[0] != iface || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		flags, err := strconv.ParseUint(f[3], 16, 32)
		if err != nil || !usable(flags) {
			continue
		}
		metric, err := strconv.ParseUint(f[6], 10, 32)
		if err != nil || metric >= lowest {
			continue
		}
		gateway, err := strconv.ParseUint(f[2], 16, 32)
		if err != nil {
			continue
		}
		var b [4]byte
		order.PutUint32(b[:], uint32(gateway))
		best, lowest = netip.AddrFrom4(b), metric
	}
	return best, best.IsValid()
}

// gateway6 finds that of /proc/net/ipv6_route (net/ipv6/route.c,
// rt6_native_seq_show). A link-local one gets the interface as its zone.
func gateway6(table, iface string) (netip.Addr, bool) {
	const anywhere = "00000000000000000000000000000000"
	var best netip.Addr
	lowest := ^uint64(0)
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 || f[9] != iface || f[0] != anywhere || f[1] != "00" {
			continue
		}
		flags, err := strconv.ParseUint(f[8], 16, 32)
		if err != nil || !usable(flags) {
			continue
		}
		metric, err := strconv.ParseUint(f[5], 16, 32)
		if err != nil || metric >= lowest {
			continue
		}
		b, err := hex.DecodeString(f[4])
		if err != nil || len(b) != 16 {
			continue
		}
		best, lowest = zoned(netip.AddrFrom16([16]byte(b)), iface), metric
	}
	return best, best.IsValid()
}

func usable(flags uint64) bool {
	return flags&(routeUp|routeGateway|routeReject) == routeUp|routeGateway
}

// zoned adds the interface to an address that means nothing without.
func zoned(a netip.Addr, iface string) netip.Addr {
	if a.IsLinkLocalUnicast() && a.Is6() || a.IsLinkLocalMulticast() && a.Is6() {
		return a.WithZone(iface)
	}
	return a
}

// hasLinkLocal reports whether an interface has a link-local address that can be
// used, by /proc/net/if_inet6 (net/ipv6/addrconf.c, if6_seq_show).
func hasLinkLocal(table, iface string) bool {
	const (
		scopeLink = "20"
		// IFA_F_TENTATIVE and IFA_F_DADFAILED (linux/if_addr.h).
		unusable = 0x40 | 0x08
	)
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 6 || f[5] != iface || f[3] != scopeLink {
			continue
		}
		if flags, err := strconv.ParseUint(f[4], 16, 32); err == nil && flags&unusable == 0 {
			return true
		}
	}
	return false
}

// received finds in /proc/net/dev how many packets an interface has given to the
// network stack (net/core/net-procfs.c, dev_seq_printf_stats).
func received(table, iface string) (uint64, bool) {
	for line := range strings.Lines(table) {
		name, figures, ok := strings.Cut(line, ":")
		if !ok || strings.TrimSpace(name) != iface {
			continue
		}
		f := strings.Fields(figures)
		if len(f) < 2 {
			return 0, false
		}
		n, err := strconv.ParseUint(f[1], 10, 64)
		return n, err == nil
	}
	return 0, false
}
