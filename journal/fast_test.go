package journal

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wordFinder finds one word, byte by byte.
type wordFinder string

func (w wordFinder) Index(data []byte) int { return bytes.Index(data, []byte(w)) }

// bigLog writes a log of some chunks, with damage at the places asked for.
func bigLog(t testing.TB, damage string) string {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 5))
	var b bytes.Buffer
	for n := 1; b.Len() < 3*fastChunk+12345; n++ {
		fmt.Fprintf(&b, "Jan 11 18:%02d:%02d desktop systemd[%d]: Started session-%d.scope - Session of User alice.\n", n/60%60, n%60, r.IntN(9999), n)
		if n%997 == 0 {
			fmt.Fprintf(&b, "Jan 11 18:%02d:%02d desktop kernel: [%5d.123456] wlan0: NEEDLE number %d of them\n", n/60%60, n%60, n, n)
		}
		if n%5003 == 0 {
			b.WriteString(damage)
		}
	}
	path := filepath.Join(t.TempDir(), "big.log")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// needles reads the records that speak of the needle, by the fast way or by
// the one that sees every line.
func needles(t testing.TB, path string, fast bool, workers int) ([]Record, Stats) {
	t.Helper()
	opt := Options{File: "big.log", Workers: workers}
	if fast {
		opt.RepairLimit = 1
		opt.Finder = func([]byte) Finder { return wordFinder("NEEDLE") }
	}
	var out []Record
	stats, err := ReadFile(context.Background(), path, opt, func(r *Record) error {
		if strings.Contains(r.Message, "NEEDLE") {
			c := *r
			c.Raw = strings.Clone(c.Raw)
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, stats
}

// Both ways give the same records, with the same places, whatever is damaged.
func TestFastWayIsTheSame(t *testing.T) {
	for name, damage := range map[string]string{
		"whole":                   "",
		"wrapped":                 "Jan 11 18:00:00 desktop kernel: wlan0: this record is so long that mail wraps it at some\nNEEDLE behind the wrap\n",
		"quoted":                  strings.Repeat("> Jan 11 18:00:00 desktop kernel: wlan0: NEEDLE in a quotation\n", 40),
		"bare":                    "wlan0: NEEDLE without any prefix\n",
		"run on":                  "Jan 11 18:00:00 desktop kernel: [    1.0] wlan0: first[    2.0] wlan0: NEEDLE runs on\n",
		"no newline inside":       "Jan 11 18:00:00 desktop kernel: " + strings.Repeat("x", 100000) + " NEEDLE\n",
		"a line over many chunks": "Jan 11 18:00:00 desktop kernel: " + strings.Repeat("y", 12*fastChunk) + "\n" + "Jan 11 18:00:00 desktop kernel: wlan0: NEEDLE behind it\n",
		"NUL":                     "Jan 11 18:00:00 desktop kernel: wlan0: before\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00Jan 11 18:00:00 desktop kernel: wlan0: NEEDLE behind a gap\n",
		"blank lines":             "\n\n\nJan 11 18:00:00 desktop kernel: wlan0: NEEDLE among blanks\n\n\n",
		"CRLF":                    "Jan 11 18:00:00 desktop kernel: wlan0: NEEDLE with CR\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := bigLog(t, damage)
			want, slow := needles(t, path, false, 0)
			if len(want) < 5 {
				t.Fatalf("only %d needles in the log", len(want))
			}
			for _, workers := range []int{1, 3} {
				got, fast := needles(t, path, true, workers)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%d workers: records (-every line +fast):\n%s", workers, diff[:min(len(diff), 2000)])
				}
				if slow.Lines != fast.Lines || slow.Bytes != fast.Bytes {
					t.Errorf("%d workers: %d lines, %d bytes; want %d, %d", workers, fast.Lines, fast.Bytes, slow.Lines, slow.Bytes)
				}
				if fast.Records > slow.Records {
					t.Errorf("%d workers: %d records, more than the %d of the whole log", workers, fast.Records, slow.Records)
				}
			}
		})
	}
}

func TestFastWayEnds(t *testing.T) {
	path := bigLog(t, "")
	opt := Options{RepairLimit: 1, Finder: func([]byte) Finder { return wordFinder("NEEDLE") }}
	n := 0
	if _, err := ReadFile(context.Background(), path, opt, func(*Record) error { n++; return ErrStop }); err != nil || n != 1 {
		t.Errorf("stopped after %d records with %v, want 1 and no error", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := ReadFile(ctx, path, opt, func(*Record) error { cancel(); return nil })
	if err == nil {
		t.Error("no error although the context ended")
	}
	boom := fmt.Errorf("boom")
	if _, err := ReadFile(context.Background(), path, opt, func(*Record) error { return boom }); err != boom {
		t.Errorf("error %v, want the consumer's", err)
	}
}

func BenchmarkFastWay(b *testing.B) {
	path := bigLog(b, "")
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(st.Size())
	b.ReportAllocs()
	for b.Loop() {
		needles(b, path, true, 0)
	}
}
