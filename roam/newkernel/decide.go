package newkernel

import (
	"fmt"

	"roamfault/roam/runlog"
)

// SwitchOff, on the kernel's command line, keeps the unit from starting.
const SwitchOff = "roamfault.nobaseline"

// Present is a boot, as it is looked at.
type Present struct {
	Machine, Boot string
	// Made is what was booted, as far as it is known; Card says that the baseline's
	// card is there.
	Made runlog.Environment
	Card bool
	// Known are what the baseline's runs were made on; none: there is no baseline.
	Known []runlog.Environment
	// Marked says that a hook has noted the kernel as new, and Off that SwitchOff is
	// on its command line.
	Marked, Off bool
	// Alive reports whether a process of this program has that number.
	Alive func(pid int) bool
}

// Action is what is to be done at a boot.
type Action string

// The actions.
const (
	Nothing  Action = "nothing"
	Begin    Action = "begin"    // a check of what is new
	GoOn     Action = "go on"    // with the check that was cut off
	Conclude Action = "conclude" // the check that was cut off, without driving on
)

// Step is what is to be done, and why.
type Step struct {
	Do  Action
	Why string
}

// Next says what is to be done. Behind Conclude it is asked again.
func (s *State) Next(now Present) Step {
	switch c := s.Pending(); {
	case s.Watch.Machine != now.Machine:
		return Step{Nothing, "the watch was turned on on another machine"}
	case now.Off:
		return Step{Nothing, SwitchOff + " is on the kernel's command line"}
	case c == nil:
		return s.first(now)
	case c.Boot == now.Boot && now.Alive != nil && now.Alive(c.PID):
		return Step{Nothing, fmt.Sprintf("a check is under way in process %d", c.PID)}
	case !Same(now.Made, c.Made):
		return Step{Conclude, "it was cut off, and something else was booted: " + differences(now.Made, c.Made)}
	case c.Tries >= MostTries:
		return Step{Conclude, fmt.Sprintf("it was cut off %d times", c.Tries)}
	default:
		return Step{GoOn, "it was cut off"}
	}
}

// first says whether this is the first boot of something.
func (s *State) first(now Present) Step {
	kernel, _ := now.Made.Get(runlog.KeyKernel)
	switch {
	case len(now.Known) == 0:
		return Step{Nothing, "no baseline is set any more: roamfault runs baseline set ID"}
	case !now.Card:
		return Step{Nothing, fmt.Sprintf("no card of the baseline is there (%s with %s)", s.Watch.Device, s.Watch.Driver)}
	case now.Marked:
		return Step{Begin, "kernel " + kernel + " was installed since"}
	}
	for i := len(s.Checks) - 1; i >= 0; i-- {
		if c := &s.Checks[i]; Same(now.Made, c.Made) {
			return Step{Nothing, "what is booted was checked: " + c.Verdict}
		}
	}
	for _, known := range now.Known {
		if Same(now.Made, known) {
			return Step{Nothing, "the baseline was made on what is booted"}
		}
	}
	last := now.Known[len(now.Known)-1]
	if n := len(s.Checks); n > 0 {
		last = s.Checks[n-1].Made
	}
	return Step{Begin, differences(now.Made, last)}
}
