package probe

import (
	"math"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	var m meter
	if got := m.rate(0, second); got != 0 {
		t.Errorf("of nothing: %g", got)
	}
	// 1000 bytes each 100 ms from 10 s to 12 s, and again from 20 s to 21 s.
	for at := 10 * second; at < 12*second; at += bucketLen {
		m.add(at, 500)
		m.add(at+bucketLen/2, 500)
	}
	for at := 20 * second; at < 21*second; at += bucketLen {
		m.add(at, 1000)
	}
	m.add(5*second, 1e6) // before all that is kept
	for _, tt := range []struct {
		from, to time.Duration
		want     float64
	}{
		{10 * second, 12 * second, 80e3}, {8 * second, 12 * second, 40e3}, {10*second + bucketLen/2, 11*second + bucketLen/2, 80e3},
		{12 * second, 20 * second, 0}, {19 * second, 21 * second, 40e3}, {21 * second, 22 * second, 0}, {11 * second, 11 * second, 0},
		{11 * second, 10 * second, 0}, {0, 5 * second, 0},
	} {
		if got := m.rate(tt.from, tt.to); math.Abs(got-tt.want) > 1 {
			t.Errorf("%v to %v: %g, want %g", tt.from, tt.to, got, tt.want)
		}
	}
}

// A meter keeps the last of a long time, and no more.
func TestMeterFull(t *testing.T) {
	var m meter
	const all = maxBuckets + 500
	for i := range all {
		m.add(time.Duration(i)*bucketLen, 100)
	}
	if len(m.ring) != maxBuckets || cap(m.ring) > 2*maxBuckets {
		t.Errorf("%d buckets", len(m.ring))
	}
	for _, from := range []time.Duration{0, all * bucketLen / 2} {
		if got := m.rate(from, all*bucketLen); math.Abs(got-8000) > 1 {
			t.Errorf("from %v: %g bit/s", from, got)
		}
	}
	m.add(10*all*bucketLen, 100)
	if got := m.rate(10*all*bucketLen, (10*all+1)*bucketLen); math.Abs(got-8000) > 1 || len(m.ring) > 1 {
		t.Errorf("after a long silence: %g bit/s, %d buckets", got, len(m.ring))
	}
}

func TestPacer(t *testing.T) {
	for _, tt := range []struct {
		rate    float64
		unit    int
		wakeups float64 // a second, at most
	}{{125e3, 1200, 22}, {100, 1200, 1}, {1e6, 1400, 150}, {1e9, 1400, 201}} {
		p := pacer{rate: tt.rate, unit: tt.unit}
		var now time.Duration
		sent, wakeups, burst := 0, 0, 0
		total := max(10*second, 20*p.every())
		for now < total {
			now += p.every()
			n := p.take(now)
			sent, wakeups, burst = sent+n, wakeups+1, max(burst, n)
		}
		got := float64(sent*tt.unit) / total.Seconds()
		if math.Abs(got-tt.rate) > tt.rate*0.06 {
			t.Errorf("%g B/s: sent %g", tt.rate, got)
		}
		if perSecond := float64(wakeups) / total.Seconds(); perSecond > tt.wakeups {
			t.Errorf("%g B/s: %g wakeups a second", tt.rate, perSecond)
		}
		// After a long sleep not all of it is made up for.
		if n := p.take(now + time.Hour); n > 2*burst+1 {
			t.Errorf("%g B/s: %d at once after an hour, else %d", tt.rate, n, burst)
		}
		if n := p.take(now - time.Hour); n > 2*burst+1 {
			t.Errorf("%g B/s: %d after the clock went back", tt.rate, n)
		}
	}
}

func TestBackoff(t *testing.T) {
	var b backoff
	for i, want := range []time.Duration{250 * ms, 500 * ms, second, 2 * second, 4 * second, 8 * second, 8 * second} {
		if got := b.wait(); got != want {
			t.Errorf("try %d: %v, want %v", i, got, want)
		}
	}
	b.reset()
	if got := b.wait(); got != backoffFirst {
		t.Errorf("after a success: %v", got)
	}
}

func TestSeen(t *testing.T) {
	var w window
	for i, tt := range []struct {
		number uint64
		want   bool
	}{
		{0, true}, {0, false}, {2, true}, {1, true}, {1, false}, {2, false}, {900, true}, {0, false}, {3, true}, {899, true},
		{1000000, true}, {900, false}, {999999, true}, {999999, false}, {1000000 - windowLen, false}, {1000001 - windowLen, true},
		{1 << 63, true}, {1<<63 - 1, true},
	} {
		if got := w.add(tt.number); got != tt.want {
			t.Errorf("step %d, number %d: %t", i, tt.number, got)
		}
	}
}
