package nl80211

import "github.com/mdlayher/genetlink"

// A queue holds what came while nobody received: so many messages, and so many
// octets of them.
const (
	maxQueued       = 4096
	maxQueuedOctets = 16 << 20
)

// arrival is a message that nobody asked for, or a gap.
type arrival struct {
	stamp   Stamp
	message genetlink.Message
	gap     bool
	lost    int // with gap: how many messages the queue had no room for; 0: the kernel lost some
}

// queue holds arrivals in their order. What it has no room for becomes a gap at
// the place where it is missing.
type queue struct {
	items  []arrival
	head   int
	octets int
}

func (q *queue) len() int { return len(q.items) - q.head }

func (q *queue) push(a arrival) {
	full := q.len() >= maxQueued || q.octets+len(a.message.Data) > maxQueuedOctets
	if full && !a.gap {
		if last := len(q.items) - 1; q.len() > 0 && q.items[last].gap && q.items[last].lost > 0 {
			q.items[last].lost++
			return
		}
		a = arrival{stamp: a.stamp, gap: true, lost: 1}
	}
	if a.gap && a.lost == 0 && q.len() > 0 {
		if last := q.items[len(q.items)-1]; last.gap && last.lost == 0 {
			return
		}
	}
	if q.head > len(q.items)/2 {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	q.items = append(q.items, a)
	q.octets += len(a.message.Data)
}

func (q *queue) pop() (arrival, bool) {
	if q.len() == 0 {
		return arrival{}, false
	}
	a := q.items[q.head]
	q.items[q.head] = arrival{}
	q.head++
	q.octets -= len(a.message.Data)
	return a, true
}
