package journalfile

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"roamfault/journal"
)

const (
	// scanBuffer is how much of a file a worker holds.
	scanBuffer = 256 << 10
	// segmentSize is how much of a file a worker takes at a time.
	segmentSize = 4 << 20
	// maxHits is how many wanted messages of one file are held at once; with
	// more, each entry is read.
	maxHits = 256 << 10
)

// hit is a wanted message's list of entries.
type hit struct {
	entry, array, entries uint64
}

// segment is a stretch of whole objects, and what was found in it.
type segment struct {
	begin, end uint64
	hits       []hit
	objects    uint64
	data       uint64
}

// survey goes through the list of all entries, which tells whether it is whole, and
// at which entries the file can be divided.
func (s *session) survey(f *file) (segs []segment, last uint64, ok bool) {
	end, ok := s.tail(f)
	if !ok {
		return nil, 0, false
	}
	var a arrayReader
	a.reset(&s.pages, f, f.head.entryArray, 0)
	seg := segment{begin: f.firstObject()}
	count := uint64(0)
	for f.head.state != stateOnline || count < f.head.entries {
		off, ok := a.item()
		if !ok {
			break
		}
		count++
		if off > seg.begin && off-seg.begin >= segmentSize {
			seg.end = off
			segs = append(segs, seg)
			seg = segment{begin: off}
		}
	}
	if a.bad || count != f.head.entries || end < a.last || end <= seg.begin {
		return nil, 0, false
	}
	seg.end = end
	return append(segs, seg), a.last, true
}

// tail returns the end of the last object.
func (s *session) tail(f *file) (uint64, bool) {
	off := f.head.tailObject
	var b [objectHeadSize]byte
	if off < minHeader || off%8 != 0 || off > f.size || s.pages.read(f, b[:], off) < len(b) {
		return 0, false
	}
	h := parseObjectHead(b[:])
	if !h.sound(f.size-off, f.head.compact()) {
		return 0, false
	}
	return aligned(off + h.size), true
}

// choose finds the entries of wanted messages. It returns nil where the file is not
// sound enough, or too much is wanted, to go by its index: then each entry is to be
// read. Damage is said.
func (s *session) choose(ctx context.Context, f *file) *offsetSet {
	if f.size/blockSpan > maxIndex {
		return nil
	}
	segs, last, ok := s.survey(f)
	if !ok {
		// The list of entries says so itself when it is read.
		return nil
	}
	segs, res := s.scan(ctx, f, segs)
	set := newOffsetSet(f.size, &s.blocks)
	if res == scanned {
		res = s.follow(f, segs, set)
	}
	if res == scanned && !s.listed(f, set, last) {
		res = scanDamaged
	}
	if res == scanned {
		return set
	}
	set.release()
	if res == scanDamaged && ctx.Err() == nil {
		s.skips.add(skipIndex, 0, 0)
	}
	return nil
}

// maxIndex is how many blocks of a file the set of chosen entries may span, 32
// GiB.
const maxIndex = 1 << 20

// scanResult is how a scan ended.
type scanResult uint8

const (
	scanned     scanResult = iota
	scanDamaged            // not all was sound
	scanTooMuch            // more is wanted than is held
)

// scan looks at each message of a file, with several workers.
func (s *session) scan(ctx context.Context, f *file, segs []segment) ([]segment, scanResult) {
	var next, hits atomic.Int64
	var damaged atomic.Bool
	var wg sync.WaitGroup
	workers := min(len(s.scanners), len(segs))
	for _, sc := range s.scanners[:workers] {
		wg.Go(func() {
			for ctx.Err() == nil && !damaged.Load() && hits.Load() <= maxHits {
				i := int(next.Add(1)) - 1
				if i >= len(segs) {
					return
				}
				if !sc.scan(f, &segs[i], &hits) {
					damaged.Store(true)
				}
			}
		})
	}
	wg.Wait()
	switch {
	case damaged.Load() || ctx.Err() != nil:
		return segs, scanDamaged
	case hits.Load() > maxHits:
		return segs, scanTooMuch
	}
	// An object whose kind was damaged may look sound. A file that is written
	// to has more objects than its header counts, for moments.
	var objects, data uint64
	for i := range segs {
		objects += segs[i].objects
		data += segs[i].data
	}
	if f.head.state == stateOnline {
		objects, data = min(objects, f.head.objects), min(data, f.head.data)
	}
	if objects != f.head.objects || f.head.data != 0 && data != f.head.data {
		return segs, scanDamaged
	}
	return segs, scanned
}

