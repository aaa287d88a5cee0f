package manager

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"roamfault/reports/render"
)

// Management is who has to do with an interface. Notes, IWD and the reasons of Ways
// are one line each and safe to print; names and paths are as they came.
type Management struct {
	Interface   string
	Supplicants []Supplicant
	// NetworkManager is nil where it does not run.
	NetworkManager *NMDevice
	// IWD says how iwd has the interface; empty: it has it not.
	IWD string
	// ConnMan reports whether ConnMan runs.
	ConnMan bool
	// Notes are what else was remarked, each a line.
	Notes []string
	// Ways are those to roam, the one that is recommended first.
	Ways []Way
}

// machine is a system with what is asked of it again and again.
type machine struct {
	System
	files   tree
	bus     bus
	running []process
}

func newMachine(s System) *machine {
	m := &machine{System: s, files: tree{s.Files}, bus: bus{s.Bus}}
	m.running = m.files.processes()
	return m
}

// Look finds out who manages an interface. It changes nothing, and starts no
// program on the bus. The error is that of ctx, or says that there is no such
// interface.
func Look(ctx context.Context, s System, iface string) (Management, error) {
	m := newMachine(s)
	if !m.files.has(path.Join("sys/class/net", iface)) || !isInterfaceName(iface) {
		return Management{}, fmt.Errorf("look at who manages %q: there is no such interface; roamfault doctor lists those there are", iface)
	}
	out := Management{Interface: iface}
	out.Supplicants, out.Notes = m.supplicants(ctx, iface)
	var err error
	if out.NetworkManager, err = m.bus.networkManager(ctx, iface); err != nil {
		out.Notes = append(out.Notes, "NetworkManager cannot be asked: "+err.Error())
	} else if out.NetworkManager == nil {
		if p, ok := m.find("NetworkManager"); ok {
			out.Notes = append(out.Notes, fmt.Sprintf("NetworkManager runs as pid %d and cannot be asked, as it is not on the bus", p.pid))
		}
	}
	out.IWD = m.iwd(ctx, iface)
	_, running := m.find("connmand")
	out.ConnMan = running || m.bus.owned(ctx, "net.connman")
	if out.ConnMan {
		out.Notes = append(out.Notes, "ConnMan runs")
	}
	out.Notes = append(out.Notes, m.bystanders(iface)...)
	for i, note := range out.Notes {
		out.Notes[i] = render.Clean(note)
	}
	out.IWD = render.Clean(out.IWD)
	out.Ways = out.ways(s.Bus != nil)
	for i := range out.Ways {
		out.Ways[i].Reason = render.Clean(out.Ways[i].Reason)
	}
	return out, ctx.Err()
}

// isInterfaceName reports whether it can be one's name (kernel, net/core/dev.c,
// dev_valid_name), and no path.
func isInterfaceName(name string) bool {
	return name != "" && len(name) < 16 && name != "." && name != ".." && !strings.ContainsAny(name, "/: \t\n\v\f\r\x00")
}

// find returns a process by its name.
func (m *machine) find(comm string) (process, bool) {
	at := slices.IndexFunc(m.running, func(p process) bool { return p.comm == comm })
	if at < 0 {
		return process{}, false
	}
	return m.running[at], true
}

// bystanders are those that do not connect, but have to do with the interface.
func (m *machine) bystanders(iface string) []string {
	var notes []string
	for _, p := range m.running {
		switch p.comm {
		case "dhclient", "dhcpcd", "udhcpc":
			if slices.Contains(p.args, iface) {
				notes = append(notes, fmt.Sprintf("%s with pid %d asks for its addresses", p.comm, p.pid))
			} else if p.comm == "dhcpcd" {
				notes = append(notes, fmt.Sprintf("dhcpcd with pid %d may ask for its addresses, and start a wpa_supplicant", p.pid))
			}
		}
	}
	if _, ok := m.find("systemd-network"); ok { // of systemd-networkd: 15 characters are kept
		link := path.Join("run/systemd/netif/links", m.files.text(path.Join("sys/class/net", iface, "ifindex")))
		for line := range strings.Lines(m.files.text(link)) {
			if state, ok := strings.CutPrefix(strings.TrimSpace(line), "ADMIN_STATE="); ok && state != "unmanaged" {
				notes = append(notes, "systemd-networkd gives it its addresses ("+state+")")
			}
		}
	}
	return notes
}
