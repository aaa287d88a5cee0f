package render

import (
	"strings"
)

// prose writes text for people into Markdown so that it reads the same and
// nothing in it is live: a word of plain letters, digits and punctuation stays
// as it is, any other (addresses, commands, mentions, references to issues,
// links) becomes code, in which GitHub and CommonMark give nothing a meaning.
// The text is put behind other text of the line, or at its beginning.
func prose(s string) string {
	words := strings.Fields(Clean(s))
	for n, w := range words {
		words[n] = word(w, n == 0)
	}
	return strings.Join(words, " ")
}

// word writes one word. Brackets and punctuation around it stay outside of the
// code.
func word(w string, first bool) string {
	if plainWord(w) && !(first && opensBlock(w)) {
		return w
	}
	core := strings.TrimLeft(w, "(")
	before := w[:len(w)-len(core)]
	trimmed := strings.TrimRight(core, "),.;:?")
	after := core[len(trimmed):]
	if trimmed == "" {
		return codeSpan(w)
	}
	// A comma that stands in the brackets of the core belongs to it.
	if strings.Contains(trimmed, "(") && strings.HasPrefix(after, ")") {
		trimmed, after = trimmed+")", after[1:]
	}
	return before + codeSpan(trimmed) + after
}

// opensBlock reports whether a word at the beginning of a line would make it
// a list, a heading or a quotation.
func opensBlock(w string) bool {
	c := w[0]
	if c >= '0' && c <= '9' {
		rest := strings.TrimLeft(w, "0123456789")
		return rest == "." || rest == ")"
	}
	return strings.Trim(w, "-+=") == ""
}

// plainWord reports whether neither CommonMark nor GitHub's extensions see
// anything in a word.
func plainWord(w string) bool {
	if isClock(w) {
		return true
	}
	letters, hex := 0, 0 // of the run of letters and digits up to here
	for i := range len(w) {
		c := w[i]
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			letters++
			hex++
			continue
		case c >= 'g' && c <= 'z', c >= 'G' && c <= 'Z':
			letters++
			continue
		case c >= 0x80, strings.IndexByte(",;'?()%.-+=\"", c) >= 0:
		case c == ':' && i == len(w)-1:
		default:
			return false
		}
		if mayBeCommit(letters, hex) {
			return false
		}
		letters, hex = 0, 0
	}
	if mayBeCommit(letters, hex) {
		return false
	}
	if lower := strings.ToLower(w); strings.Contains(lower, "www.") || strings.Contains(lower, "gh-") {
		return false
	}
	return strings.Trim(w, "-+=") != "" || len(w) == 1
}

// mayBeCommit reports whether a run of so many letters and digits, of which so
// many are hexadecimal, has the shape of a commit.
func mayBeCommit(letters, hex int) bool { return hex == letters && hex >= 7 }

// isClock reports whether a word is a time of day: 18:14:14.937.
func isClock(w string) bool {
	w = strings.TrimRight(w, ",.:")
	if len(w) < len("18:14:14") || w[2] != ':' || w[5] != ':' {
		return false
	}
	digits := w[:2] + w[3:5] + w[6:8]
	if rest := w[8:]; rest != "" {
		if rest[0] != '.' || len(rest) > len(".123456789") {
			return false
		}
		digits += rest[1:]
	}
	return strings.Trim(digits, "0123456789") == ""
}

// codeSpan writes clean text as a code span: between more backticks than stand
// anywhere in it. A vertical bar is shown broken, because in tables it would
// end the cell, whatever it stands in.
func codeSpan(s string) string {
	s = strings.ReplaceAll(s, "|", "¦")
	ticks := strings.Repeat("`", longestRun(s, '`')+1)
	if s == "" || s[0] == '`' || s[len(s)-1] == '`' || s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

// longestRun returns the length of the longest run of c.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// fence writes clean lines as a code block, between fences longer than any run
// of backticks in it.
func fence(b *strings.Builder, lines []string) {
	ticks := 3
	for _, l := range lines {
		ticks = max(ticks, longestRun(l, '`')+1)
	}
	mark := strings.Repeat("`", ticks)
	b.WriteString(mark)
	b.WriteString("text\n")
	for _, l := range lines {
		b.WriteString(l)
		b.WriteByte('\n')
	}
	b.WriteString(mark)
	b.WriteByte('\n')
}
