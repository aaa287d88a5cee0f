package stock

import (
	"slices"
	"strings"
	"testing"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
	"roamfault/roam/lab/labtest"
)

// said collects the classes of an analysis that are worse than info, and those
// of info that an access point can make.
type said struct{ classes []string }

func (s *said) Event(e *incident.Event) error {
	told := e.Severity > patterns.Info || e.Class == "channel-switch" || e.Class == "mlo-reconfigured"
	if told && !slices.Contains(s.classes, string(e.Class)) {
		s.classes = append(s.classes, string(e.Class))
	}
	return nil
}

func (*said) Incident(*incident.Incident) error { return nil }

// classesOf returns the classes of said in a log.
func classesOf(t *testing.T, lines []labtest.Line) []string {
	t.Helper()
	slices.SortStableFunc(lines, func(a, b labtest.Line) int { return a.Time.Compare(b.Time) })
	var log strings.Builder
	for _, line := range lines {
		log.WriteString(line.String() + "\n")
	}
	var s said
	source := analysis.Source{Name: "lab", Reader: &journal.Text{Reader: strings.NewReader(log.String())}}
	if _, err := analysis.Run(t.Context(), []analysis.Source{source}, analysis.Options{Catalogue: patterns.Builtin()}, &s); err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.classes)
	return s.classes
}
