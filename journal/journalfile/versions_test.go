package journalfile

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// otherSystemd is another systemd than the machine's, unpacked from its packages: with
// those that it needs, and run through its own loader. It need not be installed:
//
//	ROAMFAULT_SYSTEMD=DIR go test -run UnpackedSystemd ./journal/journalfile
type otherSystemd struct {
	tb   testing.TB
	root string
}

// run runs one of its programs.
func (u otherSystemd) run(in []byte, env []string, program string, args ...string) []byte {
	u.tb.Helper()
	find := func(names ...string) string {
		for _, n := range names {
			if m, _ := filepath.Glob(filepath.Join(u.root, n)); len(m) > 0 {
				return m[0]
			}
		}
		u.tb.Fatalf("%s: no %s", u.root, names[0])
		return ""
	}
	var libraries []string
	for _, dir := range []string{"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/systemd", "lib/systemd", "usr/lib/systemd"} {
		libraries = append(libraries, filepath.Join(u.root, dir))
	}
	loader := find("usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "lib/x86_64-linux-gnu/ld-2*.so")
	args = append([]string{"--library-path", strings.Join(libraries, ":"), find("usr/"+program, program)}, args...)
	var stderr bytes.Buffer
	cmd := exec.Command(loader, args...)
	cmd.Stdin, cmd.Stderr, cmd.Env = bytes.NewReader(in), &stderr, append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		u.tb.Fatalf("%v: %v\n%s", cmd, err, stderr.Bytes())
	}
	return out
}

func (u otherSystemd) export(path string) []byte {
	u.tb.Helper()
	return u.run(nil, nil, "bin/journalctl", "--quiet", "--no-pager", "--file", path, "-o", "export")
}

// versionCases are the files that a systemd can write, as far as it knows the
// settings.
func versionCases() []struct {
	name string
	env  []string
} {
	return []struct {
		name string
		env  []string
	}{
		{"default", nil},
		{"regular", []string{"SYSTEMD_JOURNAL_COMPACT=0"}},
		{"jenkins", []string{"SYSTEMD_JOURNAL_COMPACT=0", "SYSTEMD_JOURNAL_KEYED_HASH=0"}},
		{"lz4", []string{"SYSTEMD_JOURNAL_COMPRESS=lz4"}},
		{"xz", []string{"SYSTEMD_JOURNAL_COMPRESS=xz"}},
	}
}

// TestUnpackedSystemd has another systemd write files and compares with what its own
// journalctl says of them. With -update small ones go to testdata/versions.
func TestUnpackedSystemd(t *testing.T) {
	root := os.Getenv("ROAMFAULT_SYSTEMD")
	if root == "" {
		t.Skip("ROAMFAULT_SYSTEMD names no directory with an unpacked systemd")
	}
	u := otherSystemd{t, root}
	version := strings.Fields(string(u.run(nil, nil, "bin/journalctl", "--version")))[1]
	for _, c := range versionCases() {
		t.Run(fmt.Sprint(version, "-", c.name), func(t *testing.T) {
			u := otherSystemd{t, root}
			path := tempFile(t)
			u.run(standard(3000).export(), c.env, "lib/systemd/systemd-journal-remote", "--output="+path, "-")
			want := readText(t, u.export(path))
			got, st := readFiles(t, Options{}, path)
			sameRecords(t, want, got)
			some, st2 := readFiles(t, timedOut, path)
			sameRecords(t, only(want, timedOut.Wanted), some)
			if d := append(damage(st), damage(st2)...); d != nil || len(some) == 0 {
				t.Errorf("damage in a sound file: %v", d)
			}
			compareBoots(t, path, want)
			j, err := Open([]string{path}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			t.Logf("%d records, flags %#x, header of %d bytes", len(got), j.files[0].head.flags, j.files[0].head.size)
			if !*update {
				return
			}
			small := tempFile(t)
			u.run(standard(150).export(), c.env, "lib/systemd/systemd-journal-remote", "--output="+small, "-")
			b, err := os.ReadFile(small)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Join("testdata", "versions", version+"-"+c.name)
			writeZSTD(t, base+".journal.zst", b)
			writeZSTD(t, base+".export.zst", u.export(small))
		})
	}
}

// TestVersions reads files that other versions of systemd wrote, and compares
// with what their own journalctl said.
func TestVersions(t *testing.T) {
	paths, err := filepath.Glob("testdata/versions/*.journal.zst")
	if err != nil || len(paths) < 5 {
		t.Fatalf("%d files in testdata/versions, %v", len(paths), err)
	}
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".journal.zst")
		t.Run(name, func(t *testing.T) {
			want := readText(t, unzstd(t, "testdata/versions/"+name+".export.zst"))
			b := unzstd(t, p)
			for _, c := range []struct {
				name string
				opt  Options
				want int
			}{
				{"all", Options{}, len(want)},
				{"wanted", timedOut, len(only(want, timedOut.Wanted))},
			} {
				j, err := newJournal(b, c.opt)
				if err != nil {
					t.Fatal(err)
				}
				got, st := readAll(t, j)
				records := want
				if c.opt.Wanted != nil {
					records = only(want, c.opt.Wanted)
				}
				sameRecords(t, records, got)
				if d := damage(st); d != nil || len(got) != c.want || c.want == 0 {
					t.Errorf("%s: %d records of %d, damage in a sound file: %v", c.name, len(got), c.want, d)
				}
			}
			j, err := newJournal(b, Options{})
			if err != nil {
				t.Fatal(err)
			}
			boots, err := j.Boots()
			if err != nil || len(boots) == 0 || boots[0].ID != bootA {
				t.Errorf("boots %+v, %v", boots, err)
			}
		})
	}
}
