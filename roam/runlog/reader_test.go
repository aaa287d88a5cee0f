package runlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// lines are those of the run of everyEntry, with their newlines.
func everyLine(t testing.TB) []string {
	t.Helper()
	lines := strings.SplitAfter(string(encoded(t, everyEntry()...)), "\n")
	return lines[:len(lines)-1]
}

// Whatever happened to a file, what is whole counts, once, and the rest is told.
func TestDamage(t *testing.T) {
	flip := func(s string, at int) string { return s[:at] + string(s[at]^4) + s[at+1:] }
	tests := []struct {
		name   string
		spoil  func(l []string) []string
		counts int // of 15
		want   []string
	}{
		{"none", func(l []string) []string { return l }, 15, nil},
		{"torn", func(l []string) []string { l[14] = l[14][:40]; return l }, 14, []string{"the last line is torn: 40 bytes do not count"}},
		{"no newline at the end", func(l []string) []string { l[14] = strings.TrimSuffix(l[14], "\n"); return l }, 14, []string{"the last line is torn: %d bytes do not count"}},
		{"flipped bit", func(l []string) []string { l[3] = flip(l[3], 300); return l }, 14, []string{"line 4 does not count: its checksum is wrong"}},
		{"flipped in the checksum", func(l []string) []string { l[3] = flip(l[3], len(l[3])-5); return l }, 14, []string{"line 4 does not count: its checksum is wrong"}},
		{"flipped in the frame", func(l []string) []string { l[3] = flip(l[3], 3); return l }, 14, []string{"line 4 does not count: it is no line of a run file"}},
		{"flipped newline", func(l []string) []string { l[3] = flip(l[3], len(l[3])-1); return l }, 13, []string{"line 4 does not count: its checksum is wrong", "1 lines are missing"}},
		{"zeros", func(l []string) []string { l[5] = strings.Repeat("\x00", 4096) + "\n"; return l }, 14, []string{"line 6 does not count: it is no line of a run file"}},
		{"head lost", func(l []string) []string { l[0] = flip(l[0], 50); return l }, 14, []string{"the first line, which says what run it is, is lost", "line 1 does not count: its checksum is wrong"}},
		{"head cut off", func(l []string) []string { return l[1:] }, 14, []string{"the first line, which says what run it is, is lost", "1 lines are missing"}},
		{"lines cut out", func(l []string) []string { return append(l[:4], l[9:]...) }, 10, []string{"5 lines are missing"}},
		{"swapped", func(l []string) []string { l[3], l[6] = l[6], l[3]; return l }, 15, []string{"3 lines are not in their place"}},
		{"line twice", func(l []string) []string { return append(l[:5], l[4:]...) }, 15, []string{"1 lines are there a second time and count once"}},
		{"all twice", func(l []string) []string { return append(l, l...) }, 15, []string{"15 lines are there a second time and count once"}},
		{"blank line", func(l []string) []string { l[2] += "\n"; return l }, 15, []string{"line 4 does not count: it is no line of a run file"}},
		{"too long", func(l []string) []string { l[2] += strings.Repeat("x", MaxLine) + "\n"; return l }, 15, []string{"line 4 does not count: it is longer than 16777216 bytes"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := strings.Join(tt.spoil(everyLine(t)), "")
			got, stats, err := readAll(t, []byte(data))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != tt.counts || stats.Entries != tt.counts {
				t.Errorf("%d entries, %d by the numbers, want %d", len(got), stats.Entries, tt.counts)
			}
			for i, w := range tt.want {
				if strings.Contains(w, "%d") {
					tt.want[i] = fmt.Sprintf(w, stats.Torn)
				}
			}
			if diff := cmp.Diff(tt.want, stats.Problems()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if stats.Bytes != int64(len(data)) || stats.Whole+stats.Torn != stats.Bytes {
				t.Errorf("of %d bytes: %+v", len(data), stats)
			}
			_, loaded, err := Load(context.Background(), strings.NewReader(data))
			if diff := cmp.Diff(stats, loaded); diff != "" || err != nil {
				t.Errorf("Load tells otherwise (-Read +Load), %v:\n%s", err, diff)
			}
		})
	}
}

// What is no run of this version is refused with a clear word.
func TestForeign(t *testing.T) {
	head := everyLine(t)[0]
	reframe := func(old, new string) string {
		body, _, _ := strings.Cut(strings.Replace(head, old, new, 1), crcKey)
		return resum(body)
	}
	other := testRunEntry()
	other.ID = "another"
	tests := []struct {
		name, text string
		want       error
	}{
		{"empty", "", ErrEmpty},
		{"torn head", head[:50], ErrForeign},
		{"text", "hello\n", ErrForeign},
		{"binary", strings.Repeat("\x7fELF\n\x00", 1000), ErrForeign},
		{"one endless line", strings.Repeat("x", MaxLine+10), ErrForeign},
		{"another kind of ours", `{"type":"event","class":"mcu-timeout"}` + "\n", ErrForeign},
		{"another schema", reframe("roamfault/run/v1", "roamfault/analysis/v1"), ErrForeign},
		{"no number", reframe("roamfault/run/v1", "roamfault/run/vx"), ErrForeign},
		{"a version before the first", reframe("roamfault/run/v1", "roamfault/run/v0"), ErrForeign},
		{"the next version", reframe("roamfault/run/v1", "roamfault/run/v2"), ErrFuture},
		{"one with another checksum", `{"type":"run","seq":1,"schema":"roamfault/run/v9","sha":"12"}` + "\n", ErrFuture},
		{"two runs in one", head + string(encoded(t, other)), ErrJoined},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := readAll(t, []byte(tt.text)); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

// resum gives the front of a line its checksum.
func resum(body string) string {
	line := []byte(body)
	return fmt.Sprintf("%s,\"crc\":\"%08x\"}\n", line, crc32.Checksum(line, castagnoli()))
}

// Numbers out of bounds are damage, also with a good checksum.
func TestHostileNumbers(t *testing.T) {
	lines := everyLine(t)
	change := func(n int, old, new string) string {
		body, _, _ := strings.Cut(lines[n], crcKey)
		if !strings.Contains(body, old) {
			t.Fatalf("%s has no %s", body, old)
		}
		return resum(strings.Replace(body, old, new, 1))
	}
	for name, line := range map[string]string{
		"negative cycle":   change(3, `"number":1,`, `"number":-1,`),
		"huge cycle":       change(3, `"number":1,`, `"number":9999999999,`),
		"overflow":         change(3, `"number":1,`, `"number":99999999999999999999,`),
		"fraction":         change(3, `"number":1,`, `"number":1e3,`),
		"negative time":    change(3, `"took_ns":`, `"took_ns":-`),
		"link of 9 bits":   change(3, `"active":[0,1]`, `"active":[0,256]`),
		"sequence":         change(3, `"seq":4`, `"seq":99999999999999999999`),
		"stage of nothing": change(3, `"stages":[[`, `"stages":[[],[`),
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Join(lines[:3], "") + line + strings.Join(lines[4:], "")
			got, stats, err := readAll(t, []byte(data))
			if err != nil || stats.Damaged != 1 || len(got) != len(lines)-1 {
				t.Errorf("%d of %d, %q, %v", len(got), len(lines), stats.Problems(), err)
			}
			run, _, err := Load(context.Background(), strings.NewReader(data))
			if err != nil || run.Cycles.Len() != 2 {
				t.Errorf("loaded: %d cycles, %v", run.Cycles.Len(), err)
			}
		})
	}
}

// A type that only a later release knows is passed over and told.
func TestUnknownType(t *testing.T) {
	lines := everyLine(t)
	data := lines[0] + resum(`{"type":"weather","seq":2,"text":"rain"`) + lines[2]
	got, stats, err := readAll(t, []byte(data))
	want := []string{"1 lines are of a type that only a later version knows"}
	if diff := cmp.Diff(want, stats.Problems()); diff != "" || err != nil || len(got) != 2 || !stats.Clean() {
		t.Errorf("%d entries, %v (-want +got):\n%s", len(got), err, diff)
	}
}

func TestReadStops(t *testing.T) {
	data := encoded(t, everyEntry()...)
	stop := errors.New("enough")
	n := 0
	if _, err := Read(context.Background(), bytes.NewReader(data), func(Entry) error { n++; return stop }); !errors.Is(err, stop) || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, bytes.NewReader(data), func(Entry) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	if _, err := Read(context.Background(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(data))), func(Entry) error { return nil }); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("unreadable: %v", err)
	}
}

