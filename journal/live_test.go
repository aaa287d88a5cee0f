package journal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// live reads a pipe that stays open, record by record.
type live struct {
	w       *io.PipeWriter
	records chan string
	ended   chan struct{}
	stats   Stats
	err     error
}

func readLive(ctx context.Context, t *testing.T) *live {
	t.Helper()
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { r.CloseWithError(ctx.Err()) })
	l := &live{w: w, records: make(chan string, 100), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		l.stats, l.err = Read(ctx, r, Options{}, func(r *Record) error {
			l.records <- r.Message
			return nil
		})
	}()
	t.Cleanup(func() { w.Close(); <-l.ended })
	return l
}

func (l *live) write(t *testing.T, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if _, err := io.WriteString(l.w, p); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *live) next(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-l.records:
		if got != want {
			t.Fatalf("record %.80q, want %.80q", got, want)
		}
	case <-l.ended:
		t.Fatalf("the reading ended: %v", l.err)
	case <-time.After(10 * time.Second):
		t.Fatalf("%.80q waits although it came to its end", want)
	}
}

// A structured record is handed out when its end is there, whatever comes
// behind it and when.
func TestLive(t *testing.T) {
	long := strings.Repeat("long ", 2000)
	object := func(message string) string {
		return `{"__CURSOR":"s=aa","__REALTIME_TIMESTAMP":"1767228681123456","MESSAGE":"` + message + `"}`
	}
	pretty := strings.NewReplacer(`{"`, "{\n\t\"", `,"`, ",\n\t\"", `"}`, "\"\n}")
	for _, tt := range []struct {
		name   string
		record func(message string) string
	}{
		{"export", func(m string) string { return exportHead + "MESSAGE=" + m + "\n\n" }},
		{"export, hardly anything", func(m string) string { return "__CURSOR=\nMESSAGE=" + m + "\n\n" }},
		{"export, binary", func(m string) string { return exportHead + binaryField("MESSAGE", uint64(len(m)), m) + "\n" }},
		{"export, message first", func(m string) string { return "__CURSOR=s=aa\nMESSAGE=" + m + "\n_PID=7\n\n" }},
		{"json", func(m string) string { return object(m) + "\n" }},
		{"json-seq", func(m string) string { return "\x1e" + object(m) + "\n" }},
		{"json-sse", func(m string) string { return "data: " + object(m) + "\n\n" }},
		{"json-pretty", func(m string) string { return pretty.Replace(object(m)) + "\n" }},
		{"json, hardly anything", func(m string) string { return `{"MESSAGE":"` + m + "\"}\n" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := readLive(t.Context(), t)
			for _, m := range []string{"one", strings.TrimSpace(long), "two"} {
				l.write(t, tt.record(m))
				l.next(t, m)
			}
			// However it is cut into pieces.
			l.write(t, strings.Split(tt.record("a record in pieces"), "")...)
			l.next(t, "a record in pieces")
		})
	}
	t.Run("export, a value of megabytes", func(t *testing.T) {
		l := readLive(t.Context(), t)
		dump := strings.Repeat("x", maxRecord+chunkSize/2)
		l.write(t, exportHead+binaryField("COREDUMP", uint64(len(dump)), dump)+"MESSAGE=dumped\n\n")
		l.next(t, "dumped")
	})
}