// follow collects the entries that the hits list.
func (s *session) follow(f *file, segs []segment, set *offsetSet) scanResult {
	// No two messages share a list, so that all lists together fit into
	// the file.
	room := f.size / f.itemSize()
	for i := range segs {
		for _, h := range segs[i].hits {
			n := uint64(1)
			if h.entry%8 != 0 || h.entry >= f.size {
				return scanDamaged
			}
			if !set.add(h.entry) {
				return scanTooMuch
			}
			s.list.reset(&s.pages, f, h.array, h.entry)
			for n < room {
				off, ok := s.list.item()
				if !ok {
					break
				}
				n++
				if !set.add(off) {
					return scanTooMuch
				}
			}
			room -= min(n, room)
			if s.list.bad || room == 0 || n < h.entries || n > h.entries && f.head.state != stateOnline {
				return scanDamaged
			}
		}
		segs[i].hits = nil
	}
	return scanned
}

// listed tells whether all chosen entries, up to the last one that there was
// when the reading began, are in the file's list.
func (s *session) listed(f *file, set *offsetSet, last uint64) bool {
	s.list.reset(&s.pages, f, f.head.entryArray, 0)
	found := 0
	for {
		off, ok := s.list.item()
		if !ok || off > last {
			return found == set.upTo(last)
		}
		if set.has(off) {
			found++
		}
	}
}

// scanner looks through segments. Each worker has one.
type scanner struct {
	ask      func(identifier, message string) bool
	buf      []byte
	unpacker unpacker
	text     strings.Builder // messages, many in one piece of memory
}

// textSize is how much memory is taken at once for messages.
const textSize = 64 << 10

// keep makes a string of b.
func (sc *scanner) keep(b []byte) string {
	if sc.text.Cap()-sc.text.Len() < len(b) {
		sc.text = strings.Builder{}
		sc.text.Grow(max(textSize, len(b)))
	}
	at := sc.text.Len()
	_, _ = sc.text.Write(b)
	return sc.text.String()[at:]
}

// scan looks at each object of a segment; ok is false where one is not sound.
func (sc *scanner) scan(f *file, seg *segment, hits *atomic.Int64) (ok bool) {
	if want := int(min(scanBuffer, f.size)); len(sc.buf) < want {
		sc.buf = make([]byte, want)
	}
	compact := f.head.compact()
	head := uint64(dataHeadSize)
	if compact {
		head += compactExtra
	}
	budget := unpackBudget(f.size)
	at := seg.begin
	base := at
	var have []byte
	for at < seg.end {
		rel := at - base
		if uint64(len(have)) < rel+dataHeadSize+16 {
			have = sc.buf[:f.readAt(sc.buf, at)]
			base, rel = at, 0
			if len(have) < objectHeadSize {
				return false
			}
		}
		b := have[rel:]
		h := parseObjectHead(b)
		if !h.sound(f.size-at, compact) {
			return false
		}
		seg.objects++
		if h.kind != objectData {
			at = aligned(at + h.size)
			continue
		}
		seg.data++
		need := min(h.size, head+maxPayload)
		if h.flags != 0 {
			need = min(h.size, head+maxPacked)
		} else if uint64(len(b)) >= head+8 && h.size >= head+8 && !likeMessage(b[head:]) && likeName(b[head:]) {
			at = aligned(at + h.size)
			continue
		}
		if uint64(len(b)) < need {
			have = sc.buf[:f.readAt(sc.buf, at)]
			base, b = at, have
			if uint64(len(b)) < need {
				return false
			}
		}
		d, ok := parseData(b, f, at)
		if !ok {
			return false
		}
		u := unpacked{b[head:need], int64(h.size - head)}
		if h.flags != 0 {
			var err error
			u, err = sc.unpacker.unpack(h.flags, u.b)
			if budget -= int64(len(u.b)); err != nil || budget < 0 {
				return false
			}
		}
		if !sc.message(f, &d, u, seg, hits) {
			return false
		}
		at = aligned(at + h.size)
	}
	return at == seg.end
}

// message asks for a message and takes its list of entries.
func (sc *scanner) message(f *file, d *dataHead, u unpacked, seg *segment, hits *atomic.Int64) (ok bool) {
	if u.size == int64(len(u.b)) && f.hash(u.b) != d.hash {
		return false
	}
	if len(u.b) < len(messagePrefix) || string(u.b[:len(messagePrefix)]) != messagePrefix {
		return true
	}
	if d.entry == 0 {
		// Written, but of no entry yet.
		return d.entries == 0
	}
	raw := u.b[len(messagePrefix):]
	text := trimEnd(journal.Sanitize(sc.keep(raw[:min(len(raw), maxValue)]), true))
	if sc.ask("", text) {
		hits.Add(1)
		seg.hits = append(seg.hits, hit{d.entry, d.array, d.entries})
	}
	return true
}
