package runlog

import (
	"iter"
	"math"
	"time"
)

// chunkCycles is how many cycles a chunk of the columns holds.
const chunkCycles = 4096

// Cycles are the cycles of a run in little memory: columns, in chunks, so that
// neither growth nor a column that stays empty costs anything.
type Cycles struct {
	chunks []*chunk
	n      int

	kinds, outcomes wordTable
	boots           []bootSpan
}

// chunk holds the columns of some cycles.
type chunk struct {
	number, load, begin [chunkCycles]uint32 // begin in ms since that of the boot's first cycle
	took, outage        [chunkCycles]shortTime
	stages              [StageCount]*[chunkCycles]shortTime // nil: none had it
	from, to            [chunkCycles]uint16                 // index and 1
	kind, outcome       [chunkCycles]uint8
	links, busy, flags  [chunkCycles]uint8
	signal              [chunkCycles]int8
}

// bootSpan are cycles of one boot, from one on.
type bootSpan struct {
	id    string
	first int
	begin Moment
}

// Len is how many there are.
func (c *Cycles) Len() int { return c.n }

// At returns one by its place, from 0.
func (c *Cycles) At(i int) Brief {
	k, j := c.chunks[i/chunkCycles], i%chunkCycles
	b := Brief{
		Number: int(k.number[j]), Load: int(k.load[j]), Took: k.took[j].duration(), Outage: k.outage[j].duration(),
		Begin: c.boot(i).begin.Boot + time.Duration(k.begin[j])*time.Millisecond,
		Kind:  Kind(c.kinds.word(k.kind[j])), Outcome: Outcome(c.outcomes.word(k.outcome[j])),
		From: int(k.from[j]) - 1, To: int(k.to[j]) - 1,
		Links: int(k.links[j]), Signal: int(k.signal[j]), Busy: int(k.busy[j]),
		AfterReset: k.flags[j]&flagAfterReset != 0, Injected: k.flags[j]&flagInjected != 0, Stalled: k.flags[j]&flagStalled != 0,
	}
	for s, column := range k.stages {
		if column != nil {
			b.Stages[s] = column[j].duration()
		}
	}
	return b
}

// All gives all in the order of the file, with their places.
func (c *Cycles) All() iter.Seq2[int, Brief] {
	return func(yield func(int, Brief) bool) {
		for i := range c.n {
			if !yield(i, c.At(i)) {
				return
			}
		}
	}
}

// boot returns the boot that the cycle at a place ran in.
func (c *Cycles) boot(i int) *bootSpan {
	low, high := 0, len(c.boots)
	for high-low > 1 {
		if middle := (low + high) / 2; c.boots[middle].first <= i {
			low = middle
		} else {
			high = middle
		}
	}
	return &c.boots[low]
}

// add appends a cycle whose access points have the numbers from and to.
func (c *Cycles) add(r *row, from, to uint16) {
	if len(c.boots) == 0 || c.boots[len(c.boots)-1].id != string(r.boot) {
		c.boots = append(c.boots, bootSpan{string(r.boot), c.n, r.begin})
	}
	if c.n%chunkCycles == 0 {
		c.chunks = append(c.chunks, new(chunk))
	}
	k, j := c.chunks[len(c.chunks)-1], c.n%chunkCycles
	k.number[j], k.load[j] = uint32(r.number), uint32(r.load)
	since := (r.begin.Boot - c.boots[len(c.boots)-1].begin.Boot) / time.Millisecond
	k.begin[j] = uint32(max(0, min(since, math.MaxUint32)))
	k.took[j], k.outage[j] = r.took, r.outage
	for s, t := range r.stages {
		if t == 0 {
			continue
		}
		if k.stages[s] == nil {
			k.stages[s] = new([chunkCycles]shortTime)
		}
		k.stages[s][j] = t
	}
	k.from[j], k.to[j] = from, to
	k.kind[j], k.outcome[j] = c.kinds.number(r.kind), c.outcomes.number(r.outcome)
	k.links[j] = uint8(max(0, min(r.links, math.MaxUint8)))
	k.busy[j] = uint8(max(0, min(r.busy, math.MaxUint8)))
	k.signal[j] = int8(max(math.MinInt8, min(r.signal, math.MaxInt8)))
	k.flags[j] = r.flags
	c.n++
}

// wordTable numbers the words of a column.
type wordTable struct{ words []string }

// mostWords is how many words a column holds; all others are otherWord.
const (
	mostWords = math.MaxUint8
	otherWord = "other"
)

func (t *wordTable) number(word []byte) uint8 {
	for n := range t.words {
		if t.words[n] == string(word) {
			return uint8(n)
		}
	}
	if len(t.words) == mostWords {
		return mostWords
	}
	t.words = append(t.words, string(word))
	return uint8(len(t.words) - 1)
}

func (t *wordTable) word(n uint8) string {
	if int(n) >= len(t.words) {
		return otherWord
	}
	return t.words[n]
}
