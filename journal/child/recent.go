package child

import "hash/maphash"

// mostRecent is how many records are remembered, about 200 KiB.
const mostRecent = 4096

// recent remembers the cursors of the records taken last. The entries of several
// files have no order that holds where the clock was set: a program that begins anew
// behind one of them, or whose library does, may give others once more.
type recent struct {
	seed maphash.Seed
	have map[uint64]struct{}
	ring []uint64
	next int
}

func newRecent() recent {
	return recent{seed: maphash.MakeSeed(), have: make(map[uint64]struct{})}
}

// has reports whether the record of a cursor was taken.
func (r *recent) has(cursor []byte) bool {
	_, ok := r.have[maphash.Bytes(r.seed, cursor)]
	return ok
}

// add takes note of a record's cursor.
func (r *recent) add(cursor []byte) {
	h := maphash.Bytes(r.seed, cursor)
	if len(r.ring) < mostRecent {
		r.ring = append(r.ring, h)
	} else {
		delete(r.have, r.ring[r.next])
		r.ring[r.next] = h
		r.next = (r.next + 1) % mostRecent
	}
	r.have[h] = struct{}{}
}
