package journal

import (
	"bytes"
	"context"
	"io"
)

const (
	// maxLine is how much of one line is kept.
	maxLine = 64 << 10
	// chunkSize is the unit of reading; it holds any line that is kept.
	chunkSize = 256 << 10
	// maxRecord bounds one structured record (export, JSON) that has to be seen
	// whole.
	maxRecord = 4 << 20
	// nulGap is how many NUL bytes in a row divide two lines: file systems
	// leave such gaps behind a crash, in the middle of what was a line.
	nulGap = 16
)

// physLine is one line as it lies in the input, without its newline.
type physLine struct {
	b     []byte
	off   int64 // where it begins in the decompressed input
	num   int   // counted from 1
	cut   int64 // bytes dropped from its end
	chunk int   // the chunk that b lies in
}

// source cuts an input into lines, or hands out stretches of it. Lines stay
// valid until the chunk they lie in is released, so memory is bounded by how far the
// reader looks ahead.
type source struct {
	ctx    context.Context
	r      io.Reader
	buf    []byte
	lo, hi int
	off    int64 // offset of buf[lo]
	num    int   // lines begun so far
	// partial tells that the last line was stepped into and not begun.
	partial bool
	open    bool // the next bytes go on in line num, behind a gap
	nul     bool // buf may hold NUL bytes
	eof     bool
	err     error
	chunk   int
	used    bool // a line was handed out of buf
	live    []liveChunk
	free    [][]byte
	skips   *skipList
}

type liveChunk struct {
	id  int
	buf []byte
}

func newSource(ctx context.Context, r io.Reader, skips *skipList) *source {
	return &source{ctx: ctx, r: r, skips: skips}
}

// release lets go of the chunks below id.
func (s *source) release(id int) {
	for len(s.live) > 0 && s.live[0].id < id {
		if len(s.free) < 2 && len(s.live[0].buf) == chunkSize {
			s.free = append(s.free, s.live[0].buf)
		}
		s.live = append(s.live[:0], s.live[1:]...)
	}
}

// more reads on; it returns false at the end of the input.
func (s *source) more() bool {
	if s.eof {
		return false
	}
	if s.err = s.ctx.Err(); s.err != nil {
		s.eof = true
		return false
	}
	if s.hi == len(s.buf) {
		s.turn()
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.hi:])
		if n > 0 && !s.nul {
			s.nul = bytes.IndexByte(s.buf[s.hi:s.hi+n], 0) >= 0
		}
		s.hi += n
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			}
			return n > 0
		}
		if n > 0 {
			return true
		}
	}
	s.eof, s.err = true, io.ErrNoProgress
	return false
}

// turn takes a new chunk and carries the unread bytes over.
func (s *source) turn() {
	rest := s.buf[s.lo:s.hi]
	size := chunkSize
	if s.buf == nil {
		// Most inputs are small.
		size = 16 << 10
	}
	for size < 2*len(rest) {
		size *= 2
	}
	if !s.used && len(s.buf) >= size {
		// No line lies here that somebody still reads.
		s.hi = copy(s.buf, rest)
		s.lo = 0
		return
	}
	if s.buf != nil {
		s.live = append(s.live, liveChunk{s.chunk, s.buf})
		s.chunk++
	}
	s.used = false
	var next []byte
	if n := len(s.free); n > 0 && size == chunkSize {
		next, s.free = s.free[n-1], s.free[:n-1]
	} else {
		next = make([]byte, size)
	}
	s.hi = copy(next, rest)
	s.lo = 0
	s.buf = next
	s.nul = bytes.IndexByte(next[:s.hi], 0) >= 0
}

// peek returns at least n unread bytes, fewer only at the end of the input.
// They are valid until the next call of source.
func (s *source) peek(n int) []byte {
	for s.hi-s.lo < n && s.more() {
	}
	return s.buf[s.lo:s.hi]
}

// begins reports whether the unread bytes begin with a word. It reads no
// further than it takes to tell, so that it never waits for what is of no use.
func (s *source) begins(word string) bool {
	for {
		b := s.buf[s.lo:s.hi]
		if len(b) >= len(word) {
			return hasPrefix(b, word)
		}
		if word[:len(b)] != string(b) || !s.more() {
			return false
		}
	}
}

