package probe

import "time"

// A meter's buckets are this long, and there are so many of them: 1.8 hours.
const (
	bucketLen  = 100 * time.Millisecond
	maxBuckets = 1 << 16
)

// meter counts bytes by the time at which they passed.
type meter struct {
	// ring has bucket number n at n-base modulo its size, once it has grown to it.
	// Buckets are counted from the clock's begin.
	ring       []uint32
	base, next int64
}

// first is the number of the oldest bucket that is kept.
func (m *meter) first() int64 { return max(m.base, m.next-maxBuckets) }

func (m *meter) bucket(n int64) *uint32 { return &m.ring[(n-m.base)%maxBuckets] }

// add counts bytes that passed at a time. What is older than all that is kept is
// not counted.
func (m *meter) add(at time.Duration, bytes int) {
	n := int64(at / bucketLen)
	if len(m.ring) == 0 || n-m.next >= maxBuckets {
		m.ring, m.base, m.next = m.ring[:0], n, n
	}
	for ; m.next <= n; m.next++ {
		if len(m.ring) < maxBuckets {
			m.ring = append(m.ring, 0)
		} else {
			*m.bucket(m.next) = 0
		}
	}
	if n < m.first() {
		return
	}
	b := m.bucket(n)
	*b += uint32(min(uint64(bytes), uint64(^uint32(0)-*b)))
}

// rate is how many bits a second passed, on average, in what is kept of a stretch
// of time.
func (m *meter) rate(from, to time.Duration) float64 {
	if first := m.first(); first > m.base {
		from = max(from, time.Duration(first)*bucketLen)
	}
	if to <= from {
		return 0
	}
	var bytes float64
	for n := max(int64(from/bucketLen), m.first()); n < m.next && time.Duration(n)*bucketLen < to; n++ {
		begin := time.Duration(n) * bucketLen
		part := min(begin+bucketLen, to) - max(begin, from)
		bytes += float64(*m.bucket(n)) * float64(part) / float64(bucketLen)
	}
	return bytes * 8 / (to - from).Seconds()
}