// A file of version 0, which only this test knows, is read as one of version 1:
// it called what a note says "words", and had a type of its own for the end.
func TestMigration(t *testing.T) {
	lines := everyLine(t)
	body := func(line, old, new string) string {
		b, _, _ := strings.Cut(line, crcKey)
		if !strings.Contains(b, old) {
			t.Fatalf("%s has no %s", b, old)
		}
		return resum(strings.Replace(b, old, new, 1))
	}
	lines[0] = body(lines[0], Schema, "roamfault/run/v0")
	lines[11] = body(lines[11], `"text":`, `"words":`)
	lines[14] = body(lines[14], `"type":"end"`, `"type":"finish"`)
	table := []migration{{from: 0, line: func(kind EntryType, line []byte) (EntryType, []byte, error) {
		switch kind {
		case TypeRun:
			return kind, bytes.Replace(line, []byte("roamfault/run/v0"), []byte(Schema), 1), nil
		case TypeNote:
			return kind, bytes.Replace(line, []byte(`"words":`), []byte(`"text":`), 1), nil
		case "finish":
			return TypeEnd, line, nil
		case TypePause:
			return kind, nil, errors.New("cannot be had")
		}
		return kind, line, nil
	}}}
	var got []Entry
	stats, err := newReader(table).read(context.Background(), strings.NewReader(strings.Join(lines, "")), func(kind EntryType, line []byte) error {
		e, err := decode(kind, line)
		got = append(got, e)
		return err
	})
	want := append(everyEntry()[:12], everyEntry()[13:]...)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if p := stats.Problems(); stats.Version != 0 || len(p) != 1 || p[0] != "line 13 does not count: bring it up from version 0: cannot be had" {
		t.Errorf("version %d, %q", stats.Version, p)
	}
	run, _, err := func() (*Run, Stats, error) {
		l := newLoader(table)
		stats, err := l.load(context.Background(), strings.NewReader(strings.Join(lines, "")))
		return l.run, stats, err
	}()
	if err != nil || run.Cycles.Len() != 3 || run.Open() || run.Head.Schema != Schema {
		t.Errorf("loaded: %d cycles, open %t, %q, %v", run.Cycles.Len(), run.Open(), run.Head.Schema, err)
	}
}

