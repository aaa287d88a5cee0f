//go:build unix

package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/patterns"
	"roamfault/reports/incident"
	"roamfault/reports/spool"
)

// BenchmarkBacklog reads records that lie ready, one fault in a thousand, with
// all that follows: records per second are what counts, and nothing may be
// allocated for a record that says nothing.
func BenchmarkBacklog(b *testing.B) {
	s := openSpool(b, b.TempDir(), spool.Limits{Incidents: 100})
	opt := options(s, late())
	opt.CheckpointEvery = time.Second
	opt.Open = func(Start, func()) (journal.Source, error) { return &endless{n: b.N}, nil }
	b.ReportAllocs()
	b.ResetTimer()
	if _, err := Run(b.Context(), opt); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkUnmatched is the way of a record that says nothing.
func BenchmarkUnmatched(b *testing.B) {
	in := newIntake(patterns.Builtin(), place{})
	r := said(0, "Started session-1.scope - Session 1 of user nobody.")
	b.ReportAllocs()
	for b.Loop() {
		r.Time.Mono++
		if err := in.yield(b.Context(), &r); err != nil {
			b.Fatal(err)
		}
	}
}

// paced is a log that says so many records a second, with a fault now and then.
type paced struct {
	rate   int
	faulty int // one in so many
	long   time.Duration
	came   func(cursor string)
}

func (p *paced) Read(ctx context.Context, yield func(*journal.Record) error) (journal.Stats, error) {
	begin := time.Now()
	boot, err := journal.BootID()
	if err != nil {
		return journal.Stats{}, err
	}
	for n := 0; time.Since(begin) < p.long; n++ {
		if wait := time.Duration(n)*time.Second/time.Duration(p.rate) - time.Since(begin); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return journal.Stats{}, ctx.Err()
			}
		}
		r := said(0, "Started session-1.scope - Session 1 of user nobody.")
		if n%p.faulty == 0 {
			r.Message = fmt.Sprintf("mt7925e 0000:05:00.0: Message 00020002 (seq %d) timeout", 1+n%15)
		}
		now, _ := (&SystemClock{}).Now()
		r.Time, r.Boot, r.Cursor = now, boot, strconv.Itoa(n)
		if p.came != nil && n%p.faulty == 0 {
			p.came(r.Message + r.Time.String())
		}
		if err := yield(&r); err != nil {
			return journal.Stats{}, err
		}
	}
	return journal.Stats{}, nil
}

// stopwatch measures from a record to its line.
type stopwatch struct {
	mu    sync.Mutex
	began map[string]time.Time
	took  []time.Duration
}

func (s *stopwatch) came(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began[key] = time.Now()
}

func (s *stopwatch) told(e *incident.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.began[e.Message+e.Time.String()]; ok {
		s.took = append(s.took, time.Since(t))
	}
}

func (s *stopwatch) Opened(_ string, e *incident.Event)      { s.told(e) }
func (s *stopwatch) Grew(_ string, e *incident.Event, _ int) { s.told(e) }

func (s *stopwatch) Finished(*incident.Incident, json.RawMessage, string) {}

// BenchmarkLatency tells how long it takes from a record to its line at 1,000
// records a second. It takes 5 s whatever b.N is.
func BenchmarkLatency(b *testing.B) {
	watch := &stopwatch{began: make(map[string]time.Time)}
	s := openSpool(b, b.TempDir(), spool.Limits{})
	opt := options(s, NewSystemClock())
	opt.Printer = watch
	opt.Open = func(Start, func()) (journal.Source, error) {
		return &paced{rate: 1000, faulty: 10, long: 5 * time.Second, came: watch.came}, nil
	}
	if _, err := Run(b.Context(), opt); err != nil {
		b.Fatal(err)
	}
	slices.Sort(watch.took)
	if len(watch.took) == 0 {
		b.Fatal("nothing was told")
	}
	at := func(p float64) float64 {
		return float64(watch.took[int(p*float64(len(watch.took)-1))].Microseconds())
	}
	b.ReportMetric(at(0.5), "p50-µs")
	b.ReportMetric(at(0.99), "p99-µs")
	b.ReportMetric(at(1), "max-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkCPU tells what share of a processor 100 records a second take. It
// takes 10 s whatever b.N is.
func BenchmarkCPU(b *testing.B) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	s := openSpool(b, b.TempDir(), spool.Limits{})
	opt := options(s, NewSystemClock())
	opt.CheckpointEvery = time.Second
	opt.Printer = TextPrinter{io.Discard}
	const long = 10 * time.Second
	var before time.Duration
	opt.Open = func(Start, func()) (journal.Source, error) {
		before = used()
		return &paced{rate: 100, faulty: 100, long: long}, nil
	}
	if _, err := Run(b.Context(), opt); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(100*(used()-before).Seconds()/long.Seconds(), "%cpu")
	b.ReportMetric(0, "ns/op")
}
