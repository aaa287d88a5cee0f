package journalfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roamfault/journal"
)

// TestOpenErrors names what cannot be read, and says what it is.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	sound := fixtures(t)[0].journal
	write := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	newer := append([]byte(nil), sound...)
	newer[13] = 1
	for _, tt := range []struct {
		name string
		path string
		want error
	}{
		{"missing", filepath.Join(dir, "none.journal"), fs.ErrNotExist},
		{"text", write("text.journal", []byte("Jan 11 18:14:14 box kernel: text")), ErrNotJournal},
		{"empty", write("empty.journal", nil), ErrEmpty},
		{"cut in the header", write("short.journal", sound[:100]), ErrEmpty},
		{"newer", write("newer.journal", newer), ErrUnsupported},
		{"a device", os.DevNull, journal.ErrDevice},
		{"no journals", filepath.Dir(write("other/readme", nil)), ErrNoJournal},
		{"only bad ones", filepath.Dir(write("bad/one.journal", []byte("no journal at all"))), ErrNotJournal},
	} {
		j, err := Open([]string{tt.path}, Options{})
		var fe *journal.FileError
		if j != nil || !errors.Is(err, tt.want) || !errors.As(err, &fe) || !strings.HasPrefix(fe.Path, tt.path) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := Open(nil, Options{After: "s=1;i=2"}); !errors.Is(err, errCursor) {
		t.Errorf("bad cursor: %v", err)
	}

	// In a directory the sound ones are read, the others counted.
	write("mixed/a.journal", sound)
	write("mixed/b.journal", []byte("no journal at all"))
	write("mixed/c.journal~", nil)
	j, err := Open([]string{filepath.Join(dir, "mixed")}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	recs, st := readAll(t, j)
	if len(recs) < 80 || len(j.Refused()) != 2 || len(damage(st)) != 1 || damage(st)[0].Count != 2 || damage(st)[0].Reason != skipFile {
		t.Errorf("%d records, refused %v, stats %+v", len(recs), j.Refused(), st)
	}
}

// TestPermission says who may read journals.
func TestPermission(t *testing.T) {
	err := fileError("/var/log/journal/x/system.journal", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission})
	if s := err.Error(); !errors.Is(err, fs.ErrPermission) || !strings.Contains(s, "systemd-journal") || !strings.Contains(s, "adm") ||
		strings.Count(s, "x/system.journal") != 1 {
		t.Error(err)
	}
}

// TestStop ends readings early.
func TestStop(t *testing.T) {
	j, err := newJournal(fixtures(t)[0].journal, Options{})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, tt := range []struct{ give, want error }{{journal.ErrStop, nil}, {broken, broken}} {
		n := 0
		st, err := j.Read(context.Background(), func(*journal.Record) error {
			if n++; n == 7 {
				return tt.give
			}
			return nil
		})
		if !errors.Is(err, tt.want) || n != 7 || st.Records != 7 {
			t.Errorf("%v: %v after %d, %+v", tt.give, err, n, st)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, opt := range []Options{{}, timedOut} {
		j.opt = opt
		if _, err := j.Read(ctx, func(*journal.Record) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// TestCursor reads what it writes, and nothing else.
func TestCursor(t *testing.T) {
	const s = "s=486cbd01820549c8b80dc2962d33cb1e;i=2a;b=0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a01;m=ffd6f;t=647484620fb2f;x=a0d06e13f96a4457"
	k, err := parseCursor(s)
	if err != nil || string(k.appendCursor(nil)) != s {
		t.Errorf("%+v, %v", k, err)
	}
	for _, bad := range []string{"", "x", s[2:], strings.Replace(s, "i=2a", "i=", 1), strings.Replace(s, "s=4", "s=", 1), strings.Replace(s, "m=f", "m=g", 1)} {
		if _, err := parseCursor(bad); err == nil {
			t.Errorf("%q taken", bad)
		}
	}
}
