package manager

import (
	"context"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"
)

const iwdName = "net.connman.iwd"

// iwd says how iwd has an interface, "" where it has it not (iwd,
// doc/device-api.txt).
func (m *machine) iwd(ctx context.Context, iface string) string {
	at := slices.IndexFunc(m.running, func(p process) bool { return p.comm == "iwd" })
	if !m.bus.owned(ctx, iwdName) {
		if at < 0 {
			return ""
		}
		return fmt.Sprintf("iwd runs as pid %d and cannot be asked which interfaces it has", m.running[at].pid)
	}
	var objects map[dbus.ObjectPath]map[string]map[string]dbus.Variant
	err := m.bus.call(ctx, iwdName, "/", "org.freedesktop.DBus.ObjectManager.GetManagedObjects", []any{&objects})
	if err != nil {
		return fmt.Sprintf("iwd runs and does not tell which interfaces it has: %v", err)
	}
	for path, object := range objects {
		var name string
		if v, ok := object[iwdName+".Device"]["Name"]; ok && v.Store(&name) == nil && name == iface {
			return fmt.Sprintf("iwd has it as %s", path)
		}
	}
	return ""
}
