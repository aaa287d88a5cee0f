package probe

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// answered makes a history of requests 200 ms apart, each answered after the time
// given; a negative one is not answered.
func answered(after ...time.Duration) *history {
	h := &history{bound: DefaultBound}
	for i, d := range after {
		at := second + time.Duration(i)*200*ms
		n := h.send(at)
		if d >= 0 {
			h.answer(n, at, at+d)
		}
	}
	return h
}

func TestBetween(t *testing.T) {
	const no = -1
	all := []time.Duration{2 * ms, 4 * ms, no, 6 * ms, 8 * ms}
	for _, tt := range []struct {
		name          string
		h             *history
		from, to, now time.Duration
		want          stretch
	}{
		{"nothing", &history{bound: DefaultBound}, 0, 9 * second, 9 * second, stretch{}},
		{"before", answered(all...), 0, second, 9 * second, stretch{}},
		{"all", answered(all...), second, 2 * second, 9 * second,
			stretch{sent: 5, answered: 4, longest: 402 * ms, rtt50: 4 * ms, rtt99: 8 * ms}},
		{"part", answered(all...), second + 1, second + 601*ms, 9 * second,
			stretch{sent: 3, answered: 2, longest: 397 * ms, rtt50: 4 * ms, rtt99: 6 * ms}},
		{"the last may be answered yet", answered(2*ms, no, no), second, 2 * second, 1500 * ms,
			stretch{sent: 1, answered: 1, longest: 498 * ms, rtt50: 2 * ms, rtt99: 2 * ms}},
		{"the last are lost", answered(2*ms, no, no), second, 2 * second, 9 * second,
			stretch{sent: 3, answered: 1, longest: 998 * ms, rtt50: 2 * ms, rtt99: 2 * ms}},
		{"a later one was answered", answered(2*ms, no, 2*ms), second, second + 300*ms, second + 410*ms,
			stretch{sent: 2, answered: 1, longest: 298 * ms, rtt50: 2 * ms, rtt99: 2 * ms}},
		{"answered late, from before", answered(5*second, no), second + 100*ms, 7 * second, 9 * second,
			stretch{sent: 1, longest: 4900 * ms}},
		{"a window not over", answered(2*ms, 2*ms), second, 60 * second, 1500 * ms,
			stretch{sent: 2, answered: 2, longest: 298 * ms, rtt50: 2 * ms, rtt99: 2 * ms}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.h.between(tt.from, tt.to, tt.now); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	var hundred []time.Duration
	for i := range 100 {
		hundred = append(hundred, time.Duration(i+1))
	}
	for _, tt := range []struct {
		of   []time.Duration
		p    int
		want time.Duration
	}{
		{nil, 50, 0}, {hundred[:1], 50, 1}, {hundred[:1], 99, 1}, {hundred[:2], 50, 1}, {hundred[:3], 50, 2},
		{hundred, 50, 50}, {hundred, 99, 99}, {hundred[:10], 99, 10},
	} {
		if got := percentile(tt.of, tt.p); got != tt.want {
			t.Errorf("%d of %d: %d, want %d", tt.p, len(tt.of), got, tt.want)
		}
	}
}

func TestAnswer(t *testing.T) {
	h := &history{bound: DefaultBound}
	h.send(second)
	h.send(2 * second)
	for i, tt := range []struct {
		n         uint64
		sent, got time.Duration
		ok        bool
		want      Counts
	}{
		{0, second, second + ms, true, Counts{Sent: 2, Answered: 1}},
		{0, second, second + 2*ms, false, Counts{Sent: 2, Answered: 1, Duplicate: 1}},
		{1, second, second + 2*ms, false, Counts{Sent: 2, Answered: 1, Duplicate: 1, Forged: 1}},
		{2, second, second + 2*ms, false, Counts{Sent: 2, Answered: 1, Duplicate: 1, Forged: 2}},
		{1, 2 * second, 5 * second, true, Counts{Sent: 2, Answered: 2, Late: 1, Duplicate: 1, Forged: 2}},
	} {
		if ok := h.answer(tt.n, tt.sent, tt.got); ok != tt.ok || h.counts != tt.want {
			t.Errorf("step %d: %t, %+v; want %t, %+v", i, ok, h.counts, tt.ok, tt.want)
		}
	}
	if n := h.send(3 * second); n != 2 {
		t.Errorf("request %d, want 2", n)
	}
	h.unsend()
	if h.answer(2, 3*second, 4*second); h.counts.Forged != 3 || h.counts.Unsent != 1 || h.counts.Sent != 2 {
		t.Errorf("an answer to what was not sent: %+v", h.counts)
	}
}

// The history forgets the oldest, and stays right about the rest.
func TestHistoryFull(t *testing.T) {
	h := &history{bound: DefaultBound}
	const all = maxHistory + 1000
	for i := range uint64(all) {
		sent := time.Duration(i+1) * ms
		n := h.send(sent)
		if i%100 == 0 { // one that could not be sent
			h.unsend()
			n = h.send(sent)
		}
		if n != i {
			t.Fatalf("request %d, want %d", n, i)
		}
		h.answer(n, sent, sent+ms/2)
	}
	if len(h.ring) != maxHistory || cap(h.ring) > 2*maxHistory {
		t.Errorf("%d requests are kept", len(h.ring))
	}
	if s := h.between(0, all*2*ms, all*2*ms); s.sent != maxHistory || s.answered != maxHistory || s.rtt50 != ms/2 {
		t.Errorf("%+v", s)
	}
	if s := h.between((all-99)*ms, all*2*ms, all*2*ms); s.sent != 100 {
		t.Errorf("%+v", s)
	}
	if h.answer(0, ms, second); h.counts.Stale != 1 || h.counts.Answered != all {
		t.Errorf("%+v", h.counts)
	}
	if got, ok := h.firstAnswer(all * ms); !ok || got != all*ms+ms/2 {
		t.Errorf("first answer at %v, %t", got, ok)
	}
}

func BenchmarkBetween(b *testing.B) {
	h := &history{bound: DefaultBound}
	for i := range uint64(maxHistory) {
		sent := time.Duration(i) * 200 * ms
		h.answer(h.send(sent), sent, sent+ms)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.between((maxHistory-50)*200*ms, maxHistory*200*ms, maxHistory*200*ms)
	}
}
