package manager

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
)

// over says how packets to an address go over the interface, "" where they do
// not. Where that is not known they are taken to.
func (g *guarded) over(ctx context.Context, to netip.Addr) string {
	if to.IsLoopback() || to.IsUnspecified() {
		return ""
	}
	if g.Routes == nil {
		return "it is not known which way packets go there"
	}
	device, err := g.Routes.Device(ctx, to)
	switch {
	case err != nil:
		return fmt.Sprintf("it is not known which way packets go there (%v)", err)
	case device == "" || device == "lo":
		return ""
	case device == g.iface:
		return fmt.Sprintf("packets to %s go over %s", to, g.iface)
	case g.stands(device):
		return fmt.Sprintf("packets to %s go over %s, which stands on %s", to, device, g.iface)
	case g.tunnel(device) && g.onlyDefault():
		return fmt.Sprintf("packets to %s go through the tunnel %s, and its own over %s", to, device, g.iface)
	}
	return ""
}

// overName is over for a host of which only the name is known: it is asked of
// nobody, and goes the way of the default route.
func (g *guarded) overName(host string) string {
	if g.defaultsErr != nil || slices.Contains(g.defaults, g.iface) {
		return fmt.Sprintf("packets to %s may go over %s", host, g.iface)
	}
	return ""
}

// mostLevels bounds how many devices stand one on the other.
const mostLevels = 8

// stands reports whether a device (VLAN, bridge, bond) is made on the interface
// (kernel, Documentation/ABI/testing/sysfs-class-net: lower_NAME).
func (g *guarded) stands(device string) bool {
	next := []string{device}
	for range mostLevels {
		var lower []string
		for _, d := range next {
			for _, name := range g.files.names(path.Join("sys/class/net", d)) {
				if l, ok := strings.CutPrefix(name, "lower_"); ok {
					lower = append(lower, l)
				}
			}
		}
		if slices.Contains(lower, g.iface) {
			return true
		}
		next = lower
	}
	return false
}

// tunnel reports whether a device is nothing that one can touch, and stands on
// nothing: its packets go inside of others.
func (g *guarded) tunnel(device string) bool {
	dir := path.Join("sys/class/net", device)
	return !g.files.has(path.Join(dir, "device")) &&
		!slices.ContainsFunc(g.files.names(dir), func(name string) bool { return strings.HasPrefix(name, "lower_") })
}

// onlyDefault reports whether all default routes go over the interface, but for
// those through tunnels.
func (g *guarded) onlyDefault() bool {
	if g.defaultsErr != nil {
		return true
	}
	has := false
	for _, d := range g.defaults {
		if d != g.iface && !g.tunnel(d) {
			return false
		}
		has = has || d == g.iface
	}
	return has
}

func (g *guarded) defaultRoute(context.Context) (GuardState, string) {
	switch {
	case g.defaultsErr != nil:
		return Warned, "the default routes are not known: " + g.defaultsErr.Error()
	case g.onlyDefault():
		return Warned, "the only way to the internet goes over " + g.iface + ": it breaks off at each roam"
	}
	return Fine, "no default route hangs on " + g.iface + " alone"
}
