package compare

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the comparison for a patch's cover letter or a bug
// tracker. It has no Tested-by line: a person gives that.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: %s, before on %s, now on %s\n\n", c.Verdict, c.countWords(), code(c.A.Name), code(c.B.Name))
	fmt.Fprintf(&b, "- %s\n", c.Why)
	if c.EndPoint != PerHour {
		fmt.Fprintf(&b, "- effect: %s\n", c.Overall.Effect)
	}
	if c.More != nil {
		fmt.Fprintf(&b, "- %s\n", c.More.words())
	}
	for i, warning := range c.Warnings {
		if i == 0 {
			b.WriteString("\nWarnings:\n\n")
		}
		fmt.Fprintf(&b, "- %s\n", code(warning.words(c)))
	}
	for _, rows := range [][][]string{c.armRows(), c.testRows(), c.classRows(), c.latencyRows()} {
		if len(rows) > 1 {
			b.WriteByte('\n')
			markdownTable(&b, rows)
		}
	}
	b.WriteString("\np by loads deals whole firmware loads to the arms anew and is what counts; Fisher, Poisson and the durations take every cycle or incident for itself. Holm: adjusted for how many are compared.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// countWords is the summary without what the runs say.
func (c *Comparison) countWords() string {
	if c.EndPoint == PerHour {
		return fmt.Sprintf("%s in %s h, then %s in %s h", amount(c.Overall.Hours.A.Events, "incident"), hours(c.Overall.Hours.A.Hours), grouped(c.Overall.Hours.B.Events), hours(c.Overall.Hours.B.Hours))
	}
	return fmt.Sprintf("%s of %s cycles failed, then %s of %s", grouped(c.Overall.A.Events), grouped(c.Overall.A.Trials), grouped(c.Overall.B.Events), grouped(c.Overall.B.Trials))
}

// markdownTable writes rows as a table. Cells of plain words and numbers stand
// as they are, any other becomes code, in which nothing is live.
func markdownTable(b *strings.Builder, rows [][]string) {
	for n, row := range rows {
		b.WriteByte('|')
		for _, cell := range row {
			cell = strings.TrimSpace(cell)
			if !plain(cell) {
				cell = code(cell)
			}
			fmt.Fprintf(b, " %s |", cell)
		}
		b.WriteByte('\n')
		if n == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
		}
	}
}

// plain reports whether Markdown sees nothing in a cell.
func plain(s string) bool {
	hex := 0
	for i := range len(s) {
		c := s[i]
		isHex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if hex++; !isHex {
			hex = 0
		}
		switch {
		case hex >= 7: // could be a commit
			return false
		case isHex, c >= 'g' && c <= 'z', c >= 'A' && c <= 'Z':
		case strings.IndexByte(" ,;:()%.-+=/", c) >= 0:
		default:
			return false
		}
	}
	return !strings.Contains(s, "://") && !strings.Contains(strings.ToLower(s), "www.") && !strings.Contains(strings.ToLower(s), "gh-")
}

// code writes clean text as a code span between more backticks than stand in it.
// A vertical bar is shown broken: it would end the cell of a table.
func code(s string) string {
	s = strings.ReplaceAll(s, "|", "¦")
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	ticks := strings.Repeat("`", longest+1)
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return ticks + s + ticks
}
