package runlog

import "slices"

// mostGaps bounds what is remembered of numbers that are missing.
const mostGaps = 1024

// sequence tells which of numbers that should follow each other are missing, out
// of order, or there again.
type sequence struct {
	last    uint64
	gaps    []span // in order
	missing uint64
}

// span are the numbers from first to last.
type span struct{ first, last uint64 }

// place says where a number stands.
type place int

const (
	next     place = iota // behind all others
	late                  // it was missing
	repeated              // it was there
)

// take notes a number. Up to forgiven numbers before it are not missed: they
// were in lines that were told as damaged.
func (s *sequence) take(n, forgiven uint64) place {
	if n > s.last {
		if s.last+1 < n {
			s.miss(span{s.last + 1, n - 1}, forgiven)
		}
		s.last = n
		return next
	}
	for i, g := range s.gaps {
		if n < g.first || n > g.last {
			continue
		}
		var parts []span
		if g.first < n {
			parts = append(parts, span{g.first, n - 1})
		}
		if n < g.last {
			parts = append(parts, span{n + 1, g.last})
		}
		s.gaps = slices.Replace(s.gaps, i, i+1, parts...)
		s.missing = max(s.missing, 1) - 1
		return late
	}
	return repeated
}

func (s *sequence) miss(g span, forgiven uint64) {
	if n := g.last - g.first + 1; n > forgiven {
		s.missing += n - forgiven
	}
	if len(s.gaps) < mostGaps {
		s.gaps = append(s.gaps, g)
	}
}
