package journal

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonStart returns where the object of a JSON record begins: behind the
// record separator of json-seq (RFC 7464) or the "data:" of json-sse; -1 where
// none begins. sure is false when the bytes at hand are too few to tell.
func jsonStart(b []byte) (i int, sure bool) {
	const event = "data:"
	switch {
	case hasPrefix(b, "\x1e"):
		i = 1
	case hasPrefix(b, event):
		i = skipSpaces(b, len(event))
	case len(b) < len(event) && event[:len(b)] == string(b):
		return -1, false
	}
	if i >= len(b) {
		return -1, false
	}
	if b[i] != '{' {
		return -1, true
	}
	// Pretty-printed objects go on in the next line.
	for j := i + 1; j < len(b); j++ {
		switch b[j] {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			return i, true
		}
		return -1, true
	}
	return -1, false
}

// jsonHead is how many bytes the begin of a JSON record may take.
const jsonHead = 64

// beginsJSON reports whether a JSON record begins at the reader's place. It
// reads no further than it takes to tell.
func (rd *reader) beginsJSON() bool {
	src := rd.src
	for {
		b := src.buf[src.lo:src.hi]
		i, sure := jsonStart(b[:min(len(b), jsonHead)])
		if sure || len(b) >= jsonHead || !src.more() {
			return i >= 0
		}
	}
}

// json reads one record of journalctl's JSON forms. What is no such record is
// left to be read as text. The record is handed out when its line has come to
// its end, whatever comes behind.
func (rd *reader) json() error {
	src := rd.src
	b := src.peek(1)
	i, _ := jsonStart(b)
	if i < 0 {
		rd.textAt = src.off
		return nil
	}
	var brackets jsonBrackets
	for {
		rd.fields.reset()
		rd.object = jsonObject{b: b, i: i, fields: &rd.fields}
		switch rd.object.parse() {
		case jsonDone:
			return rd.jsonRecord(b, rd.object.i)
		case jsonShort:
			if len(b) >= maxRecord {
				rd.skips.addBytes(skipJSONLong, rd.dropLine(), src.num)
				return nil
			}
			if more := rd.moreJSON(b, i, &brackets); len(more) > len(b) {
				b = more
				continue
			}
			if src.calledOff() {
				rd.dropRest(Origin{Line: src.num + 1, Offset: src.off})
				return nil
			}
			rd.skips.add(skipJSON, src.num+1)
		default:
			if rd.object.known {
				rd.skips.add(skipJSON, src.num+1)
			}
		}
		rd.textAt = src.off
		return nil
	}
}

// moreJSON reads on until parsing the object anew is worth it: it may be whole,
// or has grown so much that all parsing together stays linear.
func (rd *reader) moreJSON(b []byte, i int, brackets *jsonBrackets) []byte {
	for enough := 4 * len(b); ; {
		have := len(b)
		b = rd.src.peek(have + 1)
		if len(b) == have || len(b) >= enough || brackets.close(b[i:]) {
			return b
		}
	}
}

// jsonBrackets counts the brackets of an object while it comes in pieces.
type jsonBrackets struct {
	at, depth     int
	text, escaped bool
	closed        bool
}

// close takes all that has come of the object, and reports once that its last
// bracket is there.
func (j *jsonBrackets) close(b []byte) bool {
	for ; j.at < len(b) && !j.closed; j.at++ {
		switch c := b[j.at]; {
		case j.escaped:
			j.escaped = false
		case j.text:
			j.escaped, j.text = c == '\\', c != '"'
		case c == '"':
			j.text = true
		case c == '{' || c == '[':
			j.depth++
		case c == '}' || c == ']':
			j.depth--
			if j.depth == 0 {
				j.closed = true
				return true
			}
		}
	}
	return false
}

// maxJSONTail is how many blanks are looked at behind an object for the end of
// its line.
const maxJSONTail = 4096

