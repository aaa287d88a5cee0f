package manager

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
)

func (m *machine) nmLeave(ctx context.Context, args map[string]string) error {
	return m.bus.manage(ctx, args["interface"], false)
}

// nmBack takes no connection from who has chosen another one since.
func (m *machine) nmBack(ctx context.Context, args map[string]string) error {
	iface := args["interface"]
	d, err := m.bus.networkManager(ctx, iface)
	if err == nil && (d == nil || d.Managed) {
		return nil
	}
	if err := m.bus.manage(ctx, iface, true); err != nil {
		return err
	}
	if args["uuid"] == "" {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, letGo, errors.New("the device was not ready in time"))
	defer cancel()
	return m.bus.connect(ctx, iface, args["uuid"], tick)
}

// busArgs asks for what makes the interface again.
func (m *machine) busArgs(ctx context.Context, s *Supplicant) (map[string]string, error) {
	args := map[string]string{}
	for arg, property := range map[string]string{"config": "ConfigFile", "driver": "Driver", "bridge": "BridgeIfname"} {
		var value string
		if err := m.bus.property(ctx, wpaName, dbus.ObjectPath(s.Object), wpaInterface, property, &value); err != nil {
			return nil, err
		}
		args[arg] = value
	}
	if args["config"] == "" {
		return nil, errors.New("another program gave it its networks over D-Bus, and they would be lost; let that program take the interface back")
	}
	return args, nil
}

func (m *machine) busRemove(ctx context.Context, args map[string]string) error {
	var at dbus.ObjectPath
	err := m.bus.call(ctx, wpaName, wpaPath, wpaName+".GetInterface", []any{&at}, args["interface"])
	if isBusError(err, wpaUnknown) {
		return nil
	}
	if err == nil {
		err = m.bus.call(ctx, wpaName, wpaPath, wpaName+".RemoveInterface", nil, at)
	}
	if err != nil {
		return fmt.Errorf("take %s from wpa_supplicant: %w", args["interface"], err)
	}
	return nil
}

func (m *machine) busAdd(ctx context.Context, args map[string]string) error {
	wanted := map[string]dbus.Variant{"Ifname": dbus.MakeVariant(args["interface"])}
	for arg, key := range map[string]string{"config": "ConfigFile", "driver": "Driver", "bridge": "BridgeIfname"} {
		if args[arg] != "" {
			wanted[key] = dbus.MakeVariant(args[arg])
		}
	}
	var at dbus.ObjectPath
	err := m.bus.call(ctx, wpaName, wpaPath, wpaName+".CreateInterface", []any{&at}, wanted)
	if err == nil || isBusError(err, wpaName+".InterfaceExists") {
		return nil
	}
	return fmt.Errorf("give %s back to wpa_supplicant: %w", args["interface"], err)
}

// tell asks a supplicant for something that it answers with OK.
func (m *machine) tell(ctx context.Context, socket, request string) error {
	answer, err := m.ask(ctx, socket, request)
	if err == nil && answer != "OK" {
		verb, _, _ := strings.Cut(request, " ")
		err = fmt.Errorf("%s answers %q to %s", socket, answer, verb)
	}
	return err
}

// attached reports whether a supplicant has an interface, by its global socket.
func (m *machine) attached(ctx context.Context, args map[string]string) (bool, error) {
	answer, err := m.ask(ctx, args["socket"], "INTERFACES")
	if err != nil {
		return false, err
	}
	for _, name := range strings.Fields(answer) {
		if name == args["interface"] {
			return true, nil
		}
	}
	return false, nil
}

func (m *machine) globalRemove(ctx context.Context, args map[string]string) error {
	has, err := m.attached(ctx, args)
	if err == nil && has {
		err = m.tell(ctx, args["socket"], "INTERFACE_REMOVE "+args["interface"])
	}
	if err != nil {
		return fmt.Errorf("take %s from wpa_supplicant: %w", args["interface"], err)
	}
	return nil
}

// globalAdd adds the interface with what it had, separated by tabs
// (wpa_supplicant/ctrl_iface.c, wpa_supplicant_global_iface_add).
func (m *machine) globalAdd(ctx context.Context, args map[string]string) error {
	has, err := m.attached(ctx, args)
	if err == nil && !has {
		fields := []string{args["interface"], args["config"], args["driver"], args["control"], args["params"], args["bridge"]}
		err = m.tell(ctx, args["socket"], "INTERFACE_ADD "+strings.Join(fields, "\t"))
	}
	if err != nil {
		return fmt.Errorf("give %s back to wpa_supplicant: %w", args["interface"], err)
	}
	return nil
}

// Names of systemd on the bus (org.freedesktop.systemd1(5)).
const (
	systemdName    = "org.freedesktop.systemd1"
	systemdPath    = dbus.ObjectPath("/org/freedesktop/systemd1")
	systemdManager = systemdName + ".Manager"
)

// mainPID is the process that systemd takes for a service.
func (b bus) mainPID(ctx context.Context, unit string) (int, error) {
	var at dbus.ObjectPath
	if err := b.call(ctx, systemdName, systemdPath, systemdManager+".GetUnit", []any{&at}, unit); err != nil {
		return 0, err
	}
	var pid uint32
	if err := b.property(ctx, systemdName, at, systemdName+".Service", "MainPID", &pid); err != nil {
		return 0, err
	}
	return int(pid), nil
}

func (m *machine) unitStop(ctx context.Context, args map[string]string) error {
	return m.unitJob(ctx, args["unit"], "StopUnit", "inactive", "failed")
}

func (m *machine) unitStart(ctx context.Context, args map[string]string) error {
	// Only what we stop is started.
	if !strings.HasSuffix(args["unit"], ".service") {
		return fmt.Errorf("start %q: it is no service", args["unit"])
	}
	return m.unitJob(ctx, args["unit"], "StartUnit", "active")
}

// unitJob has systemd do something with a unit, and waits until it is done.
func (m *machine) unitJob(ctx context.Context, unit, method string, until ...string) error {
	failed := func(err error) error { return fmt.Errorf("%s %s: %w", method, unit, err) }
	ctx, cancel := context.WithTimeoutCause(ctx, letGo, errors.New("systemd was not done in time"))
	defer cancel()
	var job dbus.ObjectPath
	if err := m.bus.call(ctx, systemdName, systemdPath, systemdManager+"."+method, []any{&job}, unit, "replace"); err != nil {
		return failed(err)
	}
	for {
		var at dbus.ObjectPath
		state := ""
		err := m.bus.call(ctx, systemdName, systemdPath, systemdManager+".LoadUnit", []any{&at}, unit)
		if err == nil {
			err = m.bus.property(ctx, systemdName, at, systemdName+".Unit", "ActiveState", &state)
		}
		if err != nil {
			return failed(err)
		}
		for _, s := range until {
			if s == state {
				return nil
			}
		}
		if state == "failed" {
			return failed(errors.New("it failed; journalctl -u " + unit + " says why"))
		}
		if err := pause(ctx, tick); err != nil {
			return failed(err)
		}
	}
}
