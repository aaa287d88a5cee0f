package patterns

import (
	"encoding/binary"
	"math/bits"
)

// Finder finds literals in raw bytes, all in one pass, and looks at a quarter
// of the text only.
//
// Of every literal one window of [MinLiteral] bytes, the rarest by a sample of
// the text, is cut into its four-byte grams. The scan reads one gram at every
// fourth byte: whatever the alignment, one of the four grams inside a window
// falls on such a place. A gram is looked up in a bitmap small enough for the
// first-level cache; the few that pass are compared in full. As the next place
// never depends on what was read, the processor works on many at once, which
// leaps driven by a shift table do not allow.
//
// A Finder is immutable and safe for use by several goroutines.
type Finder struct {
	bitmap   [1 << (gramBits - 6)]uint64
	slots    []gramSlot // open addressing by gram
	entries  []gramEntry
	literals []string
}

// gramSlot holds the entries of one gram: entries[first:last].
type gramSlot struct {
	gram        uint32
	first, last uint16
}

// gramEntry says that a gram stands at an offset of a literal. The window that
// it was cut from lies beside it, so that most candidates are dismissed without
// a look at the literal.
type gramEntry struct {
	window  uint64 // the window's bytes, little endian
	literal uint16
	offset  uint16 // of the gram in the literal
	inside  uint16 // of the gram in the window
}

// windowMask keeps the bytes of a window of eight read.
const windowMask = 1<<(8*MinLiteral) - 1

const (
	gramBytes = 4
	stride    = MinLiteral - gramBytes + 1
	gramBits  = 17
	gramMul   = 0x9E3779B1
)

