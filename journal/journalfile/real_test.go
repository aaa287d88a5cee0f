package journalfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"roamfault/journal"
)

// TestRealFiles has systemd write a file in each layout and compares with what
// journalctl says of it.
func TestRealFiles(t *testing.T) {
	for _, l := range layouts() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			path := tempFile(t)
			l.write(t, path, standard(3000).export())
			compare(t, path, "--file", path)
		})
	}
}

// compare reads a path in each way and compares with journalctl.
func compare(t *testing.T, path string, args ...string) {
	t.Helper()
	export := readText(t, journalctl(t, append(args, "-o", "export")...))
	if len(export) == 0 {
		t.Fatal("journalctl has no records")
	}
	got, st := readFiles(t, Options{}, path)
	sameRecords(t, export, got)
	if d := damage(st); d != nil {
		t.Errorf("damage in a sound file: %v", d)
	}
	sameRecords(t, readText(t, journalctl(t, append(args, "-o", "json", "--all")...)), got)
	for i, r := range got {
		if strings.TrimRight(r.Raw, " \t\n") != r.Message && r.Message == journal.Sanitize(r.Message, false) && printable(r.Raw) {
			t.Fatalf("record %d: raw %q, message %q", i, r.Raw, r.Message)
		}
	}

	some, st := readFiles(t, timedOut, path)
	sameRecords(t, only(export, timedOut.Wanted), some)
	if d := damage(st); d != nil {
		t.Errorf("damage in a sound file: %v", d)
	}
	numbers := map[string]journal.Origin{}
	for _, r := range got {
		numbers[r.Cursor] = r.Origin
	}
	for _, r := range some {
		if r.Origin != numbers[r.Cursor] {
			t.Fatalf("origin %+v, read whole %+v", r.Origin, numbers[r.Cursor])
		}
	}

	byName := func(id, m string) bool {
		return (id == "" || id == "iwd") && (m == "wlan0: associated" || m == "")
	}
	some, _ = readFiles(t, Options{Wanted: byName}, path)
	sameRecords(t, only(export, byName), some)
	if len(some) == 0 {
		t.Error("nothing of an identifier found")
	}
	compareBoots(t, path, export)
}

// compareBoots holds the boots against the records.
func compareBoots(t *testing.T, path string, recs []journal.Record) {
	t.Helper()
	j, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	boots, err := j.Boots()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, b := range boots {
		got = append(got, b.ID)
	}
	for _, r := range recs {
		if !slices.Contains(want, r.Boot) {
			want = append(want, r.Boot)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("boots (-want +got):\n%s", diff)
	}
	for _, b := range boots {
		of, _ := readFiles(t, Options{Filter: journal.Filter{Boot: b.ID}}, path)
		if len(of) > b.Entries || len(of) < b.Entries*9/10 {
			t.Errorf("boot %s: %d entries, %d records", b.ID, b.Entries, len(of))
		}
		for _, r := range of {
			if r.Boot != b.ID || r.Time.Wall.Before(b.First.Wall.Add(-time.Second)) || r.Time.Wall.After(b.Last.Wall) {
				t.Fatalf("boot %+v has %+v", b, r)
			}
		}
	}
}

// TestSeveralFiles reads a directory of two machines, a user's journal beside
// the system's, an archived file, a copy and something else.
func TestSeveralFiles(t *testing.T) {
	tool(t)
	dir := t.TempDir()
	one, two := filepath.Join(dir, "11111111111141118111111111111111"), filepath.Join(dir, "22222222222242228222222222222222")
	for _, d := range []string{one, two} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	all := layouts()
	s := standard(700)
	s.plain = true
	all[1].write(t, filepath.Join(one, "system.journal"), s.export())
	// The same boots, other times, another counter.
	s.seed, s.start, s.step = 2, s.start+20_000, 55_000
	all[2].write(t, filepath.Join(one, "user-1000.journal"), s.export())
	s.seed, s.host, s.boots = 3, "other", []string{bootC}
	all[0].write(t, filepath.Join(two, "system@0123.journal"), s.export())
	s.seed, s.start = 4, s.start+3600_000_000
	all[3].write(t, filepath.Join(two, "dirty.journal"), s.export())
	if err := os.Rename(filepath.Join(two, "dirty.journal"), filepath.Join(two, "system@0123-4567.journal~")); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(filepath.Join(one, "system.journal"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(two, "copy.journal"), copied, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(two, "notes.txt"), []byte("no journal"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := []string{}
	for _, p := range []string{"*/*.journal", "*/*.journal~"} {
		m, _ := filepath.Glob(filepath.Join(dir, p))
		for _, f := range m {
			files = append(files, "--file", f)
		}
	}
	want := readText(t, journalctl(t, append(files, "-o", "export")...))
	got, st := readFiles(t, Options{}, dir)
	sameRecords(t, want, got)
	if d := damage(st); d != nil {
		t.Errorf("damage: %v", d)
	}
	got, _ = readFiles(t, timedOut, dir)
	sameRecords(t, only(want, timedOut.Wanted), got)

	// The same file by several names is one.
	got, _ = readFiles(t, Options{}, one, filepath.Join(one, "system.journal"), one)
	again, _ := readFiles(t, Options{}, one)
	sameRecords(t, again, got)
}

// TestAfter begins behind each record's cursor in turn.
func TestAfter(t *testing.T) {
	tool(t)
	dir := t.TempDir()
	s := standard(120)
	s.plain = true
	layouts()[1].write(t, filepath.Join(dir, "a.journal"), s.export())
	s.seed, s.start = 9, s.start+15_000
	layouts()[2].write(t, filepath.Join(dir, "b.journal"), s.export())
	all, _ := readFiles(t, Options{}, dir)
	for i, r := range all {
		rest, _ := readFiles(t, Options{After: r.Cursor}, dir)
		if len(rest) != len(all)-i-1 {
			t.Fatalf("behind record %d of %d: %d records", i, len(all), len(rest))
		}
		sameRecords(t, all[i+1:], rest)
	}
}

// TestOnline reads a file that its writer has open, again and again, and once more after
// the writer was killed.
func TestOnline(t *testing.T) {
	path := tempFile(t)
	cmd := exec.Command(tool(t), "--output="+path, "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := standard(4000)
	s.plain = true
	export := s.export()
	done := make(chan error, 1)
	go func() {
		_, err := in.Write(export)
		done <- err
	}()
	for {
		if st, err := os.Stat(path); err == nil && st.Size() > 0 {
			if j, err := Open([]string{path}, Options{}); err == nil {
				_ = j.Close()
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	j, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	w, err := Open([]string{path}, timedOut)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	last := 0
	for writing := true; writing; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			writing = false
		default:
		}
		recs, st := readAll(t, j)
		if d := damage(st); d != nil || len(recs) < last {
			t.Fatalf("%d records behind %d, %v", len(recs), last, d)
		}
		last = len(recs)
		some, st := readAll(t, w)
		if d := damage(st); d != nil {
			t.Fatalf("%v", d)
		}
		if missing := only(recs, timedOut.Wanted); len(some) < len(missing) {
			t.Fatalf("%d records chosen of %d", len(some), len(missing))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	recs, st := readAll(t, j)
	if j.files[0].head.state != stateOnline {
		t.Fatal("the file was closed")
	}
	if d := damage(st); d != nil {
		t.Errorf("damage: %v", d)
	}
	sameRecords(t, readText(t, journalctl(t, "--file", path, "-o", "export")), recs)
}

// printable tells printable ASCII and tabs.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r < 0x20 && r != '\t') || r >= 0x7f }) < 0
}