// jsonRecord hands out the record of the object that ends at end.
func (rd *reader) jsonRecord(b []byte, end int) error {
	src := rd.src
	if !rd.object.known {
		// Some other program's JSON.
		rd.textAt = src.off
		return nil
	}
	stop := end
	for stop < end+maxJSONTail {
		if stop == len(b) {
			if b = src.peek(stop + 1); stop == len(b) {
				break
			}
		}
		if !isSpace(b[stop]) && b[stop] != '\r' && b[stop] != ',' {
			break
		}
		stop++
	}
	switch {
	case stop < len(b) && b[stop] == '\n':
		stop++
	case stop < len(b):
		// More on the same line: the next object, or text.
		stop = end
	}
	rd.keep.b = rd.keep.b[:0]
	rd.keep.add(b[:end])
	o := Origin{Line: src.num + 1, Offset: src.off, Lines: 1 + bytes.Count(b[:end], []byte{'\n'})}
	src.skip(stop)
	return rd.emitFields(&rd.fields, fmtJSON, rd.keep.b, o)
}

// jsonResult is how far a parser came.
type jsonResult uint8

const (
	jsonDone  jsonResult = iota
	jsonShort            // the object goes on behind the bytes at hand
	jsonBad
)

// jsonObject parses one flat object of fields. journalctl writes values as
// strings, as arrays of bytes where they are no UTF-8, as arrays of those where
// a field is repeated, and null where one is too long.
type jsonObject struct {
	b      []byte
	i      int
	fields *fieldSet
	known  bool // a field of the journal was seen
	buf    []byte
}

// maxJSONDepth bounds nesting.
const maxJSONDepth = 8

// space steps to the next byte that is not blank; it returns 0 at the end of
// the bytes at hand.
func (p *jsonObject) space() byte {
	for p.i < len(p.b) {
		switch c := p.b[p.i]; c {
		case ' ', '\t', '\r', '\n':
			p.i++
		default:
			return c
		}
	}
	return 0
}

// short tells a missing byte from a wrong one.
func (p *jsonObject) short() jsonResult {
	if p.i >= len(p.b) {
		return jsonShort
	}
	return jsonBad
}

func (p *jsonObject) parse() jsonResult {
	p.i++ // the brace
	if p.space() == '}' {
		p.i++
		return jsonDone
	}
	for {
		if p.space() != '"' {
			return p.short()
		}
		name, res := p.str()
		if res != jsonDone {
			return res
		}
		f := fieldOf(name)
		if f != fieldNone {
			p.known = true
		}
		if p.space() != ':' {
			return p.short()
		}
		p.i++
		if res := p.value(f, 0); res != jsonDone {
			return res
		}
		switch p.space() {
		case ',':
			p.i++
		case '}':
			p.i++
			return jsonDone
		default:
			return p.short()
		}
	}
}

// value parses a value and, for a field of use, takes it over.
func (p *jsonObject) value(f field, depth int) jsonResult {
	c := p.space()
	switch {
	case c == '"':
		v, res := p.str()
		if res == jsonDone {
			p.fields.set(f, v)
		}
		return res
	case c == '[':
		return p.array(f, depth+1)
	case c == '{':
		return p.nested(depth + 1)
	case c == '-' || isDigit(c) || isLetter(c):
		start := p.i
		for p.i < len(p.b) && (isDigit(p.b[p.i]) || isLetter(p.b[p.i]) || p.b[p.i] == '-' || p.b[p.i] == '+' || p.b[p.i] == '.') {
			p.i++
		}
		if p.i >= len(p.b) {
			return jsonShort
		}
		if isDigit(c) {
			p.fields.set(f, p.b[start:p.i])
		}
		return jsonDone
	}
	return p.short()
}

