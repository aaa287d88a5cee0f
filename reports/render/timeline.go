package render

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"roamfault/patterns"
	"roamfault/reports/incident"
)

// row is one line of an incident's time line, clean.
type row struct {
	Day      string // set where a new day begins
	Clock    string
	Class    string
	Severity patterns.Severity
	Message  string
	Count    int      // how often the source says that it came, 1 for once
	Tellers  []string // who else told the same fact
	Evidence bool     // the verdict rests on it
	Place    string   // file without its directories, and line
	Fold     string   // what stands here instead of many rows, else empty

	event *incident.Event
}

// Bounds on a time line.
const (
	mostOfClass = 5   // rows of one class before the rest is folded
	mostRows    = 80  // rows in all before the rest is folded
	mostEvents  = 700 // events looked at
	lookBack    = 16  // rows searched for a fact told before
	sameFact    = time.Second
)

// timeline returns what happened, in order, each fact once and floods folded.
func timeline(i *incident.Incident) []row {
	rows := facts(i)
	seen := make(map[string]int)
	var out []row
	var folded []row
	flush := func() {
		out = append(out, fold(folded)...)
		folded = folded[:0]
	}
	for n, r := range rows {
		seen[r.Class]++
		if !r.Evidence && n < len(rows)-1 && (seen[r.Class] > mostOfClass || len(out) >= mostRows) {
			folded = append(folded, r)
			continue
		}
		flush()
		out = append(out, r)
	}
	flush()
	today := ""
	for n := range out {
		if d := day(out[n].event); d != "" && d != today {
			today = d
			out[n].Day = d
		}
	}
	return out
}

// fold makes one row of many, and leaves a single one as it is.
func fold(rows []row) []row {
	if len(rows) <= 1 {
		return slices.Clone(rows)
	}
	counts := make(map[string]int)
	var classes []string
	for _, r := range rows {
		if counts[r.Class] == 0 {
			classes = append(classes, r.Class)
		}
		counts[r.Class]++
	}
	var parts []string
	for _, c := range classes[:min(len(classes), 6)] {
		parts = append(parts, fmt.Sprintf("%d more %s", counts[c], c))
	}
	if len(classes) > 6 {
		parts = append(parts, "and others")
	}
	last := rows[len(rows)-1]
	return []row{{Fold: "… " + strings.Join(parts, ", ") + " until " + last.Clock, event: rows[0].event, Clock: rows[0].Clock, Severity: rows[0].Severity}}
}

// facts returns a row for every event of the incident, those that only tell
// again what a row before them told joined to it.
func facts(i *incident.Incident) []row {
	device := strings.Fields(i.Device)
	var rows []row
	for _, e := range ordered(i) {
		evidence := slices.Contains(i.Evidence, e)
		if told := restated(rows, e); told != nil {
			if t := teller(told.event, e); t != "" && !slices.Contains(told.Tellers, t) && len(told.Tellers) < 8 {
				told.Tellers = append(told.Tellers, t)
			}
			told.Evidence = told.Evidence || evidence
			continue
		}
		message := Clean(withoutSubject(e, device))
		if e.Identifier != "" && e.Identifier != "kernel" {
			message = Clean(e.Identifier) + ": " + message
		}
		rows = append(rows, row{
			Clock: clock(e), Class: Clean(string(e.Class)), Severity: e.Severity, Message: message, Count: max(e.Count, 1),
			Evidence: evidence, Place: Clean(at(filepath.Base(e.Origin.File), e.Origin.Line)), event: e,
		})
	}
	return rows
}

// withoutSubject returns an event's message without the names in front of it
// where these are all the incident's device.
func withoutSubject(e *incident.Event, device []string) string {
	s, body := patterns.SplitSubject(e.Message)
	if s.Driver == "" && s.Iface == "" || body == "" {
		return e.Message
	}
	for _, name := range []string{s.Driver, s.Bus, s.Iface} {
		if name != "" && !slices.Contains(device, name) {
			return e.Message
		}
	}
	if s.Link != "" {
		return "[link " + s.Link + "] " + body
	}
	return body
}

// ordered returns the incident's events and the progress around them as they
// came, each once.
func ordered(i *incident.Incident) []*incident.Event {
	in := make(map[*incident.Event]bool)
	var all []*incident.Event
	add := func(list []*incident.Event) {
		for _, e := range list {
			if e != nil && !in[e] && len(all) < mostEvents {
				in[e] = true
				all = append(all, e)
			}
		}
	}
	add(i.Lines)
	add(i.Events)
	for _, e := range i.Evidence {
		if e == nil || in[e] {
			continue
		}
		in[e] = true
		at := slices.IndexFunc(all, func(o *incident.Event) bool { return earlier(e, o) })
		if at < 0 {
			at = len(all)
		}
		all = slices.Insert(all, at, e)
	}
	return all
}

// restated returns the row that already tells what e tells: the same class
// within a second by somebody else, with no value that differs.
func restated(rows []row, e *incident.Event) *row {
	for n := len(rows) - 1; n >= 0 && n >= len(rows)-lookBack; n-- {
		o := rows[n].event
		if o.Class != e.Class || teller(o, e) == "" {
			continue
		}
		if gap, ok := apart(o, e); ok && (gap > sameFact || gap < -sameFact) {
			continue
		}
		if agree(o.Fields, e.Fields) {
			return &rows[n]
		}
	}
	return nil
}

// teller names who tells e if that is another than the one who told o: a
// daemon, or the same words in another file.
func teller(o, e *incident.Event) string {
	switch {
	case e.Identifier != o.Identifier && e.Identifier != "":
		return Clean(e.Identifier)
	case e.Identifier != o.Identifier:
		return place(e)
	case e.Origin.File != o.Origin.File && e.Message == o.Message:
		return Clean(e.Origin.File)
	}
	return ""
}

// agree reports whether no field that both have differs.
func agree(a, b patterns.Fields) bool {
	for _, f := range a {
		if v := b.Get(f.Name); v != "" && !strings.EqualFold(v, f.Value) {
			return false
		}
	}
	return true
}

// notKept says how many events of an incident are counted only.
func notKept(i *incident.Incident) string {
	if n := i.Total - len(i.Events); n > 0 && len(i.Events) > 0 {
		return plural(n, "event in between is", "events in between are") + " counted and not kept."
	}
	return ""
}

// plural writes a number with the word that fits it.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// grouped writes a number with a thin structure for the eye: "1,234,567".
func grouped(n int) string {
	s := strconv.Itoa(n)
	if len(s) < 5 || n < 0 {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
