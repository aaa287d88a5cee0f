package journalfile

import (
	"context"
	"errors"
	"runtime"
	"time"

	"roamfault/journal"
)

// session is one reading of a journal.
type session struct {
	j        *Journal
	pages    pageCache
	values   values
	skips    skipSum
	unpacker unpacker
	head     [256]byte // of a data object
	payload  []byte
	fields   fieldSet
	record   journal.Record
	cursor   []byte
	boot     id
	bootText string
	list     arrayReader
	scanners []*scanner
	blocks   int // how many blocks the sets of chosen entries may still make
	budgets  []int64
	budgetOf *file
	budget   int64
	verdicts []answer
	filterID id
	stats    journal.Stats
	yield    func(*journal.Record) error
	streams  []*stream // all that were started
}

// answer is what Wanted said of a message: for any identifier, and for the last one.
type answer struct {
	file     *file
	off      uint64
	any      bool
	asked    bool
	by       string
	with     bool
	withDone bool
}

// verdictBits is how many answers are remembered, as a power of 2.
const verdictBits = 12

// unpackBudget is how many bytes of field data a file of some size may make: far more
// than journald can write, but bounded.
func unpackBudget(size uint64) int64 { return 64<<20 + 64*int64(min(size, 1<<50)) }

func (j *Journal) newSession(yield func(*journal.Record) error) (*session, error) {
	s := &session{j: j, yield: yield, blocks: maxBlocks}
	var size uint64
	for _, f := range j.files {
		if err := f.refresh(); err != nil {
			return nil, fileError(f.path, err)
		}
		size += min(f.size, 1<<40)
		s.budgets = append(s.budgets, unpackBudget(f.size))
	}
	s.values = newValues(size)
	if b := j.opt.Filter.Boot; b != "" {
		// What is no boot id is the boot of no entry.
		_ = parseID(&s.filterID, b)
	}
	return s, nil
}

func (s *session) close() {
	s.unpacker.close()
	for _, sc := range s.scanners {
		sc.unpacker.close()
	}
}

// Read hands the records of all files to yield, in one order: by sequence number
// where one journal counted, by the monotonic clock within a boot, by the wall
// clock else; an entry that several files have comes once. A file that is
// written to meanwhile is read as far as it was when Read began.
//
// In the stats Bytes is the size of the files that were read, Lines the number
// of entries that they list.
func (j *Journal) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	s, err := j.newSession(yield)
	if err != nil {
		return journal.Stats{}, err
	}
	defer s.close()
	if j.opt.Wanted != nil {
		workers := j.opt.Workers
		if workers <= 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		for range workers {
			s.scanners = append(s.scanners, &scanner{ask: j.opt.Wanted})
		}
		s.verdicts = make([]answer, 1<<verdictBits)
	}
	err = s.merge(ctx)
	if errors.Is(err, journal.ErrStop) {
		err = nil
	}
	s.finish()
	return s.stats, err
}

// finish sums up.
func (s *session) finish() {
	for _, st := range s.streams {
		s.skips.merge(st.skips.list)
	}
	for range s.j.beyond - s.j.tooMany {
		s.skips.add(skipFile, 0, 0)
	}
	for range s.j.tooMany {
		s.skips.add(skipFiles, 0, 0)
	}
	for _, f := range s.j.files {
		if f.failed.Load() {
			s.skips.add(skipRead, 0, 0)
		}
	}
	s.stats.Skipped = s.skips.list
	s.stats.Formats = map[journal.Format]int{}
	if s.stats.Records > 0 {
		s.stats.Formats[Format] = s.stats.Records
	}
}

// stream is the entries of one file, as far as they are wanted.
type stream struct {
	session *session
	f       *file
	cursor  entryCursor
	head    entry
	// active: the file's messages were looked through. Before, head is the
	// first entry of all.
	active bool
	// every: the filter does not matter.
	every bool
	// passed: an entry behind the cursor asked for has come.
	passed bool
	chosen *offsetSet
	skips  skipSum
}

// advance steps to the next entry; ok is false at the end.
func (st *stream) advance() (ok bool) {
	s := st.session
	var b [entryHeadSize]byte
	for {
		off, number, ok := st.cursor.next()
		if !ok {
			return false
		}
		beyond := st.cursor.beyond()
		if st.chosen != nil && !beyond && !st.chosen.has(off) {
			st.cursor.sound(off, entryHeadSize)
			continue
		}
		got := s.pages.read(st.f, b[:], off)
		e, ok := entry{}, false
		if got == len(b) {
			e, ok = parseEntry(b[:], st.f, off)
		}
		if beyond && (!ok || e.seqnum > st.f.head.tailSeqnum) {
			// It came after this reading began, and may be half written.
			return false
		}
		if st.chosen != nil && !st.chosen.has(off) {
			st.cursor.sound(off, e.size)
			continue
		}
		if !ok {
			if st.cursor.search != nil {
				st.skips.add(skipEntry, 0, number)
				continue
			}
			st.cursor.count--
			st.cursor.lie()
			continue
		}
		st.cursor.sound(off, e.size)
		e.number = number
		st.head = e
		if st.every || s.passes(st) {
			return true
		}
	}
}

// grace is how far the clock of the journal may be from that of the record's
// writer: an entry outside the filter's times by more is not read.
const grace = time.Hour

