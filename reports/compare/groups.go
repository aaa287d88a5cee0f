package compare

import "roamfault/roam/runlog"

// Groups makes arms of runs that are alike in a key of their environment.
type Groups struct {
	key  runlog.Key
	arms []*Arm
}

// NewGroups groups runs by a key.
func NewGroups(key runlog.Key) *Groups { return &Groups{key: key} }

// Unknown is the name of the arm of runs that do not have the key.
const Unknown = "unknown"

// Run adds a run to the arm it belongs to.
func (g *Groups) Run(info RunInfo) *Run {
	name, ok := info.Environment.Get(g.key)
	if !ok || name == "" {
		name = Unknown
	}
	for _, a := range g.arms {
		if a.name == name {
			return a.Run(info)
		}
	}
	a := NewArm(name)
	g.arms = append(g.arms, a)
	return a.Run(info)
}

// Arms are the arms in the order in which their first run came.
func (g *Groups) Arms() []*Arm { return g.arms }
