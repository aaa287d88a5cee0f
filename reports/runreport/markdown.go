package runreport

import (
	"fmt"
	"io"
	"strings"

	"roamfault/reports/incident"
	"roamfault/reports/render"
)

// Markdown writes a summary for a bug tracker. Nothing that a run holds becomes
// markup, a link, a mention or a reference.
func Markdown(w io.Writer, s Summary) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**Run %s**: %s\n", render.MarkdownCode(s.ID), s.course())
	if words := s.made(); len(words) > 0 {
		b.WriteByte('\n')
		for _, word := range words {
			fmt.Fprintf(&b, "- %s: %s\n", word.Key, render.MarkdownCode(word.Value))
		}
	}
	for _, t := range s.tables() {
		b.WriteByte('\n')
		render.MarkdownTable(&b, t)
	}
	if len(s.Classes) == 0 {
		b.WriteString("\nNo incidents.\n")
	}
	list(&b, "What to do next", s.Advice)
	list(&b, "The run file", s.Problems)
	_, err := io.WriteString(w, b.String())
	return err
}

// course is how far a run came, without words of its own.
func (s *Summary) course() string {
	out := plural(s.Cycles, "cycle")
	if s.Plan != "" {
		out += " of the plan " + render.MarkdownCode(s.Plan)
	}
	if s.Driven > 0 {
		out += " in " + incident.Duration(s.Driven)
	}
	switch {
	case s.Open:
		out += ", not ended"
	case s.Ended != plural(s.Cycles, "cycle"):
		out += ", ended by " + render.MarkdownCode(s.Ended)
	}
	return out
}

func list(b *strings.Builder, head string, lines []string) {
	for i, line := range lines {
		if i == 0 {
			fmt.Fprintf(b, "\n%s:\n\n", head)
		}
		fmt.Fprintf(b, "- %s\n", render.MarkdownText(line))
	}
}
