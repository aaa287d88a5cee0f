package labtest

import (
	"context"
	"sync"
)

// Trail keeps what has happened, in order, and lets others wait for more.
type Trail[T any] struct {
	mu    sync.Mutex
	items []T
	grown chan struct{} // closed when there is more
}

// Mark is a place in a Trail: what comes after it was not there yet.
type Mark int

func newTrail[T any]() *Trail[T] { return &Trail[T]{grown: make(chan struct{})} }

func (t *Trail[T]) add(item T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items = append(t.items, item)
	close(t.grown)
	t.grown = make(chan struct{})
}

// Mark is where the trail ends now.
func (t *Trail[T]) Mark() Mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Mark(len(t.items))
}

// Since returns what came after a mark; after 0, all.
func (t *Trail[T]) Since(from Mark) []T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]T(nil), t.items[from:]...)
}

// Wait returns the first after the mark that matches, which may be to come, and
// the place behind it. Its error is that of ctx.
func (t *Trail[T]) Wait(ctx context.Context, from Mark, match func(T) bool) (T, Mark, error) {
	for {
		t.mu.Lock()
		news, grown := t.items[from:], t.grown
		t.mu.Unlock()
		for _, item := range news {
			from++
			if match(item) {
				return item, from, nil
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			var none T
			return none, from, ctx.Err()
		}
	}
}
