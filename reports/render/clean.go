package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from a log safe to show anywhere on one line. A tab becomes
// a space. Shown in a visible form are: control characters below U+0080 and
// bytes that are no UTF-8 (\x1b), and all else that does not print (<U+202E>),
// which are the C1 controls, the characters that turn the direction of text or
// take no room, line separators, private and unassigned code points.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	return string(appendClean(make([]byte, 0, len(s)+16), s))
}

// isClean reports whether s is printable ASCII, as most of any log is.
func isClean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

const hexDigits = "0123456789abcdef"

func appendClean(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c >= ' ' && c <= '~':
				dst = append(dst, c)
			case c == '\t':
				dst = append(dst, ' ')
			default:
				dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		case unicode.IsGraphic(r):
			dst = append(dst, s[i:i+size]...)
		default:
			dst = append(dst, "<U+"...)
			for hex := len(strconv.FormatInt(int64(r), 16)); hex < 4; hex++ {
				dst = append(dst, '0')
			}
			dst = append(dst, strings.ToUpper(strconv.FormatInt(int64(r), 16))...)
			dst = append(dst, '>')
		}
		i += size
	}
	return dst
}

// physical splits the raw text of a record into clean lines.
func physical(raw string) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(raw, "\r\n"), "\n") {
		lines = append(lines, Clean(strings.TrimSuffix(line, "\r")))
	}
	return lines
}

// clip cuts s to at most n bytes at a rune's boundary and says so with "…".
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
