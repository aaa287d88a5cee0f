package render

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"roamfault/journal"
	"roamfault/reports/analysis"
	"roamfault/reports/incident"
)

// TextOptions are the choices of [NewText].
type TextOptions struct {
	// Width is the terminal's width in columns. 0 stands for no terminal:
	// nothing is wrapped or cut. Less than 40 counts as 40.
	Width int
	// Color allows colours by escape sequences.
	Color bool
	// Context gives the log's lines around an incident, to be quoted below
	// it. Nil quotes none.
	Context Context
	// Facts are shown with every incident.
	Facts []Fact
}

const (
	leastWidth  = 40
	widestProse = 100 // columns beyond which prose is hard to read
	pipeRule    = 72  // length of a rule where there is no width
)

// NewText returns a renderer that writes text for people. Its first five
// lines (before wrapping) say what failed, where it began, which layer is to
// blame, how long Wi-Fi was gone and what to do. All of it is written by
// Close.
func NewText(w io.Writer, o TextOptions) Renderer {
	if o.Width > 0 {
		o.Width = max(o.Width, leastWidth)
	}
	return &text{w: w, o: o}
}

type text struct {
	gather
	w io.Writer
	o TextOptions
}

func (t *text) Close(s *analysis.Summary) error {
	if s == nil {
		s = &analysis.Summary{}
	}
	t.settle()
	p := &page{width: t.o.Width, paint: paint(t.o.Color)}
	t.head(p, s)
	for n, i := range t.full {
		p.incident(i, n+1, t.incidents, t.o)
	}
	t.repeats(p)
	t.loose(p)
	trouble(p, s)
	inputs(p, s)
	return put(t.w, p.Bytes())
}

// head writes the verdict, or that there is nothing to judge.
func (t *text) head(p *page, s *analysis.Summary) {
	if t.incidents == 0 {
		p.prose("", t.clean(s))
		return
	}
	for n, f := range t.verdict() {
		value := f.Value
		p.labelled("", verdictLabel, f, func(line string) string {
			if n == 0 {
				return p.bold(line)
			}
			return line
		}, value)
	}
	if s.Interrupted {
		p.blank()
		p.prose("", "Stopped before the end of the inputs: what follows may lack its end.")
	}
}

// The widths of the columns of names.
const (
	verdictLabel = 12
	factLabel    = 14
)

// repeats counts the incidents that are not told in full.
func (t *text) repeats(p *page) {
	shown, groups, rest := t.further()
	if len(shown) == 0 && rest == 0 {
		return
	}
	p.section(t.furtherTitle())
	for _, g := range shown {
		p.item(fmt.Sprintf("%5d × ", g.Count), g.Title)
		p.whole("        "+g.Fingerprint, p.faint)
		where := "first " + g.First
		if g.Count > 1 {
			where += "; last " + g.Last
		}
		p.prose("        ", where)
	}
	if rest > 0 {
		text := fmt.Sprintf("and %s of other fingerprints", plural(rest, "incident", "incidents"))
		if groups > 0 && t.ungrouped == 0 {
			text = fmt.Sprintf("and %s of %s", plural(rest, "incident", "incidents"), plural(groups, "other fingerprint", "other fingerprints"))
		}
		p.prose("  ", text)
	}
}

// loose counts the events that belong to no incident.
func (t *text) loose(p *page) {
	trouble, progress := t.tallies()
	if len(trouble) > 0 || t.uncounted > 0 {
		p.section("Outside of incidents")
	}
	for _, c := range trouble {
		p.counted(c)
	}
	if t.uncounted > 0 {
		p.prose("  ", plural(t.uncounted, "event", "events")+" of further classes")
	}
	if len(progress) == 0 || t.incidents == 0 {
		return // a log in order needs no list of what went well
	}
	p.section("Progress and context")
	var parts []string
	for _, c := range progress {
		parts = append(parts, c.Class+" "+grouped(c.Count))
	}
	p.prose("  ", strings.Join(parts, ", "))
}

// trouble lists the records that look like trouble and that no pattern knows.
func trouble(p *page, s *analysis.Summary) {
	if len(s.Unmatched) == 0 && s.UnmatchedMore == 0 {
		return
	}
	p.section("Looks like Wi-Fi trouble, and no pattern knows it")
	for _, u := range s.Unmatched[:min(len(s.Unmatched), shownTrouble)] {
		text := Clean(u.Example)
		if u.Identifier != "" && u.Identifier != "kernel" {
			text = Clean(u.Identifier) + ": " + text
		}
		p.raw(fmt.Sprintf("%5d × ", u.Count), text)
		p.raw("        ", "first at "+Clean(at(u.File, u.Line)))
	}
	if more := s.UnmatchedMore + max(0, len(s.Unmatched)-shownTrouble); more > 0 {
		p.prose("  ", fmt.Sprintf("and %s", plural(more, "more kind", "more kinds")))
	}
}

