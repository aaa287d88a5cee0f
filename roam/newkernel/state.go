package newkernel

import (
	"slices"
	"time"

	"roamfault/roam/runlog"
)

// MostTries is how often a check is begun or gone on with, whatever comes of it.
const MostTries = 2

// mostChecks is how many checks are kept, the latest ones.
const mostChecks = 32

// Watch is what a person asked for, once, and confirmed.
type Watch struct {
	Since   time.Time `json:"since"`
	Machine string    `json:"machine"` // as in machine.Host
	// Device, Driver and Network are those of the baseline.
	Device  string `json:"device"`
	Driver  string `json:"driver"`
	Network string `json:"network"`
	// Runs is the directory of the runs, of the user with the numbers UID and GID;
	// -1: whoever runs the check.
	Runs string `json:"runs"`
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
	// Plan is that of a check.
	Plan runlog.Plan `json:"plan"`
	// The rest is as the options of roamfault stress of these names.
	Interface string   `json:"interface,omitzero"`
	Via       string   `json:"via,omitzero"`
	TakeOver  bool     `json:"take_over,omitzero"`
	Allow     []string `json:"allow,omitempty"`
	Passwords string   `json:"password_file,omitzero"` // an absolute path
	Patterns  string   `json:"patterns,omitzero"`      // an absolute path
	Source    string   `json:"source,omitzero"`
	Trace     bool     `json:"trace,omitzero"`
}

// alike reports whether two watches are of the same baseline.
func (w *Watch) alike(o *Watch) bool {
	return w.Device == o.Device && w.Driver == o.Driver && w.Network == o.Network && w.Runs == o.Runs
}

// Check is the check of something that was new.
type Check struct {
	// Made is what was booted, and Why what is new about it.
	Made runlog.Environment `json:"made"`
	Why  string             `json:"why"`
	// Runs are its runs; the last may be under way, or not have come to be.
	Runs []string `json:"runs"`
	// Tries is how often it was begun or gone on with, the last time in the boot
	// Boot by the process PID, at Begun.
	Tries int       `json:"tries"`
	Boot  string    `json:"boot"`
	PID   int       `json:"pid"`
	Begun time.Time `json:"begun"`
	// Verdict is empty of a check that has not ended; Summary is it in one sentence,
	// Rests what it rests on, and More what would tell where it cannot be told.
	Verdict string    `json:"verdict"`
	Summary string    `json:"summary"`
	Rests   string    `json:"rests"`
	More    string    `json:"more"`
	Ended   time.Time `json:"ended,omitzero"`
}

// Kernel is the release that was booted.
func (c *Check) Kernel() string {
	kernel, _ := c.Made.Get(runlog.KeyKernel)
	return kernel
}

// PutOff is a check that could not begin. The next boot tries again.
type PutOff struct {
	At  time.Time `json:"at"`
	Why string    `json:"why"`
}

// State is what is kept of a watch.
type State struct {
	Version int     `json:"version"` // of its form: 1
	Watch   Watch   `json:"watch"`
	Checks  []Check `json:"checks"` // from old to new
	PutOff  *PutOff `json:"put_off,omitzero"`
}

// Pending is the check that has not ended; nil: all have.
func (s *State) Pending() *Check {
	if n := len(s.Checks); n > 0 && s.Checks[n-1].Verdict == "" {
		return &s.Checks[n-1]
	}
	return nil
}

// Take begins a try, in a run with that id: of a new check, or of the one that was
// cut off.
func (s *State) Take(step Step, now Present, run string, pid int, at time.Time) *Check {
	c := s.Pending()
	if step.Do == Begin || c == nil {
		s.Checks = append(s.Checks, Check{Made: Of(now.Made), Why: step.Why})
		if n := len(s.Checks); n > mostChecks {
			s.Checks = slices.Clone(s.Checks[n-mostChecks:])
		}
		c = &s.Checks[len(s.Checks)-1]
	}
	c.Tries++
	c.Boot, c.PID, c.Begun = now.Boot, pid, at
	if !slices.Contains(c.Runs, run) {
		c.Runs = append(c.Runs, run)
	}
	s.PutOff = nil
	return c
}

// Drop takes back a try in which nothing was driven, and keeps why.
func (s *State) Drop(run, why string, at time.Time) {
	s.PutOff = &PutOff{At: at, Why: why}
	c := s.Pending()
	if c == nil {
		return
	}
	c.Tries--
	c.Runs = slices.DeleteFunc(c.Runs, func(id string) bool { return id == run })
	if c.Tries <= 0 {
		s.Checks = s.Checks[:len(s.Checks)-1]
	}
}
