package runlog

import (
	"iter"
	"math"
	"slices"
	"time"
)

// chunkCycles is how many cycles a chunk of the columns holds.
const chunkCycles = 4096

// Cycles are the cycles of a run in little memory: columns, in chunks, so that
// neither growth nor a column that stays empty costs anything.
type Cycles struct {
	chunks []*chunk
	n      int
	runs   []stretch

	kinds, outcomes wordTable
}

// chunk holds the columns of some cycles.
type chunk struct {
	begin              [chunkCycles]uint32 // in ms since that of the stretch
	took, outage       [chunkCycles]shortTime
	stages             [StageCount]*[chunkCycles]roughTime // nil: none had it
	from, to, at       [chunkCycles]uint16                 // index and 1
	open               *[chunkCycles]openStage             // nil: none was
	tsf                *[chunkCycles]uint32                // in seconds; nil: none is known
	kind, outcome      [chunkCycles]uint8
	links, busy, flags [chunkCycles]uint8
	utilization        [chunkCycles]uint8
	signal             [chunkCycles]int8
}

// openStage is a stage that did not end: its number and 1, and when it began.
type openStage struct {
	number uint8
	from   roughTime
}

// stretch are cycles of one boot and one load whose numbers follow each other.
type stretch struct {
	first  int // place of the first
	number int // of the first
	load   int
	boot   string
	begin  time.Duration // of the first, CLOCK_BOOTTIME
}

// Len is how many there are.
func (c *Cycles) Len() int { return c.n }

// At returns one by its place, from 0.
func (c *Cycles) At(i int) Brief { return c.brief(i, c.stretch(i)) }

// All gives all in the order of the file, with their places.
func (c *Cycles) All() iter.Seq2[int, Brief] {
	return func(yield func(int, Brief) bool) {
		for n := range c.runs {
			end := c.end(n)
			for i := c.runs[n].first; i < end; i++ {
				if !yield(i, c.brief(i, &c.runs[n])) {
					return
				}
			}
		}
	}
}

// end is the place behind the last cycle of a stretch.
func (c *Cycles) end(n int) int {
	if n+1 < len(c.runs) {
		return c.runs[n+1].first
	}
	return c.n
}

func (c *Cycles) brief(i int, s *stretch) Brief {
	k, j := c.chunks[i/chunkCycles], i%chunkCycles
	b := Brief{
		Number: s.number + i - s.first, Load: s.load, Boot: s.boot, Took: k.took[j].duration(), Outage: k.outage[j].duration(),
		Begin: s.begin + time.Duration(k.begin[j])*time.Millisecond,
		Kind:  Kind(c.kinds.word(k.kind[j])), Outcome: Outcome(c.outcomes.word(k.outcome[j])),
		From: int(k.from[j]) - 1, To: int(k.to[j]) - 1, At: int(k.at[j]) - 1, Open: -1, Utilization: int(k.utilization[j]),
		Links: int(k.links[j]), Signal: int(k.signal[j]), Busy: int(k.busy[j]),
		AfterReset: k.flags[j]&flagAfterReset != 0, Injected: k.flags[j]&flagInjected != 0, Stalled: k.flags[j]&flagStalled != 0,
	}
	if k.open != nil {
		b.Open, b.OpenFrom = int(k.open[j].number)-1, k.open[j].from.duration()
	}
	if k.tsf != nil {
		b.TSF = uint64(k.tsf[j]) * microseconds
	}
	for n, column := range k.stages {
		if column != nil {
			b.Stages[n] = column[j].duration()
		}
	}
	return b
}

// stretch returns the one that the cycle at a place lies in.
func (c *Cycles) stretch(i int) *stretch {
	n, found := slices.BinarySearchFunc(c.runs, i, func(s stretch, i int) int { return s.first - i })
	if !found {
		n--
	}
	return &c.runs[n]
}

// stretchFor returns the one that the next cycle lies in.
func (c *Cycles) stretchFor(r *row) *stretch {
	if n := len(c.runs); n > 0 {
		s := &c.runs[n-1]
		since := r.begin - s.begin
		if s.boot == string(r.boot) && s.load == r.load && s.number+c.n-s.first == r.number && since >= 0 && since/time.Millisecond <= math.MaxUint32 {
			return s
		}
	}
	boot := ""
	if n := len(c.runs); n > 0 && c.runs[n-1].boot == string(r.boot) {
		boot = c.runs[n-1].boot // one text for all loads of a boot
	} else {
		boot = string(r.boot)
	}
	c.runs = append(c.runs, stretch{c.n, r.number, r.load, boot, r.begin})
	return &c.runs[len(c.runs)-1]
}

// microseconds are in a second.
const microseconds = 1e6

// add appends a cycle whose access points have the numbers from, to and at.
func (c *Cycles) add(r *row, from, to, at uint16) {
	s := c.stretchFor(r)
	if c.n%chunkCycles == 0 {
		c.chunks = append(c.chunks, new(chunk))
	}
	k, j := c.chunks[len(c.chunks)-1], c.n%chunkCycles
	k.begin[j] = uint32((r.begin - s.begin) / time.Millisecond)
	k.took[j], k.outage[j] = r.took, r.outage
	for n, t := range r.stages {
		if t == 0 {
			continue
		}
		if k.stages[n] == nil {
			k.stages[n] = new([chunkCycles]roughTime)
		}
		k.stages[n][j] = rough(t)
	}
	if r.open > 0 {
		if k.open == nil {
			k.open = new([chunkCycles]openStage)
		}
		k.open[j] = openStage{r.open, rough(r.openFrom)}
	}
	if r.tsf > 0 {
		if k.tsf == nil {
			k.tsf = new([chunkCycles]uint32)
		}
		k.tsf[j] = uint32(min(r.tsf/microseconds, math.MaxUint32))
	}
	k.from[j], k.to[j], k.at[j] = from, to, at
	k.utilization[j] = uint8(max(0, min(r.utilization, math.MaxUint8)))
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
