package compare

import (
	"slices"
	"strings"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/reports/stats"
	"roamfault/roam/runlog"
)

// Arm is one side of a comparison: runs, or boots, that are taken to be alike.
type Arm struct {
	name  string
	runs  []*Run
	loads []*Load
	kinds []kind
	index map[kind]int
	last  int // the kind of the last cycle, which the next is likely of, too
	// samples are the durations of each measure, by origin.
	samples map[runlog.Origin][]stats.Sample
	air     air
	// unkept counts what went over the bounds.
	unkept int
}

// Bounds of what an arm keeps.
const (
	mostKinds    = 1024 // ways in which a cycle can end: outcome and classes
	mostClasses  = 32   // of one cycle
	longestClass = 64   // bytes
)

// Unkept is the class of what came in more classes than are kept.
const Unkept = "(more)"

// NewArm begins an arm.
func NewArm(name string) *Arm {
	return &Arm{name: name, index: make(map[kind]int), samples: make(map[runlog.Origin][]stats.Sample)}
}

// Name is what the arm is called.
func (a *Arm) Name() string { return a.name }

// RunInfo is what is known of a run beside its cycles.
type RunInfo struct {
	ID          string
	Environment runlog.Environment
	Plan        runlog.Plan
	// Early says why it ended before its plan did, or that it is still open; empty:
	// it did not.
	Early string
	// Damage says what of it could not be read, one line each.
	Damage []string
	// Changed are the keys of the environment that changed within the run.
	Changed []runlog.Key
	// Classes are those that could have been told; nil: all. One may have, behind a
	// colon, whose words tell it: then it is compared only with where the same do.
	// Unsaid says that the run's file does not tell them.
	Classes []string
	Unsaid  bool
}

// Run is a run of an arm.
type Run struct {
	info RunInfo
	arm  *Arm
}

// Run adds a run to the arm.
func (a *Arm) Run(info RunInfo) *Run {
	r := &Run{info, a}
	a.runs = append(a.runs, r)
	return r
}

// LoadInfo is what is known of a load of the firmware.
type LoadInfo struct {
	Boot   string // boot id
	Number int    // within the run
	// Hours is for how long it was looked at, 0: not known.
	Hours float64
	// Began is when, by the wall clock; zero: not known. Where the loads of the arms
	// took turns, it tells which ran side by side.
	Began time.Time
	// Block tells loads that ran side by side, interleaved over both arms, from
	// others, whatever Began says; 0: it was not planned so.
	Block int
}

// Load is what counts as one: all between two loads of the chip's firmware.
type Load struct {
	info LoadInfo
	run  *Run
	// tallies are by the arm's kinds, in the order in which they came.
	tallies []tally
	// clock counts the cycles that stand for themselves, natural ones and others, for
	// the time to the first fault.
	clock [2]int
	// incidents are those by class and origin; nil: none.
	incidents map[told]int
	// between is how many crashes no cycle has.
	between int
}

type told struct {
	class  string
	origin runlog.Origin
}

// Load adds a load to the run.
func (r *Run) Load(info LoadInfo) *Load {
	l := &Load{info: info, run: r}
	r.arm.loads = append(r.arm.loads, l)
	return l
}

// Lasted adds to the hours of the load.
func (l *Load) Lasted(hours float64) { l.info.Hours += max(0, hours) }

// Incident counts an incident of the load, within a cycle or not. Those of one
// id count once; who gives them sees to that.
func (l *Load) Incident(class string, origin runlog.Origin) {
	t := told{bounded(class), origin}
	if _, ok := l.incidents[t]; !ok && len(l.incidents) >= mostKinds {
		l.run.arm.unkept++
		t.class = Unkept
	}
	if l.incidents == nil {
		l.incidents = make(map[told]int)
	}
	l.incidents[t]++
}

// Crash counts a crash of the machine between two cycles, as a cycle of its own that
// crashed and took no time. The classes are of the incidents that tell it, which
// are counted by Incident, too; none: nothing else tells it.
func (l *Load) Crash(origin runlog.Origin, classes []string) {
	k := kind{outcome: runlog.Crashed, origin: origin}
	if len(classes) > 0 {
		k.classes = classSet(classes)
	}
	l.between++
	l.count(l.run.arm.kind(k), l.tick(origin, 1))
}

