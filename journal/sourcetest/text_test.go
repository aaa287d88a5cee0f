package sourcetest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"roamfault/journal"
	"roamfault/journal/sourcetest"
)

// structured is what an entry of the journal carries, whatever it is written as.
func structured() sourcetest.Abilities {
	return sourcetest.Abilities{
		Boot: sourcetest.Many, Realtime: true, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, NoPriority: true, Unicode: true, Lines: true, Long: true,
	}
}

func TestTextConforms(t *testing.T) {
	for _, c := range []struct {
		name  string
		can   sourcetest.Abilities
		write func(w io.Writer, records []journal.Record) error
		// damage is what spoils an input of this kind.
		damage func(b []byte) []byte
	}{
		{"export", structured(), sourcetest.WriteExport, cutLast},
		{"export, in the middle", structured(), sourcetest.WriteExport, garble},
		{"json", structured(), writeJSON, cutLast},
		{"gzip", structured(), func(w io.Writer, records []journal.Record) error {
			z := gzip.NewWriter(w)
			if err := sourcetest.WriteExport(z, records); err != nil {
				return err
			}
			return z.Close()
		}, cutLast},
		{
			"short-iso-precise",
			sourcetest.Abilities{Realtime: true, Host: true, Identifier: true, PID: true, Unicode: true},
			writeISO, zeros,
		},
		{
			"short-monotonic",
			sourcetest.Abilities{Monotonic: true, Host: true, Identifier: true, PID: true, Unicode: true},
			writeMonotonic, zeros,
		},
		{
			"dmesg -r",
			sourcetest.Abilities{Monotonic: true, Priority: true, Unicode: true},
			writeConsole, zeros,
		},
		{
			"kmsg",
			sourcetest.Abilities{Monotonic: true, Priority: true},
			writeKmsg, zeros,
		},
	} {
		lay := func(t *testing.T, records []journal.Record) (path string, store sourcetest.Store) {
			path = filepath.Join(t.TempDir(), "log")
			var b bytes.Buffer
			if len(records) > 0 {
				if err := c.write(&b, records); err != nil {
					t.Fatal(err)
				}
			}
			put(t, path, b.Bytes())
			// Pasted text has any shape, so what is left of a broken record
			// is read as lines.
			return path, sourcetest.Store{Fragments: 3, Damage: func(t *testing.T) { put(t, path, c.damage(b.Bytes())) }}
		}
		sourcetest.Conform(t, c.name+" file", c.can, func(t *testing.T, records []journal.Record) sourcetest.Store {
			path, store := lay(t, records)
			store.Open = func(_ *testing.T, q sourcetest.Query) journal.Source {
				return &journal.Text{Path: path, Filter: q.Filter}
			}
			return store
		})
		sourcetest.Conform(t, c.name+" pipe", c.can, func(t *testing.T, records []journal.Record) sourcetest.Store {
			path, store := lay(t, records)
			store.Open = func(t *testing.T, q sourcetest.Query) journal.Source {
				return &journal.Text{Reader: pipe(t, path), Filter: q.Filter}
			}
			return store
		})
	}
}

func put(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// pipe is a file's content as it comes through a pipe, in small pieces.
func pipe(t *testing.T, path string) io.Reader {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return &pieces{b: b}
}

type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(dst []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	p.n = p.n*7%1009 + 1
	n := copy(dst[:min(len(dst), p.n)], p.b)
	p.b = p.b[n:]
	return n, nil
}

// cutLast cuts an input within its last record.
func cutLast(b []byte) []byte { return b[:len(b)-20] }

// garble gives a binary value in the middle a size that cannot be.
func garble(b []byte) []byte {
	i := bytes.Index(b[len(b)/2:], []byte("\nMESSAGE\n")) + len(b)/2 + len("\nMESSAGE\n")
	b = bytes.Clone(b)
	copy(b[i:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	return b
}

// zeros is what a file system leaves behind a crash.
func zeros(b []byte) []byte {
	i := bytes.IndexByte(b[len(b)/2:], '\n') + len(b)/2 + 1
	return bytes.Join([][]byte{b[:i], make([]byte, 512), b[i:]}, nil)
}

func writeJSON(w io.Writer, records []journal.Record) error {
	enc := json.NewEncoder(w)
	for i := range records {
		object := map[string]string{}
		for _, f := range sourcetest.Fields(&records[i]) {
			object[f.Name] = f.Value
		}
		if err := enc.Encode(object); err != nil {
			return err
		}
	}
	return nil
}

// tag is "host identifier[pid]: " as journalctl prints it.
func tag(r *journal.Record) string {
	s := r.Host + " " + r.Identifier
	if r.PID != 0 {
		s += fmt.Sprintf("[%d]", r.PID)
	}
	return s + ": "
}

func writeISO(w io.Writer, records []journal.Record) error {
	for i := range records {
		r := &records[i]
		if _, err := fmt.Fprintf(w, "%s %s%s\n", r.Time.Wall.Format("2006-01-02T15:04:05.000000-07:00"), tag(r), r.Message); err != nil {
			return err
		}
	}
	return nil
}

func stamp(d time.Duration) string {
	return fmt.Sprintf("[%5d.%06d] ", d/time.Second, d%time.Second/time.Microsecond)
}

func writeMonotonic(w io.Writer, records []journal.Record) error {
	for i := range records {
		r := &records[i]
		if _, err := fmt.Fprintf(w, "%s%s%s\n", stamp(r.Time.Mono), tag(r), r.Message); err != nil {
			return err
		}
	}
	return nil
}

func writeConsole(w io.Writer, records []journal.Record) error {
	for i := range records {
		r := &records[i]
		if _, err := fmt.Fprintf(w, "<%d>%s%s\n", r.Priority, stamp(r.Time.Mono), r.Message); err != nil {
			return err
		}
	}
	return nil
}

func writeKmsg(w io.Writer, records []journal.Record) error {
	for i := range records {
		r := &records[i]
		text := strings.NewReplacer(`\`, `\x5c`, "\t", `\x09`).Replace(r.Message)
		if _, err := fmt.Fprintf(w, "%d,%d,%d,-;%s\n", r.Priority, i, r.Time.Mono/time.Microsecond, text); err != nil {
			return err
		}
	}
	return nil
}

// A pipe that brings nothing does not hold a reading whose context has ended.
func TestTextPipeEnds(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	sourcetest.EndsPromptly(t, &journal.Text{Reader: r})
}
