package compare

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// TextOptions are the choices of WriteText.
type TextOptions struct {
	// Color allows colours by escape sequences.
	Color bool
}

// colours of the verdicts.
var verdictColours = map[Verdict]string{Regression: "1;31", Improvement: "1;32", NoChange: "1;32", CannotTell: "1;33"}

// WriteText writes the comparison for a terminal.
func (c *Comparison) WriteText(w io.Writer, o TextOptions) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	head := strings.ToUpper(c.Verdict.String())
	if o.Color {
		head = "\x1b[" + verdictColours[c.Verdict] + "m" + head + "\x1b[0m"
	}
	line("%s%s", head, strings.TrimPrefix(c.Summary, c.Verdict.String()))
	line("  %s", c.Why)
	if c.EndPoint != PerHour {
		line("  effect: %s", c.Overall.Effect)
	}
	if c.More != nil {
		line("  %s", c.More.words())
	}
	for i, w := range c.Warnings {
		if i == 0 {
			line("")
			line("Warnings")
		}
		line("  %s", w.words(c))
	}
	line("")
	b.WriteString(table(c.armRows()))
	line("")
	b.WriteString(table(c.testRows()))
	if rows := c.classRows(); len(rows) > 1 {
		line("")
		b.WriteString(table(rows))
	}
	if len(c.Latencies) > 0 {
		line("")
		b.WriteString(table(c.latencyRows()))
	}
	line("")
	line("p by loads deals whole firmware loads to the arms anew and is what counts; Fisher, Poisson and the")
	line("durations take every cycle or incident for itself. Holm: adjusted for how many are compared.")
	if n := c.quiet(); n > 0 {
		line("Classes that both arms could have told and neither had: %s.", grouped(n))
	}
	if c.primary().Blocks {
		line(inTurns)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// inTurns says what loads are dealt in blocks for.
const inTurns = "The loads of both arms took turns: they were dealt among those only that ran side by side."

// primary is the test that the verdict rests on.
func (c *Comparison) primary() LoadTest { return c.Overall.primary(c.EndPoint) }

// quiet is how many classes could be compared and neither arm had.
func (c *Comparison) quiet() int {
	n := 0
	for i := range c.Classes {
		if t := &c.Classes[i]; t.Compared && !t.had() {
			n++
		}
	}
	return n
}

// byLoads names a test that deals loads.
func byLoads(t LoadTest) string {
	if t.Blocks {
		return "by loads, in blocks"
	}
	return "by loads"
}

// words writes a warning with the arm it is about.
func (w Warning) words(c *Comparison) string {
	switch w.Arm {
	case "a":
		return c.A.Name + ": " + w.Text
	case "b":
		return c.B.Name + ": " + w.Text
	}
	return w.Text
}

// The rows of the tables, for text and Markdown alike; the first is the head.

func (c *Comparison) armRows() [][]string {
	rows := [][]string{{"", c.A.Name, c.B.Name}}
	row := func(name string, a, b any) { rows = append(rows, []string{name, fmt.Sprint(a), fmt.Sprint(b)}) }
	row("runs", len(c.A.Runs), len(c.B.Runs))
	row("firmware loads", grouped(c.A.Loads), grouped(c.B.Loads))
	row("cycles compared", grouped(c.A.Cycles), grouped(c.B.Cycles))
	row("hours", hours(c.A.Hours), hours(c.B.Hours))
	for _, o := range c.Outcomes {
		row("  "+o.Outcome, grouped(o.A), grouped(o.B))
	}
	return rows
}

func (c *Comparison) testRows() [][]string {
	t, h := &c.Overall, &c.Overall.Hours
	rows := [][]string{{"Over all", "before", "now", "difference", "test", "p"}}
	difference := between(t.Difference, percentOf)
	rows = append(rows,
		[]string{"failed cycles", rateWords(t.A), rateWords(t.B), difference, byLoads(t.Loads), probability(t.Loads.P.TwoSided)},
		[]string{"to the first fault", "", "", "", byLoads(t.FirstFault), probability(t.FirstFault.P.TwoSided)},
		[]string{"failed cycles", "", "", between(t.Newcombe, percentOf), "Fisher, one-sided", probability(t.Fisher.Greater)},
		[]string{"", "", "", "", "Fisher, two-sided", probability(t.Fisher.TwoSided)},
		[]string{"dispersion (1: none)", "", "", number(t.Dispersion.Index), "of loads", probability(t.Dispersion.P)},
	)
	if h.A.Rate.Known() && h.B.Rate.Known() {
		rows = append(rows,
			[]string{"incidents an hour", hourWords(h.A), hourWords(h.B), between(h.Difference, shortOf), byLoads(h.Loads), probability(h.Loads.P.TwoSided)},
			[]string{"", "", "", "ratio " + ratioWords(h.Ratio), "Poisson", probability(h.Poisson.TwoSided)})
	}
	return rows
}

func (c *Comparison) classRows() [][]string {
	rows := [][]string{{"Class", "before", "now", "effect", "p by loads", "Holm", "Fisher", "Poisson"}}
	for _, t := range c.Classes {
		if !t.had() {
			continue
		}
		row := []string{t.Class, countWords(t.Test.A), countWords(t.Test.B)}
		if !t.Compared {
			rows = append(rows, append(row, "not compared: "+t.Why, "", "", "", ""))
			continue
		}
		p := t.Test.primary(c.EndPoint).P
		rows = append(rows, append(row, t.Test.Effect, probability(p.TwoSided), probability(t.Adjusted), probability(t.Test.Fisher.TwoSided), probability(t.Test.Hours.Poisson.TwoSided)))
	}
	return rows
}

func (c *Comparison) latencyRows() [][]string {
	rows := [][]string{{"Duration (ms)", "before", "now", "shift", "between", "p", "Holm"}}
	for _, l := range c.Latencies {
		rows = append(rows, []string{l.Measure, latencyWords(l.A), latencyWords(l.B), signed(short(float64(l.Shift))), between(l.Between, shortOf), probability(l.P.TwoSided), probability(l.Adjusted)})
	}
	return rows
}

func latencyWords(l LatencyOfArm) string {
	s := fmt.Sprintf("median %s, 95 %% %s of %s", number(l.Median), number(l.P95), grouped(l.N))
	if l.Censored > 0 {
		s += fmt.Sprintf(" (%s given up)", grouped(l.Censored))
	}
	return s
}

func countWords(r Rate) string { return grouped(r.Events) + "/" + grouped(r.Trials) }

func rateWords(r Rate) string {
	if !r.Rate.Known() {
		return countWords(r)
	}
	return fmt.Sprintf("%s = %s", countWords(r), percentOf(r.Rate))
}

func hourWords(h Hourly) string {
	return fmt.Sprintf("%s in %s h = %s", grouped(h.Events), short(float64(h.Hours)), short(float64(h.Rate)))
}

func percentOf(n Number) string { return percent(float64(n)) }
func shortOf(n Number) string   { return short(float64(n)) }

func number(n Number) string {
	if !n.Known() {
		return "-"
	}
	return short(float64(n))
}

// between writes an interval of a difference.
func between(i Interval, write func(Number) string) string {
	if !i.Low.Known() || !i.High.Known() {
		return "-"
	}
	return signed(write(i.Low)) + " to " + signed(write(i.High))
}

func ratioWords(i Interval) string {
	high := "any"
	if i.High.Known() {
		high = short(float64(i.High))
	}
	if !i.Low.Known() {
		return "-"
	}
	return short(float64(i.Low)) + " to " + high
}

// table aligns rows in columns, by the number of characters; the last column of
// a row takes what it needs.
func table(rows [][]string) string {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if i > 0 {
				line += "  "
			}
			line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