// passes tells whether an entry may be wanted, by its head alone.
func (s *session) passes(st *stream) bool {
	e := &st.head
	if after := s.j.after; after != nil && !st.passed {
		if e.compare(after) <= 0 {
			return false
		}
		st.passed = true
	}
	flt := &s.j.opt.Filter
	if flt.Boot != "" && e.boot != s.filterID {
		return false
	}
	if flt.Since.IsZero() && flt.Until.IsZero() || e.realtime >= maxWall {
		return true
	}
	at := time.UnixMicro(int64(e.realtime))
	return (flt.Since.IsZero() || !at.Before(flt.Since.Add(-grace))) && (flt.Until.IsZero() || !at.After(flt.Until.Add(grace)))
}

// start begins a file; ok is false when nothing of it can be wanted.
func (s *session) start(f *file) (st *stream, ok bool) {
	st = &stream{session: s, f: f}
	s.streams = append(s.streams, st)
	s.checkHeader(f)
	s.stats.Bytes += int64(f.size)
	s.stats.Lines += int(min(f.head.entries, f.size/entryHeadSize))
	if s.j.opt.Filter.Boot != "" && !s.mayHaveBoot(f) {
		return st, false
	}
	st.cursor.reset(s, f, &st.skips)
	st.active = s.j.opt.Wanted == nil
	return st, st.advance()
}

// activate looks through the messages of a file and steps to the first wanted
// entry.
func (st *stream) activate(ctx context.Context) (ok bool) {
	st.active = true
	st.chosen = st.session.choose(ctx, st.f)
	if st.chosen != nil && st.chosen.count == 0 {
		return false
	}
	// What was met on the way to the first entry will be met again.
	st.skips = skipSum{}
	st.cursor.reset(st.session, st.f, &st.skips)
	return st.advance()
}

// end lets go of what a stream holds.
func (st *stream) end() {
	if st.chosen != nil {
		st.chosen.release()
		st.chosen = nil
	}
}

// checkHeader says what the header alone shows to be wrong.
func (s *session) checkHeader(f *file) {
	h := &f.head
	if end := h.size + h.arena; h.size >= minHeader && h.size <= maxHeader && end > f.size && h.arena < 1<<60 {
		s.skips.add(skipShort, int64(end-f.size), 0)
	}
	if h.size < minHeader || h.size > maxHeader || h.size%8 != 0 || h.state > stateArchived {
		s.skips.add(skipHeader, 0, 0)
	}
}

// merge hands out the records of all files in order.
func (s *session) merge(ctx context.Context) error {
	var streams []*stream
	for _, f := range s.j.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if st, ok := s.start(f); ok {
			streams = append(streams, st)
		}
	}
	var last key
	var lastFile *file
	steps := 0
	for len(streams) > 0 {
		i, rival := first(streams)
		st := streams[i]
		more := true
		if !st.active {
			more = st.activate(ctx)
			if err := ctx.Err(); err != nil {
				return err
			}
			if more && rival >= 0 && st.head.compare(&streams[rival].head.key) > 0 {
				continue
			}
		}
		for more {
			if steps++; steps&255 == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
			}
			// An entry that another file had, too.
			if st.f == lastFile || st.head.key != last {
				last, lastFile = st.head.key, st.f
				if err := s.emit(st); err != nil {
					return err
				}
			}
			if more = st.advance(); more && rival >= 0 && st.head.compare(&streams[rival].head.key) >= 0 {
				break
			}
		}
		if !more {
			st.end()
			streams = append(streams[:i], streams[i+1:]...)
		}
	}
	return ctx.Err()
}

// first returns the stream whose entry comes first, and the one that would
// come without it, -1 for none.
func first(streams []*stream) (best, rival int) {
	rival = -1
	for i := 1; i < len(streams); i++ {
		switch e := &streams[i].head; {
		case e.compare(&streams[best].head.key) < 0:
			best, rival = i, best
		case rival < 0 || e.compare(&streams[rival].head.key) < 0:
			rival = i
		}
	}
	return best, rival
}

// emit reads the entry that a stream stands at and hands out its record, if that is
// wanted.
func (s *session) emit(st *stream) error {
	s.collect(st.f, &st.head)
	if !s.fields.has[fieldMessage] {
		s.skips.add(skipNoMessage, 0, st.head.number)
		return nil
	}
	if s.j.opt.Wanted != nil && !s.wants(st) {
		return nil
	}
	s.fill(st.f, &st.head)
	if !s.j.opt.Filter.Wants(&s.record) {
		return nil
	}
	s.stats.Records++
	return s.yield(&s.record)
}

// wants asks for a message with its identifier, and before for any where the
// messages were not looked through.
func (s *session) wants(st *stream) bool {
	m := &s.fields.v[fieldMessage]
	a := &s.verdicts[(m.off/8*0x9e3779b97f4a7c15)>>(64-verdictBits)]
	if a.file != m.file || a.off != m.off {
		*a = answer{file: m.file, off: m.off}
	}
	if !a.asked {
		a.asked = true
		a.any = st.chosen != nil || s.j.opt.Wanted("", m.text)
	}
	if !a.any {
		return false
	}
	if by := s.fields.identifier(); !a.withDone || a.by != by {
		a.by, a.withDone = by, true
		a.with = s.j.opt.Wanted(by, m.text)
	}
	return a.with
}
