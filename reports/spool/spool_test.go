package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var morning = time.Date(2026, 1, 11, 8, 0, 0, 250_000_000, time.UTC)

func open(t *testing.T, dir string, l Limits) *Spool {
	t.Helper()
	s, notes := openNotes(t, dir, l)
	if len(notes) > 0 {
		t.Errorf("notes of a clean spool: %q", notes)
	}
	return s
}

func openNotes(t *testing.T, dir string, l Limits) (*Spool, []string) {
	t.Helper()
	s, notes, err := Open(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, notes
}

// again opens a spool as a new process would.
func again(t *testing.T, s *Spool, l Limits) *Spool {
	t.Helper()
	s.Close()
	return open(t, s.dir, l)
}

func document(n, rev int) Document {
	return Document{
		ID: fmt.Sprintf("%012x", n), Rev: rev, First: morning.Add(time.Duration(n) * time.Minute),
		Incident: json.RawMessage(fmt.Sprintf(`{"id":"%012x","rev":%d}`, n, rev)), Events: json.RawMessage(`[]`),
	}
}

func put(t *testing.T, s *Spool, d Document) Outcome {
	t.Helper()
	out, err := s.Put(d)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func files(t *testing.T, s *Spool) []string {
	t.Helper()
	list, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range list {
		if f.Name() != lockName {
			names = append(names, f.Name())
		}
	}
	return names
}

func TestPutIsOnce(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a", "b"), Limits{})
	if out := put(t, s, document(1, 0)); !out.New || out.Name != "20260111T080100.250000Z-000000000001.json" {
		t.Errorf("first put: %+v", out)
	}
	if out := put(t, s, document(1, 0)); out.New {
		t.Error("the same again is new")
	}
	if out := put(t, s, document(1, 2)); !out.New {
		t.Error("a later revision is not new")
	}
	if out := put(t, s, document(1, 1)); out.New {
		t.Error("an earlier revision is new")
	}
	if !s.Has("000000000001", 1) || s.Has("000000000001", 3) || s.Has("000000000002", 0) {
		t.Error("Has does not tell what was put")
	}
	s = again(t, s, Limits{})
	if out := put(t, s, document(1, 2)); out.New {
		t.Error("the same is new for the next process")
	}
	put(t, s, document(0, 0))
	want := []string{"20260111T080000.250000Z-000000000000.json", "20260111T080100.250000Z-000000000001.json"}
	if diff := cmp.Diff(want, files(t, s)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	body, err := s.Read(s.Entries()[1])
	if err != nil {
		t.Fatal(err)
	}
	wantBody := `{"schema":"roamfault/watch/v1","id":"000000000001","rev":2,"incident":{"id":"000000000001","rev":2},"events":[],"finished":null,"collected":null}` + "\n"
	if diff := cmp.Diff(wantBody, string(body)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Without a date the order of putting is that of the names, behind a restart,
// too.
func TestNoDate(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	for _, n := range []int{5, 3} {
		d := document(n, 0)
		d.First = time.Time{}
		put(t, s, d)
	}
	s = again(t, s, Limits{})
	d := document(4, 0)
	d.First = time.Time{}
	put(t, s, d)
	d = document(3, 1)
	d.First = time.Time{}
	put(t, s, d)
	want := []string{"00000000-000000000001-000000000005.json", "00000000-000000000002-000000000003.json", "00000000-000000000003-000000000004.json"}
	if diff := cmp.Diff(want, files(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNumberIsBounded(t *testing.T) {
	l := Limits{Incidents: 3}
	s := open(t, t.TempDir(), l)
	var evicted []string
	for n := range 5 {
		for _, e := range put(t, s, document(n, 0)).Evicted {
			evicted = append(evicted, e.ID)
		}
	}
	if diff := cmp.Diff([]string{"000000000000", "000000000001"}, evicted); diff != "" {
		t.Errorf("evicted (-want +got):\n%s", diff)
	}
	// What went is not put again when the log is read again, up to the
	// checkpoint, whoever asks.
	for range 2 {
		if !s.Has("000000000000", 0) || put(t, s, document(1, 0)).New {
			t.Error("what was evicted comes again")
		}
		s = again(t, s, l)
	}
	if err := s.Save(Checkpoint{}); err != nil {
		t.Fatal(err)
	}
	if s.Has("000000000000", 0) {
		t.Error("what lies before the checkpoint is still remembered")
	}
	if got := s.Usage(); got != (Usage{3, 3 * block}) {
		t.Errorf("usage %+v", got)
	}
}

func TestBytesAreBounded(t *testing.T) {
	l := Limits{Bytes: LeastBytes}
	s := open(t, t.TempDir(), l)
	size := func() (n int64) {
		for _, name := range files(t, s) {
			st, err := os.Stat(filepath.Join(s.dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if name != goneName && name != checkName {
				n += blocks(st.Size())
			}
		}
		return n
	}
	for n := range 40 {
		d := document(n, 0)
		d.Pending = n%2 == 0
		d.Events = json.RawMessage(`["` + strings.Repeat("x", 50_000) + `"]`)
		a, _, err := s.Attach(d.ID, d.First, "dump", strings.NewReader(strings.Repeat("y", 30_000)), 20_000)
		if err != nil || a.Bytes != 20_000 || !a.Truncated {
			t.Fatalf("%+v, %v", a, err)
		}
		put(t, s, d)
		if got := size(); got > l.Bytes+40*block { // marks are of one block each at the most
			t.Fatalf("%d bytes behind %d incidents, room for %d", got, n+1, l.Bytes)
		}
	}
	before := s.Usage()
	s = again(t, s, l)
	if diff := cmp.Diff(before, s.Usage()); diff != "" {
		t.Errorf("usage counted anew (-before +after):\n%s", diff)
	}
	if before.Incidents < 8 {
		t.Errorf("only %d incidents in %d bytes", before.Incidents, before.Bytes)
	}
	d := document(99, 0)
	d.Events = json.RawMessage(`["` + strings.Repeat("x", LeastBytes) + `"]`)
	if _, err := s.Put(d); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an incident larger than the spool: %v", err)
	}
}

func TestAttachments(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	d := document(1, 0)
	a, _, err := s.Attach(d.ID, d.First, "devcoredump-1", strings.NewReader("core"), 100)
	if err != nil {
		t.Fatal(err)
	}
	want := Attachment{Name: "devcoredump-1", Bytes: 4, SHA256: "0d45f5fd462b8c70bffb10021ac1bcff3f58f29b1faf7568595095427d42812c"}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Killed here, the incident comes again and its coredump may be gone:
	// what was kept of it stays.
	s = again(t, s, Limits{})
	if a, _, err = s.Attach(d.ID, d.First, "devcoredump-1", strings.NewReader("other"), 100); err != nil || a.Bytes != 4 {
		t.Errorf("kept before: %+v, %v", a, err)
	}
	put(t, s, d)
	if got := s.Entries()[0].Attachments; len(got) != 1 || got[0].Bytes != 4 {
		t.Errorf("attachments %+v", got)
	}
	// One that waits for nothing goes with the next checkpoint.
	other := document(2, 0)
	if _, _, err := s.Attach(other.ID, other.First, "x", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	s = again(t, s, Limits{})
	if err := s.Save(Checkpoint{}); err != nil {
		t.Fatal(err)
	}
	want2 := []string{"20260111T080100.250000Z-000000000001+devcoredump-1", "20260111T080100.250000Z-000000000001.json", checkName}
	if diff := cmp.Diff(want2, files(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.Usage().Bytes != 2*block {
		t.Errorf("usage %+v", s.Usage())
	}
	for _, name := range []string{"", "../x", "a/b", ".x", strings.Repeat("x", 65)} {
		if _, _, err := s.Attach(d.ID, d.First, name, strings.NewReader("x"), 1); err == nil {
			t.Errorf("attached as %q", name)
		}
	}
}

func TestPending(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	for n := range 3 {
		d := document(n, 0)
		d.Pending = n > 0
		put(t, s, d)
	}
	ids := func() (out []string) {
		for _, e := range s.Pending() {
			out = append(out, fmt.Sprint(e.ID, " ", e.Rev))
		}
		return out
	}
	s = again(t, s, Limits{})
	if diff := cmp.Diff([]string{"000000000001 0", "000000000002 0"}, ids()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	late := document(1, 1)
	late.Pending = true
	put(t, s, late)
	for _, done := range []struct {
		id  string
		rev int
	}{{"000000000001", 0}, {"000000000002", 0}, {"ffff", 0}} {
		if err := s.Done(done.id, done.rev); err != nil {
			t.Fatal(err)
		}
	}
	s = again(t, s, Limits{})
	if diff := cmp.Diff([]string{"000000000001 1"}, ids()); diff != "" {
		t.Errorf("what was handed on before the revision came (-want +got):\n%s", diff)
	}
	// Marked, and killed before it was put.
	if err := s.write(baseOf(morning, 0, "abc")+todoSuffix, nil); err != nil {
		t.Fatal(err)
	}
	s = again(t, s, Limits{})
	if len(s.Pending()) != 1 {
		t.Error("pending without an incident")
	}
	put(t, s, Document{ID: "abc", First: morning})
	if len(s.Pending()) != 2 {
		t.Error("the mark is forgotten")
	}
}

func TestCheckpoint(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	if c, err := s.Load(); c != nil || err != nil {
		t.Errorf("%v, %v of an empty spool", c, err)
	}
	want := Checkpoint{Source: "journal", Cursor: "s=1;i=2", Boot: "b", Begin: morning, Records: 7, State: json.RawMessage(`[{"driver":"mt7925e"}]`)}
	want.Time.Mono, want.Time.HasMono = 5*time.Second, true
	for range 2 {
		if err := s.Save(want); err != nil {
			t.Fatal(err)
		}
	}
	s = again(t, s, Limits{})
	got, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	want.Schema = CheckpointID
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"", "{", `{"schema":"another/v1"}`, "null"} {
		if err := os.WriteFile(filepath.Join(s.dir, checkName), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load(); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("checkpoint %q: %v", bad, err)
		}
	}
}

func TestForeignAndDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Limits{})
	put(t, s, document(1, 0))
	put(t, s, document(2, 0))
	whole, err := s.Read(s.Entries()[1])
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	for name, body := range map[string]string{
		"20260111T080100.250000Z-aaaa.json":         "",
		"20260111T080100.250000Z-bbbb.json":         string(whole[:len(whole)-3]),
		"20260111T080100.250000Z-cccc.json":         string(whole),
		"20260111T080100.250000Z-dddd.json":         strings.Replace(string(whole), "watch/v1", "watch/v9", 1),
		"20260111T080100.250000Z-eeee.json":         strings.Repeat("\x00", 4096) + "}\n",
		"notes.json":                                "{}\n",
		"notes.txt":                                 "hello",
		"x+y":                                       "hello",
		tempPrefix + "123":                          "half",
		"20270111T080100.250000Z-000000000002.json": string(whole), // a copy by a person
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "20260111T080100.250000Z-ffff.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, notes := openNotes(t, dir, Limits{})
	slices.Sort(notes)
	want := []string{
		`ignored "20260111T080100.250000Z-aaaa.json" in the spool: empty`,
		`ignored "20260111T080100.250000Z-bbbb.json" in the spool: damaged: it has no end`,
		`ignored "20260111T080100.250000Z-cccc.json" in the spool: damaged: it holds incident "000000000002"`,
		`ignored "20260111T080100.250000Z-dddd.json" in the spool: schema "roamfault/watch/v9", not "roamfault/watch/v1"`,
		`ignored "20260111T080100.250000Z-eeee.json" in the spool: damaged, or of another program`,
		`ignored "20260111T080100.250000Z-ffff.json" in the spool: not a file`,
		`ignored "20270111T080100.250000Z-000000000002.json" in the spool: "20260111T080200.250000Z-000000000002.json" has the same incident`,
		`ignored "notes.json" in the spool: not a file of it`,
		`ignored "notes.txt" in the spool: not a file of it`,
		`ignored "x+y" in the spool: not a file of it`,
		`took away 1 unfinished files of a program that was killed`,
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := s.Usage().Incidents; got != 2 {
		t.Errorf("%d incidents, want 2", got)
	}
	// A damaged incident can be found and put again.
	if out := put(t, s, Document{ID: "bbbb", First: morning.Add(time.Minute)}); !out.New {
		t.Error("a damaged incident is in the way of the whole one")
	}
}

func TestOneAtATime(t *testing.T) {
	s := open(t, t.TempDir(), Limits{})
	if _, _, err := Open(s.dir, Limits{}); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	s.Close()
	open(t, s.dir, Limits{})
}

func TestBadLimitsAndPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dir string
		l   Limits
	}{{dir, Limits{Bytes: 1}}, {dir, Limits{Incidents: -1}}, {file, Limits{}}, {filepath.Join(file, "x"), Limits{}}} {
		if s, _, err := Open(tt.dir, tt.l); err == nil {
			s.Close()
			t.Errorf("opened %s with %+v", tt.dir, tt.l)
		}
	}
	for _, id := range []string{"", "../../etc", "a b", strings.Repeat("x", 65)} {
		s := open(t, t.TempDir(), Limits{})
		if _, err := s.Put(Document{ID: id}); err == nil {
			t.Errorf("put incident %q", id)
		}
	}
}

// On a disk that is full nothing changes, and when there is room again
// everything goes on.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 || runtime.GOOS != "linux" {
		t.Skip("needs root to mount a small file system")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount a small file system here: %v: %s", err, out)
	}
	defer func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	}()
	s, _, err := Open(dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Save(Checkpoint{Cursor: "before"}); err != nil {
		t.Fatal(err)
	}
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 200<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	d := document(1, 0)
	d.Pending = true
	d.Events = json.RawMessage(`["` + strings.Repeat("x", 100_000) + `"]`)
	for range 3 {
		if _, err := s.Put(d); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Fatalf("put on a full disk: %v", err)
		}
	}
	if err := s.Save(Checkpoint{Cursor: "after", State: json.RawMessage(`"` + strings.Repeat("x", 100_000) + `"`)}); err == nil {
		t.Error("saved on a full disk")
	}
	if c, err := s.Load(); err != nil || c.Cursor != "before" {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
	if s.Has(d.ID, 0) || len(s.Entries()) != 0 {
		t.Error("what could not be put counts as put")
	}
	if got := files(t, s); slices.ContainsFunc(got, func(n string) bool {
		return strings.HasPrefix(n, tempPrefix) || strings.HasSuffix(n, suffix) && n != checkName
	}) {
		t.Errorf("left over: %q", got)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if out := put(t, s, d); !out.New {
		t.Error("not put when there was room again")
	}
}

func BenchmarkPut(b *testing.B) {
	s, _, err := Open(b.TempDir(), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d := document(n, 0)
		d.Events = json.RawMessage(`["` + strings.Repeat("x", 20_000) + `"]`)
		if _, err := s.Put(d); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever lies in the directory, it is opened without harm, and what is put
// then can be found.
func FuzzOpen(f *testing.F) {
	f.Add("20260111T080100.250000Z-aaaa.json", []byte(`{"schema":"roamfault/watch/v1","id":"aaaa","rev":3,"incident":null}`+"\n"), []byte("aaaa 1\n"))
	f.Add("00000000-000000000001-a+x", []byte("x"), []byte("a"))
	f.Add("00000000-999999999999999999-a.todo", []byte(""), []byte("\x00"))
	f.Fuzz(func(t *testing.T, name string, body, gone []byte) {
		dir := t.TempDir()
		if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." || len(name) > 200 || name == lockName {
			return
		}
		if err := os.WriteFile(filepath.Join(dir, goneName), gone, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
		s, _, err := Open(dir, Limits{Incidents: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Load(); err != nil && !errors.Is(err, ErrCheckpoint) {
			t.Error(err)
		}
		for n := range 3 {
			if _, err := s.Put(document(n, 1<<30)); err != nil {
				t.Fatal(err)
			}
			if !s.Has(document(n, 0).ID, 0) {
				t.Errorf("incident %d was put and is not there", n)
			}
		}
		if got := s.Usage(); got.Incidents > 2 || got.Bytes < 0 {
			t.Errorf("%+v, bound 2", got)
		}
	})
}
