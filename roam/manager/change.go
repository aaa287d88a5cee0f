package manager

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Kinds of change.
const (
	// NetworkManagerLeaves: args interface, uuid (of the connection in use; may be
	// empty).
	NetworkManagerLeaves = "networkmanager-leaves"
	// BusInterface: args interface, config, driver, bridge. The interface is taken
	// from the supplicant that is on the bus, which goes on running: it is not
	// started anew when somebody asks for it by its name.
	BusInterface = "supplicant-bus-interface"
	// GlobalInterface: args interface, socket, config, driver, control, params,
	// bridge. The interface is taken from a supplicant by its global control socket.
	GlobalInterface = "supplicant-global-interface"
	// UnitStopped: args interface, unit. The service is stopped by systemd itself,
	// which starts it anew only when it is told to.
	UnitStopped = "supplicant-unit"
	// ProcessEnded: args interface, pid, path, argv, dir, env, control. argv and env
	// are JSON lists.
	ProcessEnded = "supplicant-process"
	// OwnStarted: args interface, dir. A supplicant of our own runs.
	OwnStarted = "own-supplicant"
)

// Change is one change to the machine, with all that undoing it takes. None
// outlives a reboot.
type Change struct {
	Kind string            `json:"kind"`
	Args map[string]string `json:"args"`
	// What is it in words; one line, safe to print.
	What string `json:"what"`
}

// Do makes a change: it writes it down where a later process finds it, and calls
// apply then. Where it cannot be written down apply is not called.
type Do func(ctx context.Context, c Change, apply func(context.Context) error) error

// kind is how changes of one kind are made and unmade. Both leave alone what is
// that way already.
type kind struct {
	make, undo func(*machine, context.Context, map[string]string) error
}

func kinds() map[string]kind {
	return map[string]kind{
		NetworkManagerLeaves: {(*machine).nmLeave, (*machine).nmBack},
		BusInterface:         {(*machine).busRemove, (*machine).busAdd},
		GlobalInterface:      {(*machine).globalRemove, (*machine).globalAdd},
		UnitStopped:          {(*machine).unitStop, (*machine).unitStart},
		ProcessEnded:         {(*machine).processEnd, (*machine).processStart},
		OwnStarted:           {nil, (*machine).ownEnd}, // made by OwnSupplicant
	}
}

// Kinds are the kinds of change that [Undo] undoes.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds())) }

// Undo gives back what a change took. It may be called for a change that was
// written down and not made, and for one that was undone already.
func Undo(ctx context.Context, s System, name string, args map[string]string) error {
	k, ok := kinds()[name]
	if !ok {
		return fmt.Errorf("undo a change of kind %q: nobody here makes such changes", name)
	}
	if !isInterfaceName(args["interface"]) {
		return fmt.Errorf("undo a change of kind %q: %q is no interface", name, args["interface"])
	}
	return k.undo(newMachine(s), ctx, args)
}
