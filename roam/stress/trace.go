package stress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"roamfault/roam"
	"roamfault/roam/ctrl"
	"roamfault/roam/dbus"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
)

// Kinds of change that tracing makes to a supplicant, in the undo log.
const (
	controlLevel = "supplicant-log-level"   // args socket, since (ctrl.Since), interface
	busLevel     = "supplicant-debug-level" // args owner: its unique name on the system bus
)

const (
	// traceAfter is how long after the word of an incident the trace is saved, so that
	// what follows it is there, too.
	traceAfter = 2 * time.Second
	// mostTraces bounds how many are saved in a run.
	mostTraces = 50
)

// tracing is what Options.Trace adds to a run.
type tracing struct {
	drive  *drive
	kernel *machine.Tracing
	opened chan string // classes of incidents
	saved  int
}

// incident asks for the trace to be saved.
func (t *tracing) incident(class string) {
	select {
	case t.opened <- class:
	default: // it is asked for already
	}
}

// trace begins to trace. What is not there is said, and is no error.
func (d *drive) trace(ctx context.Context) error {
	kernel, err := d.system.Machine.Trace(ctx, d.log, d.card)
	if err != nil {
		return err
	}
	missing := kernel.Missing
	if err := d.loud(ctx); err != nil {
		missing = append(missing, "the supplicant's debug messages: "+err.Error())
	}
	for _, m := range missing {
		d.o.Say("trace: not here: %s", m)
		if err := d.recorder.Note(d.system.Now(), "trace: not here: "+m); err != nil {
			return err
		}
	}
	d.tracing = &tracing{drive: d, kernel: kernel, opened: make(chan string, 1)}
	return nil
}

// loud has the supplicant say what it does.
func (d *drive) loud(ctx context.Context) error {
	change := machine.Change{What: "the supplicant's log level"}
	var set func(context.Context) error
	var err error
	switch station := d.station.Station.(type) {
	case *ctrl.Station:
		if d.o.TakeOver {
			return errors.New("nobody keeps what a supplicant of our own prints")
		}
		client := station.Client()
		since, failed := ctrl.Since(client.Path())
		if failed != nil {
			return failed
		}
		change.Kind, change.Args = controlLevel, map[string]string{"socket": client.Path(), "since": since, "interface": d.scene.Interface}
		change.Before, err = client.Level(ctx)
		set = func(ctx context.Context) error { return client.SetLevel(ctx, ctrl.LevelDebug) }
	case *dbus.Station:
		var owner string
		change.Before, owner, err = dbus.Level(ctx, "")
		change.Kind, change.Args = busLevel, map[string]string{"owner": owner}
		set = func(ctx context.Context) error { return dbus.SetLevel(ctx, "", owner, dbus.LevelDebug) }
	default:
		return fmt.Errorf("there is none via %s", manager.ViaNL80211)
	}
	if err != nil {
		return err
	}
	return d.log.Do(ctx, change, set)
}

// quieten undoes what loud does, in the same supplicant only: one that was started
// anew has a level of its own.
func quieten() map[string]machine.Undo {
	return map[string]machine.Undo{
		controlLevel: func(ctx context.Context, c machine.Change) error {
			if since, err := ctrl.Since(c.Args["socket"]); errors.Is(err, os.ErrNotExist) || err == nil && since != c.Args["since"] {
				return nil
			}
			client, err := ctrl.Dial(ctx, c.Args["socket"], ctrl.Config{Interface: c.Args["interface"]})
			if err == nil {
				err = errors.Join(client.SetLevel(ctx, c.Before), client.Close())
			}
			return unlessGone(err)
		},
		busLevel: func(ctx context.Context, c machine.Change) error {
			return unlessGone(dbus.SetLevel(ctx, "", c.Args["owner"], c.Before))
		},
	}
}

// unlessGone leaves out that a supplicant is gone, and its level with it.
func unlessGone(err error) error {
	if errors.Is(err, roam.ErrGone) {
		return nil
	}
	return err
}

// follow saves the trace after each incident until ctx ends, and what was asked for
// by then.
func (t *tracing) follow(ctx context.Context) {
	for {
		select {
		case class := <-t.opened:
			select {
			case <-time.After(traceAfter):
			case <-ctx.Done():
			}
			t.save(class)
		case <-ctx.Done():
			select {
			case class := <-t.opened:
				t.save(class)
			default:
			}
			return
		}
	}
}

// save keeps the trace in a file beside the run.
func (t *tracing) save(class string) {
	if !t.kernel.Points() || t.saved >= mostTraces {
		return
	}
	t.saved++
	d := t.drive
	now := d.system.Now()
	name := fmt.Sprintf("trace-%s.txt", now.Wall.UTC().Format("20060102-150405.000")) // two may come in a second at the end
	words := fmt.Sprintf("trace: %s has what led to %s", name, class)
	if err := d.o.Trace(name, func(w io.Writer) error { return t.kernel.Save(w) }); err != nil {
		words = "trace: " + err.Error()
	} else if t.saved == mostTraces {
		words += fmt.Sprintf("; it is the last of %d", mostTraces)
	}
	d.o.Say("%s", words)
	_ = d.recorder.Note(now, words) // its error ends the run at the next cycle
}