// calledOff reports whether the input ended because the reading was to end:
// what is not complete then is not complete in the input.
func (s *source) calledOff() bool { return s.err != nil && s.ctx.Err() != nil }

// lines returns the number of lines so far.
func (s *source) lines() int {
	if s.partial {
		return s.num + 1
	}
	return s.num
}

// skip steps over n unread bytes that peek has shown, and counts their lines.
func (s *source) skip(n int) {
	if n == 0 {
		return
	}
	s.num += bytes.Count(s.buf[s.lo:s.lo+n], []byte{'\n'})
	s.partial = s.buf[s.lo+n-1] != '\n'
	s.lo += n
	s.off += int64(n)
}

// next returns the next line; ok is false at the end of the input.
func (s *source) next() (l physLine, ok bool) {
	from := 0
	for {
		if s.nul && s.lo < s.hi && s.buf[s.lo] == 0 && from == 0 {
			s.skipNUL()
			continue
		}
		b := s.buf[s.lo:s.hi]
		n := bytes.IndexByte(b[from:], '\n')
		if n >= 0 {
			n += from
		}
		if s.nul {
			if l, ok := s.beforeGap(b, n); ok {
				return l, true
			}
		}
		switch {
		case n == 0 && s.open:
			// A gap ended the line.
			s.lo++
			s.off++
			s.open = false
			from = 0
		case n >= 0:
			l = s.line(b[:min(n, maxLine)])
			l.cut = int64(n - len(l.b))
			s.lo += n + 1
			s.off += int64(n) + 1
			s.open = false
			return l, true
		case len(b) >= maxLine:
			return s.longLine(), true
		default:
			from = len(b)
			if s.more() {
				continue
			}
			b = s.buf[s.lo:s.hi]
			if len(b) == 0 {
				return l, false
			}
			if s.calledOff() {
				s.skips.addBytes(SkipCalledOff, int64(len(b)), s.num+1)
				s.skip(len(b))
				return l, false
			}
			l = s.line(b)
			s.lo = s.hi
			s.off += int64(len(b))
			s.open = false
			return l, true
		}
	}
}

// line makes a line of bytes at lo.
func (s *source) line(b []byte) physLine {
	if !s.open {
		s.num++
	}
	s.used = true
	s.partial = false
	return physLine{b: b, off: s.off, num: s.num, chunk: s.chunk}
}

// beforeGap returns what stands before a gap of NUL bytes within the line
// b[:n]; n is -1 when its end has not been seen.
func (s *source) beforeGap(b []byte, n int) (l physLine, ok bool) {
	if n >= 0 {
		b = b[:n]
	}
	i := bytes.IndexByte(b, 0)
	for i >= 0 && i < maxLine {
		j := i
		for j < len(b) && b[j] == 0 {
			j++
		}
		if j-i >= nulGap {
			l = s.line(b[:i])
			s.lo += i
			s.off += int64(i)
			s.open = true
			return l, true
		}
		k := bytes.IndexByte(b[j:], 0)
		if k < 0 {
			break
		}
		i = j + k
	}
	return l, false
}

// skipNUL steps over NUL bytes at the begin of a line.
func (s *source) skipNUL() {
	if !s.open {
		s.num++
		s.open = true
	}
	var total int64
	for {
		i := s.lo
		for i < s.hi && s.buf[i] == 0 {
			i++
		}
		total += int64(i - s.lo)
		s.off += int64(i - s.lo)
		s.lo = i
		if i < s.hi || !s.more() {
			break
		}
	}
	s.skips.addBytes(skipNULBytes, total, s.num)
	if s.lo >= s.hi {
		s.open = false
	}
}

// longLine returns the first maxLine bytes of a line and drops the others.
func (s *source) longLine() physLine {
	l := s.line(s.buf[s.lo : s.lo+maxLine])
	s.lo += maxLine
	s.off += maxLine
	s.open = false
	for {
		b := s.buf[s.lo:s.hi]
		if n := bytes.IndexByte(b, '\n'); n >= 0 {
			l.cut += int64(n)
			s.lo += n + 1
			s.off += int64(n) + 1
			return l
		}
		l.cut += int64(len(b))
		s.off += int64(len(b))
		s.lo = s.hi
		if !s.more() {
			return l
		}
	}
}
