package journalfile

// arrayReader goes through a chain of entry arrays: the offsets of entries. It
// ends at the first thing that cannot be: a place outside of the file, an
// array that does not lie behind the one before, an offset that is
// not larger than the last. Both are so in every journal, since files only grow,
// and so no chain is followed twice or for ever.
type arrayReader struct {
	pages *pageCache
	f     *file
	next  uint64 // the array that follows, 0 for none
	floor uint64 // where it may begin at the earliest
	at    uint64 // next item of the array being read
	end   uint64
	last  uint64 // the last offset
	buf   [512]byte
	have  []byte
	bad   bool
}

func (a *arrayReader) reset(pages *pageCache, f *file, first, last uint64) {
	a.pages, a.f, a.next, a.last = pages, f, first, last
	a.floor, a.at, a.end, a.have, a.bad = minHeader, 0, 0, nil, false
}

// item returns the next offset; ok is false at the end, where bad
// tells whether it is a broken one.
func (a *arrayReader) item() (off uint64, ok bool) {
	width := a.f.itemSize()
	for uint64(len(a.have)) < width {
		if a.at < a.end {
			n := a.pages.read(a.f, a.buf[:min(uint64(len(a.buf)), a.end-a.at)], a.at)
			a.have = a.buf[:n]
			a.at += uint64(n)
			if uint64(n) < width {
				a.bad = true
				return 0, false
			}
			continue
		}
		if a.next == 0 {
			return 0, false
		}
		if !a.array() {
			a.bad = true
			return 0, false
		}
	}
	if width == 4 {
		off = uint64(le32(a.have))
	} else {
		off = le64(a.have)
	}
	if off == 0 {
		// Room for more. Nothing may follow.
		a.bad = a.next != 0
		a.have, a.at, a.end, a.next = nil, 0, 0, 0
		return 0, false
	}
	if off <= a.last || off%8 != 0 || off > a.f.size-min(entryHeadSize, a.f.size) {
		a.bad = true
		return 0, false
	}
	a.have = a.have[width:]
	a.last = off
	return off, true
}

// array begins the next array of the chain.
func (a *arrayReader) array() bool {
	off := a.next
	var b [arrayHeadSize]byte
	if off < a.floor || off%8 != 0 || off > a.f.size || a.pages.read(a.f, b[:], off) < len(b) {
		return false
	}
	h := parseObjectHead(b[:])
	if h.kind != objectArray || !h.sound(a.f.size-off, a.f.head.compact()) {
		return false
	}
	width := a.f.itemSize()
	a.at = off + arrayHeadSize
	a.end = a.at + (h.size-arrayHeadSize)/width*width
	a.floor = off + h.size
	a.next = le64(b[16:])
	a.have = nil
	return true
}

// itemSize is the size of an offset in an array.
func (f *file) itemSize() uint64 {
	if f.head.compact() {
		return 4
	}
	return 8
}

// entryCursor goes through all entries of a file in their order, which is that of
// the file: by the file's list of them as long as that holds, by
// searching for the rest where it does not.
type entryCursor struct {
	arrays  arrayReader
	search  *walker
	count   int
	end     uint64 // of the last entry that was sound
	session *session
	f       *file
	skips   *skipSum
	told    bool
}

func (c *entryCursor) reset(s *session, f *file, skips *skipSum) {
	*c = entryCursor{session: s, f: f, skips: skips, end: f.firstObject()}
	c.arrays.reset(&s.pages, f, f.head.entryArray, 0)
}

// next returns the next entry's offset and number. Whoever finds no entry
// there calls lie and goes on.
func (c *entryCursor) next() (off uint64, number int, ok bool) {
	if c.search == nil {
		off, ok := c.arrays.item()
		if ok && off >= c.end {
			c.count++
			return off, c.count, true
		}
		if !ok && !c.arrays.bad && uint64(c.count) >= c.f.head.entries {
			if c.count > 0 || c.f.head.state == stateOnline {
				return 0, 0, false
			}
			// An empty file, or one whose header was lost.
			c.look()
		} else {
			c.lie()
		}
	}
	for {
		off, h, ok := c.search.next()
		if !ok {
			return 0, 0, false
		}
		if h.kind == objectEntry {
			if c.count++; c.count == 1 {
				c.tell()
			}
			return off, c.count, true
		}
	}
}

// beyond tells whether the entry that came last is one that the header of a file
// that is being written to does not count.
func (c *entryCursor) beyond() bool {
	return c.search == nil && c.f.head.state == stateOnline && uint64(c.count) > c.f.head.entries
}

// sound takes note that an entry of that size was found at off.
func (c *entryCursor) sound(off, size uint64) { c.end = off + size }

// lie leaves the list of entries: it ended early, or named an entry that is none.
func (c *entryCursor) lie() {
	if c.search == nil {
		c.tell()
		c.look()
	}
}

// tell says that the list is damaged, once.
func (c *entryCursor) tell() {
	if !c.told {
		c.told = true
		c.skips.add(skipList, 0, c.count)
	}
}

// look searches for the entries that follow.
func (c *entryCursor) look() {
	c.search = &walker{pages: &c.session.pages, f: c.f, at: aligned(c.end), lost: func(n int64) {
		c.skips.add(skipStretch, n, c.count)
	}}
}
