package labtest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTrail(t *testing.T) {
	trail := newTrail[int]()
	trail.add(1)
	trail.add(2)
	mark := trail.Mark()
	trail.add(3)
	if diff := cmp.Diff([]int{3}, trail.Since(mark)); diff != "" {
		t.Errorf("since the mark (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, trail.Since(0)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	even := func(n int) bool { return n%2 == 0 }
	got, at, err := trail.Wait(t.Context(), 0, even)
	if got != 2 || at != 2 || err != nil {
		t.Errorf("found %d at %d, error %v; want 2 at 2", got, at, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := trail.Wait(ended, mark, even); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// What comes while somebody waits is found, whatever comes with it.
func TestTrailGrows(t *testing.T) {
	trail := newTrail[int]()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var waiting sync.WaitGroup
	for want := range 50 {
		waiting.Go(func() {
			got, at, err := trail.Wait(ctx, 0, func(n int) bool { return n == want })
			if got != want || at != Mark(want+1) || err != nil {
				t.Errorf("found %d at %d, error %v; want %d", got, at, err, want)
			}
		})
	}
	for n := range 50 {
		trail.add(n)
	}
	waiting.Wait()
}
