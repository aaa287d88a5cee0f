package journal

import (
	"bytes"
	"unicode/utf8"
)

// The repairing reader looks at each line among its neighbours: is the region
// wrapped, and at what width, do blank lines stand between all records, does
// uniq -c count them. It holds a window of lines, never the input.

const (
	// windowAhead and windowBehind are how many lines on each side of the
	// one at hand count as its region.
	windowAhead  = 64
	windowBehind = 32
	windowSize   = 128 // a power of two above their sum
	// windowBytes bounds the text ahead.
	windowBytes = 1 << 20
	// nearby is how many lines on each side tell the width of wrapping: a
	// paste is short, and the next one is wrapped otherwise.
	nearby = 12
	// maxPieces bounds the lines of one record.
	maxPieces = 256
	// verboseIndent is how far journalctl -o verbose indents fields; less
	// is left where a paste lost some.
	verboseIndent = 2
	// cutOpen is for how many records a cut one waits for its other end.
	cutOpen = 8
	// mailWidth is the widest that mail programs wrap at.
	mailWidth = 82
	// mailLine is what they wrap plain text at (RFC 3676 clause 4.2: 78 or
	// less, 72 by custom).
	mailLine = 72
	// wideWidth is the widest wrapping taken for one.
	wideWidth = 130
)

// window is the lines around the one at hand.
type window struct {
	ring  [windowSize]entry
	first int // oldest line kept
	cur   int // line at hand
	last  int // behind the newest line
	bytes int // text of lines cur..last

	lines, blank, numbered, weak int // over first..last
}

func (w *window) at(i int) *entry { return &w.ring[i&(windowSize-1)] }

// slot returns the place for the next line; push keeps it.
func (w *window) slot() *entry { return w.at(w.last) }

func (w *window) push() {
	e := w.at(w.last)
	w.last++
	w.bytes += len(e.text)
	w.tally(e, 1)
}

func (w *window) tally(e *entry, n int) {
	w.lines += n
	if e.kind == kindBlank {
		w.blank += n
	}
	if e.numberEnd > 0 {
		w.numbered += n
	}
	if e.ok && e.pre.weak {
		w.weak += n
	}
}

// pop takes the next line and lets go of the oldest.
func (w *window) pop() *entry {
	e := w.at(w.cur)
	w.cur++
	w.bytes -= len(e.text)
	for w.cur-w.first > windowBehind {
		w.tally(w.at(w.first), -1)
		w.first++
	}
	return e
}

// full tells whether enough lines are ahead.
func (w *window) full() bool {
	return w.last-w.cur >= windowAhead || w.bytes >= windowBytes
}

// doubled tells whether blank lines stand between all others.
func (w *window) doubled() bool { return w.lines >= 4 && w.blank*5 >= w.lines*2 }

// counted tells whether the numbers in front of lines are counts.
func (w *window) counted() bool {
	return w.numbered >= 2 && w.numbered*2 > w.lines-w.blank
}

// region is what the near lines tell about the wrapping.
type region struct {
	width int // of the longest line
	full  int // the same with blanks at the end and quoting
	// twins are other lines as long as the longest that a tail follows,
	// breaks those that a record follows.
	twins, breaks int
	// pairs are other records that were wrapped by their looks, loose those
	// followed by a tail that had room behind them.
	pairs, loose int
	spare        int // any lines followed by such a tail
}

// limit is the width that a line must not have had room below to count as
// wrapped. Mail programs let some lines stand longer than they wrap others.
func (r region) limit() int { return min(r.width, mailLine) }

// near measures the region around line i, for lines quoted like it or not.
func (w *window) near(i int, quoted bool) region {
	var r region
	from, to := max(w.first, i-nearby), min(w.last, i+nearby)
	for k := from; k < to; k++ {
		if e := w.at(k); e.kind != kindBlank && (e.depth > 0) == quoted {
			r.width = max(r.width, e.width)
			r.full = max(r.full, e.full)
		}
	}
	for k := from; k+1 < to; k++ {
		a, b := w.at(k), w.at(k+1)
		if k+1 == i || a.kind != kindText || b.kind != kindText || (a.depth > 0) != quoted {
			continue
		}
		tail := !b.ok && !b.begin
		switch {
		case a.full == r.full && tail:
			r.twins++
		case a.full == r.full:
			r.breaks++
		}
		switch {
		case !tail:
		case a.width+1+b.word <= r.limit():
			r.spare++
			if a.ok {
				r.loose++
			}
		case a.ok:
			r.pairs++
		}
	}
	return r
}