// array parses an array: of bytes, or of values of which the first counts.
func (p *jsonObject) array(f field, depth int) jsonResult {
	if depth > maxJSONDepth {
		return jsonBad
	}
	p.i++
	if p.space() == ']' {
		p.i++
		return jsonDone
	}
	bytes, numbers := p.buf[:0], true
	for {
		c := p.space()
		if isDigit(c) && numbers {
			v, n, ok := scanInt(p.b, p.i, 3)
			if !ok || v > 255 {
				return p.shortAt(n)
			}
			p.i = n
			if len(bytes) <= maxLine {
				bytes = append(bytes, byte(v))
			}
		} else {
			numbers = false
			if res := p.value(f, depth); res != jsonDone {
				return res
			}
		}
		switch p.space() {
		case ',':
			p.i++
			continue
		case ']':
			p.i++
			if numbers {
				p.fields.set(f, bytes)
			}
			p.buf = bytes
			return jsonDone
		}
		return p.short()
	}
}

func (p *jsonObject) shortAt(n int) jsonResult {
	if n+3 >= len(p.b) {
		return jsonShort
	}
	return jsonBad
}

// nested steps over an object within the object.
func (p *jsonObject) nested(depth int) jsonResult {
	if depth > maxJSONDepth {
		return jsonBad
	}
	p.i++
	if p.space() == '}' {
		p.i++
		return jsonDone
	}
	for {
		if p.space() != '"' {
			return p.short()
		}
		if _, res := p.str(); res != jsonDone {
			return res
		}
		if p.space() != ':' {
			return p.short()
		}
		p.i++
		if res := p.value(fieldNone, depth); res != jsonDone {
			return res
		}
		switch p.space() {
		case ',':
			p.i++
			continue
		case '}':
			p.i++
			return jsonDone
		}
		return p.short()
	}
}

// str parses a string. The result is valid until the next one.
func (p *jsonObject) str() ([]byte, jsonResult) {
	p.i++
	start := p.i
	n := bytes.IndexByte(p.b[start:], '"')
	if n < 0 {
		if bytes.IndexByte(p.b[start:], '\n') >= 0 {
			return nil, jsonBad
		}
		return nil, jsonShort
	}
	if s := p.b[start : start+n]; bytes.IndexByte(s, '\\') < 0 {
		if bytes.IndexByte(s, '\n') >= 0 {
			return nil, jsonBad
		}
		p.i = start + n + 1
		return s, jsonDone
	}
	out := p.buf[:0]
	for p.i < len(p.b) {
		c := p.b[p.i]
		p.i++
		switch c {
		case '"':
			p.buf = out
			return out, jsonDone
		case '\n':
			return nil, jsonBad
		case '\\':
			if p.i >= len(p.b) {
				return nil, jsonShort
			}
			c = p.b[p.i]
			p.i++
			switch c {
			case 'n':
				out = append(out, '\n')
			case 't':
				out = append(out, '\t')
			case 'r':
				out = append(out, '\r')
			case 'b', 'f':
				out = append(out, ' ')
			case '"', '\\', '/':
				out = append(out, c)
			case 'u':
				r, res := p.unicode()
				if res != jsonDone {
					return nil, res
				}
				out = utf8.AppendRune(out, r)
			default:
				return nil, jsonBad
			}
		default:
			out = append(out, c)
		}
	}
	return nil, jsonShort
}

// unicode parses the digits of \uXXXX, and the second half of a pair.
func (p *jsonObject) unicode() (rune, jsonResult) {
	r, ok := p.hex4(p.i)
	if !ok {
		return 0, p.shortAt(p.i)
	}
	p.i += 4
	if utf16.IsSurrogate(r) && at(p.b, p.i) == '\\' && at(p.b, p.i+1) == 'u' {
		if low, ok := p.hex4(p.i + 2); ok {
			if c := utf16.DecodeRune(r, low); c != utf8.RuneError {
				p.i += 6
				return c, jsonDone
			}
		}
	}
	if utf16.IsSurrogate(r) {
		r = utf8.RuneError
	}
	return r, jsonDone
}

func (p *jsonObject) hex4(i int) (rune, bool) {
	if i+4 > len(p.b) {
		return 0, false
	}
	var r rune
	for _, c := range p.b[i : i+4] {
		if !isHex(c) {
			return 0, false
		}
		r = r<<4 | rune(hexDigit(c))
	}
	return r, true
}
