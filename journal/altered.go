package journal

import "bytes"

// altered is a line whose text is not what stood in the input, with the place
// that each of its bytes comes from.
type altered struct {
	text []byte
	pos  []int32
}

func (t *altered) add(c byte, pos int) {
	t.text = append(t.text, c)
	t.pos = append(t.pos, int32(pos))
}

// maxControlString bounds the search for the end of a control string.
const maxControlString = 512

// stripEscapes takes terminal control sequences (ECMA-48) out of a line: colours of
// journalctl and grep, what a firmware sends to a serial console.
func stripEscapes(s []byte) altered {
	t := altered{text: make([]byte, 0, len(s)), pos: make([]int32, 0, len(s))}
	for i := 0; i < len(s); {
		if s[i] != 0x1b {
			t.add(s[i], i)
			i++
			continue
		}
		i = escapeEnd(s, i)
	}
	return t
}

// escapeEnd returns the end of the escape sequence at i.
func escapeEnd(s []byte, i int) int {
	i++
	switch c := at(s, i); {
	case c == '[':
		// CSI: parameters, intermediates, one final byte.
		for i++; i < len(s) && s[i] >= 0x20 && s[i] < 0x40; i++ {
		}
		if i < len(s) && s[i] >= 0x40 && s[i] < 0x7f {
			i++
		}
	case c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X':
		// OSC, DCS and their like last until BEL or ST. Without an end
		// only the introducer goes.
		rest := s[i:min(len(s), i+maxControlString)]
		if n := bytes.IndexByte(rest, 0x07); n >= 0 {
			return i + n + 1
		}
		if n := bytes.Index(rest, []byte{0x1b, '\\'}); n >= 0 {
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