// piece is a stretch of a message.
type piece struct {
	text []byte
	glue bool // joined to the piece before without a blank
}

// pending is a record that more lines may belong to.
type pending struct {
	pre     prefix
	text    []byte // what pre's places refer to
	raws    [][]byte
	pieces  []piece
	off     int64
	line    int
	lines   int
	indent  int
	chunk   int
	count   int
	altered bool // text is no stretch of raws[0]
	shift   int  // where text begins in raws[0]
	device  string
	fields  *fieldSet // of a verbose record
	open    bool      // its last line may go on in the next one
}

// repairer reads text.
type repairer struct {
	rd  *reader
	win window
	// queue holds the records not yet handed out, in order; only a record that
	// another writer cut stays in it while others come.
	queue []*pending
	cut   *pending
	pool  []*pending
	prev  lineShape
	human prefix // the last full stamp of dmesg -H
	cuts  []cut
	chunk int
}

// lineShape is what the decision on a line has to know of the line before.
type lineShape struct {
	width, full, depth int
	trail              bool
	last               []byte // its text
	blank              bool
}

// readText reads lines until the input ends or is no text any more.
func (r *repairer) readText(lr *logicalReader) error {
	for {
		for !r.win.full() {
			e := r.win.slot()
			l, ok := lr.next()
			if !ok {
				break
			}
			e.logicalLine = l
			examine(e)
			r.win.push()
		}
		if r.win.cur == r.win.last {
			return r.flush()
		}
		if err := r.line(r.win.pop(), r.win.cur-1); err != nil {
			return err
		}
		r.release()
	}
}

// release lets go of the input that no line refers to.
func (r *repairer) release() {
	c := -1
	if r.win.cur < r.win.last {
		c = r.win.at(r.win.cur).chunk
	} else {
		return
	}
	if len(r.queue) > 0 {
		c = min(c, r.queue[0].chunk)
	}
	if c > r.chunk {
		r.chunk = c
		r.rd.src.release(c)
	}
}

// line takes one line: it begins records or continues one.
func (r *repairer) line(e *entry, i int) error {
	switch e.kind {
	case kindBlank:
		r.rd.stats.Blank += e.lines
		if !r.win.doubled() {
			r.close()
		}
		return nil
	case kindMark, kindBoot:
		if err := r.flush(); err != nil {
			return err
		}
		r.rd.stats.Marks += e.lines
		if e.kind == kindBoot {
			r.rd.boots.boundary(string(e.text[e.boot.a:e.boot.b]))
		}
		r.prev = lineShape{}
		return nil
	}
	if pd := r.lastPending(); pd != nil && pd.open && pd.fields != nil && e.indent >= verboseIndent {
		body := e.text[e.body:e.end]
		pd.fields.verboseLine(body)
		r.join(pd, e, nil, len(e.raw), false)
		r.remember(e)
		return nil
	}
	if e.ok && e.pre.weak && r.win.weak < 3 {
		e.ok = false
		e.pre = prefix{prio: PriorityUnknown}
		e.word = skipWord(e.text, e.body) - e.body
		e.begin = true
	}
	if !e.ok && e.numberEnd > 0 && r.win.counted() {
		e.body = e.numberEnd
		if e.pre, e.ok = parsePrefix(e.text[e.body:]); e.ok {
			e.shift(e.body)
		} else {
			e.begin = true
		}
		e.pre.count = int32(min(e.number, 1<<30))
	}
	if err := r.segments(e, i); err != nil {
		return err
	}
	r.remember(e)
	return nil
}

