package manager

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// Supplicant is a wpa_supplicant that has the interface.
type Supplicant struct {
	// PID is 0 where the process cannot be seen.
	PID int
	// How says how it is known to have the interface: "-i wlan0".
	How string
	// Config is the path of its configuration of the interface; empty: none, or
	// not known.
	Config string
	// Control is the control socket of the interface that it answers on, Global the
	// one of the whole; empty: none.
	Control, Global string
	// Object is the interface's on the bus; empty: it cannot be asked that way.
	Object string
	// Unit is the systemd service that it belongs to; empty: none.
	Unit string

	attachment *attachment // nil: the command line does not name the interface
	// others are further interfaces that the process has.
	others []string
	opts   options
}

// String names it for people.
func (s *Supplicant) String() string {
	name := "wpa_supplicant"
	if s.PID != 0 {
		name = fmt.Sprintf("%s with pid %d", name, s.PID)
	}
	if s.Unit != "" {
		name += " of " + s.Unit
	}
	return name + " (" + s.How + ")"
}

// Names of wpa_supplicant on the bus (wpa_supplicant/dbus/dbus_new.h).
const (
	wpaName      = "fi.w1.wpa_supplicant1"
	wpaPath      = dbus.ObjectPath("/fi/w1/wpa_supplicant1")
	wpaInterface = wpaName + ".Interface"
	wpaUnknown   = wpaName + ".InterfaceUnknown"
)

// askTimeout is how long a supplicant may take to answer.
const askTimeout = 2 * time.Second

