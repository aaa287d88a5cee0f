package journalfile

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"

	"roamfault/journal"
)

// harm is a way to damage a file.
type harm struct {
	name string
	do   func(rng *rand.Rand, b []byte) []byte
}

func harms() []harm {
	return []harm{
		{"bit", func(rng *rand.Rand, b []byte) []byte {
			b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			return b
		}},
		{"byte", func(rng *rand.Rand, b []byte) []byte {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
			return b
		}},
		{"header", func(rng *rand.Rand, b []byte) []byte {
			b[8+rng.IntN(264)] ^= 1 << rng.IntN(8)
			return b
		}},
		{"bits", func(rng *rand.Rand, b []byte) []byte {
			for range 1 + rng.IntN(50) {
				b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
			}
			return b
		}},
		{"number", func(rng *rand.Rand, b []byte) []byte {
			at := rng.IntN(len(b)/8) * 8
			odd := []uint64{0, 1, 7, 8, 1<<64 - 1, 1<<64 - 8, 1 << 63, 1<<32 - 8, uint64(len(b)), uint64(at), uint64(rng.IntN(len(b)) &^ 7)}
			for i, v := 0, odd[rng.IntN(len(odd))]; i < 8; i++ {
				b[at+i] = byte(v >> (8 * i))
			}
			return b
		}},
		{"hole", func(rng *rand.Rand, b []byte) []byte {
			at := rng.IntN(len(b))
			clear(b[at:min(len(b), at+rng.IntN(5000))])
			return b
		}},
		{"cut", func(rng *rand.Rand, b []byte) []byte { return b[:rng.IntN(len(b))] }},
		{"moved", func(rng *rand.Rand, b []byte) []byte {
			at, from, n := rng.IntN(len(b)), rng.IntN(len(b)), rng.IntN(2000)
			copy(b[at:min(len(b), at+n)], b[from:])
			return b
		}},
	}
}

// checkRead reads a file of any bytes and checks what must hold. It returns nil
// where the file is refused.
func checkRead(t *testing.T, b []byte, opt Options) ([]journal.Record, journal.Stats, bool) {
	t.Helper()
	j, err := newJournal(b, opt)
	if err != nil {
		if !errors.Is(err, ErrNotJournal) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("error %v", err)
		}
		return nil, journal.Stats{}, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var recs []journal.Record
	last := journal.Origin{}
	st, err := j.Read(ctx, func(r *journal.Record) error {
		o := r.Origin
		if o.Line <= last.Line || o.Offset <= last.Offset || o.Lines != 1 {
			t.Fatalf("origin %+v behind %+v", o, last)
		}
		last = o
		for _, s := range []string{r.Message, r.Host, r.Identifier, r.Device, r.Cursor, r.Boot} {
			if !utf8.ValidString(s) || len(s) > 3*maxValue {
				t.Fatalf("text %.100q", s)
			}
			for _, c := range s {
				if (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) {
					t.Fatalf("control character %U in %.100q", c, s)
				}
			}
		}
		if len(r.Raw) > maxValue || r.Count != 1 || r.Priority < journal.PriorityUnknown || r.Priority > 7 || r.PID < 0 || r.Time.Mono < 0 {
			t.Fatalf("odd record %.1000v", r)
		}
		if y := r.Time.Wall.Year(); r.Time.Known != 0 && (y < 1970 || y > 9999) {
			t.Fatalf("year %d", y)
		}
		recs = append(recs, *r)
		return nil
	})
	if err != nil {
		t.Fatalf("error %v, %d records", err, len(recs))
	}
	if len(recs) > len(b)/entryHeadSize {
		t.Fatalf("%d records in %d bytes", len(recs), len(b))
	}
	return recs, st, true
}

// missing tells whether a message of want is not among got, or less often.
func missing(want, got []journal.Record) bool {
	have := map[string]int{}
	for _, r := range got {
		have[r.Message]++
	}
	for _, r := range want {
		if have[r.Message]--; have[r.Message] < 0 {
			return true
		}
	}
	return false
}

// said tells whether the stats tell of damage: by a reason of its own, or by more
// entries without a message than the sound file has.
func said(st, sound journal.Stats) bool {
	bare := func(st journal.Stats) (n int) {
		for _, k := range st.Skipped {
			if k.Reason == skipNoMessage {
				n += k.Count
			}
		}
		return n
	}
	return len(damage(st)) > 0 || bare(st) > bare(sound)
}

// TestDamage damages files in all ways and many places: all comes to an end, and no
// message goes missing unsaid. In the compact layout nothing tells which field an
// entry meant when it names another one, so that there messages may be swapped.
func TestDamage(t *testing.T) {
	rounds := 150
	if testing.Short() || raceDetector {
		rounds = 20
	}
	for _, fx := range fixtures(t) {
		t.Run(fx.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(5, uint64(len(fx.journal))))
			wantedOf := only(fx.want, timedOut.Wanted)
			_, sound, _ := checkRead(t, fx.journal, Options{})
			compact := le32(fx.journal[12:])&flagCompact != 0
			for _, h := range harms() {
				all, kept := 0, 0
				for i := range rounds {
					b := h.do(rng, bytes.Clone(fx.journal))
					got, st, ok := checkRead(t, b, Options{})
					if ok && !said(st, sound) && missing(fx.want, got) && !(compact && len(got) == len(fx.want)) {
						t.Errorf("%s %d: %d records of %d and no word of it: %v", h.name, i, len(got), len(fx.want), st.Skipped)
					}
					all += len(fx.want)
					kept += len(got)
					got, st, ok = checkRead(t, b, timedOut)
					if ok && !said(st, sound) && missing(wantedOf, got) && !(compact && len(got) == len(wantedOf)) {
						t.Errorf("%s %d: %d records of %d chosen and no word of it: %v", h.name, i, len(got), len(wantedOf), st.Skipped)
					}
				}
				t.Logf("%s: %d of %d records", h.name, kept, all)
				if h.name == "bit" && kept < all*95/100 {
					t.Errorf("one bit costs too much: %d of %d records", kept, all)
				}
			}
		})
	}
}
