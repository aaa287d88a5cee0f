package guest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseKernelRecords(t *testing.T) {
	const text = "6,1,2500,-;wlan0: authenticate with 02:00:00:00:01:00\n SUBSYSTEM=net\n DEVICE=+net:wlan0\n" +
		"no record\n" +
		"11,2,2600,-,caller=T1;a;b,c\n" +
		"4,18446744073709551615,3000000,c;last"
	got := parseKernelRecords([]byte(text))
	want := []KernelRecord{
		{Priority: 6, Sequence: 1, Time: 2500 * time.Microsecond, Text: "wlan0: authenticate with 02:00:00:00:01:00", Raw: "6,1,2500,-;wlan0: authenticate with 02:00:00:00:01:00\n SUBSYSTEM=net\n DEVICE=+net:wlan0\n"},
		{Priority: 11, Sequence: 2, Time: 2600 * time.Microsecond, Text: "a;b,c", Raw: "11,2,2600,-,caller=T1;a;b,c\n"},
		{Priority: 4, Sequence: 1<<64 - 1, Time: 3 * time.Second, Text: "last", Raw: "4,18446744073709551615,3000000,c;last"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, bad := range []string{"", ";x", "1,2;x", "-1,2,3,-;x", "1,2,-3,-;x", "1,2,9223372036854775807,-;x", "a,b,c,-;x", "1,2,3,-"} {
		if got := parseKernelRecords([]byte(bad)); len(got) != 0 {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

func FuzzKernelRecords(f *testing.F) {
	f.Add("6,1,2500,-;text\n KEY=value\n7,2,2600,-;more\n")
	f.Fuzz(func(t *testing.T, text string) {
		total := 0
		for _, r := range parseKernelRecords([]byte(text)) {
			if r.Priority < 0 || r.Time < 0 || strings.Contains(r.Text, "\n") || !strings.Contains(text, r.Raw) {
				t.Errorf("record %+v", r)
			}
			total += len(r.Raw)
		}
		if total > len(text) {
			t.Errorf("%d bytes of records in %d", total, len(text))
		}
	})
}

func record(i, size int) KernelRecord {
	return KernelRecord{Sequence: uint64(i), Raw: strings.Repeat("x", size)}
}

func TestKernelLogFollow(t *testing.T) {
	l := newKernelLog()
	l.add([]KernelRecord{record(0, 1), record(1, 1)})
	all, late := l.Follow(), l.FollowEnd()
	got := make(chan uint64)
	go func() {
		defer close(got)
		for {
			r, err := late.Next(context.Background())
			if err != nil {
				if err != io.EOF {
					t.Error(err)
				}
				return
			}
			got <- r.Sequence
		}
	}()
	l.add([]KernelRecord{record(2, 1)})
	if n := <-got; n != 2 {
		t.Errorf("the late reader began with %d", n)
	}
	l.add(nil)
	l.add([]KernelRecord{record(3, 1)})
	if n := <-got; n != 3 {
		t.Errorf("the late reader went on with %d", n)
	}
	for want := range uint64(4) {
		if r, err := all.Next(context.Background()); err != nil || r.Sequence != want {
			t.Errorf("record %d, %v, want %d", r.Sequence, err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := all.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	l.end()
	if _, ok := <-got; ok {
		t.Error("a record after the end")
	}
	if len(l.Records()) != 4 {
		t.Errorf("%d records", len(l.Records()))
	}
}

func TestKernelLogIsBounded(t *testing.T) {
	l := newKernelLog()
	r := l.Follow()
	const size = 1 << 20
	for i := range 2 * kernelLogLimit / size {
		l.add([]KernelRecord{record(i, size)})
	}
	if n := len(l.Records()); n != kernelLogLimit/size {
		t.Errorf("%d records are kept", n)
	}
	first, err := r.Next(context.Background())
	if err != nil || first.Sequence != kernelLogLimit/size || r.Lost() != kernelLogLimit/size {
		t.Errorf("first %d, lost %d, %v", first.Sequence, r.Lost(), err)
	}
}

func TestConsole(t *testing.T) {
	c := new(console)
	for i := range 200000 {
		fmt.Fprintf(c, "line %d\r\n", i)
	}
	text := c.String()
	if !strings.HasPrefix(text, "line 0\nline 1\n") || !strings.HasSuffix(text, "\nline 199999\n") || !strings.Contains(text, "\n[...]\n") {
		t.Errorf("%d bytes: %.30q … %q", len(text), text, text[len(text)-30:])
	}
	if n := len(c.head) + len(c.tail); n > consoleHead+2*consoleTail+100 {
		t.Errorf("%d bytes are kept", n)
	}
	short := new(console)
	fmt.Fprint(short, "a\r\nb")
	if short.String() != "a\nb" {
		t.Errorf("%q", short.String())
	}
	if got := lastLines("a\n\nb\nc\n", 2); got != "b\nc" {
		t.Errorf("last lines %q", got)
	}
}

func BenchmarkKernelRecords(b *testing.B) {
	text := []byte(strings.Repeat("6,1,2500,-;wlan0: authenticate with 02:00:00:00:01:00\n SUBSYSTEM=net\n", 400))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if len(parseKernelRecords(text)) != 400 {
			b.Fatal("not all")
		}
	}
}
