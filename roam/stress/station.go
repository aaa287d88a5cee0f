package stress

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"roamfault/roam"
	"roamfault/roam/ctrl"
	"roamfault/roam/dbus"
	"roamfault/roam/direct"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/runlog"
)

// opened is a station and how it is given up.
type opened struct {
	roam.Station
	end []func(context.Context) error // the last first
}

// close gives everything up.
func (o *opened) close(ctx context.Context) error {
	err := o.Close()
	for i := len(o.end) - 1; i >= 0; i-- {
		err = errors.Join(err, o.end[i](ctx))
	}
	return err
}

// open makes the station of a scene; changes of the machine are written down in
// log.
func open(ctx context.Context, system *System, s *Scene, o *Options, log *machine.Log, boot string) (_ *opened, err error) {
	out := &opened{}
	defer func() {
		if err != nil {
			for i := len(out.end) - 1; i >= 0; i-- {
				err = errors.Join(err, out.end[i](context.WithoutCancel(ctx)))
			}
		}
	}()
	var credentials manager.Credentials
	if s.Via == manager.ViaNL80211 || o.TakeOver {
		if credentials, err = findCredentials(ctx, system, s, o); err != nil {
			return nil, err
		}
	}
	if o.TakeOver {
		give, err := manager.TakeOver(ctx, system.System, s.Interface, writeDown(log))
		if err != nil {
			return nil, err
		}
		out.end = append(out.end, give)
	}
	switch s.Via {
	case manager.ViaControl:
		path, err := controlSocket(ctx, system, s, o, credentials, log, out)
		if err != nil {
			return nil, err
		}
		out.Station, err = ctrl.Open(ctx, path, ctrl.Options{Boot: boot, Keep: func(ctx context.Context, k ctrl.Kept) error {
			return note(ctx, log, controlNetwork, k.Args, k.Before, k.What)
		}})
		return out, err
	case manager.ViaDBus:
		out.Station, err = dbus.New(ctx, dbus.Config{Interface: s.Interface, Boot: boot, Keep: func(ctx context.Context, k dbus.Kept) error {
			return note(ctx, log, busNetwork, k.Args, k.Before, k.What)
		}})
		return out, err
	case manager.ViaNL80211:
		out.Station, err = openDirect(ctx, s, credentials, boot)
		return out, err
	}
	return nil, fmt.Errorf("roam via %q: there are ctrl, dbus and nl80211", s.Via)
}

// Kinds of change that stations make to networks of a supplicant, in the undo log.
const (
	controlNetwork = "supplicant-network"     // args those of ctrl.Kept
	busNetwork     = "supplicant-bus-network" // args those of dbus.Kept
)

// note writes down what a station is about to change.
func note(ctx context.Context, log *machine.Log, kind string, args map[string]string, before, what string) error {
	return log.Do(ctx, machine.Change{Kind: kind, Args: args, Before: before, What: what}, func(context.Context) error { return nil })
}

// networkUndoers undo what stations have changed and were killed before they could
// change it back.
func networkUndoers() map[string]machine.Undo {
	return map[string]machine.Undo{
		controlNetwork: func(ctx context.Context, c machine.Change) error {
			return ctrl.Undo(ctx, ctrl.Kept{Args: c.Args, Before: c.Before})
		},
		busNetwork: func(ctx context.Context, c machine.Change) error {
			return dbus.Undo(ctx, dbus.Kept{Args: c.Args, Before: c.Before})
		},
	}
}

// writeDown keeps manager's changes in the undo log.
func writeDown(log *machine.Log) manager.Do {
	return func(ctx context.Context, c manager.Change, apply func(context.Context) error) error {
		return log.Do(ctx, machine.Change{Kind: c.Kind, Args: c.Args, What: c.What}, apply)
	}
}

// controlSocket is the supplicant's, or that of our own where the interface was
// taken over.
func controlSocket(ctx context.Context, system *System, s *Scene, o *Options, c manager.Credentials, log *machine.Log, out *opened) (string, error) {
	if !o.TakeOver {
		for _, p := range s.management.Supplicants {
			if p.Control != "" {
				return p.Control, nil
			}
		}
		return "", fmt.Errorf("no supplicant of %s has a control socket", s.Interface)
	}
	own := manager.Own{Interface: s.Interface, Dir: system.Runtime, Networks: []manager.Credentials{c}}
	path, stop, err := manager.OwnSupplicant(ctx, system.System, own, writeDown(log))
	if err == nil {
		out.end = append(out.end, stop)
	}
	return path, err
}

// findCredentials are those that were given, or those of who manages the interface.
func findCredentials(ctx context.Context, system *System, s *Scene, o *Options) (manager.Credentials, error) {
	ssid := s.SSID()
	if !o.Password.IsZero() {
		return manager.WithPassword(ssid, o.Password, "the password file"), nil
	}
	c, err := manager.Secrets(ctx, system.System, &s.management, ssid)
	if err != nil {
		return c, fmt.Errorf("find the password of %s (or give it by --password-file): %w", ssid, err)
	}
	if c.Enterprise() {
		return c, fmt.Errorf("%s is a network of 802.1X: only its supplicant can connect there", ssid)
	}
	return c, nil
}

// direct station that does something between its steps.
type stepper struct {
	*direct.Station
	mu     sync.Mutex
	before map[direct.Step]func(context.Context) error
}

// Before has the next try call f before a stage, once.
func (s *stepper) Before(stage runlog.Stage, f func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	step := map[runlog.Stage]direct.Step{runlog.StageAssoc: direct.StepAssociate, runlog.StageHandshake: direct.StepMessage2}[stage]
	s.before[step] = f
}

// between is called before each step.
func (s *stepper) between(ctx context.Context, next direct.Step) error {
	s.mu.Lock()
	f := s.before[next]
	delete(s.before, next)
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(ctx)
}

// stepTime is how long one step may take beyond what the kernel itself waits.
const stepTime = 5 * time.Second

func openDirect(ctx context.Context, s *Scene, c manager.Credentials, boot string) (roam.Station, error) {
	out := &stepper{before: map[direct.Step]func(context.Context) error{}}
	network := direct.Network{SSID: s.SSID()}
	if !c.Open() {
		network.Password, network.PSK = direct.Secret(c.Passphrase.Reveal()), direct.Secret(strings.ToLower(c.PSK.Reveal()))
	}
	var err error
	out.Station, err = direct.Open(ctx, direct.Config{
		Interface: s.Interface, Networks: []direct.Network{network}, Bands: s.Plan.Targets.Bands, Boot: boot, Between: out.between, Patience: stepTime,
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
