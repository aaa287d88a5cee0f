package compare

import (
	"fmt"
	"io"

	"roamfault/reports/stats"
)

// Planned is how much data a question takes.
type Planned struct {
	Base   float64 `json:"base"`
	Detect float64 `json:"detect"`
	Alpha  float64 `json:"alpha"`
	Power  float64 `json:"power"`
	// Cycles is how many each arm needs if cycles were independent, exactly.
	Cycles int `json:"cycles"`
	// Loads is how many loads of CyclesPerLoad each arm needs for the test that
	// deals loads, when two cycles of a load correlate by ICC.
	CyclesPerLoad int     `json:"cycles_per_load"`
	ICC           float64 `json:"icc"`
	Loads         int     `json:"loads"`
}

// mostPerLoad is how many cycles a load has at the most: no firmware was seen to live
// for so many.
const mostPerLoad = 1_000_000

// Plan says how many cycles, and how many firmware loads, each arm needs to find
// with the given power that the share of cycles that fail has changed from base
// to detect, with alpha for false alarms in both directions together. The number
// of cycles is by the exact power of Fisher's test.
func Plan(base, detect, alpha, power float64, cyclesPerLoad int, icc float64) (Planned, error) {
	p := Planned{Base: base, Detect: detect, Alpha: alpha, Power: power, CyclesPerLoad: cyclesPerLoad, ICC: icc}
	switch {
	case cyclesPerLoad > mostPerLoad:
		return p, fmt.Errorf("plan for %d cycles a load: at most %d", cyclesPerLoad, mostPerLoad)
	case power < alpha:
		return p, fmt.Errorf("plan for alpha %g and power %g: a false alarm would be likelier than a finding", alpha, power)
	}
	var err error
	if p.Cycles, err = stats.TrialsPerArm(base, detect, alpha/2, power); err != nil {
		return p, err
	}
	p.Loads, err = stats.UnitsPerArm(base, detect, alpha, power, cyclesPerLoad, icc, FewestLoads)
	return p, err
}

// WriteText writes the plan for people.
func (p Planned) WriteText(w io.Writer) error {
	_, err := fmt.Fprintf(w, "To find a change from %s to %s of the cycles with a chance of %s, and a chance of %s for a false alarm:\n"+
		"  %s an arm, if cycles were independent of each other (exact)\n"+
		"  %s of %s an arm, that is %s, with a correlation of %s within a load\n",
		percent(p.Base), percent(p.Detect), percent(p.Power), percent(p.Alpha),
		amount(p.Cycles, "cycle"),
		amount(p.Loads, "firmware load"), amount(p.CyclesPerLoad, "cycle"), amount(p.Loads*p.CyclesPerLoad, "cycle"), short(p.ICC))
	return err
}
