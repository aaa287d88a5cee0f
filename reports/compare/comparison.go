package compare

import "roamfault/roam/runlog"

// SchemaID is the value of "schema" in the JSON document.
const SchemaID = "roamfault/comparison/v1"

// Comparison is what comes of comparing two arms. All text in it has been made
// safe for one line of a terminal.
type Comparison struct {
	Schema  string  `json:"schema"`
	Verdict Verdict `json:"verdict"`
	// Summary is the verdict in one sentence, Why what it rests on.
	Summary string `json:"summary"`
	Why     string `json:"why"`
	// More is what would tell, where it cannot be told.
	More     *More         `json:"more,omitzero"`
	EndPoint EndPoint      `json:"end_point"`
	Origin   runlog.Origin `json:"origin"`
	Alpha    float64       `json:"alpha"`
	Power    float64       `json:"power"`
	Within   float64       `json:"within"`
	A        ArmSummary    `json:"a"`
	B        ArmSummary    `json:"b"`
	// Overall is of all cycles that failed and all incidents.
	Overall Test `json:"overall"`
	// Classes are of single classes, in their order.
	Classes   []ClassTest    `json:"classes"`
	Outcomes  []OutcomeCount `json:"outcomes"`
	Latencies []Latency      `json:"latencies"`
	Warnings  []Warning      `json:"warnings"`
}

// More is how much more data each arm would need.
type More struct {
	LoadsA  int `json:"loads_a"`
	LoadsB  int `json:"loads_b"`
	CyclesA int `json:"cycles_a"`
	CyclesB int `json:"cycles_b"`
}

// ArmSummary is what an arm consists of.
type ArmSummary struct {
	Name string   `json:"name"`
	Runs []string `json:"runs"`
	// Loads are those with a cycle (or, per hour, with a time) that counts.
	Loads int    `json:"loads"`
	Hours Number `json:"hours"` // of all loads; null: not known
	// Cycles are those that are compared; the others are left out, and why.
	Cycles      int `json:"cycles"`
	AfterReset  int `json:"after_reset"`
	Skipped     int `json:"skipped"`
	OtherOrigin int `json:"other_origin"`
	// Crashes are cycles that the machine did not outlive. Between of them are of no
	// cycle: it crashed between two, which counts as a cycle of its own.
	Crashes int `json:"crashes"`
	Between int `json:"crashes_between"`
	Air     Air `json:"air"`
}

// Rate is a share of cycles.
type Rate struct {
	Events   int      `json:"events"`
	Trials   int      `json:"trials"`
	Rate     Number   `json:"rate"`
	Interval Interval `json:"interval"` // Clopper and Pearson
}

// Hourly is a number of incidents in a time.
type Hourly struct {
	Events   int      `json:"events"`
	Hours    Number   `json:"hours"`
	Rate     Number   `json:"rate"`
	Interval Interval `json:"interval"` // Garwood
}

// LoadTest is a test that deals firmware loads to the arms anew.
type LoadTest struct {
	P P `json:"p"`
	// Exact says that all Ways to deal them were tried, else Ways were drawn.
	Exact bool `json:"exact"`
	Ways  int  `json:"ways"`
	// Blocks says that they were dealt among those only that ran side by side.
	Blocks bool `json:"blocks"`
}

// Dispersion says how far cycles are from independence of each other within a
// firmware load.
type Dispersion struct {
	Index Number `json:"index"` // 1: independent
	DF    int    `json:"df"`
	P     Number `json:"p"`
	ICC   Number `json:"icc"`
}

// Test holds all that is tested of one thing.
type Test struct {
	A Rate `json:"a"`
	B Rate `json:"b"`
	// Effect says the difference in words.
	Effect string `json:"effect"`
	// Loads is the test by firmware loads, which counts; FirstFault that of the
	// cycles up to the first.
	Loads      LoadTest `json:"loads"`
	FirstFault LoadTest `json:"first_fault"`
	// Fisher takes every cycle for itself.
	Fisher     P          `json:"fisher"`
	Dispersion Dispersion `json:"dispersion"`
	// Newcombe is of the difference of the shares, b less a, taking every cycle for
	// itself; Difference takes the dispersion and the number of loads into account.
	Newcombe   Interval `json:"newcombe"`
	Difference Interval `json:"difference"`
	Hours      HourTest `json:"hours"`
}

// primary is the test of the end point.
func (t *Test) primary(e EndPoint) LoadTest {
	switch e {
	case PerHour:
		return t.Hours.Loads
	case FirstFault:
		return t.FirstFault
	}
	return t.Loads
}

// HourTest compares incidents per hour.
type HourTest struct {
	A     Hourly   `json:"a"`
	B     Hourly   `json:"b"`
	Loads LoadTest `json:"loads"`
	// Poisson takes every incident for itself, and so does Ratio, of b's rate to a's.
	Poisson    P          `json:"poisson"`
	Ratio      Interval   `json:"ratio"`
	Dispersion Dispersion `json:"dispersion"`
	// Difference is of the rates, b less a, as in Test.
	Difference Interval `json:"difference"`
}

// ClassTest is the test of one class.
type ClassTest struct {
	Class string `json:"class"`
	// Compared says that both arms could have it; else Why says what is in the way.
	Compared bool   `json:"compared"`
	Why      string `json:"why"`
	Test     Test   `json:"test"`
	// Adjusted is the two-sided p-value of the test by firmware loads, by Holm over
	// all classes that are compared and that an arm had.
	Adjusted Number `json:"adjusted"`
}

// OutcomeCount is how many of the compared cycles of each arm ended so.
type OutcomeCount struct {
	Outcome string `json:"outcome"`
	A       int    `json:"a"`
	B       int    `json:"b"`
}
