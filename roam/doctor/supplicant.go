package doctor

import (
	"context"
	"path"
	"strings"
)

// program is one that makes connections, or has others make them.
type program struct {
	name string
	// comm is its name among the processes; the kernel keeps 15 characters.
	comm string
	// run is a path that is there while it runs, "" for none.
	run string
	// connects reports whether it makes connections itself.
	connects bool
}

var programs = [...]program{
	{"wpa_supplicant", "wpa_supplicant", "run/wpa_supplicant", true},
	{"iwd", "iwd", "", true},
	{"NetworkManager", "NetworkManager", "run/NetworkManager", false},
	{"ConnMan", "connmand", "run/connman", false},
}

// mostProcesses bounds those that are asked for their names.
const mostProcesses = 1 << 15

// processes returns the names of those that run, nil where others cannot be seen
// (/proc mounted with hidepid).
func (m *machine) processes() map[string]bool {
	out := make(map[string]bool)
	asked := 0
	for _, name := range m.list("proc") {
		if name[0] < '1' || name[0] > '9' {
			continue
		}
		if asked++; asked > mostProcesses {
			break
		}
		if comm := m.text(path.Join("proc", name, "comm")); comm != "" {
			out[comm] = true
		}
	}
	if !m.has("proc/1/comm") {
		return nil
	}
	return out
}

func (m *machine) checkSupplicant(context.Context) []Result {
	running := m.processes()
	var connecting, managing []string
	for _, p := range programs {
		// What is left behind in /run says something only where processes
		// cannot be seen.
		if !running[p.comm] && (running != nil || p.run == "" || !m.has(p.run)) {
			continue
		}
		if p.connects {
			connecting = append(connecting, p.name)
		} else {
			managing = append(managing, p.name)
		}
	}
	by := ""
	if len(managing) > 0 {
		by = ", managed by " + strings.Join(managing, " and ")
	}
	switch {
	case len(connecting) > 1:
		return one(Warning, strings.Join(connecting, " and ")+" run both"+by+", and may take the card from each other", "stop and disable one of them")
	case len(connecting) == 1 && connecting[0] == "wpa_supplicant":
		return one(OK, "wpa_supplicant"+by+m.controlSockets(), "")
	case len(connecting) == 1:
		return one(OK, connecting[0]+by, "")
	case running == nil:
		return one(Unknown, "processes of others cannot be seen", "run roamfault doctor as root")
	case len(managing) > 0:
		return one(Missing, strings.Join(managing, " and ")+" runs, but no supplicant that makes connections", "install wpa_supplicant (Debian: wpasupplicant) or iwd; it is started when a card is there")
	}
	return one(Missing, "neither wpa_supplicant nor iwd runs", "install and start one of them (Debian: wpasupplicant or iwd)")
}

// controlSockets says which interfaces the supplicant can be asked about.
func (m *machine) controlSockets() string {
	names, err := m.names("run/wpa_supplicant")
	switch {
	case forbidden(err):
		return "; this user may not ask it"
	case err != nil || len(names) == 0:
		return "; without control sockets in /run/wpa_supplicant"
	}
	return "; control sockets: " + some(names)
}