func gramOf(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

func gramHash(g uint32) uint32 { return g * gramMul >> (32 - gramBits) }

// NewFinder returns a finder of these literals for text like the sample, which
// only makes it faster and may be nil. Each literal must have at least
// [MinLiteral] bytes, shorter ones are left out; there may be 65535 of them at
// the most.
func NewFinder(literals []string, sample []byte) *Finder {
	f := &Finder{literals: literals}
	common := countGrams(sample)
	type pair struct {
		gram  uint32
		entry gramEntry
	}
	var pairs []pair
	for i, lit := range literals {
		if len(lit) < MinLiteral || i > 1<<16-1 {
			continue
		}
		at := rarestWindow(lit, common)
		var eight [8]byte
		copy(eight[:MinLiteral], lit[at:])
		window := binary.LittleEndian.Uint64(eight[:])
		for off := at; off < at+stride; off++ {
			g := gramOf(lit[off:])
			pairs = append(pairs, pair{g, gramEntry{window, uint16(i), uint16(off), uint16(off - at)}})
			h := gramHash(g)
			f.bitmap[h>>6] |= 1 << (h & 63)
		}
	}
	byGram := make(map[uint32][]gramEntry, len(pairs))
	for _, p := range pairs {
		byGram[p.gram] = append(byGram[p.gram], p.entry)
	}
	size := 1 << max(4, bits.Len(uint(2*len(byGram))))
	f.slots = make([]gramSlot, size)
	for _, p := range pairs {
		entries, ok := byGram[p.gram]
		if !ok {
			continue
		}
		delete(byGram, p.gram)
		first := len(f.entries)
		f.entries = append(f.entries, entries...)
		at := f.slotOf(p.gram)
		f.slots[at] = gramSlot{p.gram, uint16(first), uint16(len(f.entries))}
	}
	return f
}

// slotOf returns where gram stands in the table, or the free place for it.
func (f *Finder) slotOf(gram uint32) int {
	mask := len(f.slots) - 1
	at := int(gramHash(gram)) & mask
	for f.slots[at].last != 0 && f.slots[at].gram != gram {
		at = (at + 1) & mask
	}
	return at
}

// Index returns the offset of a literal in data, and -1 when there is none. It
// is one of the first: of two that stand less than a stride apart either may
// be returned.
func (f *Finder) Index(data []byte) int {
	p := 0
	// Four places a turn, so that one branch serves them all.
	for ; p+3*stride+gramBytes <= len(data); p += 4 * stride {
		block := data[p : p+3*stride+gramBytes : p+3*stride+gramBytes]
		h0 := gramHash(binary.LittleEndian.Uint32(block))
		h1 := gramHash(binary.LittleEndian.Uint32(block[stride:]))
		h2 := gramHash(binary.LittleEndian.Uint32(block[2*stride:]))
		h3 := gramHash(binary.LittleEndian.Uint32(block[3*stride:]))
		b0 := f.bitmap[h0>>6] >> (h0 & 63)
		b1 := f.bitmap[h1>>6] >> (h1 & 63)
		b2 := f.bitmap[h2>>6] >> (h2 & 63)
		b3 := f.bitmap[h3>>6] >> (h3 & 63)
		if (b0|b1|b2|b3)&1 == 0 {
			continue
		}
		for i, b := range [4]uint64{b0, b1, b2, b3} {
			if b&1 != 0 {
				if at := f.verify(data, p+i*stride); at >= 0 {
					return at
				}
			}
		}
	}
	for ; p+gramBytes <= len(data); p += stride {
		h := gramHash(binary.LittleEndian.Uint32(data[p:]))
		if f.bitmap[h>>6]>>(h&63)&1 != 0 {
			if at := f.verify(data, p); at >= 0 {
				return at
			}
		}
	}
	return -1
}

// verify compares the literals that have the gram at data[p:].
func (f *Finder) verify(data []byte, p int) int {
	slot := f.slots[f.slotOf(binary.LittleEndian.Uint32(data[p:]))]
	for i := slot.first; i < slot.last; i++ {
		e := &f.entries[i]
		if start := p - int(e.inside); start >= 0 && start+8 <= len(data) && (binary.LittleEndian.Uint64(data[start:])^e.window)&windowMask != 0 {
			continue
		}
		if at := f.compare(data, p, e); at >= 0 {
			return at
		}
	}
	return -1
}

func (f *Finder) compare(data []byte, p int, e *gramEntry) int {
	lit := f.literals[e.literal]
	at := p - int(e.offset)
	if at >= 0 && at+len(lit) <= len(data) && string(data[at:at+len(lit)]) == lit {
		return at
	}
	return -1
}

// All appends to hits the index of every literal that stands in text, in no
// particular order; a literal that stands there several times may come
// several times.
func (f *Finder) All(hits []int, text string) []int {
	for p := 0; p+gramBytes <= len(text); p += stride {
		g := gramOf(text[p:])
		h := gramHash(g)
		if f.bitmap[h>>6]>>(h&63)&1 == 0 {
			continue
		}
		slot := f.slots[f.slotOf(g)]
		for _, e := range f.entries[slot.first:slot.last] {
			lit := f.literals[e.literal]
			if at := p - int(e.offset); at >= 0 && at+len(lit) <= len(text) && text[at:at+len(lit)] == lit {
				hits = append(hits, int(e.literal))
			}
		}
	}
	return hits
}

// gramCounts says how often a gram stands in a sample, by its hash.
type gramCounts []uint16

// countGrams counts the grams of a sample at every byte.
func countGrams(sample []byte) gramCounts {
	if len(sample) < gramBytes {
		return nil
	}
	counts := make(gramCounts, 1<<gramBits)
	for p := 0; p+gramBytes <= len(sample); p++ {
		if c := &counts[gramHash(binary.LittleEndian.Uint32(sample[p:]))]; *c < 1<<16-1 {
			*c++
		}
	}
	return counts
}

// rarestWindow returns where in lit the [MinLiteral] bytes begin whose grams
// are the least common: by the sample, and where that tells nothing by a rough
// measure.
func rarestWindow(lit string, common gramCounts) int {
	best, bestCost := 0, 1<<30
	for at := 0; at+MinLiteral <= len(lit); at++ {
		cost := 0
		for i := at; i < at+MinLiteral; i++ {
			cost += byteCost(lit[i])
		}
		if common != nil {
			for i := at; i < at+stride; i++ {
				cost += 64 * int(common[gramHash(gramOf(lit[i:]))])
			}
		}
		if cost < bestCost {
			best, bestCost = at, cost
		}
	}
	return best
}

// byteCost is a rough logarithm of how often a byte stands in logs.
func byteCost(c byte) int {
	switch {
	case c == ' ' || c == ':' || c == '0':
		return 6
	case isDigit(c) || c == '-' || c == '.' || c == '[' || c == ']':
		return 5
	case c >= 'a' && c <= 'z':
		return int("52446334512435531556423231"[c-'a'] - '0') // by the frequency of letters in English
	case c >= 'A' && c <= 'Z':
		return 2
	}
	return 1
}
