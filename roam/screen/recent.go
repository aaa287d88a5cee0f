package screen

import (
	"slices"
	"time"
)

// recentKept is how many durations percentiles on the screen are of.
const recentKept = 1000

// recent are the durations that came last.
type recent struct {
	ring []time.Duration
	next int
}

func (r *recent) add(d time.Duration) {
	if len(r.ring) < recentKept {
		r.ring = append(r.ring, d)
		return
	}
	r.ring[r.next] = d
	r.next = (r.next + 1) % recentKept
}

// percentile is the smallest duration that so many percent are not above; there is
// one at least.
func (r *recent) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(r.ring))
	return sorted[(len(sorted)*p+99)/100-1]
}
