package stress

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roamfault/roam"
	"roamfault/roam/machine"
	"roamfault/roam/runlog"
)

// knobs are those that a kind of cycle turns over: what is one value becomes the
// other, those that are available.
func knobs() map[runlog.Kind][]string {
	return map[runlog.Kind][]string{
		runlog.PowerSave: {machine.PowerSave},
		runlog.RuntimePM: {machine.RuntimePM, machine.DeepSleep, machine.PowerControl},
		runlog.ASPM:      {machine.ASPML1, machine.ASPML11, machine.ASPML12, machine.ASPML0s},
	}
}

// otherWay is the other value of a knob that has two.
func otherWay(value string) (string, bool) {
	other, ok := map[string]string{"on": "off", "off": "on", "1": "0", "0": "1", "up": "down", "down": "up"}[value]
	return other, ok
}

// disturber makes the disturbances of a machine.
type disturber struct {
	machine *machine.Machine
	card    machine.Card
	log     *machine.Log
}

// all are those that can be made here, by kind of cycle.
func (d *disturber) all(ctx context.Context) map[runlog.Kind]roam.Disturbance {
	out := map[runlog.Kind]roam.Disturbance{}
	for kind, names := range knobs() {
		if there := d.available(ctx, names...); len(there) > 0 {
			out[kind] = d.turnOver(there)
		}
	}
	single := map[runlog.Kind]struct {
		knob string
		make roam.Disturbance
	}{
		runlog.InterfaceDown: {machine.Interface, d.interfaceDown},
		runlog.DriverUnbind:  {machine.Driver, d.unbind},
		runlog.Regulatory:    {machine.Regulatory, d.regulatory},
		runlog.LinkSwitch:    {machine.ActiveLinks, d.linkSwitch},
	}
	for kind, s := range single {
		if len(d.available(ctx, s.knob)) > 0 {
			out[kind] = s.make
		}
	}
	if d.machine.CanSuspend(ctx, suspendDepth) == nil {
		out[runlog.Suspend] = d.suspend
		if len(d.available(ctx, machine.WoWLAN)) > 0 {
			out[runlog.SuspendWoWLAN] = d.suspendKept
		}
	}
	return out
}

// available are those of the knobs that can be turned.
func (d *disturber) available(ctx context.Context, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		k, err := d.machine.Knob(name, d.card)
		return err != nil || k.Available(ctx) != nil
	})
}

// turn turns a knob, and returns what turns it back.
func (d *disturber) turn(ctx context.Context, name, value string) (func(context.Context) error, error) {
	k, err := d.machine.Knob(name, d.card)
	if err != nil {
		return nil, err
	}
	before, err := k.Read(ctx)
	if err != nil {
		return nil, err
	}
	back := func(ctx context.Context) error { return k.Turn(ctx, d.log, before) }
	return back, k.Turn(ctx, d.log, value)
}

// turnOver turns every one of the knobs that has two values to the other.
func (d *disturber) turnOver(names []string) roam.Disturbance {
	return func(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
		var undo []func(context.Context) error
		back := func(ctx context.Context) error {
			var err error
			for _, f := range slices.Backward(undo) {
				err = errors.Join(err, f(ctx))
			}
			return err
		}
		for _, name := range names {
			k, err := d.machine.Knob(name, d.card)
			if err != nil {
				return back, err
			}
			value, err := k.Read(ctx)
			if err != nil {
				return back, err
			}
			// The device's runtime power management is "auto" or "on", which is off.
			other, ok := otherWay(value)
			if name == machine.PowerControl {
				other, ok = map[string]string{"auto": "on", "on": "auto"}[value], true
			}
			if !ok {
				continue
			}
			f, err := d.turn(ctx, name, other)
			if f != nil {
				undo = append(undo, f)
			}
			if err != nil {
				return back, err
			}
		}
		return back, nil
	}
}

// interfaceDown takes the interface down and up again.
func (d *disturber) interfaceDown(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
	return d.turn(ctx, machine.Interface, "down")
}

// unbind takes the driver from the card and gives it back.
func (d *disturber) unbind(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
	k, err := d.machine.Knob(machine.Driver, d.card)
	if err != nil {
		return nil, err
	}
	driver, err := k.Read(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.machine.Unbind(ctx, d.log, d.card); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		place, err := d.machine.Bind(ctx, d.log, d.card, driver)
		if err == nil && place.Interface != d.card.Name {
			err = fmt.Errorf("the interface %s came back as %s", d.card.Name, place.Interface)
		}
		return err
	}, nil
}

// regulatory sets another country than the present one.
func (d *disturber) regulatory(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
	k, err := d.machine.Knob(machine.Regulatory, d.card)
	if err != nil {
		return nil, err
	}
	present, err := k.Read(ctx)
	if err != nil {
		return nil, err
	}
	other := "US"
	if present == other {
		other = "DE"
	}
	return d.turn(ctx, machine.Regulatory, other)
}

// linkSwitch has one link in use, another than now where there is one, and then
// those of before.
func (d *disturber) linkSwitch(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
	valid, active, err := d.machine.LinkSets(ctx, d.card)
	if err != nil {
		return nil, err
	}
	if len(valid) < 2 {
		return nil, fmt.Errorf("the connection has %d links: there is none to switch to", len(valid))
	}
	next := valid[0]
	for _, l := range valid {
		if !slices.Contains(active, l) || len(active) == len(valid) && l != active[0] {
			next = l
			break
		}
	}
	return d.turn(ctx, machine.ActiveLinks, machine.LinkMask(next))
}

const (
	// suspendDepth is what laptops of today have.
	suspendDepth = "s2idle"
	// suspendTime is long enough for firmware and access point to notice.
	suspendTime = 15 * time.Second
)

// suspendKept suspends with the connection kept, in the way of the device that
// disturbs it least.
func (d *disturber) suspendKept(ctx context.Context, to *roam.Target) (back func(context.Context) error, err error) {
	for _, wake := range machine.WakeNames() {
		if back, err = d.turn(ctx, machine.WoWLAN, wake); err == nil {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("have the radio keep the connection in a suspend: %w", err)
	}
	_, err = d.suspend(ctx, to)
	return back, err
}

func (d *disturber) suspend(ctx context.Context, _ *roam.Target) (func(context.Context) error, error) {
	_, err := d.machine.Suspend(ctx, d.log, suspendDepth, suspendTime)
	return nil, err
}
