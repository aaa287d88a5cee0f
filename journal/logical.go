package journal

import "bytes"

// logicalLine is a line after what carried it is undone: carriage returns,
// terminal escapes, quoted-printable.
type logicalLine struct {
	text  []byte
	raw   []byte  // as found; several physical lines are joined by newlines
	pos   []int32 // where each byte of text stands in raw; nil: text is raw[:len(text)]
	line  int
	lines int
	off   int64
	chunk int
	trail bool // blanks stood at the end
}

// rawAt returns the place in raw of text[i].
func (l *logicalLine) rawAt(i int) int {
	if l.pos == nil {
		return i
	}
	if i < len(l.pos) {
		return int(l.pos[i])
	}
	return len(l.raw)
}

const (
	// qpLines bounds how many lines one soft-broken line may take.
	qpLines = 200
	// qpAhead is how many lines ahead a doubtful line looks for proof.
	qpAhead = 8
	// qpMemory is for how many lines a proof holds.
	qpMemory = 24
)

// logicalReader turns physical lines into logical ones.
type logicalReader struct {
	src   *source
	skips *skipList
	queue []physLine // read ahead
	qp    int        // for so many lines on, doubtful lines count as encoded
	// stop tells whether the input at the reader's place is no text line.
	stop func() bool
}

// ahead returns the i-th line from here without taking it.
func (r *logicalReader) ahead(i int) (physLine, bool) {
	for len(r.queue) <= i {
		if r.stop() {
			return physLine{}, false
		}
		l, ok := r.src.next()
		if !ok {
			return physLine{}, false
		}
		if l.cut > 0 {
			r.skips.addBytes(skipLongLine, l.cut, l.num)
		}
		r.queue = append(r.queue, l)
	}
	return r.queue[i], true
}

// take takes the next line.
func (r *logicalReader) take() (physLine, bool) {
	l, ok := r.ahead(0)
	if ok {
		r.queue = append(r.queue[:0], r.queue[1:]...)
	}
	return l, ok
}

// next returns the next logical line; ok is false at the end of the input or
// where r.stop says so.
func (r *logicalReader) next() (l logicalLine, ok bool) {
	p, ok := r.take()
	if !ok {
		return l, false
	}
	l = logicalLine{raw: trimCR(p.b), line: p.num, lines: 1, off: p.off, chunk: p.chunk}
	l.text = l.raw
	if r.qp > 0 {
		r.qp--
	}
	if bytes.IndexByte(l.raw, '=') >= 0 {
		r.quotedPrintable(&l)
	}
	if bytes.IndexByte(l.text, 0x1b) >= 0 {
		t := stripEscapes(l.text)
		if l.pos != nil {
			for i, at := range t.pos {
				t.pos[i] = l.pos[at]
			}
		}
		l.text, l.pos = t.text, t.pos
	}
	n := len(l.text)
	l.text = trimRight(l.text)
	l.trail = len(l.text) < n
	return l, true
}

// quotedPrintable decodes l where it is encoded, and joins the lines that
// soft breaks divide.
func (r *logicalReader) quotedPrintable(l *logicalLine) {
	proof, soft := qpLine(l.raw)
	if proof == qpNone {
		return
	}
	if soft && !endsEncoded(l.raw) {
		// A soft break in front of a new record would be an odd place.
		if n, ok := r.ahead(0); !ok || beginsDated(n.b) {
			if proof, _ = qpLine(l.raw[:len(l.raw)-1]); proof != qpStrong {
				return
			}
			soft = false
		}
	}
	if proof == qpWeak && r.qp == 0 && !r.proofAhead() {
		return
	}
	r.qp = qpMemory
	t := altered{text: make([]byte, 0, len(l.raw)), pos: make([]int32, 0, len(l.raw))}
	raw := l.raw
	last := l.raw
	for {
		s := last
		base := len(raw) - len(s)
		if l.lines > 1 && quoteEnd(raw) > 0 {
			// The quoting of an answer stands at each physical line.
			n := quoteEnd(s)
			s, base = s[n:], base+n
		}
		if p, _ := qpLine(s); p == qpNone {
			for i, c := range s {
				t.add(c, base+i)
			}
		} else {
			decodeQP(&t, s, base)
		}
		if !soft || endsEncoded(last) || l.lines >= qpLines || len(raw) > maxLine {
			break
		}
		p, ok := r.take()
		if !ok {
			break
		}
		last = trimCR(p.b)
		if l.lines == 1 {
			raw = append(make([]byte, 0, 2*len(raw)+len(last)+1), raw...)
		}
		raw = append(raw, '\n')
		raw = append(raw, last...)
		l.lines++
		_, soft = qpLine(last)
	}
	l.raw, l.text, l.pos = raw, t.text, t.pos
}

// proofAhead looks for proof in the lines to come.
func (r *logicalReader) proofAhead() bool {
	for i := range qpAhead {
		n, ok := r.ahead(i)
		if !ok {
			return false
		}
		if p, _ := qpLine(trimCR(n.b)); p == qpStrong {
			return true
		}
	}
	return false
}

func trimCR(s []byte) []byte {
	for len(s) > 0 && s[len(s)-1] == '\r' {
		s = s[:len(s)-1]
	}
	return s
}

// quoteEnd returns the end of the mail quoting, "> > ", that a line begins
// with; 0 for none.
func quoteEnd(s []byte) int {
	end := 0
	for depth := 0; depth < maxQuote; depth++ {
		i := end
		for i < len(s) && i-end < 16 && isSpace(s[i]) {
			i++
		}
		if at(s, i) != '>' {
			break
		}
		end = i + 1
	}
	if end > 0 && at(s, end) == ' ' {
		end++
	}
	return end
}

// maxQuote is how deep quoting may go.
const maxQuote = 32

// beginsDated tells whether a physical line begins, behind quoting and indent,
// with a time.
func beginsDated(s []byte) bool {
	s = s[quoteEnd(s):]
	p, ok := parsePrefix(s[skipSpaces(s, 0):])
	return ok && p.dated()
}
