package initramfs

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// libraryDirs are where a program's libraries are, below its root.
var libraryDirs = []string{"usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib", "lib", "usr/lib64", "lib64"}

// A Root is a directory that packages were unpacked into. No path leads out of
// it, whatever the links in it say.
type Root struct{ root *os.Root }

// OpenRoot opens the directory.
func OpenRoot(dir string) (*Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open unpacked packages: %w", err)
	}
	return &Root{root}, nil
}

// Close closes the directory.
func (r *Root) Close() error { return r.root.Close() }

// ReadFile returns a file's content and permissions; links are followed.
func (r *Root) ReadFile(name string) ([]byte, uint32, error) {
	f, err := r.root.Open(strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a file")}
	}
	b, err := io.ReadAll(f)
	return b, uint32(info.Mode().Perm()), err
}

// AddPrograms puts programs into the tree, with the loader and all libraries
// they are linked to. Libraries that were named as programs are as good.
func (r *Root) AddPrograms(t *Tree, names ...string) error {
	for _, name := range names {
		data, perm, err := r.ReadFile(name)
		if err != nil {
			return fmt.Errorf("take a program: %w", err)
		}
		t.File(name, perm, data)
		if err := r.addLibraries(t, name, data); err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) addLibraries(t *Tree, name string, data []byte) error {
	f, err := elf.NewFile(strings.NewReader(string(data)))
	if err != nil {
		return nil // a script
	}
	if loader := interpreter(f); loader != "" && !t.Has(loader) {
		data, perm, err := r.ReadFile(clean(loader))
		if err != nil {
			return fmt.Errorf("take the loader of %s: %w", name, err)
		}
		t.File(loader, perm, data)
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("read what %s is linked to: %w", name, err)
	}
	for _, soname := range libraries {
		if err := r.addLibrary(t, soname); err != nil {
			return fmt.Errorf("needed by %s: %w", name, err)
		}
	}
	return nil
}

func (r *Root) addLibrary(t *Tree, soname string) error {
	if path.Base(soname) != soname {
		return fmt.Errorf("take library %q: not a name", soname)
	}
	for _, dir := range libraryDirs {
		name := path.Join(dir, soname)
		if t.Has(name) {
			return nil
		}
		data, perm, err := r.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("take library %s: %w", soname, err)
		}
		t.File(name, perm, data)
		return r.addLibraries(t, name, data)
	}
	return fmt.Errorf("take library %s: %w", soname, fs.ErrNotExist)
}

// interpreter returns the loader of a program that is linked dynamically.
func interpreter(f *elf.File) string {
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); err == nil {
			return strings.TrimRight(string(b), "\x00")
		}
	}
	return ""
}

// ErrNotStatic is what CheckStatic wraps where a program cannot be a guest's
// init.
var ErrNotStatic = errors.New("not a static program for Linux on amd64")

// CheckStatic reports whether the program runs in a guest by itself.
func CheckStatic(r io.ReaderAt) error {
	f, err := elf.NewFile(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotStatic, err)
	}
	switch loader := interpreter(f); {
	case f.Machine != elf.EM_X86_64:
		return fmt.Errorf("%w: made for %v", ErrNotStatic, f.Machine)
	case f.OSABI != elf.ELFOSABI_NONE && f.OSABI != elf.ELFOSABI_LINUX:
		return fmt.Errorf("%w: made for %v", ErrNotStatic, f.OSABI)
	case loader != "":
		return fmt.Errorf("%w: needs %s; build it with CGO_ENABLED=0", ErrNotStatic, loader)
	}
	return nil
}
