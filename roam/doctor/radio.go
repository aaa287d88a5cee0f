package doctor

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
)

// interfaces returns the names of a card's network interfaces.
func (m *machine) interfaces(c *card) []string {
	var out []string
	for _, name := range m.list("sys/class/net") {
		dir := path.Join("sys/class/net", name, "phy80211")
		if !m.has(dir) {
			continue
		}
		if radio := cmp.Or(m.text(path.Join(dir, "name")), m.target(dir)); slices.Contains(c.radios, radio) {
			out = append(out, name)
		}
	}
	return out
}

// checkRadios looks at interfaces and at rfkill. Simulated radios are passed over
// where there are others.
func (m *machine) checkRadios(context.Context) []Result {
	var out []Result
	for _, c := range m.looked() {
		names := m.interfaces(&c)
		for _, radio := range c.radios {
			r := Result{Subject: radio, State: OK, Detail: "interfaces " + strings.Join(names, ", ")}
			hard, soft := m.blocked(radio)
			switch {
			case hard:
				r.State, r.Detail, r.Advice = Missing, "turned off by a switch", "turn it on: a key or switch of the machine, or its firmware setup"
			case soft:
				r.State, r.Detail, r.Advice = Missing, "turned off by software", "rfkill unblock wlan, or end airplane mode"
			case len(names) == 0:
				r.State, r.Detail, r.Advice = Warning, "no interface", "iw phy "+radio+" interface add wlan0 type managed, as root"
			}
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return one(Unknown, "there is no radio to look at", "see driver")
	}
	return out
}

// looked returns the cards whose radios are of interest: the real ones, or else
// the simulated.
func (m *machine) looked() []card {
	if real := m.real(); len(real) > 0 {
		return real
	}
	return m.cards
}

func (m *machine) blocked(radio string) (hard, soft bool) {
	dir := path.Join("sys/class/ieee80211", radio)
	for _, name := range m.list(dir) {
		if strings.HasPrefix(name, "rfkill") {
			hard = hard || m.text(path.Join(dir, name, "hard")) == "1"
			soft = soft || m.text(path.Join(dir, name, "soft")) == "1"
		}
	}
	return hard, soft
}