// Taken apart in every way, an input gives the same records.
func TestPieces(t *testing.T) {
	in := exportHead + "MESSAGE=one\n\n" + exportHead + binaryField("MESSAGE", 3, "two") + "\n" +
		`{"__CURSOR":"s=aa","MESSAGE":"three [\"{"}` + "\n" + `{"MESSAGE":"fo\u00fcr"} ` + "\n" + "{\"MESSAGE\":[119,108]}\n_plain\n{plain\ndata: plain\n"
	want, wantStats := readAll(t, in)
	var got []string
	stats, err := Read(t.Context(), iotest.OneByteReader(strings.NewReader(in)), Options{File: "-"}, func(r *Record) error {
		got = append(got, r.Message)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantStats, stats); diff != "" {
		t.Errorf("stats (-whole +byte by byte):\n%s", diff)
	}
	for i := range got {
		if _, message, _ := strings.Cut(want[min(i, len(want)-1)], "| "); message != got[i] {
			t.Errorf("record %d is %q, want %q", i, got[i], message)
		}
	}
	if diff := cmp.Diff(len(want), len(got)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

// callOff gives a text, and calls the reading off when more is asked for.
type callOff struct {
	text   io.Reader
	ctx    context.Context
	cancel context.CancelFunc
}

func (c *callOff) Read(p []byte) (int, error) {
	n, err := c.text.Read(p)
	if err == io.EOF {
		c.cancel()
		return n, c.ctx.Err()
	}
	return n, err
}

func readCalledOff(t *testing.T, text string) (messages []string, stats Stats) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stats, err := Read(ctx, &callOff{strings.NewReader(text), ctx, cancel}, Options{}, func(r *Record) error {
		messages = append(messages, r.Message)
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	return messages, stats
}

// What was half read when the reading is called off is no record, and is told.
func TestCalledOff(t *testing.T) {
	const whole = exportHead + "MESSAGE=whole\n\n"
	size := binary.LittleEndian.AppendUint64(nil, 100)
	large := binary.LittleEndian.AppendUint64(nil, 5<<20)
	for _, tt := range []struct{ name, whole, half string }{
		{"behind a field", whole, exportHead + "MESSAGE=half\n"},
		{"within a field", whole, exportHead + "MESSAGE=ha"},
		{"within a name", whole, exportHead + "MESSAGE=half\nSYSLOG_ID"},
		{"within a value's size", whole, exportHead + "MESSAGE\n" + string(size[:5])},
		{"within a value", whole, exportHead + "SYSLOG_IDENTIFIER=kernel\nMESSAGE\n" + string(size) + "half"},
		{"within a large value", whole, exportHead + "MESSAGE=half\nCOREDUMP\n" + string(large) + "half"},
		{"within the first name", whole, "__CURS"},
		{"within an object", `{"MESSAGE":"whole"}` + "\n", `{"__CURSOR":"s=aa","MESSAGE":"half`},
		{"within a line", "[    1.000001] whole\n", "[    1.000002] wlan0: authen"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, stats := readCalledOff(t, tt.whole+tt.half)
			if diff := cmp.Diff([]string{"whole"}, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			want := Skip{Reason: SkipCalledOff, Count: 1, Bytes: int64(len(tt.half)), Line: strings.Count(tt.whole, "\n") + 1}
			if diff := cmp.Diff([]Skip{want}, stats.Skipped); diff != "" {
				t.Errorf("skips (-want +got):\n%s", diff)
			}
			if got := stats.Bytes; got != int64(len(tt.whole)+len(tt.half)) {
				t.Errorf("%d bytes, want all %d", got, len(tt.whole)+len(tt.half))
			}
		})
	}
	t.Run("ended by the next record", func(t *testing.T) {
		got, _ := readCalledOff(t, exportHead+"MESSAGE=whole\n__CURSOR=s=b")
		if diff := cmp.Diff([]string{"whole"}, got); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
	t.Run("end of the input", func(t *testing.T) {
		got, st := readAll(t, exportHead+"MESSAGE=all there will be")
		if len(got) != 1 || len(st.Skipped) != 0 {
			t.Errorf("records %q, skipped %v", got, st.Skipped)
		}
	})
}

// Pieces that each could end an object cost no more than their bytes.
func TestJSONInPiecesIsLinear(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"MESSAGE":"x","N":[`)
	for b.Len() < 200_000 {
		b.WriteString(`{"a":[1]},`)
	}
	b.WriteString(`1]}` + "\n")
	rd := newReader(Options{}, func(*Record) error { return nil })
	rd.src = newSource(t.Context(), iotest.OneByteReader(&b), &rd.skips)
	parses := 0
	var brackets jsonBrackets
	for have := rd.src.peek(1); ; parses++ {
		more := rd.moreJSON(have, 0, &brackets)
		if len(more) == len(have) {
			break
		}
		have = more
	}
	if parses > 12 {
		t.Errorf("an object in pieces is parsed %d times", parses)
	}
}
