package journal

import "bytes"

// What stands around a pasted line: mail quoting, grep's and uniq's numbers,
// marks of diffs, lists, tables and bulletin boards.

// entry is a logical line with what is known of it by itself.
type entry struct {
	logicalLine
	body  int // where the text begins behind quoting, indent and wrappers
	end   int // where it ends
	depth int // of quoting
	// indent is the number of blanks between quoting and text.
	indent int
	// width is the line's length without quoting, with indent; full is the
	// same with the blanks at its end and the quoting.
	width, full int
	// word is the length of its first word.
	word  int
	pre   prefix
	ok    bool // pre was found
	kind  entryKind
	begin bool // it begins a record although it has no prefix
	// number is what uniq -c or grep -n may have put in front.
	number    int
	numberEnd int // where the text behind it begins, 0 without
	boot      span
}

// entryKind is what a line is.
type entryKind uint8

const (
	kindText entryKind = iota
	kindBlank
	kindMark // fences, tags, notices of journalctl
	kindBoot // a boot boundary that journalctl printed
)

// examine finds out what a logical line is.
func examine(e *entry) {
	e.kind, e.ok, e.begin, e.number, e.numberEnd = kindText, false, false, 0, 0
	s := e.text
	e.end = len(s)
	q := 0
	e.depth = 0
	if i := skipSpaces(s, 0); at(s, i) == '>' {
		q = min(quoteEnd(s), len(s))
		e.depth = bytes.Count(s[:q], []byte{'>'})
	}
	i := skipSpaces(s, q)
	e.body = i
	e.indent = i - q
	e.width = len(s) - q
	e.full = len(e.raw)
	if i >= len(s) {
		e.kind = kindBlank
		return
	}
	if e.pre, e.ok = parsePrefix(s[i:]); e.ok {
		e.shift(i)
		if !e.pre.weak {
			return
		}
	}
	if k := markOf(s[i:]); k != kindText {
		e.kind = k
		if k == kindBoot {
			e.boot = bootID(s, i)
		}
		return
	}
	if !e.ok {
		e.peel()
	}
	if !e.ok {
		e.word = skipWord(s, e.body) - e.body
		e.begin = beginsRecord(s[e.body:])
	}
}

// shift moves the places in e.pre by n.
func (e *entry) shift(n int) {
	d := int32(n)
	p := &e.pre
	p.host.a, p.host.b = p.host.a+d, p.host.b+d
	p.ident.a, p.ident.b = p.ident.a+d, p.ident.b+d
	p.msg += d
}

// try takes the text from i on for the line's body if it has a prefix with a
// time.
func (e *entry) try(i int) bool {
	i = skipSpaces(e.text, i)
	p, ok := parsePrefix(e.text[i:])
	if !ok || !p.dated() || p.weak {
		return false
	}
	e.pre, e.ok = p, true
	e.shift(i)
	e.body = i
	return true
}

// peel takes off one wrapper, if a prefix with a time comes to light below
// it.
func (e *entry) peel() {
	s, i := e.text, e.body
	switch c := s[i]; {
	case isDigit(c):
		n, j, ok := scanInt(s, i, 9)
		if !ok {
			break
		}
		switch at(s, j) {
		case ':', '-':
			// grep -n; text that was cut out of such output counts as well.
			if e.try(j+1) || isInterfaceStart(s[j+1:]) {
				e.body = skipSpaces(s, j+1)
				return
			}
		case '\t':
			// cat -n, nl
			if e.try(j + 1) {
				return
			}
		case ' ':
			// uniq -c
			if e.indent > 0 || j < 8 {
				e.number, e.numberEnd = int(n), skipSpaces(s, j)
				if e.try(j) {
					e.pre.count = int32(n)
					return
				}
			}
		case '.', ')', '|':
			// Numbered lists and listings.
			if e.try(j + 1) {
				return
			}
		}
	case c == '+', c == '-', c == '#', c == '*', c == '|', c == '`', c == '$', c == ':', c == '!':
		if j := skipWord(s, i); j-i <= 2 || c == '+' || c == '-' || c == '`' || c == '|' {
			for j = i; at(s, j) == c && j-i < 3; j++ {
			}
			if e.try(j) {
				e.trimCloser(c)
				return
			}
		}
	case c == '[' || c == '<' || c == '{':
		if j := tagEnd(s, i); j > i && e.try(j) {
			e.trimCloser(c)
			return
		}
	}
	// grep's file name: "/var/log/syslog:", "messages.1:108:".
	j := i
	sep := false
	for j < len(s) && j-i < 128 && s[j] != ':' && !isSpace(s[j]) {
		sep = sep || s[j] == '.' || s[j] == '/'
		j++
	}
	if at(s, j) != ':' || j == i {
		return
	}
	if n, k, ok := scanInt(s, j+1, 9); ok && at(s, k) == ':' && n > 0 {
		if e.try(k + 1) {
			return
		}
	}
	if sep || at(s, j+1) != ' ' {
		e.try(j + 1)
	}
}

