package compare

import (
	"fmt"
	"io"
	"strings"

	"roamfault/reports/render"
)

// WriteMarkdown writes the comparison for a patch's cover letter or a bug
// tracker. It has no Tested-by line: a person gives that.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: %s, before on %s, now on %s\n\n", c.Verdict, c.countWords(), render.MarkdownCode(c.A.Name), render.MarkdownCode(c.B.Name))
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
		fmt.Fprintf(&b, "- %s\n", render.MarkdownCode(warning.words(c)))
	}
	for _, rows := range [][][]string{c.armRows(), c.testRows(), c.classRows(), c.latencyRows()} {
		if len(rows) > 1 {
			b.WriteByte('\n')
			render.MarkdownTable(&b, rows)
		}
	}
	b.WriteString("\np by loads deals whole firmware loads to the arms anew and is what counts; Fisher, Poisson and the durations take every cycle or incident for itself. Holm: adjusted for how many are compared.\n")
	if n := c.quiet(); n > 0 {
		fmt.Fprintf(&b, "Classes that both arms could have told and neither had: %s.\n", grouped(n))
	}
	if c.primary().Blocks {
		b.WriteString(inTurns + "\n")
	}
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
