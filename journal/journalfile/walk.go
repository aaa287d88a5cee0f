package journalfile

// walker goes through the objects of a file one behind the other, whatever points
// to them. Where something is no object it looks for the next
// one, at each multiple of 8, and tells how much it left out.
type walker struct {
	pages *pageCache
	f     *file
	at    uint64
	lost  func(bytes int64)
}

// maxRoom is how many zeros behind the last object are looked at: journald makes
// room in steps of 8 MiB (FILE_SIZE_INCREASE in journal-file.c).
const maxRoom = 16 << 20

// next returns the next object; ok is false at the end.
func (w *walker) next() (off uint64, h objectHead, ok bool) {
	if h, ok := w.object(w.at); ok {
		off := w.at
		w.at = aligned(off + h.size)
		return off, h, true
	}
	begin, data := w.at, w.at
	var hole int64 // bytes that are not zero
	var b [8]byte
	for w.at+objectHeadSize <= w.f.size {
		if w.pages.read(w.f, b[:], w.at) < len(b) {
			break
		}
		if b != ([8]byte{}) {
			if w.at != begin && w.believable(w.at) {
				break
			}
			hole += 8
			data = w.at
		}
		w.at += 8
		if w.at > w.f.head.tailObject && w.at-data > maxRoom {
			w.at = w.f.size
		}
	}
	// Zeros behind the last object are room for more.
	if hole > 0 || begin <= w.f.head.tailObject && begin < w.f.size && w.at+objectHeadSize <= w.f.size {
		w.lost(max(hole, 8))
	}
	h, ok = w.object(w.at)
	if !ok {
		w.at = w.f.size
		return 0, objectHead{}, false
	}
	off = w.at
	w.at = aligned(off + h.size)
	return off, h, true
}

// object reads the head of the object at off.
func (w *walker) object(off uint64) (objectHead, bool) {
	var b [objectHeadSize]byte
	if off+objectHeadSize > w.f.size || w.pages.read(w.f, b[:], off) < len(b) {
		return objectHead{}, false
	}
	h := parseObjectHead(b[:])
	return h, h.sound(w.f.size-off, w.f.head.compact())
}

// believable is stricter than object, for a place that nothing pointed to:
// reserved bytes are zero, and another object, unused room or the end follows.
func (w *walker) believable(off uint64) bool {
	var b [objectHeadSize]byte
	if w.pages.read(w.f, b[:], off) < len(b) || b[2]|b[3]|b[4]|b[5]|b[6]|b[7] != 0 {
		return false
	}
	h, ok := w.object(off)
	if !ok || h.kind == objectDataTable || h.kind == objectFieldTable {
		return false
	}
	end := aligned(off + h.size)
	if end+objectHeadSize > w.f.size {
		return true
	}
	if w.pages.read(w.f, b[:], end) < len(b) {
		return false
	}
	if b == ([objectHeadSize]byte{}) {
		return true
	}
	_, ok = w.object(end)
	return ok
}

// firstObject is where the objects of a file begin.
func (f *file) firstObject() uint64 {
	if f.head.size < minHeader || f.head.size > maxHeader || f.head.size%8 != 0 {
		return minHeader
	}
	return f.head.size
}
