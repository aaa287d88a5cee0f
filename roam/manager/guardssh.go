package manager

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// session is a remote login that we may have been started from.
type session struct {
	local, peer netip.Addr // local may be zero
	how         string     // how it is known
}

// remoteDaemons serve remote logins: one of them among our ancestors is ours.
var remoteDaemons = [...]string{"sshd", "sshd-session", "dropbear", "in.telnetd", "telnetd"}

// sshPort is where those are served by default.
const sshPort = 22

// sessions finds remote logins in the environment, in that of our ancestors, since
// sudo gives it to nobody, and among the connections of their daemons.
func (m *machine) sessions() []session {
	var out []session
	add := func(value, how string) {
		if s, ok := parseSession(value); ok {
			s.how = how
			out = append(out, s)
		}
	}
	if m.Getenv != nil {
		add(m.Getenv("SSH_CONNECTION"), "SSH_CONNECTION")
		add(m.Getenv("SSH_CLIENT"), "SSH_CLIENT")
	}
	var connections []connection
	for _, pid := range m.files.ancestors(m.PID) {
		p := m.files.process(pid)
		add(m.files.environ(pid, "SSH_CONNECTION"), fmt.Sprintf("SSH_CONNECTION of pid %d, %s", pid, p.comm))
		if !slices.Contains(remoteDaemons[:], p.comm) {
			continue
		}
		if connections == nil {
			connections = m.files.connections()
		}
		open := m.files.sockets(pid)
		for _, c := range connections {
			if open[c.inode] || open == nil && c.local.Port() == sshPort {
				out = append(out, session{c.local.Addr(), c.remote.Addr(), fmt.Sprintf("a connection of pid %d, %s", pid, p.comm)})
			}
		}
	}
	return out
}

// parseSession reads SSH_CONNECTION, "CLIENT PORT SERVER PORT", and SSH_CLIENT,
// "CLIENT PORT PORT" (ssh(1)).
func parseSession(value string) (session, bool) {
	f := strings.Fields(value)
	if len(f) < 3 {
		return session{}, false
	}
	peer, err := netip.ParseAddr(f[0])
	if err != nil {
		return session{}, false
	}
	s := session{peer: peer}
	if len(f) >= 4 {
		s.local, _ = netip.ParseAddr(f[2]) // an error: the zero address, not known
	}
	return s, true
}

func (g *guarded) ssh(ctx context.Context) (GuardState, string) {
	sessions := g.sessions()
	for _, s := range sessions {
		if s.peer.IsLoopback() {
			continue
		}
		if g.isLocal(ctx, s.local) {
			return Refused, fmt.Sprintf("you are logged in over %s itself (from %s, by %s); the session would break off at each roam", g.iface, s.peer, s.how)
		}
		if over := g.over(ctx, s.peer); over != "" {
			return Refused, fmt.Sprintf("you are logged in from %s (by %s), and %s; the session would break off at each roam", s.peer, s.how, over)
		}
	}
	if len(sessions) > 0 {
		return Fine, "you are logged in remotely, not over " + g.iface
	}
	return Fine, "no remote login is known"
}

// isLocal reports whether an address is the interface's.
func (g *guarded) isLocal(ctx context.Context, a netip.Addr) bool {
	if !a.IsValid() || g.Routes == nil {
		return false
	}
	if a.Zone() == g.iface {
		return true
	}
	addrs, err := g.Routes.Addrs(ctx, g.iface)
	return err == nil && slices.ContainsFunc(addrs, func(l netip.Addr) bool { return l.WithZone("").Unmap() == a.WithZone("").Unmap() })
}
