package manager

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"

	"roamfault/nl80211"
	"roamfault/reports/render"
	"roamfault/roam/runlog"
)

// GuardState is what a guard says.
type GuardState string

// What a guard can say.
const (
	Fine    GuardState = "ok"
	Warned  GuardState = "warning" // said, and no more
	Refused GuardState = "refused" // nothing is changed as long as it stands
)

// Guard is something that driving the interface would endanger, or that makes it
// impossible.
type Guard struct {
	Name  string     `json:"name"`
	State GuardState `json:"state"`
	// Detail is one line, safe to print.
	Detail string `json:"detail"`
	// Flag is what says expressly that it may be done all the same: "--allow ssh";
	// empty: nothing does, it has to be mended.
	Flag string `json:"flag,omitzero"`
}

// guards are all, in their order. One without a flag cannot be allowed.
var guards = [...]struct {
	name, flag string
	check      func(*guarded, context.Context) (GuardState, string)
}{
	{"interface", "", (*guarded).station},
	{"rights", "", (*guarded).rights},
	{"rfkill", "", (*guarded).rfkill},
	{"ssh", "--allow ssh", (*guarded).ssh},
	{"mounts", "--allow mounts", (*guarded).mounts},
	{"default-route", "", (*guarded).defaultRoute},
	{"battery", "--allow battery", (*guarded).battery},
	{"802.1x", "--allow 802.1x", (*guarded).enterprise},
	{"own", "--mine", (*guarded).own},
	{"channels", "--allow channels", (*guarded).channels},
	{"chip-reset", "", (*guarded).chipReset},
}

// guarded is a machine with what the guards share.
type guarded struct {
	*machine
	iface string
	plan  runlog.Plan
	mine  Mine

	found    nl80211.Interface
	foundErr error // why there is no found
	wiphy    nl80211.Wiphy
	wiphyErr error
	targets  []target
	// defaults are the interfaces with a default route; nil with an error: unknown.
	defaults    []string
	defaultsErr error
}

// Guards looks at what a plan would endanger on an interface, and returns what
// every guard says, also those that are fine. It changes nothing, and does not
// scan: only access points that were heard of late are known.
//
// That access points are not heard yet is no refusal: who hears them later asks
// [Mine.Has] then.
func Guards(ctx context.Context, s System, iface string, plan runlog.Plan, mine Mine) []Guard {
	g := &guarded{machine: newMachine(s), iface: iface, plan: plan, mine: mine}
	g.gather(ctx)
	out := make([]Guard, 0, len(guards))
	for _, c := range guards {
		state, detail := c.check(g, ctx)
		one := Guard{Name: c.name, State: state, Detail: render.Clean(detail)}
		if state == Refused {
			one.Flag = c.flag
		}
		out = append(out, one)
	}
	return out
}

// Refusals are the guards that stand against going on, with the names of those
// that were allowed expressly. A guard that has no flag cannot be allowed.
func Refusals(all []Guard, allowed ...string) []Guard {
	var out []Guard
	for _, g := range all {
		if g.State == Refused && (g.Flag != "--allow "+g.Name || !slices.Contains(allowed, g.Name)) {
			out = append(out, g)
		}
	}
	return out
}

// Allowable are the names that can be allowed.
func Allowable() []string {
	var out []string
	for _, g := range guards {
		if g.flag == "--allow "+g.name {
			out = append(out, g.name)
		}
	}
	return out
}

// gather asks once for what several guards need.
func (g *guarded) gather(ctx context.Context) {
	if g.Routes != nil {
		g.defaults, g.defaultsErr = g.Routes.Defaults(ctx)
	} else {
		g.defaultsErr = fmt.Errorf("routes cannot be asked for")
	}
	if g.Wireless == nil {
		g.foundErr = fmt.Errorf("nl80211 does not answer: %w", cmp.Or(g.WirelessErr, errNotAsked))
		g.wiphyErr = g.foundErr
		return
	}
	all, err := g.Wireless.Interfaces(ctx)
	at := slices.IndexFunc(all, func(i nl80211.Interface) bool { return i.Name == g.iface })
	switch {
	case err != nil:
		g.foundErr = fmt.Errorf("nl80211 does not answer: %w", err)
	case at < 0:
		g.foundErr = g.missing()
	}
	if g.foundErr != nil {
		g.wiphyErr = g.foundErr
		return
	}
	g.found = all[at]
	wiphys, err := g.Wireless.Wiphys(ctx)
	at = slices.IndexFunc(wiphys, func(w nl80211.Wiphy) bool { return w.Index == g.found.Wiphy })
	switch {
	case err != nil:
		g.wiphyErr = err
	case at < 0:
		g.wiphyErr = fmt.Errorf("its device is gone")
	default:
		g.wiphy = wiphys[at]
	}
	// A list that changes all the time is good enough here.
	heard, _ := g.Wireless.ScanResults(ctx, g.found.Index)
	g.targets = targets(heard, &g.plan.Targets, g.band)
}

// missing says why an interface is not there.
func (g *guarded) missing() error {
	ours, first := g.files.target(procFile(g.PID, "ns/net")), g.files.target("proc/1/ns/net")
	switch {
	case g.files.has(path.Join("sys/class/net", g.iface)) && isInterfaceName(g.iface):
		return fmt.Errorf("%s is no wireless interface", g.iface)
	case ours != "" && first != "" && ours != first:
		return fmt.Errorf("there is no interface %s here; this process is in a network namespace of its own, and the interface may be outside of it: nsenter -t 1 -n", g.iface)
	}
	if names := g.files.names("run/netns"); len(names) > 0 {
		return fmt.Errorf("there is no interface %s here; it may be in another network namespace (ip netns exec %s ...)", g.iface, names[0])
	}
	return fmt.Errorf("there is no interface %s; roamfault doctor lists those there are", g.iface)
}
