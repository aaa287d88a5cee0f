package render

import (
	"fmt"
	"io"
	"strings"

	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// MarkdownOptions are the choices of [NewMarkdown].
type MarkdownOptions struct {
	// Context gives the log's lines around an incident, which are then
	// quoted instead of those of its events alone. May be nil.
	Context Context
	// Facts are shown with every incident: kernel, distribution.
	Facts []Fact
}

// NewMarkdown returns a renderer that writes Markdown as GitHub, GitLab and
// people on mailing lists read it. Nothing that comes from a log can become
// markup, a link, a mention or a reference. All of it is written by Close.
func NewMarkdown(w io.Writer, o MarkdownOptions) Renderer { return &markdown{w: w, o: o} }

type markdown struct {
	gather
	w io.Writer
	o MarkdownOptions
}

func (m *markdown) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	m.settle()
	var b strings.Builder
	if m.incidents == 0 {
		b.WriteString("# No Wi-Fi incident\n\n" + prose(m.clean(s)) + "\n")
	} else {
		title, verdict := m.headline()
		b.WriteString("# " + prose(title) + "\n\n")
		for _, f := range verdict {
			fmt.Fprintf(&b, "- **%s:** %s\n", f.Name, prose(f.Value))
		}
	}
	if s.Interrupted {
		b.WriteString("\nStopped before the end of the inputs: what follows may lack its end.\n")
	}
	for n, i := range m.full {
		m.incident(&b, i, n+1)
	}
	m.repeats(&b)
	m.loose(&b)
	markdownTrouble(&b, s)
	markdownInputs(&b, s)
	return put(m.w, []byte(b.String()))
}

func (m *markdown) incident(b *strings.Builder, i *incident.Incident, n int) {
	if m.incidents > 1 {
		fmt.Fprintf(b, "\n## Incident %d of %s\n\n%s\n", n, grouped(m.incidents), prose(Clean(i.Title)))
	}
	b.WriteString("\n| | |\n|---|---|\n")
	fmt.Fprintf(b, "| Fingerprint | %s |\n", codeSpan(Clean(i.Fingerprint)))
	for _, f := range table(i, m.o.Facts) {
		fmt.Fprintf(b, "| %s | %s |\n", prose(f.Name), prose(f.Value))
	}
	if text := strings.TrimSpace(i.Summary); text != "" {
		fmt.Fprintf(b, "\n%s\n", prose(text))
	}
	// The time line is the one that text has, where columns stay aligned.
	p := &page{}
	p.timeline(i)
	if lines := body(p); len(lines) > 0 {
		b.WriteString("\n### Time line\n\n")
		if len(i.Evidence) > 0 {
			b.WriteString("Evidence is marked with an asterisk.\n\n")
		}
		fence(b, lines)
	}
	markdownList(b, "Recovery steps", steps(i))
	if list := codes(i); len(list) > 0 {
		b.WriteString("\n### Codes\n\n")
		for _, c := range list {
			fmt.Fprintf(b, "- %s\n", join(codeSpan(c.Code), ": ", prose(c.Meaning)))
		}
	}
	markdownList(b, "Beside it", beside(i))
	markdownList(b, "What to do", advice(i))
	if lines := quote(i, m.o.Context); len(lines) > 0 {
		fmt.Fprintf(b, "\n<details>\n<summary>The log, %s</summary>\n\n", plural(len(lines), "line", "lines"))
		fence(b, lines)
		b.WriteString("\n</details>\n")
	}
}

// body returns a page's lines behind its heading, without the common indent.
func body(p *page) []string {
	_, rest, ok := strings.Cut(strings.TrimLeft(p.String(), "\n"), "\n")
	if !ok {
		return nil
	}
	lines := strings.Split(strings.TrimRight(rest, "\n"), "\n")
	for n := range lines {
		lines[n] = strings.TrimPrefix(lines[n], "  ")
	}
	return lines
}

func markdownList(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n### %s\n\n", title)
	for n, s := range items {
		fmt.Fprintf(b, "%d. %s\n", n+1, prose(s))
	}
}

func (m *markdown) repeats(b *strings.Builder) {
	shown, _, rest := m.further()
	if len(shown) == 0 && rest == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n| Count | Fingerprint | Failure | First |\n|---:|---|---|---|\n", m.furtherTitle())
	for _, g := range shown {
		fmt.Fprintf(b, "| %d | %s | %s | %s |\n", g.Count, codeSpan(g.Fingerprint), prose(g.Title), prose(g.First))
	}
	if rest > 0 {
		fmt.Fprintf(b, "\nAnd %s of other fingerprints.\n", plural(rest, "incident", "incidents"))
	}
}

func (m *markdown) loose(b *strings.Builder) {
	trouble, progress := m.tallies()
	if len(trouble) > 0 {
		b.WriteString("\n## Outside of incidents\n\n| Count | Class | Meaning |\n|---:|---|---|\n")
	}
	for _, t := range trouble {
		fmt.Fprintf(b, "| %s | %s | %s |\n", grouped(t.Count), prose(t.Class), prose(t.Meaning))
	}
	if m.uncounted > 0 {
		fmt.Fprintf(b, "\n%s of further classes.\n", plural(m.uncounted, "event", "events"))
	}
	if len(progress) == 0 || m.incidents == 0 {
		return
	}
	var parts []string
	for _, t := range progress {
		parts = append(parts, prose(t.Class)+" "+grouped(t.Count))
	}
	fmt.Fprintf(b, "\n## Progress and context\n\n%s\n", strings.Join(parts, ", "))
}

func markdownTrouble(b *strings.Builder, s *analysis.Summary) {
	if len(s.Unmatched) == 0 && s.UnmatchedMore == 0 {
		return
	}
	b.WriteString("\n## Looks like Wi-Fi trouble, and no pattern knows it\n\n")
	for _, u := range s.Unmatched[:min(len(s.Unmatched), shownTrouble)] {
		text := Clean(u.Example)
		if u.Identifier != "" && u.Identifier != "kernel" {
			text = Clean(u.Identifier) + ": " + text
		}
		fmt.Fprintf(b, "- %s, first at %s: %s\n", plural(u.Count, "time", "times"), codeSpan(Clean(at(u.File, u.Line))), codeSpan(text))
	}
	if more := s.UnmatchedMore + max(0, len(s.Unmatched)-shownTrouble); more > 0 {
		fmt.Fprintf(b, "- and %s\n", plural(more, "more kind", "more kinds"))
	}
}

func markdownInputs(b *strings.Builder, s *analysis.Summary) {
	if len(s.Inputs) == 0 {
		return
	}
	b.WriteString("\n## Inputs\n\n")
	shown, more := telling(s.Inputs)
	for _, in := range shown {
		fmt.Fprintf(b, "- %s\n", prose(inputWords(in)))
		for _, k := range skips(in) {
			fmt.Fprintf(b, "  - %s\n", prose(k))
		}
		if in.Err != nil {
			fmt.Fprintf(b, "  - error: %s\n", prose(Clean(in.Err.Error())))
		}
	}
	if more > 0 {
		fmt.Fprintf(b, "- and %s\n", plural(more, "more input", "more inputs"))
	}
	if s.Late > 0 {
		fmt.Fprintf(b, "\n%s so far from their place in time that they were taken as found.\n", plural(s.Late, "record stood", "records stood"))
	}
}
