package journalfile

import "math/bits"

// offsetSet is a set of offsets, all multiples of 8, as a bitmap in blocks that
// are made when needed.
type offsetSet struct {
	blocks []*offsetBlock
	count  int
	room   *int // how many more blocks all sets of a reading may make
	mine   int
}

// offsetBlock stands for 32 KiB of a file.
type offsetBlock [64]uint64

const (
	blockSpan = 64 * 64 * 8
	// maxBlocks is how many blocks there are at most, 16 MiB.
	maxBlocks = 16 << 20 / (64 * 8)
)

func newOffsetSet(size uint64, room *int) *offsetSet {
	return &offsetSet{blocks: make([]*offsetBlock, size/blockSpan+1), room: room}
}

// add adds an offset within the file; ok is false when there is no room.
func (s *offsetSet) add(off uint64) (ok bool) {
	b := s.blocks[off/blockSpan]
	if b == nil {
		if *s.room == 0 {
			return false
		}
		*s.room--
		s.mine++
		b = new(offsetBlock)
		s.blocks[off/blockSpan] = b
	}
	bit := off % blockSpan / 8
	if b[bit/64]&(1<<(bit%64)) == 0 {
		s.count++
	}
	b[bit/64] |= 1 << (bit % 64)
	return true
}

func (s *offsetSet) has(off uint64) bool {
	b := s.blocks[off/blockSpan]
	if b == nil {
		return false
	}
	bit := off % blockSpan / 8
	return b[bit/64]&(1<<(bit%64)) != 0
}

// upTo counts the offsets up to and with off.
func (s *offsetSet) upTo(off uint64) (n int) {
	for i, b := range s.blocks[:off/blockSpan+1] {
		if b == nil {
			continue
		}
		for k, w := range b {
			base := uint64(i)*blockSpan + uint64(k)*512
			if base > off {
				break
			}
			if off-base < 504 {
				w &= 1<<((off-base)/8+1) - 1
			}
			n += bits.OnesCount64(w)
		}
	}
	return n
}

// release gives the room back.
func (s *offsetSet) release() {
	*s.room += s.mine
	s.blocks, s.mine = nil, 0
}
