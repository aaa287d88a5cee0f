package compare

import "slices"

// fewestInBlock is how many loads a block has at least, ABBA: pairs alone leave so
// few ways to deal them that nothing is rare.
const fewestInBlock = 4

// sideBySide finds the loads that ran side by side, unless whoever gave them said so.
func (j *judge) sideBySide() {
	planned := func(l *Load) bool { return l.info.Block != 0 }
	if slices.ContainsFunc(j.a.loads, planned) || slices.ContainsFunc(j.b.loads, planned) {
		j.cycleBlocks = j.plannedBlocks()
		j.hourBlocks = j.cycleBlocks
		return
	}
	j.cycleBlocks = j.blocksByTime(j.counts)
	j.hourBlocks = j.blocksByTime(func(_ *Arm, l *Load) bool { return l.info.Hours > 0 })
}

// counts reports whether a load has a cycle that is compared.
func (j *judge) counts(a *Arm, l *Load) bool {
	return slices.ContainsFunc(l.tallies, func(t tally) bool { return j.judged(a.kinds[t.kind]) })
}

func (j *judge) plannedBlocks() (blocks [2][]int) {
	for n, a := range []*Arm{j.a, j.b} {
		for _, l := range a.loads {
			blocks[n] = append(blocks[n], l.info.Block)
		}
	}
	return blocks
}

// blocksByTime numbers the blocks of the loads that count by when these began.
// Nothing of what came of the loads goes into it, so that the test stays what it is.
func (j *judge) blocksByTime(counts func(*Arm, *Load) bool) (blocks [2][]int) {
	type place struct{ arm, load int }
	var all []place
	arms := [2]*Arm{j.a, j.b}
	for n, a := range arms {
		for i, l := range a.loads {
			switch {
			case !counts(a, l):
			case l.info.Began.IsZero():
				return blocks
			default:
				all = append(all, place{n, i})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y place) int {
		return arms[x.arm].loads[x.load].info.Began.Compare(arms[y.arm].loads[y.load].info.Began)
	})
	order := make([]bool, len(all))
	for i, p := range all {
		order[i] = p.arm == 1
	}
	ends := blockEnds(order)
	if ends == nil {
		return blocks
	}
	for n, a := range arms {
		blocks[n] = make([]int, len(a.loads))
	}
	for i, p := range all {
		at, _ := slices.BinarySearch(ends, i+1)
		blocks[p.arm][p.load] = at + 1
	}
	return blocks
}

// blockEnds cuts loads in their order into blocks that have as many of each arm, as
// short as can be, and says behind which each ends; the last may be short of some,
// where a run ended early. Nil: the arms did not take turns.
func blockEnds(b []bool) []int {
	var ends []int
	from, balance, longest := 0, 0, 0
	for i, isB := range b {
		if balance--; isB {
			balance += 2
		}
		if balance == 0 && i+1-from >= fewestInBlock {
			ends, from = append(ends, i+1), i+1
		}
	}
	if rest := b[from:]; len(rest) > 0 {
		ofA, ofB := (len(rest)-balance)/2, (len(rest)+balance)/2
		switch {
		case 2*min(ofA, ofB) >= max(ofA, ofB):
			ends = append(ends, len(b))
		case len(ends) > 0 && 2*len(rest) <= fewestInBlock:
			ends[len(ends)-1] = len(b)
		default:
			return nil
		}
	}
	begin := 0
	for _, end := range ends {
		longest, begin = max(longest, end-begin), end
	}
	// Most of them in one block took no turns, whatever a few did.
	if len(ends) < 2 || 2*longest > len(b)+2 {
		return nil
	}
	return ends
}
