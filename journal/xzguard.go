package journal

import (
	"errors"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

var (
	errXZDict  = errors.New("xz dictionary too large")
	errXZFrame = errors.New("xz framing damaged")
)

// xzGuard walks the framing of an xz file (The .xz File Format 1.2.1) while the
// decoder reads through it, and ends the file where a block asks for a larger
// dictionary than maxXZDict. The decoder itself allocates whatever a header
// asks for, up to 4 GiB.
type xzGuard struct {
	r     io.Reader
	state xzState
	err   error

	head  []byte // header being collected
	want  int    // its length
	skip  int64  // bytes to step over before the next state
	block int64  // bytes of the block's compressed data, for its padding
	check int64  // length of the check behind each block
	left  uint64 // integers to come in the index
	index int64  // bytes of the index so far
	bytes int64  // read in all
	dicts int64  // dictionaries asked for in all
}

type xzState uint8

const (
	xzStream  xzState = iota // stream header, or padding before it
	xzBlock                  // first byte of a block header or of the index
	xzHeader                 // rest of a block header
	xzChunk                  // first byte of an LZMA2 chunk
	xzSizes                  // rest of a chunk's header
	xzCount                  // number of records in the index
	xzRecords                // records of the index
)

func (g *xzGuard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	for i := 0; i < n; {
		if g.skip > 0 {
			k := min(g.skip, int64(n-i))
			g.skip -= k
			i += int(k)
			continue
		}
		if g.err = g.step(p[i]); g.err != nil {
			return i, g.err
		}
		i++
	}
	g.bytes += int64(n)
	return n, err
}

// collect gathers the bytes of a header; it returns true with the last one.
func (g *xzGuard) collect(c byte) bool {
	g.head = append(g.head, c)
	return len(g.head) >= g.want
}

// step takes one byte of framing.
func (g *xzGuard) step(c byte) error {
	switch g.state {
	case xzStream:
		if len(g.head) == 0 && c == 0 {
			return nil
		}
		g.want = 12
		if g.collect(c) {
			// Check ids 1..3 are 4 bytes, 4..6 8, 7..9 16, 10..12 32, 13..15 64.
			if id := int64(g.head[7] & 15); id == 0 {
				g.check = 0
			} else {
				g.check = 4 << ((id - 1) / 3)
			}
			g.head = g.head[:0]
			g.state = xzBlock
		}
	case xzBlock:
		if c == 0 {
			g.index, g.left = 1, 0
			g.state = xzCount
			g.head = g.head[:0]
			return nil
		}
		g.head = append(g.head[:0], c)
		g.want = (int(c) + 1) * 4
		g.state = xzHeader
	case xzHeader:
		if g.collect(c) {
			if err := g.header(); err != nil {
				return err
			}
			g.head = g.head[:0]
			g.block = 0
			g.state = xzChunk
		}
	case xzChunk:
		g.block++
		switch {
		case c == 0:
			g.skip = (4-g.block%4)%4 + g.check
			g.state = xzBlock
		case c == 1 || c == 2:
			g.head, g.want = append(g.head[:0], c), 3
			g.state = xzSizes
		case c >= 0x80:
			g.head, g.want = append(g.head[:0], c), 5
			if c >= 0xC0 {
				g.want = 6
			}
			g.state = xzSizes
		default:
			return errXZFrame
		}
	case xzSizes:
		g.block++
		if g.collect(c) {
			i := 1
			if g.head[0] >= 0x80 {
				i = 3
			}
			g.skip = int64(g.head[i])<<8 + int64(g.head[i+1]) + 1
			g.block += g.skip
			g.head = g.head[:0]
			g.state = xzChunk
		}
	case xzCount, xzRecords:
		return g.integer(c)
	}
	return nil
}

// integer takes one byte of the index's integers.
func (g *xzGuard) integer(c byte) error {
	g.index++
	g.head = append(g.head, c)
	if c&0x80 != 0 {
		if len(g.head) >= 9 {
			return errXZFrame
		}
		return nil
	}
	if g.state == xzCount {
		n, _, ok := xzInt(g.head, 0)
		if !ok || n > 1<<40 {
			return errXZFrame
		}
		g.left = 2 * n
		g.state = xzRecords
	} else {
		g.left--
	}
	g.head = g.head[:0]
	if g.left == 0 {
		// Padding, CRC32, and the stream footer.
		g.skip = (4-g.index%4)%4 + 4 + 12
		g.state = xzStream
	}
	return nil
}

// header finds the dictionary in a block header.
func (g *xzGuard) header() error {
	h := g.head
	if len(h) < 8 {
		return errXZFrame
	}
	flags, i, ok := h[1], 2, true
	for _, f := range []byte{0x40, 0x80} {
		if flags&f != 0 {
			if _, i, ok = xzInt(h, i); !ok {
				return errXZFrame
			}
		}
	}
	for range int(flags&3) + 1 {
		var id, size uint64
		if id, i, ok = xzInt(h, i); !ok {
			return errXZFrame
		}
		if size, i, ok = xzInt(h, i); !ok || size > uint64(len(h)-i) {
			return errXZFrame
		}
		const lzma2 = 0x21
		if id == lzma2 && size == 1 {
			dict, err := lzma.DecodeDictCap(h[i])
			if err != nil {
				return errXZFrame
			}
			// Many small blocks with large dictionaries would cost time beyond all
			// measure.
			g.dicts += dict
			if dict > maxXZDict || g.dicts > 1<<30+4096*g.bytes {
				return errXZDict
			}
		}
		i += int(size)
	}
	return nil
}

// xzInt reads an integer of 7 bits a byte.
func xzInt(b []byte, i int) (v uint64, next int, ok bool) {
	for n := uint(0); n < 9 && i < len(b); n++ {
		c := b[i]
		i++
		v |= uint64(c&0x7f) << (7 * n)
		if c&0x80 == 0 {
			return v, i, true
		}
	}
	return 0, i, false
}
