package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Unit is what is exchanged between the arms as a whole, because what happens
// within it is not independent: a firmware load.
type Unit struct {
	// Value over Weight is what is compared: events over cycles, or over hours; a
	// score over 1.
	Value, Weight float64
	B             bool // of arm b
	// Block is which units are exchanged among each other only, as those that ran
	// side by side; all alike: any with any.
	Block int
}

// PermutationOptions are the choices of Permutation.
type PermutationOptions struct {
	// Enumerate is up to how many ways to deal the units all are tried, 0: 20,000.
	Enumerate int
	// Draws are how many ways are drawn where there are more; 0: 9,999, and fewer
	// (999 at least) where there are more than 500 units.
	Draws int
	Seed  uint64 // of the draws
}

// Permuted is what a permutation test finds.
type Permuted struct {
	P P
	// Exact says that all Ways were tried; else they are how many were drawn.
	Exact bool
	Ways  int
}

// Permutation tests whether the pooled rates of the arms, the sum of values over
// the sum of weights, differ more than they do when the units are dealt to the
// arms anew within their blocks. All ways are tried where they are few; else the
// p-value is (b+1)/(m+1) of m draws, which never is too small (Phipson and Smyth
// 2010). It is exact where the units are exchangeable, whatever they are
// like within. NaN where an arm has no unit.
func Permutation(units []Unit, o PermutationOptions) Permuted {
	p := newPermuter(units)
	if p == nil {
		return Permuted{P: notOne()}
	}
	if p.alike() {
		return Permuted{P{1, 1, 1}, true, 1}
	}
	limit := o.Enumerate
	if limit == 0 {
		limit = 20_000
	}
	if ways := p.ways(); ways <= float64(limit) {
		p.enumerate(0, 0, 0)
		n := float64(p.tried)
		return Permuted{P{p.above / n, p.below / n, p.beyond / n}, true, p.tried}
	}
	draws := o.Draws
	if draws == 0 {
		draws = min(9999, max(999, 5_000_000/len(units)))
	}
	p.draw(draws, rand.New(rand.NewPCG(o.Seed, 0x726f616d)))
	n := float64(draws + 1)
	return Permuted{P{(p.above + 1) / n, (p.below + 1) / n, (p.beyond + 1) / n}, false, draws}
}

// permuter deals units to arm b and counts how the rates then differ.
type permuter struct {
	units  []Unit
	blocks []block
	// value and weight are those of all units.
	value, weight float64
	seen          float64 // the difference as it is
	tried         int
	// how many ways were as far above, as far below, as far off
	above, below, beyond float64
}

// block is units[from:to], of which b are in arm b.
type block struct{ from, to, b int }

func newPermuter(units []Unit) *permuter {
	p := &permuter{units: slices.Clone(units)}
	slices.SortStableFunc(p.units, func(a, b Unit) int { return a.Block - b.Block })
	var value, weight float64
	for i, u := range p.units {
		if i == 0 || u.Block != p.units[i-1].Block {
			p.blocks = append(p.blocks, block{from: i})
		}
		at := &p.blocks[len(p.blocks)-1]
		at.to = i + 1
		p.value += u.Value
		p.weight += u.Weight
		if u.B {
			at.b++
			value += u.Value
			weight += u.Weight
		}
	}
	if weight == 0 || weight == p.weight {
		return nil
	}
	p.seen = p.difference(value, weight)
	return p
}

// difference is the rate of b less that of a when b has so much.
func (p *permuter) difference(value, weight float64) float64 {
	if weight <= 0 || weight >= p.weight {
		return 0
	}
	return value/weight - (p.value-value)/(p.weight-weight)
}

// alike reports whether no unit has a value: then all ways are the same.
func (p *permuter) alike() bool {
	for i := range p.units {
		if p.units[i].Value != 0 {
			return false
		}
	}
	return true
}

// ways is in how many ways the units can be dealt.
func (p *permuter) ways() float64 {
	ways := 1.0
	for _, b := range p.blocks {
		ways *= choose(b.to-b.from, b.b)
	}
	return ways
}

func choose(n, k int) float64 {
	c := 1.0
	for i := range min(k, n-k) {
		c = c * float64(n-i) / float64(i+1)
	}
	return math.Round(c)
}

// enumerate deals the units of block n and those after it
// in all ways.
func (p *permuter) enumerate(n int, value, weight float64) {
	p.deal(n, p.blocks[n].from, p.blocks[n].b, value, weight)
}

func (p *permuter) deal(n, at, left int, value, weight float64) {
	if left == 0 {
		if n+1 == len(p.blocks) {
			p.count(value, weight)
		} else {
			p.enumerate(n+1, value, weight)
		}
		return
	}
	for ; at <= p.blocks[n].to-left; at++ {
		u := &p.units[at]
		p.deal(n, at+1, left-1, value+u.Value, weight+u.Weight)
	}
}

func (p *permuter) draw(draws int, random *rand.Rand) {
	for range draws {
		var value, weight float64
		for _, b := range p.blocks {
			units := p.units[b.from:b.to]
			for i := range b.b {
				j := i + random.IntN(len(units)-i)
				units[i], units[j] = units[j], units[i]
				value += units[i].Value
				weight += units[i].Weight
			}
		}
		p.count(value, weight)
	}
}

func (p *permuter) count(value, weight float64) {
	p.tried++
	d := p.difference(value, weight)
	// What is equal but for rounding is equal.
	slack := 1e-10 * (math.Abs(p.seen) + 1e-6)
	if d >= p.seen-slack {
		p.above++
	}
	if d <= p.seen+slack {
		p.below++
	}
	if math.Abs(d) >= math.Abs(p.seen)-slack {
		p.beyond++
	}
}