// ask asks a supplicant.
func (m *machine) ask(ctx context.Context, socket, request string) (string, error) {
	if m.Control == nil {
		return "", errors.New("control sockets cannot be used here")
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	return m.Control.Ask(ctx, socket, request)
}

// controlDirs are where control sockets usually are.
var controlDirs = [...]string{"/run/wpa_supplicant", "/var/run/wpa_supplicant", "/tmp/wpa_supplicant"}

// supplicants are those that have the interface, with what was remarked.
func (m *machine) supplicants(ctx context.Context, iface string) (found []Supplicant, notes []string) {
	onBus, object, note := m.supplicantOnBus(ctx, iface)
	if note != "" {
		notes = append(notes, note)
	}
	for _, p := range m.running {
		if p.comm != "wpa_supplicant" || m.elsewhere(p.pid) {
			continue
		}
		s := Supplicant{PID: p.pid, Unit: m.files.unit(p.pid), opts: parseOptions(p.args)}
		names := m.globalInterfaces(ctx, &s)
		s.attachment = s.opts.attachment(iface)
		asked := p.pid == onBus && note == ""
		// What it says itself counts more than its command line: interfaces come
		// and go.
		switch {
		case names != nil && slices.Contains(names, iface):
			s.How = "by its global control socket"
		case asked && object != "":
			s.How = "by D-Bus"
		case names == nil && !asked && s.attachment != nil:
		default:
			continue
		}
		if s.attachment != nil {
			s.How, s.Config = "-i "+s.attachment.name, s.attachment.config
		}
		if p.pid == onBus {
			s.Object = object
		}
		s.others = m.otherInterfaces(ctx, &s, names, iface)
		found = append(found, s)
	}
	if object != "" && !m.elsewhere(onBus) && !slices.ContainsFunc(found, func(s Supplicant) bool { return s.Object != "" }) {
		found = append(found, Supplicant{PID: onBus, How: "by D-Bus", Object: object})
	}
	return m.sockets(ctx, iface, found, notes)
}

// elsewhere reports whether a process is in another network namespace, whose
// interfaces are not ours though they may be called the same.
func (m *machine) elsewhere(pid int) bool {
	theirs, ours := m.files.target(procFile(pid, "ns/net")), m.files.target(procFile(m.PID, "ns/net"))
	return theirs != "" && ours != "" && theirs != ours
}

// sockets finds the control socket of each supplicant. One that answers and is
// nobody's is of a supplicant that cannot be seen.
func (m *machine) sockets(ctx context.Context, iface string, found []Supplicant, notes []string) ([]Supplicant, []string) {
	usable := func(dir string) bool {
		socket := path.Join(dir, iface)
		if dir == "" || m.files.mode(socket)&fs.ModeSocket == 0 {
			return false
		}
		answer, err := m.ask(ctx, socket, "PING")
		if err == nil && answer == "PONG" {
			return true
		}
		why := fmt.Sprintf("%q instead of PONG", answer)
		if err != nil {
			why = err.Error()
		}
		notes = append(notes, fmt.Sprintf("control socket %s is of no use: %s", socket, why))
		return false
	}
	taken := false
	for i := range found {
		if dir := m.controlDir(&found[i]); usable(dir) {
			found[i].Control, taken = path.Join(dir, iface), true
		}
	}
	if taken {
		return found, notes
	}
	for _, dir := range controlDirs {
		if !usable(dir) {
			continue
		}
		socket := path.Join(dir, iface)
		if len(found) == 1 {
			found[0].Control = socket
		} else {
			found = append(found, Supplicant{How: "it answers at " + socket, Control: socket})
		}
		break
	}
	return found, notes
}

// controlDir is where a supplicant was told to make its control socket.
func (m *machine) controlDir(s *Supplicant) string {
	if s.opts.override != "" {
		return controlPath(s.opts.override)
	}
	if s.attachment == nil {
		return ""
	}
	if s.attachment.config != "" {
		if b, err := m.files.read(m.files.of(s.PID, s.attachment.config)); err == nil {
			return parseConfig(b).control
		}
	}
	return controlPath(s.attachment.control)
}

// of is a path as a process means it, which may be relative to where it runs.
func (t tree) of(pid int, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join("/", t.target(procFile(pid, "cwd")), name)
}

// globalInterfaces are the interfaces that a supplicant tells of at its global
// control socket; nil: it does not tell.
func (m *machine) globalInterfaces(ctx context.Context, s *Supplicant) []string {
	if s.opts.global == "" {
		return nil
	}
	answer, err := m.ask(ctx, s.opts.global, "INTERFACES")
	if err != nil || strings.HasPrefix(answer, "FAIL") || strings.HasPrefix(answer, "UNKNOWN") {
		return nil
	}
	s.Global = s.opts.global
	return append([]string{}, strings.Fields(answer)...)
}

// otherInterfaces are those that a process has besides.
func (m *machine) otherInterfaces(ctx context.Context, s *Supplicant, names []string, iface string) []string {
	others := slices.Clone(names)
	for _, a := range s.opts.attachments {
		if names == nil && (a.pattern || a.name != iface) {
			others = append(others, a.name)
		}
	}
	if s.Object != "" {
		var objects []dbus.ObjectPath
		if err := m.bus.property(ctx, wpaName, wpaPath, wpaName, "Interfaces", &objects); err == nil {
			for _, o := range objects {
				var name string
				if err := m.bus.property(ctx, wpaName, o, wpaInterface, "Ifname", &name); err == nil {
					others = append(others, name)
				}
			}
		}
	}
	others = slices.DeleteFunc(others, func(name string) bool { return name == iface })
	slices.Sort(others)
	return slices.Compact(others)
}

// supplicantOnBus is the process of the supplicant on the bus, and the object of
// the interface, "" where it does not have it.
func (m *machine) supplicantOnBus(ctx context.Context, iface string) (pid int, object, note string) {
	if !m.bus.owned(ctx, wpaName) {
		return 0, "", ""
	}
	pid = m.bus.owner(ctx, wpaName)
	var at dbus.ObjectPath
	switch err := m.bus.call(ctx, wpaName, wpaPath, wpaName+".GetInterface", []any{&at}, iface); {
	case isBusError(err, wpaUnknown):
		return pid, "", ""
	case err != nil:
		return pid, "", "the wpa_supplicant on the bus cannot be asked: " + err.Error()
	}
	return pid, string(at), ""
}
