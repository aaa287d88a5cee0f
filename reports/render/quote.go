package render

import (
	"fmt"

	"roamfault/journal"
	"roamfault/reports/incident"
)

// Bounds on what is quoted of a log, in physical lines.
const (
	quoteHead = 120 // lines of a long incident's beginning
	quoteTail = 60  // and of its end
	mostLines = 400 // lines taken of one answer of a [Context]
)

// quote returns the log's own lines of an incident, clean: those that context
// gives, else those of its events.
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

// surroundings returns the lines of an incident that context gives, those of
// a long one's beginning and end.
func surroundings(i *incident.Incident, context Context) []string {
	if context == nil || i.First == nil || i.FirstLine < 1 || i.LastLine < i.FirstLine {
		return nil
	}
	file := i.First.Origin.File
	if i.LastLine-i.FirstLine < quoteHead+quoteTail {
		return texts(context(file, i.FirstLine, i.LastLine), 0)
	}
	head := context(file, i.FirstLine, i.FirstLine+quoteHead-1)
	head = head[:min(len(head), mostLines)]
	tail := context(file, i.LastLine-quoteTail+1, i.LastLine)
	if len(head) == 0 || len(tail) == 0 {
		return texts(append(head, tail...), 0)
	}
	end := head[len(head)-1].Number
	out := texts(head, 0)
	if left := tail[0].Number - end - 1; left > 0 {
		out = append(out, leftOut(left))
	}
	return append(out, texts(tail, end)...)
}

// texts returns the clean text of the lines behind the number after.
func texts(lines []Line, after int) []string {
	var out []string
	for _, l := range lines[:min(len(lines), mostLines)] {
		if l.Number > after {
			out = append(out, Clean(clip(l.Text, longestLine)))
		}
	}
	return out
}

// longestLine bounds a quoted line in bytes, as records are bounded.
const longestLine = 4096

func leftOut(n int) string {
	return fmt.Sprintf("[%s left out here]", plural(n, "line", "lines"))
}
