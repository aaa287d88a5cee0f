package manager

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Ways to roam.
const (
	ViaControl = "ctrl"
	ViaDBus    = "dbus"
	ViaNL80211 = "nl80211"
)

// Way is one way to roam.
type Way struct {
	Via string
	// Usable says that it can be had as things are.
	Usable bool
	// Reason is why, or why not and what to do.
	Reason string
}

// Choose returns the way that is wanted, or the best where want is empty. The
// error says why it cannot be had.
func (m *Management) Choose(want string) (Way, error) {
	if want == "" {
		if len(m.Ways) > 0 && m.Ways[0].Usable {
			return m.Ways[0], nil
		}
		reasons := make([]string, 0, len(m.Ways))
		for _, w := range m.Ways {
			if !slices.Contains(reasons, w.Reason) {
				reasons = append(reasons, w.Reason)
			}
		}
		return Way{}, fmt.Errorf("there is no way to roam with %s: %s", m.Interface, strings.Join(reasons, "; "))
	}
	at := slices.IndexFunc(m.Ways, func(w Way) bool { return w.Via == want })
	switch {
	case at < 0:
		return Way{}, fmt.Errorf("roam via %q: there is no such way; choose among %s, %s and %s", want, ViaControl, ViaDBus, ViaNL80211)
	case !m.Ways[at].Usable:
		return Way{}, fmt.Errorf("roam via %s with %s: %s", want, m.Interface, m.Ways[at].Reason)
	}
	return m.Ways[at], nil
}

// ways are all, those that can be had first.
func (m *Management) ways(onBus bool) []Way {
	all := func(reason string) []Way {
		return []Way{{ViaControl, false, reason}, {ViaDBus, false, reason}, {ViaNL80211, false, reason}}
	}
	if m.IWD != "" {
		return all("managed by iwd; roamfault has no way to roam through it: " + m.IWD +
			"; stop it (systemctl stop iwd) and let wpa_supplicant manage the interface")
	}
	if len(m.Supplicants) > 1 {
		names := make([]string, len(m.Supplicants))
		for i := range m.Supplicants {
			names[i] = m.Supplicants[i].String()
		}
		return all("two supplicants have it, and take it from each other: " + strings.Join(names, " and ") + "; stop one of them")
	}
	ways := []Way{m.control(), m.dbus(onBus), m.alone()}
	slices.SortStableFunc(ways, func(a, b Way) int { return cmp.Compare(rank(a), rank(b)) })
	return ways
}

func rank(w Way) int {
	if w.Usable {
		return 0
	}
	return 1
}

func (m *Management) control() Way {
	switch {
	case len(m.Supplicants) == 0:
		return Way{ViaControl, false, m.nobody()}
	case m.Supplicants[0].Control == "":
		return Way{ViaControl, false, m.Supplicants[0].String() + " has no control socket for it that can be used; set ctrl_interface in its configuration, or use --take-over"}
	}
	return Way{ViaControl, true, "wpa_supplicant answers at " + m.Supplicants[0].Control}
}

func (m *Management) dbus(onBus bool) Way {
	switch {
	case len(m.Supplicants) == 0:
		return Way{ViaDBus, false, m.nobody()}
	case !onBus:
		return Way{ViaDBus, false, errNoBus.Error()}
	case m.Supplicants[0].Object == "":
		return Way{ViaDBus, false, m.Supplicants[0].String() + " is not on the bus; start it with -u"}
	}
	return Way{ViaDBus, true, "wpa_supplicant has it on the bus as " + m.Supplicants[0].Object}
}

// nobody says why there is no supplicant.
func (m *Management) nobody() string {
	if m.NetworkManager != nil && m.NetworkManager.Managed {
		return "NetworkManager manages it, and no wpa_supplicant has it; connect it (nmcli device connect " + m.Interface + ")"
	}
	return "no wpa_supplicant has it"
}

// alone is the way without a supplicant, which is for an interface that nobody
// else has: two would take the connection from each other.
func (m *Management) alone() Way {
	switch holder := m.holder(); {
	case holder == "":
		return Way{ViaNL80211, true, "nobody manages it"}
	case m.ConnMan:
		return Way{ViaNL80211, false, holder + "; stop it (systemctl stop connman)"}
	default:
		return Way{ViaNL80211, false, holder + "; --take-over parks it and gives the interface back"}
	}
}

// holder says who has the interface, or would take it; "": nobody.
func (m *Management) holder() string {
	switch {
	case m.IWD != "":
		return m.IWD
	case m.ConnMan:
		return "ConnMan runs and would take it"
	case len(m.Supplicants) > 0:
		return m.Supplicants[0].String() + " has it"
	case m.NetworkManager != nil && m.NetworkManager.Managed:
		return m.NetworkManager.describe()
	}
	return ""
}
