package journal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// The fast way through a large file: several workers look for what makes a
// line worth parsing, and only the stretches around what they find go through
// the repairing reader. A chunk whose lines do not all begin like records goes
// through it whole, so that damage is repaired as in a small file.

// Finder says where in raw text something stands that makes its line worth
// parsing. It must be safe for use by several goroutines.
type Finder interface {
	// Index returns the offset of a place in data within the first such
	// line, and -1 when there is none. What it looks for never reaches
	// over a line's end.
	Index(data []byte) int
}

const (
	// fastChunk is what a worker takes at a time.
	fastChunk = 1 << 20
	// fastAhead is how many chunks may be done before their turn.
	fastAhead = 4
	// sampleLines are the lines of a chunk that are looked at for damage,
	// from its beginning and from its middle.
	sampleLines = 24
	// joinLines is how many lines without a prefix are taken on either side
	// of a find.
	joinLines = 64
)

// readFile reads an open file, by the fast way where there is one for it.
func readFile(ctx context.Context, f *os.File, st os.FileInfo, opt Options, yield func(*Record) error) (Stats, error) {
	limit := opt.RepairLimit
	if limit == 0 {
		limit = DefaultRepairLimit
	}
	if opt.Finder == nil || !st.Mode().IsRegular() || st.Size() <= limit || !plainText(f) {
		return Read(ctx, f, opt, yield)
	}
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	rd := newReader(opt, yield)
	finder, err := tune(f, st.Size(), opt.Finder)
	if err == nil {
		err = rd.pick(ctx, f, st.Size(), finder, workers)
	}
	if errors.Is(err, ErrStop) {
		err = nil
	}
	return rd.result(), err
}

// tune makes a finder for what stands in the file.
func tune(f io.ReaderAt, size int64, finder func([]byte) Finder) (Finder, error) {
	const samples, length = 16, 8 << 10
	var sample []byte
	piece := make([]byte, length)
	for i := range int64(samples) {
		n, err := f.ReadAt(piece, size/samples*i)
		if err != nil && err != io.EOF {
			return nil, err
		}
		sample = append(sample, piece[:n]...)
	}
	return finder(sample), nil
}

// plainText reports whether a file is text in UTF-8 with a record a line, as
// far as its beginning tells.
func plainText(f io.ReaderAt) bool {
	rd := newReader(Options{}, nil)
	in, err := open(io.NewSectionReader(f, 0, 1<<16), &rd.skips)
	if err != nil {
		return false
	}
	defer in.close()
	if in.compression != "" || in.encoding != "" {
		return false
	}
	rd.src = newSource(context.Background(), in, &rd.skips)
	for {
		if rd.structured() != fmtBare {
			return false
		}
		if _, ok := rd.src.next(); !ok {
			return true
		}
	}
}

// jump forgets the lines before: those to come do not follow them.
func (r *repairer) jump() {
	r.win.first, r.win.cur = r.win.last, r.win.last
	r.win.bytes, r.win.lines, r.win.blank, r.win.numbered, r.win.weak = 0, 0, 0, 0, 0
	r.prev = lineShape{}
}

// run is a stretch of adjacent lines that is to be read.
type run struct {
	a, b int // in the chunk's text
	line int // lines of the chunk before it
	off  int64
}

// scanned is what a worker found in a chunk.
type scanned struct {
	text  []byte // of the runs, one behind the other
	runs  []run
	lines int // newlines in the chunk
	last  bool
	open  bool // the last chunk ends without a newline
	err   error
}

// picker reads a file in chunks.
type picker struct {
	r      io.ReaderAt
	size   int64
	finder Finder
	next   atomic.Int64
	tokens chan struct{}
	slots  []chan scanned
	free   chan []byte // texts to be used again
}

