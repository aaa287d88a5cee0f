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

// said collects the classes of an analysis that are worse than info.
type said struct{ classes []string }

func (s *said) Event(e *incident.Event) error {
	if e.Severity > patterns.Info && !slices.Contains(s.classes, string(e.Class)) {
		s.classes = append(s.classes, string(e.Class))
	}
	return nil
}

func (*said) Incident(*incident.Incident) error { return nil }

// classesOf returns the classes that the patterns find in a log, apart from
// those that are information.
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
