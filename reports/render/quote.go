package render

import (
	"fmt"

	"roamfault/journal"
	"roamfault/reports/incident"
)

// Bounds on what is quoted of a log, in physical lines.
const (
	quoteBefore = 5   // lines before an incident's first
	quoteAfter  = 5   // lines after its last
	quoteHead   = 120 // lines quoted of a long incident's beginning
	quoteTail   = 60  // and of its end
)

// quote returns the log's own lines of an incident, clean: those that context
// gives from before the first to after the last, else those of its events.
func quote(i *incident.Incident, context Context) []string {
	if out := surroundings(i, context); len(out) > 0 {
		return out
	}
	out := quoteEvents(i)
	if len(out) > quoteHead+quoteTail {
		left := len(out) - quoteHead - quoteTail
		tail := out[len(out)-quoteTail:]
		out = append(append(out[:quoteHead:quoteHead], leftOut(left)), tail...)
	}
	return out
}

// quoteEvents returns the lines from which the incident's events were read,
// each record once.
func quoteEvents(i *incident.Incident) []string {
	seen := make(map[journal.Origin]bool)
	var out []string
	for _, e := range ordered(i) {
		if seen[e.Origin] && e.Origin != (journal.Origin{}) {
			continue
		}
		seen[e.Origin] = true
		raw := e.Raw
		if raw == "" {
			raw = e.Message
		}
		out = append(out, physical(raw)...)
	}
	return out
}

func surroundings(i *incident.Incident, context Context) []string {
	if context == nil || i.First == nil || i.FirstLine < 1 || i.LastLine < i.FirstLine {
		return nil
	}
	file := i.First.Origin.File
	first, last := max(1, i.FirstLine-quoteBefore), i.LastLine+quoteAfter
	if last-first < quoteHead+quoteTail {
		return texts(context(file, first, last), quoteHead+quoteTail)
	}
	head := texts(context(file, first, first+quoteHead-1), quoteHead)
	tail := texts(context(file, last-quoteTail+1, last), quoteTail)
	if len(head) == 0 && len(tail) == 0 {
		return nil
	}
	left := last - first + 1 - quoteHead - quoteTail
	return append(append(head, leftOut(left)), tail...)
}

func texts(lines []Line, most int) []string {
	var out []string
	for _, l := range lines[:min(len(lines), most)] {
		out = append(out, Clean(clip(l.Text, longestLine)))
	}
	return out
}

// longestLine bounds a quoted line in bytes, as records are bounded.
const longestLine = 4096

func leftOut(n int) string {
	return fmt.Sprintf("[%s left out here]", plural(n, "line", "lines"))
}
