package protect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		name  string
		width int
		start uint64
		pns   []uint64
		want  []uint64 // those taken
	}{
		{"rising only", 0, 0, []uint64{0, 1, 1, 3, 2, 4, MaxPN, MaxPN}, []uint64{1, 3, 4, MaxPN}},
		{"width 1 is rising only", 1, 0, []uint64{0, 1, 1, 3, 2, 4}, []uint64{1, 3, 4}},
		{"after the key's RSC", 0, 10, []uint64{9, 10, 11}, []uint64{11}},
		{"window after the key's RSC", 8, 10, []uint64{9, 10, 12, 11, 11}, []uint64{12, 11}},
		{"out of order", 4, 0, []uint64{5, 3, 3, 4, 2, 1, 5, 6, 3}, []uint64{5, 3, 4, 2, 6}},
		{"zero is never fresh", 64, 0, []uint64{1, 0}, []uint64{1}},
		{"widest", 64, 0, []uint64{100, 37, 36, 37, 99}, []uint64{100, 37, 99}},
		{"far ahead forgets", 64, 0, []uint64{1, 65, 2, 1, 1000, 65, 937, 936}, []uint64{1, 65, 2, 1000, 937}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w window
			if test.start != 0 {
				w.start(test.start)
			}
			var got []uint64
			for _, pn := range test.pns {
				if w.fresh(pn, test.width) {
					w.take(pn)
					got = append(got, pn)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("taken (-want +got):\n%s", diff)
			}
		})
	}
}

// A window of any width takes a number at most once, and every number above all
// before.
func FuzzWindow(f *testing.F) {
	f.Add(uint8(0), []byte{1, 2, 2, 1})
	f.Add(uint8(64), []byte{200, 137, 136, 200, 255})
	f.Fuzz(func(t *testing.T, width uint8, pns []byte) {
		var w window
		var taken [256]bool
		highest := byte(0)
		for _, pn := range pns {
			fresh := w.fresh(uint64(pn), int(min(width, MaxWindow)))
			if fresh && taken[pn] {
				t.Fatalf("%d is taken twice", pn)
			}
			if pn > highest && !fresh {
				t.Fatalf("%d after %d is not taken", pn, highest)
			}
			if fresh {
				w.take(uint64(pn))
				taken[pn] = true
				highest = max(highest, pn)
			}
		}
	})
}
