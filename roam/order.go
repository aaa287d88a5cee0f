package roam

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"roamfault/nl80211/dot11"
	"roamfault/roam/runlog"
)

// chooser draws what the plan leaves open: the next kind, target, link and dwell.
// The same seed draws the same.
type chooser struct {
	plan   *runlog.Plan
	random *rand.Rand
	turn   int                // of round robin and ping-pong
	links  map[dot11.Addr]int // whose turn it is of each access point's links
}

func newChooser(plan *runlog.Plan) *chooser {
	return &chooser{plan: plan, random: rand.New(rand.NewPCG(plan.Seed, 0x726f616d)), links: map[dot11.Addr]int{}}
}

// kind draws by the weights.
func (c *chooser) kind() runlog.Kind {
	total := 0
	for _, k := range c.plan.Kinds {
		total += k.Weight
	}
	if total <= 0 {
		return runlog.Roam
	}
	n := c.random.IntN(total)
	for _, k := range c.plan.Kinds {
		if n -= k.Weight; n < 0 {
			return k.Kind
		}
	}
	return runlog.Roam
}

// target chooses the next access point, which is not the one of that address. It
// reports false where there is none.
func (c *chooser) target(aps []runlog.AP, present dot11.Addr) (Target, bool) {
	others := slices.DeleteFunc(slices.Clone(aps), func(ap runlog.AP) bool { return ap.Addr() == present })
	if len(others) == 0 {
		return Target{}, false
	}
	var next runlog.AP
	switch c.plan.Order {
	case runlog.Random:
		next = others[c.random.IntN(len(others))]
	case runlog.RoundRobin:
		next = c.following(aps, others)
	default: // ping-pong: the strongest of the others
		next = others[0]
	}
	return Target{AP: next, BSSID: c.link(&next)}, true
}

// following is whose turn it is: by address, so that a changed signal changes
// nothing.
func (c *chooser) following(aps, others []runlog.AP) runlog.AP {
	byAddr := slices.SortedFunc(slices.Values(aps), func(a, b runlog.AP) int { return compareAddr(a.Addr(), b.Addr()) })
	for {
		ap := byAddr[c.turn%len(byAddr)]
		c.turn++
		if slices.ContainsFunc(others, func(o runlog.AP) bool { return o.Addr() == ap.Addr() }) {
			return ap
		}
	}
}

// link chooses over which link of an access point to go.
func (c *chooser) link(ap *runlog.AP) dot11.Addr {
	if c.plan.Link == runlog.EachLink {
		n := c.links[ap.Addr()]
		c.links[ap.Addr()] = n + 1
		return ap.Links[n%len(ap.Links)].BSSID
	}
	if id, err := strconv.ParseUint(string(c.plan.Link), 10, 8); err == nil {
		for _, l := range ap.Links {
			if l.ID.Present && uint64(l.ID.Value) == id {
				return l.BSSID
			}
		}
	}
	return slices.MaxFunc(ap.Links, func(a, b runlog.Link) int { return cmp.Compare(linkStrength(a), linkStrength(b)) }).BSSID
}

// dwell draws how long to stay.
func (c *chooser) dwell() time.Duration {
	r := c.plan.Dwell
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(c.random.Int64N(int64(r.Max-r.Min)+1))
}

// within draws a time shorter than d.
func (c *chooser) within(d time.Duration) time.Duration {
	return time.Duration(c.random.Int64N(int64(d)))
}
