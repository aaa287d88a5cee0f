package rsn

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func newQuery(t *testing.T, ids ...byte) *SAQuery {
	t.Helper()
	q, err := NewSAQuery(SAQueryConfig{Timing: SAQueryTiming{Retry: 20, Timeout: 50}, Rand: bytes.NewReader(ids)})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestSAQueryTimesOut(t *testing.T) {
	q := newQuery(t, 1, 0, 2, 0, 3, 0, 4, 0)
	type moment struct {
		At   time.Duration
		Step SAQueryStep
	}
	var got []moment
	first, err := q.Begin(100)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, moment{100, first})
	if again, err := q.Begin(110); err != nil || again != (SAQueryStep{}) {
		t.Errorf("begun twice: %+v, %v", again, err)
	}
	for now := time.Duration(100); now < 300; now++ {
		due, waiting := q.Deadline()
		s, err := q.Advance(now)
		if err != nil {
			t.Fatal(err)
		}
		if s != (SAQueryStep{}) {
			if !waiting || due != now {
				t.Errorf("at %v it acts, due at %v", now, due)
			}
			got = append(got, moment{now, s})
		}
	}
	want := []moment{
		{100, SAQueryStep{Send: true, Transaction: 1}},
		{120, SAQueryStep{Send: true, Transaction: 2}},
		{140, SAQueryStep{Send: true, Transaction: 3}},
		{150, SAQueryStep{TimedOut: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if q.Active() || q.Answered(3) {
		t.Error("it goes on after it has timed out")
	}
}

func TestSAQueryAnswered(t *testing.T) {
	for _, answer := range []uint16{0x0201, 0x0403} {
		q := newQuery(t, 1, 2, 3, 4)
		if q.Answered(0) {
			t.Error("an answer before the question")
		}
		if _, err := q.Begin(0); err != nil {
			t.Fatal(err)
		}
		if _, err := q.Advance(20); err != nil {
			t.Fatal(err)
		}
		if q.Answered(0x0102) || !q.Active() {
			t.Error("the answer to another question counts")
		}
		if !q.Answered(answer) || q.Active() {
			t.Errorf("answer %#x does not count", answer)
		}
		if _, waiting := q.Deadline(); waiting {
			t.Error("it still waits")
		}
		if s, err := q.Advance(1000); err != nil || s != (SAQueryStep{}) {
			t.Errorf("after the answer: %+v, %v", s, err)
		}
	}
}

func TestSAQueryNoRandomness(t *testing.T) {
	q := newQuery(t)
	if s, err := q.Begin(0); !errors.Is(err, io.EOF) || s.Send || q.Active() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestSAQueryTimingRefused(t *testing.T) {
	for _, timing := range []SAQueryTiming{{Retry: 1}, {Timeout: 1}, {Retry: 1, Timeout: 64}, {Retry: -1, Timeout: 5}} {
		if _, err := NewSAQuery(SAQueryConfig{Timing: timing}); err == nil {
			t.Errorf("%+v was taken", timing)
		}
	}
	if _, err := NewSAQuery(SAQueryConfig{}); err != nil {
		t.Errorf("the default timing was refused: %v", err)
	}
}
