package render

import (
	"fmt"
	"strings"
)

// MarkdownText writes a text for a place in Markdown so that nothing in it is
// live: as it is where neither CommonMark nor GitHub see anything in it, else all
// of it as code. In a table it does not end its cell.
func MarkdownText(s string) string {
	if s = strings.TrimSpace(Clean(s)); plainText(s) {
		return s
	}
	return codeSpan(s)
}

// MarkdownCode writes a text as code, in which nothing is live.
func MarkdownCode(s string) string { return codeSpan(Clean(s)) }

// MarkdownTable writes rows as a table, the first of them its head. The cells are
// written by [MarkdownText].
func MarkdownTable(b *strings.Builder, rows [][]string) {
	for n, row := range rows {
		b.WriteByte('|')
		for _, cell := range row {
			fmt.Fprintf(b, " %s |", MarkdownText(cell))
		}
		b.WriteByte('\n')
		if n == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
		}
	}
}

// plainText reports whether Markdown sees nothing in a text that stands behind
// other text of its line, or in a cell. A slash may be in it: such are rates and
// proportions.
func plainText(s string) bool {
	words := strings.Fields(strings.ReplaceAll(s, "/", "."))
	for n, w := range words {
		if !plainWord(w) || n == 0 && len(words) > 1 && opensBlock(w) {
			return false
		}
	}
	return true
}
