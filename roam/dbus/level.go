package dbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"roamfault/roam"
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
// much it prints to its log: "debug", "info" and others. The owner is the supplicant's
// unique name, by which [SetLevel] tells it from one that was started later.
func Level(ctx context.Context, address string) (level, owner string, err error) {
	err = asking(ctx, address, func(b *bus, there string) error {
		owner = there
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
	return level, owner, explain("ask wpa_supplicant for its log level", err)
}

// SetLevel sets how much the supplicant of a unique name prints, for all its
// interfaces. The error is roam.ErrGone where it is there no more.
func SetLevel(ctx context.Context, address, owner, level string) error {
	if !slices.Contains(levels(), level) {
		return fmt.Errorf("set wpa_supplicant's log level to %.20q: there are %s", level, strings.Join(levels(), ", "))
	}
	return explain("set wpa_supplicant's log level", asking(ctx, address, func(b *bus, there string) error {
		if there != owner {
			return fmt.Errorf("%w: another one was started", roam.ErrGone)
		}
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
