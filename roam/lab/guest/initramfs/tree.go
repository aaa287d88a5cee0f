package initramfs

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// merged are the directories that are links to those below usr, in packages as
// they are today; older packages still name them.
var merged = []string{"bin", "lib", "lib64", "sbin"}

// A Tree is a file system in memory, to be written as an archive.
type Tree struct{ entries map[string]Entry }

// NewTree returns an empty tree: no directory but the root.
func NewTree() *Tree { return &Tree{entries: make(map[string]Entry)} }

// NewRoot returns a tree with what every root has: bin, sbin and lib as links
// into usr, and the console an init writes to.
func NewRoot() *Tree {
	t := NewTree()
	for _, d := range merged {
		t.Dir("usr/"+d, 0o755)
		t.entries[d] = Entry{Name: d, Mode: typeLink | 0o777, Data: []byte("usr/" + d)}
	}
	for _, d := range []string{"dev", "proc", "sys", "run", "tmp", "root", "var", "etc"} {
		t.Dir(d, 0o755)
	}
	t.entries["dev/console"] = Entry{Name: "dev/console", Mode: typeCharDev | 0o600, Major: 5, Minor: 1}
	return t
}

// clean turns a path of the guest into a name of an archive.
func clean(name string) string {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	first, rest, below := strings.Cut(name, "/")
	if below && slices.Contains(merged, first) {
		return path.Join("usr", first, rest)
	}
	return name
}

// Dir adds a directory and those above it.
func (t *Tree) Dir(name string, perm uint32) {
	name = clean(name)
	if name == "" {
		return
	}
	t.parents(name)
	t.entries[name] = Entry{Name: name, Mode: typeDir | perm&0o7777}
}

func (t *Tree) parents(name string) {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, ok := t.entries[dir]; ok {
			return
		}
		t.entries[dir] = Entry{Name: dir, Mode: typeDir | 0o755}
	}
}

// File adds a file in place of what has its name.
func (t *Tree) File(name string, perm uint32, data []byte) {
	name = clean(name)
	t.parents(name)
	t.entries[name] = Entry{Name: name, Mode: typeFile | perm&0o7777, Data: data}
}

// Link adds a symbolic link in place of what has its name.
func (t *Tree) Link(name, target string) {
	name = clean(name)
	t.parents(name)
	t.entries[name] = Entry{Name: name, Mode: typeLink | 0o777, Data: []byte(target)}
}

// Has reports whether the tree has an entry of the name.
func (t *Tree) Has(name string) bool {
	_, ok := t.entries[clean(name)]
	return ok
}

// Size is the sum of all contents in bytes.
func (t *Tree) Size() int64 {
	var n int64
	for _, e := range t.entries {
		n += int64(len(e.Data))
	}
	return n
}

// Entries returns the entries, directories before what is in them.
func (t *Tree) Entries() []Entry {
	all := make([]Entry, 0, len(t.entries))
	for _, e := range t.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Write writes the tree as a whole archive.
func (t *Tree) Write(w io.Writer) error {
	archive := NewWriter(w)
	for _, e := range t.Entries() {
		if err := archive.Write(e); err != nil {
			return fmt.Errorf("write a root: %w", err)
		}
	}
	return archive.Close()
}
