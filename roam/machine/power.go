package machine

import (
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
)

var errNoRadio = errors.New("nl80211 cannot be asked")

func getPowerSave(ctx context.Context, m *Machine, c Card) (string, error) {
	if m.Radio == nil {
		return "", errNoRadio
	}
	place, err := m.Find(c)
	if err != nil {
		return "", err
	}
	on, err := m.Radio.PowerSave(ctx, place.Index)
	return map[bool]string{true: "on", false: "off"}[on], err
}

func setPowerSave(ctx context.Context, m *Machine, c Card, value string) error {
	if m.Radio == nil {
		return errNoRadio
	}
	place, err := m.Find(c)
	if err != nil {
		return err
	}
	return m.Radio.SetPowerSave(ctx, place.Index, value == "on")
}

// powerControl is the file of the bus's runtime power management
// (Documentation/ABI/testing/sysfs-devices-power). A USB card's driver is bound to
// one of its functions ("1-2:1.0"); what sleeps is the whole device above it.
func powerControl(_ context.Context, m *Machine, c Card) (string, error) {
	dir := path.Join("sys", c.Device)
	if m.base(path.Join(dir, "subsystem")) == "usb" && strings.Contains(path.Base(c.Device), ":") {
		dir = path.Dir(dir)
	}
	return path.Join(dir, "power/control"), nil
}

// mt76File is a file of mt76's own debugfs directory (mt7921/debugfs.c,
// mt7925/debugfs.c). A USB card has them and refuses to be set.
func mt76File(name string) func(context.Context, *Machine, Card) (string, error) {
	return func(_ context.Context, m *Machine, c Card) (string, error) {
		place, err := m.Find(c)
		if err != nil {
			return "", err
		}
		return path.Join(debug, "ieee80211", place.Phy, "mt76", name), nil
	}
}

// mostIdle bounds the idle timeout, in milliseconds; the driver's own are 12 and
// 20.
const mostIdle = 60_000

func milliseconds(v string) bool {
	n, err := strconv.Atoi(v)
	return err == nil && n >= 1 && n <= mostIdle && strconv.Itoa(n) == v
}

// nearly: the driver keeps the timeout in jiffies, 10 ms at most.
func nearly(want, found string) bool {
	w, err1 := strconv.Atoi(want)
	f, err2 := strconv.Atoi(found)
	return err1 == nil && err2 == nil && f >= w && f-w <= 10
}
