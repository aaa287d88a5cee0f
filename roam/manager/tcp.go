package manager

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// connection is an established TCP connection.
type connection struct {
	local, remote netip.AddrPort
	inode         string // of its socket
}

// mostConnections bounds those of a table.
const mostConnections = 1 << 16

// tcpEstablished is the state in the table (kernel, include/net/tcp_states.h).
const tcpEstablished = "01"

// parseTCP reads /proc/net/tcp or tcp6 (proc_net_tcp(5); kernel,
// net/ipv4/tcp_ipv4.c, get_tcp4_sock): "sl local remote st queues timer
// retransmits uid timeout inode". Lines that cannot be read are passed over.
func parseTCP(b []byte) []connection {
	var out []connection
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != tcpEstablished || len(out) >= mostConnections {
			continue
		}
		local, err := parseEndpoint(f[1])
		if err != nil {
			continue
		}
		remote, err := parseEndpoint(f[2])
		if err != nil {
			continue
		}
		out = append(out, connection{local, remote, f[9]})
	}
	return out
}

// parseEndpoint reads "0100007F:0016": words of 32 bits as this machine has them
// in memory, and the port as a number.
func parseEndpoint(s string) (netip.AddrPort, error) {
	addr, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for i := 0; i+4 <= len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("an address of %d octets", len(b))
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(n)), nil
}

// connections are those of the network namespace that we are in.
func (t tree) connections() []connection {
	var out []connection
	for _, name := range []string{"proc/net/tcp", "proc/net/tcp6"} {
		if b, err := t.read(name); err == nil {
			out = append(out, parseTCP(b)...)
		}
	}
	return out
}

// sockets are the inodes of the sockets that a process has open. It is nil where
// that cannot be seen.
func (t tree) sockets(pid int) map[string]bool {
	names := t.names(procFile(pid, "fd"))
	if names == nil {
		return nil
	}
	out := make(map[string]bool)
	for _, name := range names {
		if inode, ok := strings.CutPrefix(t.target(procFile(pid, "fd/"+name)), "socket:["); ok {
			out[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return out
}
