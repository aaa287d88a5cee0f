package protect

// MaxWindow is the widest replay window: how many packet numbers, the highest
// included, are told apart.
const MaxWindow = 64

// window is a replay counter (IEEE 802.11-2020, 12.5.3.4.4). Of width 0 or 1
// it takes rising packet numbers only, as the standard wants of frames that
// come in order; a wider one takes each number once that is less than width
// below the highest.
type window struct {
	highest uint64
	seen    uint64 // bit n: highest-n was seen
}

func (w *window) fresh(pn uint64, width int) bool {
	if pn > w.highest {
		return true
	}
	behind := w.highest - pn
	return pn > 0 && behind < uint64(width) && w.seen>>behind&1 == 0
}

func (w *window) take(pn uint64) {
	if pn > w.highest {
		w.seen = w.seen<<(pn-w.highest) | 1
		w.highest = pn
		return
	}
	w.seen |= 1 << (w.highest - pn)
}

// start sets the counter as if everything up to pn had been seen.
func (w *window) start(pn uint64) { *w = window{highest: pn, seen: ^uint64(0)} }
