package stress

import (
	"context"
	"io"
	"time"

	"roamfault/journal"
	"roamfault/nl80211"
	"roamfault/patterns"
	"roamfault/roam"
	"roamfault/roam/machine"
	"roamfault/roam/manager"
	"roamfault/roam/observe"
	"roamfault/roam/resume"
	"roamfault/roam/runlog"
)

// Options say what to drive, and how.
type Options struct {
	Plan runlog.Plan
	// Interface is the one to drive; empty: the machine's only station, or the one
	// that is connected.
	Interface string
	// Via is the way to roam, one of manager's; empty: the best there is.
	Via string
	// TakeOver takes the interface from who manages it, and gives it back.
	TakeOver bool
	// Allow are guards that are overridden, by their names.
	Allow []string
	// Mine are the access points that were confirmed, and Confirm confirms those of
	// the plan.
	Mine    manager.Mine
	Confirm bool
	// Password is that of the network, for ways that take one; zero: it is looked
	// for.
	Password manager.Secret
	// Catalogue classifies what is said.
	Catalogue *patterns.Catalogue
	// Program and Version name this program, for the run file.
	Version string
	// Resumed says that the run is taken up again: its file has a head and an open
	// end. First is the number of the next cycle and Load that of the present load of
	// the firmware; 0: 1. Why is why it goes on, in words.
	Resumed     bool
	First, Load int
	Why         string
	// Totals are the counts of the run before.
	Totals runlog.Totals
	// AtBoot has systemd take the run up again at the next boot, until its end; nil:
	// nobody does by himself.
	AtBoot *resume.Unit
	// Trace has the kernel's tracepoints and the debug messages of kernel and
	// supplicant on, and keeps a file of that name beside the run; nil: they are left
	// as they are.
	Trace func(name string, write func(io.Writer) error) error
	// Show is told what goes on, and Say takes lines for people.
	Show func(roam.Snapshot)
	Said func(journal.Record)
	Say  func(format string, args ...any)
	// Enough is asked after each cycle; nil: the plan alone ends the run.
	Enough func(*runlog.Cycle) string
}

// System is the machine, with all that a run asks of it.
type System struct {
	manager.System
	// Client asks nl80211; events come from sockets of their own.
	Client *nl80211.Client
	// Listen opens a socket for events.
	Listen func() (*nl80211.Client, error)
	// Machine turns knobs.
	Machine *machine.Machine
	// Sources are of the environment.
	Sources machine.Sources
	// Log opens the log of kernel and daemons from now on; it follows. KernelOnly
	// says that the daemons are not in it.
	Log        func() (journal.Source, error)
	KernelOnly bool
	// Now reads the clocks, and Present reads them as a record would have them.
	Now     func() runlog.Moment
	Present observe.Clock
	// Undo is where changes are written down, and Storage has it.
	Undo    string
	Storage machine.Storage
	// Runtime is a directory of root alone, for sockets: /run/roamfault.
	Runtime string
	// Lab is the control socket of the lab's access points, if there is one.
	Lab string
	// Guardian starts what undoes our changes when this process dies; nil: nothing.
	Guardian func() (io.Closer, error)
}

// Keeper is where a run is kept.
type Keeper interface {
	// Writer opens a run's file: a new one, or with Options.Resumed the end of one
	// that is there. The caller closes it.
	Writer(ctx context.Context, id string) (*runlog.Writer, error)
}

// limits of what is asked of machine and managers before a run begins and at its
// end.
const (
	lookTime    = 20 * time.Second
	restoreTime = time.Minute
	// lateNews is how long is waited at the end for incidents that are still open: a
	// minute of silence ends one.
	lateNews = 65 * time.Second
	// worthSaying is after how many looks, two seconds apart, it is said that
	// something is waited for: a connection that has just been made counts for some
	// seconds.
	worthSaying = 4
)