// segments divides a line into records.
func (r *repairer) segments(e *entry, i int) error {
	from := e.body
	if e.ok {
		from = int(e.pre.msg)
	}
	r.cuts = runOns(r.cuts[:0], e.text[:e.end], from, e.pre.format, e.ok)
	end := e.end
	if len(r.cuts) > 0 {
		end = r.cuts[0].at
	}
	body := trimRight(e.text[e.body:end])
	stop := e.body + len(body)
	rawEnd := len(e.raw)
	if len(r.cuts) > 0 {
		rawEnd = e.rawAt(end)
		// Without its tail the line may be read otherwise.
		if p, ok := parsePrefix(body); ok && !p.weak {
			p.count = max(p.count, e.pre.count)
			e.pre, e.ok = p, true
			e.shift(e.body)
		}
	}
	switch {
	case e.ok:
		if err := r.begin(e, e.pre, e.body, stop, 0, rawEnd); err != nil {
			return err
		}
	case len(body) == 0:
		rawEnd = 0
	case r.attach(e, i, body, rawEnd):
	default:
		if err := r.begin(e, bare(e), e.body, stop, 0, rawEnd); err != nil {
			return err
		}
	}
	for k, c := range r.cuts {
		stop := e.end
		a, b := rawEnd, len(e.raw)
		if k+1 < len(r.cuts) {
			stop = r.cuts[k+1].at
			b = e.rawAt(stop)
		}
		rawEnd = b
		if c.bare {
			p := prefix{prio: PriorityUnknown, msg: int32(c.at), count: e.pre.count}
			if err := r.begin(e, p, c.at, c.at+len(trimRight(e.text[c.at:stop])), a, b); err != nil {
				return err
			}
			continue
		}
		p, ok := parsePrefix(e.text[c.at:stop])
		if !ok {
			continue
		}
		broken := r.lastPending()
		sub := *e
		sub.pre = p
		sub.shift(c.at)
		stop = c.at + len(trimRight(e.text[c.at:stop]))
		if c.glued && r.cut == nil && broken != nil && broken.line == e.line {
			r.cut = broken
		}
		if err := r.begin(e, sub.pre, c.at, stop, a, b); err != nil {
			return err
		}
	}
	return nil
}

// bare returns the prefix of a line that has none.
func bare(e *entry) prefix {
	return prefix{prio: PriorityUnknown, msg: int32(e.body), count: e.pre.count}
}

func (r *repairer) lastPending() *pending {
	if n := len(r.queue); n > 0 {
		return r.queue[n-1]
	}
	return nil
}

// begin starts a record with the text [a, b) of a line, which stands at [rawA,
// rawB) in its raw text.
func (r *repairer) begin(e *entry, p prefix, a, b, rawA, rawB int) error {
	if r.cut == nil {
		if err := r.flush(); err != nil {
			return err
		}
	} else if len(r.queue) >= cutOpen {
		r.cut = nil
		if err := r.flush(); err != nil {
			return err
		}
	}
	if p.human {
		p.time = r.human.time
	} else if p.format == fmtDmesgHuman {
		r.human = p
	}
	pd := r.fresh()
	pd.pre = p
	pd.text = e.text[:b]
	pd.off, pd.line, pd.lines = e.off+int64(rawA), e.line, e.lines
	if e.lines > 1 {
		pd.line += bytes.Count(e.raw[:rawA], []byte{'\n'})
		pd.lines = 1 + bytes.Count(e.raw[rawA:rawB], []byte{'\n'})
	}
	pd.chunk = e.chunk
	pd.indent = e.indent
	pd.altered = e.pos != nil
	pd.shift = -rawA
	pd.count = max(1, int(p.count))
	pd.open = true
	pd.raws = append(pd.raws, e.raw[rawA:rawB])
	pd.pieces = append(pd.pieces, piece{text: e.text[min(int(p.msg), b):b]})
	if p.format == fmtVerbose {
		pd.fields = new(fieldSet)
	}
	r.queue = append(r.queue, pd)
	return nil
}

// fresh returns an empty pending record.
func (r *repairer) fresh() *pending {
	if n := len(r.pool); n > 0 {
		pd := r.pool[n-1]
		r.pool = r.pool[:n-1]
		*pd = pending{raws: pd.raws[:0], pieces: pd.pieces[:0]}
		return pd
	}
	return new(pending)
}

// close ends what may be continued.
func (r *repairer) close() {
	for _, pd := range r.queue {
		pd.open = false
	}
	r.cut = nil
	r.prev.blank = true
}

// flush hands out all records.
func (r *repairer) flush() error {
	for len(r.queue) > 0 {
		pd := r.queue[0]
		r.queue = append(r.queue[:0], r.queue[1:]...)
		if err := r.rd.emitText(pd); err != nil {
			return err
		}
		r.pool = append(r.pool, pd)
	}
	r.cut = nil
	return nil
}

// remember keeps the shape of a line for the next one.
func (r *repairer) remember(e *entry) {
	r.prev = lineShape{
		width: e.width, full: e.full, depth: e.depth, trail: e.trail,
		last: e.text[:e.end],
	}
}

