package initramfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readArchive is the kernel's way of reading an archive (init/initramfs.c): it
// returns the entries, and what comes after the trailer.
func readArchive(b []byte) (all []Entry, rest []byte, err error) {
	for {
		if len(b) < 110 || string(b[:6]) != "070701" {
			return nil, nil, fmt.Errorf("no entry at %.20q", b)
		}
		var field [13]uint64
		for i := range field {
			if field[i], err = strconv.ParseUint(string(b[6+8*i:14+8*i]), 16, 32); err != nil {
				return nil, nil, err
			}
		}
		nameEnd := 110 + int(field[11])
		dataAt := (nameEnd + 3) &^ 3
		dataEnd := dataAt + int(field[6])
		next := (dataEnd + 3) &^ 3
		if next > len(b) || b[nameEnd-1] != 0 {
			return nil, nil, fmt.Errorf("an entry of %d bytes in %d", next, len(b))
		}
		e := Entry{Name: string(b[110 : nameEnd-1]), Mode: uint32(field[1]), Data: b[dataAt:dataEnd], Major: uint32(field[9]), Minor: uint32(field[10])}
		b = b[next:]
		if e.Name == trailer {
			return all, b, nil
		}
		all = append(all, e)
	}
}

func sampleTree() *Tree {
	t := NewRoot()
	t.File("/etc/one", 0o640, []byte("1"))
	t.File("bin/two", 0o755, []byte("22"))
	t.File("/deep/er/three", 0o600, []byte("333"))
	t.File("usr/share/empty", 0o644, nil)
	t.Link("/etc/link", "../deep/er")
	return t
}

func TestArchive(t *testing.T) {
	tree := sampleTree()
	var out bytes.Buffer
	if err := tree.Write(&out); err != nil {
		t.Fatal(err)
	}
	if out.Len()%4 != 0 {
		t.Errorf("%d bytes: another archive could not follow", out.Len())
	}
	got, rest, err := readArchive(out.Bytes())
	if err != nil || len(rest) != 0 {
		t.Fatalf("%d bytes after the archive, error %v", len(rest), err)
	}
	want := tree.Entries()
	for _, list := range [][]Entry{want, got} {
		for i := range list {
			list[i].Data = append([]byte{}, list[i].Data...)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	seen := map[string]bool{".": true}
	for _, e := range got {
		if !seen[filepath.Dir(e.Name)] {
			t.Errorf("%s comes before its directory", e.Name)
		}
		seen[e.Name] = true
	}
	for _, name := range []string{"usr/bin/two", "deep/er", "deep", "dev/console", "lib64"} {
		if !seen[name] {
			t.Errorf("no %s", name)
		}
	}
	var again bytes.Buffer
	if err := sampleTree().Write(&again); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the same tree gave other bytes: %v", err)
	}
}

// The system's cpio unpacks what was written.
func TestArchiveWithCpio(t *testing.T) {
	if _, err := exec.LookPath("cpio"); err != nil {
		t.Skip("no cpio on this machine")
	}
	var out bytes.Buffer
	tree := sampleTree()
	delete(tree.entries, "dev/console") // only root may make a device
	if err := tree.Write(&out); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("cpio", "-i", "-d", "--quiet", "--no-absolute-filenames")
	cmd.Dir, cmd.Stdin = dir, &out
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for name, want := range map[string]string{"bin/two": "22", "etc/link/three": "333", "usr/share/empty": ""} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "etc/one")); err != nil || info.Mode() != 0o640 {
		t.Errorf("etc/one: %v, %v", info, err)
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, name := range []string{"", "/etc", trailer, "a\x00b"} {
		var out bytes.Buffer
		if err := NewWriter(&out).Write(Entry{Name: name}); err == nil || out.Len() > 0 {
			t.Errorf("%q: %d bytes, error %v", name, out.Len(), err)
		}
	}
	w := NewWriter(failingWriter{})
	if err := w.Write(Entry{Name: "a"}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v", err)
	}
	if err := w.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after an error: %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, fs.ErrClosed }

// Names never leave the tree, whatever they are.
func FuzzTree(f *testing.F) {
	f.Add("/bin/../../x", "a")
	f.Add("lib64//ld", "..")
	f.Fuzz(func(t *testing.T, name, dir string) {
		if strings.ContainsRune(name+dir, 0) || clean(name) == "" || clean(name) == trailer || strings.Contains(clean(dir), trailer) {
			t.Skip()
		}
		tree := NewTree()
		tree.Dir(dir, 0o755)
		tree.File(name, 0o644, []byte("x"))
		var out bytes.Buffer
		if err := tree.Write(&out); err != nil {
			t.Fatal(err)
		}
		all, _, err := readArchive(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{".": true}
		for _, e := range all {
			if !fs.ValidPath(strings.ToValidUTF8(e.Name, "?")) || !seen[filepath.Dir(e.Name)] {
				t.Errorf("%q as %q", name, e.Name)
			}
			seen[e.Name] = true
		}
	})
}

func BenchmarkArchive(b *testing.B) {
	t := NewRoot()
	data := make([]byte, 64<<10)
	for i := range 100 {
		t.File(fmt.Sprintf("usr/lib/file%d", i), 0o644, data)
	}
	b.SetBytes(t.Size())
	b.ReportAllocs()
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		if err := t.Write(&out); err != nil {
			b.Fatal(err)
		}
	}
}
