package manager

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of NetworkManager on the bus (its D-Bus API, introspection/*.xml).
const (
	nmName       = "org.freedesktop.NetworkManager"
	nmPath       = dbus.ObjectPath("/org/freedesktop/NetworkManager")
	nmDevice     = nmName + ".Device"
	nmActive     = nmName + ".Connection.Active"
	nmSettings   = nmName + ".Settings"
	nmSettingsAt = nmPath + "/Settings"
)

// NMDevice is what NetworkManager says of an interface.
type NMDevice struct {
	// Managed is false where it leaves the interface alone.
	Managed bool
	// Connection and UUID are of the connection in use; empty: none.
	Connection, UUID string

	path dbus.ObjectPath
}

// networkManager asks for a device. It is nil where NetworkManager does not run.
func (b bus) networkManager(ctx context.Context, iface string) (*NMDevice, error) {
	if !b.owned(ctx, nmName) {
		return nil, nil
	}
	d := &NMDevice{}
	err := b.call(ctx, nmName, nmPath, nmName+".GetDeviceByIpIface", []any{&d.path}, iface)
	if isBusError(err, nmName+".UnknownDevice") {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	if err := b.property(ctx, nmName, d.path, nmDevice, "Managed", &d.Managed); err != nil {
		return d, err
	}
	var active dbus.ObjectPath
	if err := b.property(ctx, nmName, d.path, nmDevice, "ActiveConnection", &active); err != nil {
		return d, err
	}
	if active == "/" || active == "" {
		return d, nil
	}
	// It may end while it is asked for.
	_ = b.property(ctx, nmName, active, nmActive, "Id", &d.Connection)
	_ = b.property(ctx, nmName, active, nmActive, "Uuid", &d.UUID)
	return d, nil
}

// manage has NetworkManager leave an interface alone, or take it back. That it
// leaves it is forgotten when it starts anew.
func (b bus) manage(ctx context.Context, iface string, managed bool) error {
	failed := func(err error) error {
		return fmt.Errorf("set Managed of %s to %t in NetworkManager: %w", iface, managed, err)
	}
	d, err := b.networkManager(ctx, iface)
	switch {
	case err != nil:
		return failed(err)
	case d == nil && managed:
		return nil // it has ended, and will not remember
	case d == nil || d.path == "":
		return failed(errors.New("it does not know the interface"))
	}
	if err := b.setProperty(ctx, nmName, d.path, nmDevice, "Managed", managed); err != nil {
		return failed(err)
	}
	return nil
}

// States of a device (NMDeviceState).
const (
	nmDisconnected = 30
	nmPrepare      = 40
	nmActivated    = 100
)

// connect has NetworkManager connect a device with a connection, as it was before.
// It waits until the device is ready, since one that was just taken back is not.
func (b bus) connect(ctx context.Context, iface, uuid string, tick time.Duration) error {
	failed := func(err error) error {
		return fmt.Errorf("have NetworkManager connect %s again (nmcli connection up %s): %w", iface, uuid, err)
	}
	for {
		d, err := b.networkManager(ctx, iface)
		if err != nil || d == nil || d.path == "" {
			return failed(also(err, errors.New("the device is not there")))
		}
		var state uint32
		if err := b.property(ctx, nmName, d.path, nmDevice, "State", &state); err != nil {
			return failed(err)
		}
		if d.UUID == uuid && state >= nmPrepare && state <= nmActivated {
			return nil
		}
		if state >= nmDisconnected {
			var connection, active dbus.ObjectPath
			if err := b.call(ctx, nmName, nmSettingsAt, nmSettings+".GetConnectionByUuid", []any{&connection}, uuid); err != nil {
				return failed(err)
			}
			if err := b.call(ctx, nmName, nmPath, nmName+".ActivateConnection", []any{&active}, connection, d.path, dbus.ObjectPath("/")); err != nil {
				return failed(err)
			}
			return nil
		}
		if err := pause(ctx, tick); err != nil {
			return failed(err)
		}
	}
}

// pause waits, and no longer than ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// describe is a device for people.
func (d *NMDevice) describe() string {
	switch {
	case !d.Managed:
		return "NetworkManager leaves it alone"
	case d.Connection != "":
		return fmt.Sprintf("NetworkManager manages it, with connection %q", strings.ToValidUTF8(d.Connection, "?"))
	}
	return "NetworkManager manages it"
}
