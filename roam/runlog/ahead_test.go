package runlog

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// manyLines is a run of lines that are shorter, and some that are longer, than a
// block, with damage in between.
func manyLines(t testing.TB) []byte {
	t.Helper()
	entries := []Entry{testRunEntry()}
	for n := 1; n <= 600; n++ {
		c := quietCycle(n)
		entries = append(entries, beginOf(c))
		if n%120 == 0 {
			long := testRecord(strings.Repeat("long ", n*blockSize/2000))
			entries = append(entries, long, testIncident(n))
		}
		entries = append(entries, c)
	}
	lines := bytes.SplitAfter(encoded(t, entries...), []byte("\n"))
	for n := 100; n < len(lines); n += 300 {
		lines[n] = append([]byte(strings.Repeat("\n", 3*mostLines/2)), bytes.Replace(lines[n], []byte("0"), []byte("1"), 1)...)
	}
	return append(bytes.Join(lines, nil), "torn"...)
}

// However an input comes, and wherever its blocks end, loading finds what reading
// line by line does.
func TestBlocks(t *testing.T) {
	data := manyLines(t)
	entries, want, err := readAll(t, data)
	if err != nil || want.Damaged == 0 || want.Torn != 4 {
		t.Fatalf("%+v, %v", want, err)
	}
	cycles := 0
	for _, e := range entries {
		if e.Type() == TypeCycle {
			cycles++
		}
	}
	for name, in := range map[string]io.Reader{
		"whole": bytes.NewReader(data), "byte by byte": iotest.OneByteReader(bytes.NewReader(data)),
		"by halves": iotest.HalfReader(bytes.NewReader(data)), "end with data": iotest.DataErrReader(bytes.NewReader(data)),
	} {
		run, stats, err := Load(context.Background(), in)
		if diff := cmp.Diff(want, stats); diff != "" || err != nil || run.Cycles.Len() != cycles || len(run.Incidents) != 5 {
			t.Errorf("%s: %d of %d cycles, %d incidents, %v (-Read +Load):\n%s", name, run.Cycles.Len(), cycles, len(run.Incidents), err, diff)
		}
		for i, b := range run.Cycles.All() {
			if want := quietCycle(b.Number); b.Outage != want.Outage || b.Load != want.Load {
				t.Fatalf("%s: cycle at %d: %+v", name, i, b)
			}
		}
	}
}

// A file of nothing but ends of lines takes no more memory than others.
func TestShortLines(t *testing.T) {
	const lines = 1 << 19
	data := append(encoded(t, testRunEntry()), strings.Repeat("\n", lines)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, stats, err := Load(context.Background(), bytes.NewReader(data))
	runtime.ReadMemStats(&after)
	if err != nil || stats.Damaged != lines {
		t.Errorf("%d damaged, %v", stats.Damaged, err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 32<<20 {
		t.Errorf("%d MiB allocated", got>>20)
	}
}

// endless is an input that never ends and says when it is read from.
type endless func()

func (e endless) Read(p []byte) (int, error) {
	e()
	p[len(p)-1] = '\n'
	return len(p), nil
}

// Whenever nobody wants to read on, reading ends.
func TestReadingIsGivenUp(t *testing.T) {
	for before := range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		if before == 0 {
			cancel()
		}
		reads := 0
		in := endless(func() {
			if reads++; reads >= before {
				cancel()
			}
		})
		if err := readAhead(ctx, in, func(*checked) (bool, error) { return true, nil }); !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d reads: %v", before, err)
		}
	}
}
