package compare

import (
	"fmt"
	"io"
	"strings"
)

// Order is in which order the loads of the two arms are to be made, so that a
// steady drift of access point, temperature or neighbours falls on both alike: in
// blocks of four, ABBA and its mirror in turn.
func (p Planned) Order() []string {
	var blocks []string
	for left := p.Loads; left > 0; left -= 2 {
		block := [...]string{"ABBA", "BAAB"}[len(blocks)%2]
		if left == 1 {
			block = block[:2]
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// blocksPerLine is how many blocks of an order stand in a line.
const blocksPerLine = 12

// WriteOrder writes the order for people.
func (p Planned) WriteOrder(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "A load of the firmware each, in this order (A: before, B: now):\n"); err != nil {
		return err
	}
	blocks := p.Order()
	for len(blocks) > 0 {
		n := min(len(blocks), blocksPerLine)
		if _, err := fmt.Fprintf(w, "  %s\n", strings.Join(blocks[:n], " ")); err != nil {
			return err
		}
		blocks = blocks[n:]
	}
	return nil
}
