package exportfile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"roamfault/journal"
	"roamfault/journal/sourcetest"
	"roamfault/watch/exportfile"
)

func write(t *testing.T, path string, flags int, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// export writes records, each with a cursor.
func export(t *testing.T, records []journal.Record, first int) []byte {
	t.Helper()
	var b bytes.Buffer
	records = slices.Clone(records)
	for i := range records {
		records[i].Cursor = fmt.Sprint("s=0;i=", first+i)
	}
	if err := sourcetest.WriteExport(&b, records); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestConforms(t *testing.T) {
	sourcetest.Conform(t, "file", sourcetest.Abilities{
		Boot: sourcetest.Many, Realtime: true, Monotonic: true, Host: true, Identifier: true, PID: true, Priority: true, Transport: true,
		Device: true, NoPriority: true, Unicode: true, Lines: true, Long: true, Cursor: true, Follow: true,
	}, func(t *testing.T, records []journal.Record) sourcetest.Store {
		path := filepath.Join(t.TempDir(), "log.export")
		write(t, path, os.O_TRUNC, export(t, records, 0))
		n := len(records)
		return sourcetest.Store{
			Fragments: 3,
			Open: func(t *testing.T, q sourcetest.Query) journal.Source {
				return &exportfile.Source{Path: path, Filter: q.Filter, After: q.After, Follow: q.Follow, Poll: time.Millisecond}
			},
			Append: func(t *testing.T, records []journal.Record) {
				write(t, path, os.O_APPEND, export(t, records, n))
				n += len(records)
			},
			Damage: func(t *testing.T) {
				// The size of a value in the middle cannot be.
				b := export(t, records, 0)
				at := bytes.Index(b[len(b)/2:], []byte("\nMESSAGE\n")) + len(b)/2 + len("\nMESSAGE\n")
				copy(b[at:], "\xff\xff\xff\xff\xff\xff\xff\xff")
				write(t, path, os.O_TRUNC, b)
			},
		}
	})
}

// What is written in pieces comes as whole records, each as soon as it is whole.
func TestPieces(t *testing.T) {
	records := sourcetest.Records(sourcetest.Abilities{Realtime: true, Cursor: true, Unicode: true, Lines: true})[:6]
	path := filepath.Join(t.TempDir(), "log.export")
	write(t, path, os.O_TRUNC, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	came := make(chan string)
	done := make(chan error, 1)
	go func() {
		_, err := (&exportfile.Source{Path: path, Follow: true, Poll: time.Millisecond}).Read(ctx, func(r *journal.Record) error {
			came <- r.Message
			return nil
		})
		done <- err
	}()
	for i := range records {
		b := export(t, records[i:i+1], i)
		for _, piece := range [][]byte{b[:7], b[7 : len(b)-1], b[len(b)-1:]} {
			write(t, path, os.O_APPEND, piece)
			time.Sleep(3 * time.Millisecond)
		}
		select {
		case got := <-came:
			if got != records[i].Message {
				t.Fatalf("record %d: %q, want %q", i, got, records[i].Message)
			}
		case <-ctx.Done():
			t.Fatalf("record %d does not come", i)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestCursorThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.export")
	write(t, path, os.O_TRUNC, export(t, sourcetest.Records(sourcetest.Abilities{Realtime: true, Cursor: true})[:4], 0))
	for _, follow := range []bool{false, true} {
		src := &exportfile.Source{Path: path, After: "vacuumed", Follow: follow, Poll: time.Millisecond}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		_, err := src.Read(ctx, func(r *journal.Record) error { t.Errorf("record %q", r.Message); return nil })
		cancel()
		if !errors.Is(err, exportfile.ErrCursor) {
			t.Errorf("follow %v: %v", follow, err)
		}
	}
	if _, err := (&exportfile.Source{Path: path + ".not"}).Read(t.Context(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