// Nothing makes the reader fail, and reading and loading agree. Loading has
// goroutines, whose coverage is never twice the same: fuzz with -fuzzminimizetime
// 1x.
func FuzzRead(f *testing.F) {
	every := encoded(f, everyEntry()...)
	f.Add(every)
	f.Add(every[:len(every)/2])
	f.Add(bytes.Replace(every, []byte("wlan0"), []byte("wlan1"), 1))
	f.Add([]byte("{\"type\":\"run\",\"seq\":1,\"schema\":\"roamfault/run/v1\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		stats, err := Read(context.Background(), bytes.NewReader(data), func(Entry) error { n++; return nil })
		if n != stats.Entries || stats.Bytes > int64(len(data)) || stats.Whole > stats.Bytes {
			t.Errorf("%d entries: %+v", n, stats)
		}
		run, _, loadErr := Load(context.Background(), bytes.NewReader(data))
		if (err == nil) != (loadErr == nil) {
			t.Errorf("read: %v, loaded: %v", err, loadErr)
		}
		for i, b := range run.Cycles.All() {
			if b.Took < 0 || b.Outage < 0 || b.From >= len(run.APs) || b.To >= len(run.APs) || b.Boot == "" && i > len(data) {
				t.Errorf("%+v", b)
			}
		}
	})
}
