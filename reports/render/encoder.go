package render

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// encoder appends JSON. Commas come by themselves; what is a key, an object or
// an array is the caller's to get right. Strings are cleaned, so that a
// document is safe to show as it is.
type encoder struct {
	buf []byte
	tmp []byte
}

// begin puts the comma that a key or an element needs.
func (e *encoder) begin() {
	if n := len(e.buf); n > 0 {
		switch e.buf[n-1] {
		case '{', '[', ':', ',', '\n':
		default:
			e.buf = append(e.buf, ',')
		}
	}
}

func (e *encoder) key(name string) {
	e.begin()
	e.buf = append(e.buf, '"')
	e.buf = append(e.buf, name...)
	e.buf = append(e.buf, '"', ':')
}

func (e *encoder) open(c byte) {
	e.begin()
	e.buf = append(e.buf, c)
}

func (e *encoder) close(c byte) { e.buf = append(e.buf, c) }

// text appends a string of a log.
func (e *encoder) text(s string) {
	e.begin()
	e.buf = append(e.buf, '"')
	if !isClean(s) {
		e.tmp = appendClean(e.tmp[:0], s)
		e.escape(e.tmp)
	} else {
		for i := range len(s) {
			if c := s[i]; c == '"' || c == '\\' {
				e.buf = append(e.buf, '\\', c)
			} else {
				e.buf = append(e.buf, c)
			}
		}
	}
	e.buf = append(e.buf, '"')
}

// escape appends clean text: only quotes and backslashes are left to escape.
func (e *encoder) escape(clean []byte) {
	for _, c := range clean {
		if c == '"' || c == '\\' {
			e.buf = append(e.buf, '\\')
		}
		e.buf = append(e.buf, c)
	}
}

func (e *encoder) number(n int64) {
	e.begin()
	e.buf = strconv.AppendInt(e.buf, n, 10)
}

func (e *encoder) bool(v bool) {
	e.begin()
	e.buf = strconv.AppendBool(e.buf, v)
}

func (e *encoder) null() {
	e.begin()
	e.buf = append(e.buf, "null"...)
}

// encoded appends JSON that is complete already. What does not print is
// written by its number: in JSON it can stand within strings only, and the
// strings keep their values.
func (e *encoder) encoded(p []byte) {
	e.begin()
	for i := 0; i < len(p); {
		c := p[i]
		if c < 0x7f {
			e.buf = append(e.buf, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(p[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			e.buf = utf8.AppendRune(e.buf, utf8.RuneError)
		case unicode.IsGraphic(r):
			e.buf = append(e.buf, p[i:i+size]...)
		case r > 0xffff:
			r -= 0x10000
			e.unit(0xd800 + r>>10)
			e.unit(0xdc00 + r&0x3ff)
		default:
			e.unit(r)
		}
		i += size
	}
}

// unit appends a UTF-16 code unit as an escape.
func (e *encoder) unit(u rune) {
	e.buf = append(e.buf, '\\', 'u', hexDigits[u>>12&15], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

func (e *encoder) textField(name, s string) { e.key(name); e.text(s) }

func (e *encoder) intField(name string, n int) { e.key(name); e.number(int64(n)) }

func (e *encoder) boolField(name string, v bool) { e.key(name); e.bool(v) }

func (e *encoder) texts(name string, list []string) {
	e.key(name)
	e.open('[')
	for _, s := range list {
		e.text(s)
	}
	e.close(']')
}
