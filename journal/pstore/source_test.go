package pstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
	"roamfault/journal/pstore"
	"roamfault/journal/sourcetest"
)

func put(t *testing.T, path, text string, at time.Time) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

var died = time.Date(2026, 1, 11, 18, 14, 14, 0, time.UTC)

func TestConforms(t *testing.T) {
	sourcetest.Conform(t, "pstore", sourcetest.Abilities{Monotonic: true, Priority: true, Unicode: true}, func(t *testing.T, records []journal.Record) sourcetest.Store {
		dir := t.TempDir()
		const size = 7
		parts := (len(records) + size - 1) / size
		file := func(part int) string { return fmt.Sprintf("%s/dmesg-efi_pstore-%d%02d001", dir, died.Unix(), part) }
		for part := parts; part >= 1; part-- {
			var b bytes.Buffer
			fmt.Fprintf(&b, "Oops#1 Part%d\n", part)
			for _, r := range records[(parts-part)*size : min(len(records), (parts-part+1)*size)] {
				us := r.Time.Mono.Microseconds()
				fmt.Fprintf(&b, "<%d>[%5d.%06d] %s\n", r.Priority, us/1e6, us%1e6, r.Message)
			}
			put(t, file(part), b.String(), died)
		}
		return sourcetest.Store{
			Open: func(_ *testing.T, q sourcetest.Query) journal.Source {
				return &pstore.Source{Dirs: []string{dir}, Filter: q.Filter}
			},
			Damage: func(t *testing.T) {
				if err := os.Remove(file(2)); err != nil {
					t.Fatal(err)
				}
			},
		}
	})
}

