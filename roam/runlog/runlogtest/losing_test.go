package runlogtest

import (
	"slices"
	"testing"
)

// pieces is a file that remembers what it was given at once.
type pieces struct {
	got    []string
	closed bool
}

func (p *pieces) Write(b []byte) (int, error) {
	p.got = append(p.got, string(b))
	return len(b), nil
}

func (p *pieces) Close() error {
	p.closed = true
	return nil
}

// What was not synced never reaches the file, and what is, in pieces.
func TestLosing(t *testing.T) {
	below, pauses := &pieces{}, 0
	l := NewLosing(below, 3, func() { pauses++ })
	for _, text := range []string{"abcd", "e"} {
		if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("%d, error %v", n, err)
		}
	}
	if len(below.got) != 0 {
		t.Errorf("%q is there without a sync", below.got)
	}
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil || !below.closed {
		t.Errorf("closed %v, error %v", below.closed, err)
	}
	if want := []string{"abc", "de"}; !slices.Equal(below.got, want) || pauses != 2 {
		t.Errorf("%q, want %q; %d pauses", below.got, want, pauses)
	}
}
