package journalfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"roamfault/journal"
)

// edit is a sound file to be changed at known places.
type edit struct {
	tb testing.TB
	b  []byte
	f  *file
}

func newEdit(tb testing.TB, name string) *edit {
	tb.Helper()
	for _, fx := range fixtures(tb) {
		if fx.name == name {
			j, err := newJournal(fx.journal, Options{})
			if err != nil {
				tb.Fatal(err)
			}
			return &edit{tb, fx.journal, j.files[0]}
		}
	}
	tb.Fatalf("no fixture %s", name)
	return nil
}

func (e *edit) put(at, v uint64) { binary.LittleEndian.PutUint64(e.b[at:], v) }

// objects returns the offsets of the objects of a kind.
func (e *edit) objects(kind byte) []uint64 {
	var list []uint64
	for at := e.f.head.size; at < uint64(len(e.b)); {
		h := parseObjectHead(e.b[at:])
		if h.kind == kind {
			list = append(list, at)
		}
		at = aligned(at + h.size)
	}
	return list
}

// TestHostile makes what a stranger might: each file is read to its end, both ways, and
// what is wrong is said.
func TestHostile(t *testing.T) {
	const whole = 88
	for _, tt := range []struct {
		name string
		// least is how many records there are at least.
		least int
		do    func(e *edit)
	}{
		{"entry arrays in a circle", whole, func(e *edit) {
			for _, a := range e.objects(objectArray) {
				e.put(a+16, e.f.head.entryArray)
			}
		}},
		{"entry array that is its own next", whole, func(e *edit) { e.put(e.f.head.entryArray+16, e.f.head.entryArray) }},
		{"entry arrays far off", whole, func(e *edit) { e.put(e.f.head.entryArray+16, 1<<64-8) }},
		{"hash chains in a circle", whole, func(e *edit) {
			for _, d := range e.objects(objectData) {
				e.put(d+24, d)
				e.put(d+32, d)
			}
			e.b[16] = 9
		}},
		{"data of 2^64 bytes", whole - 20, func(e *edit) { e.put(e.objects(objectData)[20]+8, 1<<64-1) }},
		{"entries of 2^63 bytes", 0, func(e *edit) {
			for _, o := range e.objects(objectEntry) {
				e.put(o+8, 1<<63)
			}
		}},
		{"all sizes zero", 0, func(e *edit) {
			for _, o := range e.objects(objectEntry) {
				e.put(o+8, 0)
			}
		}},
		{"entry counts near 2^64", whole, func(e *edit) {
			e.put(152, 1<<64-1)
			for _, d := range e.objects(objectData) {
				e.put(d+56, 1<<64-1)
			}
		}},
		{"tables far off", whole, func(e *edit) {
			e.put(104, 1<<64-16)
			e.put(112, 1<<64-16)
			e.put(120, 1<<64-16)
			e.put(128, 1<<64-16)
		}},
		{"header of 2^64 bytes", whole, func(e *edit) { e.put(88, 1<<64-8) }},
		{"all messages list the same entries", whole, func(e *edit) {
			data := e.objects(objectData)
			for _, d := range data {
				e.put(d+40, le64(e.b[data[0]+40:]))
				e.put(d+48, e.f.head.entryArray)
				e.put(d+56, whole)
			}
		}},
		{"fields that are their own entry", 0, func(e *edit) {
			for _, o := range e.objects(objectEntry) {
				for at := o + entryHeadSize; at < o+parseObjectHead(e.b[o:]).size; at += 16 {
					e.put(at, o)
				}
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEdit(t, "regular-keyed-zstd")
			tt.do(e)
			got, st, ok := checkRead(t, e.b, Options{})
			if !ok || len(got) < tt.least {
				t.Errorf("%d records, %v", len(got), st.Skipped)
			}
			some, st2, _ := checkRead(t, e.b, timedOut)
			if want := only(got, timedOut.Wanted); len(some) != len(want) {
				t.Errorf("%d records chosen, %d wanted, %v", len(some), len(want), st2.Skipped)
			}
			if len(damage(st)) == 0 && len(damage(st2)) == 0 && tt.name != "tables far off" {
				t.Error("not a word of it")
			}
			j, err := newJournal(e.b, Options{Filter: journal.Filter{Boot: bootA}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := j.Boots(); err != nil {
				t.Error(err)
			}
			if of, _ := readAll(t, j); len(of) != len(got) {
				t.Errorf("%d records of the boot, %d in all", len(of), len(got))
			}
		})
	}
}

// TestSparse reads a file that claims a terabyte.
func TestSparse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sparse.journal")
	if err := os.WriteFile(path, fixtures(t)[0].journal, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<40); err != nil {
		t.Skip("no sparse files here:", err)
	}
	b, _ := os.OpenFile(path, os.O_RDWR, 0)
	defer b.Close()
	// The list of entries is gone, so that they are searched for.
	if _, err := b.WriteAt(make([]byte, 8), 176); err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{{}, timedOut} {
		if recs, st := readFiles(t, opt, path); len(recs) < 30 || len(damage(st)) == 0 {
			t.Errorf("%d records, %+v", len(recs), st)
		}
	}
}

// TestShrinking cuts a file off while it is read.
func TestShrinking(t *testing.T) {
	for _, opt := range []Options{{}, timedOut} {
		path := filepath.Join(t.TempDir(), "shrinking.journal")
		if err := os.WriteFile(path, fixtures(t)[0].journal, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := Open([]string{path}, opt)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		st, err := j.Read(context.Background(), func(*journal.Record) error {
			if n++; n == 5 {
				return os.Truncate(path, 4096)
			}
			return nil
		})
		want := 90
		if opt.Wanted != nil {
			want = 37
		}
		if err != nil || n < 5 || n < want && len(damage(st)) == 0 {
			t.Errorf("%d records, %+v, %v", n, st, err)
		}
		_ = j.Close()
	}
}

// TestAskedOnce counts what is asked: each distinct message once for any
// identifier, the wanted ones once more for each of theirs.
func TestAskedOnce(t *testing.T) {
	for _, fx := range fixtures(t) {
		var mu sync.Mutex
		asked := map[string]int{}
		opt := Options{Wanted: func(id, m string) bool {
			mu.Lock()
			defer mu.Unlock()
			if id == "" {
				asked[m]++
			}
			return m == "wlan0: associated" && (id == "" || id == "kernel" || id == "iwd")
		}}
		j, err := newJournal(fx.journal, opt)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := readAll(t, j)
		want := only(fx.want, func(id, m string) bool { return m == "wlan0: associated" && (id == "kernel" || id == "iwd") })
		sameRecords(t, want, got)
		if len(want) == 0 && !strings.HasPrefix(fx.name, "tiny") {
			t.Error("nothing wanted")
		}
		for m, n := range asked {
			// Two payloads may be one message when cleaned.
			if n > 1 {
				t.Errorf("%s: %q was asked for %d times", fx.name, m, n)
			}
		}
		for _, r := range fx.want {
			if asked[r.Message] == 0 {
				t.Errorf("%s: %q was not asked for", fx.name, r.Message)
			}
		}
	}
}

// TestMemory reads many entries, all wanted, in bounded memory.
func TestMemory(t *testing.T) {
	path := tempFile(t)
	s := standard(30_000)
	s.plain = true
	layouts()[1].write(t, path, s.export())
	most := uint64(0)
	opt := Options{Wanted: func(string, string) bool { return true }}
	j, err := Open([]string{path}, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	n := 0
	if _, err := j.Read(context.Background(), func(*journal.Record) error {
		if n++; n%5000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n < 29_000 || most-min(before, most) > 64<<20 {
		t.Errorf("%d records, %d MiB", n, (most-before)>>20)
	}
}

// TestOffsets holds the set against a plain one.
func TestOffsets(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	const size = 3 << 20
	room := 50
	set := newOffsetSet(size, &room)
	want := map[uint64]bool{}
	refused := 0
	for range 20_000 {
		off := rng.Uint64N(size/8) * 8
		if set.add(off) {
			want[off] = true
		} else {
			refused++
		}
	}
	if room != 0 || refused == 0 || set.count != len(want) {
		t.Errorf("room %d, refused %d, %d of %d", room, refused, set.count, len(want))
	}
	var all []uint64
	for off := range want {
		all = append(all, off)
	}
	slices.Sort(all)
	for off := uint64(0); off < size; off += 8 {
		if set.has(off) != want[off] {
			t.Fatalf("%d: %v", off, set.has(off))
		}
	}
	for range 2000 {
		off := rng.Uint64N(size/8) * 8
		n, found := slices.BinarySearch(all, off)
		if found {
			n++
		}
		if got := set.upTo(off); got != n {
			t.Fatalf("up to %d: %d, want %d", off, got, n)
		}
	}
	set.release()
	if room != 50 {
		t.Errorf("room %d", room)
	}
}

// TestTooMuch chooses more than is held at once.
func TestTooMuch(t *testing.T) {
	fx := fixtures(t)[0]
	j, err := newJournal(fx.journal, timedOut)
	if err != nil {
		t.Fatal(err)
	}
	s, err := j.newSession(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.scanners = []*scanner{{ask: timedOut.Wanted}}
	if set := s.choose(context.Background(), j.files[0]); set == nil || set.count == 0 {
		t.Fatal("nothing chosen")
	} else {
		set.release()
	}
	s.blocks = 0
	if set := s.choose(context.Background(), j.files[0]); set != nil || len(s.skips.list) != 0 {
		t.Fatalf("chosen without room, %v", s.skips.list)
	}
}

// TestLinear reads a file of which all is searched through; checkRead bounds the
// time.
func TestLinear(t *testing.T) {
	sound := fixtures(t)[0].journal
	for _, fill := range []byte{0, 1, 3, 0xff} {
		b := append(bytes.Clone(sound), bytes.Repeat([]byte{fill}, 4<<20)...)
		e := binary.LittleEndian
		e.PutUint64(b[176:], 0)
		e.PutUint64(b[136:], uint64(len(b)-8))
		recs, st, ok := checkRead(t, b, Options{})
		if !ok || len(recs) < 80 || len(damage(st)) == 0 {
			t.Errorf("%d records, %v", len(recs), st.Skipped)
		}
	}
}

// TestClean makes text fit to be shown.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain\ttext":                   "plain\ttext",
		"a\x00b\x7fc":                   "abc",
		"\x1b[31mred\x1b[0m":            "red",
		"\x1b]0;title\x07text":          "text",
		"\x1b]0;title\x1b\\text":        "text",
		"no end \x1b]0;title":           "no end 0;title",
		"\x1b":                          "",
		"\x1b(Bx\x1bcy":                 "xy",
		"caf\u00e9 \xff \u009b31m":      "caf\u00e9 \ufffd 31m",
		"two\nlines":                    "two\nlines",
		strings.Repeat("\x1b]", 40_000): strings.Repeat("", 1),
	} {
		if got := journal.Sanitize(in, true); got != want {
			t.Errorf("%.40q: %.40q, want %.40q", in, got, want)
		}
	}
	if got := journal.Sanitize("two\nlines", false); got != "twolines" {
		t.Error(got)
	}
	if got := fmt.Sprintf("%q", trimEnd("x \t\n \n")); got != `"x"` {
		t.Error(got)
	}
}