// The pieces of a dump are put together in the order of their text, whatever
// the backend calls them; what is no log of the kernel is left alone.
func TestDumps(t *testing.T) {
	line := func(n int) string { return fmt.Sprintf("<4>[%5d.000000] line %d\n", n, n) }
	lines := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			b.WriteString(line(i))
		}
		return b.String()
	}
	type file struct {
		name, text string
		at         time.Time
	}
	later := died.Add(3 * time.Hour)
	for _, c := range []struct {
		name    string
		files   []file
		dumps   []string // reason#count missing: files
		lines   []string // origin: message
		skipped []journal.Skip
	}{
		{
			"efi",
			[]file{
				{"dmesg-efi-176815525401001", "Panic#1 Part1\n" + lines(5, 6), died}, {"dmesg-efi-176815525402001", "Panic#1 Part2\n" + lines(3, 4), died},
				{"dmesg-efi-176815525503001", "Panic#1 Part3\n" + lines(1, 2), died},
			},
			[]string{"Panic#1 2026-01-11T18:14:14Z -0: dmesg-efi-176815525503001 dmesg-efi-176815525402001 dmesg-efi-176815525401001"},
			[]string{
				"dmesg-efi-176815525503001:2: line 1", "dmesg-efi-176815525503001:3: line 2", "dmesg-efi-176815525402001:2: line 3", "dmesg-efi-176815525402001:3: line 4",
				"dmesg-efi-176815525401001:2: line 5", "dmesg-efi-176815525401001:3: line 6",
			}, nil,
		},
		{
			"two oopses and a panic, in ram",
			[]file{
				{"dmesg-ramoops-0", "Oops#1 Part1\n" + line(1), died}, {"dmesg-ramoops-1", "Oops#2 Part1\n" + line(3), died.Add(time.Second)},
				{"dmesg-ramoops-2", "Oops#2 Part2\n" + line(2), died.Add(time.Second)}, {"dmesg-ramoops-3", "Panic#3 Part1\n" + line(4), died.Add(2 * time.Second)},
				{"console-ramoops-0", line(9), later}, {"pmsg-ramoops-0", line(10), died}, {"ftrace-ramoops-0", "x", died}, {"README", line(11), died},
			},
			[]string{
				"Oops#1 2026-01-11T18:14:14Z -0: dmesg-ramoops-0", "Oops#2 2026-01-11T18:14:15Z -0: dmesg-ramoops-2 dmesg-ramoops-1",
				"Panic#3 2026-01-11T18:14:16Z -0: dmesg-ramoops-3", "console#0 2026-01-11T21:14:14Z -0: console-ramoops-0",
			},
			[]string{"dmesg-ramoops-0:2: line 1", "dmesg-ramoops-2:2: line 2", "dmesg-ramoops-1:2: line 3", "dmesg-ramoops-3:2: line 4", "console-ramoops-0:1: line 9"}, nil,
		},
		{
			"the same number in two boots",
			[]file{
				{"dmesg-erst-7600000000000000001", "Oops#1 Part1\n" + line(2), died}, {"dmesg-erst-7600000000000000002", "Oops#1 Part2\n" + line(1), died},
				{"dmesg-erst-7600000000000000009", "Oops#1 Part1\n" + line(1), later},
			},
			[]string{
				"Oops#1 2026-01-11T18:14:14Z -0: dmesg-erst-7600000000000000002 dmesg-erst-7600000000000000001", "Oops#1 2026-01-11T21:14:14Z -0: dmesg-erst-7600000000000000009",
			},
			[]string{"dmesg-erst-7600000000000000002:2: line 1", "dmesg-erst-7600000000000000001:2: line 2", "dmesg-erst-7600000000000000009:2: line 1"}, nil,
		},
		{
			"pieces missing, compressed, cut",
			[]file{
				{"dmesg-efi-176815525401001", "Oops#1 Part1\n" + line(4) + "<4>[    5.000000] li", died}, {"dmesg-efi-176815525402001.enc.z", "\x78\x9c\x01", died},
				{"dmesg-efi-176815525403001", "Oops#1 Part3\n<4>[    2.000000] line 2 cut", died},
			},
			[]string{"Oops#1 2026-01-11T18:14:14Z -1: dmesg-efi-176815525403001 dmesg-efi-176815525401001"},
			[]string{"dmesg-efi-176815525403001:2: line 2 cut", "dmesg-efi-176815525401001:2: line 4", "dmesg-efi-176815525401001:3: li"},
			[]journal.Skip{{Reason: "file of pstore that the kernel could not unpack (.enc.z)", Count: 1}, {Reason: "piece of a kernel dump that is missing", Count: 1}},
		},
		{
			"moved by systemd-pstore, with what it made of them",
			[]file{
				{"1768155254/001/dmesg-efi-176815525401001", "Oops#1 Part1\n" + line(2), died}, {"1768155254/001/dmesg-efi-176815525402001", "Oops#1 Part2\n" + line(1), died},
				{"1768155254/001/dmesg.txt", "Oops#1 Part2\n" + line(1) + "Oops#1 Part1\n" + line(2), died}, {"1768200000/dmesg.txt", lines(3, 4), later},
			},
			[]string{
				"Oops#1 2026-01-11T18:14:14Z -0: dmesg-efi-176815525402001 dmesg-efi-176815525401001", "#0 2026-01-11T21:14:14Z -0: dmesg.txt",
			},
			[]string{"dmesg-efi-176815525402001:2: line 1", "dmesg-efi-176815525401001:2: line 2", "dmesg.txt:1: line 3", "dmesg.txt:2: line 4"}, nil,
		},
		{"nothing", nil, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.files {
				put(t, filepath.Join(dir, f.name), f.text, f.at)
			}
			src := &pstore.Source{Dirs: []string{dir, filepath.Join(dir, "none")}}
			dumps, err := src.Dumps()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range dumps {
				s := fmt.Sprintf("%s#%d %s -%d:", d.Reason, d.Count, d.Time.Format(time.RFC3339), d.Missing)
				for _, f := range d.Files {
					s += " " + filepath.Base(f)
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(c.dumps, got); diff != "" {
				t.Errorf("dumps (-want +got):\n%s", diff)
			}
			got = nil
			stats, err := src.Read(t.Context(), func(r *journal.Record) error {
				got = append(got, fmt.Sprintf("%s:%d: %s", filepath.Base(r.Origin.File), r.Origin.Line, r.Message))
				if r.Boot != "" || r.Transport != journal.TransportKernel || r.Identifier != "kernel" {
					t.Errorf("record %+v", *r)
				}
				b, err := os.ReadFile(r.Origin.File)
				if err != nil || !strings.HasPrefix(string(b[r.Origin.Offset:]), r.Raw) {
					t.Errorf("at %+v stands %q, want %q", r.Origin, b[r.Origin.Offset:], r.Raw)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.lines, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.skipped, stats.Skipped); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may look into any directory")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	_, err := (&pstore.Source{Dirs: []string{dir}}).Read(t.Context(), func(*journal.Record) error { return nil })
	if !errors.Is(err, pstore.ErrPermission) {
		t.Errorf("error %v, want %v", err, pstore.ErrPermission)
	}
}

// Whatever lies in a directory: no crash, and every record comes from one of
// the files.
func FuzzSource(f *testing.F) {
	f.Add("dmesg-efi-176815525401001", "Oops#1 Part1\n<4>[    1.000000] a\n", "dmesg-efi-176815525402001", "Oops#1 Part2\n<4>[    0.5] b")
	f.Add("dmesg-ramoops-0", "Panic#2 Part99999999\n\n", "console-ramoops-0", "\x00\xff")
	f.Add("dmesg-x-18446744073709551615", "#1 Part0\n", "dmesg.txt", "")
	f.Fuzz(func(t *testing.T, name1, text1, name2, text2 string) {
		dir := t.TempDir()
		for _, file := range [][2]string{{name1, text1}, {name2, text2}} {
			if filepath.Base(file[0]) != file[0] || file[0] == "." || file[0] == ".." || file[0] == "/" || len(file[0]) > 200 || strings.ContainsRune(file[0], 0) {
				t.Skip()
			}
			if err := os.WriteFile(filepath.Join(dir, file[0]), []byte(file[1]), 0o600); err != nil {
				t.Skip()
			}
		}
		n := 0
		stats, err := (&pstore.Source{Dirs: []string{dir}}).Read(t.Context(), func(r *journal.Record) error {
			n++
			if filepath.Dir(r.Origin.File) != dir || r.Origin.Line < 1 || r.Boot != "" {
				t.Errorf("origin %+v", r.Origin)
			}
			return nil
		})
		if err != nil || stats.Records != n {
			t.Errorf("%d records, stats %d, error %v", n, stats.Records, err)
		}
	})
}
