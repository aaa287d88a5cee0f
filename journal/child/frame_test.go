package child

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
)

// cut feeds a stream in pieces and returns the whole records and what was
// found damaged.
func cut(in []byte, piece func(i int) int) (records []string, f *framer) {
	f = &framer{}
	f.whole = func(cursor, rec []byte) { records = append(records, string(cursor)+"|"+string(rec)) }
	for i := 0; len(in) > 0; i++ {
		n := min(len(in), max(1, piece(i)))
		f.feed(in[:n])
		in = in[n:]
	}
	return records, f
}

func field(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

func TestFrame(t *testing.T) {
	long := strings.Repeat("x", longText)
	for _, c := range []struct {
		name    string
		in      string
		want    []string
		damaged int
		partial bool
	}{
		{"nothing", "", nil, 0, false},
		{"records", "__CURSOR=a\nMESSAGE=1\n\n__CURSOR=b\nMESSAGE=2\n\n", []string{"a|__CURSOR=a\nMESSAGE=1\n\n", "b|__CURSOR=b\nMESSAGE=2\n\n"}, 0, false},
		{"binary", "__CURSOR=a\n" + field("MESSAGE", "x\n\n__CURSOR=c\n") + "\n", []string{"a|__CURSOR=a\n" + field("MESSAGE", "x\n\n__CURSOR=c\n") + "\n"}, 0, false},
		{"empty binary", "__CURSOR=a\n" + field("MESSAGE", "") + "\n", []string{"a|__CURSOR=a\n" + field("MESSAGE", "") + "\n"}, 0, false},
		{"long text gets binary", "__CURSOR=a\nMESSAGE=" + long + "\n\n", []string{"a|__CURSOR=a\n" + field("MESSAGE", long) + "\n"}, 0, false},
		{"died in a line", "__CURSOR=a\nMESSAGE=1\n\n__CURSOR=b\nMESSAGE=2", []string{"a|__CURSOR=a\nMESSAGE=1\n\n"}, 0, true},
		{"died before the empty line", "__CURSOR=a\nMESSAGE=1\n", nil, 0, true},
		{"died in a size", "__CURSOR=a\nMESSAGE\n\x01\x00", nil, 0, true},
		{"died in a value", "__CURSOR=a\nMESSAGE\n\x05\x00\x00\x00\x00\x00\x00\x00ab", nil, 0, true},
		{"words to people", "-- No entries --\n__CURSOR=a\nM=1\n\n-- Boot --\n", []string{"a|__CURSOR=a\nM=1\n\n"}, 0, false},
		{"lost empty line", "__CURSOR=a\nM=1\n__CURSOR=b\nM=2\n\n", []string{"a|__CURSOR=a\nM=1\n\n", "b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"a size that lies", "__CURSOR=a\nM\n\xff\xff\xff\xff\xff\xff\xff\xffrest\nX=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"no newline behind a value", "__CURSOR=a\nM\n\x01\x00\x00\x00\x00\x00\x00\x00xyz\nX=1\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"no fields", "__CURSOR=a\nwhat is this\nM=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"a long line of no field", "__CURSOR=a\nwhat " + strings.Repeat("y", 200_000) + "\nM=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"no cursor", "M=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"a cursor in binary form", field("__CURSOR", "a") + "M=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"an endless cursor", "__CURSOR=" + long + "\nM=1\n\n__CURSOR=b\nM=2\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 1, false},
		{"empty lines", "\n\n\n__CURSOR=b\nM=2\n\n\n\n", []string{"b|__CURSOR=b\nM=2\n\n"}, 0, false},
	} {
		for name, piece := range map[string]func(int) int{"whole": func(int) int { return 1 << 20 }, "bytes": func(int) int { return 1 }, "pieces": func(i int) int { return i*7%13 + 1 }} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				got, f := cut([]byte(c.in), piece)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("records (-want +got):\n%s", diff)
				}
				if f.damaged != c.damaged || f.partial() != c.partial {
					t.Errorf("damaged %d, partial %v; want %d, %v", f.damaged, f.partial(), c.damaged, c.partial)
				}
			})
		}
	}
}