// pick reads a file of that size with workers, handing the stretches worth
// reading to the repairing reader in order.
func (rd *reader) pick(ctx context.Context, r io.ReaderAt, size int64, finder Finder, workers int) error {
	p := &picker{r: r, size: size, finder: finder, tokens: make(chan struct{}, workers+fastAhead), slots: make([]chan scanned, workers+fastAhead), free: make(chan []byte, workers+fastAhead+1)}
	for i := range p.slots {
		p.slots[i] = make(chan scanned, 1)
		p.tokens <- struct{}{}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for range workers {
		wg.Go(func() { p.work(ctx) })
	}
	rep := &repairer{rd: rd}
	src := &source{ctx: ctx, skips: &rd.skips}
	rd.src = src
	lr := &logicalReader{src: src, skips: &rd.skips, stop: func() bool { return src.lo >= src.hi }}
	var lines int
	for i := range p.chunks() {
		var s scanned
		select {
		case s = <-p.slots[i%len(p.slots)]:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err // a result may have been ready as well
		}
		if s.err != nil {
			return s.err
		}
		for _, one := range s.runs {
			text := s.text[one.a:one.b]
			*src = source{ctx: ctx, skips: &rd.skips, buf: text, hi: len(text), eof: true, num: lines + one.line, off: one.off, nul: bytes.IndexByte(text, 0) >= 0}
			rep.jump()
			if err := rep.readText(lr); err != nil {
				return err
			}
		}
		lines += s.lines
		if s.last && s.open {
			lines++
		}
		if s.text != nil {
			select {
			case p.free <- s.text[:0]:
			default: // there are enough
			}
		}
		p.tokens <- struct{}{}
		if rd.opt.Progress != nil {
			rd.opt.Progress(min(p.size, int64(i+1)*fastChunk))
		}
	}
	*src = source{num: lines, off: size}
	return ctx.Err()
}

func (p *picker) chunks() int { return int((p.size + fastChunk - 1) / fastChunk) }

// work scans chunks as long as there are some.
func (p *picker) work(ctx context.Context) {
	buf := make([]byte, 1+fastChunk+maxLine)
	for {
		select {
		case <-p.tokens:
		case <-ctx.Done():
			return
		}
		i := p.next.Add(1) - 1
		if i >= int64(p.chunks()) {
			return
		}
		p.slots[int(i)%len(p.slots)] <- p.scan(buf, i*fastChunk)
	}
}

// scan looks through the lines that begin in the chunk at offset a of the file.
func (p *picker) scan(buf []byte, a int64) scanned {
	from := max(a-1, 0) // the byte before tells whether a line begins here
	n, err := p.r.ReadAt(buf[:min(int64(len(buf)), p.size-from)], from)
	if err != nil && err != io.EOF {
		return scanned{err: err}
	}
	data := buf[:n]
	head := int(a - from)
	end := min(head+fastChunk, len(data))
	s := scanned{lines: bytes.Count(data[head:end], newline), last: a+fastChunk >= p.size}
	s.open = s.last && end > head && data[end-1] != '\n'
	begin := 0
	if a > 0 {
		nl := bytes.IndexByte(data[:end], '\n')
		if nl < 0 || nl+1 >= end {
			return s // a line that began before goes on through the whole chunk
		}
		begin = nl + 1
	}
	stop := len(data) // the last line of the chunk ends behind it
	if nl := bytes.IndexByte(data[end-1:], '\n'); nl >= 0 {
		stop = end + nl
	}
	c := &chunk{picker: p, data: data[begin:stop], off: from + int64(begin), before: bytes.Count(data[head:max(begin, head)], newline), out: &s}
	select {
	case s.text = <-p.free:
	default:
	}
	if c.damaged() {
		c.take(0, len(c.data))
		return s
	}
	c.find()
	return s
}

var newline = []byte{'\n'}

// chunk is the whole lines of one chunk.
type chunk struct {
	*picker
	data    []byte
	off     int64 // of data in the file
	before  int   // lines of the chunk before data
	counted int   // up to where lines are counted
	lines   int   // and how many those are
	out     *scanned
}

// damaged samples the lines: text as a logger wrote it has a prefix on all but
// a few.
func (c *chunk) damaged() bool {
	seen, bad := 0, 0
	for _, at := range [2]int{0, len(c.data) / 2} {
		if at > 0 {
			at = c.lineEnd(at)
		}
		for range sampleLines {
			if at >= len(c.data) {
				break
			}
			end := c.lineEnd(at)
			seen++
			if !c.prefixed(at, end) {
				bad++
			}
			at = end
		}
	}
	return bad*8 > seen || bytes.IndexByte(c.data, 0) >= 0
}

// find takes the lines with a find in them, each with the lines around it that
// may belong to the same record.
func (c *chunk) find() {
	at := 0
	for at < len(c.data) {
		hit := c.finder.Index(c.data[at:])
		if hit < 0 {
			return
		}
		hit += at
		begin := bytes.LastIndexByte(c.data[at:hit+1], '\n') + 1 + at
		end := c.lineEnd(hit)
		for n := 0; n < joinLines && begin > at && !c.prefixed(begin, c.lineEnd(begin)); n++ {
			begin = bytes.LastIndexByte(c.data[at:begin-1], '\n') + 1 + at
		}
		for n := 0; n < joinLines && end < len(c.data); n++ {
			next := c.lineEnd(end)
			if c.prefixed(end, next) {
				break
			}
			end = next
		}
		c.take(begin, end)
		at = end
	}
}

// lineEnd returns where the line behind the one at i begins.
func (c *chunk) lineEnd(i int) int {
	if nl := bytes.IndexByte(c.data[i:], '\n'); nl >= 0 {
		return i + nl + 1
	}
	return len(c.data)
}

// prefixed reports whether a line begins like a record.
func (c *chunk) prefixed(a, b int) bool {
	const enough = 256
	_, ok := parsePrefix(c.data[a:min(b, a+enough)])
	return ok
}

// take copies the lines data[a:b] out.
func (c *chunk) take(a, b int) {
	if b <= a {
		return
	}
	c.lines += bytes.Count(c.data[c.counted:a], newline)
	c.counted = a
	s := c.out
	if n := len(s.runs); n > 0 && s.runs[n-1].off+int64(s.runs[n-1].b-s.runs[n-1].a) == c.off+int64(a) {
		s.text = append(s.text, c.data[a:b]...)
		s.runs[n-1].b = len(s.text)
		return
	}
	start := len(s.text)
	s.text = append(s.text, c.data[a:b]...)
	s.runs = append(s.runs, run{start, len(s.text), c.before + c.lines, c.off + int64(a)})
}
