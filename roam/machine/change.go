package machine

import (
	"context"
	"errors"
	"maps"
)

// Change is something that is about to be changed, and how it was.
type Change struct {
	// Kind says who can undo it: a key of the table that [Log.Undo] is given.
	Kind string `json:"kind"`
	// Args say what is changed. Two changes of the same Kind and Args are of the
	// same thing.
	Args map[string]string `json:"args,omitempty"`
	// Before is how it was.
	Before string `json:"before"`
	// Outlives says that the change is there after a reboot, too. Others are done
	// with then.
	Outlives bool `json:"outlives,omitzero"`
	// What is the change in words, for people.
	What string `json:"what"`
}

func (c *Change) same(other *Change) bool {
	return c.Kind == other.Kind && maps.Equal(c.Args, other.Args)
}

// Undo puts something back to how it was before a change. What is that way
// already it leaves alone. It must stand being called for a change that was
// announced and not made, and for one that was undone already.
type Undo func(ctx context.Context, c Change) error

// Why there is nothing to be done with an undo log. They come wrapped.
var (
	// ErrLocked: another process has it open, which is the run itself.
	ErrLocked = errors.New("a run is using it")
	// ErrOtherMachine: it was written on another machine.
	ErrOtherMachine = errors.New("it was written on another machine")
)
