package journalfile

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"roamfault/journal"
)

var update = flag.Bool("update", false, "have systemd write the files in testdata anew")

// fixture is a small real file and what journalctl said of it.
type fixture struct {
	name    string
	journal []byte
	want    []journal.Record
}

// fixtures reads the files in testdata: one of each layout and packing, sealed,
// archived, and as a killed writer left it. They are systemd 252's, with a
// smaller table; in those with LZ4 and XZ the payloads were packed anew.
func fixtures(tb testing.TB) []fixture {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*.journal.zst")
	if err != nil || len(paths) < 11 {
		tb.Fatalf("%d files in testdata, %v", len(paths), err)
	}
	var list []fixture
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".journal.zst")
		export := unzstd(tb, "testdata/"+name+".export.zst")
		list = append(list, fixture{name, unzstd(tb, p), readText(tb, export)})
	}
	return list
}

func unzstd(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		tb.Fatal(err)
	}
	defer d.Close()
	b, err = d.DecodeAll(b, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func writeZSTD(tb testing.TB, path string, b []byte) {
	tb.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Close()
	if err := os.WriteFile(path, w.EncodeAll(b, nil), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// TestUpdate writes testdata anew when asked to. The sealed file needs a key of
// this machine (journalctl --setup-keys) and is left as it is without one.
func TestUpdate(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	all := layouts()
	save := func(name string, l layout, change func([]byte) []byte) {
		path := tempFile(t)
		s := standard(90)
		if l.entries > 0 {
			s.entries, s.plain = l.entries, true
		}
		l.write(t, path, s.export())
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b = shrink(t, b)
		if change != nil {
			b = change(b)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		writeZSTD(t, "testdata/"+name+".journal.zst", b)
		writeZSTD(t, "testdata/"+name+".export.zst", journalctl(t, "--file", path, "-o", "export"))
	}
	state := func(s byte) func([]byte) []byte {
		return func(b []byte) []byte { b[16] = s; return b }
	}
	for _, l := range all {
		if l.args == nil {
			save(l.name, l, nil)
			continue
		}
		for _, p := range packings() {
			if l.compact == (p.flag == packedXZ) {
				save(strings.TrimSuffix(l.name, "plain")+p.name, l, func(b []byte) []byte { return repack(t, b, p) })
			}
		}
	}
	for _, l := range all[1:3] {
		l.entries = 8
		save("tiny-"+l.name, l, nil)
	}
	save("archived", all[2], state(stateArchived))
	save("online", all[1], state(stateOnline))
	if m, _ := filepath.Glob("/var/log/journal/*/fss"); len(m) > 0 {
		sealed := all[2]
		sealed.args = []string{"--seal=yes"}
		save("sealed", sealed, func(b []byte) []byte {
			if le64(b[224:]) == 0 {
				t.Fatal("no tags")
			}
			return b
		})
	}
}

// TestFixtures reads the files in testdata, where no systemd is at hand, too.
func TestFixtures(t *testing.T) {
	for _, fx := range fixtures(t) {
		t.Run(fx.name, func(t *testing.T) {
			j, err := newJournal(fx.journal, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, st := readAll(t, j)
			sameRecords(t, fx.want, got)
			if d := damage(st); d != nil {
				t.Errorf("damage in a sound file: %v", d)
			}
			if st.Formats[Format] != len(got) || st.Bytes != int64(len(fx.journal)) || st.Lines < len(got) {
				t.Errorf("stats %+v", st)
			}
			j.opt = timedOut
			some, st := readAll(t, j)
			sameRecords(t, only(fx.want, timedOut.Wanted), some)
			if d := damage(st); d != nil || len(some) == 0 {
				t.Errorf("%d records, damage in a sound file: %v", len(some), d)
			}
			boots, err := j.Boots()
			if err != nil || len(boots) != 1 || boots[0].ID != bootA || boots[0].Entries != st.Lines {
				t.Errorf("boots %+v, %v", boots, err)
			}
		})
	}
}

// TestFilter compares with a filter over all records.
func TestFilter(t *testing.T) {
	warning := journal.Priority(4)
	from := time.UnixMicro(epoch + 1_000_000)
	for _, fx := range fixtures(t) {
		for _, flt := range []journal.Filter{
			{Boot: bootA},
			{Boot: bootB},
			{Boot: "1"},
			{Since: from, Until: from.Add(time.Second)},
			{Since: from.Add(24 * time.Hour)},
			{Until: from.Add(-24 * time.Hour)},
			{Identifiers: []string{"kernel", "iwd"}},
			{MaxPriority: &warning},
			{KernelOnly: true},
		} {
			var want []journal.Record
			for _, r := range fx.want {
				if flt.Wants(&r) {
					want = append(want, r)
				}
			}
			for _, opt := range []Options{{Filter: flt}, {Filter: flt, Wanted: func(string, string) bool { return true }}} {
				j, err := newJournal(fx.journal, opt)
				if err != nil {
					t.Fatal(err)
				}
				got, _ := readAll(t, j)
				sameRecords(t, want, got)
			}
		}
	}
}

// TestVerify has journalctl check the files in testdata.
func TestVerify(t *testing.T) {
	tool(t)
	for _, fx := range fixtures(t) {
		if fx.name == "sealed" || fx.name == "online" {
			// The one was moved under its seal, the other is not closed.
			continue
		}
		path := tempFile(t)
		if err := os.WriteFile(path, fx.journal, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("journalctl", "--verify", "--file", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", fx.name, err, out)
		}
	}
}
