package journalfile

import (
	"strings"
	"unicode/utf8"
)

// clean makes text of raw bytes: valid UTF-8 without control characters other
// than tab. Bytes that are no UTF-8 become U+FFFD, control characters go, escape
// sequences go whole. Newlines stay where several lines are allowed. It gives what
// package journal gives for the same field of an export.
func clean(s string, newlines bool) string {
	if isClean(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == 0x1b:
			i = escapeEnd(s, i)
		case c == '\t' || (c >= 0x20 && c < 0x7f) || (c == '\n' && newlines):
			out = append(out, c)
			i++
		case c < 0x80:
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError || r > 0x9f {
				out = utf8.AppendRune(out, r)
			}
			i += n
		}
	}
	return string(out)
}

// isClean tells printable ASCII and tabs.
func isClean(s string) bool {
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// A byte outside 0x20..0x7e sets its high bit in one of these.
		if (w|(w-0x2020202020202020)|(w+0x0101010101010101))&0x8080808080808080 != 0 {
			break
		}
		s = s[8:]
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 0x20 && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

// trimEnd takes blanks and newlines off the end.
func trimEnd(s string) string {
	for len(s) > 0 {
		switch s[len(s)-1] {
		case ' ', '\t', '\n':
			s = s[:len(s)-1]
			continue
		}
		break
	}
	return s
}

// maxControlString bounds how far the end of a terminal's control string is looked
// for.
const maxControlString = 512

// escapeEnd returns the end of the escape sequence at i (ECMA-48 clauses 5.3
// to 5.6).
func escapeEnd(s string, i int) int {
	i++
	if i >= len(s) {
		return i
	}
	switch c := s[i]; {
	case c == '[':
		// Parameters, intermediates, one final byte.
		for i++; i < len(s) && s[i] >= 0x20 && s[i] < 0x40; i++ {
		}
		if i < len(s) && s[i] >= 0x40 && s[i] < 0x7f {
			i++
		}
	case c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X':
		// Such strings last until BEL or ST. Without an end only the
		// introducer goes.
		rest := s[i:min(len(s), i+maxControlString)]
		if n := strings.IndexByte(rest, 0x07); n >= 0 {
			return i + n + 1
		}
		if n := strings.Index(rest, "\x1b\\"); n >= 0 {
			return i + n + 2
		}
		i++
	case c >= 0x20 && c < 0x30:
		for ; i < len(s) && s[i] >= 0x20 && s[i] < 0x30; i++ {
		}
		if i < len(s) && s[i] < 0x7f {
			i++
		}
	case c >= 0x30 && c < 0x7f:
		i++
	}
	return i
}
