package probe

import (
	"slices"
	"time"
)

// maxHistory is how many requests are remembered: 3.6 hours at five a second, in
// 1 MiB.
const maxHistory = 1 << 16

// lateScan is how long before a stretch of time requests are looked for that were
// answered within it.
const lateScan = 10 * time.Second

// Counts are what became of requests since the probe began.
type Counts struct {
	Sent, Answered int
	// Late answers took longer than a stall's bound. They are among Answered.
	Late int
	// Duplicate answers came a second time, Forged ones are no answers to what was
	// asked, and Stale ones are for requests too old to be remembered. None of them
	// is among Answered.
	Duplicate, Forged, Stale int
	// Unsent are requests that could not be sent: no address, no route, no interface.
	Unsent int
}

// request is one that was sent. got is 0 until it is answered.
type request struct{ sent, got time.Duration }

// history is the last requests and what became of them.
type history struct {
	bound time.Duration
	// ring has request number n at n modulo its size, once it has grown to it.
	ring   []request
	next   uint64
	counts Counts
}

// send remembers a request and returns its number.
func (h *history) send(at time.Duration) uint64 {
	n := h.next
	if len(h.ring) < maxHistory {
		h.ring = append(h.ring, request{sent: at})
	} else {
		h.ring[n%maxHistory] = request{sent: at}
	}
	h.next++
	h.counts.Sent++
	return n
}

// unsend forgets the last request, which was not sent after all.
func (h *history) unsend() {
	h.next--
	if len(h.ring) < maxHistory {
		h.ring = h.ring[:len(h.ring)-1]
	} else {
		// The place has lost its older request; an empty one is found by nobody.
		h.ring[h.next%maxHistory] = request{}
	}
	h.counts.Sent--
	h.counts.Unsent++
}

// at is the request of that number, which has to be remembered.
func (h *history) at(n uint64) *request { return &h.ring[n%maxHistory] }

// first is the number of the oldest request that is remembered.
func (h *history) first() uint64 { return h.next - min(h.next, uint64(len(h.ring))) }

// answer takes an answer, and reports whether it is the first to a request that was
// sent. n and sent are what the answer repeats.
func (h *history) answer(n uint64, sent, got time.Duration) bool {
	switch {
	case n >= h.next:
		h.counts.Forged++
		return false
	case n < h.first():
		h.counts.Stale++
		return false
	}
	r := h.at(n)
	switch {
	case r.sent != sent:
		h.counts.Forged++
		return false
	case r.got != 0:
		h.counts.Duplicate++
		return false
	}
	// The two times may be of different clocks, and these of different minds.
	r.got = max(got, r.sent+1)
	h.counts.Answered++
	if r.got-r.sent > h.bound {
		h.counts.Late++
	}
	return true
}

// search returns the number of the first request sent at a time or after it.
func (h *history) search(at time.Duration) uint64 {
	low, high := h.first(), h.next
	for low < high {
		mid := low + (high-low)/2
		if h.at(mid).sent < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// firstAnswer is when the first of the requests sent from a time on was answered.
func (h *history) firstAnswer(from time.Duration) (got time.Duration, ok bool) {
	for n := h.search(from); n < h.next; n++ {
		if g := h.at(n).got; g != 0 && (!ok || g < got) {
			got, ok = g, true
		}
	}
	return got, ok
}

// stretch is what became of the requests of a stretch of time.
type stretch struct {
	sent, answered int
	longest        time.Duration
	rtt50, rtt99   time.Duration
}

// between counts the requests sent from a time on and before another. The last ones
// count only when a later one was answered or they are older than the bound: until
// then an answer may be under way.
func (h *history) between(from, to, now time.Duration) stretch {
	var s stretch
	var rtts, got []time.Duration
	begin, end := h.search(from), h.search(to)
	pending := 0
	for n := begin; n < end; n++ {
		r := h.at(n)
		switch {
		case r.got != 0:
			s.answered++
			s.sent += pending + 1
			pending = 0
			rtts = append(rtts, r.got-r.sent)
		case now-r.sent > h.bound:
			s.sent++
		default:
			pending++
		}
	}
	if pending > 0 && h.answeredFrom(end) {
		s.sent += pending
	}
	if begin == end {
		return s
	}
	for n := h.search(from - lateScan); n < end; n++ {
		if g := h.at(n).got; g >= from && g < to && g != 0 {
			got = append(got, g)
		}
	}
	s.longest = longestGap(got, from, min(to, max(now, from)))
	slices.Sort(rtts)
	s.rtt50, s.rtt99 = percentile(rtts, 50), percentile(rtts, 99)
	return s
}

// answeredFrom reports whether any request from that number on was answered.
func (h *history) answeredFrom(n uint64) bool {
	for ; n < h.next; n++ {
		if h.at(n).got != 0 {
			return true
		}
	}
	return false
}

// longestGap is the longest time without any of the times, from a begin to an end.
func longestGap(times []time.Duration, begin, end time.Duration) time.Duration {
	slices.Sort(times)
	var longest time.Duration
	for _, t := range times {
		longest = max(longest, t-begin)
		begin = t
	}
	return max(longest, end-begin)
}

// percentile is the smallest of the sorted values that p of a hundred do not
// exceed; 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*p+99)/100-1]
}
