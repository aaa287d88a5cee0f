package journal

import (
	"bytes"
	"strconv"
	"time"
)

// Boots are told apart within one input by what marks a boot for sure: a boundary that
// journalctl printed, the kernel's first words at the begin of its clock. A
// monotonic time that merely drops marks none, since people paste excerpts in
// any order; only a drop to the first seconds from a clock well under way is
// taken for one.

const (
	// bootFresh is how young a clock is at the kernel's banner.
	bootFresh = time.Second
	// bootEarly and bootLate bound the drop that makes a boot.
	bootEarly = 10 * time.Second
	bootLate  = 60 * time.Second
)

// boots counts the boots of one input.
type boots struct {
	id    string
	count int
	last  time.Duration // monotonic time of the last record
	seen  bool          // last is set
	fresh bool          // nothing past bootFresh came since the boundary
}

// boundary begins the next boot; id may be empty.
func (b *boots) boundary(id string) {
	b.count++
	b.id = id
	if id == "" {
		b.id = strconv.Itoa(b.count)
	}
	b.seen = false
	b.fresh = true
}

// of returns the boot of a text record, in input order.
func (b *boots) of(p *prefix, msg []byte) string {
	if !p.time.HasMono {
		if p.transport == viaKernel && !b.fresh && isBanner(msg) {
			b.boundary("")
		}
		b.fresh = false
		return b.id
	}
	m := p.time.Mono
	switch {
	case m < bootFresh && !b.fresh && isBanner(msg):
		b.boundary("")
	case b.seen && b.last > bootLate && m < bootEarly:
		b.boundary("")
	}
	if m >= bootFresh {
		b.fresh = false
	}
	b.last, b.seen = m, true
	return b.id
}

// isBanner tells the line that a kernel begins with (linux_banner in
// init/version.c).
func isBanner(msg []byte) bool {
	return hasPrefix(msg, "Linux version ") && bytes.Contains(msg, []byte("#"))
}
