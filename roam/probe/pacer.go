package probe

import "time"

// pacer says how much may be sent, so that a rate is kept on average and bursts are
// short.
type pacer struct {
	rate   float64 // bytes a second
	unit   int     // what is sent at once
	tokens float64
	last   time.Duration
}

// Wakeups cost more than what is sent at them: there are to be some units at each,
// within bounds that keep bursts short.
const (
	unitsAtOnce = 5
	paceLeast   = 5 * time.Millisecond
	paceMost    = 50 * time.Millisecond
)

// every is how long to sleep.
func (p *pacer) every() time.Duration {
	one := time.Duration(float64(p.unit) / p.rate * float64(time.Second))
	return max(one, min(max(unitsAtOnce*one, paceLeast), paceMost))
}

// take returns how many units may be sent now. What could not be sent in time is
// not made up for beyond two sleeps.
func (p *pacer) take(now time.Duration) int {
	slept := min(max(now-p.last, 0), 2*p.every())
	p.last = now
	p.tokens = min(p.tokens+p.rate*slept.Seconds(), max(p.rate*2*p.every().Seconds(), float64(p.unit)))
	n := int(p.tokens / float64(p.unit))
	p.tokens -= float64(n * p.unit)
	return n
}

// backoff is how long to wait before another try.
type backoff struct{ next time.Duration }

const (
	backoffFirst = 250 * time.Millisecond
	backoffMost  = 8 * time.Second
)

func (b *backoff) wait() time.Duration {
	d := max(b.next, backoffFirst)
	b.next = min(2*d, backoffMost)
	return d
}

func (b *backoff) reset() { b.next = 0 }
