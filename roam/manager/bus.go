package manager

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// busTimeout is how long a program on the bus may take to answer.
const busTimeout = 5 * time.Second

// errNoBus is why nothing could be asked.
var errNoBus = errors.New("there is no system bus (D-Bus)")

// bus asks programs on a D-Bus. Nothing that it asks starts a program.
type bus struct{ conn *dbus.Conn }

// call calls a method and stores what it returns.
func (b bus) call(ctx context.Context, name string, path dbus.ObjectPath, method string, out []any, args ...any) error {
	if b.conn == nil {
		return errNoBus
	}
	ctx, cancel := context.WithTimeout(ctx, busTimeout)
	defer cancel()
	call := b.conn.Object(name, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...)
	if call.Err != nil {
		return fmt.Errorf("%s of %s: %w", method[strings.LastIndexByte(method, '.')+1:], name, call.Err)
	}
	if len(out) == 0 {
		return nil
	}
	if err := call.Store(out...); err != nil {
		return fmt.Errorf("%s of %s: %w", method[strings.LastIndexByte(method, '.')+1:], name, err)
	}
	return nil
}

const busName = "org.freedesktop.DBus"

// owned reports whether a program has that name on the bus.
func (b bus) owned(ctx context.Context, name string) bool {
	var has bool
	err := b.call(ctx, busName, "/org/freedesktop/DBus", busName+".NameHasOwner", []any{&has}, name)
	return err == nil && has
}

// owner is the number of the process that has a name, 0 where it is not told.
func (b bus) owner(ctx context.Context, name string) int {
	var pid uint32
	if err := b.call(ctx, busName, "/org/freedesktop/DBus", busName+".GetConnectionUnixProcessID", []any{&pid}, name); err != nil {
		return 0
	}
	return int(pid)
}

const properties = "org.freedesktop.DBus.Properties"

// property reads a property into out, a pointer.
func (b bus) property(ctx context.Context, name string, path dbus.ObjectPath, iface, property string, out any) error {
	var v dbus.Variant
	if err := b.call(ctx, name, path, properties+".Get", []any{&v}, iface, property); err != nil {
		return err
	}
	if err := v.Store(out); err != nil {
		return fmt.Errorf("%s of %s: %w", property, name, err)
	}
	return nil
}

func (b bus) setProperty(ctx context.Context, name string, path dbus.ObjectPath, iface, property string, value any) error {
	return b.call(ctx, name, path, properties+".Set", nil, iface, property, dbus.MakeVariant(value))
}

// isBusError reports whether a program on the bus answered with that error.
func isBusError(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}
