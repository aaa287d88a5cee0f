package compare

import (
	"fmt"
	"math"

	"roamfault/roam/runlog"
)

// EndPoint is the one thing that the verdict rests on.
type EndPoint string

// The end points.
const (
	// PerCycle is how many of the cycles failed, by permutation of the loads.
	PerCycle EndPoint = "per-cycle"
	// PerHour is how many incidents came in an hour, by permutation of the loads:
	// for boots whose cycles nobody counted.
	PerHour EndPoint = "per-hour"
	// FirstFault is how many cycles a load made until the first that failed, by the
	// log-rank scores of the loads.
	FirstFault EndPoint = "first-fault"
)

// Options are the choices of Compare. The zero value stands for the usual ones.
type Options struct {
	// Alpha is the chance of a false alarm, for both directions together; 0: 0.05.
	Alpha float64
	// Power is the chance to find what is to be found, Alpha at least; 0: 0.9.
	Power float64
	// Within is the greatest difference that counts as none: of the share of cycles
	// that fail (0: 0.05), or of the incidents in an hour (0: 1).
	Within float64
	// EndPoint is what the verdict rests on; empty: PerCycle.
	EndPoint EndPoint
	// Origin is which cycles are compared; empty: natural ones. The others are
	// counted only.
	Origin runlog.Origin
	// Seed is of the permutations that are drawn.
	Seed uint64
	// By are the keys of the environment that the arms were made by. None: whatever
	// can be compared and differs.
	By []runlog.Key
}

// FewestLoads is how many loads of the firmware each arm needs for a verdict:
// with fewer no permutation of them is rare enough.
const FewestLoads = 4

func (o Options) filled() (Options, error) {
	if o.Alpha == 0 {
		o.Alpha = 0.05
	}
	if o.Power == 0 {
		o.Power = 0.9
	}
	if o.EndPoint == "" {
		o.EndPoint = PerCycle
	}
	if o.Within == 0 {
		o.Within = 0.05
		if o.EndPoint == PerHour {
			o.Within = 1
		}
	}
	if o.Origin == "" {
		o.Origin = runlog.Natural
	}
	switch {
	case !(o.Alpha > 0 && o.Alpha < 1):
		return o, fmt.Errorf("compare with alpha %g: it is between 0 and 1", o.Alpha)
	case !(o.Power >= o.Alpha && o.Power < 1):
		return o, fmt.Errorf("compare with power %g: it is between alpha and 1", o.Power)
	case o.EndPoint == PerHour && !(o.Within > 0 && o.Within <= math.MaxFloat64):
		return o, fmt.Errorf("compare within %g: a difference of incidents an hour is greater than 0, and a number", o.Within)
	case o.EndPoint != PerHour && !(o.Within > 0 && o.Within < 1):
		return o, fmt.Errorf("compare within %g: a difference of shares is between 0 and 1", o.Within)
	case o.EndPoint != PerCycle && o.EndPoint != PerHour && o.EndPoint != FirstFault:
		return o, fmt.Errorf("compare by %q: the end points are %s, %s and %s", o.EndPoint, PerCycle, PerHour, FirstFault)
	case o.Origin != runlog.Natural && o.Origin != runlog.Injected:
		return o, fmt.Errorf("compare cycles of origin %q: it is %s or %s", o.Origin, runlog.Natural, runlog.Injected)
	}
	return o, nil
}