// Cycle is what is compared of a cycle.
type Cycle struct {
	Outcome    runlog.Outcome
	Origin     runlog.Origin
	AfterReset bool
	Classes    []string // of the incidents that opened within it
	// Stages, Outage and Took are as in runlog.Cycle; Timeout is how long the action
	// had.
	Stages       []runlog.StageTime
	Outage, Took time.Duration
	Timeout      time.Duration
	AP           dot11.Addr // that it was connected to in the end
	Air          *runlog.Air
}

// CycleOf takes what is compared from a cycle of a run.
func CycleOf(c *runlog.Cycle, timeout time.Duration) Cycle {
	out := Cycle{
		Outcome: c.Outcome, Origin: c.Origin, AfterReset: c.AfterReset, Classes: c.Incidents,
		Stages: c.Stages, Outage: c.Outage, Took: c.Took, Timeout: timeout, Air: c.Air,
	}
	if c.At != nil {
		out.AP = c.At.Addr()
	}
	return out
}

// kind is how a cycle ended: those of a kind are counted together.
type kind struct {
	outcome    runlog.Outcome
	origin     runlog.Origin
	afterReset bool
	classes    string // sorted, by commas
}

// has reports whether an incident of the class opened.
func (k kind) has(class string) bool {
	for c := range strings.SplitSeq(k.classes, ",") {
		if c == class {
			return true
		}
	}
	return false
}

// tally is how many cycles of a kind a load has, and after how many others of
// their origin the first of them came, itself included.
type tally struct{ kind, cycles, first int }

// Cycle counts a cycle; those of a load come in their order.
func (l *Load) Cycle(c *Cycle) {
	k := kind{outcome: c.Outcome, origin: c.Origin, afterReset: c.AfterReset}
	if len(c.Classes) > 0 {
		k.classes = classSet(c.Classes)
	}
	if k.origin == "" {
		k.origin = runlog.Natural
	}
	by := 0
	if k.stands() {
		by = 1
		l.run.arm.measure(k.origin, c)
	}
	l.run.arm.air.add(c)
	l.count(l.run.arm.kind(k), l.tick(k.origin, by))
}

// tick moves the clock of an origin on, and reads it.
func (l *Load) tick(origin runlog.Origin, by int) int {
	n := 0
	if origin != runlog.Natural {
		n = 1
	}
	l.clock[n] += by
	return l.clock[n]
}

// stands reports whether a cycle stands for itself. A crash always does.
func (k kind) stands() bool {
	return k.outcome == runlog.Crashed || k.outcome != runlog.Skipped && !k.afterReset
}

func (l *Load) count(kind, at int) {
	for i := range l.tallies {
		if l.tallies[i].kind == kind {
			l.tallies[i].cycles++
			return
		}
	}
	l.tallies = append(l.tallies, tally{kind, 1, at})
}

// kind gives the number of a kind.
func (a *Arm) kind(k kind) int {
	if a.last < len(a.kinds) && a.kinds[a.last] == k {
		return a.last
	}
	n, ok := a.index[k]
	if ok {
		a.last = n
		return n
	}
	if len(a.kinds) >= mostKinds && k.classes != Unkept {
		a.unkept++
		k.classes = Unkept
		return a.kind(k)
	}
	a.index[k] = len(a.kinds)
	a.kinds = append(a.kinds, k)
	return len(a.kinds) - 1
}

// classSet writes classes so that the same ones are written the same.
func classSet(classes []string) string {
	if len(classes) == 1 {
		return bounded(classes[0])
	}
	set := make([]string, 0, len(classes))
	for _, c := range classes[:min(len(classes), mostClasses)] {
		set = append(set, bounded(c))
	}
	slices.Sort(set)
	return strings.Join(slices.Compact(set), ",")
}

// bounded makes a class's name one that can be kept. Names of classes are plain;
// one that is not comes from a file that somebody else wrote.
func bounded(class string) string {
	if len(class) <= longestClass && !strings.Contains(class, ",") {
		return class
	}
	class = strings.ReplaceAll(class, ",", ";")
	return strings.ToValidUTF8(class[:min(len(class), longestClass)], "")
}
