package initramfs

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// moduleLimit is the most a module may hold, in bytes, decompressed.
const moduleLimit = 128 << 20

// ErrNoModule is what Modules.Order wraps where a module is not among the files
// and not known to be built in.
var ErrNoModule = errors.New("no such module")

// Modules are the module files of one kernel: a directory such as
// /lib/modules/6.12.0. Nothing depmod makes is needed, which unpacked packages
// do not have.
type Modules struct {
	dir     string
	files   map[string]string // by name, below dir
	builtin map[string]bool
	read    map[string]*Module
}

// A Module is one of them.
type Module struct {
	// Name is as lsmod has it: with underscores.
	Name string
	// Path is below the modules' directory, without the suffix of a
	// compression.
	Path string
	// Depends are the names of modules that have to be in the kernel before it,
	// by its own word.
	Depends []string
	// Before are modules that should be there before it, if there are any
	// (softdep pre).
	Before []string
	// Aliases are patterns under which the kernel asks for it.
	Aliases []string
	// Data is the module as the kernel loads it, not compressed.
	Data []byte
}

// ModuleName is a name as Module.Name has it: modprobe takes either sign.
func ModuleName(s string) string { return strings.ReplaceAll(s, "-", "_") }

// suffixes of module files.
var moduleSuffixes = []string{".ko", ".ko.xz", ".ko.zst", ".ko.gz"}