// attach adds a line without prefix to the record it continues, if it
// continues one.
func (r *repairer) attach(e *entry, i int, body []byte, rawEnd int) bool {
	pd := r.lastPending()
	if pd == nil || !pd.open {
		return false
	}
	if pd.pre.format == fmtKmsg && e.indent > 0 && isKmsgField(body) {
		if v, ok := bytes.CutPrefix(body, []byte("DEVICE=")); ok {
			pd.device = sanitize(v)
		}
		return r.join(pd, e, nil, rawEnd, false)
	}
	how := r.continues(e, i, pd)
	if r.cut != nil && how != joinHard && !e.begin && e.indent == 0 && r.fitsCut() {
		pd := r.cut
		r.cut = nil
		return r.join(pd, e, body, rawEnd, true)
	}
	switch how {
	case joinHard:
		// What was cut at the width of a screen keeps its blanks.
		return r.join(pd, e, e.text[e.body-e.indent:e.body+len(body)], rawEnd, true)
	case joinSoft:
		return r.join(pd, e, body, rawEnd, false)
	}
	return false
}

// fitsCut tells whether the record that another writer cut lacks its end.
func (r *repairer) fitsCut() bool {
	p := r.cut.pieces[len(r.cut.pieces)-1].text
	if len(p) == 0 {
		return false
	}
	switch p[len(p)-1] {
	case '.', ')', '!':
		return false
	}
	return true
}

// join adds a line to a record.
func (r *repairer) join(pd *pending, e *entry, text []byte, rawEnd int, glue bool) bool {
	if len(pd.raws) >= maxPieces {
		r.rd.skips.addBytes(skipManyLines, int64(len(e.raw)), e.line)
		pd.lines = e.line + e.lines - pd.line
		return true
	}
	pd.raws = append(pd.raws, e.raw[:rawEnd])
	pd.lines = e.line + e.lines - pd.line
	if text != nil {
		pd.pieces = append(pd.pieces, piece{text, glue})
	}
	return true
}

// joinKind is how a line goes on from the one before.
type joinKind uint8

const (
	joinNone joinKind = iota
	joinSoft          // wrapped at a blank
	joinHard          // cut at a column
)

// continues decides whether a line without prefix is the rest of the line
// before, which was wrapped. A line was wrapped where its successor's first word would have
// made it longer than any line around; that must be more than chance: other
// lines around were wrapped, too, or the words show it.
func (r *repairer) continues(e *entry, i int, pd *pending) joinKind {
	prev := &r.prev
	if len(prev.last) == 0 || pd.lines != e.line-pd.line && !r.win.doubled() {
		return joinNone
	}
	need := prev.width + 1 + e.word
	if need <= 60 {
		return joinNone
	}
	empty := len(pd.pieces) == 1 && len(pd.pieces[0].text) == 0
	if e.begin && !(empty && pd.pre.ident.b > pd.pre.ident.a) {
		return joinNone
	}
	if e.depth != prev.depth && !(e.depth == 0 && prev.full+1+e.word > 72 && r.quotedNext(i)) {
		return joinNone
	}
	reg := r.win.near(i, prev.depth > 0)
	if prev.full >= 79 && prev.full == reg.full && reg.breaks == 0 &&
		(reg.twins > 0 && pd.pre.format != fmtBare || prev.full == 80 && goesOn(e.text[e.body:e.end])) &&
		!r.seam(e, i) {
		return joinHard
	}
	if reg.width > mailWidth && need <= reg.width || need <= reg.limit() || need <= 66 && reg.pairs == 0 {
		return joinNone
	}
	hanging := prev.trail || isHanging(prev.last)
	switch {
	case pd.pre.format == fmtBare:
		if (hanging || e.indent > pd.indent) && reg.width <= mailWidth {
			return joinSoft
		}
	case reg.width <= mailWidth:
		if hanging || reg.loose <= reg.pairs && reg.spare <= 2*reg.pairs+2 && (reg.pairs > 0 || need > mailLine && goesOn(e.text[e.body:e.end])) {
			return joinSoft
		}
	case reg.width <= wideWidth && reg.spare == 0:
		if reg.pairs >= 2 || reg.pairs == 1 && (hanging || goesOn(e.text[e.body:e.end])) {
			return joinSoft
		}
	}
	return joinNone
}