// isInterfaceStart tells "wlan0: ..." behind a number and colon.
func isInterfaceStart(s []byte) bool {
	for i := 0; i < len(s) && i < 20; i++ {
		if s[i] == ':' {
			return at(s, i+1) == ' ' && isInterface(s[:i])
		}
	}
	return false
}

// trimCloser takes off what closes a wrapper: the last pipe of a table row, a
// backtick, "[/code]".
func (e *entry) trimCloser(open byte) {
	s := trimRight(e.text[:e.end])
	switch open {
	case '|', '`':
		for len(s) > int(e.pre.msg) && s[len(s)-1] == open {
			s = s[:len(s)-1]
		}
	case '[', '<', '{':
		for _, t := range []string{"[/code]", "[/quote]", "[/log]", "[/pre]", "</pre>", "</code>", "{noformat}", "{code}"} {
			if hasSuffix(s, t) && len(s)-len(t) >= int(e.pre.msg) {
				s = s[:len(s)-len(t)]
			}
		}
	}
	e.end = len(trimRight(s))
}

// tagEnd returns the end of the markup tags at i.
func tagEnd(s []byte, i int) int {
	for n := 0; n < 4; n++ {
		j := oneTag(s, i)
		if j == i {
			break
		}
		i = j
	}
	return i
}

func oneTag(s []byte, i int) int {
	c := at(s, i)
	var closer byte
	switch c {
	case '[':
		closer = ']'
	case '<':
		closer = '>'
	case '{':
		closer = '}'
	default:
		return i
	}
	j := i + 1
	if at(s, j) == '/' {
		j++
	}
	k := j
	for k < len(s) && k-j < 12 && isLetter(s[k]) {
		k++
	}
	switch string(s[j:k]) {
	case "code", "CODE", "quote", "QUOTE", "pre", "PRE", "log", "spoiler", "noformat", "font", "tt", "details", "summary", "blockquote":
	default:
		return i
	}
	for k < len(s) && s[k] != closer && k-j < 64 {
		k++
	}
	if at(s, k) != closer {
		return i
	}
	return k + 1
}

// markOf tells lines that carry no record: code fences, markup tags alone on
// a line, and what journalctl says of itself.
func markOf(s []byte) entryKind {
	switch s[0] {
	case '`', '~':
		if hasPrefix(s, "```") || hasPrefix(s, "~~~") {
			for _, c := range s {
				if isSpace(c) {
					return kindText
				}
			}
			return kindMark
		}
	case '[', ']', '<', '{':
		// A bracket alone holds an array of JSON records.
		if j := tagEnd(s, 0); j > 0 && j == len(s) || len(s) == 1 && s[0] != '<' {
			return kindMark
		}
	case '-':
		if !hasPrefix(s, "-- ") {
			break
		}
		switch t := s[3:]; {
		case hasPrefix(t, "Boot ") && hasSuffix(t, " --"), hasPrefix(t, "Reboot --"):
			return kindBoot
		case hasPrefix(t, "Logs begin at "), hasPrefix(t, "Journal begins at "), hasPrefix(t, "No entries --"):
			return kindMark
		}
	}
	return kindText
}

// bootID returns the place of the id in "-- Boot 1f2e... --".
func bootID(s []byte, i int) span {
	const head = "-- Boot "
	if !hasPrefix(s[i:], head) {
		return span{}
	}
	i += len(head)
	j := i
	for j < len(s) && (isHex(s[j]) || s[j] == '-') {
		j++
	}
	if j-i < 8 || at(s, j) != ' ' {
		return span{}
	}
	return span{int32(i), int32(j)}
}
