package journalfile

import (
	"context"
	"os"
	"strings"
	"testing"

	"roamfault/journal"
)

// benchFile is a file of about 20,000 entries.
func benchFile(b *testing.B) string {
	path := tempFile(b)
	s := standard(20_000)
	s.plain = true
	layouts()[2].write(b, path, s.export())
	return path
}

func benchRead(b *testing.B, opt Options) {
	path := benchFile(b)
	st, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	j, err := Open([]string{path}, opt)
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.SetBytes(st.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Read(context.Background(), func(*journal.Record) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAll(b *testing.B) { benchRead(b, Options{}) }

func BenchmarkWantedFew(b *testing.B) {
	benchRead(b, Options{Wanted: func(_, m string) bool { return strings.Contains(m, "message 777 ") }})
}

func BenchmarkWantedMany(b *testing.B) { benchRead(b, timedOut) }

func BenchmarkBoots(b *testing.B) {
	j, err := Open([]string{benchFile(b)}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.ReportAllocs()
	for b.Loop() {
		if boots, err := j.Boots(); err != nil || len(boots) != 2 {
			b.Fatal(boots, err)
		}
	}
}

// BenchmarkDirectory reads the journal files below $ROAMFAULT_JOURNAL, a large
// directory of one's own, for a message that seldom comes.
func BenchmarkDirectory(b *testing.B) {
	dir := os.Getenv("ROAMFAULT_JOURNAL")
	if dir == "" {
		b.Skip("ROAMFAULT_JOURNAL names no directory")
	}
	for _, bm := range []struct {
		name   string
		wanted func(_, m string) bool
	}{
		{"all", nil},
		{"few", func(_, m string) bool { return strings.Contains(m, "mt7925") && strings.Contains(m, "timeout") }},
	} {
		b.Run(bm.name, func(b *testing.B) {
			j, err := Open([]string{dir}, Options{Wanted: bm.wanted})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			b.ReportAllocs()
			for b.Loop() {
				st, err := j.Read(context.Background(), func(*journal.Record) error { return nil })
				if err != nil || st.Records == 0 {
					b.Fatal(st, err)
				}
				b.SetBytes(st.Bytes)
			}
		})
	}
}
