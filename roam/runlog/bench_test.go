package runlog

import (
	"bytes"
	"context"
	"testing"
)

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Sync() error                 { return nil }
func (nowhere) Close() error                { return nil }

// BenchmarkAppend is what a quiet cycle costs beside its two syncs.
func BenchmarkAppend(b *testing.B) {
	w, c := NewWriter(nowhere{}, 0), quietCycle(123456)
	begin := beginOf(c)
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range []Entry{begin, c} {
			if err := w.Append(e); err != nil {
				b.Fatal(err)
			}
			if err := w.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	const cycles = 100_000
	data := quietRun(b, cycles)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		run, stats, err := Load(context.Background(), bytes.NewReader(data))
		if err != nil || run.Cycles.Len() != cycles || !stats.Clean() {
			b.Fatal(run.Cycles.Len(), stats.Problems(), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/cycles, "ns/cycle")
}

func BenchmarkRead(b *testing.B) {
	data := quietRun(b, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(context.Background(), bytes.NewReader(data), func(Entry) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScanCycle(b *testing.B) {
	line := encoded(b, quietCycle(123456))
	line = line[:len(line)-1]
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := scanLine(line); !ok {
			b.Fatal("not taken")
		}
	}
}