// seam tells whether the line before line i, as long as any, ends between two words
// all the same: records of one shape are of one length, and are wrapped at
// the same word. What stands elsewhere tells whether that is a word.
func (r *repairer) seam(e *entry, i int) bool {
	if e.indent > 0 {
		return false
	}
	last := lastWord(r.prev.last)
	whole := append(append(make([]byte, 0, len(last)+e.word), last...), e.text[e.body:e.body+e.word]...)
	for k := max(r.win.first, i-nearby); k < min(r.win.last, i+nearby); k++ {
		if o := r.win.at(k); o.full != r.prev.full && bytes.Contains(o.text, whole) {
			return false
		}
	}
	for k := max(r.win.first, i-nearby); k+1 < min(r.win.last, i+nearby); k++ {
		if o := r.win.at(k); k+1 != i && o.full == r.prev.full && bytes.Equal(lastWord(o.text), last) {
			return true
		}
	}
	return false
}

func lastWord(s []byte) []byte {
	s = trimRight(s)
	i := len(s)
	for i > 0 && !isSpace(s[i-1]) {
		i--
	}
	return s[i:]
}

// quotedNext tells whether the line behind line i is quoted again.
func (r *repairer) quotedNext(i int) bool {
	return i+1 < r.win.last && r.win.at(i+1).depth > 0
}

// isHanging tells lines whose last word asks for another one.
func isHanging(s []byte) bool {
	s = trimRight(s)
	if len(s) == 0 {
		return false
	}
	switch s[len(s)-1] {
	case ':', ',', '-', '(', '=', '/', '[', ';', '>', '+':
		return true
	}
	i := len(s)
	for i > 0 && isLower(s[i-1]) {
		i--
	}
	switch string(s[i:]) {
	case "from", "to", "for", "the", "as", "by", "with", "and", "of", "in", "on", "is", "a", "an", "at", "user", "kernel",
		"using", "not", "local", "will", "be", "or", "that", "has", "was", "due":
		return true
	}
	return false
}

// goesOn tells lines that begin in the midst of a sentence.
func goesOn(s []byte) bool {
	c := at(s, 0)
	return isLower(c) || isDigit(c) || c == '(' || c == '[' || c == ')' || c == '<' || c == '_' || c == '"' || c == '\''
}

// isKmsgField tells the continuation lines of /dev/kmsg, " KEY=value".
func isKmsgField(s []byte) bool {
	i := 0
	for i < len(s) && (isUpper(s[i]) || s[i] == '_') {
		i++
	}
	return i > 0 && at(s, i) == '='
}

// sanitize makes a message of raw bytes: valid UTF-8 without control
// characters other than tab.
func sanitize(s []byte) string {
	if isClean(s) {
		return string(s)
	}
	return string(appendSane(nil, s, false))
}

// Sanitize returns text of a log fit to be a message: valid UTF-8 without control
// characters other than tab. Bytes that are no UTF-8 become U+FFFD, control
// characters go, escape sequences go whole; newlines stay where several lines are
// allowed.
func Sanitize(s string, newlines bool) string {
	if isClean(s) {
		return s
	}
	return string(appendSane(make([]byte, 0, len(s)), []byte(s), newlines))
}

// isClean tells printable ASCII and tabs.
func isClean[T string | []byte](s T) bool {
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		// A byte outside 0x20..0x7e sets its high bit in one of these.
		if (w|(w-0x2020202020202020)|(w+0x0101010101010101))&0x8080808080808080 != 0 {
			break
		}
		s = s[8:]
	}
	for i := range len(s) {
		if c := s[i]; (c < 0x20 && c != '\t') || c >= 0x7f {
			return false
		}
	}
	return true
}

// appendSane appends s without what must not reach a message. Bytes that are no
// UTF-8 become U+FFFD, control characters go, escape sequences go whole;
// newlines stay where the source had a field of several lines.
func appendSane(dst, s []byte, newlines bool) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == 0x1b:
			i = escapeEnd(s, i)
		case c == '\t' || (c >= 0x20 && c < 0x7f) || (c == '\n' && newlines):
			dst = append(dst, c)
			i++
		case c < 0x80:
			i++
		default:
			ru, n := utf8.DecodeRune(s[i:])
			if ru == utf8.RuneError || ru > 0x9f {
				dst = utf8.AppendRune(dst, ru)
			}
			i += n
		}
	}
	return dst
}
