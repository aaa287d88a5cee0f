package machine

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"time"
)

// look is the time between two looks at whether an interface is there: nothing
// tells of it where the driver itself is what comes and goes.
const look = 20 * time.Millisecond

// renameLooks is how often it is looked whether an interface that is back gets
// its former name.
const renameLooks = 75

// driverName is a name below /sys/bus/BUS/drivers.
var driverName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`)

func driverOrNone(v string) bool { return v == "" || driverName.MatchString(v) }

// bus is the card's bus, with drivers that can be bound. Simulated radios have
// none.
func (m *Machine) bus(c Card) (string, error) {
	to, err := m.target(path.Join("sys", c.Device, "subsystem"))
	if err != nil {
		return "", err
	}
	if path.Dir(to) != "sys/bus" {
		return "", fmt.Errorf("/sys/%s is on no bus: no driver can be bound to it", c.Device)
	}
	return path.Base(to), nil
}

func getDriver(_ context.Context, m *Machine, c Card) (string, error) {
	if _, err := m.bus(c); err != nil {
		return "", err
	}
	return m.base(path.Join("sys", c.Device, "driver")), nil
}

// setDriver binds a driver, or unbinds the one that is bound (drivers/base/bus.c,
// bind_store and unbind_store), and waits for what comes of it.
func setDriver(ctx context.Context, m *Machine, c Card, driver string) error {
	bus, err := m.bus(c)
	if err != nil {
		return err
	}
	drivers := path.Join("sys/bus", bus, "drivers")
	if now := m.base(path.Join("sys", c.Device, "driver")); now != "" && now != driver {
		if err := m.write(ctx, path.Join(drivers, now, "unbind"), path.Base(c.Device)); err != nil {
			return err
		}
		if err := m.WaitGone(ctx, c); err != nil {
			return err
		}
	}
	if driver == "" {
		return nil
	}
	if err := m.write(ctx, path.Join(drivers, driver, "bind"), path.Base(c.Device)); err != nil {
		return err
	}
	_, err = m.WaitBack(ctx, c)
	return err
}

// WaitGone waits until a card has no interface.
func (m *Machine) WaitGone(ctx context.Context, c Card) error {
	_, err := m.waitFor(ctx, func() (Place, bool, error) {
		_, err := m.Find(c)
		return Place{}, errors.Is(err, ErrGone), nil
	})
	if err != nil {
		return fmt.Errorf("wait until %s is gone: %w", c.Name, err)
	}
	return nil
}

// WaitBack waits until a card has an interface, and tells which: name and number
// may be others than before. It waits somewhat longer for the former name, which
// udev gives after the kernel has given another.
func (m *Machine) WaitBack(ctx context.Context, c Card) (Place, error) {
	looks := 0
	place, err := m.waitFor(ctx, func() (Place, bool, error) {
		place, err := m.Find(c)
		if errors.Is(err, ErrGone) {
			return place, false, nil
		}
		looks++
		return place, err == nil && (c.Name == "" || place.Interface == c.Name || looks > renameLooks), err
	})
	if err != nil {
		return place, fmt.Errorf("wait until %s is back: %w", c.Name, err)
	}
	return place, nil
}

func (m *Machine) waitFor(ctx context.Context, there func() (Place, bool, error)) (Place, error) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		if place, ok, err := there(); ok || err != nil {
			return place, err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return Place{}, context.Cause(ctx)
		}
	}
}

// Unbind takes the driver from a card, whose other knobs it turns, too: how they
// stand is written down first, so that they are put back after the driver.
func (m *Machine) Unbind(ctx context.Context, log *Log, c Card) error {
	for _, name := range []string{Interface, PowerSave, RuntimePM, DeepSleep, IdleTimeout} {
		k, err := m.Knob(name, c)
		if err != nil {
			return err
		}
		if k.Available(ctx) != nil {
			continue // what is not there need not be put back
		}
		if err := k.Keep(ctx, log); err != nil {
			return err
		}
	}
	k, err := m.Knob(Driver, c)
	if err != nil {
		return err
	}
	return k.Turn(ctx, log, "")
}

// Bind gives a driver to a card that has none, and tells where the card is then.
func (m *Machine) Bind(ctx context.Context, log *Log, c Card, driver string) (Place, error) {
	k, err := m.Knob(Driver, c)
	if err != nil {
		return Place{}, err
	}
	if err := k.Turn(ctx, log, driver); err != nil {
		return Place{}, err
	}
	return m.Find(c)
}
