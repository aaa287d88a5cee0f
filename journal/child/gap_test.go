package child

import (
	"fmt"
	"testing"
)

// What is missing is read again once; where that brings nothing, less and less
// often.
func TestGaps(t *testing.T) {
	for _, c := range []struct {
		name string
		// the entries as the program gives them, and how many are said to
		// be missing before each
		in   []string
		want []uint64
	}{
		{"none", []string{"a1", "a2", "a3"}, []uint64{0, 0, 0}},
		{"begins anywhere", []string{"a900", "a901"}, []uint64{0, 0}},
		{"filled", []string{"a1", "a4", "a2", "a3", "a4", "a6"}, []uint64{0, 2, 0, 0, 0, 1}},
		{"hidden", []string{"a1", "a4", "a4", "a5", "a7", "a9", "a11", "a11"}, []uint64{0, 2, 0, 0, 0, 0, 1, 0}},
		{"two ids, one sequence", []string{"a1", "b2", "a3", "b5", "a4", "b5"}, []uint64{0, 0, 0, 1, 0, 0}},
		{"late", []string{"a5", "a3", "a6"}, []uint64{0, 0, 0}},
		{"counted anew", []string{"a70000", "b1", "b2", "b4"}, []uint64{0, 0, 0, 1}},
		{"counted anew under the same id", []string{"a70000", "a1", "a3"}, []uint64{0, 0, 1}},
		{"no cursor of a journal", []string{"a1", "", "a2"}, []uint64{0, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g gaps
			for i, e := range c.in {
				cursor := "none"
				if e != "" {
					var n uint64
					if _, err := fmt.Sscan(e[1:], &n); err != nil {
						t.Fatal(err)
					}
					cursor = fmt.Sprintf("s=%c;i=%x;b=0;m=1;t=1;x=1", e[0], n)
				}
				if got := g.found([]byte(cursor)); got != c.want[i] {
					t.Errorf("%d entries missing before number %d, %s; want %d", got, i, e, c.want[i])
				}
			}
		})
	}
}

// With a gap before each entry the program is seldom asked again, and often
// again once the gaps have ended.
func TestGapsInVain(t *testing.T) {
	var g gaps
	asked := 0
	number := uint64(1)
	cursor := func() []byte { return fmt.Appendf(nil, "s=a;i=%x;b=0", number) }
	g.found(cursor())
	const entries = 10 * mostPassed
	for range entries {
		number += 2
		if g.found(cursor()) > 0 {
			asked++
			g.found(cursor())
		}
	}
	if asked < 10 || asked > 20 {
		t.Errorf("asked %d times for %d gaps", asked, entries)
	}
	for range sureRun {
		number++
		g.found(cursor())
	}
	if number += 2; g.found(cursor()) != 1 {
		t.Error("a gap behind a long run is not asked for")
	}
}

// The last records are known, and no more memory is taken.
func TestRecent(t *testing.T) {
	r := newRecent()
	name := func(i int) []byte { return fmt.Appendf(nil, "s=a;i=%x", i) }
	for i := range 3 * mostRecent {
		if r.has(name(i)) {
			t.Fatalf("number %d is known before it came", i)
		}
		r.add(name(i))
	}
	if len(r.have) != mostRecent || len(r.ring) != mostRecent {
		t.Errorf("%d and %d are remembered", len(r.have), len(r.ring))
	}
	for i := range 3 * mostRecent {
		if want := i >= 2*mostRecent; r.has(name(i)) != want {
			t.Fatalf("number %d is known: %v", i, !want)
		}
	}
}