// A record of any size takes bounded memory and keeps what matters.
func TestFrameBounds(t *testing.T) {
	var in bytes.Buffer
	in.WriteString("__CURSOR=a\n")
	for i := range 60 {
		in.WriteString(field(fmt.Sprintf("OTHER_%c%d", 'A'+i%26, i), strings.Repeat("\n", 300_000)))
	}
	in.WriteString(field("MESSAGE", strings.Repeat("m", 100_000)) + "PRIORITY=3\n\n__CURSOR=b\nMESSAGE=next\n\n")
	got, f := cut(in.Bytes(), func(int) int { return readSize })
	if len(got) != 2 || len(got[0]) > maxOther+3*maxField || f.longer != 1 || f.damaged != 0 {
		t.Fatalf("%d records, the first of %d bytes; %d longer, %d damaged", len(got), len(got[0]), f.longer, f.damaged)
	}
	if cap(f.in) > 4*readSize {
		t.Errorf("%d bytes were held", cap(f.in))
	}
	_, rec, _ := strings.Cut(got[0], "|")
	var r journal.Record
	stats, err := journal.Read(context.Background(), strings.NewReader(rec), journal.Options{}, func(x *journal.Record) error {
		r = *x
		return nil
	})
	if err != nil || len(r.Message) != 64<<10 || r.Priority != 3 {
		t.Errorf("message of %d bytes, priority %d, error %v", len(r.Message), r.Priority, err)
	}
	if len(stats.Skipped) != 1 || !strings.HasPrefix(stats.Skipped[0].Reason, "field longer than 64 KiB") {
		t.Errorf("skipped %v", stats.Skipped)
	}
}

// However a stream is cut into pieces the same records come of it, each of which
// is one to the reader of records, too.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("__CURSOR=a\nMESSAGE=1\n\n__CURSOR=b\n"+field("MESSAGE", "2\n\n")+"\n"), uint8(3))
	f.Add([]byte("__CURSOR=a\nM\n\xff\xff\xff\xff\xff\xff\xff\xffrest\nX=1\n\n__CURSOR=b\nMESSAGE=2\n\n"), uint8(1))
	f.Add([]byte("-- x\n\n\n__CURSOR=\nMESSAGE=\n__CURSOR=y\n\n"), uint8(9))
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		once, a := cut(in, func(int) int { return len(in) })
		pieces, b := cut(in, func(i int) int { return int(step) * i % 31 })
		if diff := cmp.Diff(once, pieces); diff != "" {
			t.Fatalf("in pieces other records come (-once +pieces):\n%s", diff)
		}
		if a.damaged != b.damaged || a.longer != b.longer {
			t.Errorf("in pieces %d are damaged and %d longer; at once %d and %d", b.damaged, b.longer, a.damaged, a.longer)
		}
		for _, r := range once {
			rec := r[strings.Index(r, "|__CURSOR")+1:]
			stats, err := journal.Read(context.Background(), strings.NewReader(rec), journal.Options{}, func(*journal.Record) error { return nil })
			if err != nil || stats.Records > 1 {
				t.Fatalf("%q is %d records, error %v", rec, stats.Records, err)
			}
			for _, k := range stats.Skipped {
				if strings.Contains(k.Reason, "damaged") {
					t.Fatalf("%q: %v", rec, k)
				}
			}
		}
	})
}

func BenchmarkFrame(b *testing.B) {
	var in bytes.Buffer
	for in.Len() < readSize {
		in.WriteString("__CURSOR=s=f9cc616980964d1a9fcd45781a1f6431;i=1;b=00000000000000000000000000000001;m=f4240;t=64748fdc49440;x=4d327fe9133db79f\n" +
			"__REALTIME_TIMESTAMP=1767228681000000\n__MONOTONIC_TIMESTAMP=1000000\n_BOOT_ID=00000000000000000000000000000001\nPRIORITY=6\n" +
			"SYSLOG_IDENTIFIER=kernel\n_HOSTNAME=station\n_TRANSPORT=kernel\nMESSAGE=wlan0: authenticate with 02:00:00:00:01:00\n\n")
	}
	f := &framer{whole: func(_, _ []byte) {}}
	b.SetBytes(int64(in.Len()))
	b.ReportAllocs()
	for b.Loop() {
		f.feed(in.Bytes())
	}
}