// at writes a place in a file.
func at(file string, line int) string {
	if file == "" {
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// inputs tells what was read, and what was left out of it.
func inputs(p *page, s *analysis.Summary) {
	if len(s.Inputs) == 0 {
		return
	}
	p.section("Inputs")
	shown, more := telling(s.Inputs)
	for _, in := range shown {
		p.hanging("  ", "    ", inputWords(in))
		for _, k := range skips(in) {
			p.hanging("    ", "      ", k)
		}
		if in.Err != nil {
			for _, line := range wrapIn("    ", p.width, "error: "+Clean(in.Err.Error())) {
				p.line(p.in("31", line))
			}
		}
	}
	if more > 0 {
		p.prose("  ", fmt.Sprintf("and %s", plural(more, "more input", "more inputs")))
	}
	if s.Late > 0 {
		p.prose("  ", fmt.Sprintf("%s so far from their place in time that they were taken as found", plural(s.Late, "record stood", "records stood")))
	}
}

// inputWords tells what was read of an input, clean.
func inputWords(in analysis.Input) string {
	text := fmt.Sprintf("%s: %s", Clean(in.Path), plural(in.Records, "record", "records"))
	if in.Records > 0 || in.Lines > 0 {
		text += fmt.Sprintf(" in %s, %s", plural(in.Lines, "line", "lines"), size(in.Bytes))
	}
	if in.Compression != "" {
		text += ", " + Clean(in.Compression)
	}
	if in.Encoding != "" {
		text += ", " + Clean(in.Encoding)
	}
	if f := formats(in.Formats); f != "" {
		text += " (" + f + ")"
	}
	return text
}

// formats names the formats of an input, the most frequent first.
func formats(mix map[journal.Format]int) string {
	names := slices.SortedFunc(maps.Keys(mix), func(a, b journal.Format) int {
		if mix[a] != mix[b] {
			return mix[b] - mix[a]
		}
		return strings.Compare(string(a), string(b))
	})
	var parts []string
	for _, f := range names {
		if mix[f] == 0 {
			continue
		}
		part := Clean(string(f))
		if len(names) > 1 {
			part += " " + grouped(mix[f])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// skips tells what was left out of an input, clean.
func skips(in analysis.Input) []string {
	var out []string
	for _, k := range in.Skipped {
		text := fmt.Sprintf("skipped: %s, %s", Clean(k.Reason), plural(k.Count, "time", "times"))
		if k.Bytes > 0 {
			text += ", " + size(k.Bytes)
		}
		if k.Line > 0 {
			text += fmt.Sprintf(", first in line %d", k.Line)
		}
		out = append(out, text)
	}
	return out
}

// size writes a number of bytes for people.
func size(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if n < 1024 {
		return fmt.Sprintf("%d bytes", n)
	}
	v := float64(n)
	unit := ""
	for _, u := range units {
		if v < 1024 {
			break
		}
		v /= 1024
		unit = u
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// page is a text document being written.
type page struct {
	bytes.Buffer
	width int
	paint
}

func (p *page) line(s string) {
	p.WriteString(strings.TrimRight(s, " "))
	p.WriteByte('\n')
}

func (p *page) blank() { p.WriteByte('\n') }

// wrapIn wraps clean text within the width behind an indent.
func wrapIn(indent string, width int, s string) []string {
	room := 0
	if width > 0 {
		room = max(min(width, widestProse)-cells(indent), 12)
	}
	lines := wrap(s, room)
	for n := range lines {
		lines[n] = indent + lines[n]
	}
	return lines
}

// prose writes wrapped text.
func (p *page) prose(indent, s string) {
	for _, l := range wrapIn(indent, p.width, s) {
		p.line(l)
	}
}

// hanging writes wrapped text whose later lines are indented differently.
func (p *page) hanging(first, rest, s string) {
	for n, l := range wrapIn(rest, p.width, s) {
		if n == 0 {
			l = first + strings.TrimPrefix(l, rest)
		}
		p.line(l)
	}
}

// item writes wrapped text behind a head as wide as the indent of its later
// lines.
func (p *page) item(head, s string) { p.hanging(head, strings.Repeat(" ", cells(head)), s) }

// leastBeside is the width from which names have a column of their own.
const leastBeside = 56

// labelled writes a name and, beside it or on a narrow page below it, wrapped
// text.
func (p *page) labelled(indent string, column int, f Fact, style func(string) string, s string) {
	if p.width > 0 && p.width < leastBeside {
		p.line(indent + p.label(f.Name))
		for _, l := range wrapIn(indent+"  ", p.width, s) {
			p.line(style(l))
		}
		return
	}
	hang := indent + strings.Repeat(" ", column)
	for n, l := range wrapIn(hang, p.width, s) {
		l = strings.TrimPrefix(l, hang)
		if n == 0 {
			p.line(indent + p.label(pad(f.Name, column-1)) + " " + style(l))
			continue
		}
		p.line(hang + style(l))
	}
}

// raw writes text of a log: never wrapped, cut at the terminal's edge.
func (p *page) raw(indent, s string) {
	if p.width > 0 {
		s = cut(s, p.width-cells(indent))
	}
	p.line(indent + s)
}

// whole writes what must stay one piece to be copied, however long it is.
func (p *page) whole(s string, style func(string) string) { p.line(style(s)) }

func (p *page) section(title string) {
	p.blank()
	for _, l := range wrapIn("", p.width, title) {
		p.line(p.bold(l))
	}
}

func (p *page) counted(t tally) {
	head := fmt.Sprintf("%5s × ", grouped(t.Count))
	name := t.Class
	text := join(name, ": ", t.Meaning)
	for n, l := range wrapIn(strings.Repeat(" ", cells(head)), p.width, text) {
		if n == 0 {
			l = head + strings.TrimLeft(l, " ")
			if rest, ok := strings.CutPrefix(l, head+name); ok {
				l = head + p.severity(t.Severity, name) + rest
			}
		}
		p.line(l)
	}
}

// incident writes one incident in full.
func (p *page) incident(i *incident.Incident, n, of int, o TextOptions) {
	p.blank()
	rule := pipeRule
	if p.width > 0 {
		rule = min(p.width, widestProse)
	}
	head := "Incident"
	if of > 1 {
		head = fmt.Sprintf("Incident %d of %s", n, grouped(of))
	}
	p.line(p.bold(head) + " " + p.faint(strings.Repeat("─", max(3, rule-cells(head)-1))))
	for _, l := range wrapIn("", p.width, Clean(i.Title)) {
		p.line(p.bold(l))
	}
	p.whole(Clean(i.Fingerprint), p.faint)
	p.blank()
	for _, f := range table(i, o.Facts) {
		p.labelled("  ", factLabel, f, func(s string) string { return s }, f.Value)
	}
	p.timeline(i)
	p.list("Recovery steps", steps(i))
	p.explain(codes(i))
	p.list("Beside it", beside(i))
	p.list("What to do", advice(i))
	if quoted := surroundings(i, o.Context); len(quoted) > 0 {
		p.heading("The log")
		for _, l := range quoted {
			p.raw("  ", l)
		}
	}
}

func (p *page) heading(title string) {
	p.blank()
	p.line("  " + p.label(title))
}

// list writes numbered items, a single one without a number.
func (p *page) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	p.heading(title)
	for n, s := range items {
		if len(items) == 1 {
			p.prose("  ", s)
			continue
		}
		p.item(fmt.Sprintf("  %d. ", n+1), s)
	}
}

func (p *page) explain(list []code) {
	if len(list) == 0 {
		return
	}
	p.heading("Codes")
	for _, c := range list {
		p.hanging("  ", "    ", join(c.Code, ": ", c.Meaning))
	}
}

// beside lists what happened next to an incident, clean.
func beside(i *incident.Incident) []string {
	var out []string
	for _, e := range i.Collateral {
		out = append(out, fmt.Sprintf("%s %s: %s", clock(e), Clean(string(e.Class)), Clean(clip(e.Message, longestText))))
	}
	return out
}

// leastMessage is how many columns a message needs beside time and class; with
// less it goes below them.
const leastMessage = 34

// timeline writes what happened, aligned.
func (p *page) timeline(i *incident.Incident) {
	rows := timeline(i)
	if len(rows) == 0 {
		return
	}
	clocks, classes := 0, 0
	marked := false
	for _, r := range rows {
		if r.Fold == "" {
			clocks, classes = max(clocks, cells(r.Clock)), max(classes, cells(r.Class))
		}
		marked = marked || r.Evidence
	}
	title := "Time line"
	if marked {
		title += p.faint(" (* evidence)")
	}
	p.heading(title)
	beside := 4 + clocks + 2 + classes + 2
	below := p.width > 0 && p.width-beside < leastMessage
	hang := strings.Repeat(" ", beside)
	if below {
		hang = strings.Repeat(" ", 6)
	}
	for _, r := range rows {
		if r.Day != "" {
			p.line("    " + p.faint(r.Day))
		}
		if r.Fold != "" {
			for _, l := range wrapIn("    "+strings.Repeat(" ", clocks+2), p.width, r.Fold) {
				p.line(p.faint(l))
			}
			continue
		}
		mark := "    "
		if r.Evidence {
			mark = "  " + p.mark("*") + " "
		}
		head := mark + strings.Repeat(" ", clocks-cells(r.Clock)) + p.faint(r.Clock) + "  " + p.severity(r.Severity, r.Class)
		message := r.Message
		if r.Count > 1 {
			message = fmt.Sprintf("(%s times) %s", grouped(r.Count), message)
		}
		if below {
			p.line(head)
			p.raw(hang, message)
		} else {
			room := 0
			if p.width > 0 {
				room = p.width - beside
			}
			p.line(head + strings.Repeat(" ", classes-cells(r.Class)) + "  " + cut(message, room))
		}
		if len(r.Tellers) > 0 {
			for _, l := range wrapIn(hang, p.width, "also told by "+strings.Join(r.Tellers, ", ")) {
				p.line(p.faint(l))
			}
		}
	}
	if text := notKept(i); text != "" {
		p.prose("    ", text)
	}
}
