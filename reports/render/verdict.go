package render

import (
	"fmt"
	"strings"

	"roamfault/patterns"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// verdict returns the five things that a reader wants to know first, about
// the gravest incident.
func (g *gather) verdict() []Fact {
	i := g.heading
	what := Clean(i.Title)
	gone := outage(i)
	if g.incidents > 1 {
		what = fmt.Sprintf("%s, the gravest: %s", plural(g.incidents, "incident", "incidents"), what)
		if sum := g.outage.String(); sum != "" {
			gone += " (" + sum + ")"
		}
	}
	do := "nothing is known for this failure; report it with the lines below"
	if a := advice(i); len(a) > 0 {
		do = a[0]
	}
	return []Fact{{"What failed", what}, {"It began", origin(i)}, {"To blame", layer(i)}, {"Wi-Fi gone", gone}, {"What to do", do}}
}

// headline returns the title of a document with incidents, clean, and what of
// the verdict stands below it: a single incident's title needs no repeating.
func (g *gather) headline() (string, []Fact) {
	if g.incidents > 1 {
		return plural(g.incidents, "Wi-Fi incident", "Wi-Fi incidents"), g.verdict()
	}
	return Clean(g.heading.Title), g.verdict()[1:]
}

// origin tells where an incident began.
func origin(i *incident.Incident) string {
	e := i.Trigger
	if e == nil {
		e = i.First
	}
	if e == nil {
		return "unknown"
	}
	text := fmt.Sprintf("with %s at %s", Clean(string(e.Class)), place(e))
	if at := when(e); at != "" {
		text += ", " + at
	}
	if info, ok := e.Class.Info(); ok {
		text += ": " + info.Meaning
	}
	return text
}

// clean tells in one sentence that there is no incident.
func (g *gather) clean(s *analysis.Summary) string {
	records := 0
	failed := 0
	for _, in := range s.Inputs {
		records += in.Records
		if in.Err != nil {
			failed++
		}
	}
	read := fmt.Sprintf("%s of %s", plural(records, "record", "records"), plural(len(s.Inputs), "input", "inputs"))
	if failed > 0 && failed == len(s.Inputs) && records == 0 {
		return "Nothing could be read, so there is nothing to say."
	}
	if g.roams > 0 {
		read += ", " + plural(g.roams, "roam", "roams")
	}
	trouble := 0
	for class, n := range g.outside {
		if info, _ := class.Info(); info.Severity >= patterns.Warn {
			trouble += n
		}
	}
	var but []string
	if trouble > 0 {
		but = append(but, plural(trouble, "symptom without an outage", "symptoms without an outage"))
	}
	if n := len(s.Unmatched) + s.UnmatchedMore; n > 0 {
		but = append(but, plural(n, "kind of record that looks like trouble and is not known", "kinds of record that look like trouble and are not known"))
	}
	if failed > 0 {
		but = append(but, plural(failed, "input that could not be read to its end", "inputs that could not be read to their end"))
	}
	if s.Interrupted {
		but = append(but, "stopped before the end")
	}
	switch {
	case records == 0:
		return "No incident: there are no records in " + plural(len(s.Inputs), "input", "inputs") + "."
	case len(but) > 0:
		return fmt.Sprintf("No incident: %s, but %s.", read, strings.Join(but, ", "))
	}
	return fmt.Sprintf("No incident: %s, all fine.", read)
}
