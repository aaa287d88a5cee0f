package journal

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mono(s int) Time { return Time{Mono: time.Duration(s) * time.Second, HasMono: true} }

func year(s int) Time {
	return Time{Wall: time.Date(0, 6, 1, 12, 0, s, 0, time.UTC), Known: KnownClock | KnownDate, Precision: time.Second}
}

func sortAll(t *testing.T, window int, in []Time, boots []string) (order []int, late int) {
	t.Helper()
	s := NewSorter(window, func(_ Time, i int) error { order = append(order, i); return nil })
	for i, at := range in {
		boot := ""
		if boots != nil {
			boot = boots[i]
		}
		if err := s.Add(at, boot, i); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	return order, s.Late
}

func TestSorter(t *testing.T) {
	for _, tt := range []struct {
		name  string
		times []Time
		boots []string
		want  []int
	}{
		{"in order", []Time{mono(1), mono(2), mono(3)}, nil, []int{0, 1, 2}},
		{"pasted out of order", []Time{mono(5), mono(6), mono(1), mono(2)}, nil, []int{2, 3, 0, 1}},
		{"equal times keep their order", []Time{year(1), year(1), year(1)}, nil, []int{0, 1, 2}},
		{"a record without time stays behind its neighbour", []Time{mono(5), {}, mono(1), {}}, nil, []int{2, 3, 0, 1}},
		{"another boot is another stretch", []Time{mono(500), mono(1)}, []string{"1", "2"}, []int{0, 1}},
		{"another clock is another stretch", []Time{mono(500), year(1), mono(3)}, nil, []int{0, 1, 2}},
		{"a clock that is set back by hours", []Time{year(9000), year(1)}, nil, []int{0, 1}},
		{"a clock that goes back by seconds", []Time{year(3), year(1)}, nil, []int{1, 0}},
		{"none has a time", []Time{{}, {}, {}}, nil, []int{0, 1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := sortAll(t, 100, tt.times, tt.boots)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSorterIsBoundedAndSaysWhatCameLate(t *testing.T) {
	const window = 16
	var times []Time
	for i := range 100 {
		times = append(times, mono(1000+i))
	}
	times = append(times, mono(1))
	order, late := sortAll(t, window, times, nil)
	if late != 1 {
		t.Errorf("late %d, want 1", late)
	}
	if len(order) != len(times) {
		t.Errorf("%d given on of %d", len(order), len(times))
	}
	if at := slices.Index(order, 100); at < 100-window-1 {
		t.Errorf("the late record was given on at %d, further back than the window", at)
	}
}

func TestSorterShuffled(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	var times []Time
	for i := range 1000 {
		times = append(times, mono(i+r.IntN(20)))
	}
	order, late := sortAll(t, 64, times, nil)
	if late != 0 {
		t.Errorf("late %d, want 0", late)
	}
	if !slices.IsSortedFunc(order, func(a, b int) int { return int(times[a].Mono - times[b].Mono) }) {
		t.Error("not in order")
	}
}

func TestBefore(t *testing.T) {
	for _, tt := range []struct {
		a, b       Time
		before, ok bool
	}{
		{mono(1), mono(2), true, true},
		{mono(2), mono(1), false, true},
		{year(1), year(2), true, true},
		{mono(1), year(2), false, false},
		{Time{}, mono(1), false, false},
	} {
		if before, ok := Before(tt.a, tt.b); before != tt.before || ok != tt.ok {
			t.Errorf("Before(%v, %v) = %v, %v; want %v, %v", tt.a, tt.b, before, ok, tt.before, tt.ok)
		}
	}
}
