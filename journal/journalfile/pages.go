package journalfile

import (
	"errors"
	"io"
)

const (
	pageSize = 16 << 10
	pageSets = 512
	pageWays = 2
)

// pageCache holds pages of all files of a journal, 16 MiB at most. It is read
// by one goroutine.
type pageCache struct {
	sets [pageSets][pageWays]page
}

// page is a stretch of a file; n is less than a page at the end of the file.
type page struct {
	file  *file
	index uint64
	n     int
	used  bool
	data  []byte
}

// read copies bytes of a file and returns how many there are: fewer than asked for
// at the end of the file and where the system cannot read it.
func (c *pageCache) read(f *file, dst []byte, off uint64) int {
	total := 0
	for len(dst) > 0 {
		p := c.page(f, off/pageSize)
		at := int(off % pageSize)
		if at >= p.n {
			break
		}
		n := copy(dst, p.data[at:p.n])
		total += n
		dst = dst[n:]
		off += uint64(n)
		if p.n < pageSize {
			break
		}
	}
	return total
}

// page returns a page of a file, reading it where it is not held.
func (c *pageCache) page(f *file, index uint64) *page {
	set := &c.sets[(index+uint64(f.index)*97)%pageSets]
	p := &set[0]
	for i := range set {
		q := &set[i]
		if q.file == f && q.index == index {
			set[0].used, set[1].used = false, false
			q.used = true
			return q
		}
		if !q.used {
			p = q
		}
	}
	set[0].used, set[1].used = false, false
	if p.data == nil {
		p.data = make([]byte, pageSize)
	}
	p.file, p.index, p.used = f, index, true
	p.n = f.readAt(p.data, index*pageSize)
	return p
}

// readAt reads as much as there is.
func (f *file) readAt(dst []byte, off uint64) int {
	if off >= f.size {
		return 0
	}
	n, err := f.r.ReadAt(dst, int64(off))
	if err != nil && !errors.Is(err, io.EOF) {
		f.failed.Store(true)
	}
	return n
}
