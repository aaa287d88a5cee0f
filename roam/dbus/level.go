package dbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// LevelDebug is the level of a supplicant that says what it does, and why.
const LevelDebug = "debug"

// levels are how much a supplicant prints, from most to least
// (wpa_supplicant/dbus/dbus_new_handlers.c, debug_strings).
func levels() []string {
	return []string{"excessive", "msgdump", LevelDebug, "info", "warning", "error"}
}

// levelName is the property of the supplicant.
const levelName = "DebugLevel"

// Level asks the supplicant on the bus at an address (empty: the system bus) how
// much it prints to its log: "debug", "info" and others.
func Level(ctx context.Context, address string) (level string, err error) {
	err = asking(ctx, address, func(b *bus, owner string) error {
		p, err := b.get(ctx, owner, rootPath, service, levelName)
		if err != nil {
			return err
		}
		var ok bool
		if level, ok = value[string](p, levelName); !ok || !slices.Contains(levels(), level) {
			return fmt.Errorf("%.20q is no level", level)
		}
		return nil
	})
	return level, explain("ask wpa_supplicant for its log level", err)
}

// SetLevel sets how much the supplicant prints, for all its interfaces.
func SetLevel(ctx context.Context, address, level string) error {
	if !slices.Contains(levels(), level) {
		return fmt.Errorf("set wpa_supplicant's log level to %.20q: there are %s", level, strings.Join(levels(), ", "))
	}
	return explain("set wpa_supplicant's log level", asking(ctx, address, func(b *bus, owner string) error {
		return b.set(ctx, owner, rootPath, service, levelName, level)
	}))
}

// asking asks the supplicant over a connection of its own.
func asking(ctx context.Context, address string, f func(b *bus, owner string) error) error {
	b, err := dial(ctx, address)
	if err != nil {
		return err
	}
	owner, err := b.owner(ctx)
	if err == nil {
		err = f(b, owner)
	}
	return errors.Join(err, b.conn.Close())
}
