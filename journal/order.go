package journal

import "time"

// Sorter puts records in the order of their clock, as far as records of one
// clock can be ordered and within a bounded window. Anything may ride with a
// record.
//
// Order is sought only inside one clock: the monotonic clock of a boot, or a
// wall clock that does not jump. Where the clock changes, where a boot ends and
// where a wall clock goes back by more than an hour, what came before is
// finished first. A record without time stays behind the one it was found
// behind. Equal times keep the order found.
type Sorter[T any] struct {
	window int
	emit   func(Time, T) error
	held   []sorted[T]
	at     position
	// floor is the time of the last record given on in this stretch.
	floor    int64
	hasFloor bool
	// Late counts records that belong before ones already given on: further
	// back than the window reaches.
	Late int
}

type sorted[T any] struct {
	ns   int64
	time Time
	item T
}

// position is the stretch of input that is being ordered, and where its clock
// stands.
type position struct {
	clock Clock
	boot  string
	ns    int64
	set   bool
}

// wallJump is how far a wall clock may seem to go back within one stretch:
// excerpts pasted out of order do, and so does a clock that is set.
const wallJump = time.Hour

// NewSorter returns a sorter that holds at most window records and hands them
// on in order.
func NewSorter[T any](window int, emit func(Time, T) error) *Sorter[T] {
	return &Sorter[T]{window: max(window, 1), emit: emit}
}

// Add takes the next record's time, boot and load in the order found.
func (s *Sorter[T]) Add(t Time, boot string, item T) error {
	next := s.at
	if clock, ns := sortKey(t); clock != ClockNone {
		jump := clock != ClockMono && s.at.set && time.Duration(s.at.ns-ns) > wallJump
		if s.at.set && (clock != s.at.clock || boot != s.at.boot || jump) {
			if err := s.Flush(); err != nil {
				return err
			}
		}
		next = position{clock: clock, boot: boot, ns: ns, set: true}
	}
	s.at = next
	i := len(s.held)
	for i > 0 && s.held[i-1].ns > next.ns {
		i--
	}
	if i == 0 && s.hasFloor && next.ns < s.floor {
		s.Late++
	}
	s.held = append(s.held, sorted[T]{})
	copy(s.held[i+1:], s.held[i:])
	s.held[i] = sorted[T]{next.ns, t, item}
	if len(s.held) > s.window {
		return s.give(s.window/4 + 1)
	}
	return nil
}

// Flush hands on everything held.
func (s *Sorter[T]) Flush() error {
	err := s.give(len(s.held))
	s.hasFloor = false
	return err
}

func (s *Sorter[T]) give(n int) error {
	for i := range n {
		if err := s.emit(s.held[i].time, s.held[i].item); err != nil {
			return err
		}
	}
	if n > 0 {
		s.floor, s.hasFloor = s.held[n-1].ns, true
	}
	rest := copy(s.held, s.held[n:])
	clear(s.held[rest:])
	s.held = s.held[:rest]
	return nil
}

// sortKey returns the clock by which a record is ordered. The wall clock comes
// first: records of daemons have no other, and those of the kernel stand
// between them.
func sortKey(t Time) (Clock, int64) {
	if c := t.WallClock(); c != ClockNone {
		return c, t.Wall.Unix()*int64(time.Second) + int64(t.Wall.Nanosecond())
	}
	if t.HasMono {
		return ClockMono, int64(t.Mono)
	}
	return ClockNone, 0
}

// Before reports whether a lies before b, and false for ok when the two are on
// different clocks.
func Before(a, b Time) (before, ok bool) {
	ca, na := sortKey(a)
	cb, nb := sortKey(b)
	if ca != cb && a.HasMono && b.HasMono {
		return a.Mono < b.Mono, true
	}
	if ca == ClockNone || ca != cb {
		return false, false
	}
	return na < nb, true
}
