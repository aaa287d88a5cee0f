package initramfs

import (
	"bytes"
	"debug/elf"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// A program of this machine comes with its loader and its C library.
func TestAddProgramsOfThisMachine(t *testing.T) {
	const program = "/usr/bin/env"
	b, err := os.ReadFile(program)
	if err != nil {
		t.Skip("no ", program)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil || f.Machine != elf.EM_X86_64 || interpreter(f) == "" {
		t.Skip(program, " is not what this is about")
	}
	libraries, err := f.ImportedLibraries()
	if err != nil || len(libraries) == 0 {
		t.Skip(program, " has no libraries")
	}
	root, err := OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	tree := NewRoot()
	if err := root.AddPrograms(tree, program); err != nil {
		t.Skip("its libraries are elsewhere: ", err)
	}
	for _, want := range []string{program, interpreter(f)} {
		if !tree.Has(want) {
			t.Errorf("no %s", want)
		}
	}
	var all []string
	for _, e := range tree.Entries() {
		all = append(all, filepath.Base(e.Name))
	}
	for _, want := range libraries {
		if !strings.Contains(strings.Join(all, " "), want) {
			t.Errorf("no %s among %v", want, all)
		}
	}
}

func TestAddProgramsFails(t *testing.T) {
	dir := t.TempDir()
	lost := string(elfFile(t, elf.ET_DYN, map[string]string{}, map[elf.ProgType]string{elf.PT_INTERP: "/lib64/ld-none.so\x00"}))
	writeFiles(t, dir, map[string]string{"usr/bin/script": "#!/bin/sh\n", "usr/bin/lost": lost})
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "usr/bin/out")); err != nil {
		t.Fatal(err)
	}
	root, err := OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	tree := NewRoot()
	if err := root.AddPrograms(tree, "usr/bin/script"); err != nil || !tree.Has("/bin/script") {
		t.Errorf("a script: %v", err)
	}
	if err := root.AddPrograms(tree, "usr/bin/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no program: error %v", err)
	}
	if err := root.AddPrograms(tree, "usr/bin/lost"); err == nil || !strings.Contains(err.Error(), "loader of usr/bin/lost") {
		t.Errorf("no loader: error %v", err)
	}
	if err := root.AddPrograms(tree, "usr/bin/out"); err == nil || tree.Has("/usr/bin/out") {
		t.Error("a link led out of the root")
	}
	if err := root.AddPrograms(tree, "usr/bin"); err == nil {
		t.Error("a directory is a program")
	}
	if err := root.addLibrary(tree, "../libc.so"); err == nil {
		t.Error("a path is a library's name")
	}
	if err := root.addLibrary(tree, "libnone.so.1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no library: error %v", err)
	}
}

func TestCheckStatic(t *testing.T) {
	static := elfFile(t, elf.ET_EXEC, map[string]string{}, map[elf.ProgType]string{elf.PT_LOAD: "x"})
	dynamic := elfFile(t, elf.ET_DYN, map[string]string{}, map[elf.ProgType]string{elf.PT_INTERP: "/lib64/ld.so\x00"})
	arm := append([]byte(nil), static...)
	arm[18] = byte(elf.EM_AARCH64)
	freebsd := append([]byte(nil), static...)
	freebsd[elf.EI_OSABI] = byte(elf.ELFOSABI_FREEBSD)
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"static":  {static, ""},
		"dynamic": {dynamic, "needs /lib64/ld.so"},
		"arm":     {arm, "made for EM_AARCH64"},
		"freebsd": {freebsd, "made for ELFOSABI_FREEBSD"},
		"text":    {[]byte(strings.Repeat("text", 99)), "bad magic"},
	} {
		err := CheckStatic(bytes.NewReader(tt.file))
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, ErrNotStatic) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}
