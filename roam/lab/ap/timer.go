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
