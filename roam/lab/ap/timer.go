package ap

import (
	"container/heap"
	"time"
)

// timer is work that is due at a moment of the access point's clock.
type timer struct {
	at   time.Duration
	turn uint64 // of two timers of one moment the older is first
	do   func(now time.Duration)
}

// timers is a heap of timers, the next one due first.
type timers struct {
	waiting []timer
	turn    uint64
}

func (t *timers) Len() int { return len(t.waiting) }
func (t *timers) Less(i, j int) bool {
	a, b := t.waiting[i], t.waiting[j]
	if a.at != b.at {
		return a.at < b.at
	}
	return a.turn < b.turn
}
func (t *timers) Swap(i, j int) { t.waiting[i], t.waiting[j] = t.waiting[j], t.waiting[i] }
func (t *timers) Push(x any)    { t.waiting = append(t.waiting, x.(timer)) }
func (t *timers) Pop() any {
	last := t.waiting[len(t.waiting)-1]
	t.waiting[len(t.waiting)-1] = timer{}
	t.waiting = t.waiting[:len(t.waiting)-1]
	return last
}

func (t *timers) at(at time.Duration, do func(now time.Duration)) {
	t.turn++
	heap.Push(t, timer{at: at, turn: t.turn, do: do})
}

// next returns when the first timer is due.
func (t *timers) next() (time.Duration, bool) {
	if len(t.waiting) == 0 {
		return 0, false
	}
	return t.waiting[0].at, true
}

// run does what is due until now. A caller that comes late finds the work done
// once, at the moment it came.
func (t *timers) run(now time.Duration) {
	for len(t.waiting) > 0 && t.waiting[0].at <= now {
		heap.Pop(t).(timer).do(now)
	}
}

// alarm is something that is due once, at a moment that moves: it holds one
// timer however often it is moved.
type alarm struct {
	set  bool
	at   time.Duration
	turn int // of the timer that counts
}

// arm sees to it that do is called when it is due; what due says then counts.
func (t *timers) arm(a *alarm, due func() (time.Duration, bool), do func(now time.Duration)) {
	at, waiting := due()
	if !waiting || a.set && a.at <= at {
		return // an earlier timer looks anew
	}
	a.set, a.at = true, at
	a.turn++
	turn := a.turn
	t.at(at, func(now time.Duration) {
		if a.turn != turn {
			return
		}
		a.set = false
		switch at, waiting := due(); {
		case !waiting:
		case now < at:
			t.arm(a, due, do)
		default:
			do(now)
		}
	})
}