// OpenModules learns which modules are below dir.
func OpenModules(dir string) (*Modules, error) {
	m := &Modules{dir: dir, files: make(map[string]string), builtin: make(map[string]bool), read: make(map[string]*Module)}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil // "build" and "source" are links to elsewhere
		}
		for _, suffix := range moduleSuffixes {
			if name, ok := strings.CutSuffix(path.Base(p), suffix); ok {
				m.files[ModuleName(name)] = p
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for modules: %w", err)
	}
	list, err := os.ReadFile(path.Join(dir, "modules.builtin"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for modules: %w", err)
	}
	for _, p := range strings.Fields(string(list)) {
		m.builtin[ModuleName(strings.TrimSuffix(path.Base(p), ".ko"))] = true
	}
	return m, nil
}

// Len is how many modules there are.
func (m *Modules) Len() int { return len(m.files) }

// Order returns the modules of these names and all they need, each after what it
// depends on. Those known to be built into the kernel are left out.
func (m *Modules) Order(names ...string) ([]*Module, error) {
	var order []*Module
	state := make(map[string]int)
	const (
		entered = 1
		done    = 2
	)
	var visit func(name string, optional bool) error
	visit = func(name string, optional bool) error {
		switch {
		case state[name] == done || m.builtin[name]:
			return nil
		case state[name] == entered && optional:
			return nil // a wish in a circle
		case state[name] == entered:
			return fmt.Errorf("module %s depends on itself", name)
		}
		if _, ok := m.files[name]; !ok && optional {
			return nil
		}
		mod, err := m.module(name)
		if err != nil {
			return err
		}
		state[name] = entered
		for _, d := range mod.Before {
			if err := visit(d, true); err != nil {
				return err
			}
		}
		for _, d := range mod.Depends {
			if err := visit(d, false); err != nil {
				return fmt.Errorf("needed by %s: %w", name, err)
			}
		}
		state[name] = done
		order = append(order, mod)
		return nil
	}
	for _, name := range names {
		if err := visit(ModuleName(name), false); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// module reads one module, once.
func (m *Modules) module(name string) (*Module, error) {
	if mod, ok := m.read[name]; ok {
		return mod, nil
	}
	p, ok := m.files[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, ErrNoModule)
	}
	b, err := os.ReadFile(path.Join(m.dir, p))
	if err != nil {
		return nil, fmt.Errorf("read a module: %w", err)
	}
	mod := &Module{Name: name, Path: p[:strings.LastIndex(p, ".ko")+len(".ko")]}
	if mod.Data, err = decompress(b, moduleLimit); err != nil {
		return nil, fmt.Errorf("read module %s: %w", p, err)
	}
	if err := mod.parseInfo(); err != nil {
		return nil, fmt.Errorf("read module %s: %w", p, err)
	}
	m.read[name] = mod
	return mod, nil
}

// parseInfo reads what the module says of itself: "key=value" texts, each with a
// zero after it, in the section .modinfo.
func (m *Module) parseInfo() error {
	f, err := elf.NewFile(bytes.NewReader(m.Data))
	if err != nil {
		return err
	}
	section := f.Section(".modinfo")
	if section == nil || section.Size > uint64(len(m.Data)) {
		return errors.New("no .modinfo in it")
	}
	info, err := section.Data()
	if err != nil {
		return err
	}
	for text := range bytes.SplitSeq(info, []byte{0}) {
		key, value, _ := strings.Cut(string(text), "=")
		switch key {
		case "depends":
			for d := range strings.SplitSeq(value, ",") {
				switch {
				case d == "":
				case !isModuleName(d):
					return fmt.Errorf("it depends on %q, which is no module's name", d)
				default:
					m.Depends = append(m.Depends, ModuleName(d))
				}
			}
		case "softdep":
			m.Before = append(m.Before, softdepPre(value)...)
		case "alias":
			if isWord(value) { // one that is not would be more than one line of modules.alias
				m.Aliases = append(m.Aliases, value)
			}
		}
	}
	return nil
}

// isWord tells whether s is printable ASCII without a blank, and not empty.
func isWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isModuleName tells whether s can be the name of a module, with either sign: it
// is a file's name, and stands in lists with commas.
func isModuleName(s string) bool { return isWord(s) && !strings.ContainsAny(s, "/,") }

// softdepPre returns the names after "pre:" of a softdep, up to "post:"; a wish
// that names no module is none.
func softdepPre(value string) []string {
	var names []string
	pre := false
	for _, word := range strings.Fields(value) {
		switch word {
		case "pre:":
			pre = true
		case "post:":
			pre = false
		default:
			if pre && isModuleName(word) {
				names = append(names, ModuleName(word))
			}
		}
	}
	return names
}

// AddModules puts modules into the tree for a kernel of that release, with the
// tables a modprobe in the guest reads. all holds every module that one of them
// depends on.
func AddModules(t *Tree, release string, all []*Module) {
	dir := path.Join("usr/lib/modules", release)
	t.Dir(dir, 0o755)
	byName := make(map[string]*Module, len(all))
	for _, m := range all {
		byName[m.Name] = m
	}
	var dep, alias bytes.Buffer
	for _, m := range all {
		t.File(ModulePath(release, m), 0o644, m.Data)
		fmt.Fprintf(&dep, "%s:", m.Path)
		for _, d := range dependencies(m, byName) {
			fmt.Fprintf(&dep, " %s", d.Path)
		}
		dep.WriteByte('\n')
		for _, a := range m.Aliases {
			fmt.Fprintf(&alias, "alias %s %s\n", a, m.Name)
		}
	}
	t.File(path.Join(dir, "modules.dep"), 0o644, dep.Bytes())
	t.File(path.Join(dir, "modules.alias"), 0o644, alias.Bytes())
}

// ModulePath is where AddModules puts a module.
func ModulePath(release string, m *Module) string {
	return path.Join("/usr/lib/modules", release, m.Path)
}

// dependencies returns all a module needs, the direct ones first, as
// modules.dep lists them: read from its end they can be loaded one by one.
func dependencies(m *Module, byName map[string]*Module) []*Module {
	var order []*Module
	seen := map[string]bool{m.Name: true}
	var visit func(m *Module)
	visit = func(m *Module) {
		for _, name := range m.Depends {
			if d := byName[name]; d != nil && !seen[name] {
				seen[name] = true
				visit(d)
				order = append(order, d)
			}
		}
	}
	visit(m)
	slices.Reverse(order)
	return order
}
