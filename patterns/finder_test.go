package patterns

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var finderLiterals = []string{") timeout", "driver own failed", "CTRL-EVENT-DISCONNECTED", "IO_PAGE_FAULT", "authenticated", " denied authentication", "chip reset failed"}

func TestFinderAtEveryAlignment(t *testing.T) {
	f := NewFinder(finderLiterals, nil)
	for _, lit := range finderLiterals {
		for pad := range 40 {
			text := strings.Repeat("x", pad) + lit + strings.Repeat("y", 40-pad)
			if got := f.Index([]byte(text)); got != pad {
				t.Fatalf("Index of %q behind %d bytes = %d", lit, pad, got)
			}
			if hits := f.All(nil, text); !slices.ContainsFunc(hits, func(i int) bool { return finderLiterals[i] == lit }) {
				t.Fatalf("All does not see %q behind %d bytes", lit, pad)
			}
		}
	}
	for _, text := range []string{"", "x", ") timeou", "driver own faile", strings.Repeat("authenticate ", 20)} {
		if got := f.Index([]byte(text)); got != -1 {
			t.Errorf("Index of %q = %d, want none", text, got)
		}
	}
}

func TestLiteralsCanBeFound(t *testing.T) {
	for _, l := range Builtin().Literals() {
		if len(l) < MinLiteral {
			t.Errorf("literal %q is shorter than %d bytes: nothing would find it", l, MinLiteral)
		}
	}
}

func FuzzFinder(f *testing.F) {
	f.Add("Message 00020002 (seq 12) timeout\n", uint8(3))
	f.Add("authenticatedauthenticated", uint8(1))
	finders := []*Finder{NewFinder(finderLiterals, nil), NewFinder(finderLiterals, []byte("authenticated authenticated chip reset"))}
	f.Fuzz(func(t *testing.T, text string, pad uint8) {
		text = strings.Repeat(" ", int(pad)) + text
		want := -1
		for _, lit := range finderLiterals {
			if at := strings.Index(text, lit); at >= 0 && (want < 0 || at < want) {
				want = at
			}
		}
		for _, finder := range finders {
			got := finder.Index([]byte(text))
			switch {
			case (got < 0) != (want < 0):
				t.Fatalf("Index = %d, a plain search finds %d", got, want)
			case got >= 0 && !slices.ContainsFunc(finderLiterals, func(l string) bool { return strings.HasPrefix(text[got:], l) }):
				t.Fatalf("Index = %d, where no literal begins", got)
			}
		}
	})
}

// benchText is log text of a megabyte with a find in every hundredth line.
func benchText() []byte {
	r := rand.New(rand.NewPCG(1, 1))
	var b bytes.Buffer
	for n := 0; b.Len() < 1<<20; n++ {
		fmt.Fprintf(&b, "Jan 11 18:%02d:%02d desktop systemd[%d]: Started session-%d.scope - Session %d of User alice.\n", n/60%60, n%60, r.IntN(9999), n, n)
		if n%100 == 0 {
			fmt.Fprintf(&b, "Jan 11 18:%02d:%02d desktop kernel: wlan0: authenticated\n", n/60%60, n%60)
		}
	}
	return b.Bytes()
}

func BenchmarkFinder(b *testing.B) {
	text := benchText()
	c := Builtin()
	for _, bb := range []struct {
		name string
		f    *Finder
	}{{"untuned", c.Finder(nil)}, {"tuned", c.Finder(text[:64<<10])}} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				for at := 0; at < len(text); {
					hit := bb.f.Index(text[at:])
					if hit < 0 {
						break
					}
					at += hit + 1
				}
			}
		})
	}
}

func BenchmarkNewFinder(b *testing.B) {
	literals := Builtin().Literals()
	b.ReportAllocs()
	for b.Loop() {
		NewFinder(literals, nil)
	}
}
