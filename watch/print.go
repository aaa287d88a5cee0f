package watch

import (
	"encoding/json"
	"fmt"
	"io"

	"roamfault/reports/incident"
	"roamfault/reports/render"
)

// longestMessage is how much of a record's text a line shows.
const longestMessage = 300

// TextPrinter writes a line for people for whatever happens to an incident.
type TextPrinter struct{ W io.Writer }

// Opened writes the first event.
func (p TextPrinter) Opened(id string, e *incident.Event) { p.event("open", id, e, "") }

// Grew writes a further event.
func (p TextPrinter) Grew(id string, e *incident.Event, n int) {
	p.event("grew", id, e, fmt.Sprintf(", event %d", n))
}

func (p TextPrinter) event(what, id string, e *incident.Event, more string) {
	fmt.Fprintf(p.W, "%s %s %s %s: %s (%s%s): %s\n", when(e), what, id, name(e.Device), e.Class, e.Severity, more, message(e))
}

// Finished writes what it was, how it ended, and where it lies.
func (p TextPrinter) Finished(i *incident.Incident, _ json.RawMessage, file string) {
	what := "done"
	if i.Rev > 0 {
		what = fmt.Sprintf("rev%d", i.Rev)
	}
	if file == "" {
		file = "not stored yet"
	}
	fmt.Fprintf(p.W, "%s %s %s %s: %s [%s] %s\n", when(i.Last), what, i.ID, name(i.Device), render.Clean(i.Title), render.Clean(i.Fingerprint), file)
}

// JSONPrinter writes a JSON object a line: of type "opened", "grew", and
// "incident" as an analysis has it.
type JSONPrinter struct{ W io.Writer }

// happening is the object of an event.
type happening struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Time     string `json:"time"`
	Device   string `json:"device"`
	Class    string `json:"class"`
	Severity string `json:"severity"`
	Event    int    `json:"event"`
	Message  string `json:"message"`
}

// Opened writes the first event.
func (p JSONPrinter) Opened(id string, e *incident.Event) { p.event("opened", id, e, 1) }

// Grew writes a further event.
func (p JSONPrinter) Grew(id string, e *incident.Event, n int) { p.event("grew", id, e, n) }

func (p JSONPrinter) event(what, id string, e *incident.Event, n int) {
	line, err := json.Marshal(happening{what, id, e.Time.String(), render.Clean(e.Device), string(e.Class), e.Severity.String(), n, message(e)})
	if err == nil {
		fmt.Fprintf(p.W, "%s\n", line)
	}
}

// Finished writes the incident.
func (p JSONPrinter) Finished(_ *incident.Incident, object json.RawMessage, _ string) {
	fmt.Fprintf(p.W, "%s\n", object)
}

func when(e *incident.Event) string {
	if e == nil || e.Time.IsZero() {
		return "-"
	}
	return e.Time.String()
}

func name(device string) string {
	if device == "" {
		return "wi-fi"
	}
	return render.Clean(device)
}

func message(e *incident.Event) string {
	m := render.Clean(e.Message)
	if r := []rune(m); len(m) > longestMessage && len(r) > longestMessage {
		return string(r[:longestMessage]) + "…"
	}
	return m
}
